"""Faster forms of the engine's inner functions, with one input and two written out.

A float has a budget of about a microsecond: a product of two Values takes 0.45 µs here and 1.1 by
`record`. This file adds no behaviour: each function is tested against the general one. To
understand the engine, read those instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from autograd.engine.cotangents import Cotangents, add
from autograd.engine.graph import Node, by_number, next_number
from autograd.engine.hooks import call_hooks_once, has_raised
from autograd.engine.note import PLAIN, QUIET
from autograd.engine.recording import OFF, current, note_if_off

# --- Making a node (see `primitive.record`) -------------------------------------------------------


def unary(op: Any, backend: Any) -> Callable[..., Any]:
    """`op`, which takes one argument, as a method of the backend's nodes."""
    kind, run, new, note_of_new = backend.node, backend.operator(op), object.__new__, current.get
    no_gradient = backend.no_gradient

    def call(x: Any, *, static: dict[str, Any] | None = None) -> Any:
        a = x._data
        if static:
            out = backend.run(op, (a,), static)
        else:
            try:
                out = run(a)
            except Exception as error:
                out = backend.recover(op, error, (a,))
        node = new(kind)
        node._data = out
        node._grad = no_gradient
        node._cotangent = None
        node.number = next_number()
        note = note_of_new()
        if x.requires_grad and (note is not OFF or (note := note_if_off()) is not OFF):
            node.requires_grad = True
            node.op = op
            node._first = x
            node._first_data = a
            node._second = node._second_data = node._rest = None
            node.static = static
            node.note = note
        else:
            node.requires_grad = False
            node.op = node.static = None
            node.note = QUIET if x.requires_grad or x.note is QUIET else PLAIN
        return node

    return call


def binary(op: Any, backend: Any) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """`op` as a pair of operator methods of the backend's nodes: forward and reflected."""
    kind, run, new, note_of_new = backend.node, backend.operator(op), object.__new__, current.get
    operand, keep, scalar = backend.operand, backend.keep, backend.scalar
    no_gradient = backend.no_gradient

    def call(x: Any, y: Any) -> Any:
        recorded = False
        if type(x) is kind or isinstance(x, kind):
            a = x._data
            recorded = x.requires_grad
        else:
            a = operand(op, x)
            if a is NotImplemented:
                return a
            x = None
        if type(y) is kind or isinstance(y, kind):
            b = y._data
            recorded = recorded or y.requires_grad
        elif type(y) is scalar:
            b, y = y, None
        else:
            b = operand(op, y)
            if b is NotImplemented:
                return b
            y = None
        try:
            out = run(a, b)
        except Exception as error:
            out = backend.recover(op, error, (a, b))
        node = new(kind)
        node._data = out
        node._grad = no_gradient
        node._cotangent = node.static = None
        node.number = next_number()
        note = note_of_new()
        if recorded and (note is not OFF or (note := note_if_off()) is not OFF):
            node.requires_grad = True
            node.op = op
            node._first = x
            node._second = y
            node._first_data = a if x is not None else keep(a)
            node._second_data = b if y is not None else keep(b)
            node._rest = None
            node.note = note
        else:
            node.requires_grad = False
            node.op = None
            cut = (x is not None and x.note is QUIET) or (y is not None and y.note is QUIET)
            node.note = QUIET if recorded or cut else PLAIN
        return node

    def reflected(y: Any, x: Any) -> Any:
        return call(x, y)

    return call, reflected


# --- Which nodes have a turn (see `backward.reachable`) -------------------------------------------


def reachable(root: Node, cotangents: Cotangents) -> list[Node]:
    """The nodes that gradients of `root` flow to, and `root`; youngest first."""
    nodes = [root]
    cotangents[root] = None
    for node in nodes:  # the list grows meanwhile
        if node.op is None:
            continue
        x, y = node._first, node._second
        if x is not None and x not in cotangents and x.requires_grad:
            cotangents[x] = None
            nodes.append(x)
        if y is not None and y not in cotangents and y.requires_grad:
            cotangents[y] = None
            nodes.append(y)
        if node._rest is not None:
            for x in node._rest[0]:
                if x is not None and x not in cotangents and x.requires_grad:
                    cotangents[x] = None
                    nodes.append(x)
    nodes.sort(key=by_number, reverse=True)
    return nodes


# --- Handing on a cotangent (see `primitive.pull`) ------------------------------------------------


def pull_one(node: Any, g: Any, cotangents: Cotangents, owned: set[Node]) -> None:
    """The pull of a primitive of one argument."""
    x = node._first
    if x not in cotangents:
        return
    op, a, static = node.op, node._first_data, node.static
    if op.add_to is not None and x in owned:
        op.add_to(cotangents[x], g, a, **(static or {}))
        return
    c = op.rules[0](g, node._data, a) if static is None else op.rules[0](g, node._data, a, **static)
    if type(c) is not type(a) or c.shape != a.shape or c.dtype is not a.dtype:
        c = node._backend.fit(node, 0, c, a)
    if cotangents[x] is None:
        cotangents[x] = c
        if op.add_to is not None:
            owned.add(x)  # its rule makes a new array
    else:
        add(cotangents, owned, x, c)


def pull_two(node: Any, g: Any, cotangents: Cotangents, owned: set[Node]) -> None:
    """The pull of a primitive of two arguments."""
    x, y, a, b, static = node._first, node._second, node._first_data, node._second_data, node.static
    rules, out = node.op.rules, node._data
    if x in cotangents:
        c = rules[0](g, out, a, b) if static is None else rules[0](g, out, a, b, **static)
        if type(c) is not type(a) or c.shape != a.shape or c.dtype is not a.dtype:
            c = node._backend.fit(node, 0, c, a)
        if cotangents[x] is None:
            cotangents[x] = c
        else:
            add(cotangents, owned, x, c)
    if y in cotangents:
        c = rules[1](g, out, a, b) if static is None else rules[1](g, out, a, b, **static)
        if type(c) is not type(b) or c.shape != b.shape or c.dtype is not b.dtype:
            c = node._backend.fit(node, 1, c, b)
        if cotangents[y] is None:
            cotangents[y] = c
        else:
            add(cotangents, owned, y, c)


# --- A whole pass over numbers (see `backward.walk`) ----------------------------------------------
#
# Half the time of a pass over floats goes into dictionaries. Here a node holds its own cotangent,
# which only one pass at a time can use. Any other pass, in another thread or begun by a hook or a
# rule, finds the lock taken and falls back on the general walk. Waiting for the lock was tried and
# is no faster, because passes of two threads rarely meet.

_alone = threading.Lock()
_try_alone = partial(_alone.acquire, False)
_owner = 0  # the thread that holds the lock
_marked: list[Node] = []  # nodes that may hold a cotangent; some, if the last pass was interrupted


def walk_numbers(
    root: Any, seed: Any, hooked: dict[Node, Any]
) -> tuple[list[Node], list[Any]] | None:
    """All nodes of a pass over numbers, and their cotangents; None if it needs the general walk."""
    global _owner
    # `for` acquires the lock and enters the block without a call in between. After a call, such as
    # `if acquire():`, Python looks for signals, and Ctrl-C would leave the lock held for ever.
    for _ in iter(_try_alone, False):
        try:
            _owner = threading.get_ident()
            nodes = _walk_alone(root, seed, hooked)
            found = [node._cotangent for node in nodes]
            return None if root._backend.has_nan(found) else (nodes, found)
        except (ArithmeticError, TypeError, ValueError):
            if has_raised(hooked):
                raise
            return None
        finally:
            try:
                _unmark()
            finally:
                _owner = 0
                _alone.release()
    return None


def renew_lock() -> None:
    """Replace the lock in a forked child, where the thread that held it does not exist.

    Unless a hook of the pass itself forked: then the pass goes on in the child too.
    """
    global _alone, _try_alone
    if _owner != threading.get_ident():
        _alone = threading.Lock()
        _try_alone = partial(_alone.acquire, False)


def _unmark() -> None:
    for node in _marked:
        node._cotangent = None
    _marked.clear()


def _mark(root: Any, waiting: object) -> list[Any]:
    """The nodes that have a turn, youngest first; each but the root waits for its cotangent."""
    _unmark()
    _marked.append(root)
    for node in _marked:
        if node.op is None:
            continue
        for x in (node._first, node._second) if node._rest is None else node.inputs:
            if x is not None and x._cotangent is not waiting and x.requires_grad:
                _marked.append(x)
                x._cotangent = waiting
    return sorted(_marked, key=by_number, reverse=True)


def _walk_alone(root: Any, seed: Any, hooked: dict[Node, Any]) -> list[Any]:
    waiting = object()
    nodes = _mark(root, waiting)
    root._cotangent = seed
    for node in nodes:
        op, g = node.op, node._cotangent
        if node.note is not None and node.note.hooks:
            if g != g:  # a careful pass may avoid it, and hooks are called once
                raise ArithmeticError
            g = node._cotangent = call_hooks_once(node, g, hooked)
        if op is None:
            continue
        if node._rest is not None:
            _hand_on(node, g, waiting)
            continue
        out, x, y, a, b = node._data, node._first, node._second, node._first_data, node._second_data
        if x is not None and (total := x._cotangent) is not None:
            c = op.rules[0](g, out, a) if b is None else op.rules[0](g, out, a, b)
            x._cotangent = c if total is waiting else total + c
        if y is not None and (total := y._cotangent) is not None:
            c = op.rules[1](g, out, a, b)
            y._cotangent = c if total is waiting else total + c
    return nodes


def _hand_on(node: Any, g: Any, waiting: object) -> None:
    """The turn of a node with three inputs or more."""
    rules, saved = node.op.rules, node.saved
    for argument, x in enumerate(node.inputs):
        if x is not None and (total := x._cotangent) is not None:
            c = rules[argument](g, node._data, *saved)
            x._cotangent = c if total is waiting else total + c
