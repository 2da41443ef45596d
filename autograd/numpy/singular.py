"""Singular values, pseudoinverses and what they solve, by the names of `numpy.linalg`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.backends.numpy import frozen
from autograd.engine.graph import data_of
from autograd.errors import ShapeError, message
from autograd.numpy.arguments import as_operand, flag
from autograd.numpy.diagonals import tril
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.products import matmul
from autograd.numpy.reductions import sum
from autograd.numpy.refusals import MatrixError, explained
from autograd.numpy.shaping import swapaxes
from autograd.numpy.statistics import norm
from autograd.primitives import arithmetic
from autograd.primitives import linalg as primitives

__all__ = ["cond", "lstsq", "pinv", "polar", "svd", "svdvals"]


class LstsqResult(NamedTuple):
    """The solution, the squared lengths of what is left, the rank, and the singular values."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any


class PolarResult(NamedTuple):
    """The factor with orthonormal columns or rows, and the semidefinite one."""

    U: Any
    P: Any


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values, descending, and right ones as rows."""

    U: Any
    S: Any
    Vh: Any


@implements(np.linalg.svd)
@explained
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """The singular value decomposition a = U diag(S) Vh.

    The gradient of U and Vh needs distinct singular values: it is nan where two are closer than
    2e-10 of the largest (5e-5 in float32) and the result depends on their vectors. A function of S
    alone has its gradient there too, but no second derivative.

    Args:
        a: shape (..., m, n).
        full_matrices: whether U and Vh are square. For m != n it must be False, because the extra
            vectors are arbitrary and have no derivative.
        compute_uv: whether to return U and Vh too, not S alone.
        hermitian: must be False; `eigh` is for symmetric matrices.

    Raises:
        UnsupportedError: square U and Vh of a matrix that is not.

    Example:
        >>> ag.linalg.svd(ag.Tensor([[3.0, 0.0], [0.0, 4.0]])).S
        Tensor([4., 3.])
    """
    a = as_operand(a, "svd")
    if a.ndim < 2:
        raise MatrixError(message("svd", f"shape {a.shape}", "a matrix (..., m, n)"))
    full_matrices = flag(full_matrices, "svd", "full_matrices")
    compute_uv = flag(compute_uv, "svd", "compute_uv")
    if flag(hermitian, "svd", "hermitian"):
        raise unsupported(np.linalg.svd, "hermitian=True", "False", "use eigh")
    if full_matrices and compute_uv and a.shape[-1] != a.shape[-2]:
        got = f"full_matrices=True for a matrix of shape {a.shape}"
        expected = "a square matrix, because further vectors have no derivative"
        raise unsupported(np.linalg.svd, got, expected, "pass full_matrices=False")
    u, s, v = primitives.svd_parts(primitives.svd(a), a.shape[-2])
    return SVDResult(u, s, swapaxes(v, -1, -2)) if compute_uv else s


@implements(np.linalg.svdvals)
@explained
def svdvals(a: Any, /) -> Any:
    """The singular values, descending.

    Example:
        >>> ag.linalg.svdvals(ag.Tensor([[3.0, 0.0], [0.0, 4.0]]))
        Tensor([4., 3.])
    """
    return svd(a, full_matrices=False).S


@implements(np.linalg.pinv)
@explained
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """The Moore-Penrose inverse; singular values below a share of the largest count as 0.

    With `hermitian` the matrix is symmetric, and its lower triangle is read. The derivative holds
    the rank fixed, and is right at equal singular values. Only the second one is nan at equal
    values, where `rcond` leaves out values that are not 0.

    Example:
        >>> ag.linalg.pinv(ag.Tensor([[2.0], [0.0]])).tolist()
        [[0.5, 0.0]]
    """
    a = as_operand(a, "pinv")
    if a.ndim < 2:
        raise MatrixError(message("pinv", f"shape {a.shape}", "a matrix (..., m, n)"))
    if flag(hermitian, "pinv", "hermitian"):
        if a.shape[-1] != a.shape[-2]:
            raise MatrixError(message("pinv", f"shape {a.shape}", "a square matrix (..., n, n)"))
        a = tril(a) + swapaxes(tril(a, -1), -1, -2)
    eps = np.finfo(a.dtype if a.dtype.kind == "f" else float).eps
    smallest = float(max(a.shape[-2:]) * eps)
    share = rtol if rtol is not None else rcond
    share = np.asarray(smallest if share is None else data_of(share))
    if share.ndim and share.shape != a.shape[:-2]:
        got = f"rcond of shape {share.shape} for matrices of shape {a.shape}"
        raise ShapeError(message("pinv", got, "one number, or one for each matrix"))
    try:
        data = np.linalg.svd(data_of(a), compute_uv=False)
    except np.linalg.LinAlgError as error:
        got = f"a matrix of shape {a.shape} whose {error}"
        raise np.linalg.LinAlgError(message("pinv", got, "finite entries")) from error
    largest = data.max(axis=-1, keepdims=True, initial=0.0)
    counts = data > share[..., None] * largest
    part = bool((~counts & (data > 4.0 * smallest * largest)).any())
    return primitives.pinv(a, rcond=frozen(share), part=part)


@explained
def polar(a: Any) -> PolarResult:
    """The polar decomposition a = U P: U has orthonormal columns or rows, P is semidefinite.

    U is the gradient of the nuclear norm. Singular values that are rounding count as 0, so that U
    has the rank of a. Its derivative holds the rank fixed, and is right at equal singular values;
    its second one is nan there.

    Args:
        a: shape (..., m, n).

    Example:
        >>> ag.linalg.polar(ag.Tensor([[0.0, -2.0], [3.0, 0.0]])).U.tolist()
        [[0.0, -1.0], [1.0, 0.0]]
    """
    a = as_operand(a, "polar")
    if a.ndim < 2:
        raise MatrixError(message("polar", f"shape {a.shape}", "a matrix (..., m, n)"))
    a = a if a.dtype.kind == "f" else a * 1.0
    u = primitives.polar(a)
    product = matmul(swapaxes(u, -1, -2), a)
    return PolarResult(u, (product + swapaxes(product, -1, -2)) * 0.5)


@implements(np.linalg.cond)
@explained
def cond(x: Any, p: Any = None) -> Any:
    """The condition number: the norm of a matrix times that of its inverse.

    Args:
        x: shape (..., m, n), square unless p is None, 2 or -2.
        p: the `ord` of the norm; None and 2 divide the largest singular value by the smallest, -2
            the smallest by the largest.

    Example:
        >>> ag.linalg.cond(ag.Tensor([[2.0, 0.0], [0.0, 4.0]]))
        Tensor(2.)
    """
    x = as_operand(x, "cond")
    if x.ndim < 2 or not all(x.shape[-2:]):
        raise MatrixError(message("cond", f"shape {x.shape}", "a matrix (..., m, n) with entries"))
    with np.errstate(all="ignore"):
        found = _quotient(x, p)
    # 0 / 0 and 0 · ∞ are of a matrix of zeros, which is as singular as can be.
    zero = np.isnan(data_of(found)) & ~np.isnan(data_of(x)).any((-2, -1))
    return arithmetic.where(zero, found.dtype.type(np.inf), found)


def _quotient(x: Any, p: Any) -> Any:
    """The condition number, where it is one."""
    if p is None or p in (2, -2):
        s = svdvals(x if x.dtype.kind == "f" else x * 1.0)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    if x.shape[-1] != x.shape[-2]:
        raise MatrixError(message("cond", f"shape {x.shape}", "a square matrix (..., n, n)"))
    size = norm(x, p, (-2, -1))
    try:
        return size * norm(primitives.inv(x), p, (-2, -1))
    except np.linalg.LinAlgError:
        return size * np.inf


@implements(np.linalg.lstsq)
@explained
def lstsq(a: Any, b: Any, rcond: Any = None) -> LstsqResult:
    """The x with the least ‖a @ x - b‖², of those the shortest.

    The derivative holds the rank fixed.

    Args:
        a: shape (m, n).
        b: one vector (m,), or columns (m, k).
        rcond: the share of the largest singular value below which others count as 0.

    Returns:
        x; Σ (a @ x - b)² for each column, without entries unless m > n and the rank is n; the rank
        and the singular values, which are plain data.

    Example:
        >>> a, b = ag.Tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), [1.0, 3.0, 5.0]
        >>> ag.linalg.lstsq(a, b).solution.round(6)
        Tensor([1., 2.])
    """
    a, b = as_operand(a, "lstsq"), as_operand(b, "lstsq")
    if a.ndim != 2 or b.ndim not in (1, 2) or a.shape[0] != b.shape[0]:
        got = f"shapes {a.shape} and {b.shape}"
        raise MatrixError(message("lstsq", got, "a matrix (m, n), and (m,) or (m, k)"))
    share = np.finfo(a.dtype if a.dtype.kind == "f" else float).eps * max(a.shape)
    share = share if rcond is None else data_of(rcond)
    values = np.linalg.svd(data_of(a), compute_uv=False)
    rank = np.int32((values > share * values.max(initial=0.0)).sum())
    x = matmul(pinv(a, share), b)
    left = matmul(a, x) - b
    full = rank == a.shape[1] < a.shape[0]
    residuals = sum(left * left, 0, keepdims=left.ndim == 1) if full else np.empty(0, left.dtype)
    return LstsqResult(x, residuals, rank, values)
