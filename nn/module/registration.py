"""Registration: how a module takes in parameters, buffers and modules, and how it finds them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.errors import kind, message
from nn.module.parameter import Parameter
from nn.module.scope import count_registration

if TYPE_CHECKING:
    from nn.module.module import Module


CONTAINERS = (list, tuple, dict, set, frozenset, deque)


class _Table:
    """Stands in for a table until `__init__` creates it, and says so if it never does."""

    def __get__(self, module: Any, owner: type[Any]) -> Any:
        raise init_not_called(owner)


def init_not_called(owner: type[Any]) -> AttributeError:
    """The error for a module whose `__init__` did not call that of `Module`."""
    return AttributeError(f"{owner.__name__}: its __init__ did not call super().__init__()")


class Registry:
    """What `Module` knows of its parts: assigning one registers it, and iterators find it."""

    _parameters: dict[str, Parameter | None] = _Table()  # type: ignore[assignment]
    _buffers: dict[str, Any] = _Table()  # type: ignore[assignment]
    _modules: dict[str, Module | None] = _Table()  # type: ignore[assignment]
    _transient: frozenset[str]  # the names of buffers that are not saved
    _containers: tuple[str, ...] = ()  # the names of attributes that are lists, sets and the like
    _unchecked: bool  # whether they may have grown before the first call

    # --- assigning ---

    if TYPE_CHECKING:  # tells mypy that attributes can be read; no code runs when they are

        def __getattr__(self, name: str) -> Any: ...

    def __setattr__(self, name: str, value: Any) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}: call super().__init__() before assigning {name!r}"
            )
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        elif isinstance(value, Registry):
            self.register_module(name, value)  # type: ignore[arg-type]
        elif name in self._parameters:
            # Raises for a plain array, which would silently take the parameter out of training.
            self.register_parameter(name, value)
        elif name in self._modules:
            self.register_module(name, value)
        elif name in self._buffers:
            self.register_buffer(name, value, name not in self._transient)
        else:
            if isinstance(value, CONTAINERS):
                self._take_container(name, value)
            object.__setattr__(self, name, value)

    def _take_container(self, name: str, value: Any) -> None:
        """Raise if a plain container holds parts, which nothing would find; watch it if it can."""
        for container, part in _parts_in(value):
            raise _hidden(self, name, container, part)
        if _can_grow(value):
            watched = dict.fromkeys((*self._containers, name))
            object.__setattr__(self, "_containers", tuple(watched))
            object.__setattr__(self, "_unchecked", True)

    def _check_containers(self, recurse: bool = True) -> None:
        """Raise if a container that has grown holds a part that is registered nowhere.

        Raises:
            TypeError: it does.
        """
        modules = list(self.modules()) if recurse else [self]
        known: set[int] = set()
        for module in modules:
            for name in module._containers:
                # The attribute may have been deleted since.
                for container, part in _parts_in(module.__dict__.get(name, ())):
                    if not known:
                        known = {id(m) for m in self.modules()}
                        known |= {id(p) for m in self.modules() for p in m._parameters.values()}
                    if id(part) not in known:
                        raise _hidden(module, name, container, part)

    def _note_first_call(self) -> None:
        """Check the containers of this module and of all inside it, once."""
        self._check_containers()
        for module in self.modules():
            object.__setattr__(module, "_unchecked", False)

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                self.__dict__.pop(name, None)
                count_registration()
                return
        object.__delattr__(self, name)

    # --- registering ---

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Register a parameter under a name, or None for one that this module lacks.

        Raises:
            TypeError: it is neither a Parameter nor None.
            ValueError: the name cannot be used.
        """
        if parameter is not None and not isinstance(parameter, Parameter):
            raise TypeError(
                message(
                    type(self).__name__,
                    f"{kind(parameter)} for the parameter {name!r}",
                    "a Parameter or None",
                    f"assign new values to {name}.data",
                )
            )
        self._register(self._parameters, "parameter", name, parameter)
        if parameter is not None and parameter.name is None:
            parameter.name = name

    def register_module(self, name: str, module: Module | None) -> None:
        """Register a module under a name, or None for one that this module lacks.

        Raises:
            TypeError: it is neither a Module nor None.
            ValueError: the name cannot be used, or the module would contain itself.
        """
        if module is not None and not isinstance(module, Registry):
            raise TypeError(
                message(
                    type(self).__name__,
                    f"{kind(module)} for the module {name!r}",
                    "a Module or None",
                )
            )
        if module is not None and any(inner is self for inner in module.modules()):
            raise ValueError(
                message(
                    type(self).__name__,
                    f"a module as {name!r} with which it would contain itself",
                    "no cycle",
                    "keep a reference to an outer module in a weakref.ref",
                )
            )
        self._register(self._modules, "module", name, module)

    def register_buffer(self, name: str, data: Any, persistent: bool = True) -> None:
        """Register an array that is part of the state but not trained, such as running statistics.

        Numbers and lists become arrays; arrays and Tensors are kept as they are.

        Args:
            name: the attribute's name.
            data: the array, or None for none yet.
            persistent: whether it is part of `state_dict()`.

        Raises:
            ValueError: the name cannot be used, or is that of a parameter or module.
        """
        if name in self._parameters or name in self._modules:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"a buffer named {name!r}, which is a parameter or module",
                    "a free name",
                    "delete the attribute first",
                )
            )
        if data is not None and not isinstance(data, (np.ndarray, Tensor)):
            data = np.array(data)
        self._register(self._buffers, "buffer", name, data)
        transient = self._transient - {name} if persistent else self._transient | {name}
        object.__setattr__(self, "_transient", transient)

    def _register(self, table: dict[str, Any], part: str, name: str, value: Any) -> None:
        """Put a value into a table, and remove the name from wherever else it was."""
        if not isinstance(name, str) or not name or "." in name:
            raise ValueError(
                message(
                    type(self).__name__,
                    f"the name {name!r} for a {part}",
                    "a string without dots, because paths are names joined by dots",
                )
            )
        if hasattr(type(self), name):
            raise ValueError(
                message(
                    type(self).__name__,
                    f"the name {name!r} for a {part}",
                    f"another, because the attribute {name!r} of the class would hide it",
                )
            )
        if table is self._modules or name in self._modules:
            count_registration()
        for other in (self.__dict__, self._parameters, self._buffers, self._modules):
            if other is not table:
                other.pop(name, None)
        table[name] = self.__dict__[name] = value

    # --- finding ---

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one, with their names."""
        return ((name, m) for name, m in self._modules.items() if m is not None)

    def children(self) -> Iterator[Module]:
        """The modules that are attributes of this one."""
        return (module for _, module in self.named_children())

    def get_submodule(self, path: str) -> Any:
        """The module at a path such as "block.0.linear".

        Raises:
            AttributeError: there is none.
        """
        module: Any = self
        for name in path.split(".") if path else ():
            inner = module._modules.get(name)
            if inner is None:
                raise AttributeError(
                    message(
                        "get_submodule",
                        f"the path {path!r}",
                        f"one to a module of {type(self).__name__}, where {name!r} is missing",
                    )
                )
            module = inner
        return module

    def named_modules(self, *, remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """This module and all inside it, with paths such as "block.0.linear".

        Args:
            remove_duplicate: whether a module that has several paths comes with the first only.
        """
        seen: set[int] = set()
        stack: list[tuple[str, Any]] = [("", self)]
        while stack:
            path, module = stack.pop()
            if remove_duplicate and id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            inner = [(f"{path}.{name}" if path else name, m) for name, m in module.named_children()]
            stack.extend(reversed(inner))

    def modules(self) -> Iterator[Module]:
        """This module and all inside it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(self, recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with paths such as "block.0.weight".

        Args:
            recurse: whether to include those of inner modules.
        """
        return self._named_entries("_parameters", recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse))

    def named_buffers(self, recurse: bool = True) -> Iterator[tuple[str, Any]]:
        """All buffers, each once, with their paths."""
        return self._named_entries("_buffers", recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        """All buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse))

    def _named_entries(self, table: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        self._check_containers(recurse)
        return self._entries_of(table, recurse)

    def _entries_of(self, table: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules() if recurse else [("", self)]:
            for name, entry in getattr(module, table).items():
                if entry is not None and id(entry) not in seen:
                    seen.add(id(entry))
                    yield (f"{path}.{name}" if path else name), entry


# --- parts in plain containers ---


def _parts_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each module or parameter in a container or in those inside it, with the container around."""
    seen: set[int] = set()
    stack = [value]
    while stack:
        container = stack.pop()
        if id(container) in seen:
            continue
        seen.add(id(container))
        if not isinstance(container, CONTAINERS):  # the attribute has become something else
            continue
        entries = (*container, *container.values()) if isinstance(container, dict) else container
        # A vocabulary of many strings has one type, and none of its entries is looked at.
        kinds = (Registry, Parameter, *CONTAINERS)
        if not any(issubclass(kind, kinds) for kind in set(map(type, entries))):
            continue
        for entry in entries:
            if isinstance(entry, (Registry, Parameter)):
                yield container, entry
            elif isinstance(entry, CONTAINERS):
                stack.append(entry)


def _can_grow(value: Any) -> bool:
    """Whether a module can be added to a container, or to one inside it."""
    if not isinstance(value, (tuple, frozenset)):
        return True
    return any(isinstance(entry, CONTAINERS) and _can_grow(entry) for entry in value)


def _hidden(module: Any, name: str, container: Any, part: Any) -> TypeError:
    """The error for a part that nothing would find."""
    what = "Parameter" if isinstance(part, Parameter) else "Module"
    hint = f"use nn.{what}{'Dict' if isinstance(container, dict) else 'List'}(...)"
    if (what, isinstance(container, dict)) == ("Parameter", True):
        hint = "use an attribute for each, or nn.ParameterList"
    inside = "" if container is module.__dict__.get(name, container) else " inside"
    return TypeError(
        message(
            type(module).__name__,
            f"{kind(container)} of {what}s{inside} as {name!r}",
            "a container that registers them, because these would not be trained or saved",
            hint,
        )
    )
