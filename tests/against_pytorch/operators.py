"""The table from PyTorch's operators (`op_db`) to our calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd as ag
import nn.functional as F
from tests.against_pytorch.compare import NotMapped

ALIASES = {"dim": "axis", "keepdim": "keepdims", "input": "x", "correction": "ddof"}
IGNORED = {"memory_format", "inplace", "device", "copy", "non_blocking", "output_size", "layout"}


@dataclass
class Entry:
    """Our call, and what to keep of PyTorch's results."""

    ours: Callable[..., Any]
    keep: Callable[[Any], Any] = lambda result: result


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


def _deviation(function: Callable[..., Any]) -> Callable[..., Any]:
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


def _norm(x: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    if dtype is not None:
        raise NotMapped("dtype")
    if p == "nuc":
        return ag.norm(x, "nuc", axis=tuple(dim) if dim is not None else None, keepdims=keepdim)
    return _vector_norm(x, 2 if p in ("fro", None) else p, dim, keepdim)


def _vector_norm(
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
    flat = ag.reshape(moved, (*(x.shape[a] for a in kept), int(np.prod([x.shape[a] for a in axes]))))
    result = ag.norm(flat, ord, axis=-1)
    return ag.expand_dims(result, tuple(axes)) if keepdim else result


def _linalg_norm(
    x: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    if dtype is not None:
        raise NotMapped("dtype")
    return ag.linalg.norm(x, ord, axis=dim, keepdims=keepdim)


def _matrix_norm(
    x: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, dtype: Any = None
) -> Any:
    return _linalg_norm(x, ord, tuple(dim), keepdim, dtype)


def _reshape(x: Any, *shape: Any, **kwargs: Any) -> Any:
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    if shape and not isinstance(shape[0], int):
        raise NotMapped("view as a dtype")
    return ag.reshape(x, shape)


def _expand(x: Any, *shape: Any, **kwargs: Any) -> Any:
    shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    lead = len(shape) - x.ndim
    return ag.broadcast_to(
        x, [x.shape[i - lead] if n == -1 else n for i, n in enumerate(shape)]
    )


def _repeat(x: Any, *reps: Any) -> Any:
    return ag.tile(x, reps[0] if len(reps) == 1 and isinstance(reps[0], (tuple, list)) else reps)


def _split(x: Any, size: Any, dim: int = 0) -> Any:
    length = x.shape[dim]
    if isinstance(size, int):
        return ag.split(x, list(range(size, length, size)), axis=dim)
    return ag.split(x, np.cumsum(size)[:-1].tolist(), axis=dim)


def _tensor_split(x: Any, parts: Any, dim: int = 0) -> Any:
    parts = parts if not isinstance(parts, np.ndarray) or parts.ndim else int(parts)
    return ag.array_split(x, parts, axis=dim)


def _unbind(x: Any, dim: int = 0) -> Any:
    return [ag.take(x, i, axis=dim) for i in range(x.shape[dim])]


def _index(x: Any, dim: int, entry: Any) -> tuple[Any, ...]:
    return (slice(None),) * (dim % max(x.ndim, 1)) + (entry,)


def _narrow(x: Any, dim: int, start: Any, length: int) -> Any:
    start = int(start) % max(x.shape[dim], 1)
    return x[_index(x, dim, slice(start, start + length))]


def _slice(x: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    return x[_index(x, dim, slice(start, end, step))]


def _slice_scatter(
    x: Any, y: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Any:
    return x.at[_index(x, dim, slice(start, end, step))].set(y)


def _index_put(x: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    at = x.at[tuple(indices)]
    return at.add(values) if accumulate else at.set(values)


def _index_add(x: Any, dim: int, index: Any, source: Any, alpha: Any = 1) -> Any:
    if x.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    return x.at[_index(x, dim, index)].add(source if alpha == 1 else alpha * source)


def _index_copy(x: Any, dim: int, index: Any, source: Any) -> Any:
    if x.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    return x.at[_index(x, dim, index)].set(source)


def _scatter_add(x: Any, dim: int, index: Any, source: Any) -> Any:
    if x.ndim == 0 or index.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    grid = list(np.indices(index.shape, sparse=True))
    grid[dim] = index
    return x.at[tuple(grid)].add(source[tuple(slice(n) for n in index.shape)])


def _gather(x: Any, dim: int, index: Any, **kwargs: Any) -> Any:
    if x.ndim == 0 or index.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    if index.ndim != x.ndim:
        raise NotMapped("an index of other axes")
    # PyTorch lets `index` be smaller in other axes; NumPy broadcasts.
    cut = tuple(slice(None) if i == dim % x.ndim else slice(n) for i, n in enumerate(index.shape))
    return ag.take_along_axis(x[cut], index, axis=dim)


def _take_along_dim(x: Any, index: Any, dim: Any = None) -> Any:
    return ag.take_along_axis(x, index if dim is not None else index.reshape(-1), axis=dim)


def _index_select(x: Any, dim: int, index: Any) -> Any:
    if x.ndim == 0:
        raise NotMapped("an index into a 0-d tensor")
    return ag.take(x, index, axis=dim)


def _pad(x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    widths = [(0, 0)] * (x.ndim - len(pad) // 2)
    widths += list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    if any(n < 0 for pair in widths for n in pair):
        raise NotMapped("a negative width")
    modes = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if mode == "constant":
        return ag.pad(x, widths, constant_values=0.0 if value is None else value)
    return ag.pad(x, widths, mode=modes[mode])


def _clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    return ag.clip(x, min, max)


def _divide(x: Any, y: Any, rounding_mode: Any = None) -> Any:
    if rounding_mode is None:
        return ag.divide(x, y)
    return ag.floor_divide(x, y) if rounding_mode == "floor" else ag.trunc(ag.divide(x, y))


def _repeat_interleave(x: Any, repeats: Any, dim: Any = None, **kwargs: Any) -> Any:
    return ag.repeat(x, repeats, axis=dim)


def _squeeze(x: Any, dim: Any = None) -> Any:
    if dim is None:
        return ag.squeeze(x)
    axes = [axis % max(x.ndim, 1) for axis in np.atleast_1d(np.array(dim, int)).tolist()]
    return ag.squeeze(x, tuple(axis for axis in axes if x.ndim and x.shape[axis] == 1))


def _unfold(x: Any, dim: int, size: int, step: int) -> Any:
    if x.ndim == 0:
        raise NotMapped("a 0-d tensor")
    windows = ag.sliding_window_view(x, size, axis=dim)
    return windows[_index(x, dim, slice(None, None, step))]


def _einsum(operands: Any, equation: str) -> Any:
    return ag.einsum(equation, *operands)


def _cross(x: Any, y: Any, dim: Any = None) -> Any:
    if dim is None:
        dim = next(i for i, n in enumerate(x.shape) if n == 3)
    return ag.cross(x, y, axis=dim)


def _svd(x: Any, full: bool = True, **kwargs: Any) -> Any:
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


def _eigh(x: Any, UPLO: str = "L") -> Any:
    w, v = ag.linalg.eigh(x, UPLO)
    return [w, ag.matmul(v * ag.sin(w)[..., None, :], ag.swapaxes(v))]


def keep_eigh(result: Any) -> Any:
    """The eigenvalues, and sin of the matrix: neither depends on the choice of signs."""
    w, v = result
    return [w, (v * w.sin()[..., None, :]) @ v.mH]


def _quantile(x: Any, q: Any, dim: Any = None, keepdim: Any = False, interpolation: Any = "linear") -> Any:
    return ag.quantile(x, q, axis=dim, keepdims=keepdim, method=interpolation)


def _softmax(function: Callable[..., Any]) -> Callable[..., Any]:
    def ours(x: Any, dim: Any, dtype: Any = None) -> Any:
        return function(x if dtype is None else ag.astype(x, dtype), dim)

    return ours


def _diff(x: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    return ag.diff(x, n, dim, prepend, append)


def _trapezoid(y: Any, x: Any = None, dim: int = -1, dx: Any = 1.0) -> Any:
    return ag.trapezoid(y, x, dx, dim)


def _where(x: Any, condition: Any, y: Any) -> Any:
    return ag.where(condition, x, y)


def _masked_fill(x: Any, mask: Any, value: Any) -> Any:
    return ag.where(mask, value, x)


def _cast(dtype: Any) -> Callable[..., Any]:
    return lambda x, **kwargs: ag.astype(x, dtype)


def _embedding(weight: Any, indices: Any, **kwargs: Any) -> Any:
    if {"max_norm", "scale_grad_by_freq", "sparse"} & kwargs.keys():
        raise NotMapped(", ".join(kwargs))
    return F.embedding(indices, weight, **kwargs)


def _one_hot(x: Any, num_classes: int = -1) -> Any:
    return F.one_hot(x, None if num_classes == -1 else num_classes, dtype=np.int64)


def _dropout(function: Callable[..., Any]) -> Callable[..., Any]:
    def ours(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        if training and 0 < p < 1:
            raise NotMapped("random")
        return function(x, p, training)

    return ours


def _attention(q: Any, k: Any, v: Any, **kwargs: Any) -> Any:
    if kwargs.get("dropout_p"):
        raise NotMapped("random")
    return F.scaled_dot_product_attention(q, k, v, **kwargs)


def _permute(x: Any, *dims: Any) -> Any:
    return ag.transpose(x, dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims)


def _spread(function: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch takes a list where NumPy takes several arguments."""
    return lambda x, *rest: function(*x) if isinstance(x, (list, tuple)) else function(x, *rest)


def _masked_select(x: Any, mask: Any) -> Any:
    shape = np.broadcast_shapes(x.shape, mask.shape)
    return ag.broadcast_to(x, shape)[np.broadcast_to(mask, shape)]


def _flip(x: Any, *args: Any, dims: Any = None) -> Any:
    dims = args if dims is None else dims
    dims = dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims
    return ag.flip(x, tuple(dims))


def _roll(x: Any, shifts: Any, dims: Any = None) -> Any:
    return ag.roll(x, shifts, dims if dims != () else None)


def _interpolate(x: Any, size: Any = None, scale_factor: Any = None, **kwargs: Any) -> Any:
    if kwargs.pop("recompute_scale_factor", False):
        raise NotMapped("recompute_scale_factor")
    return F.interpolate(x, size, scale_factor, **kwargs)


def _tensordot(x: Any, y: Any, dims: Any = 2) -> Any:
    return ag.tensordot(x, y, dims)


def _numpy(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy function that gives no gradient: comparisons and indices."""
    return named(function, "dim keepdim")


def _unsupported(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy function of the first argument; a result from here on is not compared."""

    def ours(x: Any, *args: Any, **kwargs: Any) -> Any:
        function(x)
        raise NotMapped("accepted")

    return ours


def _argsort(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    if descending:
        raise NotMapped("descending")
    return np.argsort(x, dim, stable=stable)


def _mean(x: Any, *args: Any, **kwargs: Any) -> Any:
    """The mean beside a deviation, whose other arguments it leaves aside."""
    dim = kwargs.get("dim", args[0] if args and not isinstance(args[0], bool) else None)
    return reduction(ag.mean)(x, dim, kwargs.get("keepdim", args[2] if len(args) > 2 else False))


def _linear_solve(a: Any, b: Any, left: bool = True, **kwargs: Any) -> Any:
    if not left:
        raise NotMapped("left=False")
    is_vectors = b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])
    x = ag.linalg.solve(a, b[..., None] if is_vectors else b)
    return x[..., 0] if is_vectors else x


def _pinv(x: Any, rtol: Any = None, hermitian: bool = False, atol: Any = None) -> Any:
    if atol is not None:
        raise NotMapped("atol")
    return ag.linalg.pinv(x, rtol=rtol, hermitian=hermitian)


TABLE: dict[str, Entry | Callable[..., Any]] = {
    # Elementwise, one argument.
    **{
        name: getattr(ag, ours)
        for name, ours in {
            "abs": "abs", "acos": "arccos", "acosh": "arccosh", "asin": "arcsin",
            "asinh": "arcsinh", "atan": "arctan", "atanh": "arctanh", "ceil": "ceil",
            "cos": "cos", "cosh": "cosh", "erf": "erf", "exp": "exp", "exp2": "exp2",
            "expm1": "expm1", "floor": "floor", "log": "log", "log10": "log10",
            "log1p": "log1p", "log2": "log2", "neg": "negative", "positive": "positive",
            "reciprocal": "reciprocal", "round": "round", "round.decimals_0": "round",
            "round.decimals_3": "round", "round.decimals_neg_3": "round",
            "sgn": "sign", "sigmoid": "sigmoid", "sign": "sign", "sin": "sin", "sinc": "sinc",
            "sinh": "sinh", "sqrt": "sqrt", "square": "square", "tan": "tan", "tanh": "tanh",
            "trunc": "trunc", "nan_to_num": "nan_to_num",
            # Two arguments.
            "atan2": "arctan2", "fmod": "fmod", "hypot": "hypot", "logaddexp": "logaddexp",
            "maximum": "maximum", "max.binary": "maximum", "min.binary": "minimum",
            "minimum": "minimum", "mul": "multiply", "remainder": "remainder",
            "true_divide": "true_divide", "floor_divide": "floor_divide", "pow": "power",
        }.items()
    },
    "add": scaled(ag.add),
    "sub": scaled(ag.subtract),
    "rsub": lambda x, y, alpha=1: y - (x if alpha == 1 else alpha * x),
    "__radd__": lambda x, y: y + x,
    "__rdiv__": lambda x, y: y / x,
    "__rmul__": lambda x, y: y * x,
    "__rsub__": lambda x, y: y - x,
    "__rmod__": lambda x, y: y % x,
    "__rpow__": lambda x, y: y**x,
    "__rmatmul__": lambda x, y: y @ x,
    "div.no_rounding_mode": _divide,
    "div.floor_rounding": _divide,
    "div.trunc_rounding": _divide,
    "float_power": lambda x, y: ag.astype(x, float) ** y,
    "rsqrt": lambda x: ag.reciprocal(ag.sqrt(x)),
    "rad2deg": np.rad2deg,
    "deg2rad": np.deg2rad,
    "clamp": _clamp,
    "clamp_min": lambda x, min: ag.clip(x, min, None),
    "clamp_max": lambda x, max: ag.clip(x, None, max),
    "fmax": np.fmax,
    "fmin": np.fmin,
    "copysign": np.copysign,
    "heaviside": np.heaviside,
    "ldexp": np.ldexp,
    "xlogy": lambda x, y: x * ag.log(y),
    "where": _where,
    "masked_fill": _masked_fill,
    "masked_select": _masked_select,
    **{
        name: getattr(np, ours)
        for name, ours in {
            "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal",
            "gt": "greater", "ge": "greater_equal", "isnan": "isnan", "isinf": "isinf",
            "isfinite": "isfinite", "isposinf": "isposinf", "isneginf": "isneginf",
            "isreal": "isreal", "signbit": "signbit", "logical_not": "logical_not",
            "logical_and": "logical_and", "logical_or": "logical_or",
            "logical_xor": "logical_xor",
        }.items()
    },
    **{
        name: _numpy(getattr(np, ours))
        for name, ours in {
            "argmax": "argmax", "argmin": "argmin",
            "count_nonzero": "count_nonzero", "all": "all", "any": "any", "argwhere": "argwhere",
            "zeros_like": "zeros_like", "ones_like": "ones_like",
        }.items()
    },
    "full_like": lambda x, value, dtype=None, **kwargs: np.full_like(x, value, dtype=dtype),
    # Dtypes.
    "float": _cast(np.float32),
    "double": _cast(np.float64),
    "half": _cast(np.float16),
    "clone": lambda x, **kwargs: ag.positive(x),
    "contiguous": lambda x, **kwargs: ag.positive(x),
    # Reductions.
    "sum": reduction(ag.sum),
    "mean": reduction(ag.mean),
    "nansum": reduction(ag.nansum),
    "nanmean": reduction(np.nanmean),
    "prod": reduction(ag.prod),
    "amax": reduction(ag.amax),
    "amin": reduction(ag.amin),
    "max.reduction_no_dim": reduction(ag.max),
    "min.reduction_no_dim": reduction(ag.min),
    "max.reduction_with_dim": Entry(reduction(ag.max), first),
    "min.reduction_with_dim": Entry(reduction(ag.min), first),
    "aminmax": lambda x, dim=None, keepdim=False: [
        ag.min(x, axis=dim, keepdims=keepdim),
        ag.max(x, axis=dim, keepdims=keepdim),
    ],
    "std": _deviation(ag.std),
    "var": _deviation(ag.var),
    "std.unbiased": _deviation(ag.std),
    "var.unbiased": _deviation(ag.var),
    "logsumexp": reduction(ag.logsumexp),
    "quantile": _quantile,
    "nanquantile": lambda x, q, dim=None, keepdim=False, interpolation="linear": np.nanquantile(
        x, q, axis=dim, keepdims=keepdim, method=interpolation
    ),
    "cumsum": named(ag.cumsum, "dim dtype"),
    "cumprod": named(ag.cumprod, "dim dtype"),
    "norm": _norm,
    "norm.nuc": _norm,
    "norm.fro": _norm,
    "norm.inf": _norm,
    "dist": lambda x, y, p=2: _vector_norm(x - y, p),
    "trace": ag.trace,
    "sort": Entry(
        lambda x, dim=-1, descending=False, stable=False: (
            ag.flip(ag.sort(x, dim), dim) if descending else ag.sort(x, dim)
        ),
        first,
    ),
    "msort": lambda x: ag.sort(x, 0),
    "argsort": _argsort,
    "trapz": _trapezoid,
    "trapezoid": _trapezoid,
    "diff": _diff,
    "var_mean": lambda x, *a, **k: [_deviation(ag.var)(x, *a, **k), _mean(x, *a, **k)],
    "std_mean": lambda x, *a, **k: [_deviation(ag.std)(x, *a, **k), _mean(x, *a, **k)],
    # NumPy functions that we have not: the refusal must say so.
    **{
        name: _unsupported(function)
        for name, function in {
            "cov": np.cov, "corrcoef": np.corrcoef, "gradient": np.gradient, "i0": np.i0,
            "unique": np.unique, "histogram": np.histogram, "bincount": np.bincount,
            "meshgrid.list_of_tensors": np.meshgrid, "nonzero": np.nonzero, "frexp": np.frexp,
            "linalg.cond": np.linalg.cond, "linalg.qr": np.linalg.qr, "angle": np.angle,
            "linalg.tensorinv": np.linalg.tensorinv, "linalg.eigvals": np.linalg.eigvals,
            "linalg.matrix_rank": np.linalg.matrix_rank, "fft.fft": np.fft.fft,
            "fft.rfft": np.fft.rfft, "fft.fftshift": np.fft.fftshift, "nanmedian": np.nanmedian,
            "real": np.real, "imag": np.imag, "conj": np.conj, "cartesian_prod": np.ix_,
        }.items()
    },
    # Shaping.
    "reshape": _reshape,
    "view": _reshape,
    "view_copy": _reshape,
    "reshape_as": lambda x, y: ag.reshape(x, y.shape),
    "view_as": lambda x, y: ag.reshape(x, y.shape),
    "ravel": lambda x, **kwargs: ag.ravel(x),
    "flatten": lambda x, start_dim=0, end_dim=-1: _flatten(x, start_dim, end_dim),
    "permute": _permute,
    "permute_copy": _permute,
    "transpose": lambda x, a, b: ag.swapaxes(x, a, b),
    "transpose_copy": lambda x, a, b: ag.swapaxes(x, a, b),
    "movedim": lambda x, a, b: ag.moveaxis(x, a, b),
    "t": lambda x: ag.transpose(x),
    "t_copy": lambda x: ag.transpose(x),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "unsqueeze": lambda x, dim: ag.expand_dims(x, dim),
    "unsqueeze_copy": lambda x, dim: ag.expand_dims(x, dim),
    "squeeze": _squeeze,
    "squeeze.multiple": _squeeze,
    "squeeze_copy": _squeeze,
    "expand": _expand,
    "expand_copy": _expand,
    "expand_as": lambda x, y: ag.broadcast_to(x, y.shape),
    "broadcast_to": lambda x, shape: ag.broadcast_to(x, shape),
    "broadcast_tensors": lambda x, *rest: ag.broadcast_arrays(x, *rest),
    "tile": _repeat,
    "repeat": _repeat,
    "repeat_interleave": _repeat_interleave,
    "roll": _roll,
    "rot90": lambda x, k=1, dims=(0, 1): ag.rot90(x, k, dims),
    "flip": _flip,
    "fliplr": ag.fliplr,
    "flipud": ag.flipud,
    "atleast_1d": _spread(ag.atleast_1d),
    "atleast_2d": _spread(ag.atleast_2d),
    "atleast_3d": _spread(ag.atleast_3d),
    "diag": lambda x, diagonal=0: ag.diag(x, diagonal),
    "diagflat": lambda x, offset=0: ag.diagflat(x, offset),
    "diagonal": named(ag.diagonal, "offset dim1 dim2", dim1="axis1", dim2="axis2"),
    "diagonal_copy": named(ag.diagonal, "offset dim1 dim2", dim1="axis1", dim2="axis2"),
    "linalg.diagonal": lambda x, offset=0, dim1=-2, dim2=-1: ag.diagonal(x, offset, dim1, dim2),
    "tril": lambda x, k=0: ag.tril(x, k),
    "triu": lambda x, k=0: ag.triu(x, k),
    "constant_pad_nd": lambda x, pad, value=0: _pad(x, pad, "constant", value),
    "nn.functional.pad.constant": _pad,
    "nn.functional.pad.reflect": _pad,
    "nn.functional.pad.replicate": _pad,
    "nn.functional.pad.replicate_negative": _pad,
    "nn.functional.pad.circular": _pad,
    # Joining and splitting.
    "cat": lambda arrays, dim=0: ag.concatenate(arrays, dim),
    "stack": lambda arrays, dim=0: ag.stack(arrays, dim),
    "hstack": ag.hstack,
    "vstack": ag.vstack,
    "dstack": ag.dstack,
    "column_stack": ag.column_stack,
    "split": _split,
    "split.list_args": _split,
    "split_with_sizes": _split,
    "split_with_sizes_copy": _split,
    "unsafe_split": _split,
    "tensor_split": _tensor_split,
    "hsplit": lambda x, parts: ag.split(x, parts, axis=1 if x.ndim > 1 else 0),
    "vsplit": lambda x, parts: ag.split(x, parts, axis=0),
    "dsplit": lambda x, parts: ag.split(x, parts, axis=2),
    "unbind": _unbind,
    "unbind_copy": _unbind,
    # Indexing.
    "__getitem__": lambda x, index: x[index],
    "select": lambda x, dim, i: ag.take(x, i, axis=dim),
    "slice": _slice,
    "narrow": _narrow,
    "narrow_copy": _narrow,
    "index_select": _index_select,
    "take": lambda x, index: ag.take(x, index),
    "gather": _gather,
    "take_along_dim": _take_along_dim,
    "index_put": _index_put,
    "index_add": _index_add,
    "index_copy": _index_copy,
    "index_fill": lambda x, dim, index, value: _index_copy(x, dim, index, value),
    "scatter_add": _scatter_add,
    "select_scatter": lambda x, y, dim, i: x.at[_index(x, dim, i)].set(y),
    "slice_scatter": _slice_scatter,
    "fill": lambda x, value: x.at[...].set(value),
    "unfold": _unfold,
    "unfold_copy": _unfold,
    # Products.
    "dot": ag.dot,
    "vdot": ag.vdot,
    "mv": ag.matmul,
    "mm": ag.matmul,
    "bmm": ag.matmul,
    "matmul": ag.matmul,
    "addmm": lambda c, a, b, beta=1, alpha=1: beta * c + alpha * (a @ b),
    "addmv": lambda c, a, b, beta=1, alpha=1: beta * c + alpha * (a @ b),
    "baddbmm": lambda c, a, b, beta=1, alpha=1: beta * c + alpha * (a @ b),
    "addr": lambda c, a, b, beta=1, alpha=1: beta * c + alpha * ag.outer(a, b),
    "inner": ag.inner,
    "outer": ag.outer,
    "kron": ag.kron,
    "tensordot": _tensordot,
    "einsum": _einsum,
    "cross": _cross,
    "linalg.cross": lambda x, y, dim=-1: ag.cross(x, y, axis=dim),
    "linalg.vecdot": lambda x, y, dim=-1: ag.vecdot(x, y, axis=dim),
    "linalg.multi_dot": ag.linalg.multi_dot,
    # Linear algebra.
    "cholesky": lambda x, upper=False: ag.linalg.cholesky(x, upper=upper),
    "linalg.cholesky": lambda x, upper=False: ag.linalg.cholesky(x, upper=upper),
    "linalg.det": ag.linalg.det,
    "linalg.slogdet": ag.linalg.slogdet,
    "logdet": Entry(lambda x: ag.linalg.slogdet(x)[1]),
    "linalg.inv": ag.linalg.inv,
    "linalg.solve": _linear_solve,
    "linalg.pinv": _pinv,
    "linalg.pinv.hermitian": _pinv,
    "linalg.pinv.singular": lambda a, b: ag.linalg.pinv(a @ ag.swapaxes(b)),
    "pinverse": lambda x, rcond=1e-15: ag.linalg.pinv(x, rcond),
    "linalg.svd": Entry(_svd, keep_svd),
    "svd": Entry(_svd, keep_old_svd),
    "linalg.svdvals": ag.linalg.svdvals,
    "linalg.eigh": Entry(_eigh, keep_eigh),
    "linalg.eigvalsh": lambda x, UPLO="L": ag.linalg.eigvalsh(x, UPLO),
    "linalg.matrix_power": lambda x, n: ag.linalg.matrix_power(x, n),
    "linalg.norm": _linalg_norm,
    "linalg.norm.subgradients_at_zero": _linalg_norm,
    "linalg.vector_norm": _vector_norm,
    "linalg.matrix_norm": _matrix_norm,
    # The functions of nn.functional that keep PyTorch's arguments.
    "softmax": _softmax(F.softmax),
    "softmax.with_dtype": _softmax(F.softmax),
    "log_softmax": _softmax(F.log_softmax),
    "log_softmax.with_dtype": _softmax(F.log_softmax),
    "nn.functional.softmin": _softmax(F.softmin),
    "nn.functional.softmin.with_dtype": _softmax(F.softmin),
    **{
        f"nn.functional.{name}": layer(getattr(F, name))
        for name in (
            "adaptive_avg_pool1d adaptive_avg_pool2d avg_pool1d avg_pool2d bilinear "
            "binary_cross_entropy binary_cross_entropy_with_logits celu conv1d conv2d "
            "conv_transpose1d conv_transpose2d cosine_embedding_loss cosine_similarity "
            "cross_entropy elu gelu glu group_norm hardsigmoid hardswish hardtanh "
            "hinge_embedding_loss huber_loss kl_div l1_loss layer_norm leaky_relu "
            "linear logsigmoid mish mse_loss multi_margin_loss nll_loss normalize "
            "pairwise_distance prelu relu relu6 rms_norm selu silu smooth_l1_loss softplus "
            "softsign tanhshrink triplet_margin_loss"
        ).split()
    },
    "nn.functional.batch_norm": statistics_by_batch(F.batch_norm),
    "nn.functional.batch_norm.without_cudnn": statistics_by_batch(F.batch_norm),
    "nn.functional.instance_norm": statistics_by_batch(F.instance_norm),
    **{
        f"nn.functional.{name}": Entry(without_indices(getattr(F, name)), first)
        for name in "adaptive_max_pool1d adaptive_max_pool2d max_pool1d max_pool2d".split()
    },
    "nn.functional.embedding": _embedding,
    "nn.functional.one_hot": _one_hot,
    "nn.functional.dropout": _dropout(F.dropout),
    "nn.functional.dropout2d": _dropout(F.dropout2d),
    "nn.functional.alpha_dropout": _dropout(F.alpha_dropout),
    "nn.functional.scaled_dot_product_attention": _attention,
    "nn.functional.upsample_nearest": lambda x, size=None, scale_factor=None: F.interpolate(
        x, size, scale_factor, "nearest"
    ),
    "nn.functional.upsample_bilinear": lambda x, size=None, scale_factor=None: F.interpolate(
        x, size, scale_factor, "bilinear", align_corners=True
    ),
    "nn.functional.interpolate.nearest": _interpolate,
    "nn.functional.interpolate.bilinear": _interpolate,
    "nn.functional.interpolate.linear": _interpolate,
    "nn.functional.interpolate.bicubic": _interpolate,
    "nn.functional.interpolate.area": _interpolate,
}


def _flatten(x: Any, start: int, end: int) -> Any:
    if x.ndim == 0:
        return ag.reshape(x, (1,))
    start, end = start % x.ndim, end % x.ndim
    middle = int(np.prod(x.shape[start : end + 1]))
    return ag.reshape(x, (*x.shape[:start], middle, *x.shape[end + 1 :]))


def entry(name: str) -> Entry | None:
    """What stands in the table for an operator; None if nothing does."""
    found = TABLE.get(name)
    if found is None or isinstance(found, Entry):
        return found
    return Entry(found)
