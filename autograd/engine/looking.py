"""What Python saw of a graph: looks at the data of nodes, and conditions computed from them.

The graph does not record these. Whoever computes it with other data, as the page of a drawing does,
has to know of them: a condition can be computed again, and what else Python chose is out of date.
Only weak references are held, so that no array lives longer for it.
"""

from __future__ import annotations

import functools
import sys
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.engine.graph import Node, next_number
from autograd.engine.note import QUIET

LIBRARIES = ("autograd", "nn", "numpy")
FUNCTIONS = ("autograd.numpy.", "nn.functional.")
MOST_CUT = 3  # operations before a `detach` that are remembered
MOST_BEFORE = 30  # nodes before the one looked at that count as looked at, too
LATEST = 1000  # conditions of the program's that are remembered


class Look(NamedTuple):
    """Python looked at an array: when, whether for plain numbers, and who."""

    array: weakref.ref[Any]
    number: int
    numbers: bool
    who: str


class Sight:
    """A condition in the program's hands: when, by which line, of which arrays, and whether a node
    took it, as in `ag.where(x > 0, x, 0.0)`. Else the program may have computed with it."""

    __slots__ = ("arrays", "code", "line", "number", "taken")

    def __init__(self, nodes: list[Node], frame: Any) -> None:
        self.number, self.taken = next_number(), False
        self.code, self.line = frame.f_code, frame.f_lineno
        self.arrays = [_weak(node._data) for node in nodes]


class Made(NamedTuple):
    """An array that Python computed: the function, and its arguments: plain data, nodes, and weak
    references to the data of nodes."""

    array: weakref.ref[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    sight: Sight | None  # of a condition that the program has in its hands


class Step(NamedTuple):
    """An operation: its kernel, and its arguments, numbers or `Argument`s."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class Argument(NamedTuple):
    """The data of an argument, weakly, and how they were computed, if they were."""

    array: Any
    step: Step | None


_looks: dict[int, Look] = {}
cuts: dict[int, tuple[weakref.ref[Any], Step]] = {}  # what `cut_from` knows
conditions: dict[int, Made] = {}  # what `made_of` knows
_sights: deque[Sight] = deque(maxlen=LATEST)


def look(node: Any, numbers: bool = False) -> Any:
    """The data of a node, which Python looks at; anything else as it is.

    Args:
        node: a node, or plain data.
        numbers: whether the caller hands plain numbers on, which no one can tell from others.
    """
    if not isinstance(node, Node):
        return node
    data = node._data
    known = _looks.get(id(data))
    if known is None or (numbers and not known.numbers):
        _note(node, numbers)
    return data


def _note(node: Node, numbers: bool) -> None:
    now, who = next_number(), caller()
    for array in _seen_by(node):
        _add(array, now, numbers, who)


def _seen_by(node: Node) -> list[Any]:
    """The data of a node, and of what it came from.

    What was looked at may be forgotten before its result is used, as in x[(2 * x).argmax()]. What a
    module has given is looked at in order to report it; its parameters stay unseen.
    """
    stack, found = [node], list[Any]()
    while stack and len(found) < MOST_BEFORE:
        node = stack.pop()
        found.append(node._data)
        if not _is_given(node):
            stack.extend(x for x in node.inputs if x is not None)
    return found


def _is_given(node: Node) -> bool:
    """Whether a call of a module made the node, and is over."""
    scope = node.note.scope if node.note is not None else None
    calls = [call for call in scope.chain if not call.is_part] if scope is not None else []
    return bool(calls) and calls[0].running is None


def _add(array: Any, number: int, numbers: bool, who: str) -> None:
    """Note a look; the first one counts."""
    known = _looks.get(id(array))
    if known is not None and (known.numbers or not numbers):
        return
    reference = _reference(array, _looks)
    if reference is not None:
        number = number if known is None else known.number
        _looks[id(array)] = Look(reference, number, numbers, who)


def _reference(array: Any, table: dict[int, Any]) -> weakref.ref[Any] | None:
    """A weak reference that clears the entry of the array; None for what has no reference."""
    key = id(array)
    try:
        return weakref.ref(array, lambda _: table.pop(key, None))
    except TypeError:  # a number
        return None


def condition(function: Callable[..., Any], *args: Any) -> Any:
    """`function` of plain data, noted so that the page of a drawing can compute it again.

    Args:
        function: of arrays, without state; it is kept as long as the result is.
        args: nodes and plain data.
    """
    nodes, data = [], []
    for x in args:
        if isinstance(x, Node):
            nodes.append(x)
            x = x._data
        data.append(x)
    result = function(*data)
    if not nodes:
        return result
    own = _is_library(sys._getframe(2))
    if own and getattr(result, "shape", None) == () and type(result) is not type(nodes[0]._data):
        result = result[...]  # an array for a NumPy number, to which nothing can refer
    sight = None
    if not own:
        sight = Sight(nodes, sys._getframe(2))
        _sights.append(sight)
    reference = _reference(result, conditions)
    if reference is None:
        for x in nodes:
            look(x, numbers=True)
    else:
        # A library hands its conditions to `where`, and the graph keeps them. One of a program's
        # may live long, and must not keep a graph.
        given = args if own else tuple(map(_weak, data, args))
        conditions[id(result)] = Made(reference, function, given, sight)
    return result


def _weak(array: Any, of: Any = None) -> Any:
    """A reference to the data of a node; what a node does not hold stays."""
    if of is not None and not isinstance(of, Node):
        return array
    try:
        return weakref.ref(array)
    except TypeError:
        return array


def _is_library(frame: Any) -> bool:
    return _is_of_library(frame.f_globals.get("__name__", ""))


@functools.cache
def _is_of_library(module: str) -> bool:
    return module.split(".", 1)[0] in LIBRARIES


def kept(copy: Any, array: Any) -> Any:
    """A copy that a node keeps of an array, which was computed as the array was."""
    made = conditions.get(id(array))
    if made is not None:
        reference = _reference(copy, conditions)
        if reference is not None:
            conditions[id(copy)] = made._replace(array=reference, sight=None)
        if made.sight is not None:
            made.sight.taken = True
    return copy


def note_cut(node: Node) -> None:
    """Note how the data of a node were computed, whose graph `detach` leaves behind.

    Nothing of the graph is held: where it is gone, and an array that it needs, nobody can follow.
    """
    # A single number is detached to be reported, as losses are in every step.
    if node.op is not None and node._data.shape:
        reference = _reference(node._data, cuts)
        if reference is not None:
            cuts[id(node._data)] = reference, _step(node, [MOST_CUT])


def _step(node: Node, left: list[int]) -> Step:
    left[0] -= 1
    arguments = []
    for x, datum in zip(node.inputs, node.saved, strict=True):
        deeper = None
        if x is not None and x.op is None and x.note is QUIET:
            deeper = cut_from(x._data)
            datum = x._data if deeper is not None else None  # which nobody can compute again
        elif x is not None and x.op is not None and left[0] > 0:
            deeper = _step(x, left)
        arguments.append(Argument(_weak(datum), deeper))
    op: Any = node.op
    return Step(functools.partial(op.kernel, **(node.static or {})), tuple(arguments))


def cut_from(array: Any) -> Step | None:
    """How the data of a detached node were computed, if that was noted."""
    found = cuts.get(id(array))
    return found[1] if found is not None and found[0]() is array else None


def made_of(array: Any) -> Made | None:
    """How Python computed an array, if that was noted."""
    made = conditions.get(id(array))
    return made if made is not None and made.array() is array else None


def settle() -> None:
    """Count the conditions that the program still has, or that no node took, as looks at what they
    were computed from."""
    for made in list(conditions.values()):
        if made.sight is not None:
            made.sight.taken = False
    for sight in list(_sights):
        if not sight.taken:
            who = _line(sight.code, sight.line)
            for reference in sight.arrays:
                array = reference() if isinstance(reference, weakref.ref) else None
                if array is not None:
                    _add(array, sight.number, False, who)


def look_at(data: Any) -> Look | None:
    """Python's first look at the data of a node."""
    found = _looks.get(id(data))
    return found if found is not None and found.array() is data else None


def caller() -> str:
    """The public function of a library that is running, or the line of the program."""
    frame: Any = sys._getframe(1)
    name = ""
    while frame is not None and _is_library(frame):
        code = frame.f_code.co_name
        module = frame.f_globals["__name__"]
        if module.startswith(FUNCTIONS) and code != "accepting":
            name = name if code.startswith(("_", "<")) else code
        frame = frame.f_back
    if name:
        return name
    if frame is None:
        return ""
    return _line(frame.f_code, frame.f_lineno)


def _line(code: Any, line: int) -> str:
    # No function of `os`: a traced step would take its call for one of the program's.
    file = code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f"line {line} of {file}"
