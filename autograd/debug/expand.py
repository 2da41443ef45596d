"""Open a Tensor graph: every array becomes an object array of the Values that it consists of.

No rule is written a second time. The primitives of the graph run once more, on Values instead of
arrays, so you can draw and follow what a matrix product or a convolution does to each number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from functools import partial
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import ancestors
from autograd.engine.note import noted
from autograd.engine.primitive import Primitive
from autograd.engine.recording import enable_grad, tracing
from autograd.errors import (
    DTypeError,
    GraphError,
    UnsupportedError,
    counted,
    described,
    is_number,
    kind,
    message,
)
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.primitives.collective import (
    all_gather,
    all_reduce,
    broadcast_from,
    reduce_scatter,
    reduce_to,
)
from autograd.primitives.contraction import einsum, inner, matmul
from autograd.primitives.indexing import getitem, scatter_add
from autograd.primitives.linalg import (
    cholesky,
    cofactors,
    det,
    eigh,
    inv,
    log_abs_det,
    nuclear,
    pinv,
    polar,
    solve,
    svd,
)
from autograd.primitives.reduction import (
    broadcast_to,
    cumprod,
    cumsum,
    logsumexp,
    max_,
    mean,
    min_,
    sum_,
)
from autograd.primitives.reduction import prod as product_of
from autograd.primitives.shaping import cast, concatenate, reshape, transpose
from autograd.primitives.window import fold, windows


class Expansion:
    """A Tensor graph as the graph of its Values.

    Attributes:
        value: the result: a Value if the Tensor had no axes, else an object array of Values.
        values: for every Tensor of the graph, the object array of its Values. An operation that
            only moves entries, such as a transpose, shares them with its input.

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
        if not isinstance(root, Tensor) or not isinstance(values, dict) or root not in values:
            got = f"{kind(root)} and {kind(values)}"
            hint = "write ag.expand(tensor), which makes one"
            raise TypeError(message("Expansion", got, "a Tensor and the Values of each", hint))
        array = values[root]
        self.value = array[()] if array.ndim == 0 else array
        self.values = MappingProxyType(values)

    def __repr__(self) -> str:
        nodes = ancestors({v for array in self.values.values() for v in array.flat})
        counts = counted(len(self.values), "Tensor"), counted(len(nodes), "Value")
        return f"Expansion({', '.join(counts)})"

    def gradient(self, leaf: Tensor) -> Any:
        """The gradients of a leaf's Values, after `backward()` of a Value computed from them.

        Args:
            leaf: a leaf of the graph that was expanded.

        Returns:
            a float64 array of the leaf's shape, 0 where the result does not depend on the entry.

        Raises:
            GraphError: the Tensor is not a leaf of this graph, requires no gradient, or no
                gradient has been computed.

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
                message(
                    "gradient",
                    "a Tensor that is not in the graph that was expanded",
                    "a leaf that the result was computed from",
                )
            )
        if leaf.op is not None:
            raise GraphError(
                message(
                    "gradient",
                    f"a Tensor computed by {leaf.op.name}, which may share its Values with others",
                    "a leaf",
                    "read .grad of the Values in expansion.values",
                )
            )
        if not leaf.requires_grad:
            raise GraphError(
                message("gradient", "a constant", hint="create it with requires_grad=True")
            )
        grads = [v.grad for v in self.values[leaf].flat]
        # All zeros are an answer if a pass left a gradient elsewhere, for instance at the result.
        if grads and not any(v.grad for array in self.values.values() for v in array.flat):
            raise GraphError(
                message(
                    "gradient",
                    "Values that have no gradient yet",
                    hint="call backward() on expansion.value, or on a Value computed from it",
                )
            )
        return np.array(grads, float).reshape(leaf.shape)


def expand(tensor: Tensor, max_values: int = 20_000) -> Expansion:
    """Open the graph of a Tensor into the graph of the scalars that it computes with.

    Elementwise primitives run on each Value. Primitives that move, add and multiply entries run
    through NumPy on object arrays. A maximum or minimum along axes becomes one node over all its
    entries, which shares a tie evenly. Random masks and other constants stay constants. Hooks are
    not carried over. A Value is a double, so graphs in float32 agree to about seven digits.

    Args:
        tensor: the result whose graph is opened.
        max_values: how many Values may be made. They are counted before any is made.

    Returns:
        an Expansion: `.value` (the result), `.values` (the Values of every Tensor) and
        `.gradient(leaf)`. The entries of a leaf named w are named w[0,0], w[0,1] and so on, and
        those of a parameter after its module too: 0.weight[0,0].

    Raises:
        DTypeError: the argument is not a Tensor, or it is complex.
        GraphError: the graph would have more than `max_values` Values, or a leaf was assigned new
            data after the result was computed.
        UnsupportedError: a primitive, such as the inverse of a matrix, does not run on Values.

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
        raise DTypeError(message("expand", kind(tensor), "a Tensor"))
    if not is_number(max_values):
        raise DTypeError(message("expand", f"max_values={described(max_values)}", "a number"))
    nodes = ancestors([tensor])
    total = sum(_count(node) for node in nodes)
    if total > max_values:
        raise GraphError(
            message(
                "expand",
                f"a graph of up to {total:,} Values",
                f"at most max_values={max_values:,}",
                f"expand a smaller layer or batch, or pass max_values={total}",
            )
        )
    return copy_context().run(_expanded, tensor, nodes)


def _expanded(root: Tensor, nodes: list[Any]) -> Expansion:
    tracing.set(tracing.get() + 1)  # a kernel that calls float(value) would cut the graph silently
    values: dict[Tensor, Any] = {}
    paths: dict[Any, str] = {}  # of the modules that use a parameter first
    for node in nodes:
        for x in node.inputs:
            if x is not None:
                paths.setdefault(x, node.module)
    with enable_grad(), np.errstate(all="ignore"):
        for node in nodes:
            leaf = node.op is None
            values[node] = _leaf(node, paths.get(node, "")) if leaf else _computed(node, values)
    return Expansion(root, values)


def _leaf(node: Tensor, path: str) -> Any:
    """A Value for each entry, called w[0,1] if the Tensor is called w, and 0.weight[0,1] if it is
    the weight of a module called 0."""
    if node.dtype.kind == "c":
        raise DTypeError(message("expand", f"a Tensor of dtype {node.dtype}", "real numbers"))
    array = np.empty(node.shape, object)
    is_parameter = bool(getattr(node, "_is_parameter", False))
    for index in np.ndindex(node.shape):
        value = Value(node._data[index])
        value.requires_grad = node.requires_grad
        if node.name is not None:
            name = f"{path}.{node.name}" if is_parameter and path else node.name
            label = f"{name}[{','.join(map(str, index))}]" if index else name
            value.note = noted(value.note, label=label, parameter=is_parameter)
        array[index] = value
    return array


def _computed(node: Tensor, values: Mapping[Tensor, Any]) -> Any:
    """The primitive of `node`, run on the Values of its inputs."""
    op = node.op
    entry = ON_VALUES.get(op, OWN_KERNEL)
    advice = "expand what comes before it, or write it with primitives that run on Values"
    if entry.refused:
        raise UnsupportedError(message("expand", f"{op.name}; {entry.refused}", hint=advice))
    arguments = []
    for x, datum in zip(node.inputs, node.saved, strict=True):
        if x is not None and x.op is None and not np.array_equal(x._data, datum, equal_nan=True):
            raise GraphError(
                message(
                    "expand",
                    f"{x.name or 'a leaf'}, assigned new data after {op.name} had read it",
                    hint="compute the result again, or expand it before the assignment",
                )
            )
        arguments.append(datum if x is None else values[x])
    static = node.static or {}
    function = entry.run or op.kernel
    if op.elementwise:
        function, static = np.frompyfunc(partial(op, **static), len(arguments), 1), {}
    try:
        out = function(*arguments, **static)
    except Exception as error:
        raise UnsupportedError(
            message("expand", f"{op.name}, which does not run on Values ({error})", hint=advice)
        ) from error
    return _all_values(np.asarray(out, object))


@partial(np.frompyfunc, nin=1, nout=1)
def _as_value(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(float(x)).detach()


def _all_values(array: Any) -> Any:
    """`array` with a constant Value for each plain number, such as the zeros of a padding."""
    return np.asarray(_as_value(array), object)


# --- How primitives run on Values -----------------------------------------------------------------
#
# NumPy runs most kernels on object arrays as they are. np.max of objects hands on the first of the
# largest and forgets the others, and np.astype would turn Values into plain numbers. A chain of
# pairwise maxima would be wrong too: it shares a tie of three as 1/4, 1/4 and 1/2.


def _tie_share(g: Any, out: Any, *xs: Any, argument: int) -> Any:
    return g * (xs[argument] == out) / max(1, sum(x == out for x in xs))


def _one_of(name: str, choose: Callable[..., Any], formula: str) -> Primitive:
    """A primitive that chooses one of any number of scalars, and shares a tie evenly."""
    return Primitive(
        name,
        lambda *xs: choose(xs),
        _tie_share,
        elementwise=True,
        variadic=True,
        formula=formula,
    )


def _along(op: Primitive) -> Callable[..., Any]:
    """`op`, which takes scalars one by one, as a reduction of an array along axes."""

    def reduce(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
        for i in reversed(axis):
            x = np.moveaxis(x, i, -1)
        rest = x.shape[: x.ndim - len(axis)]
        out = np.empty(rest, object)
        for place in np.ndindex(rest):
            out[place] = op(*x[place].flat)
        return np.expand_dims(out, axis) if keepdims else out

    return reduce


def _unchanged(x: Any, *, dtype: Any) -> Any:
    return x


def _logsumexp(x: Any, **static: Any) -> Any:
    return logsumexp.kernel(x, **static) if x.ndim else x  # ln eˣ of one number, which has no axis


# --- How many Values a node makes, at most --------------------------------------------------------


def _one_for_each_input(node: Any) -> int:
    return sum(map(np.size, node.saved)) + int(node.size)


def _constants_only(node: Any) -> int:
    """Moving entries makes no Value; only plain data has to become Values."""
    given = zip(node.inputs, node.saved, strict=True)
    return sum(int(np.size(datum)) for x, datum in given if x is None)


def _products(node: Any) -> int:
    """A product and a sum for each entry of a row, for each entry of the result."""
    return 2 * int(node.size) * max(1, int(np.shape(node.saved[0])[-1]))


def _exponentials(node: Any) -> int:
    return 3 * int(np.size(node.saved[0])) + 2 * int(node.size)


def _terms(node: Any) -> int:
    """One product for each value of all letters together, and the sums."""
    terms = node.static["subscripts"].split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for term, datum in zip(terms, node.saved, strict=True):
        sizes.update(zip(term, np.shape(datum), strict=True))
    return prod(sizes.values()) * len(terms) + int(node.size)


class OnValues(NamedTuple):
    """How a primitive runs on object arrays of Values.

    Attributes:
        count: an upper bound on the Values that a node makes.
        run: a kernel for object arrays; None for the primitive's own.
        refused: why it does not run on them; "" if it does.
    """

    count: Callable[[Any], int] = _one_for_each_input
    run: Callable[..., Any] | None = None
    refused: str = ""


# Elementwise primitives need no entry: they run on each Value and make one for each result. A
# primitive that is not in the tables runs its own kernel.
OWN_KERNEL = OnValues()
MOVES = OnValues(_constants_only)
LAPACK = OnValues(refused="LAPACK computes it on whole matrices of floats")
RANKS = OnValues(refused="its terms come from other processes")

ON_VALUES: dict[Primitive, OnValues] = {
    **dict.fromkeys((sum_, mean, cumsum, product_of, cumprod, scatter_add, fold), OWN_KERNEL),
    **dict.fromkeys((broadcast_to, concatenate, getitem, reshape, transpose, windows), MOVES),
    cast: OnValues(_constants_only, _unchanged),
    max_: OnValues(run=_along(_one_of("max", np.max, "the largest of several"))),
    min_: OnValues(run=_along(_one_of("min", np.min, "the smallest of several"))),
    logsumexp: OnValues(_exponentials, _logsumexp),
    **dict.fromkeys((matmul, inner), OnValues(_products)),
    einsum: OnValues(_terms),
    **dict.fromkeys((inv, det, cofactors, log_abs_det, nuclear, pinv, polar), LAPACK),
    **dict.fromkeys((solve, cholesky, eigh, svd), LAPACK),
    **dict.fromkeys((all_reduce, all_gather, reduce_scatter, broadcast_from, reduce_to), RANKS),
}


def _count(node: Any) -> int:
    """How many Values a node will make, at most."""
    if node.op is None or node.op.elementwise:
        return int(node.size)
    return ON_VALUES.get(node.op, OWN_KERNEL).count(node)
