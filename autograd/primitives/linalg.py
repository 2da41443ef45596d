"""Primitives of linear algebra, on stacks of real matrices (..., n, n).

Decompositions with several results pack them into one array, which the public functions unpack.
Formulas: Giles, An extended collection of matrix derivative results (2008); Murray,
Differentiation of the Cholesky decomposition (2016); Walter and Lehmann, Algorithmic
differentiation of linear algebra (2010).
"""

from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.primitives.arithmetic import sign, where
from autograd.primitives.contraction import matmul
from autograd.primitives.indexing import getitem
from autograd.primitives.reduction import prod, sum_, unbroadcast
from autograd.primitives.shaping import reshape


def _eye(n: int) -> Any:
    return np.eye(n, dtype=bool)


def _scalar_as_matrix(g: Any) -> Any:
    return reshape(g, shape=(*g.shape, 1, 1))


# --- inverse, determinant, linear systems ---


def _inv_rule(g: Any, out: Any, x: Any) -> Any:
    t = out.mT
    return -matmul(matmul(t, g), t)


def _det_rule(g: Any, out: Any, x: Any) -> Any:
    """The cofactors: det(x) x^-T, unless x is singular and has no inverse."""
    n = x.shape[-1]
    if n == 0:
        return x * 0.0
    eye = np.eye(n, dtype=x.dtype)
    singular = _scalar_as_matrix(out == 0)
    regular = _scalar_as_matrix(g * out) * inv(where(singular, eye, x)).mT
    return where(singular, _scalar_as_matrix(g) * cofactors(where(singular, x, eye)), regular)


def _cofactors(x: Any) -> Any:
    """cof(U S V^T) is det(U) det(V) U cof(S) V^T, even if S is singular."""
    u, s, vh = np.linalg.svd(x)
    others = np.where(_eye(x.shape[-1]), 1.0, s[..., None, :]).prod(-1)
    signs = np.sign(np.linalg.det(u) * np.linalg.det(vh))
    return np.matmul(u * (signs[..., None] * others)[..., None, :], vh)


def _cofactors_rule(g: Any, out: Any, x: Any) -> Any:
    """Derivatives of cof(S) are products of all singular values but two.

    Differentiated once more, this is right where no two singular values are equal.
    """
    n = x.shape[-1]
    u, s, v = svd_parts(svd(x), n)
    k, eye = np.arange(n), _eye(n)
    left_out = (k[:, None, None] == k) | (k[:, None] == k)
    others = prod(where(left_out, 1.0, reshape(s, shape=(*s.shape[:-1], 1, 1, n))))
    h = matmul(matmul(u.mT, g), v)
    diagonal = sum_(where(eye, h, 0.0), axis=(len(h.shape) - 2,), keepdims=True).mT
    inner = where(eye, matmul(where(eye, 0.0, others), diagonal), -(others * h.mT))
    return _scalar_as_matrix(sign(det(u) * det(v))) * matmul(matmul(u, inner), v.mT)


def _solve_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    return unbroadcast(-matmul(solve(a.mT, g), out.mT), a.shape)


def _solve_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    return unbroadcast(solve(a.mT, g), b.shape)


def _log_abs_det(x: Any) -> Any:
    return np.linalg.slogdet(x)[1]


def _cholesky_rule(g: Any, out: Any, x: Any) -> Any:
    """L^-T Φ(L^T g) L^-1, made symmetric; Φ takes the lower triangle, with half its diagonal."""
    n = x.shape[-1]
    phi = matmul(out.mT, g) * (np.tri(n) - 0.5 * np.eye(n))
    s = solve(out.mT, solve(out.mT, phi.mT).mT)
    return (s + s.mT) * 0.5


# --- decompositions, packed ---


def _pinv(x: Any, *, rcond: Any) -> Any:
    return np.linalg.pinv(x, rcond)


def _pinv_rule(g: Any, out: Any, x: Any, *, rcond: Any) -> Any:
    """-xᵀ⁺ g xᵀ⁺, and what turns the column and row space; x need not have distinct singular values.

    Source: Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
    problems whose variables separate (1973), equation 4.12.
    """
    p, pt, gt = out, out.mT, g.mT
    rows = matmul(matmul(gt, p), pt)  # gᵀ p pᵀ
    columns = matmul(pt, matmul(p, gt))  # pᵀ p gᵀ
    result = -matmul(matmul(pt, g), pt)
    result = result + (rows - matmul(x, matmul(p, rows)))
    return result + (columns - matmul(matmul(columns, p), x))


def _quotient(x: Any, y: Any) -> Any:
    """x / y, but 0 for 0 / 0: equal eigenvalues, without a gradient for their vectors."""
    return x / where((x == 0) & (y == 0), 1.0, y)


def _eigh(x: Any) -> Any:
    values, vectors = np.linalg.eigh(x)
    return np.concatenate([values[..., None, :], vectors], axis=-2)


def eigh_parts(packed: Any) -> tuple[Any, Any]:
    """Unpack eigenvalues (..., n) and eigenvectors (..., n, n) from (..., n + 1, n)."""
    return getitem(packed, index=(..., 0, slice(None))), getitem(
        packed, index=(..., slice(1, None), slice(None))
    )


def _eigh_rule(g: Any, out: Any, x: Any) -> Any:
    """V (diag(gw) + (V^T gV) / (w_j - w_i)) V^T, made symmetric like the argument."""
    (gw, gv), (w, v) = eigh_parts(g), eigh_parts(out)
    n = x.shape[-1]
    eye = _eye(n)
    gap = reshape(w, shape=(*w.shape[:-1], 1, n)) - reshape(w, shape=(*w.shape, 1))
    inner = _quotient(where(eye, 0.0, matmul(v.mT, gv)), where(eye, 1.0, gap))
    inner = inner + where(eye, reshape(gw, shape=(*gw.shape, 1)), 0.0)
    s = matmul(matmul(v, inner), v.mT)
    return (s + s.mT) * 0.5


def _svd(x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u, s[..., None, :], np.swapaxes(vh, -1, -2)], axis=-2)


def svd_parts(packed: Any, rows: int) -> tuple[Any, Any, Any]:
    """Unpack U (..., m, k), singular values (..., k) and V (..., n, k) from (..., m + 1 + n, k)."""
    return (
        getitem(packed, index=(..., slice(rows), slice(None))),
        getitem(packed, index=(..., rows, slice(None))),
        getitem(packed, index=(..., slice(rows + 1, None), slice(None))),
    )


def _svd_rule(g: Any, out: Any, x: Any) -> Any:
    m, n = x.shape[-2:]
    k = min(m, n)
    (gu, gs, gv), (u, s, v) = svd_parts(g, m), svd_parts(out, m)
    eye = _eye(k)
    row = reshape(s, shape=(*s.shape[:-1], 1, k))
    column = reshape(s, shape=(*s.shape, 1))
    gap = where(eye, 1.0, (row - column) * (row + column))
    utgu, vtgv = matmul(u.mT, gu), matmul(v.mT, gv)
    inner = _quotient(where(eye, 0.0, utgu - utgu.mT), gap) * row
    inner = inner + column * _quotient(where(eye, 0.0, vtgv - vtgv.mT), gap)
    inner = inner + where(eye, reshape(gs, shape=(*gs.shape, 1)), 0.0)
    result = matmul(matmul(u, inner), v.mT)
    if m > k:
        result = result + matmul(_quotient(gu - matmul(u, utgu), row), v.mT)
    if n > k:
        result = result + matmul(u, _quotient(gv - matmul(v, vtgv), row).mT)
    return result


# fmt: off
inv: Primitive         = Primitive("inv",         np.linalg.inv,      _inv_rule,                                                            formula="x⁻¹")
det: Primitive         = Primitive("det",         np.linalg.det,      _det_rule,                                                            formula="det x")
cofactors: Primitive   = Primitive("cofactors",   _cofactors,         _cofactors_rule,                                                      formula="det x · x⁻ᵀ", analytic=False)
log_abs_det: Primitive = Primitive("log_abs_det", _log_abs_det,       lambda g, out, x: _scalar_as_matrix(g) * inv(x).mT,                formula="ln |det x|", analytic=False)
pinv: Primitive        = Primitive("pinv",        _pinv,              _pinv_rule,                                                           formula="x⁺, the Moore-Penrose inverse", analytic=False)
solve: Primitive       = Primitive("solve",       np.linalg.solve,    _solve_left, _solve_right,                                            formula="a⁻¹ b", labels=("a", "b"))
cholesky: Primitive    = Primitive("cholesky",    np.linalg.cholesky, _cholesky_rule,                                                       formula="L with L Lᵀ = x", analytic=False)
eigh: Primitive        = Primitive("eigh",        _eigh,              _eigh_rule,                                                           formula="eigenvalues over eigenvectors", analytic=False)
svd: Primitive         = Primitive("svd",         _svd,               _svd_rule,                                                            formula="U over singular values over V", analytic=False)
# fmt: on
