"""A Tensor graph opened up: every array becomes an object array of the Values that it consists of.

Nothing is derived anew. The primitives of the graph run once more, with Values where the arrays had
numbers, so that what a matrix product or a convolution does to each single number can be drawn and
followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from functools import partial
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from autograd.engine.graph import ancestors
from autograd.engine.primitive import Primitive
from autograd.engine.recording import enable_grad, tracing
from autograd.errors import DTypeError, GraphError, UnsupportedError
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.primitives.contraction import einsum, inner, matmul
from autograd.primitives.indexing import getitem
from autograd.primitives.reduction import broadcast_to, logsumexp, max_, min_
from autograd.primitives.shaping import cast, concatenate, reshape, transpose
from autograd.primitives.window import windows


class Expansion:
    """A Tensor graph as the graph of its Values.

    Attributes:
        value: the result: a Value if the Tensor had no axes, else an object array of Values.
        values: for every Tensor of the graph the object array of its Values. What only moves
            entries, such as a transpose, shares them with its input.

    Example:
        >>> from autograd.debug.expand import expand
        >>> x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
        >>> opened = expand((x * x).sum())
        >>> opened
        Expansion(3 Tensors, 8 Values)
        >>> opened.value
        Value(14.0, op=add)
    """

    value: Any
    values: Mapping[Tensor, Any]

    def __init__(self, root: Tensor, values: dict[Tensor, Any]) -> None:
        array = values[root]
        self.value = array[()] if array.ndim == 0 else array
        self.values = MappingProxyType(values)

    def __repr__(self) -> str:
        nodes = ancestors({v for array in self.values.values() for v in array.flat})
        return f"Expansion({len(self.values):,} Tensors, {len(nodes):,} Values)"

    def gradient(self, leaf: Tensor) -> Any:
        """The gradients of a leaf's Values, after `backward()` of a Value computed from them.

        Args:
            leaf: a Tensor of the graph that was given, not computed.

        Returns:
            a float64 array of the leaf's shape, 0 where the result does not depend on the entry.

        Raises:
            GraphError: the Tensor is no leaf of this graph, requires no gradient, or no gradient
                has been computed.

        Example:
            >>> from autograd.debug.expand import expand
            >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
            >>> opened = expand((w * w).sum())
            >>> opened.value.backward()
            >>> opened.gradient(w)
            array([2., 4.])
        """
        if leaf not in self.values:
            raise GraphError(
                "gradient: this Tensor is not in the graph that was expanded; pass one that the "
                "result was computed from"
            )
        if leaf.op is not None:
            raise GraphError(
                f"gradient: this Tensor was computed by {leaf.op.name}, and may share its Values "
                "with other Tensors; read .grad of the Values in expansion.values"
            )
        if not leaf.requires_grad:
            raise GraphError(
                "gradient: this Tensor is a constant; create it with requires_grad=True"
            )
        grads = [v.grad for v in self.values[leaf].flat]
        # All zeros are an answer if a pass left anything elsewhere, at the result for instance.
        if grads and not any(v.grad for array in self.values.values() for v in array.flat):
            raise GraphError(
                "gradient: the Values have no gradient yet; call backward() on expansion.value, or "
                "on a Value computed from its entries"
            )
        return np.array(grads, float).reshape(leaf.shape)


def expand(tensor: Tensor, max_values: int = 20_000) -> Expansion:
    """Open the graph of a Tensor into the graph of the single numbers that it computes with.

    Elementwise primitives run on each Value. Whatever only moves, adds and multiplies entries runs
    through NumPy on object arrays. The largest and smallest of several numbers become one node over
    all of them, which shares a tie evenly. Random masks and other constants stay constants. Hooks
    are not carried over. A Value is a double, so graphs in float32 agree to about seven digits.

    Args:
        tensor: the result whose graph is opened.
        max_values: how many Values may be made. They are counted before any is.

    Returns:
        an Expansion: `.value` (the result), `.values` (the Values of every Tensor) and
        `.gradient(leaf)`. Leaves are called like the Tensor's name with the index of the entry.

    Raises:
        DTypeError: something else than a Tensor came, or one of complex numbers.
        GraphError: the graph would have more than `max_values` Values, or a leaf was assigned new
            data after the result was computed.
        UnsupportedError: a primitive, such as the inverse of a matrix, is no composition of
            operations on single numbers.

    Example:
        >>> from autograd.debug.expand import expand
        >>> w = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="w")
        >>> x = ag.Tensor([5.0, 6.0], name="x")
        >>> opened = expand(ag.tanh(w @ x))
        >>> opened.value[0].inputs[0].op
        <primitive add>
        >>> opened.values[w][1, 0]
        Value(3.0, name='w[1,0]')
        >>> print(ag.draw(opened.value).dot.splitlines()[0])
        digraph glassgrad {
    """
    if not isinstance(tensor, Tensor):
        raise DTypeError(f"expand: a {type(tensor).__name__} came, a Tensor is expected")
    nodes = ancestors([tensor])
    total = sum(_count(node) for node in nodes)
    if total > max_values:
        raise GraphError(
            f"expand: the graph would have up to {total:,} Values, more than max_values="
            f"{max_values:,}; expand a smaller layer, a smaller batch, or pass max_values={total}"
        )
    return copy_context().run(_expanded, tensor, nodes)


def _expanded(root: Tensor, nodes: list[Any]) -> Expansion:
    tracing.set(tracing.get() + 1)  # a kernel that calls float(value) would cut the graph unseen
    values: dict[Tensor, Any] = {}
    with enable_grad(), np.errstate(all="ignore"):
        for node in nodes:
            values[node] = _leaf(node) if node.op is None else _computed(node, values)
    return Expansion(root, values)


def _leaf(node: Tensor) -> Any:
    """A Value for each entry, called w[0,1] if the Tensor is called w."""
    if node.dtype.kind == "c":
        raise DTypeError(
            f"expand: a Tensor of dtype {node.dtype} came in; a Value holds a real number"
        )
    array = np.empty(node.shape, object)
    for index in np.ndindex(node.shape):
        value = Value(node._data[index])
        value.requires_grad = node.requires_grad
        if node.name is not None:
            value.name = f"{node.name}[{','.join(map(str, index))}]" if index else node.name
        array[index] = value
    return array


def _computed(node: Tensor, values: Mapping[Tensor, Any]) -> Any:
    """The primitive of `node`, run on the Values of its inputs."""
    op = node.op
    arguments = []
    for x, datum in zip(node.inputs, node.saved, strict=True):
        if x is not None and x.op is None and not np.array_equal(x._data, datum, equal_nan=True):
            raise GraphError(
                f"expand: {x.name or 'a leaf'} was assigned new data after {op.name} had read it; "
                "compute the result again, or expand it before the assignment"
            )
        arguments.append(datum if x is None else values[x])
    static = node.static or {}
    function = ON_VALUES.get(op, op.kernel)
    if op.elementwise:
        function, static = np.frompyfunc(partial(op, **static), len(arguments), 1), {}
    try:
        out = function(*arguments, **static)
    except Exception as error:
        raise UnsupportedError(
            f"expand: {op.name} does not run on arrays of Values ({error}); expand what comes "
            "before it, or write it with primitives that do"
        ) from error
    return _all_values(np.asarray(out, object))


@partial(np.frompyfunc, nin=1, nout=1)
def _as_value(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(float(x)).detach()


def _all_values(array: Any) -> Any:
    """The same with a constant Value for each plain number, such as the zeros of a padding."""
    return np.asarray(_as_value(array), object)


# --- Where NumPy on object arrays does something else ---------------------------------------------
#
# np.max of objects hands on the first of the largest and forgets the others, and np.astype would
# make plain numbers of Values. A chain of pairwise maxima would be wrong too: it shares a tie of
# three as 1/4, 1/4 and 1/2.


def _tie_share(g: Any, out: Any, *xs: Any, argument: int) -> Any:
    return g / sum(x == out for x in xs) if xs[argument] == out else g * 0.0


def _of_numbers(name: str, choose: Callable[..., Any], formula: str) -> Primitive:
    """One of any number of numbers, a tie being shared evenly."""
    return Primitive(
        name,
        lambda *xs: choose(xs),
        _tie_share,
        elementwise=True,
        variadic=True,
        formula=formula,
    )


def _along(op: Primitive) -> Callable[..., Any]:
    """`op`, which takes numbers one by one, as a reduction of an array."""

    def reduce(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
        for i in reversed(axis):
            x = np.moveaxis(x, i, -1)
        rest = x.shape[: x.ndim - len(axis)]
        out = np.empty(rest, object)
        for place in np.ndindex(rest):
            out[place] = op(*x[place].flat)
        return np.expand_dims(out, axis) if keepdims else out

    return reduce


def _same_numbers(x: Any, *, dtype: Any) -> Any:
    return x


def _logsumexp(x: Any, **static: Any) -> Any:
    return logsumexp.kernel(x, **static) if x.ndim else x  # ln eˣ of one number, which has no axis


ON_VALUES: dict[Primitive, Callable[..., Any]] = {
    max_: _along(_of_numbers("max", np.max, "the largest of several")),
    min_: _along(_of_numbers("min", np.min, "the smallest of several")),
    cast: _same_numbers,
    logsumexp: _logsumexp,
}

# --- How many Values there will be ----------------------------------------------------------------

MOVING = {broadcast_to, cast, concatenate, getitem, reshape, transpose, windows}


def _count(node: Any) -> int:
    """How many Values a node will make, at most."""
    size: int = node.size
    if node.op is None or node.op.elementwise:
        return size
    if node.op in MOVING:
        given = zip(node.inputs, node.saved, strict=True)
        return sum(int(np.size(datum)) for x, datum in given if x is None)
    if node.op in (matmul, inner):
        return 2 * size * max(1, int(np.shape(node.saved[0])[-1]))
    if node.op is logsumexp:
        return 3 * int(np.size(node.saved[0])) + 2 * size
    if node.op is einsum:
        return _terms(node)
    return sum(map(np.size, node.saved)) + size


def _terms(node: Any) -> int:
    """The products of an Einstein sum, one for each value of all letters together, and the sums."""
    terms = node.static["subscripts"].split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for term, datum in zip(terms, node.saved, strict=True):
        sizes.update(zip(term, np.shape(datum), strict=True))
    return prod(sizes.values()) * len(terms) + int(node.size)
