"""Module: what has parameters, buffers and modules of its own, and a forward pass that is ordinary
code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.engine.note import Scope
from autograd.engine.recording import OFF, current
from nn.arguments import floating
from nn.module import state as _state
from nn.module.parameter import Parameter
from nn.module.state import IncompatibleKeys


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away; so does leaving a `with`."""

    def __init__(self, module: Module, table: str, hook: Callable[..., Any]) -> None:
        self._module, self._table, self._hook = module, table, hook

    def remove(self) -> None:
        """Take the hook away; doing so twice does no harm."""
        hooks = getattr(self._module, self._table)
        left = tuple(hook for hook in hooks if hook is not self._hook)
        object.__setattr__(self._module, self._table, left)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class _Table:
    """What a module finds in place of a table that its `__init__` makes."""

    def __get__(self, module: Any, kind: type[Any]) -> Any:
        raise _not_begun(kind)


def _not_begun(kind: type[Any]) -> AttributeError:
    return AttributeError(f"{kind.__name__}: its __init__ did not call super().__init__()")


# Methods that are bound once, for every module call needs them.
current_note, begin_noting, end_noting = current.get, current.set, current.reset

# How often a module was registered or taken away, anywhere: by then, the paths of the modules in a
# module, which are kept as (at which count, path by id), have to be looked up again.
registrations = 0
NO_PATHS: tuple[int, dict[int, str]] = (-1, {})


def _registered() -> None:
    global registrations
    registrations += 1


def _look_up_paths(own: dict[str, Any]) -> None:
    """Remember the path of each module in the one with these attributes."""
    paths: dict[int, str] = {}
    for name, module in own["_modules"].items():
        if module is not None:
            for path, inner in module.named_modules():
                paths.setdefault(id(inner), f"{name}.{path}" if path else name)
    own["_scope_paths"] = (registrations, paths)


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
    _parameters: dict[str, Parameter | None] = _Table()  # type: ignore[assignment]
    _buffers: dict[str, Any] = _Table()  # type: ignore[assignment]
    _modules: dict[str, Module | None] = _Table()  # type: ignore[assignment]
    _transient: frozenset[str]  # the names of buffers that are not saved
    _scope_kind: str
    _scope_paths: tuple[int, dict[int, str]]
    _forward_pre_hooks: tuple[Callable[..., Any], ...]
    _forward_hooks: tuple[Callable[..., Any], ...]

    def __init__(self) -> None:
        for name, value in (
            ("_parameters", {}),
            ("_buffers", {}),
            ("_modules", {}),
            ("_transient", frozenset()),
            ("_forward_pre_hooks", ()),
            ("_forward_hooks", ()),
            ("_scope_kind", type(self).__name__),
            ("_scope_paths", NO_PATHS),
            ("training", True),
        ):
            object.__setattr__(self, name, value)

    # --- registration ---

    if TYPE_CHECKING:  # what is assigned may be read; no code runs for it

        def __getattr__(self, name: str) -> Any: ...

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
            self.register_buffer(name, value, name not in self._transient)
        else:
            self._refuse_hidden(name, value)
            object.__setattr__(self, name, value)

    def _refuse_hidden(self, name: str, value: Any) -> None:
        """Modules and parameters in a plain list would neither be trained nor saved."""
        if not isinstance(value, (list, tuple, dict)):
            return
        for entry in value.values() if isinstance(value, dict) else value:
            if isinstance(entry, (Module, Parameter)):
                kind = "Module" if isinstance(entry, Module) else "Parameter"
                container = "Dict" if isinstance(value, dict) else "List"
                raise TypeError(
                    f"{type(self).__name__}: {name!r} is a {type(value).__name__} of {kind}s, "
                    "which "
                    f"would neither be trained nor saved; use nn.{kind}{container}(...)"
                    if (kind, container) != ("Parameter", "Dict")
                    else f"{type(self).__name__}: {name!r} is a dict of Parameters, which would "
                    "neither be trained nor saved; use an attribute for each, or nn.ParameterList"
                )

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                self.__dict__.pop(name, None)
                _registered()
                return
        object.__delattr__(self, name)

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
                "upwards can be kept in a weakref.ref"
            )
        self._register(self._modules, "module", name, module)

    def register_buffer(self, name: str, data: Any, persistent: bool = True) -> None:
        """Register an array of the state that is not trained, such as running statistics.

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
                f"{type(self).__name__}: {name!r} is a parameter or module already; delete it "
                "before registering a buffer under its name"
            )
        if data is not None and not isinstance(data, (np.ndarray, Tensor)):
            data = np.array(data)
        self._register(self._buffers, "buffer", name, data)
        transient = self._transient - {name} if persistent else self._transient | {name}
        object.__setattr__(self, "_transient", transient)

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
        if table is self._modules or name in self._modules:
            _registered()
        for other in (self.__dict__, self._parameters, self._buffers, self._modules):
            if other is not table:
                other.pop(name, None)
        table[name] = self.__dict__[name] = value

    # --- running ---

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The module's computation; a subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`, between the hooks; nodes made meanwhile are noted as this module's."""
        around, own = current_note(), self.__dict__
        if "_forward_hooks" not in own:
            raise _not_begun(type(self))
        hooked = own["_forward_hooks"] or own["_forward_pre_hooks"]
        run = self._between_hooks if hooked else self.forward
        if around is OFF:
            return run(*args, **kwargs)
        name = ""
        given: tuple[Any, ...] = ()
        if around is None or around.running is None:
            given = tuple([(x.shape, x.dtype) for x in args if _is_array(x)])
        else:
            caller = around.running
            if caller["_scope_paths"][0] != registrations:
                _look_up_paths(caller)
            name = caller["_scope_paths"][1].get(id(self), "")
        scope = Scope(name, own["_scope_kind"], around, given, own)
        outside = begin_noting(scope)
        try:
            return run(*args, **kwargs) if kwargs else run(*args)
        finally:
            end_noting(outside)
            scope.running = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_scope_paths": NO_PATHS}

    def _between_hooks(self, *args: Any, **kwargs: Any) -> Any:
        for hook in self._forward_pre_hooks:
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        out = self.forward(*args, **kwargs)
        for hook in self._forward_hooks:
            changed = hook(self, args, out)
            if changed is not None:
                out = changed
        return out

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, inputs)` before each `forward`; what it returns replaces the inputs.

        Returns:
            a handle whose `remove()` takes the hook away.

        Example:
            >>> import nn
            >>> layer = nn.Identity()
            >>> with layer.register_forward_pre_hook(lambda module, inputs: inputs[0] + 1):
            ...     print(layer(1))
            2
            >>> layer(1)
            1
        """
        object.__setattr__(self, "_forward_pre_hooks", (*self._forward_pre_hooks, hook))
        return RemovableHandle(self, "_forward_pre_hooks", hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, inputs, output)` after each `forward`; what it returns replaces the
        output.

        Returns:
            a handle whose `remove()` takes the hook away.

        Example:
            >>> import nn
            >>> layer = nn.ReLU()
            >>> handle = layer.register_forward_hook(lambda module, inputs, out: print(out.shape))
            >>> _ = layer(np.ones((2, 3)))
            (2, 3)
            >>> handle.remove()
        """
        object.__setattr__(self, "_forward_hooks", (*self._forward_hooks, hook))
        return RemovableHandle(self, "_forward_hooks", hook)

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call a function with every module in this one and then with it itself; children first.

        Example:
            >>> import nn
            >>> def begin(module):
            ...     if isinstance(module, nn.Linear):
            ...         nn.init.orthogonal_(module.weight)
            >>> _ = nn.Sequential(nn.Linear(2, 2), nn.ReLU()).apply(begin)
        """
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Convert all parameters, their gradients and floating buffers, in this module itself.

        Raises:
            DTypeError: the dtype is no floating one.

        Example:
            >>> import nn
            >>> nn.Linear(1, 1).astype("float32").weight.dtype
            dtype('float32')
        """
        dtype = floating(f"astype of {type(self).__name__}", dtype)
        for parameter in self.parameters():
            parameter.data = parameter.data.astype(dtype)
            if parameter.grad is not None:
                parameter.grad = parameter.grad.astype(dtype)
        for module in self.modules():
            for name, buffer in module._buffers.items():
                if buffer is not None and buffer.dtype.kind == "f":
                    setattr(module, name, buffer.astype(dtype))
        return self

    def float(self) -> Self:
        """Convert to float32; `double` and `astype` are the others."""
        return self.astype(np.float32)

    def double(self) -> Self:
        """Convert to float64."""
        return self.astype(np.float64)

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

    def get_submodule(self, path: str) -> Any:
        """The module at a path such as "block.0.linear".

        Raises:
            AttributeError: there is none.
        """
        module: Any = self
        for name in path.split(".") if path else ():
            inner = module._modules.get(name) if isinstance(module, Module) else None
            if inner is None:
                raise AttributeError(
                    f"get_submodule: {type(self).__name__} has no module at {path!r}, {name!r} is "
                    "missing"
                )
            module = inner
        return module

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

    def named_parameters(self, recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with their paths such as "block.0.weight".

        Args:
            recurse: whether those of inner modules are among them.
        """
        return self._named_entries("_parameters", recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse))

    def named_buffers(self, recurse: bool = True) -> Iterator[tuple[str, Any]]:
        """All buffers, with their paths."""
        return self._named_entries("_buffers", recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        """All buffers."""
        return (buffer for _, buffer in self.named_buffers(recurse))

    def _named_entries(self, table: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules() if recurse else [("", self)]:
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
        return _state.read(self)

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
        return _state.load(self, state, strict)

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


def _is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, Tensor))
