"""Registration: how a module takes in parameters, buffers and modules, and how it finds them."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.errors import kind, message
from nn.module import growth
from nn.module import scope as scopes
from nn.module.hidden import Watch, can_grow, hidden, may_hold_parts, parts_in
from nn.module.parameter import Parameter
from nn.module.scope import count_registration

if TYPE_CHECKING:
    from nn.module.module import Module


class _Table:
    """Stands in for a table until `__init__` creates it, and says so if it never does."""

    def __get__(self, module: Any, owner: type[Any]) -> Any:
        raise init_not_called(owner)


def init_not_called(owner: type[Any]) -> AttributeError:
    """The error for a module whose `__init__` did not call that of `Module`."""
    got = "an __init__ that does not call super().__init__()"
    return AttributeError(message(owner.__name__, got, hint="call it first"))


class Registry:
    """What `Module` knows about its parts: assigning one registers it, and iterators find it."""

    _parameters: dict[str, Parameter | None] = _Table()  # type: ignore[assignment]
    _buffers: dict[str, Any] = _Table()  # type: ignore[assignment]
    _modules: dict[str, Module | None] = _Table()  # type: ignore[assignment]
    _transient: frozenset[str]  # the names of buffers that are not saved
    _any_shape: frozenset[str] = frozenset()  # the names of entries that have no shape yet
    _containers: Mapping[str, None] = {}  # the names of attributes in which parts could hide
    _watch: Watch
    _results: Mapping[str, int] = {}  # see `growth`
    _home: weakref.ref[Any] | None = None  # the module that registered this one last

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, value in list(vars(cls).items()):
            if isinstance(value, (Registry, Parameter)):
                got = f"{kind(value)} as the class attribute {name!r}, shared by all objects"
                hint = f"write self.{name} = ... in __init__"
                raise TypeError(message(cls.__name__, got, "one for each object", hint))
            ours = cls.__module__.partition(".")[0] == "nn"  # tables of options
            if name[:2] != "__" and isinstance(value, (list, dict, set)) and not ours:
                cls._containers = {**cls._containers, name: None}

    # --- assigning ---

    if TYPE_CHECKING:  # tells mypy that attributes can be read; no code runs when they are

        def __getattr__(self, name: str) -> Any: ...

    def __setattr__(self, name: str, value: Any) -> None:
        if "_parameters" not in self.__dict__:
            got, hint = f"{name!r} before super().__init__()", "call super().__init__() first"
            raise AttributeError(message(type(self).__name__, got, hint=hint))
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
            if isinstance(value, Tensor):
                growth.watch(self, name, value)
            self.register_buffer(name, value, name not in self._transient)
        else:
            if isinstance(value, Tensor):
                growth.watch(self, name, value)
            elif may_hold_parts(value):
                self._take_container(name, value)
            object.__setattr__(self, name, value)

    def _take_container(self, name: str, value: Any) -> None:
        """Raise if a plain container holds parts, which nothing would find; watch it if it can."""
        if any(True for _ in parts_in(value, (Registry, Parameter))):
            self._check_container(name, value, self._known())
        if name not in self._containers and can_grow(value):
            own = self.__dict__.setdefault("_containers", dict(type(self)._containers))
            own[name] = None
            count_registration()

    def _known(self) -> set[int]:
        """The modules and parameters that are registered in this module or in those around it."""
        root: Any = self
        while (home := root._home and root._home()) and root in home._modules.values():
            root = home
        modules = [*self.modules(), *(root.modules() if root is not self else ())]
        return {id(m) for m in modules} | {id(p) for m in modules for p in m._parameters.values()}

    def _check_containers(self, recurse: bool = True) -> None:
        """Raise if a container that has grown holds a part that is registered nowhere.

        Raises:
            TypeError: it does.
        """
        known: set[int] = set()
        for module in list(self.modules()) if recurse else [self]:
            for name in tuple(module._containers):
                known = known or self._known()
                # The attribute may have been deleted since.
                module._check_container(name, getattr(module, name, None), known)

    def _check_container(self, name: str, value: Any, known: set[int]) -> None:
        """Raise if a container holds a part that is neither known nor a module around this one."""
        for container, part in parts_in(value, (Registry, Parameter)):
            around = isinstance(part, Registry) and any(m is self for m in part.modules())
            if id(part) not in known and not around:
                what = "Parameter" if isinstance(part, Parameter) else "Module"
                raise hidden(self, name, value, container, what)

    def _check_call(self) -> None:
        """Check the containers of this module and of all inside it, if there are new ones.

        A module with containers looks at each call whether they have changed.
        """
        if self._watch.checked == scopes.registrations and not self._watch.gained():
            return
        self._check_containers()
        modules = list(self.modules())
        for module in modules:
            module._watch.count = scopes.registrations
        self._watch.begin(modules, scopes.registrations)

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                self.__dict__.pop(name, None)
                count_registration()
                return
        object.__delattr__(self, name)

    # --- registering ---

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Register a parameter under a name, or None for one that this module lacks.

        Raises:
            TypeError: it is neither a Parameter nor None.
            ValueError: the name cannot be used.
        """
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                message(
                    type(self).__name__,
                    f"{kind(param)} for the parameter {name!r}",
                    "a Parameter or None",
                    f"assign new values to {name}.data",
                )
            )
        self._register(self._parameters, "parameter", name, param)
        if param is not None and param.name is None:
            param.name = name

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
        if module is not None and _contains(module, self):
            raise ValueError(
                message(
                    type(self).__name__,
                    f"a module as {name!r} with which it would contain itself",
                    "no cycle",
                    "keep a reference to an outer module in a weakref.ref",
                )
            )
        self._register(self._modules, "module", name, module)
        if module is not None:
            object.__setattr__(module, "_home", weakref.ref(self))

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Register an array that is part of the state but not trained, such as running statistics.

        Numbers and lists become arrays; arrays and Tensors are kept as they are.

        Args:
            name: the attribute's name.
            tensor: the array, or None for none yet.
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
        if tensor is not None and not isinstance(tensor, (np.ndarray, Tensor)):
            tensor = np.array(tensor)
        self._register(self._buffers, "buffer", name, tensor)
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

    def get_submodule(self, target: str) -> Any:
        """The module at a path such as "block.0.linear".

        Raises:
            AttributeError: there is none.
        """
        module: Any = self
        for name in target.split(".") if target else ():
            inner = module._modules.get(name)
            if inner is None:
                raise AttributeError(
                    message(
                        "get_submodule",
                        f"the path {target!r}",
                        f"one to a module of {type(self).__name__}, where {name!r} is missing",
                    )
                )
            module = inner
        return module

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all inside it, with paths such as "block.0.linear".

        Args:
            memo: modules to leave out.
            prefix: what all paths begin with.
            remove_duplicate: whether a module with several paths is listed under the first only.
        """
        seen = set(map(id, memo or ()))
        stack: list[tuple[str, Any]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if remove_duplicate and id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            inner = [(f"{path}.{name}" if path else name, m) for name, m in module.named_children()]
            stack.extend(reversed(inner))

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """This module and all inside it, each once unless `remove_duplicate` is False."""
        seen: set[int] = set()
        stack: list[Any] = [self]
        while stack:
            module = stack.pop()
            if remove_duplicate:
                if id(module) in seen:
                    continue
                seen.add(id(module))
            yield module
            stack.extend(reversed(list(module.children())))

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """All parameters, with paths such as "block.0.weight".

        Args:
            prefix: what all paths begin with.
            recurse: whether to include those of inner modules.
            remove_duplicate: whether a parameter with several paths is listed under the first only.
        """
        return self._named_entries("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """All buffers with their paths; the arguments are those of `named_parameters`."""
        return self._named_entries("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        """All buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named_entries(
        self, table: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        if not isinstance(prefix, str):
            hint = f"write recurse={prefix!r}" if isinstance(prefix, bool) else ""
            operation = f"named{table} of {type(self).__name__}"
            raise TypeError(message(operation, f"prefix={prefix!r}", "a string", hint))
        self._check_containers(recurse)
        modules = self.named_modules(None, prefix, remove_duplicate)
        return _entries_of(table, modules if recurse else [(prefix, self)], remove_duplicate)


def _contains(module: Any, inner: Any) -> bool:
    """Whether a module is, or has inside, another; one that was never registered is inside none."""
    if module is inner or inner._home is None:
        return module is inner
    return any(m is inner for m in module.modules())


def _entries_of(
    table: str, modules: Iterable[tuple[str, Any]], remove_duplicate: bool
) -> Iterator[tuple[str, Any]]:
    """The entries of one table of some modules, with their paths."""
    seen: set[int] = set()
    for path, module in modules:
        for name, entry in getattr(module, table).items():
            if entry is not None and id(entry) not in seen:
                if remove_duplicate:
                    seen.add(id(entry))
                yield (f"{path}.{name}" if path else name), entry
