"""A graph as data that a page computes with: leaves, and programs of NumPy's operations.

No rule is written twice. The kernel and the rules of each operation run once on arrays that write
down what is done to them (`ag.program`), and JavaScript runs what was written down.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar

import numpy as np

from autograd.engine.graph import Node
from autograd.engine.primitive import Primitive
from autograd.errors import counted

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
        self._held: dict[Node, Any] = {}
        for node in everything:
            for x, datum in zip(node.inputs or (), node.saved or (), strict=True):
                if x is not None:
                    self._held.setdefault(x, datum)
        self.data: dict[str, Any] = {
            "nodes": [self._node(node) for node in everything],
            "programs": self._programs,
            "root": None if root is None else self._number[root],
        }

    def _node(self, node: Node) -> dict[str, Any]:
        if node.note is not None and node.note.hooks:
            raise NotRecomputed("a hook of Python's changes a gradient")
        if node.op is None:
            return {"leaf": self._array(self._held.get(node, node._data))}
        op = node.op
        if op.name in LEFT_OUT:
            raise NotRecomputed(f"{op.name} is {LEFT_OUT[op.name]}")
        data = [d if _is_literal(node, d) else _plain(d) for d in node.saved]
        needed = [i for i, x in enumerate(node.inputs) if x is not None and x.requires_grad]
        given: list[Any] = []
        for argument, (x, datum) in enumerate(zip(node.inputs, data, strict=True)):
            shift = _shift_of(node, argument, data)
            if not isinstance(datum, np.ndarray):
                given.append(None)
            elif shift is not None:
                of = self._number[node.inputs[0]]
                place = None if x is None else self._number[x]
                given.append({"largest": of, "axis": shift, "node": place})
            else:
                given.append(self._array(datum) if x is None else self._number[x])
        key = (op, _key(node.static), tuple(map(_key_of_argument, data)), tuple(needed))
        return {
            "inputs": given,
            "needed": needed,
            "elementwise": op.elementwise,
            "forward": self._written(("forward", *key), _forward_of(node, data), data),
            "backward": self._written(
                ("backward", *key),
                _backward_of(node, data, needed),
                [np.ones_like(_plain(node._data)), _plain(node._data), *data],
            )
            if needed
            else None,
        }

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
