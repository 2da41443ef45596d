"""One graph for every size of the batch, from graphs for several sizes.

All have the same nodes, or there is no such graph. What differs is a constant: a shape, a count, a
factor of a mean. Two of the graphs say which function of the size each constant is, and the others
check it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.errors import UnsupportedError, message
from nn.onnx.builder import Builder, Node

SIZES = (3, 5, 7)  # always among them; the first two tell which function a constant is
# One more, even and larger: `x[:10]` and `len(x) % 2` are the same for 3, 5 and 7 samples.
LARGE, MEDIUM = 120, 12
MOST_ENTRIES = 2**22  # of an example with LARGE samples; one of larger samples gets MEDIUM
HINT = "pass dynamic_batch=False to export the model for the batch of the example"

Writer = Callable[[Builder, str], str]  # makes a constant from the size, an array of one integer


def sizes_for(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The sizes to record, by the shapes of the example: also its own, unless that is one sample.

    A batch of one has another graph in many a model, because its axis is broadcast for nothing.
    """
    entries = sum(math.prod(shape[1:]) for shape in shapes)
    own = {shape[0] for shape in shapes} - {1}
    more = {LARGE if LARGE * entries <= MOST_ENTRIES else MEDIUM, *own}
    return (*SIZES, *sorted(more.difference(SIZES)))


def merged(builders: Sequence[Builder], sizes: Sequence[int], size_of: str) -> Builder:
    """The graph of the first builder; constants that depend on the size are computed from it.

    Args:
        builders: for each of `sizes`, all alike.
        sizes: of the batches.
        size_of: the input whose first axis is the batch.

    Raises:
        UnsupportedError: the graphs differ by constants that are no known function.
    """
    first, *others = builders
    out = Builder(first.opset)
    out.names, out.constants = first.names, {}
    size = ""
    renamed: dict[str, str] = {}
    for name, value in first.constants.items():
        values = [value, *(other.constants[name] for other in others)]
        if all(same(value, v) for v in values[1:]):
            out.constants[name] = value
            continue
        size = size or out.node("Shape", size_of, start=0, end=1)
        out.path = "batch"
        renamed[name] = function_of_size(values, sizes, name)(out, size)
    for node in first.nodes:
        inputs = [renamed.get(x, x) for x in node.inputs]
        out.nodes.append(Node(node.kind, node.name, inputs, node.output, node.attributes))
    return out


def check_alike(first: Builder, other: Builder, size: int, other_size: int) -> None:
    """Raise UnsupportedError unless two graphs have the same nodes."""
    for a, b in zip(first.nodes, other.nodes, strict=False):
        if (a.kind, a.name, a.inputs) != (b.kind, b.name, b.inputs) or not alike(a, b):
            differs = f" ({b.name} for {other_size} samples)" if a.name != b.name else ""
            got = f"a model whose node {a.name}{differs} depends on the size of the batch"
            raise UnsupportedError(message("export", got, hint=HINT))
    if len(first.nodes) != len(other.nodes) or first.constants.keys() != other.constants.keys():
        got = (
            f"a model that takes {len(first.nodes)} operations for {size} samples and "
            f"{len(other.nodes)} for {other_size}"
        )
        raise UnsupportedError(message("export", got, hint=HINT))


def alike(a: Node, b: Node) -> bool:
    """Whether two nodes have the same static facts."""
    return a.attributes.keys() == b.attributes.keys() and all(
        same(np.asarray(a.attributes[k]), np.asarray(b.attributes[k])) for k in a.attributes
    )


def same(x: Any, y: Any) -> bool:
    """Whether two arrays are equal, where nan equals nan."""
    return bool(x.shape == y.shape and x.dtype == y.dtype and x.tobytes() == y.tobytes())


# --- which function of the size -------------------------------------------------------------------


def function_of_size(values: Sequence[Any], sizes: Sequence[int], name: str) -> Writer:
    """What computes a constant from the size.

    Raises:
        UnsupportedError: it is none of the functions that are tried.
    """
    writer = None
    if len({v.shape for v in values}) == 1:
        writer = linear(values, sizes) or fraction(values, sizes)
    elif len({v.ndim for v in values}) == 1:
        writer = growing(values, sizes)
    if writer is None:
        got = f"a model whose constant {name} depends on the size of the batch"
        raise UnsupportedError(message("export", got, hint=HINT))
    return writer


def linear(values: Sequence[Any], sizes: Sequence[int]) -> Writer | None:
    """a · size + b, entry by entry, with whole numbers."""
    exact = [v.astype(np.float64) for v in values]
    a = (exact[1] - exact[0]) / (sizes[1] - sizes[0])
    b = exact[0] - a * sizes[0]
    whole = (a == np.rint(a)).all() and (b == np.rint(b)).all()
    if not whole or not all((a * n + b == v).all() for n, v in zip(sizes, exact, strict=True)):
        return None
    shape, dtype = values[0].shape, values[0].dtype

    def write(g: Builder, size: str) -> str:
        out = g.node("Mul", size, g.constant(a.reshape(-1).astype(np.int64)))
        out = g.cast(
            g.node("Add", out, g.constant(b.reshape(-1).astype(np.int64))), np.int64, dtype
        )
        return out if len(shape) == 1 else g.reshape(out, shape)

    return write


def fraction(values: Sequence[Any], sizes: Sequence[int]) -> Writer | None:
    """a / size, or 1 / (1 - a / size), as in a mean and in the variance of a sample."""
    dtype = values[0].dtype
    if dtype.kind != "f":
        return None
    exact = [v.astype(np.float64) for v in values]
    with np.errstate(all="ignore"):
        a = exact[0] * sizes[0]
        c = (1.0 - 1.0 / exact[0]) * sizes[0]
        fits = [near(a / n, v, dtype) for n, v in zip(sizes, exact, strict=True)]
        corrects = [near(1.0 / (1.0 - c / n), v, dtype) for n, v in zip(sizes, exact, strict=True)]
    if not all(fits) and not all(corrects):
        return None
    shape, numerator = values[0].shape, np.where(all(fits), a, c)
    rounded = np.rint(numerator)  # 3 · (1/3) is 1 to rounding
    numerator = np.where(near(rounded, numerator, dtype), rounded, numerator)

    def write(g: Builder, size: str) -> str:
        n = g.cast(size, np.int64, np.float64)
        out = g.node("Div", g.constant(numerator.reshape(-1).astype(np.float64)), n)
        if not all(fits):
            one = g.constant(np.array(1.0))
            out = g.node("Div", one, g.node("Sub", one, out))
        out = g.cast(out, np.float64, dtype)
        return out if len(shape) == 1 else g.reshape(out, shape)

    return write


def near(x: Any, y: Any, dtype: Any) -> Any:
    """Whether arrays agree to a few roundings."""
    return (np.abs(x - y) <= 4 * np.finfo(dtype).eps * np.abs(y)).all()


def _axis_of_batch(
    shapes: Sequence[tuple[int, ...]], sizes: Sequence[int]
) -> tuple[int, int] | None:
    """The only axis whose length differs, and how many times as long as the batch it is."""
    axes = [k for k in range(len(shapes[0])) if len({s[k] for s in shapes}) > 1]
    if len(axes) != 1:
        return None
    (axis,) = axes
    times = shapes[0][axis] // sizes[0]
    fits = times > 0 and [s[axis] for s in shapes] == [times * n for n in sizes]
    return (axis, times) if fits else None


def growing(values: Sequence[Any], sizes: Sequence[int]) -> Writer | None:
    """An array with one axis as long as the batch, or a multiple of it, along which its entries are
    equal or count up evenly."""
    shapes = [v.shape for v in values]
    found = _axis_of_batch(shapes, sizes)
    if found is None:
        return None
    axis, times = found
    base, second = (np.take(values[0], [k], axis) for k in (0, 1))
    equal = base.dtype.kind not in "iu"
    step = np.zeros_like(base) if equal else second - base
    for v in values:
        at = np.arange(v.shape[axis]).reshape([-1 if k == axis else 1 for k in range(v.ndim)])
        expected = np.broadcast_to(base, v.shape) if equal else base + step * at
        if not same(np.ascontiguousarray(expected.astype(v.dtype)), np.ascontiguousarray(v)):
            return None
    shape, dtype = shapes[0], base.dtype

    def write(g: Builder, size: str) -> str:
        factors = [times if k == axis else 0 for k in range(len(shape))]
        rest = [0 if k == axis else n for k, n in enumerate(shape)]
        whole = g.node("Add", g.node("Mul", size, g.ints(*factors)), g.ints(*rest))
        if not np.any(step):
            return g.node("Expand", g.constant(base), whole)
        scalar = g.reshape(g.node("Mul", size, g.ints(times)), ())
        zero, one = (g.constant(np.array(k, np.int64)) for k in (0, 1))
        at = g.reshape(
            g.node("Range", zero, scalar, one), [-1 if k == axis else 1 for k in range(len(shape))]
        )
        at = g.cast(at, np.int64, dtype)
        return g.node("Add", g.node("Mul", at, g.constant(step)), g.constant(base))

    return write
