"""Cases for every primitive: arguments, static facts, and what NumPy computes from them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mpmath as mp
import numpy as np

import autograd as ag
import nn
from autograd.primitives import PRIMITIVES

ALONE = nn.distributed.World()


@dataclass(frozen=True)
class Case:
    """Arguments for a primitive: `shapes` filled with values between `low` and `high`, then `adapt`ed."""

    name: str
    shapes: tuple[tuple[int, ...], ...]
    reference: Callable[..., Any]
    static: dict[str, Any] = field(default_factory=dict)
    low: float = -2.0
    high: float = 2.3  # not symmetric: no entry is 0
    adapt: Callable[..., tuple[Any, ...]] = lambda *arrays: arrays
    scalars: bool = True  # whether it also runs on object arrays of Values

    @property
    def primitive(self) -> Any:
        return PRIMITIVES[self.name]

    def arguments(self, seed: int = 0) -> tuple[Any, ...]:
        """Distinct random values, far enough apart that no tie and no kink is near."""
        rng = np.random.default_rng(seed)
        total = sum(int(np.prod(shape)) for shape in self.shapes)
        numbers = rng.permutation(np.linspace(self.low, self.high, total + 2)[1:-1])
        pieces = np.split(numbers, np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1])
        arrays = [p.reshape(shape) for p, shape in zip(pieces, self.shapes, strict=True)]
        return self.adapt(*arrays)

    def differentiable(self) -> list[int]:
        """The positions of the arguments that have a rule."""
        return [i for i in range(len(self.arguments())) if self.primitive.rules[i] is not None]


def _logsumexp(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def _spd(x: Any) -> tuple[Any]:
    return (x @ np.swapaxes(x, -1, -2) + 2.0 * np.eye(x.shape[-1]),)


def _symmetric(x: Any) -> tuple[Any]:
    return (x + np.swapaxes(x, -1, -2) + 3.0 * np.diag(np.arange(x.shape[-1])),)


def _well_conditioned(x: Any, *rest: Any) -> tuple[Any, ...]:
    return (x + 3.0 * np.eye(x.shape[-1]), *rest)


def _in_parts(x: Any) -> tuple[Any, ...]:
    """With singular values that count and others that do not, at a share of 0.5 of the largest."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return ((u * np.array([3.0, 2.0, 0.7])[-s.shape[-1] :]) @ vh,)


def _unary(name: str, reference: Any, low: float = -2.0, high: float = 2.3) -> list[Case]:
    shapes: list[tuple[int, ...]] = [(), (5,), (2, 3)]
    return [Case(name, (shape,), reference, low=low, high=high) for shape in shapes]


def _binary(name: str, reference: Any, low: float = -2.0, high: float = 2.3) -> list[Case]:
    pairs = [((), ()), ((2, 3), (2, 3)), ((2, 3), (3,)), ((3, 1), (1, 4)), ((), (2, 2)), ((1,), ())]
    return [Case(name, pair, reference, low=low, high=high) for pair in pairs]


def _mask(*arrays: Any) -> tuple[Any, ...]:
    return (np.arange(arrays[0].size).reshape(arrays[0].shape) % 2 == 0, *arrays)


def _with_orders(n: Any, x: Any) -> tuple[Any, ...]:
    """The orders 0, 1, 2, 0, ... as the first argument."""
    return np.arange(n.size).reshape(n.shape) % 3, x


_INDEX_WITH_DUPLICATES = (np.array([0, 2, 2, -1]),)
_MASK = np.array([True, False, True])

CASES: list[Case] = [
    # --- arithmetic ---
    *_unary("positive", np.positive),
    *_unary("neg", np.negative),
    *_unary("abs", np.absolute),
    *_unary("sign", np.sign),
    *_unary("square", np.square),
    *_unary("sqrt", np.sqrt, 0.1, 4.0),
    *_unary("cbrt", np.cbrt, 0.1, 4.0),
    *_unary("cbrt", np.cbrt, -4.0, -0.1),
    *_unary("reciprocal", np.reciprocal, 0.3, 3.0),
    *_unary("floor", np.floor, 0.1, 0.9),
    *_unary("ceil", np.ceil, 1.1, 1.9),
    *_unary("rint", np.rint, 0.6, 1.4),
    *_unary("trunc", np.trunc, -1.9, -1.1),
    *_unary("relu", lambda x: np.maximum(x, 0.0)),
    *_unary("zeros_like", np.zeros_like),
    *_binary("add", np.add),
    *_binary("sub", np.subtract),
    *_binary("mul", np.multiply),
    *_binary("div", np.divide, 0.3, 3.0),
    *_binary("maximum", np.maximum),
    *_binary("minimum", np.minimum),
    *_binary("fmax", np.fmax),
    *_binary("fmin", np.fmin),
    *_binary("copysign", np.copysign),
    Case("fmod", ((3,), (3,)), np.fmod, adapt=lambda x, y: (x + 9.3 * np.sign(x), 2.0 + y * 0.01)),
    Case("fmod", ((3,), ()), np.fmod, low=7.1, high=7.4, adapt=lambda x, y: (x, 2.0 + y * 0.0)),
    Case("fmod", ((2, 3), (2, 3)), np.fmod, adapt=lambda x, y: (x + 9.3 * np.sign(x), 2.0 + y * 0.01)),
    Case("remainder", ((3,), (3,)), np.remainder, adapt=lambda x, y: (x - 9.3, 2.0 + y * 0.01)),
    Case("remainder", ((2, 2), ()), np.remainder, low=7.1, high=7.4, adapt=lambda x, y: (x, -y)),
    Case("remainder", ((2, 3), (2, 3)), np.remainder, adapt=lambda x, y: (x - 9.3, 2.0 + y * 0.01)),
    Case("floor_divide", ((3,), ()), np.floor_divide, low=7.1, high=7.4, adapt=lambda x, y: (x, y - 5)),
    *_binary("hypot", np.hypot, 0.3, 3.0),
    Case("where", ((2, 3), (2, 3)), np.where, adapt=_mask),
    Case("where", ((2, 3), (3,)), np.where, adapt=_mask),
    Case("where", ((), (4,)), np.where, adapt=lambda x, y: (np.array([True, False, True, False]), x, y)),
    Case("clip", ((7,), (), ()), np.clip, adapt=lambda x, low, high: (x, low * 0 - 0.9, high * 0 + 0.9)),
    Case("clip", ((2, 3), (3,), (2, 1)), np.clip, adapt=lambda x, a, b: (x, abs(a) - 2.013, 0.217 + 0.1 * abs(b))),
    Case("clip", ((7,), (), ()), np.clip, adapt=lambda x, low, high: (x, low * 0 + 0.9, high * 0 + 0.2)),
    # --- elementary ---
    *_unary("exp", np.exp),
    *_unary("exp2", np.exp2),
    *_unary("expm1", np.expm1),
    *_unary("log", np.log, 0.2, 4.0),
    *_unary("log2", np.log2, 0.2, 4.0),
    *_unary("log10", np.log10, 0.2, 4.0),
    *_unary("log1p", np.log1p, -0.8, 4.0),
    *_unary("sin", np.sin),
    *_unary("cos", np.cos),
    *_unary("tan", np.tan, -1.2, 1.2),
    *_unary("arcsin", np.arcsin, -0.9, 0.9),
    *_unary("arccos", np.arccos, -0.9, 0.9),
    *_unary("arctan", np.arctan),
    *_unary("sinh", np.sinh),
    *_unary("cosh", np.cosh),
    *_unary("tanh", np.tanh),
    *_unary("arcsinh", np.arcsinh),
    *_unary("arccosh", np.arccosh, 1.2, 4.0),
    *_unary("arctanh", np.arctanh, -0.9, 0.9),
    *_unary("sigmoid", lambda x: np.exp(x) / (1.0 + np.exp(x))),
    *_unary("softplus", lambda x: np.log(1.0 + np.exp(x))),
    *_unary("erf", lambda x: np.vectorize(_erf_series, otypes=[float])(x)),
    *_unary("erfc", lambda x: 1.0 - np.vectorize(_erf_series, otypes=[float])(x)),
    *_unary("erfinv", lambda x: _by_mpmath("erfinv", x), -0.9, 0.9),
    *_unary("gammaln", lambda x: _by_mpmath("loggamma", x), 0.3, 4.0),
    *_unary("gammaln", lambda x: np.log(np.abs(_by_mpmath("gamma", x))), -0.9, -0.2),
    *_unary("digamma", lambda x: _by_mpmath("digamma", x), 0.3, 4.0),
    Case("digamma", ((3,),), lambda x: _by_mpmath("digamma", x), low=-0.8, high=-0.2),
    *[Case("polygamma", shapes, lambda n, x: _by_mpmath("psi", n, x), low=0.3, high=4.0, adapt=_with_orders)
      for shapes in (((), ()), ((), (5,)), ((2, 3), (3,)), ((3, 1), (1, 4)))],
    *_unary("sinc", np.sinc),
    *_unary("sinc", np.sinc, -0.04, 0.045),
    Case("sinc", ((3,),), np.sinc, adapt=lambda x: (x * np.array([1.0, 0.0, 1.0]),)),
    Case("sinc", ((3,),), np.sinc, low=0.98, high=1.03),
    *_binary("pow", np.power, 0.3, 3.0),
    *_binary("arctan2", np.arctan2, 0.3, 3.0),
    Case("arctan2", ((3,), (3,)), np.arctan2, low=-3.0, high=-0.3),
    *_binary("logaddexp", np.logaddexp),
    # --- reduction ---
    Case("sum", ((2, 3, 4),), np.sum, {"axis": (0, 2), "keepdims": False}),
    Case("sum", ((2, 3),), np.sum, {"axis": (1,), "keepdims": True}),
    Case("sum", ((),), np.sum, {"axis": (), "keepdims": False}),
    Case("logsumexp", ((2, 3, 4),), _logsumexp, {"axis": (0, 2), "keepdims": False}),
    Case("logsumexp", ((2, 3),), _logsumexp, {"axis": (1,), "keepdims": True}),
    Case("logsumexp", ((),), _logsumexp, {"axis": (), "keepdims": False}, scalars=False),
    Case("mean", ((2, 3, 4),), np.mean, {"axis": (0, 2), "keepdims": False}),
    Case("mean", ((2, 3),), np.mean, {"axis": (1,), "keepdims": True}),
    Case("mean", ((),), np.mean, {"axis": (), "keepdims": False}),
    Case("max", ((2, 3, 4),), np.max, {"axis": (0, 2), "keepdims": False}),
    Case("max", ((5,),), np.max, {"axis": (0,), "keepdims": True}),
    Case("min", ((2, 3),), np.min, {"axis": (1,), "keepdims": False}),
    Case("prod", ((2, 4),), lambda x: np.prod(x, axis=-1)),
    Case("prod", ((4,),), lambda x: np.prod(x), adapt=lambda x: (x * (np.arange(4) != 1),)),
    Case("prod", ((4,),), lambda x: np.prod(x), adapt=lambda x: (x * (np.arange(4) > 1),)),
    Case("cumsum", ((2, 4),), lambda x: np.cumsum(x, axis=-1)),
    Case("cumprod", ((2, 4),), lambda x: np.cumprod(x, axis=-1)),
    Case("cumprod", ((4,),), np.cumprod, adapt=lambda x: (x * (np.arange(4) != 1),)),
    Case("broadcast_to", ((3, 1),), np.broadcast_to, {"shape": (2, 3, 4)}),
    Case("broadcast_to", ((),), np.broadcast_to, {"shape": (2,)}),
    Case("broadcast_to", ((1, 1),), np.broadcast_to, {"shape": (1, 1, 2)}),
    Case("broadcast_to", ((2,),), np.broadcast_to, {"shape": (2,)}),
    # --- shaping ---
    Case("reshape", ((2, 3),), lambda x, *, shape: np.reshape(x, shape), {"shape": (3, 2)}),
    Case("transpose", ((2, 3, 4),), np.transpose, {"axes": (2, 0, 1)}),
    Case("concatenate", ((2, 3), (2, 1), (2, 2)), lambda *a, axis: np.concatenate(a, axis), {"axis": 1}),
    Case("concatenate", ((2,),), lambda *a, axis: np.concatenate(a, axis), {"axis": 0}),
    Case("cast", ((3,),), lambda x, dtype: x.astype(dtype), {"dtype": np.dtype(float)}, scalars=False),
    Case("cast", ((2, 3),), lambda x, dtype: x.astype(dtype), {"dtype": np.dtype(float)}, scalars=False),
    # --- indexing ---
    Case("getitem", ((3, 4),), lambda x, index: x[index], {"index": (slice(None, None, -2), None, 1)}),
    Case("getitem", ((3, 4),), lambda x, index: x[index], {"index": _INDEX_WITH_DUPLICATES}),
    Case("getitem", ((3, 4),), lambda x, index: x[index], {"index": _MASK}),
    Case("getitem", ((3, 4),), lambda x, index: x[index], {"index": (Ellipsis, np.array([[0, 0], [1, 3]]))}),
    Case("getitem", ((3, 4),), lambda x, index: x[index], {"index": (_MASK, slice(1, 3))}),
    Case("scatter_add", ((4, 2),), lambda x, index, shape: _added(x, index, shape),
         {"index": _INDEX_WITH_DUPLICATES, "shape": (3, 2)}),
    Case("scatter_add", ((2, 2),), lambda x, index, shape: _added(x, index, shape),
         {"index": (slice(1, 3), slice(0, 4, 2)), "shape": (3, 4)}),
    # --- contraction ---
    Case("inner", ((2, 3), (4, 3)), np.inner),
    Case("inner", ((3,), (4, 3)), np.inner),
    Case("inner", ((2, 5, 3), (4, 3)), np.inner),
    Case("matmul", ((2, 3), (3, 4)), np.matmul),
    Case("matmul", ((5, 2, 3), (3, 4)), np.matmul),
    Case("matmul", ((5, 1, 2, 3), (4, 3, 2)), np.matmul),
    Case("einsum", ((2, 3), (3, 4)), lambda *a, subscripts: np.einsum(subscripts, *a), {"subscripts": "ij,jk->ik"}),
    Case("einsum", ((3, 3),), lambda *a, subscripts: np.einsum(subscripts, *a), {"subscripts": "ii->i"}),
    Case("einsum", ((3, 3, 2),), lambda *a, subscripts: np.einsum(subscripts, *a), {"subscripts": "iij->j"}),
    Case("einsum", ((2, 3), (4,)), lambda *a, subscripts: np.einsum(subscripts, *a), {"subscripts": "ij,k->j"}),
    Case("einsum", ((2, 3), (3, 2), (2,)), lambda *a, subscripts: np.einsum(subscripts, *a),
         {"subscripts": "ij,ji,i->i"}),
    # --- windows ---
    Case("windows", ((7,),), lambda x, size, stride, dilation: np.lib.stride_tricks.sliding_window_view(x, 5)[::2, ::2],
         {"size": (3,), "stride": (2,), "dilation": (2,)}),
    Case("windows", ((2, 4, 5),),
         lambda x, size, stride, dilation: np.lib.stride_tricks.sliding_window_view(x, size, (1, 2)),
         {"size": (2, 3), "stride": (1, 1), "dilation": (1, 1)}),
    Case("fold", ((3, 2),), lambda x, **static: np.array([x[0, 0], x[0, 1] + x[1, 0], x[1, 1] + x[2, 0], x[2, 1]]),
         {"shape": (4,), "size": (2,), "stride": (1,), "dilation": (1,)}),
    # --- linear algebra ---
    Case("inv", ((3, 3),), np.linalg.inv, adapt=_well_conditioned, scalars=False),
    Case("inv", ((2, 2, 2),), np.linalg.inv, adapt=_well_conditioned, scalars=False),
    Case("det", ((3, 3),), np.linalg.det, adapt=_well_conditioned, scalars=False),
    Case("det", ((3, 3),), np.linalg.det, adapt=lambda x: (x * np.array([1.0, 0.0, 1.0]),), scalars=False),
    Case("det", ((3, 3),), np.linalg.det, adapt=lambda x: (x * np.array([0.0, 0.0, 1.0]),), scalars=False),
    Case("det", ((2, 2),), np.linalg.det, adapt=lambda x: (x * 0.0,), scalars=False),
    Case("det", ((1, 3, 2, 2),), np.linalg.det, adapt=lambda x: (x * np.arange(3.0).reshape(3, 1, 1),), scalars=False),
    Case("det", ((1, 1),), np.linalg.det, scalars=False),
    Case("det", ((0, 0),), np.linalg.det, scalars=False),
    Case("cofactors", ((3, 3),), lambda x: _cofactors(x), adapt=_well_conditioned, scalars=False),
    Case("cofactors", ((1, 3, 4, 4),), lambda x: _cofactors(x), scalars=False),
    Case("cofactors", ((3, 3),), lambda x: _cofactors(x), adapt=lambda x: (x * np.array([1.0, 0.0, 1.0]),), scalars=False),
    Case("cofactors", ((1, 1),), np.ones_like, scalars=False),
    Case("log_abs_det", ((0, 0),), lambda x: np.linalg.slogdet(x)[1], scalars=False),
    Case("log_abs_det", ((1, 3, 2, 2),), lambda x: np.linalg.slogdet(x)[1], adapt=_well_conditioned, scalars=False),
    Case("log_abs_det", ((2, 3, 3),), lambda x: np.linalg.slogdet(x)[1], adapt=_well_conditioned, scalars=False),
    *[Case("pinv", (shape,), lambda x, *, rcond, part: np.linalg.pinv(x, rcond),
           {"rcond": np.array(1e-15), "part": False}, scalars=False) for shape in ((3, 2), (2, 3), (2, 3, 3))],
    *[Case("pinv", (shape,), lambda x, *, rcond, part: np.linalg.pinv(x, rcond),
           {"rcond": np.array(0.5), "part": True}, adapt=_in_parts, scalars=False)
      for shape in ((4, 3), (3, 5), (2, 3, 3))],
    *[Case("nuclear", (shape,), lambda x: np.linalg.svd(x, compute_uv=False).sum(-1), adapt=_in_parts, scalars=False)
      for shape in ((4, 3), (3, 5), (2, 3, 3))],
    *[Case("polar", (shape,), lambda x: _polar_factor(x), adapt=_in_parts, scalars=False)
      for shape in ((4, 3), (3, 5), (2, 3, 3))],
    Case("solve", ((3, 3), (3, 2)), np.linalg.solve, adapt=_well_conditioned, scalars=False),
    Case("solve", ((2, 3, 3), (3, 2)), np.linalg.solve, adapt=_well_conditioned, scalars=False),
    Case("solve", ((3, 3), (2, 3, 2)), np.linalg.solve, adapt=_well_conditioned, scalars=False),
    Case("cholesky", ((3, 3),), np.linalg.cholesky, adapt=_spd, scalars=False),
    Case("cholesky", ((1, 3, 2, 2),), np.linalg.cholesky, adapt=_spd, scalars=False),
    Case("eigh", ((3, 3),), lambda x: _packed_eigh(x), adapt=_symmetric, scalars=False),
    Case("eigh", ((1, 3, 2, 2),), lambda x: _packed_eigh(x), adapt=_symmetric, scalars=False),
    Case("eigh", ((2, 0, 0),), lambda x: _packed_eigh(x), adapt=_symmetric, scalars=False),
    Case("svd", ((0, 2),), lambda x: _packed_svd(x), scalars=False),
    Case("svd", ((4, 3),), lambda x: _packed_svd(x), scalars=False),
    Case("svd", ((2, 3),), lambda x: _packed_svd(x), scalars=False),
    Case("svd", ((2, 3, 2),), lambda x: _packed_svd(x), scalars=False),
    # --- collective: in a world of one; tests/nn/distributed has more ranks ---
    *(Case(name, ((2, 3),), lambda x, world: x, {"world": ALONE}) for name in ("all_reduce", "all_gather", "reduce_scatter")),
    *(Case(name, ((2, 3),), lambda x, world, root: x, {"world": ALONE, "root": 0}) for name in ("broadcast_from", "reduce_to")),
]  # fmt: skip


def _erf_series(x: float) -> float:
    """The Maclaurin series of erf, to double precision for |x| <= 2."""
    term, total = x, x
    for n in range(1, 60):
        term *= -x * x / n
        total += term / (2 * n + 1)
    return 2.0 / np.sqrt(np.pi) * total


def _by_mpmath(name: str, *args: Any) -> Any:
    """A function of mpmath's, in 30 digits, of each entry."""
    with mp.workdps(30):
        return np.vectorize(
            lambda *x: float(getattr(mp, name)(*map(mp.mpf, map(float, x)))), otypes=[float]
        )(*args)


def _added(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape)
    np.add.at(out, index, x)
    return out


def _cofactors(x: Any) -> Any:
    """By the determinants of minors, which is the definition."""
    n = x.shape[-1]
    out = np.zeros_like(x)
    for i, j in np.ndindex(n, n):
        minor = np.delete(np.delete(x, i, axis=-2), j, axis=-1)
        out[..., i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    return out


def _packed_eigh(x: Any) -> Any:
    return np.concatenate([np.linalg.eigvalsh(x)[..., None, :], np.linalg.eigh(x)[1]], axis=-2)


def _packed_svd(x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u, s[..., None, :], np.swapaxes(vh, -1, -2)], axis=-2)


SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """The texts of a picture, in order."""
    return [t.text or "" for t in ET.fromstring(svg).iter(f"{SVG}text")]


def mlp_loss() -> tuple[Any, nn.Module]:
    """The loss of a small network with two linear layers, and the network."""
    ag.random.seed(0)
    model = nn.MLP([4, 6, 3], "tanh")
    x = np.random.default_rng(0).normal(size=(5, 4))
    return nn.cross_entropy(model(x), [0, 1, 2, 0, 1]), model


def _polar_factor(x: Any) -> Any:
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    return u @ vh
