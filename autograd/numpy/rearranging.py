"""Entries moved or repeated within an array, by NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.graph import data_of
from autograd.errors import ShapeError, as_int, counted, described, message, one_of
from autograd.names import KEYWORDS
from autograd.numpy.arguments import (
    as_operand,
    integer,
    integers_or_one,
    normalize_axes,
    normalize_axis,
    normalize_one_axis,
)
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.refusals import ArgumentError, AxisError, explained
from autograd.primitives import shaping as s
from autograd.primitives.indexing import getitem, scatter_add

__all__ = [
    "fftshift",
    "flip",
    "fliplr",
    "flipud",
    "ifftshift",
    "pad",
    "repeat",
    "roll",
    "rot90",
    "tile",
]


@implements(np.flip)
@explained
def flip(m: Any, axis: Any = None) -> Any:
    """The array reversed along axes.

    Example:
        >>> ag.flip(ag.Tensor([1.0, 2.0, 3.0]))
        Tensor([3., 2., 1.])
    """
    m = as_operand(m, "flip")
    axis = axis.tolist() if isinstance(axis, np.ndarray) else axis
    axes = normalize_axis(axis, m.ndim, "flip")
    return getitem(m, index=tuple(slice(None, None, -1 if i in axes else 1) for i in range(m.ndim)))


@implements(np.fliplr)
@explained
def fliplr(m: Any) -> Any:
    """The array reversed along its second axis.

    Example:
        >>> ag.fliplr(ag.Tensor([[1.0, 2.0]]))
        Tensor([[2., 1.]])
    """
    return flip(m, 1)


@implements(np.flipud)
@explained
def flipud(m: Any) -> Any:
    """The array reversed along its first axis.

    Example:
        >>> ag.flipud(ag.Tensor([[1.0], [2.0]])).tolist()
        [[2.0], [1.0]]
    """
    m = as_operand(m, "flipud")
    normalize_one_axis(0, m.ndim, "flipud")
    return flip(m, 0)


@implements(np.roll)
@explained
def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """Entries moved along axes; those that leave at the end come back at the start.

    Example:
        >>> ag.roll(ag.Tensor([1.0, 2.0, 3.0]), 1)
        Tensor([3., 1., 2.])
    """
    x = as_operand(x, "roll")
    shifts = integers_or_one(shift, "roll", "shift")
    axes = None if axis is None else axis
    for i in [] if axes is None else axes if isinstance(axes, (list, tuple)) else [axes]:
        normalize_one_axis(i, x.ndim, "roll")
    if len(shifts) > 1 and isinstance(axes, (list, tuple)) and len(axes) not in (1, len(shifts)):
        got = f"{counted(len(shifts), 'shift')} for {counted(len(axes), 'axis')}"
        raise ShapeError(message("roll", got, "one shift for each axis"))
    shift = shift if np.ndim(shift) else shifts[0]
    return _moved(x, "roll", lambda places: np.roll(places, shift, axes))


@implements(np.fft.fftshift)
@explained
def fftshift(x: Any, axes: Any = None) -> Any:
    """Entries moved by half of each axis, which puts frequency 0 of a transform in the middle.

    Example:
        >>> ag.fftshift(ag.Tensor([0.0, 1.0, -2.0, -1.0]))
        Tensor([-2., -1.,  0.,  1.])
    """
    return _moved(as_operand(x, "fftshift"), "fftshift", lambda at: np.fft.fftshift(at, axes))


@implements(np.fft.ifftshift)
@explained
def ifftshift(x: Any, axes: Any = None) -> Any:
    """What undoes `fftshift`, of odd lengths too.

    Example:
        >>> ag.ifftshift(ag.Tensor([-1.0, 0.0, 1.0]))
        Tensor([ 0.,  1., -1.])
    """
    return _moved(as_operand(x, "ifftshift"), "ifftshift", lambda at: np.fft.ifftshift(at, axes))


@implements(np.rot90)
@explained
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """The array turned by k quarters in the plane of two axes, from the first towards the second.

    Example:
        >>> ag.rot90(ag.Tensor([[1.0, 2.0]]))
        Tensor([[2.],
                [1.]])
    """
    m, k = as_operand(m, "rot90"), integer(k, "rot90", "k")
    if np.ndim(axes) != 1 or len(normalize_axes(axes, m.ndim, "rot90")) != 2:
        raise ArgumentError(message("rot90", f"axes={described(axes)}", "two axes"))
    return _moved(m, "rot90", lambda places: np.rot90(places, k, tuple(axes)))


@implements(np.tile)
@explained
def tile(x: Any, reps: Any) -> Any:
    """The whole array repeated along axes.

    Example:
        >>> ag.tile(ag.Tensor([1.0, 2.0]), 2)
        Tensor([1., 2., 1., 2.])
    """
    counts = integers_or_one(reps, "tile", "reps")
    if any(n < 0 for n in counts):
        raise ShapeError(message("tile", f"reps={described(reps)}", "ints of 0 or more"))
    return _moved(x, "tile", lambda places: np.tile(places, tuple(counts)))


@implements(np.repeat)
@explained
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each entry repeated along an axis.

    Example:
        >>> ag.repeat(ag.Tensor([1.0, 2.0]), 2)
        Tensor([1., 1., 2., 2.])
    """
    x = as_operand(x, "repeat")
    if axis is not None:
        if type(axis) is int and axis >= x.ndim > 0:
            got = f"axis {axis} for an array of {counted(x.ndim, 'axis')}"
            hint = "ag.tile repeats the whole array, as PyTorch's repeat does"
            raise AxisError(message("repeat", got, f"at most {x.ndim - 1}", hint))
        x = x if x.ndim else s.reshape(x, shape=(1,))
        axis = normalize_one_axis(axis, x.ndim, "repeat")
    counts = integers_or_one(data_of(repeats), "repeat", "repeats")
    if any(n < 0 for n in counts):
        raise ShapeError(message("repeat", f"repeats={described(repeats)}", "ints of 0 or more"))
    n = x.size if axis is None else x.shape[axis]
    if len(counts) not in (1, n):
        got = f"{counted(len(counts), 'number')} of repeats for {counted(n, 'entry')}"
        raise ShapeError(message("repeat", got, "one number, or one for each entry"))
    return _moved(x, "repeat", lambda places: np.repeat(places, counts, axis))


def _moved(x: Any, name: str, move: Any) -> Any:
    """The entries of `x`, each where `move` takes its number."""
    x = as_operand(x, name)
    places = move(np.arange(x.size).reshape(x.shape))
    return getitem(s.reshape(x, shape=(x.size,)), index=(places,))


COPYING = ("edge", "reflect", "symmetric", "wrap")


@implements(np.pad)
def pad(x: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """The array with a margin around it.

    Derivative: that of the inside, plus those of the copies where the margin repeats entries.

    Args:
        x: a Tensor or array.
        pad_width: an int, (before, after), or one such pair for each axis.
        mode: "constant" (with `constant_values`, 0 by default), "edge", "reflect", "symmetric" or
            "wrap".
        kwargs: NumPy's further arguments.

    Example:
        >>> ag.pad(ag.Tensor([1.0, 2.0]), (1, 2))
        Tensor([0., 1., 2., 0., 0.])
    """
    x = as_operand(x, "pad")
    if not isinstance(mode, str) and not callable(mode):
        raise ArgumentError(message("pad", f"mode={described(mode)}", "the name of a mode"))
    if not x.ndim:  # which has no sides
        if mode != "constant":
            _check_mode(mode)
        _pad_widths(pad_width, 0)
        return s.reshape(x, shape=())
    if mode != "constant":
        return _pad_by_copies(x, pad_width, mode, kwargs)
    if kwargs.keys() - {"constant_values"}:
        name = min(kwargs.keys() - {"constant_values"})
        hint = f"write {KEYWORDS[name]}" if name in KEYWORDS else ""
        raise unsupported(np.pad, f"{name}= with mode='constant'", "constant_values= alone", hint)
    widths = _pad_widths(pad_width, x.ndim)
    index = tuple(slice(a, a + n) for (a, _), n in zip(widths, x.shape, strict=True))
    shape = tuple(a + n + b for (a, b), n in zip(widths, x.shape, strict=True))
    padded = scatter_add(x, index=index, shape=shape)
    margin = kwargs.get("constant_values", 0)
    if isinstance(margin, (int, float)) and margin == 0:
        return padded
    try:
        frame = np.pad(np.zeros(x.shape, x.dtype), widths, mode, **kwargs)
    except (TypeError, ValueError):
        got = f"constant_values={described(margin)}"
        expected = "a number, (before, after), or one such pair for each axis"
        raise ArgumentError(message("pad", got, expected)) from None
    return padded + frame


def _pad_by_copies(x: Any, pad_width: Any, mode: Any, kwargs: dict[str, Any]) -> Any:
    """`pad` with a margin of entries of `x`."""
    _check_mode(mode)
    widths = _pad_widths(pad_width, x.ndim)
    for k, ((a, b), n) in enumerate(zip(widths, x.shape, strict=True)):
        if n == 0 and a + b:
            got = f"axis {k} without entries and mode={mode!r}"
            raise ShapeError(message("pad", got, "entries to copy", "use mode='constant'"))
    odd = kwargs.get("reflect_type", "even") != "even"
    if odd or kwargs.keys() - {"reflect_type"}:
        name = "reflect_type" if odd else min(kwargs.keys() - {"reflect_type"})
        got = f"{name}={described(kwargs[name])} with mode={mode!r}"
        raise unsupported(np.pad, got, "no further argument", "leave it out")
    return _moved(x, "pad", lambda places: np.pad(places, widths, mode))


def _check_mode(mode: Any) -> None:
    """Raise for a mode that copies no entries."""
    if not isinstance(mode, str) or mode not in COPYING:
        known = mode in ("linear_ramp", "maximum", "mean", "median", "minimum", "empty")
        if known or callable(mode):
            modes = ", ".join(map(repr, ("constant", *COPYING)))
            raise unsupported(np.pad, f"mode={mode!r}", f"a differentiable mode: {modes}")
        same = (
            {"replicate": "edge", "circular": "wrap"}.get(mode) if isinstance(mode, str) else None
        )
        if same:
            got, hint = f"mode={mode!r}, PyTorch's name", f"write mode={same!r}"
            raise ArgumentError(message("pad", got, "NumPy's", hint))
        one_of("pad", "mode", mode, ("constant", *COPYING), ArgumentError)


def _pad_widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    """(before, after) for each axis, from any form that NumPy accepts."""
    if isinstance(pad_width, dict):
        given = {normalize_one_axis(axis, ndim, "pad"): w for axis, w in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(axis, 0), 2) for axis in range(ndim)]
    try:
        widths = np.broadcast_to(np.asarray(pad_width), (ndim, 2))
    except ValueError:
        got = f"pad_width={described(pad_width)} for {counted(ndim, 'axis')}"
        expected, hint = "an int, (before, after), or one such pair for each axis", ""
        flat = isinstance(pad_width, (list, tuple)) and all(
            as_int(n) is not None for n in pad_width
        )
        if flat and len(pad_width) in (4, 6, 8):
            pairs = list(zip(pad_width[::2], pad_width[1::2], strict=True))[::-1]
            hint = f"PyTorch's order, from the last axis, is {tuple(pairs)} here"
        raise ArgumentError(message("pad", got, expected, hint)) from None
    if widths.dtype.kind not in "iu" or (widths < 0).any():
        of_kind = ShapeError if widths.dtype.kind in "iu" else ArgumentError
        hint = "to cut, index, as in x[1:-1]" if of_kind is ShapeError else ""
        got = f"pad_width={described(pad_width)}"
        raise of_kind(message("pad", got, "ints, 0 or more", hint))
    return [(int(a), int(b)) for a, b in widths]
