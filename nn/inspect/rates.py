"""The experiments of a preflight on steps: learning a batch by heart, with one rate or many."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd import data_of
from nn.inspect.findings import median
from nn.inspect.kept import Kept
from nn.inspect.probes import Trial
from nn.optim.adam import Adam
from nn.optim.clipping import clip_grad_norm_
from nn.optim.lbfgs import LBFGS
from nn.optim.sgd import SGD


class Overfit(NamedTuple):
    """An attempt to learn one batch by heart.

    Attributes:
        losses: the loss before each step, and after the last.
        unchanged: the paths of parameters that did not change.
    """

    losses: list[float]
    unchanged: list[str]

    @property
    def fall(self) -> float:
        """The share of the loss that is gone at best."""
        first, best = self.losses[0], min(self.losses)
        return (first - best) / abs(first) if first else 0.0


def overfit(trial: Trial, kept: Kept, steps: int) -> Overfit:
    """Train on one batch only, with Adam, from the model's own initialization."""
    trial.model.train()
    trainable = [(n, p) for n, p in trial.model.named_parameters() if p.requires_grad]
    before = {name: data_of(p) for name, p in trainable}
    optimizer = Adam([p for _, p in trainable], lr=0.01, maximize=trial.sign < 0.0)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = trial.value()
        losses.append(trial.cost(loss))
        if not math.isfinite(losses[-1]) or losses[-1] < 0.05 * abs(losses[0]):
            break
        if not loss.requires_grad:
            break
        loss.backward()
        optimizer.step()
    unchanged = [n for n, p in trainable if np.array_equal(data_of(p), before[n])]
    kept.restore()
    return Overfit(losses, unchanged if len(losses) > 1 else [])


class RangeTest(NamedTuple):
    """The loss of one batch under a learning rate that grows from step to step.

    Attributes:
        rates: the learning rates.
        losses: the loss before each of those steps.
        best: the suggested range, or None.
    """

    rates: list[float]
    losses: list[float]
    best: tuple[float, float] | None


def range_test(trial: Trial, kept: Kept, optimizer: Any, steps: int = 30) -> RangeTest:
    """Let the learning rate grow from 10⁻⁶ to 10 and note where the loss falls and where it grows.

    Randomness is the same in each step, or its noise would look like a fall. A rate at which the
    loss falls once need not be one to train with, so the upper end is lowered until a training of
    the batch succeeds with it.

    Source: Smith, Cyclical learning rates for training neural networks (2017), section 3.3.
    """
    rates = np.geomspace(1e-6, 10.0, steps).tolist()
    costs = _train(trial, kept, optimizer, rates, 3.0)
    best = suggested(rates, costs)
    while best is not None and not _succeeds(trained_at(trial, kept, optimizer, best[1])):
        low, high = best[0], best[1] / 2.0
        best = (min(low, high / 10.0), high) if high > rates[0] else None
    return RangeTest(rates[: len(costs)], [trial.sign * x for x in costs], best)


def trained_at(
    trial: Trial,
    kept: Kept,
    optimizer: Any,
    rate: float,
    steps: int = 60,
    clip_norm: float | None = None,
) -> Any:
    """What training makes smaller, before each step of a training of the batch with one rate."""
    return _train(trial, kept, optimizer, [rate] * steps, clip_norm=clip_norm)


def _train(
    trial: Trial,
    kept: Kept,
    optimizer: Any,
    rates: list[float],
    limit: float = 1e3,
    clip_norm: float | None = None,
) -> list[float]:
    """Costs before each step, until one exceeds the first by `limit` times its size."""
    trial.model.train()
    trained = _like(optimizer, [p for p in trial.model.parameters() if p.requires_grad])
    costs: list[float] = []
    for rate in rates:
        for group in trained.param_groups:
            group["lr"] = rate
        trained.zero_grad()
        kept.rewind()
        loss = trial.value()
        costs.append(trial.cost(loss))
        if not math.isfinite(costs[-1]) or costs[-1] > costs[0] + limit * abs(costs[0]) + 1e-9:
            break
        if not loss.requires_grad:
            break
        loss.backward()
        if clip_norm is not None:
            clip_grad_norm_(trained.parameters, clip_norm)
        trained.step()
    kept.restore()
    return costs


def _succeeds(costs: list[float]) -> bool:
    """Whether a training ends below its start, and is not on its way up."""
    if len(costs) < 60 or not all(map(math.isfinite, costs)):
        return False
    middle, last = costs[20:40], costs[-20:]
    scale = abs(costs[0])
    return max(last) < costs[0] and max(last) <= max(middle) + 0.1 * scale


def ruins(costs: list[float]) -> bool:
    """Whether a training throws its start away: the loss grows and does not come back below it."""
    if not all(map(math.isfinite, costs)):
        return True
    first, scale = costs[0], abs(costs[0])
    return max(costs) > first + scale and median(costs[-len(costs) // 3 :]) > first - 0.1 * scale


def _like(optimizer: Any, parameters: list[Any]) -> Any:
    """A new optimizer of the same class and options; SGD if that cannot be made."""
    inner = getattr(optimizer, "optimizer", optimizer)
    if isinstance(inner, LBFGS):  # whose line search chooses the length of a step
        return SGD(parameters, lr=0.0)
    try:
        return type(inner)(parameters, **inner.defaults)
    except (AttributeError, TypeError, ValueError):
        return SGD(parameters, lr=0.0)


def suggested(rates: list[float], losses: list[float]) -> tuple[float, float] | None:
    """From where the loss begins to fall to a third of where it is lowest; None if it never falls.

    Example:
        >>> from nn.inspect.rates import suggested
        >>> suggested([0.001, 0.01, 0.1, 1.0], [2.0, 1.9, 1.0, 5.0])
        (0.001, 0.03333333333333333)
    """
    finite = [x if math.isfinite(x) else math.inf for x in losses]
    if not finite or not math.isfinite(finite[0]):
        return None
    lowest = int(np.argmin(finite))
    fall = finite[0] - finite[lowest]
    if not fall > 0.02 * abs(finite[0]):
        return None
    # From there on it stays below: noise alone may dip for one step.
    above = [i for i, x in enumerate(finite[:lowest]) if finite[0] - x <= 0.05 * fall]
    begins = max(above, default=0) + 1
    low, high = rates[max(0, begins - 1)], rates[lowest] / 3.0
    return min(low, high), max(low, high)
