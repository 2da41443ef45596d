"""Linear algebra on stacks of real matrices (..., n, n), by the names of `numpy.linalg`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.backends.numpy import frozen
from autograd.engine.graph import data_of
from autograd.errors import ShapeError, counted, message, one_of
from autograd.names import of_linalg as __getattr__  # noqa: F401
from autograd.numpy.arguments import as_operand, flag, integer
from autograd.numpy.diagonals import diagonal as plane_diagonal
from autograd.numpy.diagonals import trace as plane_trace
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.products import cross, matmul, multi_dot, tensordot, vecdot
from autograd.numpy.products import outer as flat_outer
from autograd.numpy.refusals import ArgumentError, MatrixError, explained
from autograd.numpy.selection import stop_gradient, where
from autograd.numpy.shaping import expand_dims, reshape, swapaxes
from autograd.numpy.statistics import norm
from autograd.primitives import linalg as p

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_power",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "polar",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
]


class SlogdetResult(NamedTuple):
    """The sign of a determinant, as plain data, and the logarithm of its absolute value."""

    sign: Any
    logabsdet: Any


class EighResult(NamedTuple):
    """Eigenvalues, ascending, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


class PolarResult(NamedTuple):
    """The factor with orthonormal columns or rows, and the semidefinite one."""

    U: Any
    P: Any


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values, descending, and right ones as rows."""

    U: Any
    S: Any
    Vh: Any


def _square(x: Any, what: str) -> Any:
    x = as_operand(x, what)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise MatrixError(message(what, f"shape {x.shape}", "a square matrix (..., n, n)"))
    return x


@implements(np.linalg.inv)
@explained
def inv(a: Any) -> Any:
    """The inverse matrix.

    Derivative: -a⁻ᵀ g a⁻ᵀ.

    Raises:
        ShapeError: the matrix is not square.
        numpy.linalg.LinAlgError: the matrix is singular.

    Example:
        >>> ag.linalg.inv(ag.Tensor([[2.0, 0.0], [0.0, 4.0]])).tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """
    return p.inv(_square(a, "inv"))


@implements(np.linalg.det)
@explained
def det(a: Any) -> Any:
    """The determinant.

    Derivative: the cofactors, even for a matrix that is singular, exactly or nearly.

    Example:
        >>> ag.linalg.det(ag.Tensor([[2.0, 1.0], [0.0, 4.0]]))
        Tensor(8.)
    """
    return p.det(_square(a, "det"))


@implements(np.linalg.slogdet)
@explained
def slogdet(a: Any) -> SlogdetResult:
    """The sign of the determinant, which is plain data, and the logarithm of its absolute value.

    Derivative of the logarithm: a⁻ᵀ, and nan where the matrix is singular and the logarithm -inf.

    Example:
        >>> ag.linalg.slogdet(ag.Tensor([[1.0, 0.0], [0.0, -1.0]])).sign
        np.float64(-1.0)
    """
    a = _square(a, "slogdet")
    return SlogdetResult(np.linalg.slogdet(data_of(a))[0], p.log_abs_det(a))


@implements(np.linalg.solve)
@explained
def solve(a: Any, b: Any) -> Any:
    """The x that solves a @ x = b.

    Derivatives: a⁻ᵀ g for b, and minus that times xᵀ for a.

    Args:
        a: shape (..., n, n).
        b: one vector (n,), or matrices (..., n, k).

    Example:
        >>> ag.linalg.solve(ag.Tensor([[2.0, 0.0], [0.0, 4.0]]), [1.0, 1.0])
        Tensor([0.5 , 0.25])
    """
    a, b = _square(a, "solve"), as_operand(b, "solve")
    rows = b.shape[0] if b.ndim == 1 else b.shape[-2] if b.ndim else 0
    if rows != a.shape[-1]:
        got = f"shapes {a.shape} and {b.shape}"
        raise ShapeError(message("solve", got, f"{counted(a.shape[-1], 'row')} in b"))
    if b.ndim > 1:
        return p.solve(a, b)
    x = p.solve(a, expand_dims(b, 1))
    return reshape(x, x.shape[:-1])


@implements(np.linalg.cholesky)
@explained
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The lower triangular L with L @ Lᵀ = a, or its transpose.

    The lower triangle of `a` is read, the gradient is symmetric.

    Raises:
        numpy.linalg.LinAlgError: the matrix is not positive definite.

    Example:
        >>> ag.linalg.cholesky(ag.Tensor([[4.0, 2.0], [2.0, 2.0]])).tolist()
        [[2.0, 0.0], [1.0, 1.0]]

    Source: Murray, Differentiation of the Cholesky decomposition (2016).
    """
    a = _square(a, "cholesky")
    upper = flag(upper, "cholesky", "upper")
    factor = p.cholesky(swapaxes(a, -1, -2) if upper else a)
    return swapaxes(factor, -1, -2) if upper else factor


@implements(np.linalg.eigh)
@explained
def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """Eigenvalues and eigenvectors of symmetric matrices.

    The gradient is symmetric. That of the eigenvectors needs distinct eigenvalues: it is nan where
    two are closer than 2e-10 of the largest (5e-5 in float32) and the result depends on their
    vectors. A function of the eigenvalues alone has its gradient there too, but no second
    derivative. The signs of eigenvectors are arbitrary, so a result should not depend on them.

    Args:
        a: shape (..., n, n), symmetric.
        UPLO: the triangle that is read, "L" or "U".

    Example:
        >>> ag.linalg.eigh(ag.Tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
        Tensor([1., 2.])
    """
    a = _square(a, "eigh")
    one_of("eigh", "UPLO", UPLO, ("L", "U", "l", "u"), ArgumentError)
    return EighResult(*p.eigh_parts(p.eigh(swapaxes(a, -1, -2) if UPLO in ("U", "u") else a)))


@implements(np.linalg.eigvalsh)
@explained
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of symmetric matrices, ascending.

    Example:
        >>> ag.linalg.eigvalsh(ag.Tensor([[2.0, 0.0], [0.0, 1.0]]))
        Tensor([1., 2.])
    """
    return eigh(a, UPLO).eigenvalues


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
    u, s, v = p.svd_parts(p.svd(a), a.shape[-2])
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

    The derivative holds the rank fixed, and is right at equal singular values. Only the second one
    is nan at equal values, where `rcond` leaves out values that are not 0.

    Example:
        >>> ag.linalg.pinv(ag.Tensor([[2.0], [0.0]])).tolist()
        [[0.5, 0.0]]
    """
    a = as_operand(a, "pinv")
    if a.ndim < 2:
        raise MatrixError(message("pinv", f"shape {a.shape}", "a matrix (..., m, n)"))
    if flag(hermitian, "pinv", "hermitian"):
        raise unsupported(np.linalg.pinv, "hermitian=True", "False", "leave it out")
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
    return p.pinv(a, rcond=frozen(share), part=part)


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
    u = p.polar(a)
    product = matmul(swapaxes(u, -1, -2), a)
    return PolarResult(u, (product + swapaxes(product, -1, -2)) * 0.5)


@implements(np.linalg.matrix_power)
@explained
def matrix_power(a: Any, n: int) -> Any:
    """The product of n copies of a matrix; for negative n, of its inverse.

    Example:
        >>> ag.linalg.matrix_power(ag.Tensor([[1.0, 1.0], [0.0, 1.0]]), 3).tolist()
        [[1.0, 3.0], [0.0, 1.0]]
    """
    a, n = _square(a, "matrix_power"), integer(n, "matrix_power", "n")
    if n == 0:
        return where(True, np.eye(a.shape[-1], dtype=a.dtype), stop_gradient(a))
    power, result = inv(a) if n < 0 else a, None
    n = abs(n)
    while n:
        if n % 2:
            result = power if result is None else matmul(result, power)
        n //= 2
        power = matmul(power, power) if n else power
    return result


@implements(np.linalg.outer)
@explained
def outer(x1: Any, x2: Any, /) -> Any:
    """Every product of an entry of one vector and an entry of another.

    Raises:
        ShapeError: one is not a vector; `ag.outer` flattens it.

    Example:
        >>> ag.linalg.outer(ag.Tensor([1.0, 2.0]), [3.0, 4.0])
        Tensor([[3., 4.],
                [6., 8.]])
    """
    x, y = as_operand(x1, "outer"), as_operand(x2, "outer")
    if x.ndim != 1 or y.ndim != 1:
        got, hint = f"shapes {x.shape} and {y.shape}", "ag.outer flattens its arguments"
        raise ShapeError(message("outer", got, "two vectors (n,) and (m,)", hint))
    return flat_outer(x, y)


@implements(np.linalg.diagonal)
@explained
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """The diagonal of each matrix (..., n, m), as the last axis.

    Example:
        >>> ag.linalg.diagonal(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[1., 4.]])
    """
    return plane_diagonal(x, offset, -2, -1)


@implements(np.linalg.trace)
@explained
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sum of the diagonal of each matrix (..., n, m).

    Example:
        >>> ag.linalg.trace(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([5.])
    """
    return plane_trace(x, offset, -2, -1, dtype)
