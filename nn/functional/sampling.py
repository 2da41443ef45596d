"""Sampling an input at the points of a grid, through which gradients reach the grid too."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, message, one_of
from nn.arguments import floats, is_listed, optional_flags, sizes
from nn.functional.interpolation import cubic_weight


def affine_grid(theta: Any, size: Any, align_corners: bool | None = None) -> Any:
    """The places that an affine map gives to the entries of an output, for `grid_sample`.

    Coordinates go from -1 to 1 along each axis; x, along the last axis, stands first.

    Args:
        theta: the maps, shape (N, 2, 3), or (N, 3, 4) for three axes.
        size: the shape of the output, (N, C, H, W) or (N, C, D, H, W).
        align_corners: whether -1 and 1 are the centres of the first and last entries; otherwise,
            which is the default, they are their outer borders.

    Returns:
        shape (N, H, W, 2) or (N, D, H, W, 3).

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> same = ag.Tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
        >>> nn.functional.affine_grid(same, (1, 1, 1, 2)).tolist()
        [[[[-0.5, 0.0], [0.5, 0.0]]]]

    Source: Jaderberg, Simonyan, Zisserman and Kavukcuoglu, Spatial transformer networks (2015).
    """
    what, maps = "affine_grid", floats(theta)
    optional_flags(what, align_corners=align_corners)
    given = tuple(size) if is_listed(size) else size
    five = isinstance(given, tuple) and len(given) == 5
    shape = sizes(what, "size", given, 5 if five else 4)
    k = len(shape) - 2
    if maps.shape != (shape[0], k, k + 1):
        got = f"theta of shape {maps.shape} for size={described(size)}"
        raise ShapeError(message(what, got, f"{(shape[0], k, k + 1)}"))
    lines = [_centres(n, bool(align_corners)) for n in shape[2:]]
    points = np.stack([*np.meshgrid(*lines, indexing="ij")[::-1], np.ones(shape[2:])], axis=-1)
    points = points.reshape((-1, k + 1)).astype(maps.dtype)
    return (points @ maps.mT).reshape((shape[0], *shape[2:], k))


def _centres(n: int, align_corners: bool) -> Any:
    """The coordinates of the centres of n entries."""
    if align_corners:
        return np.linspace(-1.0, 1.0, n) if n > 1 else np.zeros(1)
    return (2.0 * np.arange(n) + 1.0) / n - 1.0


def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """The input at the points of a grid, interpolated; differentiable in both.

    Args:
        input: shape (N, C, H, W) or (N, C, D, H, W).
        grid: the points, shape (N, H', W', 2) or (N, D', H', W', 3), from -1 to 1 along each axis;
            x, along the last axis, stands first.
        mode: "bilinear" (over three axes, trilinear), "nearest", or "bicubic" for two axes.
        padding_mode: what lies outside: "zeros", "border" or "reflection".
        align_corners: whether -1 and 1 are the centres of the first and last entries; otherwise,
            which is the default, they are their outer borders.

    Returns:
        shape (N, C, H', W') or (N, C, D', H', W').

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: a mode is another.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[[[1.0, 3.0]]]])
        >>> nn.functional.grid_sample(x, [[[[0.0, 0.0], [0.5, 0.0]]]]).tolist()
        [[[[2.0, 3.0]]]]

    Source: Jaderberg, Simonyan, Zisserman and Kavukcuoglu, Spatial transformer networks (2015).
    """
    what, x, points = "grid_sample", floats(input), floats(grid)
    one_of(what, "mode", mode, ("bilinear", "nearest", "bicubic"))
    one_of(what, "padding_mode", padding_mode, ("zeros", "border", "reflection"))
    optional_flags(what, align_corners=align_corners)
    k = x.ndim - 2
    if k not in (2, 3) or points.ndim != x.ndim or points.shape[-1] != k or 0 in x.shape[2:]:
        got = f"an input of shape {x.shape} and a grid of shape {points.shape}"
        expected = "(N, C, H, W) and (N, H', W', 2), or (N, C, D, H, W) and (N, D', H', W', 3)"
        raise ShapeError(message(what, got, expected))
    if points.shape[0] != x.shape[0]:
        got = f"a grid for {points.shape[0]} inputs and {x.shape[0]} of them"
        raise ShapeError(message(what, got, "one grid for each input"))
    if mode == "bicubic" and k == 3:
        got = f"mode='bicubic' for an input of shape {x.shape}"
        raise ValueError(message(what, got, "mode='bilinear' or mode='nearest'"))
    lengths, corners = x.shape[2:], bool(align_corners)
    along = [
        _neighbours(points[..., k - 1 - i], n, mode, padding_mode, corners)
        for i, n in enumerate(lengths)
    ]
    return _weighed(x, along, points.shape[1:-1])


def _weighed(x: Any, along: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """The sum over all combinations of neighbours, one from each axis, by their weights."""
    n, channels, *lengths = x.shape
    entries = math.prod(lengths)
    rows = ag.moveaxis(x.reshape((n, channels, entries)), 1, 2).reshape((n * entries, channels))
    first = (entries * np.arange(n)).reshape((n, *(1,) * len(shape)))
    out: Any = None
    for combination in itertools.product(*along):
        index: Any = 0
        weight: Any = None
        for (place, share), length in zip(combination, lengths, strict=True):
            index = index * length + place
            weight = share if weight is None or share is None else weight * share
        found = ag.embedding(rows, first + index)
        if weight is not None:
            found = found * ag.expand_dims(weight, -1)
        out = found if out is None else out + found
    return ag.moveaxis(out.astype(x.dtype), -1, 1)


def _neighbours(
    coordinate: Any, n: int, mode: str, padding_mode: str, align_corners: bool
) -> list[tuple[Any, Any]]:
    """(place, weight) of each entry that a point along one axis of n entries is made of."""
    place = (coordinate + 1.0) * ((n - 1) / 2.0)
    if not align_corners:
        place = (coordinate + 1.0) * (n / 2.0) - 0.5
    if mode == "bicubic":
        below = np.floor(_plain(place))
        found = [(below + i, cubic_weight(ag.abs(place - (below + i)))) for i in range(-1, 3)]
        # The kernel itself reaches beyond the border, and its entries come from there.
        padded = [(_inside(at, n, padding_mode, align_corners), w) for at, w in found]
        return [_entry(at, w, n) for at, w in padded]
    place = _inside(place, n, padding_mode, align_corners)
    if mode == "nearest":
        return [_entry(np.rint(_plain(place)), None, n)]
    below = np.floor(_plain(place))
    share = place - below
    return [_entry(below, 1.0 - share, n), _entry(below + 1.0, share, n)]


def _plain(x: Any) -> Any:
    """The numbers of x, without a gradient."""
    return np.asanyarray(ag.stop_gradient(x))


def _entry(place: Any, weight: Any, n: int) -> tuple[Any, Any]:
    """A place as an index, and its weight, which is 0 outside of the n entries."""
    inside = (place >= 0) & (place < n)
    # fmax and fmin leave nan, whose weight is nan, at an index.
    index = np.fmin(np.fmax(place, 0.0), n - 1.0).astype(int)
    inside = inside | (place != place)
    return index, inside.astype(place.dtype) if weight is None else ag.where(inside, weight, 0.0)


def _inside(place: Any, n: int, padding_mode: str, align_corners: bool) -> Any:
    """Places moved inside, to the border or by reflection; the slope at the border is 0."""
    if padding_mode == "zeros":
        return place
    if padding_mode == "reflection":
        low, span = (0.0, n - 1.0) if align_corners else (-0.5, float(n))
        if span == 0:
            return place * 0.0
        distance = ag.where(place < low, low - place, place - low)
        turns = np.floor(_plain(distance) / span)
        beyond = distance - turns * span
        place = ag.where(turns % 2 == 0, beyond + low, span + low - beyond)
    return ag.where(place <= 0, 0.0, ag.where(place >= n - 1, n - 1.0, place))
