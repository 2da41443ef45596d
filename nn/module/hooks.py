"""Hooks of a module: functions that run before and after `forward`, and may replace its data."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from autograd.errors import described, kind, message

Hook = Callable[..., Any]
_next_key = itertools.count().__next__  # tells two registrations of one function apart


class RemovableHandle:
    """What registering a hook returns: `remove()`, or leaving a `with` block, removes the hook."""

    def __init__(self, module: Any, table: str, key: int) -> None:
        self._module, self._table, self._key = module, table, key

    def remove(self) -> None:
        """Remove this registration of the hook; a second call does nothing."""
        hooks = getattr(self._module, self._table)
        left = {key: hook for key, hook in hooks.items() if key != self._key}
        object.__setattr__(self._module, self._table, left)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def add_hook(module: Any, table: str, hook: Hook, prepend: bool = False) -> RemovableHandle:
    """Append a hook to one of the tables of a module, or let it run before those that are there.

    Raises:
        TypeError: the hook is not callable.
    """
    if not callable(hook):
        what = f"register{table.removesuffix('s')} of {type(module).__name__}"
        raise TypeError(message(what, f"{kind(hook)}, {described(hook)}", "a function"))
    key = _next_key()
    # The table is replaced, so that a hook added during a call does not disturb that call's loop.
    old, new = getattr(module, table), {key: hook}
    object.__setattr__(module, table, new | old if prepend else old | new)
    return RemovableHandle(module, table, key)


def forward_between_hooks(module: Any, *args: Any, **kwargs: Any) -> Any:
    """Run the pre-hooks, `forward` and the hooks; what a hook returns replaces what it got."""
    for hook in module._forward_pre_hooks.values():
        replacement = hook(module, args)
        if replacement is not None:
            args = replacement if isinstance(replacement, tuple) else (replacement,)
    output = module.forward(*args, **kwargs)
    for hook in module._forward_hooks.values():
        replacement = hook(module, args, output)
        if replacement is not None:
            output = replacement
    return output
