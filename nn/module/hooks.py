"""Hooks of a module: functions that run around `forward` or see its gradients, and may replace."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd import DTypeError, ShapeError, Tensor, is_recording
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
    watch = BackwardWatch(module, args) if module._full_backward_hooks and is_recording() else None
    output = module.forward(*(args if watch is None else watch.inputs), **kwargs)
    for hook in module._forward_hooks.values():
        replacement = hook(module, args, output)
        if replacement is not None:
            output = replacement
    return output if watch is None else watch.outputs(output)


class BackwardWatch:
    """One call of a module whose backward hooks are to see the gradients of its ends.

    Inputs and outputs each pass through one node, so that their gradients arrive together: those of
    the outputs before those of the inputs. Where no input needs a gradient, the outputs' node calls
    the hooks.
    """

    def __init__(self, module: Any, args: tuple[Any, ...]) -> None:
        self._module, self._hooks = module, tuple(module._full_backward_hooks.values())
        self._grads_of_outputs: tuple[Any, ...] | None = None  # in a pass that came through them
        self._count = len(args)
        self.inputs, self._places = through_one_node(args, self._of_inputs)

    def outputs(self, output: Any) -> Any:
        """The output, or the tuple of them, with its gradients watched."""
        several = isinstance(output, (tuple, list))
        watched, _ = through_one_node(tuple(output) if several else (output,), self._of_outputs)
        return type(output)(watched) if several else watched[0]

    def _of_outputs(self, grads: tuple[Any, ...]) -> None:
        self._grads_of_outputs = grads
        if not self._places:
            self._call((None,) * self._count)

    def _of_inputs(self, grads: tuple[Any, ...]) -> tuple[Any, ...] | None:
        if self._grads_of_outputs is None:  # a second derivative, which flows from the inside
            return None
        return self._call(grads)

    def _call(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        of_outputs, self._grads_of_outputs = self._grads_of_outputs, None
        for hook in self._hooks:
            replacement = hook(self._module, grads, of_outputs)
            if replacement is not None:
                grads = self._checked(hook, replacement, grads)
        return grads

    def _checked(self, hook: Hook, new: Any, old: tuple[Any, ...]) -> tuple[Any, ...]:
        """What a hook returned, which must fit what it got."""
        found: tuple[Any, ...] = tuple(new) if isinstance(new, (tuple, list)) else (new,)
        what = f"the backward hook {described(hook)} of {type(self._module).__name__}"
        for word, error in (("shape", ShapeError), ("dtype", DTypeError)):
            given, wanted = (
                [None if g is None else getattr(g, word, type(g).__name__) for g in grads]
                for grads in (found, old)
            )
            if given != wanted:
                texts = [f"{word}s ({', '.join(map(str, facts))})" for facts in (given, wanted)]
                hint = "return a tuple, of None where an input needs no gradient"
                raise error(message(what, f"gradients of {texts[0]}", texts[1], hint))
        return found


def through_one_node(
    values: tuple[Any, ...], hook: Callable[[tuple[Any, ...]], tuple[Any, ...] | None]
) -> tuple[tuple[Any, ...], list[int]]:
    """The values, of which Tensors that need a gradient come from one node.

    Args:
        values: Tensors and anything else.
        hook: called with the gradients of all values, None for those that need none; what it
            returns replaces them.

    Returns:
        the values, and the places of the Tensors among them that need a gradient.
    """
    places = [i for i, x in enumerate(values) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        return values, places
    watched: list[Any] = [values[i] for i in places]
    sizes = np.cumsum([0, *(x.size for x in watched)])
    alone = len(watched) == 1
    joined = +watched[0] if alone else ag.concatenate([x.reshape((-1,)) for x in watched])

    def split(flat: Any) -> list[Any]:
        """The parts of the joined array, each in the shape and dtype of its Tensor."""
        if alone:
            return [flat]
        pairs = zip(watched, sizes, sizes[1:], strict=False)
        return [flat[a:b].reshape(x.shape).astype(x.dtype) for x, a, b in pairs]

    def of_joined(gradient: Any) -> Any:
        parts: list[Any] = [None] * len(values)
        for i, part in zip(places, split(gradient), strict=True):
            parts[i] = part
        new = hook(tuple(parts))
        if new is None:
            return None
        kept = [new[i] for i in places]
        if alone:
            return kept[0]
        join = ag.concatenate if isinstance(gradient, Tensor) else np.concatenate
        return join([g.reshape((-1,)) for g in kept]).astype(gradient.dtype)

    joined.register_hook(of_joined)
    found = list(values)
    for i, part in zip(places, split(joined), strict=True):
        found[i] = part
    return tuple(found), places
