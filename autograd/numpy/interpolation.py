"""Linear interpolation, by NumPy's name."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.looking import look
from autograd.errors import ShapeError, described, message
from autograd.numpy.arguments import (
    as_operand,
    check_number,
)
from autograd.numpy.dispatch import implements
from autograd.numpy.refusals import explained
from autograd.numpy.shaping import broadcast_to
from autograd.primitives import arithmetic as a
from autograd.primitives import indexing as p
from autograd.primitives.shaping import cast

__all__ = [
    "interp",
]


@implements(np.interp)
@explained
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Linear interpolation through the points (xp, fp), at x.

    Derivatives: for `x`, the slope of the segment; for `fp` and `xp`, that of the same formula.

    Args:
        x: the points to evaluate at, of any shape.
        xp: abscissas, a vector in ascending order.
        fp: ordinates, a vector of the same length.
        left: the value below xp[0], by default fp[0].
        right: the value above xp[-1], by default fp[-1].
        period: a period of x and xp.

    Example:
        >>> ag.interp(ag.Tensor([0.5, 1.5]), [0.0, 1.0, 2.0], [0.0, 10.0, 30.0])
        Tensor([ 5., 20.])
    """
    # In float64, as NumPy: booleans do not subtract, and bytes would wrap around.
    x, xp, fp = (as_float64(as_operand(t, "interp")) for t in (x, xp, fp))
    if xp.ndim != 1 or xp.shape != fp.shape or xp.size == 0:
        got = f"xp and fp of shapes {xp.shape} and {fp.shape}"
        expected = "vectors of one length" if xp.size else "vectors with entries"
        raise ShapeError(message("interp", got, expected))
    if period is not None:
        check_number(period, "interp", "period")
        if not np.isfinite(period) or period == 0:
            got = f"period={described(period)}"
            raise ShapeError(message("interp", got, "a finite number other than 0"))
        size, left, right = abs(period), None, None
        x, xp = a.remainder(x, size), a.remainder(xp, size)
        order = np.argsort(look(xp))
        order = np.concatenate([order[-1:], order, order[:1]])
        turns = np.zeros(order.size)
        turns[0], turns[-1] = -size, size
        xp, fp = p.getitem(xp, index=(order,)) + turns, p.getitem(fp, index=(order,))
    check_number(left, "interp", "left")
    check_number(right, "interp", "right")
    n = xp.shape[0]
    if n == 1:
        inside = broadcast_to(p.getitem(fp, index=(0,)), x.shape)
    else:
        i = np.clip(np.searchsorted(look(xp), look(x), "right") - 1, 0, n - 2)
        x0, x1, f0, f1 = (p.getitem(t, index=(k,)) for t in (xp, fp) for k in (i, i + 1))
        slope = (f1 - f0) / (x1 - x0)
        inside = f0 + (x - x0) * slope
        # From an end at -inf, 0 · inf; then from the other end, as NumPy does.
        inside = a.where(np.isnan(look(inside)), f1 + (x - x1) * slope, inside)
    first, last = (p.getitem(fp, index=(k,)) for k in (0, n - 1))
    result = a.where(look(x) < look(xp)[0], first if left is None else left, inside)
    return a.where(look(x) > look(xp)[-1], last if right is None else right, result)


def as_float64(x: Any) -> Any:
    """Real numbers in double precision."""
    return x if x.dtype == float or x.dtype.kind == "c" else cast(x, dtype=np.dtype(float))
