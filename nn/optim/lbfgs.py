"""L-BFGS: steps along an approximate Newton direction, with a line search."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from autograd import Tensor, enable_grad
from autograd.errors import message
from nn.arguments import one_number
from nn.optim.optimizer import Optimizer, check_closure
from nn.optim.options import NON_NEGATIVE, Choice, Count, Option

SUFFICIENT_DECREASE, CURVATURE = 1e-4, 0.9  # c₁ and c₂ of the Wolfe conditions


class Trial(NamedTuple):
    """The loss, gradient and slope at a distance along the line."""

    t: float
    loss: float
    gradient: Any
    slope: float


class LBFGS(Optimizer):
    """Quasi-Newton steps from the last gradients, for small problems without noise.

    `step(closure)` runs up to max_iter iterations; the closure clears the gradients, computes the
    loss, calls `backward()` and returns the loss. The iterations branch on losses and slopes, so
    unlike those of other optimizers this step cannot be traced.

    Args:
        params: the parameters; there is one group.
        lr: the length of a step; with a line search, the first length that it tries.
        max_iter: iterations in one `step`.
        max_eval: calls of the closure in one `step`; by default max_iter · 5 // 4.
        tolerance_grad: stop when no entry of the gradient is larger.
        tolerance_change: stop when parameters or loss change by no more than this.
        history_size: how many past gradients are kept.
        line_search_fn: None, or "strong_wolfe".

    Raises:
        ValueError: there are several groups, or an argument is out of range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([-1.5, 2.0])
        >>> optimizer = nn.optim.LBFGS([p], max_iter=100, line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
        ...     loss.backward()
        ...     return loss
        >>> _ = optimizer.step(closure)
        >>> p.round(4).tolist()
        [1.0, 1.0]

    Source: Liu and Nocedal, On the limited memory BFGS method (1989); Nocedal and Wright, Numerical
        Optimization (2006), algorithms 3.5, 3.6 and 7.4.
    """

    options: ClassVar[Mapping[str, Option]] = {
        "max_iter": Count(1),
        "max_eval": Count(0),
        "tolerance_grad": NON_NEGATIVE,
        "tolerance_change": NON_NEGATIVE,
        "history_size": Count(1),
        "line_search_fn": Choice(("strong_wolfe",)),
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        self.options["max_iter"].check("LBFGS", "max_iter", max_iter)
        super().__init__(
            params,
            lr=lr,
            max_iter=max_iter,
            max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
        )
        if len(self.param_groups) > 1:
            hint = "pass all parameters as one group, because LBFGS treats them as one vector"
            raise ValueError(message("LBFGS", f"{len(self.param_groups)} groups", "one", hint))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Run up to max_iter iterations.

        Returns:
            the loss before the first of them.

        Raises:
            TypeError: the closure is not a function, or what it returned is not one number.
            ValueError: there is no closure.
        """
        if closure is None:
            hint = "pass step() a function that computes the loss and its gradients"
            raise ValueError(message("LBFGS", "no closure", "one", hint))
        check_closure("LBFGS", closure)
        group = self.param_groups[0]
        state = self.state.setdefault(group["params"][0], {"n_iter": 0, "func_evals": 0})
        with enable_grad():
            first = closure()
        loss, gradient, calls = one_number("LBFGS", "the loss", first), self._gradient(), 1
        iterations = 0

        def evaluated(point: Any) -> tuple[float, Any]:
            nonlocal calls
            self._move_to(point)
            with enable_grad():
                value = one_number("LBFGS", "the loss", closure())
            calls += 1
            return value, self._gradient()

        while iterations < group["max_iter"] and _max_norm(gradient) > group["tolerance_grad"]:
            iterations += 1
            state["n_iter"] += 1
            direction = self._direction(state, gradient, group["history_size"])
            before = loss
            state["prev_flat_grad"] = gradient
            t = group["lr"]
            if state["n_iter"] == 1:
                t *= min(1.0, 1.0 / float(np.abs(gradient).sum()))
            slope = float(gradient @ direction)
            state["d"], state["t"] = direction, t
            if slope > -group["tolerance_change"]:
                break
            start = self._point()
            if group["line_search_fn"] is None:
                if iterations < group["max_iter"]:
                    loss, gradient = evaluated(start + t * direction)
                else:
                    self._move_to(start + t * direction)
            else:

                def along(t: float, start: Any = start, direction: Any = direction) -> Trial:
                    value, g = evaluated(start + t * direction)
                    return Trial(t, value, g, float(g @ direction))

                origin = Trial(0.0, loss, gradient, slope)
                narrowest = group["tolerance_change"] / _max_norm(direction)
                trials = group["max_eval"] - calls
                t, loss, gradient, _ = strong_wolfe(along, origin, t, narrowest, trials)
                self._move_to(start + t * direction)
                state["t"] = t
            if (
                calls >= group["max_eval"]
                or _max_norm(t * direction) <= group["tolerance_change"]
                or abs(loss - before) < group["tolerance_change"]
            ):
                break
        state["func_evals"] += calls
        return first

    def _direction(self, state: dict[str, Any], gradient: Any, history: int) -> Any:
        """-H g, where H approximates the inverse Hessian from the last steps and gradients."""
        if state["n_iter"] == 1:
            state |= {"old_dirs": [], "old_stps": [], "H_diag": 1.0}
            return -gradient
        y, s = gradient - state["prev_flat_grad"], state["d"] * state["t"]
        curvature = float(y @ s)
        if curvature > 1e-10:
            state["old_dirs"] = [*state["old_dirs"], y][-history:]
            state["old_stps"] = [*state["old_stps"], s][-history:]
            state["H_diag"] = curvature / float(y @ y)
        pairs = list(zip(state["old_dirs"], state["old_stps"], strict=True))
        q, weights = -gradient, []
        for y, s in reversed(pairs):
            weight = float(s @ q) / float(y @ s)
            weights.append(weight)
            q = q - weight * y
        q = q * state["H_diag"]
        for (y, s), weight in zip(pairs, reversed(weights), strict=True):
            q = q + (weight - float(y @ q) / float(y @ s)) * s
        return q

    def _gradient(self) -> Any:
        return np.concatenate(
            [
                np.zeros(p.size, p.dtype) if p.grad is None else p.grad.ravel()
                for p in self.parameters
            ]
        )

    def _point(self) -> Any:
        return np.concatenate([p.data.ravel() for p in self.parameters])

    def _move_to(self, point: Any) -> None:
        start = 0
        for p in self.parameters:
            p.data = point[start : start + p.size].reshape(p.shape).astype(p.dtype)
            start += p.size

    def _loaded(self, what: str, p: Tensor, name: str, x: Any) -> Any:
        total = sum(q.size for q in self.parameters)
        for vector in x if isinstance(x, list) else [x]:
            if np.ndim(vector) and np.shape(vector) != (total,):
                got = f"{name} of shape {np.shape(vector)}"
                raise ValueError(message(what, got, f"({total},)"))
        if isinstance(x, list):
            return [np.array(v) for v in x]
        array = np.array(x)
        return array if array.ndim else array.item()


def strong_wolfe(
    along: Callable[[float], Trial], origin: Trial, t: float, narrowest: float, max_trials: int = 25
) -> Trial:
    """Find a step that satisfies the Wolfe conditions: loss and slope both fall enough.

    Args:
        along: evaluates the loss at a distance.
        origin: the trial at distance 0.
        t: the first distance to try.
        narrowest: the width at which the bracket is no longer divided.
        max_trials: how many distances to try after the first.

    Example:
        >>> from nn.optim.lbfgs import Trial, strong_wolfe
        >>> along = lambda t: Trial(t, (t - 2.0) ** 2, None, 2.0 * (t - 2.0))
        >>> strong_wolfe(along, along(0.0), 1.0, 1e-9).t
        1.0

    Source: Nocedal and Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6.
    """

    search = _Search(along, origin, max_trials)
    low, high = search.bracket(search.tried(t))
    return low if high is None else search.narrow(low, high, narrowest)


class _Search:
    """The trials of one line search.

    Args:
        along, origin: as of `strong_wolfe`.
        left: how many distances may be tried after the first.
    """

    def __init__(self, along: Callable[[float], Trial], origin: Trial, left: int) -> None:
        self.along, self.origin, self.left = along, origin, left + 1

    def tried(self, t: float) -> Trial:
        """One more trial."""
        self.left -= 1
        return self.along(t)

    def falls_short(self, trial: Trial) -> bool:
        """Whether the loss falls less than the slope at the origin promises."""
        wanted = self.origin.loss + SUFFICIENT_DECREASE * trial.t * self.origin.slope
        return trial.loss > wanted

    def is_flat(self, trial: Trial) -> bool:
        """Whether the slope has fallen enough."""
        return abs(trial.slope) <= -CURVATURE * self.origin.slope

    def bracket(self, trial: Trial) -> tuple[Trial, Trial | None]:
        """Go on until a minimum lies behind: two trials around one, that with the lower loss first;
        or one that satisfies the conditions, and None."""
        last, first = self.origin, self.left
        while self.left > 0:
            if self.falls_short(trial) or (first - self.left > 1 and trial.loss >= last.loss):
                break
            if self.is_flat(trial):
                return trial, None
            if trial.slope >= 0:
                break
            ahead = trial.t + 0.01 * (trial.t - last.t), 10.0 * trial.t
            last, trial = trial, self.tried(_cubic_minimum(last, trial, ahead))
        else:
            last = self.origin
        return (last, trial) if last.loss <= trial.loss else (trial, last)

    def narrow(self, low: Trial, high: Trial, narrowest: float) -> Trial:
        """Divide the bracket until a trial satisfies the conditions, or it is narrow."""
        stuck = False
        while self.left > 0 and abs(high.t - low.t) > narrowest:
            t, stuck = _inside(low, high, stuck)
            trial = self.tried(t)
            if self.falls_short(trial) or trial.loss >= low.loss:
                high = trial
            else:
                if self.is_flat(trial):
                    return trial
                if trial.slope * (high.t - low.t) >= 0:
                    high = low
                low = trial
            if high.loss < low.loss:
                low, high = high, low
        return low


def _inside(low: Trial, high: Trial, stuck: bool) -> tuple[float, bool]:
    """The next distance in a bracket, and whether it lies close to an end: the second time in a row
    it is moved a tenth of the width away."""
    left, right = min(low.t, high.t), max(low.t, high.t)
    t = _cubic_minimum(low, high, (left, right))
    margin = 0.1 * (right - left)
    if min(right - t, t - left) >= margin:
        return t, False
    if not stuck and left < t < right:
        return t, True
    return (right - margin if abs(t - right) < abs(t - left) else left + margin), False


def _cubic_minimum(a: Trial, b: Trial, limits: tuple[float, float]) -> float:
    """The minimum, within limits, of the cubic through two losses with their slopes."""
    low, high = limits
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if square < 0:
        return 0.5 * (low + high)
    d2 = math.sqrt(square)
    if b.slope - a.slope + 2.0 * d2 == 0.0:  # a straight line
        return high if b.slope < 0 else low
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2))
    return min(max(t, low), high)


def _max_norm(x: Any) -> float:
    return float(np.abs(x).max(initial=0.0))
