"""Module: what has parameters, buffers and modules of its own, and a forward pass that is ordinary
code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

import numpy as np

from autograd import Tensor
from nn.parameter import Parameter


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` did not find, and what it did not know."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """The base of every layer and model.

    Assigning a `Parameter` or a `Module` to an attribute registers it. A subclass calls
    `super().__init__()`, assigns its parts, and defines `forward`; calling the module runs it.

    Attributes:
        training: whether layers that behave differently in training, such as dropout, do so.

    Example:
        >>> import nn
        >>> class Double(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.linear = nn.Linear(2, 2)
        ...
        ...     def forward(self, x):
        ...         return 2.0 * self.linear(x)
        >>> [name for name, _ in Double().named_parameters()]
        ['linear.weight', 'linear.bias']
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Any]
    _modules: dict[str, Module | None]

    def __init__(self) -> None:
        for name, value in (
            ("_parameters", {}),
            ("_buffers", {}),
            ("_modules", {}),
            ("training", True),
        ):
            object.__setattr__(self, name, value)

    # --- registration ---

    def __setattr__(self, name: str, value: Any) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}: call super().__init__() before assigning {name!r}"
            )
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self.register_module(name, value)
        elif name in self._parameters:
            # A plain array here would leave training without anyone noticing.
            self.register_parameter(name, value)
        elif name in self._modules:
            self.register_module(name, value)
        elif name in self._buffers:
            self.register_buffer(name, value)
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        for table in ("_parameters", "_buffers", "_modules"):
            if table not in self.__dict__:
                raise AttributeError(
                    f"{type(self).__name__}: its __init__ did not call super().__init__()"
                )
            if name in self.__dict__[table]:
                return self.__dict__[table][name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Register a parameter under a name, or None for one that this module does without.

        Raises:
            TypeError: it is neither a Parameter nor None.
            ValueError: the name cannot be used.
        """
        if parameter is not None and not isinstance(parameter, Parameter):
            raise TypeError(
                f"{type(self).__name__}: a {type(parameter).__name__} came for the parameter "
                f"{name!r}; assign a Parameter or None, or new numbers to {name}.data"
            )
        self._register(self._parameters, "parameter", name, parameter)
        if parameter is not None and parameter.name is None:
            parameter.name = name

    def register_module(self, name: str, module: Module | None) -> None:
        """Register a module under a name, or None for one that this module does without.

        Raises:
            TypeError: it is neither a Module nor None.
            ValueError: the name cannot be used, or the module would contain itself.
        """
        if module is not None and not isinstance(module, Module):
            raise TypeError(
                f"{type(self).__name__}: a {type(module).__name__} came for the module {name!r}; "
                "a Module or None is expected"
            )
        if module is not None and any(inner is self for inner in module.modules()):
            raise ValueError(
                f"{type(self).__name__}: with {name!r} it would contain itself; a reference "
                "upwards can be kept in a list"
            )
        self._register(self._modules, "module", name, module)

    def register_buffer(self, name: str, data: Any) -> None:
        """Register an array of the state that is not trained, such as running statistics.

        Numbers and lists become arrays; arrays and Tensors are kept as they are.

        Raises:
            ValueError: the name cannot be used, or is that of a parameter or module.
        """
        if name in self._parameters or name in self._modules:
            raise ValueError(
                f"{type(self).__name__}: {name!r} is a parameter or module already; delete it "
                "before registering a buffer under its name"
            )
        if data is not None and not isinstance(data, (np.ndarray, Tensor)):
            data = np.array(data)
        self._register(self._buffers, "buffer", name, data)

    def _register(self, table: dict[str, Any], kind: str, name: str, value: Any) -> None:
        """Put a value into its table, and out of wherever the name was before."""
        if not isinstance(name, str) or not name or "." in name:
            raise ValueError(
                f"{type(self).__name__}: {name!r} cannot name a {kind}; a string without dots is "
                "expected, since paths are names joined by dots"
            )
        if hasattr(type(self), name):
            raise ValueError(
                f"{type(self).__name__}: {name!r} cannot name a {kind}; the attribute {name!r} of "
                "the class would hide it"
            )
        for other in (self.__dict__, self._parameters, self._buffers, self._modules):
            if other is not table:
                other.pop(name, None)
        table[name] = value

    # --- running ---

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The module's computation; a subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`."""
        return self.forward(*args, **kwargs)

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all in it to training, or with False to evaluation."""
        for module in self.modules():
            object.__setattr__(module, "training", bool(mode))
        return self

    def eval(self) -> Self:
        """Switch this module and all in it to evaluation."""
        return self.train(False)

    # --- what is in it ---

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one."""
        return ((name, m) for name, m in self._modules.items() if m is not None)

    def children(self) -> Iterator[Module]:
        """The modules that are attributes of this one, without their names."""
        return (module for _, module in self.named_children())

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module and all in it, each once, with their paths such as "block.0.linear"."""
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [("", self)]
        while stack:
            path, module = stack.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            inner = [(f"{path}.{name}" if path else name, m) for name, m in module.named_children()]
            stack.extend(reversed(inner))

    def modules(self) -> Iterator[Module]:
        """This module and all in it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with their paths such as "block.0.weight"."""
        return self._named_entries("_parameters")

    def parameters(self) -> Iterator[Parameter]:
        """All parameters, each once."""
        return (parameter for _, parameter in self.named_parameters())

    def named_buffers(self) -> Iterator[tuple[str, Any]]:
        """All buffers, with their paths."""
        return self._named_entries("_buffers")

    def buffers(self) -> Iterator[Any]:
        """All buffers."""
        return (buffer for _, buffer in self.named_buffers())

    def _named_entries(self, table: str) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name, entry in getattr(module, table).items():
                if entry is not None and id(entry) not in seen:
                    seen.add(id(entry))
                    yield (f"{path}.{name}" if path else name), entry

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze all parameters with False, or thaw them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    # --- saving and loading ---

    def state_dict(self) -> dict[str, Any]:
        """The arrays of all parameters and buffers by their paths; PyTorch's keys and layouts.

        Returns:
            a dictionary of arrays, which are copies.
        """
        state = {}
        for path, module in self.named_modules():
            for table in (module._parameters, module._buffers):
                for name, entry in table.items():
                    if entry is not None:
                        data = entry.data if isinstance(entry, Tensor) else entry
                        state[f"{path}.{name}" if path else name] = np.array(data)
        return state

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Take over the arrays of a state dictionary; each is converted to the dtype that is there.

        Args:
            state: arrays by path.
            strict: whether missing and unexpected keys are errors.

        Returns:
            the missing and the unexpected keys.

        Raises:
            TypeError: the state is no mapping.
            ValueError: keys are missing or unexpected, shapes differ, or a dtype would lose what
                it holds (complex to float, float to int); all are listed, and nothing is loaded.
        """
        if not isinstance(state, Mapping):
            raise TypeError(
                f"load_state_dict of {type(self).__name__}: a {type(state).__name__} came; a "
                "mapping of paths to arrays is expected, such as state_dict() returns"
            )
        places: dict[str, tuple[Module, str, Any]] = {}
        for path, module in self.named_modules():
            for table in (module._parameters, module._buffers):
                for name, entry in table.items():
                    if entry is not None:
                        places[f"{path}.{name}" if path else name] = (module, name, entry)
        keys = IncompatibleKeys(
            [key for key in places if key not in state],
            [key for key in state if key not in places],
        )
        problems = []
        if strict:
            problems += [f"missing: {key}" for key in keys.missing_keys]
            problems += [f"unexpected: {key}" for key in keys.unexpected_keys]
        arrays = {
            key: np.asarray(value.data if isinstance(value, Tensor) else value)
            for key, value in state.items()
            if key in places
        }
        for key, array in arrays.items():
            entry = places[key][2]
            if array.shape != entry.shape:
                problems.append(f"{key}: shape {array.shape} came, {entry.shape} is expected")
            if not np.can_cast(array.dtype, entry.dtype, "same_kind"):
                problems.append(f"{key}: dtype {array.dtype} came, {entry.dtype} is expected")
        if problems:
            raise ValueError(f"load_state_dict of {type(self).__name__}: {'; '.join(problems)}")
        for key, array in arrays.items():
            module, name, entry = places[key]
            if isinstance(entry, Parameter):
                entry.data = array.astype(entry.dtype)
            else:
                module._buffers[name] = array.astype(entry.dtype)
        return keys

    # --- looking at it ---

    def extra_repr(self) -> str:
        """What stands between the brackets of a layer's repr."""
        return ""

    def __repr__(self) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        children = [f"({child}): {module!r}" for child, module in self.named_children()]
        if not children and "\n" not in extra:
            return f"{name}({extra})"
        body = "\n".join([extra, *children] if extra else children).replace("\n", "\n  ")
        return f"{name}(\n  {body}\n)"
