"""Parametrizations: a parameter of a module computed from others each time it is read.

The module gets a class of its own, in which the parameter's name is a property. What it is computed
from is in `module.parametrizations`, with PyTorch's keys: `original` and the parts of each step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, data_of
from autograd.errors import described, kind, message
from nn.arguments import array, flags
from nn.layers.container import ModuleDict, ModuleList
from nn.module.module import Module
from nn.module.parameter import Parameter, UninitializedParameter


class ParametrizationList(ModuleList):
    """The steps from the parameters that a module keeps to the one that it reads.

    Args:
        modules: the first step.
        original: the parameter that it replaces.

    Attributes:
        original: what the first step is applied to; original0, original1 and so on if its
            `right_inverse` returns several.
    """

    def __init__(self, modules: list[Module], original: Parameter) -> None:
        super().__init__(modules)
        data = np.array(data_of(original))
        found = _inverted(modules[0], data)
        self.is_tensor = not isinstance(found, (tuple, list))
        parts = [found] if self.is_tensor else list(found)
        self.ntensors = len(parts)
        for name, part in zip(self._names(), parts, strict=True):
            kept = np.array(data_of(array(part)))
            self.register_parameter(name, Parameter(kept, original.requires_grad))

    def _names(self) -> list[str]:
        return ["original"] if self.is_tensor else [f"original{i}" for i in range(self.ntensors)]

    def right_inverse(self, value: Any) -> None:
        """Set what the parameter is computed from, so that it becomes the value."""
        found: Any = np.array(data_of(array(value)))
        for module in reversed(list(self)):
            found = _inverted(module, found)
        parts = [found] if self.is_tensor else list(found)
        for name, part in zip(self._names(), parts, strict=True):
            old = getattr(self, name)
            old.data = np.asanyarray(data_of(array(part))).astype(old.dtype)

    def forward(self) -> Any:
        """The parameter."""
        steps = iter(self)
        value = next(steps)(*(getattr(self, name) for name in self._names()))
        for step in steps:
            value = step(value)
        return value


def _inverted(module: Module, value: Any) -> Any:
    inverse = getattr(module, "right_inverse", None)
    return value if inverse is None else inverse(value)


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Compute a parameter of a module from here on by `parametrization(original)`.

    Args:
        module: the module, which is changed and returned.
        tensor_name: the name of its parameter.
        parametrization: a module that maps an array to one of the same shape. A method
            `right_inverse(value)` says what the original starts with; if it returns a tuple, the
            parametrization gets several arguments.
        unsafe: whether the shape may change.

    Raises:
        ValueError: the module has no such parameter.
        ShapeError: the shape changes.

    Example:
        >>> import nn
        >>> class Symmetric(nn.Module):
        ...     def forward(self, x):
        ...         return (x + x.T) / 2.0
        >>> layer = nn.Linear(2, 2)
        >>> layer = nn.utils.parametrize.register_parametrization(layer, "weight", Symmetric())
        >>> bool((layer.weight == layer.weight.T).all())
        True
        >>> [name for name, _ in layer.named_parameters()]
        ['bias', 'parametrizations.weight.original']
    """
    what = "register_parametrization"
    _check_module(what, module, parametrization)
    if not isinstance(tensor_name, str):
        got = f"tensor_name={described(tensor_name)}"
        raise TypeError(message(what, got, "the name of a parameter"))
    flags(what, unsafe=unsafe)
    if tensor_name in _names(module):
        steps = module.parametrizations[tensor_name]
        before = getattr(module, tensor_name)
        steps.append(parametrization)
        steps.right_inverse(before)
        return module
    own = module._parameters
    original = own.get(tensor_name)
    if original is None:
        names = ", ".join(repr(name) for name, p in own.items() if p is not None) or "no parameter"
        got = f"the name {described(tensor_name)}"
        raise ValueError(message(what, f"{got} for {type(module).__name__}", f"one of {names}"))
    if isinstance(original, UninitializedParameter):
        got = f"{tensor_name!r} of a {type(module).__name__} that was not called"
        raise ValueError(message(what, got, "one with a shape", "call the layer once before"))
    steps = ParametrizationList([parametrization], original)
    steps.train(module.training)
    found = steps()
    if getattr(found, "shape", None) != original.shape and not unsafe:
        got = f"a parametrization that maps shape {original.shape} to {np.shape(found)}"
        raise ShapeError(message(what, got, "equal shapes", "or pass unsafe=True"))
    parametrized = (*_names(module), tensor_name)
    delattr(module, tensor_name)
    object.__setattr__(module, "__class__", _parametrized(_plain_class(module), parametrized))
    if "parametrizations" not in module._modules:
        module.register_module("parametrizations", ModuleDict())
    module.parametrizations[tensor_name] = steps
    return module


def remove_parametrizations(
    module: Module, tensor_name: str, leave_parametrized: bool = True
) -> Module:
    """Make a parametrized parameter an ordinary one again.

    Args:
        module: the module, which is changed and returned.
        tensor_name: the name of its parameter.
        leave_parametrized: whether it keeps its value, or gets the original back.

    Raises:
        ValueError: it is not parametrized, or there are several originals and none to get back.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
        >>> layer = nn.utils.parametrize.remove_parametrizations(layer, "weight")
        >>> sorted(name for name, _ in layer.named_parameters())
        ['bias', 'weight']
    """
    what = "remove_parametrizations"
    _check_module(what, module)
    flags(what, leave_parametrized=leave_parametrized)
    if not isinstance(tensor_name, str) or tensor_name not in _names(module):
        got = f"the name {described(tensor_name)} for {type(module).__name__}"
        raise ValueError(message(what, got, "the name of a parametrized parameter"))
    steps = module.parametrizations[tensor_name]
    if not leave_parametrized and not steps.is_tensor:
        got = f"leave_parametrized=False for {steps.ntensors} originals"
        raise ValueError(message(what, got, "one original"))
    value = getattr(module, tensor_name) if leave_parametrized else steps.original
    trained = any(p.requires_grad for p in steps.parameters(recurse=False))
    names = tuple(name for name in _names(module) if name != tensor_name)
    del module.parametrizations[tensor_name]
    plain = _plain_class(module)
    object.__setattr__(module, "__class__", _parametrized(plain, names) if names else plain)
    if not names:
        del module.parametrizations
    module.register_parameter(tensor_name, Parameter(np.array(data_of(value)), trained))
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a module has a parametrized parameter, or this one is.

    Example:
        >>> import nn
        >>> nn.utils.parametrize.is_parametrized(nn.Linear(2, 2))
        False
    """
    _check_module("is_parametrized", module)
    names = _names(module)
    if tensor_name is None:
        return bool(names)
    if not isinstance(tensor_name, str):
        got = f"tensor_name={described(tensor_name)}"
        raise TypeError(message("is_parametrized", got, "the name of a parameter"))
    return tensor_name in names


def _check_module(what: str, *modules: Any) -> None:
    for module in modules:
        if not isinstance(module, Module):
            raise TypeError(message(what, kind(module), "a Module"))


def _names(module: Any) -> tuple[str, ...]:
    """The names of the parametrized parameters."""
    return getattr(type(module), "_parametrized_names", ())


def _plain_class(module: Any) -> type[Any]:
    """The class that the module was made with."""
    return type(module).__mro__[1] if _names(module) else type(module)


def _parametrized(plain: type[Any], names: tuple[str, ...]) -> type[Any]:
    """A subclass in which these names are properties."""

    def reading(name: str) -> property:
        def read(module: Any) -> Any:
            return module._modules["parametrizations"]._modules[name]()

        def write(module: Any, value: Any) -> None:
            module._modules["parametrizations"]._modules[name].right_inverse(value)

        return property(read, write)

    def reduced(module: Any, protocol: int) -> Any:
        return _again, (plain, names), module.__getstate__()

    body: dict[str, Any] = {name: reading(name) for name in names}
    body |= {"_parametrized_names": names, "__reduce_ex__": reduced, "__module__": plain.__module__}
    return type(f"Parametrized{plain.__name__}", (plain,), body)


def _again(plain: type[Any], names: tuple[str, ...]) -> Any:
    """An empty object of a parametrized class, for a copy to fill."""
    return object.__new__(_parametrized(plain, names))
