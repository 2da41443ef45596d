"""What the losses of successive steps show."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from nn.inspect.findings import Finding, median

ENOUGH = 8  # losses, before anything is said about their course
LONG = 40  # losses, before a loss that does not fall is a finding
FALLS = 0.03  # the share by which a loss must fall to have fallen, or
CERTAIN = 2.0  # the standard errors
KNOWS = 0.5  # of a constant answer's loss; below it a network has learned, and may be at the end
LEARNED = 0.75  # of the first loss; a network that cannot learn stays near it


def outcome(losses: Sequence[float]) -> str:
    """What losses do: "falls", "rises", "swings", "stays", "unclear" or "unknown" for a few.

    Their first and last quarters are compared. A loss swings if steps go up and down by more than
    it fell; differences between batches alone do not count, unless the worst is far above the
    start. It stays if it certainly fell by less than a small share; where batches differ by more,
    that is unclear.

    Example:
        >>> from nn.inspect.curve import outcome
        >>> outcome([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]), outcome([1.0] * 8)
        ('falls', 'stays')
    """
    if not all(map(math.isfinite, losses)):
        return "rises"
    if len(losses) < ENOUGH:
        return "unknown"
    array = np.asarray(losses, float)
    scale = max(abs(float(array[0])), 1e-12)
    # One loss of 1e30 must not make all that follow look like a fall.
    clipped = np.clip(array, array[0] - 3.0 * scale, array[0] + scale)
    quarter = max(2, len(array) // 4)
    first, last, later = clipped[:quarter], clipped[-quarter:], array[quarter:]
    fall = median(first) - median(last)
    error = math.sqrt((float(first.var()) + float(last.var())) / quarter)
    if fall < -max(0.2 * scale, CERTAIN * error):
        return "rises"
    if later.max() > array[0] + scale and later.max() > 3.0 * abs(median(later)):
        return "swings"
    if fall > FALLS * abs(median(first)) or fall > CERTAIN * error > 0.0:
        return "falls"
    if float(np.ptp(later)) > scale:
        return "swings"
    return "unclear" if fall + CERTAIN * error > FALLS * abs(median(first)) else "stays"


def learns(losses: Sequence[float]) -> bool:
    """Whether losses fall far below their start."""
    if len(losses) < ENOUGH or not all(map(math.isfinite, losses)):
        return False
    return outcome(losses) == "falls" and median(losses[-len(losses) // 4 :]) < LEARNED * losses[0]


def worst_rise(losses: Sequence[float], to_the_end: bool = False) -> float:
    """The largest loss over the first, in its first half; 1 if none is above it.

    Args:
        losses: the losses.
        to_the_end: whether the second half counts too, because what followed is no number.
    """
    first = losses[0] if losses else 0.0
    end = len(losses) if to_the_end else max(2, len(losses) // 2)
    early = [x for x in losses[:end] if math.isfinite(x)]
    return max(1.0, max(early) / first) if first > 0.0 and early else 1.0


def finite(losses: Sequence[float]) -> list[float]:
    """The losses before the first that is nan or inf."""
    return list(itertools.takewhile(math.isfinite, losses))


def not_falling(
    losses: Sequence[float], name: str, constant: float | None = None, sign: float = 1.0
) -> list[Finding]:
    """A loss that does not fall in many steps.

    Args:
        losses: the losses.
        name: the model.
        constant: the loss of the best constant answer, where that is known.
        sign: -1 for losses that were maximized, and are given with a minus sign.
    """
    if len(losses) < LONG or not all(map(math.isfinite, losses)):
        return []
    what = outcome(losses)
    # An expected reward, as of a policy, has no floor to fall to.
    if what in ("falls", "unclear") or min(losses) < 0.0 < max(losses):
        return []
    quarter = len(losses) // 4
    first, last = float(np.mean(losses[:quarter])), float(np.mean(losses[-quarter:]))
    if constant is not None and max(first, last) < KNOWS * constant:
        return []
    first, last = sign * first, sign * last
    return [
        Finding(
            "loss does not fall",
            name,
            {"first": first, "last": last, "steps": len(losses)},
            f"the loss {what}: {first:.4g} on average in the first quarter of {len(losses)} steps, "
            f"{last:.4g} in the last",
            "look at the findings above; if there are none, try another learning rate "
            "(nn.preflight suggests a range), and whether the model can overfit one batch",
        )
    ]
