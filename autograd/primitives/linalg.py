"""Primitives of linear algebra, on stacks of real matrices (..., n, n).

Decompositions with several results pack them into one array, which the public functions unpack.
Formulas: Giles, An extended collection of matrix derivative results (2008); Murray,
Differentiation of the Cholesky decomposition (2016); Walter and Lehmann, Algorithmic
differentiation of linear algebra (2010).
"""

from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.primitives.arithmetic import maximum, minimum, sign, where
from autograd.primitives.contraction import matmul
from autograd.primitives.indexing import getitem
from autograd.primitives.kernels import beside
from autograd.primitives.reduction import max_, prod, sum_, unbroadcast
from autograd.primitives.shaping import reshape


def _eye(n: int, x: Any) -> Any:
    return beside(x, np.eye(n, dtype=bool))


def _scalar_as_matrix(g: Any) -> Any:
    return reshape(g, shape=(*g.shape, 1, 1))


# --- inverse, determinant, linear systems ---


def _inv_rule(g: Any, out: Any, x: Any) -> Any:
    t = out.mT
    return -matmul(matmul(t, g), t)


def _det_rule(g: Any, out: Any, x: Any) -> Any:
    """The cofactors: det(x) x^-T, unless x is singular, exactly or nearly."""
    n = x.shape[-1]
    if n == 0:
        return x * 0.0
    eye = beside(x, np.eye(n, dtype=x.dtype))
    zero = _scalar_as_matrix(out == 0)
    inverse = inv(where(zero, eye, x))
    singular = zero | _far_apart(x, inverse)
    regular = _scalar_as_matrix(g * out) * where(singular, 0.0, inverse.mT)
    return where(singular, _scalar_as_matrix(g) * cofactors(where(singular, x, eye)), regular)


def _far_apart(x: Any, inverse: Any) -> Any:
    """Whether a matrix is close to a singular one, so that the inverse's own derivative is rounding.

    det([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) is 7e-16, not 0, and its second derivatives are
    differences of entries of the order of 1e16.
    """
    return _matrix_largest(x) * _matrix_largest(inverse) > np.finfo(x.dtype).eps ** (-1 / 3)


def _matrix_largest(x: Any) -> Any:
    """The largest absolute entry of each matrix, shape (..., 1, 1); an empty matrix itself."""
    if not x.shape[-1]:
        return x
    return max_(abs(x), axis=(len(x.shape) - 2, len(x.shape) - 1), keepdims=True)


def _cofactors(x: Any) -> Any:
    """cof(U S V^T) is det(U) det(V) U cof(S) V^T, even if S is singular."""
    u, s, vh = np.linalg.svd(x)
    others = np.where(_eye(x.shape[-1], x), 1.0, s[..., None, :]).prod(-1)
    signs = np.sign(np.linalg.det(u) * np.linalg.det(vh))
    return np.matmul(u * (signs[..., None] * others)[..., None, :], vh)


def _cofactors_rule(g: Any, out: Any, x: Any) -> Any:
    """Derivatives of cof(S) are products of all singular values but two.

    Differentiated once more, this is right where no two singular values are equal.
    """
    n = x.shape[-1]
    u, s, v = svd_parts(svd(x), n)
    k, eye = beside(x, np.arange(n)), _eye(n, x)
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


def _log_abs_det_rule(g: Any, out: Any, x: Any) -> Any:
    """x^-T, and nan for an x that is singular, so that the others of a stack keep theirs."""
    singular = _scalar_as_matrix(out == -np.inf)
    inverse = inv(where(singular, beside(x, np.eye(x.shape[-1], dtype=x.dtype)), x)).mT
    return _scalar_as_matrix(g) * where(singular, np.nan, inverse)


def _cholesky_rule(g: Any, out: Any, x: Any) -> Any:
    """L^-T Φ(L^T g) L^-1, made symmetric; Φ takes the lower triangle, with half its diagonal."""
    n = x.shape[-1]
    phi = matmul(out.mT, g) * beside(out, np.tri(n) - 0.5 * np.eye(n))
    s = solve(out.mT, solve(out.mT, phi.mT).mT)
    return (s + s.mT) * 0.5


# --- decompositions, packed ---


def _pinv(x: Any, *, rcond: Any, part: bool) -> Any:
    return np.linalg.pinv(x, beside(x, rcond))


def _pinv_rule(g: Any, out: Any, x: Any, *, rcond: Any, part: bool) -> Any:
    """-xᵀ⁺ g xᵀ⁺, and the turn of the column and row spaces; singular values of x may be equal.

    `part` says that singular values which are not 0 are left out, so that out is the inverse of a
    part of x.

    Source: Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
    problems whose variables separate (1973), equation 4.12.
    """
    p, pt, gt = out, out.mT, g.mT
    result = -matmul(matmul(pt, g), pt)
    if part:
        return result + _turn_of_part(gt, x, rcond)
    rows = matmul(matmul(gt, p), pt)  # gᵀ p pᵀ
    columns = matmul(pt, matmul(p, gt))  # pᵀ p gᵀ
    result = result + (rows - matmul(x, matmul(p, rows)))
    return result + (columns - matmul(matmul(columns, p), x))


def _turn_of_part(gt: Any, x: Any, rcond: Any) -> Any:
    """What turns the spaces of the singular values that count against those of the others.

    It divides only by the gaps between one that counts and one that does not.
    """
    m, n = x.shape[-2:]
    u, s, v = svd_parts(svd(x), m)
    row, column = _pairs(s)
    limit = beside(x, rcond)[..., None, None] * _matrix_largest(row)
    apart = (row > limit) != (column > limit)
    high, low = where(apart, maximum(row, column), 1.0), minimum(row, column)
    h = matmul(matmul(u.mT, gt), v)
    inner = where(apart, (h + h.mT * (low / high)) / ((high - low) * (high + low)), 0.0)
    result = matmul(matmul(u, inner), v.mT)
    squares = where(row > limit, row, np.inf)
    squares = squares * squares
    if m > n:
        result = result + matmul((matmul(gt, v) - matmul(u, h)) / squares, v.mT)
    if n > m:
        result = result + matmul(u, ((matmul(gt.mT, u) - matmul(v, h.mT)) / squares).mT)
    return result


def _quotient(x: Any, y: Any) -> Any:
    """x / y, but 0 for 0 / 0: a singular value of 0, without a gradient for its vectors."""
    return x / where((x == 0) & (y == 0), 1.0, y)


def _turn(x: Any, values: Any) -> Any:
    """(x - xᵀ) / (w_j - w_i), by which vectors turn into each other.

    The vectors of equal values are arbitrary, and rounding turns those of close values by about
    eps / gap, the gap relative to the largest value. Where nothing depends on vectors whose gap is
    at most eps^(5/8) (x is 0) they contribute 0, and nan where something does: what is not nan is
    right to eps^(3/8).
    """
    row, column = _pairs(values)
    gap = row - column
    equal = abs(gap) <= np.finfo(values.dtype).eps ** (5 / 8) * _matrix_largest(row)
    turned = where(equal, 0.0, (x - x.mT) / where(equal, 1.0, gap))
    return where(equal & (x != 0) & ~_eye(values.shape[-1], values), np.nan, turned)


def _pairs(values: Any) -> Any:
    """Values (..., n) as a row (..., 1, n) and a column (..., n, 1)."""
    *stack, n = values.shape
    return reshape(values, shape=(*stack, 1, n)), reshape(values, shape=(*stack, n, 1))


def _eigh(x: Any) -> Any:
    values, vectors = np.linalg.eigh(x)
    return np.concatenate([values[..., None, :], vectors], axis=-2)


def eigh_parts(packed: Any) -> tuple[Any, Any]:
    """Unpack eigenvalues (..., n) and eigenvectors (..., n, n) from (..., n + 1, n)."""
    return getitem(packed, index=(..., 0, slice(None))), getitem(
        packed, index=(..., slice(1, None), slice(None))
    )


def _eigh_rule(g: Any, out: Any, x: Any) -> Any:
    """V (diag(gw) + (VᵀgV - gVᵀV) / 2 (w_j - w_i)) Vᵀ, symmetric like the argument."""
    (gw, gv), (w, v) = eigh_parts(g), eigh_parts(out)
    inner = where(_eye(x.shape[-1], x), _pairs(gw)[1], 0.5 * _turn(matmul(v.mT, gv), w))
    return matmul(matmul(v, inner), v.mT)


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
    row, column = _pairs(s)
    utgu, vtgv = matmul(u.mT, gu), matmul(v.mT, gv)
    inner = _turn(utgu, s) * _quotient(row, row + column)
    inner = inner + _quotient(column, row + column) * _turn(vtgv, s)
    result = matmul(matmul(u, where(_eye(k, x), _pairs(gs)[1], inner)), v.mT)
    if m > k:
        result = result + matmul(_quotient(gu - matmul(u, utgu), row), v.mT)
    if n > k:
        result = result + matmul(u, _quotient(gv - matmul(v, vtgv), row).mT)
    return result


def _rounding(x: Any) -> Any:
    """The share of the largest singular value up to which another is rounding."""
    return 4 * max(x.shape[-2:]) * np.finfo(x.dtype).eps


def _nuclear(x: Any) -> Any:
    return np.linalg.svd(x, compute_uv=False).sum(-1)


def _polar(x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    counts = s > _rounding(x) * s.max(-1, keepdims=True, initial=0)
    return np.matmul(u * counts[..., None, :], vh)


def _polar_rule(g: Any, out: Any, x: Any) -> Any:
    """U ((uᵀgv - vᵀgᵀu) / (s_i + s_j)) Vᵀ, which divides by no gap, and what turns the spaces.

    The vector of a singular value that counts turns against one of a value of 0 by gᵢⱼ / sᵢ.

    Source: Higham, Functions of Matrices (2008), chapter 8.
    """
    m, n = x.shape[-2:]
    u, s, v = svd_parts(svd(x), m)
    row, column = _pairs(s)
    limit = _rounding(x) * _matrix_largest(row)
    counts, counts_too = row > limit, column > limit
    both, none = counts & counts_too, ~(counts | counts_too)
    h = matmul(matmul(u.mT, g), v)
    turned = where(both, h - h.mT, h) / where(
        none, 1.0, where(both, row + column, maximum(row, column))
    )
    result = matmul(matmul(u, where(none, 0.0, turned)), v.mT)
    values = where(counts, row, np.inf)
    if m > n:
        result = result + matmul((matmul(g, v) - matmul(u, h)) / values, v.mT)
    if n > m:
        result = result + matmul(u, ((matmul(g.mT, u) - matmul(v, h.mT)) / values).mT)
    return result


# fmt: off
inv: Primitive         = Primitive("inv",         np.linalg.inv,      _inv_rule,                                                            formula="x⁻¹")
det: Primitive         = Primitive("det",         np.linalg.det,      _det_rule,                                                            formula="det x")
cofactors: Primitive   = Primitive("cofactors",   _cofactors,         _cofactors_rule,                                                      formula="det x · x⁻ᵀ", analytic=False)
log_abs_det: Primitive = Primitive("log_abs_det", _log_abs_det,       _log_abs_det_rule,                                                    formula="ln |det x|", analytic=False)
pinv: Primitive        = Primitive("pinv",        _pinv,              _pinv_rule,                                                           formula="x⁺, the Moore-Penrose inverse", analytic=False)
solve: Primitive       = Primitive("solve",       np.linalg.solve,    _solve_left, _solve_right,                                            formula="a⁻¹ b", labels=("a", "b"))
nuclear: Primitive     = Primitive("nuclear",     _nuclear,           lambda g, out, x: _scalar_as_matrix(g) * polar(x),                    formula="Σ σᵢ(x)", analytic=False)
polar: Primitive       = Primitive("polar",       _polar,             _polar_rule,                                                          formula="U Vᵀ, the polar factor", analytic=False)
cholesky: Primitive    = Primitive("cholesky",    np.linalg.cholesky, _cholesky_rule,                                                       formula="L with L Lᵀ = x", analytic=False)
eigh: Primitive        = Primitive("eigh",        _eigh,              _eigh_rule,                                                           formula="eigenvalues over eigenvectors", analytic=False)
svd: Primitive         = Primitive("svd",         _svd,               _svd_rule,                                                            formula="U over singular values over V", analytic=False)
# fmt: on
