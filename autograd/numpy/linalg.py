"""Linear algebra on stacks of real matrices (..., n, n), by the names of `numpy.linalg`."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import ShapeError, counted, message, one_of
from autograd.names import of_linalg as __getattr__  # noqa: F401
from autograd.numpy.arguments import as_operand, flag, integer
from autograd.numpy.arguments import normalize_axis as _axes_of
from autograd.numpy.diagonals import diagonal as plane_diagonal
from autograd.numpy.diagonals import trace as plane_trace
from autograd.numpy.dispatch import depends, implements, unsupported
from autograd.numpy.joining import concatenate
from autograd.numpy.products import cross, matmul, multi_dot, tensordot, vecdot
from autograd.numpy.products import outer as flat_outer
from autograd.numpy.refusals import ArgumentError, MatrixError, explained
from autograd.numpy.selection import stop_gradient, where
from autograd.numpy.shaping import expand_dims, moveaxis, reshape, swapaxes
from autograd.numpy.singular import cond, lstsq, pinv, polar, svd, svdvals
from autograd.numpy.statistics import norm
from autograd.primitives import linalg as p

__all__ = [
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "polar",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


class SlogdetResult(NamedTuple):
    """The sign of a determinant, as plain data, and the logarithm of its absolute value."""

    sign: Any
    logabsdet: Any


class EighResult(NamedTuple):
    """Eigenvalues, ascending, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


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


class QRResult(NamedTuple):
    """Orthonormal columns, and an upper triangular matrix."""

    Q: Any
    R: Any


@implements(np.linalg.qr)
@explained
def qr(a: Any, mode: Any = "reduced") -> Any:
    """The decomposition a = Q R: Q has orthonormal columns, R is upper triangular.

    The derivative needs independent columns, of which the first min(m, n) count. The signs are
    NumPy's.

    Args:
        a: shape (..., m, n).
        mode: "reduced"; "r" for R alone; "complete", with a square Q, for m <= n only, because
            further columns are arbitrary and have no derivative.

    Raises:
        numpy.linalg.LinAlgError: the columns depend on each other.

    Example:
        >>> ag.linalg.qr(ag.Tensor([[3.0, 1.0], [4.0, 2.0]])).R.round(6).tolist()
        [[-5.0, -2.2], [0.0, 0.4]]

    Source: Yamamoto et al., Roundoff error analysis of the CholeskyQR2 algorithm (2015).
    """
    a = as_operand(a, "qr")
    if a.ndim < 2:
        raise MatrixError(message("qr", f"shape {a.shape}", "a matrix (..., m, n)"))
    one_of("qr", "mode", mode, ("reduced", "complete", "r"), ArgumentError)
    m, n = a.shape[-2:]
    if mode == "complete" and m > n:
        expected = "mode='reduced', because further columns have no derivative"
        raise unsupported(np.linalg.qr, f"mode='complete' for shape {a.shape}", expected)
    a = a if a.dtype.kind == "f" else a * 1.0
    if not depends(a):
        found = np.linalg.qr(data_of(a), mode)
        kind: Any = type(a) if isinstance(a, Node) else np.asarray
        return kind(found) if mode == "r" else QRResult(*map(kind, found))
    k = min(m, n)
    square = a[..., :k] if n > k else a
    # With NumPy's R as a constant, b has nearly orthonormal columns; its own factor L, close to the
    # identity, corrects both parts and carries the derivative.
    constant = np.linalg.qr(data_of(square)).R
    if not np.abs(np.diagonal(constant, 0, -2, -1)).all():
        raise MatrixError(message("qr", "a matrix whose columns depend on each other", "full rank"))
    b = swapaxes(p.solve(np.swapaxes(constant, -1, -2), swapaxes(square, -1, -2)), -1, -2)
    factor = p.cholesky(matmul(swapaxes(b, -1, -2), b))
    q = swapaxes(p.solve(factor, swapaxes(b, -1, -2)), -1, -2)
    r = matmul(swapaxes(factor, -1, -2), constant)
    if n > k:
        r = concatenate([r, matmul(swapaxes(q, -1, -2), a[..., k:])], -1)
    return r if mode == "r" else QRResult(q, r)


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


@implements(np.linalg.vector_norm)
@explained
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of the entries along axes, as one vector.

    Args:
        x: a Tensor or array.
        axis: one axis or several; by default all.
        keepdims: whether the axes stay, with length 1.
        ord: as for vectors in `norm`.

    Example:
        >>> ag.linalg.vector_norm(ag.Tensor([[3.0], [4.0]]))
        Tensor(5.)
    """
    x = as_operand(x, "vector_norm")
    keepdims = flag(keepdims, "vector_norm", "keepdims")
    axes = _axes_of(axis, x.ndim, "vector_norm")
    rest = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    count = math.prod(x.shape[i] for i in axes)
    line = reshape(moveaxis(x, axes, range(-len(axes), 0)), (*rest, count))
    return reshape(norm(line, ord, -1), kept if keepdims else rest)


@implements(np.linalg.matrix_norm)
@explained
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of each matrix (..., m, n).

    Args:
        x: a Tensor or array.
        keepdims: whether the last two axes stay, with length 1.
        ord: as for matrices in `norm`.

    Example:
        >>> ag.linalg.matrix_norm(ag.Tensor([[3.0, 0.0], [0.0, 4.0]]))
        Tensor(5.)
    """
    x = as_operand(x, "matrix_norm")
    if x.ndim < 2:
        raise MatrixError(message("matrix_norm", f"shape {x.shape}", "a matrix (..., m, n)"))
    return norm(x, ord, (-2, -1), keepdims)
