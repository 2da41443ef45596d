"""Module: parameters, buffers and modules of its own, and a forward pass that is ordinary code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd import Scope, Tensor
from autograd.names import install, visible
from nn.arguments import refuse, undefined
from nn.module import scope as scopes
from nn.module import state as states
from nn.module.blame import name_path
from nn.module.hidden import Watch
from nn.module.hooks import RemovableHandle, add_hook, forward_between_hooks
from nn.module.parameter import Parameter
from nn.module.registration import Registry, init_not_called
from nn.module.scope import NO_PATHS, OFF, current_note, enter_scope, leave_scope, path_inside
from nn.module.state import IncompatibleKeys
from nn.module.tree import module_html
from nn.names import MODULE_METHODS


class Module(Registry):
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
    _scope_kind: str
    _scope_paths: tuple[int, dict[int, str]]
    _forward_pre_hooks: dict[int, Callable[..., Any]]
    _forward_hooks: dict[int, Callable[..., Any]]
    _full_backward_hooks: dict[int, Callable[..., Any]]

    def __init__(self) -> None:
        for name, value in (
            ("_parameters", {}),
            ("_buffers", {}),
            ("_modules", {}),
            ("_transient", frozenset()),
            ("_forward_pre_hooks", {}),
            ("_forward_hooks", {}),
            ("_full_backward_hooks", {}),
            ("_scope_kind", type(self).__name__),
            ("_scope_paths", NO_PATHS),
            ("_watch", Watch((Registry, Parameter))),
            ("training", True),
        ):
            object.__setattr__(self, name, value)

    # --- running ---

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The module's computation, which a subclass defines."""
        raise undefined(self, "forward(self, x)", "computes the output from the inputs")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward` between the hooks; nodes created meanwhile carry the scope of this call."""
        own, outer = self.__dict__, current_note()
        if "_forward_hooks" not in own:
            raise init_not_called(type(self))
        hooked = own["_forward_hooks"] or own["_forward_pre_hooks"] or own["_full_backward_hooks"]
        run = self._forward_between_hooks if hooked else self.forward
        if outer is OFF:
            if own["_watch"].count != scopes.registrations:
                self._check_call()
            try:
                out = run(*args, **kwargs)
                own["_last_shape"] = out.shape if type(out) is Tensor else None
                return out
            except Exception as error:
                name_path(error, self, args)
                raise

        name = ""
        given: tuple[Any, ...] = ()
        if outer is None or outer.running is None:  # no module is calling this one
            if own["_watch"].count != scopes.registrations:
                self._check_call()
            given = tuple([(x.shape, x.dtype) for x in args if isinstance(x, ARRAYS)])
        else:
            caller = outer.running
            counted, paths = caller["_scope_paths"]
            found = paths.get(id(self)) if counted == scopes.registrations else None
            name = path_inside(caller, self) if found is None else found

        scope = Scope(name, own["_scope_kind"], outer, given, own)
        token = enter_scope(scope)
        try:
            out = run(*args, **kwargs) if kwargs else run(*args)
            own["_last_shape"] = out.shape if type(out) is Tensor else None
            return out
        except Exception as error:
            name_path(error, self, args)
            raise
        finally:
            leave_scope(token)
            scope.running = None

    _forward_between_hooks = forward_between_hooks

    def __getstate__(self) -> dict[str, Any]:
        fresh = {"_scope_paths": NO_PATHS, "_watch": Watch((Registry, Parameter)), "_home": None}
        fresh["_last_shape"] = None
        return self.__dict__ | fresh

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs)` before each `forward`; what it returns replaces the inputs.

        Returns:
            a handle whose `remove()` removes the hook.

        Example:
            >>> import nn
            >>> layer = nn.Identity()
            >>> with layer.register_forward_pre_hook(lambda module, inputs: inputs[0] + 1):
            ...     print(layer(1))
            2
            >>> layer(1)
            1
        """
        refuse("register_forward_pre_hook", with_kwargs=with_kwargs)
        return add_hook(self, "_forward_pre_hooks", hook, prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, inputs, output)` after `forward`; what it returns is the new output.

        Returns:
            a handle whose `remove()` removes the hook.

        Example:
            >>> import nn
            >>> layer = nn.ReLU()
            >>> handle = layer.register_forward_hook(lambda module, inputs, out: print(out.shape))
            >>> _ = layer(np.ones((2, 3)))
            (2, 3)
            >>> handle.remove()
        """
        refuse("register_forward_hook", with_kwargs=with_kwargs, always_call=always_call)
        return add_hook(self, "_forward_hooks", hook, prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` in the backward pass.

        Both are tuples of arrays: the gradients of the positional inputs and of the outputs, with
        None for what needs none. A tuple that the hook returns replaces the gradients of the
        inputs.

        Returns:
            a handle whose `remove()` removes the hook.

        Example:
            >>> import nn
            >>> layer = nn.Tanh()
            >>> def show(module, grad_input, grad_output):
            ...     print(grad_input[0], grad_output[0])
            >>> with layer.register_full_backward_hook(show):
            ...     layer(nn.Parameter([0.0])).sum().backward()
            [1.] [1.]
        """
        return add_hook(self, "_full_backward_hooks", hook, prepend)

    # --- changing all of it ---

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call a function on every module inside this one, children first, and then on this one.

        Example:
            >>> import nn
            >>> def begin(module):
            ...     if isinstance(module, nn.Linear):
            ...         nn.init.orthogonal_(module.weight)
            >>> _ = nn.Sequential(nn.Linear(2, 2), nn.ReLU()).apply(begin)
        """
        order: list[Module] = []
        stack: list[Module] = [self]
        while stack:  # from the last to the first
            order.append(stack.pop())
            stack.extend(order[-1].children())
        for module in reversed(order):
            fn(module)
        return self

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all inside it to training, or with False to evaluation."""
        for module in self.modules():
            object.__setattr__(module, "training", bool(mode))
        return self

    def eval(self) -> Self:
        """Switch this module and all inside it to evaluation."""
        return self.train(False)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters; set_to_none=False replaces them by zeros."""
        for p in self.parameters():
            p.grad = None if set_to_none or p.grad is None else np.zeros_like(p.grad)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze all parameters with False, or unfreeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Convert all parameters, their gradients and floating buffers, in place.

        Raises:
            DTypeError: the dtype is not floating.

        Example:
            >>> import nn
            >>> nn.Linear(1, 1).astype("float32").weight.dtype
            dtype('float32')
        """
        states.astype(self, dtype)
        return self

    def float(self) -> Self:
        """Convert to float32."""
        return self.astype(np.float32)

    def double(self) -> Self:
        """Convert to float64."""
        return self.astype(np.float64)

    # --- saving and loading ---

    def state_dict(
        self, *, destination: None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """The arrays of all parameters and buffers by path, with PyTorch's keys and layouts.

        Args:
            destination: must be None.
            prefix: what all paths begin with.
            keep_vars: whether to return the parameters and buffers themselves.

        Returns:
            a dictionary of arrays, which are copies.
        """
        if destination is not None:
            refuse("state_dict", destination=destination)
        return states.state_dict(self, prefix, keep_vars)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Load the arrays of a state dictionary, each converted to the dtype of its parameter.

        Args:
            state_dict: arrays by path.
            strict: whether missing and unexpected keys are errors.
            assign: must be False.

        Returns:
            the missing and the unexpected keys.

        Raises:
            TypeError: the state is not a mapping.
            ValueError: keys are missing or unexpected, shapes differ, or a conversion would lose
                data (complex to float, float to int); all are listed, and nothing is loaded.
        """
        refuse("load_state_dict", assign=assign)
        return states.load(self, state_dict, strict)

    # --- showing it ---

    __dir__ = visible

    def extra_repr(self) -> str:
        """What stands between the parentheses of the module's repr."""
        return ""

    def __repr__(self) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        try:
            children = [f"({child}): {module!r}" for child, module in self.named_children()]
        except RecursionError:  # nested too deeply to be read
            children = ["..."]
        if not children and "\n" not in extra:
            return f"{name}({extra})"
        body = "\n".join([extra, *children] if extra else children).replace("\n", "\n  ")
        return f"{name}(\n  {body}\n)"

    def _repr_html_(self) -> str:
        """For notebooks: a tree that opens."""
        return module_html(self)


install(Module, "model", MODULE_METHODS)
ARRAYS = (np.ndarray, Tensor)
