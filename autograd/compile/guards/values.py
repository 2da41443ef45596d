"""Values that a step can reach. There are hundreds, so they have a few guards in all, as have lists
of numbers."""

from __future__ import annotations

import operator
from itertools import chain
from typing import TYPE_CHECKING, Any

from autograd.compile.guards.learned import same_number
from autograd.compile.guards.places import GRAD, Place
from autograd.engine.graph import Node

if TYPE_CHECKING:
    from autograd.compile.guards.reach import Reach

STATE = operator.attrgetter("requires_grad", "note")  # what may change of a leaf, data apart


def visit_value(reach: Reach, x: Node, at: str, path: str, fixed: bool) -> None:
    """A Value: its number and its gradient are inputs, which the engine keeps floats.

    A network has hundreds of Values, so those that must stay the same have one guard in all.
    """
    again = id(x) in reach.visited
    if fixed or again:
        name = reach.name(x)
        if at != name:
            reach.guard(f"{at} is {name}", path)
        if again:
            return
        at = name
    reach.visited.add(id(x))
    reach.keep.append(x)
    reach.nodes.append(x)
    if x.note is not None and x.note.acts:
        reach.object_to(f"{path or 'a Value'} has a hook, or retains its gradient")
    if fixed:
        reach.values.append(x)
    else:
        states = reach.constant([STATE(x)])
        same = f"({at}.op is None) is {x.op is None} and same_states([{at}], {states})"
        reach.guard(f"type({at}) is {reach.name(type(x))} and {same}", path)
    for key in ("_data", GRAD):
        slot = (id(x), key) if fixed else ("in", f"{at}.{key}")
        reach.learned.varying.add(slot)
        word = path if key == "_data" else f"{path}.grad"
        if x.op is not None:
            reach.results[slot] = path
        reach.places.append(Place(x, key, f"{at}.{key}", word, slot))
        if slot in reach.learned.pinned:
            reach.scalar(getattr(x, key), f"{at}.{key}", word, slot)
        else:
            reach.numbers[slot] = (getattr(x, key), f"{at}.{key}", word)


def visit_entries(reach: Reach, x: Any, path: str) -> bool:
    """Note the entries of a list that are Values, numbers or lists, for one guard in all;
    returns whether it is such a list.

    A network of Values has thousands of them, and its data are lists of numbers.
    """
    slots = [(id(x), i) for i in range(len(x))]
    if type(x) is not list or not reach.learned.volatile.isdisjoint(slots):
        return False
    if not all(type(e) in (float, int, list) or is_value(e) for e in x):
        return False
    for slot, e in zip(slots, x, strict=True):
        if type(e) in (float, int) and reach.varies(slot, e):
            return False
    reach.lists.append(x)
    reach.entries += x
    for slot, e in zip(slots, x, strict=True):
        name, at, inner = reach.name(x), slot[1], f"{path}.{slot[1]}"
        reach.places.append(Place(x, at, f"{name}[{at}]", inner, slot))
        if type(e) is list:
            reach.container(e, reach.name(e), inner, True)
        elif is_value(e):
            visit_value(reach, e, reach.name(e), inner, True)
    return True


def guard_together(reach: Reach) -> None:
    """One guard for the entries of lists, and one for what a pass reads of Values."""
    if reach.lists:
        lists, lengths = reach.constant(reach.lists), reach.constant([*map(len, reach.lists)])
        entries = reach.constant(reach.entries)
        reach.guard(f"[*map(len, {lists})] == {lengths}", "the length of a list")
        reach.guard(f"same_entries({lists}, {entries})", "an entry of a list")
    if reach.values:
        nodes, states = reach.constant(reach.values), reach.constant([*map(STATE, reach.values)])
        reach.guard(f"same_states({nodes}, {states})", "requires_grad or the name of a Value")


def is_value(x: Any) -> bool:
    """Whether an object is a number in the engine's graphs."""
    return isinstance(x, Node) and not x._backend.has_shape


def same_entries(lists: list[list[Any]], entries: list[Any]) -> bool:
    """Whether lists have the entries that they had: the same objects, or the same numbers.

    `==` would also take 1 for 1.0, and a Value for another one with the same data.
    """
    for x, y in zip(chain.from_iterable(lists), entries, strict=True):
        if x is not y and not (type(y) in (float, int) and same_number(x, y)):
            return False
    return True


def same_states(values: list[Any], states: list[Any]) -> bool:
    """Whether Values require gradients and have notes as they did."""
    for x, (requires_grad, note) in zip(values, states, strict=True):
        if x.requires_grad is not requires_grad or x.note is not note:
            return False
    return True
