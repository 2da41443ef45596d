"""A graph as data that a page computes with: leaves, and programs of NumPy's operations.

No rule is written twice. The kernel and the rules of each operation run once on arrays that write
down what is done to them (`ag.program`), and JavaScript runs what was written down.
"""

from __future__ import annotations

import base64
import os
import re
import weakref
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar

import numpy as np

from autograd.engine.graph import Node
from autograd.engine.looking import Step, cut_from, look_at, made_of, settle
from autograd.engine.note import PLAIN, QUIET
from autograd.engine.primitive import Primitive
from autograd.errors import counted
from autograd.visualize.clusters import held_by

INTERPRETER = os.path.join(os.path.dirname(__file__), "web", "interpreter.js")
MOST_NODES = 5000
# Of all calls that differ in more than the entries of arrays: each argument takes
# a millisecond, since what the call does is traced.
MOST_ARGUMENTS = 5000
MOST_ENTRIES = 400_000  # of all leaves and constants, five megabytes of text

_DECOMPOSITION = "a decomposition, for which the page has no kernel"
_SPECIAL = "a special function, for which JavaScript has no kernel"
# Primitives that pages do not compute, and why; all others run in web/interpreter.js.
LEFT_OUT = {
    "erfinv": _SPECIAL,
    "gammaln": _SPECIAL,
    "digamma": _SPECIAL,
    "polygamma": _SPECIAL,
    "inv": _DECOMPOSITION,
    "det": _DECOMPOSITION,
    "cofactors": _DECOMPOSITION,
    "log_abs_det": _DECOMPOSITION,
    "pinv": _DECOMPOSITION,
    "solve": _DECOMPOSITION,
    "nuclear": _DECOMPOSITION,
    "polar": _DECOMPOSITION,
    "cholesky": _DECOMPOSITION,
    "eigh": _DECOMPOSITION,
    "svd": _DECOMPOSITION,
}


class NotRecomputed(Exception):
    """A page cannot compute a graph; the text says why."""


class Programs:
    """Where programs come from: `compile`, which stands on this folder, says so."""

    write: ClassVar[Callable[[Callable[..., Any], list[Any]], dict[str, Any]]]


@lru_cache(1)
def operations() -> frozenset[str]:
    """The operations that the interpreter has kernels for."""
    with open(INTERPRETER, encoding="utf-8") as file:
        declared = r'^  (?:kernel|unary|binary|ternary|reduction|running)\("([\w.]+)"'
        return frozenset(re.findall(declared, file.read(), re.MULTILINE))


def recipe(everything: Sequence[Node], root: Node | None) -> dict[str, Any]:
    """What the interpreter needs to compute a graph again.

    Args:
        everything: all nodes, oldest first.
        root: the node to differentiate, or None.

    Returns:
        "nodes", each with its "leaf", or with "inputs" (positions of nodes, arrays, or None for a
        number that stands in the program) and the positions of its programs "forward" and
        "backward"; "programs"; and the position of the "root".

    Raises:
        NotRecomputed: an operation, a dtype or a hook cannot be taken along, or the graph is large.
    """
    if len(everything) > MOST_NODES:
        raise NotRecomputed(f"the graph has {counted(len(everything), 'node')}")
    return _Recipe(everything, root).data


class _Recipe:
    def __init__(self, everything: Sequence[Node], root: Node | None) -> None:
        self._number = {node: i for i, node in enumerate(everything)}
        self._programs: list[dict[str, Any]] = []
        self._known: dict[Hashable, int] = {}
        self._entries = self._arguments = 0
        # What a leaf held when it was used; an optimizer may have moved it since.
        self._held = held_by(everything)
        self._places: dict[int, int] = {}
        for node in everything:
            if isinstance(self._held.get(node, node._data), np.ndarray):
                self._places.setdefault(id(self._held.get(node, node._data)), self._number[node])
        self._nodes = everything
        self._follows: dict[Node, dict[str, Any] | None] = {}
        settle()
        looks = (look_at(self._held.get(node, node._data)) for node in everything)
        self._looks = sorted((x for x in looks if x is not None), key=lambda x: x.number)
        self.data: dict[str, Any] = {
            "nodes": [self._node(node) for node in everything],
            "programs": self._programs,
            "root": None if root is None else self._number[root],
        }

    def _node(self, node: Node) -> dict[str, Any]:
        if node.note is not None and node.note.hooks:
            raise NotRecomputed("a hook of Python's changes a gradient")
        if node.op is None:
            leaf: dict[str, Any] = {"leaf": self._array(self._held.get(node, node._data))}
            same = self._places.get(id(self._held.get(node, node._data)))
            if is_computed(node) and same is not None and same < self._number[node]:
                leaf["same"] = same  # what `detach` gave
            elif is_computed(node) and (made := self._cut(node)) is not None:
                leaf["made"] = made
            return leaf
        op = node.op
        data = _data_of(node)
        needed = [i for i, x in enumerate(node.inputs) if x is not None and x.requires_grad]
        key = (op, _key(node.static), tuple(map(_key_of_argument, data)), tuple(needed))
        return {
            **self._forward(node, data),
            "needed": needed,
            "elementwise": op.elementwise,
            "backward": self._written(
                ("backward", *key),
                _backward_of(node, data, needed),
                [np.ones_like(_plain(node._data)), _plain(node._data), *data],
            )
            if needed
            else None,
        }

    def _forward(self, node: Node, data: list[Any]) -> dict[str, Any]:
        """The program of a node's kernel, and where its arguments come from."""
        op = node.op
        if op.name in LEFT_OUT:
            raise NotRecomputed(f"{op.name} is {LEFT_OUT[op.name]}")
        for datum in _parts_of(node.static):
            if made_of(datum) is not None:
                raise _outdated(node, f"Python computed an index of {op.name}")
            self._check_looks(node, datum, node.number)
        key = ("forward", op, _key(node.static), tuple(map(_key_of_argument, data)))
        return {
            "inputs": [self._given(node, argument, data) for argument in range(len(data))],
            "forward": self._written(key, _forward_of(node, data), data),
        }

    def _given(self, node: Node, argument: int, data: list[Any]) -> Any:
        """Where an argument comes from: a node, an array, or what has to be computed."""
        x, datum = node.inputs[argument], data[argument]
        shift = _shift_of(node, argument, data)
        if shift is not None:
            place = None if x is None else self._number[x]
            return {"largest": self._number[node.inputs[0]], "axis": shift, "node": place}
        made = self._made(datum) if x is None and isinstance(datum, np.ndarray) else None
        if made is not None:
            return made
        self._check(node, x, node.saved[argument])
        if not isinstance(datum, np.ndarray):
            return None
        return self._array(datum) if x is None else self._source(x)

    def _source(self, x: Node) -> Any:
        """Where the values of a node come from. A condition may need one that the graph lacks."""
        if x in self._number:
            return self._number[x]
        if x.op is None:
            same = self._places.get(id(x._data))
            return self._array(x._data) if same is None else same
        return self._forward(x, _data_of(x))

    # --- what Python computed outside of the graph ---

    def _made(self, array: Any) -> dict[str, Any] | None:
        """A condition that can be computed again: its program, and what that is given."""
        made = made_of(array)
        if made is None:
            return None
        data = [_argument_of(x) for x in made.arguments]
        inputs = []
        for x, datum in zip(made.arguments, data, strict=True):
            if isinstance(x, Node):
                inputs.append(self._source(x))
            elif isinstance(x, weakref.ref):
                inputs.append(self._places.get(id(datum)))
                if inputs[-1] is None:  # Python computed it outside of the graph
                    return None
            else:
                inputs.append(self._array(datum) if isinstance(datum, np.ndarray) else None)
        with np.errstate(all="ignore"):
            if not np.array_equal(made.function(*data), array):  # the program wrote into it
                return None
        key = ("condition", made.function, *map(_key_of_argument, data))
        return {
            "forward": self._written(key, _condition_of(made.function, data), data),
            "inputs": inputs,
        }

    def _cut(self, leaf: Node) -> dict[str, Any] | None:
        """How to compute what was detached from its graph; None if parts of that are gone."""
        step = cut_from(leaf._data)
        if step is None:
            return None
        if leaf not in self._follows:
            found = self._step(leaf, step)
            with np.errstate(all="ignore"):
                same = found is not None and np.array_equal(found[1], leaf._data, equal_nan=True)
            self._follows[leaf] = found[0] if found is not None and same else None
        return self._follows[leaf]

    def _step(self, leaf: Node, step: Step) -> tuple[dict[str, Any], Any] | None:
        """The program of an operation before a `detach`, with its arguments, and its result."""
        inputs: list[Any] = []
        data: list[Any] = []
        for array, before in step.arguments:
            datum = array() if isinstance(array, weakref.ref) else array
            place = self._places.get(id(datum)) if isinstance(array, weakref.ref) else None
            if place is None and before is not None:
                found = self._step(leaf, before)
                if found is None:
                    return None
                inputs.append(found[0])
                data.append(found[1])
                continue
            if datum is None:
                return None
            if place is None:
                self._check_looks(leaf, datum, leaf.number)
            data.append(_plain(datum) if isinstance(array, weakref.ref) else datum)
            plain = self._array(data[-1]) if isinstance(data[-1], np.ndarray) else None
            inputs.append(plain if place is None else place)
        with np.errstate(all="ignore"):
            result = np.asarray(step.function(*data))
        key = ("cut", step.function, *map(_key_of_argument, data))
        program = self._written(key, _condition_of(step.function, data), data)
        return {"forward": program, "inputs": inputs}, result

    def _check(self, node: Node, x: Node | None, datum: Any) -> None:
        """Refuse what Python may have computed from what the page can change."""
        if x is None:
            if type(datum) in (bool, np.bool_) and node.op.name == "where":
                raise _outdated(node, "Python chose between two numbers")
            self._check_looks(node, datum, node.number)
            return
        if x.op is None and self._follows.get(x) is not None:
            return
        if not is_computed(x) or self._places.get(
            id(x._data), self._number.get(x)
        ) != self._number.get(x):
            if x.op is None and not x.requires_grad and x.name is None:
                self._check_looks(node, x._data, x.number)
            return
        for other in self._nodes:
            if other.number > x.number:
                break
            changes = other.op is None and not is_computed(other)
            if changes and (x.note is QUIET or (not other.requires_grad and _changeable(other))):
                raise _outdated(node, f"an argument of {node.op.name} was computed")

    def _check_looks(self, node: Node, datum: Any, number: int) -> None:
        """Refuse plain data, if Python looked at the graph before it made the data."""
        array = isinstance(datum, (np.ndarray, np.generic))
        for look in self._looks:
            if look.number < number and (array or look.numbers):
                raise _outdated(node, f"{look.who} looked at values")

    def _written(self, key: Hashable, function: Callable[..., Any], data: list[Any]) -> int:
        """The position of a function's program; calls that differ in values only share one."""
        if key not in self._known:
            self._arguments += 1 + len(data)
            if self._arguments > MOST_ARGUMENTS:
                raise NotRecomputed("too many of its operations differ in shapes or indices")
            self._known[key] = len(self._programs)
            self._programs.append(_program(key, function, data))
        return self._known[key]

    def _array(self, data: Any) -> dict[str, Any]:
        array = _plain(data)
        self._entries += array.size
        if self._entries > MOST_ENTRIES:
            raise NotRecomputed(f"its arrays have more than {MOST_ENTRIES:,} entries")
        return encoded_array(array)


def _outdated(node: Node, what: str) -> NotRecomputed:
    """Refuse to compute with what may be out of date once a value changes."""
    where = f" in module {node.module}" if node.module else ""
    return NotRecomputed(f"{what}{where}, outside of the graph, and the page cannot follow that")


def is_computed(node: Node) -> bool:
    """Whether a leaf was computed, with no graph that tells how."""
    return node.op is None and (node.note is PLAIN or node.note is QUIET)


def _changeable(leaf: Node) -> bool:
    """Whether the page has fields for a leaf without a gradient."""
    return leaf.name is not None or (np.ndim(leaf._data) > 0 and leaf._data.dtype.kind == "f")


def _parts_of(static: Any) -> Iterator[Any]:
    """The arrays and numbers among static arguments."""
    if isinstance(static, dict):
        static = tuple(static.values())
    if isinstance(static, (tuple, list)):
        for part in static:
            yield from _parts_of(part)
    elif isinstance(static, slice):
        yield from _parts_of((static.start, static.stop, static.step))
    elif isinstance(static, (np.ndarray, np.generic, int, float)):
        yield static


def _argument_of(x: Any) -> Any:
    """The data of an argument of a condition."""
    if isinstance(x, Node):
        return x._data
    return x() if isinstance(x, weakref.ref) else x


def _condition_of(function: Callable[..., Any], data: list[Any]) -> Callable[..., Any]:
    def condition(*arrays: Any) -> Any:
        return [np.copy(function(*_filled(data, arrays)))]

    return condition


def _data_of(node: Node) -> list[Any]:
    """The arguments of a node: arrays, and numbers of Python's beside them."""
    return [d if _is_literal(node, d) else _plain(d) for d in node.saved]


def _is_literal(node: Node, datum: Any) -> bool:
    """Whether an argument is a number of Python's beside arrays, whose dtype it leaves as it is."""
    return type(datum) in (int, float, bool) and isinstance(node._data, (np.ndarray, np.generic))


def _shift_of(node: Node, argument: int, data: Sequence[Any]) -> list[int] | None:
    """The axes along which what is subtracted is the largest entry of the other argument.

    A softmax shifts its argument so, with an array that the graph does not record. The constant
    follows the argument if it equals the largest entries exactly.
    """
    x = node.inputs[argument]
    constant = x is None or (x.op is None and not x.requires_grad)
    if node.op.name != "sub" or argument != 1 or not constant or node.inputs[0] is None:
        return None
    whole, shift = data
    if not isinstance(shift, np.ndarray) or shift.ndim != whole.ndim or not shift.size:
        return None
    pairs = list(zip(whole.shape, shift.shape, strict=True))
    axes = [i for i, (n, m) in enumerate(pairs) if n > 1 and m == 1]
    if not axes or any(n != m for i, (n, m) in enumerate(pairs) if i not in axes):
        return None
    return axes if np.array_equal(whole.max(tuple(axes), keepdims=True), shift) else None


def _plain(data: Any) -> Any:
    array = np.asarray(data)
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8 or array.dtype == np.float16:
        raise NotRecomputed(f"it computes with {array.dtype}")
    return array


def _key_of_argument(datum: Any) -> Hashable:
    if isinstance(datum, np.ndarray):
        return datum.shape, datum.dtype.str
    return type(datum).__name__, datum


def _key(static: Any) -> Hashable:
    """Static arguments as something that can be looked up."""
    if isinstance(static, dict):
        return tuple((key, _key(value)) for key, value in static.items())
    if isinstance(static, (tuple, list)):
        return tuple(map(_key, static))
    if isinstance(static, slice):
        return "slice", _key((static.start, static.stop, static.step))
    if isinstance(static, np.ndarray):
        return static.shape, static.dtype.str, static.tobytes()
    return type(static).__name__, static if isinstance(static, Hashable) else repr(static)


def _forward_of(node: Node, data: list[Any]) -> Callable[..., Any]:
    """The kernel as a function of those arguments that are arrays."""
    op, static = node.op, node.static or {}

    def forward(*arrays: Any) -> Any:
        return [np.copy(op.kernel(*_filled(data, arrays), **static))]

    return forward


def _backward_of(node: Node, data: list[Any], needed: list[int]) -> Callable[..., Any]:
    """What the rules return, as a function of the cotangent, the result and the arguments."""
    op, static = node.op, node.static or {}

    def backward(g: Any, out: Any, *arrays: Any) -> Any:
        inputs = _filled(data, arrays)
        return [np.copy(x) for x in _contributions(op, needed, g, out, inputs, static)]

    return backward


def _contributions(
    op: Primitive, needed: list[int], g: Any, out: Any, inputs: list[Any], static: dict[str, Any]
) -> list[Any]:
    if not op.at_once:
        return [op.rules[i](g, out, *inputs, **static) for i in needed]
    every = list(islice(op.rules.rule(g, out, *inputs, **static), len(inputs)))
    return [every[i] for i in needed]


def _filled(data: list[Any], arrays: Sequence[Any]) -> list[Any]:
    """The arguments, with `arrays` in the places of those that are arrays."""
    left = iter(arrays)
    return [next(left) if isinstance(d, np.ndarray) else d for d in data]


_WRITTEN: dict[Hashable, dict[str, Any]] = {}  # programs, which take milliseconds to find
_MOST_WRITTEN = 1000


def _program(key: Hashable, function: Callable[..., Any], data: list[Any]) -> dict[str, Any]:
    """The program of a function of those of `data` that are arrays; equal keys share one."""
    known = _WRITTEN.get(key)
    if known is not None:
        return known
    arrays = [(i, d.copy()) for i, d in enumerate(data) if isinstance(d, np.ndarray)]
    with np.errstate(all="ignore"):
        function(*(array for _, array in arrays))  # imports what a trace could not
        encoded = Programs.write(function, [array for _, array in arrays])
    encoded["inputs"] = [arrays[i][0] for i in encoded["inputs"]]
    if len(_WRITTEN) >= _MOST_WRITTEN:
        _WRITTEN.clear()
    _WRITTEN[key] = encoded
    return encoded


def encoded_array(array: Any) -> dict[str, Any]:
    """An array, its entries as little-endian float64 in base64."""
    data = np.ascontiguousarray(array, "<f8").tobytes()
    return {
        "array": base64.b64encode(data).decode(),
        "shape": list(np.shape(array)),
        "dtype": array.dtype.name,
    }
