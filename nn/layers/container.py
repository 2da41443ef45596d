"""Containers of modules, and small modules that connect others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from autograd import ShapeError
from autograd.errors import described, kind, message
from nn.arguments import array, axis_number, is_listed, later_axis, size
from nn.module.module import Module


class Sequential(Module):
    """Modules that run one after another.

    Args:
        modules: the modules, or one mapping of names to modules.

    Raises:
        TypeError: an entry is not a Module.

    Example:
        >>> import nn
        >>> nn.Sequential(nn.Linear(4, 8), nn.ReLU())
        Sequential(
          (0): Linear(in_features=4, out_features=8, bias=True)
          (1): ReLU()
        )
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        first = modules[0] if len(modules) == 1 else None
        entries = (
            first if isinstance(first, Mapping) else {str(i): m for i, m in enumerate(modules)}
        )
        for name, module in entries.items():
            self.register_module(name, _as_module("Sequential", name, module))

    def forward(self, input: Any) -> Any:
        """The output of the last module."""
        for module in self._modules.values():
            input = module(input) if module is not None else input
        return input

    def append(self, module: Module) -> Sequential:
        """Add a module at the end."""
        name = str(len(self))
        self.register_module(name, _as_module("Sequential", name, module))
        return self

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Sequential(dict(list(self.named_children())[index]))
        return entry_at("Sequential", list(self), index)


class ModuleList(Module):
    """A list of modules whose parameters are registered, unlike those in a plain list.

    Args:
        modules: the modules.

    Raises:
        TypeError: an entry is not a Module.

    Example:
        >>> import nn
        >>> layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
        >>> len(layers), len(list(layers.parameters()))
        (3, 6)
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(() if modules is None else modules)

    def append(self, module: Module) -> ModuleList:
        """Add a module at the end."""
        name = str(len(self))
        self.register_module(name, _as_module("ModuleList", name, module))
        return self

    def extend(self, modules: Iterable[Module]) -> ModuleList:
        """Add several modules at the end."""
        if not isinstance(modules, Iterable):
            raise TypeError(message("ModuleList", kind(modules), "several modules"))
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> None:
        """Add a module before the one at an index."""
        entries = list(self)
        entries.insert(index, _as_module("ModuleList", str(index), module))
        self._replace(entries)

    def _replace(self, entries: list[Module]) -> None:
        for name in list(self._modules):
            delattr(self, name)
        self.extend(entries)

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return ModuleList(list(self)[index])
        return entry_at("ModuleList", list(self), index)

    def __setitem__(self, index: int, module: Module) -> None:
        entries = list(self)
        entry_at("ModuleList", entries, index)
        entries[index] = _as_module("ModuleList", str(index), module)
        self._replace(entries)

    def __delitem__(self, index: int | slice) -> None:
        entries = list(self)
        del entries[index]
        self._replace(entries)


class ModuleDict(Module):
    """A dictionary of modules whose parameters are registered.

    Args:
        modules: names and modules.

    Raises:
        TypeError: an entry is not a Module.

    Example:
        >>> import nn
        >>> heads = nn.ModuleDict({"digit": nn.Linear(2, 10), "even": nn.Linear(2, 2)})
        >>> "digit" in heads, list(heads)
        (True, ['digit', 'even'])
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        self.update({} if modules is None else modules)

    def update(self, modules: Mapping[str, Module]) -> None:
        """Add several modules."""
        if not isinstance(modules, Mapping):
            raise TypeError(message("ModuleDict", kind(modules), "modules by name"))
        for name, module in modules.items():
            self[name] = module

    def __getitem__(self, name: str) -> Any:
        if name not in self._modules:
            names = ", ".join(map(repr, self._modules)) or "an empty one"
            raise KeyError(message("ModuleDict", f"the key {name!r}", f"one of {names}"))
        return self._modules[name]

    def __setitem__(self, name: str, module: Module) -> None:
        self.register_module(name, _as_module("ModuleDict", name, module))

    def __delitem__(self, name: str) -> None:
        delattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> Iterable[Any]:
        """The modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names and modules."""
        return self._modules.items()


class Identity(Module):
    """Returns its input; arguments are accepted and ignored.

    Example:
        >>> import nn
        >>> nn.Identity()(3.0)
        3.0
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """The input itself."""
        return input


class Flatten(Module):
    """Joins several axes into one, by default all but the batch.

    Args:
        start_dim: the first axis to join.
        end_dim: the last axis to join.

    Raises:
        ShapeError: the input has no such axes.

    Example:
        >>> import nn
        >>> nn.Flatten()(np.ones((5, 2, 3))).shape
        (5, 6)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = later_axis("Flatten", "start_dim", start_dim)
        self.end_dim = later_axis("Flatten", "end_dim", end_dim)

    def forward(self, input: Any) -> Any:
        """The input with the axes joined."""
        x = array(input)
        if not (-x.ndim <= self.start_dim < x.ndim and -x.ndim <= self.end_dim < x.ndim):
            raise ShapeError(
                message(
                    "Flatten",
                    f"an input of shape {x.shape}",
                    f"one with axes {self.start_dim} to {self.end_dim}",
                )
            )
        first, last = self.start_dim % x.ndim, self.end_dim % x.ndim
        if first > last:
            got = f"axes {self.start_dim} to {self.end_dim} of an input of shape {x.shape}"
            raise ShapeError(message("Flatten", got, "a first axis that is not after the last"))
        joined = math.prod(x.shape[first : last + 1])
        return x.reshape((*x.shape[:first], joined, *x.shape[last + 1 :]))

    def extra_repr(self) -> str:
        """The axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Divides one axis into several.

    Args:
        dim: the axis.
        unflattened_size: the new lengths, one of which may be -1.

    Raises:
        ShapeError: the lengths do not fit.

    Example:
        >>> import nn
        >>> nn.Unflatten(1, (2, -1))(np.ones((5, 6))).shape
        (5, 2, 3)
    """

    def __init__(self, dim: int, unflattened_size: Iterable[int]) -> None:
        super().__init__()
        self.dim = later_axis("Unflatten", "dim", dim)
        lengths = unflattened_size if is_listed(unflattened_size) else ()
        self.unflattened_size = tuple(size("Unflatten", "unflattened_size", n, -1) for n in lengths)
        if not self.unflattened_size:
            got = f"unflattened_size={described(unflattened_size)}"
            raise ValueError(message("Unflatten", got, "the new lengths, such as (2, -1)"))

    def forward(self, input: Any) -> Any:
        """The input with the axis divided."""
        x, sizes = array(input), self.unflattened_size
        place = axis_number("Unflatten", self.dim, x.ndim)
        known = math.prod(n for n in sizes if n != -1)
        rest, left = divmod(x.shape[place], known) if known else (0, 1)
        if left or sizes.count(-1) > 1 or (-1 not in sizes and rest != 1):
            raise ShapeError(
                message(
                    "Unflatten",
                    f"an input of shape {x.shape}",
                    f"one whose axis {self.dim} can be divided into {sizes}",
                )
            )
        sizes = tuple(rest if n == -1 else n for n in sizes)
        return x.reshape((*x.shape[:place], *sizes, *x.shape[place + 1 :]))

    def extra_repr(self) -> str:
        """The axis and the lengths."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Residual(Module):
    """x + module(x), where the sum lets gradients pass around the module.

    Args:
        module: any module.
        shortcut: a module applied to x if shapes differ, such as a 1×1 convolution; by default x
            is added as it is.

    Raises:
        ShapeError: module(x) and the shortcut's output have different shapes.

    Example:
        >>> import nn
        >>> block = nn.Residual(nn.Sequential(nn.Linear(4, 4), nn.ReLU()))
        >>> block(np.ones((2, 4))).shape
        (2, 4)

    Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition (2016).
    """

    def __init__(self, module: Module, shortcut: Module | None = None) -> None:
        super().__init__()
        self.module = _as_module("Residual", "module", module)
        self.register_module("shortcut", shortcut)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """x + module(x), where x is the first argument."""
        x = array(args[0])
        out = self.module(*args, **kwargs)
        skipped = x if self.shortcut is None else self.shortcut(x)
        if out.shape != skipped.shape:
            raise ShapeError(
                message(
                    "Residual",
                    f"x of shape {skipped.shape} and module(x) of shape {out.shape}",
                    "equal shapes",
                    "pass as shortcut= a module that maps x to the shape of module(x)",
                )
            )
        return skipped + out


class Lambda(Module):
    """A function as a module, which can be pickled if the function has a name.

    Args:
        function: a function of the inputs.

    Raises:
        TypeError: it is not callable.

    Example:
        >>> import nn
        >>> square = nn.Lambda(lambda x: x.reshape(-1, 2, 2))
        >>> nn.Sequential(nn.Linear(3, 4), square)(np.ones(3)).shape
        (1, 2, 2)
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        if not callable(function):
            raise TypeError(message("Lambda", kind(function), "a function"))
        self.function = function

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The function of the inputs."""
        return self.function(*args, **kwargs)

    def extra_repr(self) -> str:
        """The function's name."""
        return str(getattr(self.function, "__name__", self.function))


def _as_module(what: str, name: str, module: Any) -> Module:
    if isinstance(module, Module):
        return module
    hint = ""
    if isinstance(module, type) and issubclass(module, Module):
        hint = f"write {module.__name__}()"
    elif isinstance(module, (list, tuple)):
        hint = f"write {what}(*modules)"
    elif callable(module):
        hint = "write nn.Lambda(function) for a function"
    raise TypeError(message(what, f"{kind(module)} as entry {name}", "a Module", hint))


def entry_at(what: str, entries: list[Any], index: int, part: str = "modules") -> Any:
    """An entry of a list of modules or parameters.

    Raises:
        IndexError: there is none at this index.
    """
    try:
        return entries[index]
    except IndexError:
        raise IndexError(
            message(what, f"index {index}", f"one of the {len(entries)} {part}")
        ) from None
