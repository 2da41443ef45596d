"""Hooks of a module: functions that run before and after `forward`, and may replace its data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Hook = Callable[..., Any]


class RemovableHandle:
    """What registering a hook returns: `remove()`, or leaving a `with` block, removes the hook."""

    def __init__(self, module: Any, table: str, hook: Hook) -> None:
        self._module, self._table, self._hook = module, table, hook

    def remove(self) -> None:
        """Remove the hook; a second call does nothing."""
        hooks = getattr(self._module, self._table)
        kept = tuple(hook for hook in hooks if hook is not self._hook)
        object.__setattr__(self._module, self._table, kept)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def add_hook(module: Any, table: str, hook: Hook) -> RemovableHandle:
    """Append a hook to one of the tables of a module."""
    # The tuple is replaced, so that a hook added during a call does not disturb that call's loop.
    object.__setattr__(module, table, (*getattr(module, table), hook))
    return RemovableHandle(module, table, hook)


def forward_between_hooks(module: Any, *args: Any, **kwargs: Any) -> Any:
    """Run the pre-hooks, `forward` and the hooks; what a hook returns replaces what it got."""
    for hook in module._forward_pre_hooks:
        replacement = hook(module, args)
        if replacement is not None:
            args = replacement if isinstance(replacement, tuple) else (replacement,)
    output = module.forward(*args, **kwargs)
    for hook in module._forward_hooks:
        replacement = hook(module, args, output)
        if replacement is not None:
            output = replacement
    return output
