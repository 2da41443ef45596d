"""Resizing over one, two or three axes: a choice of entries or a matrix along each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, message, one_of
from nn.arguments import LARGEST, flags, floats, is_listed, number, refuse, sizes
from nn.functional.padding import AXES

# The modes that need a certain number of axes, and the matrix along each.
LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}
CUBIC = {"bicubic": 2}
ANY = ("nearest", "nearest-exact", "area")
SHARPNESS = -0.75  # the slope of the cubic kernel at distance 1, as PyTorch and OpenCV have it


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """Resize the input along its last one, two or three axes.

    Args:
        input: shape (N, C, L), (N, C, H, W) or (N, C, D, H, W).
        size: the new lengths, an int or one for each axis; or
        scale_factor: the factor of the lengths, a number or one for each axis.
        mode: for any number of axes "nearest" (the entry whose area begins last before the new
            one's), "nearest-exact" (the one with the nearest centre) or "area" (means of even
            bins); "linear" for one axis, "bilinear" or "bicubic" for two, "trilinear" for three.
        align_corners: for the linear and cubic modes, whether the first and the last entries keep
            their places; otherwise entries are areas, whose outer borders keep their places.
        recompute_scale_factor: whether the factor is that of the new lengths, which are ints.
        antialias: only False.

    Raises:
        ShapeError: the input does not have the axes of the mode.
        ValueError: an argument is out of range, or not exactly one of size and scale_factor is
            given.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[[1.0, 3.0]]])
        >>> nn.functional.interpolate(x, scale_factor=2).tolist()
        [[[1.0, 1.0, 3.0, 3.0]]]
        >>> nn.functional.interpolate(x, 3, mode="linear", align_corners=True).tolist()
        [[[1.0, 2.0, 3.0]]]

    Source: Keys, Cubic convolution interpolation for digital image processing (1981), for
        "bicubic".
    """
    what = "interpolate"
    x = floats(input)
    refuse(what, antialias=antialias)
    check_resize(what, size, scale_factor, mode, align_corners, recompute_scale_factor)
    k = (LINEAR | CUBIC).get(mode, x.ndim - 2)
    if k not in AXES or x.ndim != k + 2:
        expected = "(N, C, L), (N, C, H, W) or (N, C, D, H, W)" if mode in ANY else f"({AXES[k]})"
        raise ShapeError(message(what, f"an input of shape {x.shape} with mode={mode!r}", expected))
    if x.shape[2:] and 0 in x.shape[2:]:
        raise ShapeError(message(what, f"an input of shape {x.shape}", "entries on its last axes"))
    lengths = x.shape[2:]
    new, steps = _new_lengths(what, lengths, size, scale_factor, recompute_scale_factor)
    for i, (n, m, step) in enumerate(zip(lengths, new, steps, strict=True)):
        if mode == "area":
            x = matmul_along(x, 2 + i, means_matrix(n, m, x.dtype))
        elif mode in ANY:
            centre = 0.0 if mode == "nearest" else 0.5
            x = ag.take(x, np.minimum(((np.arange(m) + centre) * step).astype(int), n - 1), 2 + i)
        else:
            matrix = _linear_matrix if mode in LINEAR else _cubic_matrix
            x = matmul_along(x, 2 + i, matrix(n, m, step, bool(align_corners)).astype(x.dtype))
    return x


def _new_lengths(
    what: str, lengths: Sequence[int], size: Any, scale_factor: Any, recompute: bool | None
) -> tuple[Sequence[int], list[float]]:
    """The lengths of the output, and the step in the input from one of its entries to the next."""
    k = len(lengths)
    if scale_factor is None:
        new = sizes(what, "size", size, k)
        return new, [n / m for n, m in zip(lengths, new, strict=True)]
    factors = tuple(scale_factor) if is_listed(scale_factor) else (scale_factor,) * k
    if len(factors) != k:
        expected = f"a number, or {k} of them" if k > 1 else "a number"
        raise ValueError(message(what, f"scale_factor={described(scale_factor)}", expected))
    wanted = [n * f for n, f in zip(lengths, factors, strict=True)]
    if max(wanted) > LARGEST:
        got = f"scale_factor={described(scale_factor)} for lengths {tuple(lengths)}"
        raise ValueError(message(what, got, f"at most {LARGEST:,} entries on each axis"))
    new = tuple(map(int, wanted))
    if min(new) < 1:
        got = f"scale_factor={described(scale_factor)} for lengths {tuple(lengths)}"
        raise ValueError(message(what, got, "one that leaves an entry on each axis"))
    if recompute:
        return new, [n / m for n, m in zip(lengths, new, strict=True)]
    return new, [1.0 / f for f in factors]


def check_resize(
    what: str,
    size: Any,
    scale_factor: Any,
    mode: str,
    align_corners: bool | None,
    recompute_scale_factor: bool | None,
) -> None:
    """Check what does not depend on the input.

    Raises:
        ValueError: an argument is out of range, or not exactly one of size and scale_factor is
            given.
        TypeError: an option is neither None, True nor False.
    """
    one_of(what, "mode", mode, (*ANY, *LINEAR, *CUBIC))
    if (size is None) == (scale_factor is None):
        got = f"size={size} and scale_factor={scale_factor}"
        raise ValueError(message(what, got, "exactly one of the two"))
    if scale_factor is not None:
        factors = tuple(scale_factor) if is_listed(scale_factor) else (scale_factor,)
        if not factors:
            got = f"scale_factor={described(scale_factor)}"
            raise ValueError(message(what, got, "a factor, or one for each axis"))
        for factor in factors:
            number(what, "scale_factor", factor, 0.0, open_low=True)
    else:
        sizes(what, "size", size, max(len(size), 1) if isinstance(size, Sequence) else 1)
    if align_corners is not None:
        flags(what, align_corners=align_corners)
        if align_corners and mode in ANY:
            got = f"align_corners=True with mode={mode!r}"
            raise ValueError(message(what, got, "a linear or cubic mode"))
    if recompute_scale_factor is not None:
        flags(what, recompute_scale_factor=recompute_scale_factor)
        if recompute_scale_factor and size is not None:
            got = f"recompute_scale_factor=True and size={size}"
            raise ValueError(message(what, got, "a scale_factor to compute again"))


def matmul_along(x: Any, axis: int, matrix: Any) -> Any:
    """The product of the matrix and x along one axis.

    Example:
        >>> from nn.functional.interpolation import matmul_along
        >>> matmul_along(np.ones((2, 3)), 1, np.ones((5, 3))).shape
        (2, 5)
    """
    return ag.moveaxis(ag.tensordot(x, matrix, axes=([axis], [1])), -1, axis)


def bins(n: int, m: int) -> list[range]:
    """m even parts of n entries, which overlap where m does not divide n.

    Example:
        >>> from nn.functional.interpolation import bins
        >>> bins(3, 2)
        [range(0, 2), range(1, 3)]
    """
    return [range(i * n // m, -((i + 1) * n // -m)) for i in range(m)]


def means_matrix(n: int, m: int, dtype: Any) -> Any:
    """The matrix of the means over m bins of n entries: 1 / length in the rows.

    Example:
        >>> from nn.functional.interpolation import means_matrix
        >>> means_matrix(3, 2, float)
        array([[0.5, 0.5, 0. ],
               [0. , 0.5, 0.5]])
    """
    matrix = np.zeros((m, n), dtype)
    for row, part in zip(matrix, bins(n, m), strict=True):
        row[part.start : part.stop] = 1.0 / len(part)
    return matrix


def _positions(n: int, m: int, step: float, align_corners: bool) -> Any:
    """Where the m new entries lie among the n old ones."""
    if align_corners:
        return np.linspace(0.0, n - 1.0, m) if m > 1 else np.zeros(1)
    return (np.arange(m) + 0.5) * step - 0.5


def _linear_matrix(n: int, m: int, step: float, align_corners: bool) -> Any:
    """The matrix of linear interpolation from n to m entries."""
    position = np.maximum(_positions(n, m, step, align_corners), 0.0)
    return _matrix(n, position, range(2), lambda t: np.maximum(1.0 - t, 0.0))


def _cubic_matrix(n: int, m: int, step: float, align_corners: bool) -> Any:
    """The matrix of cubic interpolation from n to m entries; the border goes on outside."""
    return _matrix(n, _positions(n, m, step, align_corners), range(-1, 3), cubic_weight)


def cubic_weight(distance: Any) -> Any:
    """The weight of an entry at a distance from 0 to 2: a cubic between 0 and 1, and one beyond.

    Example:
        >>> from nn.functional.interpolation import cubic_weight
        >>> [float(cubic_weight(np.array(t))) for t in (0.0, 0.5, 1.0, 2.0)]
        [1.0, 0.59375, 0.0, 0.0]
    """
    t, a = distance, SHARPNESS
    near = ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0
    far = ((t - 5.0) * t + 8.0) * t * a - 4.0 * a
    return ag.where(t <= 1.0, near, far)


def _matrix(n: int, position: Any, neighbours: Sequence[int], weight: Callable[[Any], Any]) -> Any:
    """A matrix whose rows weigh the neighbours of each position by their distance from it."""
    below = np.floor(position).astype(int)
    matrix = np.zeros((len(position), n))
    for i in neighbours:
        place = np.clip(below + i, 0, n - 1)
        np.add.at(matrix, (np.arange(len(position)), place), weight(abs(position - below - i)))
    return matrix
