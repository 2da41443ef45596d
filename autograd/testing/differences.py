"""Derivatives by differences along a line, and how far each can be trusted.

A central difference (f(x + h) - f(x - h)) / 2h has two errors: about h² f''' / 6 by truncation, and
about 1e-16 |f| / h by rounding. Neither is known in advance, but both show when h changes tenfold:
where neighbouring steps agree, the derivative is resolved, and their difference bounds the error.
So nothing is assumed about the size of the function, its argument or its gradient. Where no step
resolves it, differences cannot tell, and the comparison says so instead of blaming the derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise, starmap
from typing import Any, NamedTuple

import numpy as np

EPSILON = float(np.finfo(float).eps)
TINIEST = float(np.finfo(float).smallest_subnormal)
ROUNDING = 4 * EPSILON  # the rounding error of a function, relative to its size
BENT = 1e-3  # a larger relative difference between left and right slope may be a kink
# Steps are no multiples of a period: sin(πx) is the same at x and x + 100, but not 91.7 further.
ODD = 0.9170604034178191
CLOSE = 0.05  # a smaller relative difference between two steps means that both are about right

# Why differences may be unable to tell.
ARGUMENT = "the argument is nan or inf"
RESULT = "a result is nan or inf"
NEIGHBOUR = "the results next to this point, or their differences, are nan or inf"
LOST = "the change of the results is smaller than their rounding error"
SMALL = "the argument is smaller than the smallest step"
ILL_CONDITIONED = "a rounding error of the argument changes the gradient as much"
FAST = "the function changes faster than the smallest step can follow"


class Slopes(NamedTuple):
    """The difference quotients to the left and to the right over one step.

    Attributes:
        step: the size of the step.
        left: the quotient to the left, summed over all results.
        right: the quotient to the right.
        noise: how much of them may be rounding.
    """

    step: float
    left: float
    right: float
    noise: float

    @property
    def central(self) -> float:
        """The mean of both; at the edge of the domain, the one that exists."""
        if self.left != self.left:
            return self.right
        # The sum of both may overflow.
        return self.left if self.right != self.right else 0.5 * self.left + 0.5 * self.right

    @property
    def gap(self) -> float:
        """How much the two differ; 0 if that is little, or may be rounding."""
        gap = abs(self.right - self.left)
        negligible = max(BENT * max(abs(self.left), abs(self.right)), 8 * self.noise)
        return gap if np.isfinite(gap) and gap > negligible else 0.0


class Comparison(NamedTuple):
    """A derivative beside its numeric value.

    Attributes:
        autograd: the derivative in question.
        numeric: its numeric value.
        tolerance: the difference allowed.
        kink: whether the function has no single slope here, so that this one is as good as any.
        unresolved: why differences cannot tell, or "".
    """

    autograd: float
    numeric: float
    tolerance: float
    kink: bool = False
    unresolved: str = ""

    @classmethod
    def of(cls, autograd: float, numeric: float, rtol: float, atol: float) -> Comparison:
        """A comparison with a relative tolerance, of the larger value, and an absolute one."""
        return cls(autograd, numeric, _tolerance(autograd, numeric, rtol, atol))

    @property
    def agree(self) -> bool:
        """Whether the two agree, regardless of whether differences can tell."""
        error = abs(self.autograd - self.numeric)
        return self.kink or error <= self.tolerance or self.autograd == self.numeric

    @property
    def visible(self) -> bool:
        """Whether less is tolerated than half of the derivative, so that its loss would be seen."""
        return self.tolerance <= 0.5 * max(abs(self.autograd), abs(self.numeric))

    @property
    def passed(self) -> bool:
        """Whether the two agree, and differences can tell."""
        return self.agree and not self.unresolved

    @property
    def failed(self) -> bool:
        """Whether the two differ, and differences can tell."""
        return not self.agree and not self.unresolved


class Line:
    """A function along a line, given by its results at each distance.

    Args:
        results: maps a distance t to a flat array of results; their sum is differentiated.
        base: the results at 0.
        size: the largest entry that moves.
        smallest: the smallest nonzero entry that moves; 0 if there is none.
        eps: the first step, relative to `size` if that is above 1.
    """

    def __init__(
        self,
        results: Callable[[float], Any],
        base: Any,
        size: float,
        smallest: float,
        eps: float,
    ) -> None:
        self.results, self.base, self.size = results, base, size
        self.smallest = smallest
        self.moved = np.zeros(base.shape, bool)
        self.step = ODD * eps * max(1.0, size)
        # Only tiny steps resolve what happens at the scale of a tiny argument.
        self.decades = 6
        if np.isfinite(size) and 0.0 < 1e-4 * smallest < 1e-6 * self.step:
            self.decades = min(int(np.ceil(np.log10(self.step / smallest))) + 4, 24)

    @classmethod
    def along(
        cls, results: Callable[[float], Any], base: Any, x: Any, direction: Any, eps: float
    ) -> Line:
        """The line through the point `x` in a direction."""
        moved = np.abs(x[direction != 0])
        smallest = float(moved[moved > 0].min(initial=np.inf))
        size = float(moved.max(initial=0.0))
        return cls(results, base, size, smallest if np.isfinite(smallest) else 0.0, eps)

    def slopes(self, step: float) -> Slopes:
        """The difference quotients over a step."""
        below, above = self.results(-step), self.results(step)
        with np.errstate(all="ignore"):
            left = _change(self.base, below, self.base) / step
            right = _change(above, self.base, self.base) / step
            # Results that do not depend on this argument add no noise. One that depends on it so
            # little that a small step is lost in rounding is found by a larger step.
            self.moved |= above != below
            sizes = np.abs(self.base[self.moved] if self.moved.any() else self.base)
            sizes = sizes[np.isfinite(sizes)]
            # Below the smallest float, nothing is left of a change.
            noise = (ROUNDING * float(sizes.sum()) + TINIEST * sizes.size) / step
            steepest = max((abs(s) for s in (left, right) if np.isfinite(s)), default=0.0)
            return Slopes(step, left, right, noise + ROUNDING * self.size * steepest / step)

    def compare(
        self,
        autograd: float,
        rtol: float,
        atol: float,
        negligible: float,
        rounding: Callable[[], float] | None = None,
        own: float = math.inf,
    ) -> Comparison:
        """The derivative beside its numeric value.

        Args:
            autograd: the derivative in question.
            rtol: the difference allowed, relative to the larger of the two.
            atol: the absolute difference allowed, added to the numeric value's own error.
            negligible: derivatives up to this size are compared at the first step only.
            rounding: estimates the rounding error of the results from everything that was computed
                on the way to them; asked only where the two differ.
            own: how large a derivative may be that is nothing but rounding. A larger one that
                drowns in the rounding of the results is unresolved.
        """
        if not np.isfinite(self.size):
            return Comparison(autograd, float("nan"), 0.0, unresolved=ARGUMENT)
        if self.base.size and np.isnan(self.base).all():
            return Comparison(autograd, float("nan"), 0.0, unresolved=RESULT)
        if self.base.size and not np.isfinite(self.base).any() and 0.0 < abs(autograd) < math.inf:
            return Comparison(autograd, float("nan"), 0.0, unresolved=RESULT)
        first = self.slopes(self.step)
        numeric = first.central
        tolerance = _tolerance(autograd, numeric, rtol, atol)
        close = max(abs(autograd), abs(numeric)) <= negligible
        if close:
            tolerance += 4 * first.noise
        found = Comparison(autograd, numeric, tolerance)
        if found.passed:
            if first.gap and self._is_kink(first, self.slopes(0.1 * self.step)):
                return Comparison(autograd, numeric, tolerance, kink=True)
            if found.tolerance <= negligible:  # an error that passes does not matter
                return found
            return self._if_visible(found, rtol, atol, own, rounding)
        found = self.compare_closely(autograd, rtol, atol)
        if rounding is not None and (found.failed or found.kink):  # which may be one of rounding
            found = self.compare_closely(autograd, rtol, atol, rounding())
        if (
            not found.visible
            and not found.kink
            and abs(autograd) > min(own, max(atol, 1e4 * negligible))
        ):
            return found._replace(unresolved=LOST)
        return found

    def _if_visible(
        self,
        found: Comparison,
        rtol: float,
        atol: float,
        own: float,
        rounding: Callable[[], float] | None,
    ) -> Comparison:
        """The comparison, at a better step if any error of it would have been tolerated."""
        if found.visible or abs(found.autograd) <= own:
            return found
        bound = rounding() if rounding is not None else 0.0
        closer = self.compare_closely(found.autograd, rtol, atol, bound)
        if closer.passed and (closer.visible or closer.kink):
            return closer
        return found._replace(unresolved=LOST)

    def compare_closely(
        self, autograd: float, rtol: float, atol: float, rounding: float = 0.0
    ) -> Comparison:
        """The derivative beside its numeric value at the step that resolves it best."""
        trials = [self.slopes(self.step * 10.0**k) for k in range(3, -self.decades - 1, -1)]
        if rounding:
            trials = [t._replace(noise=t.noise + rounding / t.step) for t in trials]
        values = np.array([t.central for t in trials])
        errors = _errors(trials, values)
        if not np.isfinite(errors).any():
            found = Comparison(autograd, float(values[-1]), _tolerance(autograd, 0.0, rtol, atol))
        else:
            found = self._at_best(trials, values, errors, autograd, rtol, atol)
        return found if found.agree else found._replace(unresolved=self._why_not(trials, found))

    def _at_best(
        self,
        trials: list[Slopes],
        values: Any,
        errors: Any,
        autograd: float,
        rtol: float,
        atol: float,
    ) -> Comparison:
        # A step much longer than a wave hardly changes the results either: where some step
        # resolves the derivative to a few per cent, ignore those that do not; and those without any
        # effect, which was lost in a float32 argument.
        resolved = _smooth(trials) & (errors < CLOSE * np.abs(values))
        if resolved.any():
            errors = np.where(resolved, errors, np.inf)
        # The smallest of the sufficient steps: a larger one may have reached a kink on both sides.
        known = rtol * max(abs(autograd), float(np.abs(values[np.nanargmin(errors)])))
        enough = max(2.0 * float(np.nanmin(errors)), known if np.isfinite(known) else 0.0)
        best = int(np.flatnonzero(errors <= enough)[-1])
        numeric = trials[best].central
        tolerance = _tolerance(autograd, numeric, rtol, atol) + 4.0 * float(errors[best])
        still_results = np.abs(self.base[~self.moved & np.isfinite(self.base)])
        tolerance += ROUNDING * float(still_results.sum()) / trials[0].step  # lost even there
        unresolved = not errors[best] < 0.5 * abs(numeric)
        kink = unresolved and _is_jump(trials, autograd)
        near = max(best, 1)  # where the largest step is the best, the next one tells of a kink
        if not kink and self._is_kink(trials[near - 1], trials[near]):
            low, high = sorted((trials[near].left, trials[near].right))
            slack = _tolerance(low, high, rtol, atol) + 4.0 * trials[near].noise
            kink = low - slack <= autograd <= high + slack
        return Comparison(autograd, numeric, tolerance, kink)

    def _why_not(self, trials: list[Slopes], found: Comparison) -> str:
        """Why a difference proves nothing; "" if it proves that the derivative is wrong."""
        if not np.isfinite(self.base).all():
            return RESULT
        if not np.isfinite(found.numeric):
            return NEIGHBOUR
        # Only steps that the argument can take: at 1e20, one of 1e4 is lost in rounding.
        taken = [t for t in trials if ROUNDING * self.size < 0.01 * t.step]
        if any(starmap(_settled, pairwise(taken))):
            return ""
        if 0.0 < self.smallest < trials[-1].step:
            return SMALL
        last = max(abs(taken[-1].left), abs(taken[-1].right))
        steep = abs(found.autograd) > 0.1 * last > 0.1 * taken[-1].noise
        return FAST if steep else ""

    @staticmethod
    def _is_kink(larger: Slopes, smaller: Slopes) -> bool:
        """Whether the left and the right slope stay apart as the step shrinks."""
        return smaller.gap > 0.5 * larger.gap > 0.0


def _settled(larger: Slopes, smaller: Slopes) -> bool:
    """Whether the quotients to both sides hardly change with the step."""
    noise = larger.noise + smaller.noise
    pairs = (larger.left, smaller.left), (larger.right, smaller.right)
    return all(
        math.isfinite(a - b) and abs(a - b) <= CLOSE * max(abs(a), abs(b)) + noise for a, b in pairs
    )


def _smooth(trials: list[Slopes]) -> Any:
    """For each step, whether the quotients to the left and to the right are about equal."""
    return np.array([t.gap < 0.1 * abs(t.central) for t in trials])


def _errors(trials: list[Slopes], values: Any) -> Any:
    """How wrong the quotients over ever smaller steps may be, judged by their neighbours.

    At the next smaller step, a hundredth of the truncation error remains, and rounding is ten times
    larger. So the difference between the two bounds both errors.
    """
    with np.errstate(all="ignore"):
        apart = np.abs(np.diff(values))
        errors = np.append(np.maximum(apart, np.append(0.0, apart[:-1] / 50.0)), apart[-1])
        errors += np.array([t.noise for t in trials])
    return errors


def _is_jump(trials: list[Slopes], autograd: float) -> bool:
    """Whether the function jumps here, or is infinitely steep as the derivative says.

    As steps shrink tenfold, the quotients of a jump grow tenfold; those of a root grow less.
    """
    last = [t.central for t in trials[-3:]]
    if not np.isfinite(last).all() or abs(last[-1]) < 100.0 * trials[-1].noise:
        return False
    growth = [abs(b) / abs(a) if a else 0.0 for a, b in pairwise(last)]
    if np.isinf(autograd):
        return min(growth) > 1.5 and np.sign(autograd) == np.sign(last[-1])
    return bool(np.isfinite(autograd)) and all(9.9 < g < 10.1 for g in growth)


def _tolerance(autograd: float, numeric: float, rtol: float, atol: float) -> float:
    size = max(abs(autograd), abs(numeric))
    return atol + (rtol * size if np.isfinite(size) else 0.0)


def _change(after: Any, before: Any, base: Any) -> float:
    """The sum of all changes, where a result that stays infinite or is nan has not changed."""
    total = float((after - before).sum())
    if np.isfinite(total):
        return total
    return float((after - before)[(after != before) & ~np.isnan(base)].sum())
