"""The ledger of a training loop: passes, steps and resets, told from the parameters alone.

Parameters are replaced and never written to, so a step is seen by the identity of their arrays. A
gradient that was there before a pass and before the last step was not reset.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, data_of
from nn.inspect.collapse import Spread
from nn.inspect.findings import median
from nn.inspect.layers import sample
from nn.module.module import Module

KEPT = 16  # gradients that are kept to tell how much they differ between batches
FEW = 256  # entries of a parameter whose gradients are kept


class Replaced(NamedTuple):
    """What a program did to a parameter between an optimizer's step and the next pass.

    Attributes:
        change: the norm of that change over the parameter's.
        share: its norm over that of the step.
        cosine: the cosine between it and the step.
    """

    change: float
    share: float
    cosine: float


def _replaced(before: Any, after: Any, now: Any) -> Replaced:
    """The change from `after` to `now`, beside the step from `before` to `after`."""
    step, change = np.ravel(after - before), np.ravel(now - after)
    norms = [max(1e-300, math.sqrt(float(x @ x))) for x in (np.ravel(after), step, change)]
    cosine = float(step @ change) / (norms[1] * norms[2])
    return Replaced(norms[2] / norms[0], norms[2] / norms[1], cosine)


class Weight:
    """One parameter, and what happened to it.

    Attributes:
        path: its path.
        module: the path of its module.
        is_weight: whether it is that module's weight.
        parameter: the parameter.
        changes: how many steps replaced its array.
        reached: how many passes gave it a gradient.
        stale: whether its gradient still holds one from before its last change.
        stale_changes: how many steps used such a gradient.
        ratios: the norms of measured changes over its norm.
        slopes: for measured changes, (change · gradient, |change|², |gradient|², change · weight,
            |weight|²) over a sample of entries.
        replaced: how it was changed outside of an optimizer's steps.
        scales: the norm of the gradient that an optimizer found, over that of the passes.
        gradients: samples of the gradients of some passes.
    """

    def __init__(self, path: str, parameter: Any) -> None:
        self.path, self.parameter = path, parameter
        self.module, _, name = path.rpartition(".")
        self.is_weight = name == "weight"
        self.data = data_of(parameter)
        self.changes = self.reached = self.stale_changes = 0
        self.stale = False
        self.changed_since_pass = False
        self.is_zero = True  # whether every gradient was exactly 0
        self.is_broken = False  # whether one held nan or inf
        self.total: Any = None  # the sampled sum of the gradients since the last reset
        self.after: Any = None  # its array at the end of an optimizer's step
        self.replaced: list[Replaced] = []
        self.ratios: list[float] = []
        self.slopes: list[tuple[float, float, float, float, float]] = []
        self.scales: list[float] = []
        self.gradients: list[Any] = []

    def changed(self, measuring: bool) -> None:
        """Note that the array was replaced since the last look."""
        now = data_of(self.parameter)
        self.changes += 1
        self.stale_changes += self.stale
        self.changed_since_pass = True
        if self.after is not None and self.after is not now:
            self.replaced.append(_replaced(*map(sample, (self.data, self.after, now))))
        self.after = None
        if measuring:
            self._measure(sample(self.data), sample(now))
        self.data = now

    def _measure(self, old: Any, new: Any) -> None:
        change = np.ravel(new - old)
        before = np.ravel(old)
        squares, weight = float(change @ change), float(before @ before)
        if weight:
            ratio = math.sqrt(squares / weight)
            self.ratios.append(ratio if math.isfinite(ratio) else math.inf)
        if self.total is not None and self.total.size == change.size:
            g = self.total
            products = float(change @ g), squares, float(g @ g), float(change @ before), weight
            self.slopes.append(products)

    def is_fresh(self) -> bool:
        """Whether there is no gradient from earlier passes."""
        grad = self.parameter.grad
        return grad is None or (not np.ravel(grad)[:64].any() and not np.any(grad))

    def begin_pass(self) -> bool:
        """Note what is left of earlier passes; returns whether nothing is."""
        if self.is_fresh():
            self.stale, self.total = False, None
            return True
        if self.changed_since_pass:
            self.stale, self.total = True, None
        return False

    def assume_pass(self) -> None:
        """A pass that is not measured is taken to reach what earlier ones reached."""
        if self.reached:
            self.changed_since_pass = False

    def receive(self, g: Any, measuring: bool) -> None:
        """Note the gradient of one pass."""
        self.reached += 1
        self.changed_since_pass = False
        if not measuring:
            return
        part = np.ravel(sample(np.asarray(data_of(g))))
        if self.is_zero and part.any():
            self.is_zero = False
        self.is_broken = self.is_broken or not math.isfinite(part.sum())
        self.total = np.array(part) if self.total is None else self.total + part
        if len(self.gradients) < KEPT:
            self.gradients.append(np.array(part[:FEW], float))


class Loop:
    """The ledger of one model.

    Attributes:
        name: what the user called the model; "" for a single one.
        model: the model.
        weights: its parameters.
        steps: how many times parameters changed.
        calls: how many times the model was called while recording.
        unrecorded: how many of its calls recorded nothing, in training mode.
        passes: how many backward passes reached it.
        discarded: how many passes were erased without a step.
        losses: the loss of each step: the sum over the passes of that step.
        foreign_passes: how many backward passes did not reach it.
        searching: whether an optimizer's step is running, whose own passes are a line search.
        unseen: whether passes that are not measured are taken to reach the model.
        is_broken: whether a loss or gradient was nan or inf, so that steps show nothing any more.
        rates: the largest learning rate of each step of the optimizers that were passed.
        made, times_made: the last optimizer of its parameters that the program made, and how many.
        gauges: the parameters whose steps and gradients are measured.
    """

    def __init__(self, name: str, model: Module) -> None:
        self.name, self.model = name, model
        prefix = f"{name}." if name else ""
        self.weights = [Weight(prefix + path, p) for path, p in model.named_parameters()]
        self.steps = self.calls = self.unrecorded = self.passes = self.discarded = 0
        self.resets = self.erased = 0
        self.foreign_passes = 0
        self.searching = self.is_broken = self.unseen = False
        self.measured: list[int] = []  # the steps whose lengths were measured
        self.mine: dict[Any, list[Weight]] = {}  # what each optimizer holds
        self.made: list[Any] = []
        self.times_made = 0
        self.held: list[Any] = []  # tensors that modules hold and that are no parameters
        self.spread = Spread()
        self.losses: list[float] = []
        self.rates: list[float] = []
        self.values: list[float] = []  # of the passes since the last reset or step
        self.waiting: Any = None  # the loss of a pass that has not reached the model yet
        # Weights tell how large steps are; biases only where there is nothing else.
        self.gauges = [w for w in self.trainable if w.parameter.ndim > 1] or self.trainable

    def look(self, measuring: bool) -> None:
        """See whether a step was made since the last event."""
        changed = False
        for weight in self.weights:
            if data_of(weight.parameter) is not weight.data:
                weight.changed(measuring and not self.is_broken and weight in self.gauges)
                changed = True
        if changed:
            self.steps += 1
            if measuring:
                self.measured.append(self.steps)
            if self.values:
                self.losses.append(sum(self.values))
                self.values = []

    def begin_pass(self, loss: Any, measuring: bool) -> None:
        """Note that a pass begins."""
        self.foreign_passes += self.waiting is not None
        fresh = True
        for weight in self.weights:
            fresh = weight.begin_pass() and fresh
        if fresh and self.passes:
            self.resets += 1
            self.discarded += bool(self.values) and not self.searching
            self.values = []
        if not measuring:
            for weight in self.weights:
                weight.assume_pass()
        self.waiting = loss
        if not measuring and self.unseen:
            self._reached()

    def receive(self, weight: Weight, g: Any, measuring: bool) -> None:
        """Note that a pass reached a parameter."""
        weight.receive(g, measuring)
        if self.waiting is not None:
            self._reached()

    def _reached(self) -> None:
        self.passes += 1
        self.values.append(self.waiting)
        self.waiting = None

    def before_step(self, measuring: bool, optimizer: Any) -> None:
        """See the learning rate of an optimizer of this model, and what gradients it finds."""
        if measuring or optimizer not in self.mine:
            self.mine[optimizer] = self.held_by(optimizer)
        mine = self.mine[optimizer]
        if not mine:
            return
        rates = [float(group["lr"]) for group in getattr(optimizer, "param_groups", ())]
        if rates:
            self.rates.append(max(rates))
        if self.values and all(w.parameter.grad is None for w in mine):
            self.erased += 1
        if measuring:
            for weight in self.gauges:
                if weight.total is None or weight.parameter.grad is None or weight not in mine:
                    continue
                grad = np.ravel(sample(weight.parameter.grad))
                norm = float(weight.total @ weight.total)
                if norm:
                    weight.scales.append(math.sqrt(float(grad @ grad) / norm))

    def after_step(self, optimizer: Any) -> None:
        """Note what an optimizer's step left."""
        for weight in self.mine.get(optimizer, ()):
            if weight in self.gauges:
                weight.after = data_of(weight.parameter)

    def held_by(self, optimizer: Any) -> list[Weight]:
        """The parameters of this model that an optimizer holds."""
        owned = {id(p) for p in parameters_of(optimizer)}
        return [w for w in self.weights if id(w.parameter) in owned]

    def witnesses(self, alone: bool) -> list[Weight]:
        """The parameters whose gradients tell of each pass whether it reached the model.

        The engine copies each gradient that a hook sees. Of a single model that every pass reached
        so far, none need be seen; of several, the smallest parameter that every pass of its model
        reached; without one, as where tasks take turns, all of them.
        """
        self.unseen = alone and self.passes > 0 == self.foreign_passes
        if self.unseen:
            return []
        always = [w for w in self.trainable if w.reached == self.passes > 0]
        return [min(always, key=lambda w: w.parameter.size)] if always else self.trainable

    # --- what follows from it ---

    @property
    def trainable(self) -> list[Weight]:
        """The parameters that require gradients."""
        return [w for w in self.weights if w.parameter.requires_grad]

    def update_ratios(self) -> list[float]:
        """The norm of a change over that of the weight, for each measured step.

        It is the median over weights of two axes or more that some gradient asks to move; over all
        parameters of a model without such weights.
        """
        moving = [w for w in self.weights if not w.is_zero]
        moving = [w for w in moving if w.parameter.ndim > 1] or moving
        ratios = [w.ratios for w in moving if w.ratios]
        least = min(map(len, ratios), default=0)
        return [median([r[i] for r in ratios]) for i in range(least)]

    def update_ratio(self) -> float:
        """The median of them over all steps; nan for none."""
        return median(self.update_ratios())

    def effective_rates(self) -> list[float]:
        """For each step, its length over that of the gradient, as last measured."""
        steps = zip(*(w.slopes for w in self.weights if w.slopes), strict=False)
        sums = [np.sum(step, axis=0) for step in steps]
        rates = [math.sqrt(change / slope) for _, change, slope, *_ in sums if slope > 0]
        ends = [*self.measured[1 : len(rates)], self.steps + 1]
        lasts = [b - a for a, b in zip(self.measured, ends, strict=False)]
        return [rate for rate, n in zip(rates, lasts, strict=False) for _ in range(n)]

    def noise(self) -> float:
        """How much gradients differ between batches: their variance over their squared mean."""
        many = [w.gradients for w in self.weights if len(w.gradients) >= 2]
        if not many:
            return float("nan")
        least = min(map(len, many))
        stacked = np.concatenate([np.stack(g[:least]) for g in many], axis=1)
        mean = stacked.mean(axis=0)
        variance = float(stacked.var(axis=0, ddof=1).sum())
        signal = float(mean @ mean) - variance / least  # the mean of few gradients is noisy too
        return variance / signal if signal > 0 else float("inf")


def ascends(optimizers: Iterable[Any]) -> bool:
    """Whether some optimizers maximize, all of them."""
    groups = [g for o in optimizers for g in getattr(o, "param_groups", ())]
    return bool(groups) and all(g.get("maximize") for g in groups)


def parameters_of(optimizer: Any) -> list[Tensor]:
    """The parameters of an optimizer, or of the one that it wraps."""
    inner = getattr(optimizer, "optimizer", optimizer)
    groups = getattr(inner, "param_groups", None) or []
    return [p for group in groups for p in group["params"]]
