"""The table from PyTorch's operators (`op_db`) to our calls."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

import autograd as ag
import nn.functional as F
from tests.against_pytorch import adapters as a
from tests.against_pytorch.adapters import Entry

TABLE: dict[str, Entry | Callable[..., Any]] = {
    # Elementwise, one argument.
    **{
        name: getattr(ag, ours)
        for name, ours in a.pairs(
            "abs acos=arccos acosh=arccosh asin=arcsin asinh=arcsinh atan=arctan atanh=arctanh "
            "ceil cos cosh copysign deg2rad digamma erf erfc erfinv exp exp2 expm1 floor log log10 log1p log2 neg=negative positive "
            "rad2deg real imag conj reciprocal round round.decimals_0=round round.decimals_3=round "
            "round.decimals_neg_3=round sgn=sign sigmoid sign sin sinc sinh sqrt square tan tanh "
            "trunc nan_to_num atan2=arctan2 fmod fmax fmin hypot lgamma=gammaln logaddexp maximum max.binary=maximum "
            "min.binary=minimum minimum mul=multiply remainder true_divide floor_divide pow=power"
        )
    },
    "add": a.scaled(ag.add),
    "sub": a.scaled(ag.subtract),
    "rsub": lambda x, y, alpha=1: y - (x if alpha == 1 else alpha * x),
    "__radd__": lambda x, y: y + x,
    "__rdiv__": lambda x, y: y / x,
    "__rmul__": lambda x, y: y * x,
    "__rsub__": lambda x, y: y - x,
    "__rmod__": lambda x, y: y % x,
    "__rpow__": lambda x, y: y**x,
    "__rmatmul__": lambda x, y: y @ x,
    "div.no_rounding_mode": a.divide,
    "div.floor_rounding": a.divide,
    "div.trunc_rounding": a.divide,
    "float_power": lambda x, y: ag.astype(x, float) ** y,
    "rsqrt": lambda x: ag.reciprocal(ag.sqrt(x)),
    "clamp": a.clamp,
    "clamp_min": lambda x, min: ag.clip(x, min, None),
    "clamp_max": lambda x, max: ag.clip(x, None, max),
    "heaviside": np.heaviside,
    "ldexp": np.ldexp,
    "xlogy": ag.xlogy,
    "special.xlogy": ag.xlogy,
    "logit": lambda x, eps=None: ag.logit(x if eps is None else ag.clip(x, eps, 1.0 - eps)),
    **{f"polygamma.polygamma_n_{n}": lambda x, order: ag.polygamma(order, x) for n in range(5)},
    "special.polygamma.special_polygamma_n_0": lambda x, order: ag.polygamma(order, x),
    "where": a.where,
    "masked_fill": a.masked_fill,
    "masked_select": a.masked_select,
    **{
        name: getattr(np, ours)
        for name, ours in a.pairs(
            "eq=equal ne=not_equal lt=less le=less_equal gt=greater ge=greater_equal isnan isinf "
            "isfinite isposinf isneginf isreal signbit logical_not logical_and logical_or "
            "logical_xor"
        )
    },
    **{
        name: a.numpy(getattr(np, ours))
        for name, ours in a.pairs(
            "argmax argmin count_nonzero all any argwhere zeros_like ones_like"
        )
    },
    "full_like": lambda x, value, dtype=None, **kwargs: np.full_like(x, value, dtype=dtype),
    # Dtypes.
    "float": a.cast(np.float32),
    "double": a.cast(np.float64),
    "half": a.cast(np.float16),
    "clone": lambda x, **kwargs: ag.positive(x),
    "contiguous": lambda x, **kwargs: ag.positive(x),
    # Reductions.
    "sum": a.reduction(ag.sum),
    "mean": a.reduction(ag.mean),
    "nansum": a.reduction(ag.nansum),
    "nanmean": a.reduction(ag.nanmean),
    "logcumsumexp": a.named(ag.logcumsumexp, "dim"),
    "cummax": Entry(a.named(ag.cummax, "dim"), a.first),
    "cummin": Entry(a.named(ag.cummin, "dim"), a.first),
    "prod": a.reduction(ag.prod),
    "amax": a.reduction(ag.amax),
    "amin": a.reduction(ag.amin),
    "max.reduction_no_dim": a.reduction(ag.max),
    "min.reduction_no_dim": a.reduction(ag.min),
    "max.reduction_with_dim": Entry(a.reduction(ag.max), a.first),
    "min.reduction_with_dim": Entry(a.reduction(ag.min), a.first),
    "aminmax": lambda x, dim=None, keepdim=False: [
        ag.min(x, axis=dim, keepdims=keepdim),
        ag.max(x, axis=dim, keepdims=keepdim),
    ],
    "std": a.deviation(ag.std),
    "var": a.deviation(ag.var),
    "std.unbiased": a.deviation(ag.std),
    "var.unbiased": a.deviation(ag.var),
    "logsumexp": a.reduction(ag.logsumexp),
    "quantile": a.quantile,
    "nanquantile": lambda x, q, dim=None, keepdim=False, interpolation="linear": np.nanquantile(
        x, q, axis=dim, keepdims=keepdim, method=interpolation
    ),
    "cumsum": a.named(ag.cumsum, "dim dtype"),
    "cumprod": a.named(ag.cumprod, "dim dtype"),
    "norm": a.norm,
    "norm.nuc": a.norm,
    "norm.fro": a.norm,
    "norm.inf": a.norm,
    "dist": lambda x, y, p=2: a.vector_norm(x - y, p),
    "trace": ag.trace,
    "sort": Entry(
        lambda x, dim=-1, descending=False, stable=False: (
            ag.flip(ag.sort(x, dim), dim) if descending else ag.sort(x, dim)
        ),
        a.first,
    ),
    "msort": lambda x: ag.sort(x, 0),
    "argsort": a.argsort,
    "trapz": a.trapezoid,
    "trapezoid": a.trapezoid,
    "diff": a.diff,
    "var_mean": a.deviation_and_mean(ag.var),
    "std_mean": a.deviation_and_mean(ag.std),
    # NumPy functions that we have not: the refusal must say so.
    **{
        name: a.unsupported(attrgetter(ours)(np))
        for name, ours in a.pairs(
            "i0 unique histogram bincount nonzero frexp angle linalg.tensorinv linalg.eigvals "
            "linalg.matrix_rank fft.fft fft.rfft cartesian_prod=ix_"
        )
    },
    "cov": lambda x, correction=1, fweights=None, aweights=None: ag.cov(
        x, ddof=correction, fweights=fweights, aweights=aweights
    ),
    "corrcoef": ag.corrcoef,
    "fft.fftshift": lambda x, dim=None: ag.fftshift(x, dim),
    "fft.ifftshift": lambda x, dim=None: ag.ifftshift(x, dim),
    "meshgrid.list_of_tensors": lambda arrays, indexing="ij": ag.meshgrid(
        *arrays, indexing=indexing
    ),
    "meshgrid.variadic_tensors": lambda *arrays, indexing="ij": ag.meshgrid(
        *arrays, indexing=indexing
    ),
    # Shaping.
    "reshape": a.reshape,
    "view": a.reshape,
    "view_copy": a.reshape,
    "reshape_as": lambda x, y: ag.reshape(x, y.shape),
    "view_as": lambda x, y: ag.reshape(x, y.shape),
    "ravel": lambda x, **kwargs: ag.ravel(x),
    "flatten": lambda x, start_dim=0, end_dim=-1: a.flatten(x, start_dim, end_dim),
    "permute": a.permute,
    "permute_copy": a.permute,
    "transpose": lambda x, a, b: ag.swapaxes(x, a, b),
    "transpose_copy": lambda x, a, b: ag.swapaxes(x, a, b),
    "movedim": lambda x, a, b: ag.moveaxis(x, a, b),
    "t": lambda x: ag.transpose(x),
    "t_copy": lambda x: ag.transpose(x),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "unsqueeze": lambda x, dim: ag.expand_dims(x, dim),
    "unsqueeze_copy": lambda x, dim: ag.expand_dims(x, dim),
    "squeeze": a.squeeze,
    "squeeze.multiple": a.squeeze,
    "squeeze_copy": a.squeeze,
    "expand": a.expand,
    "expand_copy": a.expand,
    "expand_as": lambda x, y: ag.broadcast_to(x, y.shape),
    "broadcast_to": lambda x, shape: ag.broadcast_to(x, shape),
    "broadcast_tensors": lambda x, *rest: ag.broadcast_arrays(x, *rest),
    "tile": a.repeat,
    "repeat": a.repeat,
    "repeat_interleave": a.repeat_interleave,
    "roll": a.roll,
    "rot90": lambda x, k=1, dims=(0, 1): ag.rot90(x, k, dims),
    "flip": a.flip,
    "fliplr": ag.fliplr,
    "flipud": ag.flipud,
    "atleast_1d": a.spread(ag.atleast_1d),
    "atleast_2d": a.spread(ag.atleast_2d),
    "atleast_3d": a.spread(ag.atleast_3d),
    "diag": lambda x, diagonal=0: ag.diag(x, diagonal),
    "diagflat": lambda x, offset=0: ag.diagflat(x, offset),
    "diagonal": a.named(ag.diagonal, "offset dim1 dim2", dim1="axis1", dim2="axis2"),
    "diagonal_copy": a.named(ag.diagonal, "offset dim1 dim2", dim1="axis1", dim2="axis2"),
    "linalg.diagonal": lambda x, offset=0, dim1=-2, dim2=-1: ag.diagonal(x, offset, dim1, dim2),
    "tril": lambda x, k=0: ag.tril(x, k),
    "triu": lambda x, k=0: ag.triu(x, k),
    "constant_pad_nd": lambda x, widths, value=0: F.pad(x, widths, "constant", value),
    **{
        f"nn.functional.pad.{mode}": F.pad
        for mode in a.words("constant reflect replicate replicate_negative circular")
    },
    # Joining and splitting.
    "cat": lambda arrays, dim=0: ag.concatenate(arrays, dim),
    "stack": lambda arrays, dim=0: ag.stack(arrays, dim),
    "hstack": ag.hstack,
    "vstack": ag.vstack,
    "dstack": ag.dstack,
    "column_stack": ag.column_stack,
    "split": a.split,
    "split.list_args": a.split,
    "split_with_sizes": a.split,
    "split_with_sizes_copy": a.split,
    "unsafe_split": a.split,
    "tensor_split": a.tensor_split,
    "hsplit": ag.hsplit,
    "vsplit": ag.vsplit,
    "dsplit": ag.dsplit,
    "unbind": a.unbind,
    "unbind_copy": a.unbind,
    # Indexing.
    "__getitem__": lambda x, i: x[i],
    "select": lambda x, dim, i: ag.take(x, i, axis=dim),
    "slice": a.slice_along,
    "narrow": a.narrow,
    "narrow_copy": a.narrow,
    "index_select": a.index_select,
    "take": lambda x, i: ag.take(x, i),
    "gather": a.gather,
    "take_along_dim": a.take_along_dim,
    "index_put": a.index_put,
    "index_add": a.index_add,
    "index_copy": a.index_copy,
    "index_fill": lambda x, dim, i, value: a.index_copy(x, dim, i, value),
    "scatter_add": a.scatter_add,
    "select_scatter": lambda x, y, dim, i: x.at[a.at_axis(x, dim, i)].set(y),
    "slice_scatter": a.slice_scatter,
    "fill": lambda x, value: x.at[...].set(value),
    "unfold": a.unfold,
    "unfold_copy": a.unfold,
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
    "tensordot": a.tensordot,
    "einsum": a.einsum,
    "cross": a.cross,
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
    "linalg.solve": a.linear_solve,
    "linalg.pinv": a.pinv,
    "linalg.pinv.hermitian": a.pinv,
    "linalg.pinv.singular": lambda a, b: ag.linalg.pinv(a @ ag.swapaxes(b)),
    "pinverse": lambda x, rcond=1e-15: ag.linalg.pinv(x, rcond),
    "linalg.svd": Entry(a.svd, a.keep_svd),
    "svd": Entry(a.svd, a.keep_old_svd),
    "linalg.svdvals": ag.linalg.svdvals,
    "linalg.eigh": Entry(a.eigh, a.keep_eigh),
    "linalg.eigvalsh": lambda x, UPLO="L": ag.linalg.eigvalsh(x, UPLO),
    "linalg.qr": lambda x, mode="reduced": ag.linalg.qr(x, mode),
    "qr": lambda x, some=True: ag.linalg.qr(x, "reduced" if some else "complete"),
    "linalg.cond": lambda x, p=None: ag.linalg.cond(x, p),
    "linalg.matrix_power": lambda x, n: ag.linalg.matrix_power(x, n),
    "linalg.norm": a.linalg_norm,
    "linalg.norm.subgradients_at_zero": a.linalg_norm,
    "linalg.vector_norm": a.vector_norm,
    "linalg.matrix_norm": a.matrix_norm,
    # The functions of nn.functional that keep PyTorch's arguments.
    "softmax": a.softmax(F.softmax),
    "softmax.with_dtype": a.softmax(F.softmax),
    "log_softmax": a.softmax(F.log_softmax),
    "log_softmax.with_dtype": a.softmax(F.log_softmax),
    "nn.functional.softmin": a.softmax(F.softmin),
    "nn.functional.softmin.with_dtype": a.softmax(F.softmin),
    **{
        f"nn.functional.{name}": a.layer(getattr(F, name))
        for name in a.words(
            "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d avg_pool1d "
            "avg_pool2d avg_pool3d bilinear binary_cross_entropy "
            "binary_cross_entropy_with_logits celu channel_shuffle conv1d conv2d conv3d "
            "conv_transpose1d conv_transpose2d conv_transpose3d cosine_embedding_loss "
            "cosine_similarity cross_entropy ctc_loss elu gaussian_nll_loss gelu glu "
            "grid_sample group_norm hardshrink hardsigmoid hardswish hardtanh "
            "hinge_embedding_loss huber_loss kl_div l1_loss layer_norm leaky_relu linear "
            "local_response_norm logsigmoid margin_ranking_loss mish mse_loss "
            "multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss nll_loss "
            "normalize pairwise_distance pdist pixel_shuffle pixel_unshuffle poisson_nll_loss "
            "prelu relu relu6 rms_norm selu silu smooth_l1_loss soft_margin_loss softplus "
            "softshrink softsign tanhshrink threshold triplet_margin_loss unfold"
        )
    },
    "nn.functional.batch_norm": a.statistics_by_batch(F.batch_norm),
    "nn.functional.batch_norm.without_cudnn": a.statistics_by_batch(F.batch_norm),
    "nn.functional.instance_norm": a.statistics_by_batch(F.instance_norm),
    **{
        f"nn.functional.{name}": Entry(a.without_indices(getattr(F, name)), a.first)
        for name in a.words(
            "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d max_pool1d max_pool2d "
            "max_pool3d"
        )
    },
    **{
        f"nn.functional.max_unpool{k}d{grad}": a.unpool(getattr(F, f"max_unpool{k}d"))
        for k in (1, 2, 3)
        for grad in ("", ".grad")
    },
    "nn.functional.embedding": a.embedding,
    "nn.functional.embedding_bag": a.embedding_bag,
    "nn.functional.triplet_margin_with_distance_loss": a.distance_loss,
    "nn.functional.rrelu": a.rrelu,
    "nn.functional.one_hot": a.one_hot,
    "nn.functional.dropout": a.dropout(F.dropout),
    "nn.functional.dropout2d": a.dropout(F.dropout2d),
    "nn.functional.dropout3d": a.dropout(F.dropout3d),
    "nn.functional.alpha_dropout": a.dropout(F.alpha_dropout),
    "nn.functional.feature_alpha_dropout.with_train": a.dropout(F.feature_alpha_dropout),
    "nn.functional.feature_alpha_dropout.without_train": a.dropout(F.feature_alpha_dropout),
    "nn.functional.scaled_dot_product_attention": a.attention,
    "nn.functional.upsample_nearest": lambda x, size=None, scale_factor=None: F.interpolate(
        x, size, scale_factor, "nearest"
    ),
    "nn.functional.upsample_bilinear": lambda x, size=None, scale_factor=None: F.interpolate(
        x, size, scale_factor, "bilinear", align_corners=True
    ),
    **{
        f"nn.functional.interpolate.{mode}": a.layer(F.interpolate)
        for mode in a.words("nearest nearest-exact linear bilinear bicubic trilinear area")
    },
}


def entry(name: str) -> Entry | None:
    """What stands in the table for an operator; None if nothing does."""
    found = TABLE.get(name)
    if found is None or isinstance(found, Entry):
        return found
    return Entry(found)
