"""Our calls with PyTorch's arguments: the names, orders and defaults that differ."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd as ag
import nn
import nn.functional as F
from tests.against_pytorch.compare import NotMapped

ALIASES = {"dim": "axis", "keepdim": "keepdims", "input": "x", "correction": "ddof"}
IGNORED = {"memory_format", "inplace", "device", "copy", "non_blocking", "output_size", "layout"}


@dataclass
class Entry:
    """Our call, and what to keep of PyTorch's results."""

    ours: Callable[..., Any]
    keep: Callable[[Any], Any] = lambda result: result


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


def pairs(text: str) -> Iterable[tuple[str, str]]:
    """PyTorch's and our names, from "acos=arccos cos"."""
    return {w.split("=")[0]: w.split("=")[-1] for w in text.split()}.items()


def first(result: Any) -> Any:
    """Only the values of (values, indices)."""
    return result[0] if isinstance(result, (tuple, list)) else result


def named(function: Callable[..., Any], names: str = "", **renamed: Any) -> Callable[..., Any]:
    """`function` with PyTorch's positional arguments `names` after the input, by our names."""

    def ours(x: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) > len(names.split()):
            raise NotMapped(f"{len(args)} positional arguments")
        kwargs = dict(zip(names.split(), args, strict=False)) | kwargs
        table = ALIASES | renamed
        return function(x, **{table.get(k, k): v for k, v in kwargs.items() if k not in IGNORED})

    return ours


def reduction(function: Callable[..., Any], **renamed: Any) -> Callable[..., Any]:
    """A reduction; PyTorch's empty `dim` means all axes."""

    def ours(x: Any, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
        axis = None if isinstance(axis, (tuple, list)) and not axis else axis
        axis = tuple(axis) if isinstance(axis, list) else axis
        return function(x, axis=axis, keepdims=keepdims, **kwargs)

    return named(ours, "dim keepdim dtype", **renamed)


def layer(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of nn.functional: PyTorch's own arguments as they are."""

    def ours(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **{k: v for k, v in kwargs.items() if k not in IGNORED})

    return ours


def statistics_by_batch(function: Callable[..., Any]) -> Callable[..., Any]:
    """A normalization; `momentum` moves the running statistics and not the result."""
    known = inspect.signature(function).parameters

    def ours(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **{k: v for k, v in kwargs.items() if k in known})

    return ours


def without_indices(function: Callable[..., Any]) -> Callable[..., Any]:
    """A pooling function; that we have no `return_indices` is left aside."""

    def ours(*args: Any, return_indices: bool = False, **kwargs: Any) -> Any:
        args = args[:-1] if len(args) > 1 and isinstance(args[-1], bool) else args
        return function(*args, **kwargs)

    return ours


def scaled(function: Callable[..., Any]) -> Callable[..., Any]:
    """add and sub: `alpha` multiplies the second argument."""
    return lambda x, y, alpha=1: function(x, y if alpha == 1 else alpha * y)


def deviation(function: Callable[..., Any]) -> Callable[..., Any]:
    def ours(x: Any, *args: Any, **kwargs: Any) -> Any:
        unbiased = kwargs.pop("unbiased", None)
        if args and isinstance(args[0], bool):
            unbiased, args = args[0], args[1:]
        if unbiased is not None:
            kwargs["correction"] = int(unbiased)
        if kwargs.get("correction", 1) is None:
            del kwargs["correction"]
        kwargs.setdefault("correction", 1)
        return reduction(function)(x, *args, **kwargs)

    return ours


def norm(x: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    if dtype is not None:
        raise NotMapped("dtype")
    if p == "nuc":
        return ag.norm(x, "nuc", axis=tuple(dim) if dim is not None else None, keepdims=keepdim)
    return vector_norm(x, 2 if p in ("fro", None) else p, dim, keepdim)


def vector_norm(
    x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    if dtype is not None:
        raise NotMapped("dtype")
    axes = range(x.ndim) if dim is None or dim == () else np.atleast_1d(dim).tolist()
    axes = sorted(axis % max(x.ndim, 1) for axis in axes)
    if x.ndim == 0:
        result = ag.norm(ag.reshape(x, (1,)), ord)
        return result
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    moved = ag.transpose(x, (*kept, *axes))
    flat = ag.reshape(
        moved, (*(x.shape[a] for a in kept), int(np.prod([x.shape[a] for a in axes])))
    )
    result = ag.norm(flat, ord, axis=-1)
    return ag.expand_dims(result, tuple(axes)) if keepdim else result


def linalg_norm(
    x: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    if dtype is not None:
        raise NotMapped("dtype")
    return ag.linalg.norm(x, ord, axis=dim, keepdims=keepdim)


def matrix_norm(
    x: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, dtype: Any = None
) -> Any:
    return linalg_norm(x, ord, tuple(dim), keepdim, dtype)


def reshape(x: Any, *shape: Any, **kwargs: Any) -> Any:
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    if shape and not isinstance(shape[0], int):
        raise NotMapped("view as a dtype")
    return ag.reshape(x, shape)


def expand(x: Any, *shape: Any, **kwargs: Any) -> Any:
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    lead = len(shape) - x.ndim
    return ag.broadcast_to(x, [x.shape[i - lead] if n == -1 else n for i, n in enumerate(shape)])


def repeat(x: Any, *reps: Any) -> Any:
    return ag.tile(x, reps[0] if len(reps) == 1 and isinstance(reps[0], (tuple, list)) else reps)


def split(x: Any, size: Any, dim: int = 0) -> Any:
    length = x.shape[dim]
    if isinstance(size, int):
        return ag.split(x, list(range(size, length, size)), axis=dim)
    return ag.split(x, np.cumsum(size)[:-1].tolist(), axis=dim)


def tensor_split(x: Any, parts: Any, dim: int = 0) -> Any:
    parts = parts if not isinstance(parts, np.ndarray) or parts.ndim else int(parts)
    return ag.array_split(x, parts, axis=dim)


def unbind(x: Any, dim: int = 0) -> Any:
    return [ag.take(x, i, axis=dim) for i in range(x.shape[dim])]


def at_axis(x: Any, dim: int, entry: Any) -> tuple[Any, ...]:
    return (slice(None),) * (dim % max(x.ndim, 1)) + (entry,)


def narrow(x: Any, dim: int, start: Any, length: int) -> Any:
    start = int(start) % max(x.shape[dim], 1)
    return x[at_axis(x, dim, slice(start, start + length))]


def slice_along(x: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    return x[at_axis(x, dim, slice(start, end, step))]


def slice_scatter(
    x: Any, y: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Any:
    return x.at[at_axis(x, dim, slice(start, end, step))].set(y)


def index_put(x: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    at = x.at[tuple(indices)]
    return at.add(values) if accumulate else at.set(values)


def index_add(x: Any, dim: int, index: Any, source: Any, alpha: Any = 1) -> Any:
    if x.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    return x.at[at_axis(x, dim, index)].add(source if alpha == 1 else alpha * source)


def index_copy(x: Any, dim: int, index: Any, source: Any) -> Any:
    if x.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    return x.at[at_axis(x, dim, index)].set(source)


def scatter_add(x: Any, dim: int, index: Any, source: Any) -> Any:
    if x.ndim == 0 or index.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    grid = list(np.indices(index.shape, sparse=True))
    grid[dim] = index
    return x.at[tuple(grid)].add(source[tuple(slice(n) for n in index.shape)])


def gather(x: Any, dim: int, index: Any, **kwargs: Any) -> Any:
    if x.ndim == 0 or index.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    if index.ndim != x.ndim:
        raise NotMapped("an index of other axes")
    # PyTorch lets `index` be smaller in other axes; NumPy broadcasts.
    cut = tuple(slice(None) if i == dim % x.ndim else slice(n) for i, n in enumerate(index.shape))
    return ag.take_along_axis(x[cut], index, axis=dim)


def take_along_dim(x: Any, index: Any, dim: Any = None) -> Any:
    return ag.take_along_axis(x, index if dim is not None else index.reshape(-1), axis=dim)


def index_select(x: Any, dim: int, index: Any) -> Any:
    if x.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    return ag.take(x, index, axis=dim)


def clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    return ag.clip(x, min, max)


def divide(x: Any, y: Any, rounding_mode: Any = None) -> Any:
    if rounding_mode is None:
        return ag.divide(x, y)
    return ag.floor_divide(x, y) if rounding_mode == "floor" else ag.trunc(ag.divide(x, y))


def repeat_interleave(x: Any, repeats: Any, dim: Any = None, **kwargs: Any) -> Any:
    return ag.repeat(x, repeats, axis=dim)


def squeeze(x: Any, dim: Any = None) -> Any:
    if dim is None:
        return ag.squeeze(x)
    axes = [axis % max(x.ndim, 1) for axis in np.atleast_1d(np.array(dim, int)).tolist()]
    return ag.squeeze(x, tuple(axis for axis in axes if x.ndim and x.shape[axis] == 1))


def unfold(x: Any, dim: int, size: int, step: int) -> Any:
    if x.ndim == 0:
        raise NotMapped("a 0-d tensor")
    windows = ag.sliding_window_view(x, size, axis=dim)
    return windows[at_axis(x, dim, slice(None, None, step))]


def einsum(operands: Any, equation: str) -> Any:
    return ag.einsum(equation, *operands)


def cross(x: Any, y: Any, dim: Any = None) -> Any:
    if dim is None:
        dim = next(i for i, n in enumerate(x.shape) if n == 3)
    return ag.cross(x, y, axis=dim)


def svd(x: Any, full: bool = True, **kwargs: Any) -> Any:
    u, s, v = ag.linalg.svd(x, full_matrices=False)
    return [s, ag.matmul(u * s[..., None, :], v)]


def keep_svd(result: Any) -> Any:
    """What of an SVD does not depend on the choice of signs: the values and the product."""
    u, s, v = result
    k = s.shape[-1]
    return [s, (u[..., :, :k] * s[..., None, :]) @ v[..., :k, :]]


def keep_old_svd(result: Any) -> Any:
    """The same for `torch.svd`, which returns V and not its transpose."""
    u, s, v = result
    return keep_svd((u, s, v.mH))


def eigh(x: Any, UPLO: str = "L") -> Any:
    w, v = ag.linalg.eigh(x, UPLO)
    return [w, ag.matmul(v * ag.sin(w)[..., None, :], ag.swapaxes(v))]


def keep_eigh(result: Any) -> Any:
    """The eigenvalues, and sin of the matrix: neither depends on the choice of signs."""
    w, v = result
    return [w, (v * w.sin()[..., None, :]) @ v.mH]


def quantile(
    x: Any, q: Any, dim: Any = None, keepdim: Any = False, interpolation: Any = "linear"
) -> Any:
    return ag.quantile(x, q, axis=dim, keepdims=keepdim, method=interpolation)


def softmax(function: Callable[..., Any]) -> Callable[..., Any]:
    def ours(x: Any, dim: Any, dtype: Any = None) -> Any:
        return function(x if dtype is None else ag.astype(x, dtype), dim)

    return ours


def diff(x: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    return ag.diff(x, n, dim, prepend, append)


def trapezoid(y: Any, x: Any = None, dim: int = -1, dx: Any = 1.0) -> Any:
    return ag.trapezoid(y, x, dx, dim)


def where(x: Any, condition: Any, y: Any) -> Any:
    return ag.where(condition, x, y)


def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    return ag.where(mask, value, x)


def cast(dtype: Any) -> Callable[..., Any]:
    return lambda x, **kwargs: ag.astype(x, dtype)


def embedding(weight: Any, indices: Any, **kwargs: Any) -> Any:
    if "sparse" in kwargs:
        raise NotMapped("sparse")
    return F.embedding(indices, weight, **kwargs)


def embedding_bag(weight: Any, indices: Any, **kwargs: Any) -> Any:
    """PyTorch's samples give the table first."""
    return F.embedding_bag(indices, weight, **kwargs)


def unpool(function: Callable[..., Any]) -> Callable[..., Any]:
    """max_unpool: the shape of the output, and not an option that is left aside."""
    return lambda x, indices, **kwargs: function(x, indices, **kwargs)


def distance_loss(
    anchor: Any, positive: Any, negative: Any, *, distance_function: Any = None, **kwargs: Any
) -> Any:
    """A triplet's loss; PyTorch's samples give the distance as one of its own modules."""
    if distance_function is not None:
        theirs = distance_function
        if type(theirs).__name__ != "PairwiseDistance":
            raise NotMapped(f"a distance by {type(theirs).__name__}")
        distance_function = nn.PairwiseDistance(theirs.norm, theirs.eps, theirs.keepdim)
    return F.triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance_function, **kwargs
    )


def rrelu(
    x: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    if training and lower < upper:
        raise NotMapped("random")
    return F.rrelu(x, lower, upper, training)


def one_hot(x: Any, num_classes: int = -1) -> Any:
    return F.one_hot(x, None if num_classes == -1 else num_classes, dtype=np.int64)


def dropout(function: Callable[..., Any]) -> Callable[..., Any]:
    def ours(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        if training and 0 < p < 1:
            raise NotMapped("random")
        return function(x, p, training)

    return ours


def attention(q: Any, k: Any, v: Any, **kwargs: Any) -> Any:
    if kwargs.get("dropout_p"):
        raise NotMapped("random")
    return F.scaled_dot_product_attention(q, k, v, **kwargs)


def permute(x: Any, *dims: Any) -> Any:
    return ag.transpose(x, dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims)


def spread(function: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch takes a list where NumPy takes several arguments."""
    return lambda x, *rest: function(*x) if isinstance(x, (list, tuple)) else function(x, *rest)


def masked_select(x: Any, mask: Any) -> Any:
    shape = np.broadcast_shapes(x.shape, mask.shape)
    return ag.broadcast_to(x, shape)[np.broadcast_to(mask, shape)]


def flip(x: Any, *args: Any, dims: Any = None) -> Any:
    dims = args if dims is None else dims
    dims = dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims
    return ag.flip(x, tuple(dims))


def roll(x: Any, shifts: Any, dims: Any = None) -> Any:
    return ag.roll(x, shifts, dims if dims != () else None)


def tensordot(x: Any, y: Any, dims: Any = 2) -> Any:
    return ag.tensordot(x, y, dims)


def numpy(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy function that gives no gradient: comparisons and indices."""
    return named(function, "dim keepdim")


def unsupported(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy function of the first argument; a result from here on is not compared."""

    def ours(x: Any, *args: Any, **kwargs: Any) -> Any:
        function(*x) if isinstance(x, (list, tuple)) else function(x)
        raise NotMapped("accepted")

    return ours


def argsort(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    if descending:
        raise NotMapped("descending")
    return np.argsort(x, dim, stable=stable)


def deviation_and_mean(function: Callable[..., Any]) -> Callable[..., Any]:
    """std_mean and var_mean; the mean has no use for their other arguments."""

    def ours(x: Any, *args: Any, **kwargs: Any) -> Any:
        dim = kwargs.get("dim", args[0] if args and not isinstance(args[0], bool) else None)
        keepdim = kwargs.get("keepdim", args[2] if len(args) > 2 else False)
        return [deviation(function)(x, *args, **kwargs), reduction(ag.mean)(x, dim, keepdim)]

    return ours


def linear_solve(a: Any, b: Any, left: bool = True, **kwargs: Any) -> Any:
    if not left:
        raise NotMapped("left=False")
    is_vectors = b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])
    x = ag.linalg.solve(a, b[..., None] if is_vectors else b)
    return x[..., 0] if is_vectors else x


def pinv(x: Any, rtol: Any = None, hermitian: bool = False, atol: Any = None) -> Any:
    if atol is not None:
        raise NotMapped("atol")
    return ag.linalg.pinv(x, rtol=rtol, hermitian=hermitian)


def flatten(x: Any, start: int, end: int) -> Any:
    if x.ndim == 0:
        return ag.reshape(x, (1,))
    start, end = start % x.ndim, end % x.ndim
    middle = int(np.prod(x.shape[start : end + 1]))
    return ag.reshape(x, (*x.shape[:start], middle, *x.shape[end + 1 :]))
