"""The measurements of one layer during training."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, data_of
from nn.layers.activation import Hardsigmoid, LogSigmoid, ReLU, ReLU6, Sigmoid, Tanh
from nn.module.module import Module

SATURATED = 0.03  # a sigmoid this close to its end is saturated; a tanh, twice as close
RECTIFIERS = (ReLU, ReLU6)
BOUNDED = (Sigmoid, Hardsigmoid, Tanh, LogSigmoid)
RECENT = 3  # a unit that was inactive for this many measured steps, on end, counts as dead
LARGE = 4096  # entries of which a part stands for all in norms of weights and updates
ROWS = 4096  # entries of an output that are read for its mean and variance


class LayerReport(NamedTuple):
    """The measurements of one layer, over all measured steps unless said otherwise.

    Attributes:
        path: the module's path.
        kind: its class.
        mean: the mean of its outputs.
        variance: the variance of its outputs.
        saturated: the share of outputs at the flat ends of a sigmoid or tanh; None for others.
        zeros: the share of outputs that are 0, for rectifiers; None for others.
        units: the number of units of a rectifier; 0 for others.
        dead: how many of them were inactive in all of the last steps.
        dead_since: the step, counted from 1, since which all of those are inactive; None if no unit
            is dead.
        gradient: the root mean square of the gradient of its outputs; nan if there is none.
        gain: the gradient of the layer called before it, divided by its own.
        update_ratio: the norm of a step's change of its weights over the norm of the weights, as
            the median over all steps; nan for layers without weights.
        predicted_gain: fan_in · Var(w) at the first step, the factor by which the initialization
            multiplies the mean square of the inputs; nan for layers without weights.
        measured_gain: the variance of the outputs over the mean square of the inputs, at the first
            step.
    """

    path: str
    kind: str
    mean: float
    variance: float
    saturated: float | None
    zeros: float | None
    units: int
    dead: int
    dead_since: int | None
    gradient: float
    gain: float
    update_ratio: float
    predicted_gain: float
    measured_gain: float


class Call(NamedTuple):
    """One call of a layer: the step, the number of entries, their mean and variance, and shares."""

    step: int
    size: int
    mean: float
    variance: float
    saturated: float
    zeros: float


class Layer:
    """What a diagnosis knows of one layer.

    Attributes:
        path: the module's path.
        module: the module.
        calls: the measured calls.
        slopes: the sum of squares of the gradient of each measured output, the number of its
            entries, and the step, in the order of the backward passes.
        input: the data of the last measured input.
        last_active: for each unit of a rectifier, the last measured step in which it was active.
    """

    def __init__(self, path: str, module: Module) -> None:
        self.path, self.module = path, module
        self.calls: list[Call] = []
        self.slopes: list[tuple[int, float, int]] = []
        self.input: Any = None
        self.steps: list[int] = []  # that were measured
        self.last_active: Any = None
        self.predicted = self.measured = math.nan

    def see(self, given: Any, out: Any, step: int) -> None:
        """Measure one call."""
        array = np.asarray(out)
        some = part(array)
        size = some.size
        mean = float(some.sum()) / size
        flat = some.reshape(-1)
        variance = max(0.0, float(np.dot(flat, flat)) / size - mean * mean)
        if not self.steps or self.steps[-1] != step:
            self.steps.append(step)
        saturated = self._saturated(some) if isinstance(self.module, BOUNDED) else math.nan
        zeros = math.nan
        if isinstance(self.module, RECTIFIERS):
            zeros = 1.0 - np.count_nonzero(flat) / size
            self._note_active(array, step)
        self.calls.append(Call(step, array.size, mean, variance, saturated, zeros))
        self.input = given
        if len(self.calls) == 1 and given is not None:
            self._note_gain(given, variance)

    def _saturated(self, out: Any) -> float:
        if isinstance(self.module, Tanh):
            return float(np.mean(np.abs(out) > 1 - 2 * SATURATED))
        if isinstance(self.module, LogSigmoid):
            return float(np.mean(out > math.log(1 - SATURATED)))
        return float(np.mean(np.abs(out - 0.5) > 0.5 - SATURATED))

    def _note_active(self, out: Any, step: int) -> None:
        out = np.atleast_1d(out)
        axis = 1 if out.ndim == 4 else out.ndim - 1  # of the units: channels or features
        units = out.max(axis=tuple(a for a in range(out.ndim) if a != axis)) > 0
        if self.last_active is None or len(self.last_active) != len(units):
            self.last_active = np.zeros(len(units), int)
        self.last_active[units] = step

    def _note_gain(self, given: Any, variance: float) -> None:
        weight = getattr(self.module, "weight", None)
        if isinstance(weight, Tensor) and weight.ndim > 1 and np.size(given):
            data = part(np.asarray(data_of(weight)))
            self.predicted = math.prod(weight.shape[1:]) * float(np.var(data))
            inputs = float(np.square(np.asarray(part(np.asarray(given)), float)).mean())
            self.measured = variance / inputs if inputs else math.nan

    def report(self, before: float, first: int | None = None) -> LayerReport:
        """The measurements of all steps, or of the first one only.

        Args:
            before: the gradient of the layer before, or nan.
            first: the step to which to restrict them.
        """
        calls = [c for c in self.calls if first is None or c.step == first] or self.calls[:1]
        slopes = [s for s in self.slopes if first is None or s[0] == first]
        size = sum(c.size for c in calls)
        mean = sum(c.size * c.mean for c in calls) / size
        variance = sum(c.size * (c.variance + (c.mean - mean) ** 2) for c in calls) / size
        entries = sum(s[2] for s in slopes)
        gradient = math.sqrt(sum(s[1] for s in slopes) / entries) if entries else math.nan
        dead, since = self._dead()
        is_rectifier, is_bounded = self.last_active is not None, isinstance(self.module, BOUNDED)
        return LayerReport(
            path=self.path,
            kind=type(self.module).__name__,
            mean=mean,
            variance=variance,
            saturated=_weighted(calls, "saturated") if is_bounded else None,
            zeros=_weighted(calls, "zeros") if is_rectifier else None,
            units=len(self.last_active) if is_rectifier else 0,
            dead=dead,
            dead_since=since,
            gradient=gradient,
            gain=before / gradient if gradient and gradient == gradient else math.nan,
            update_ratio=math.nan,
            predicted_gain=self.predicted,
            measured_gain=self.measured,
        )

    def dead_units(self) -> Any:
        """A mask of the units of a rectifier that were inactive in all of the last steps."""
        recent = self.steps[-RECENT:]
        return self.last_active < recent[0]

    def _dead(self) -> tuple[int, int | None]:
        if self.last_active is None:
            return 0, None
        gone = self.dead_units()
        if not gone.any():
            return 0, None
        last = int(self.last_active[gone].max())
        return int(gone.sum()), next(step for step in self.steps if step > last)

    def gain_over_time(self) -> tuple[float, float, int] | None:
        """For a layer called again and again in one pass, how the gradient changes on its way.

        Returns:
            the gradients of the first call's outputs and of the last call's, and the number of
            calls; None for fewer than eight calls.
        """
        if not self.slopes:
            return None
        first = [s for s in self.slopes if s[0] == self.slopes[0][0]]
        calls = [c for c in self.calls if c.step == first[0][0]]
        if len(first) < 8 or len(first) != len(calls):
            return None
        last, earliest = (math.sqrt(s[1] / s[2]) for s in (first[0], first[-1]))
        return earliest, last, len(first)


def part(array: Any, most: int = ROWS) -> Any:
    """All of a small array, and some of its rows if it is large, at least two."""
    if array.size <= most or array.ndim < 2:
        return array
    return array[:: min(max(1, len(array) // 2), -(-array.size // most))]


def sample(array: Any) -> Any:
    """Some rows of an array that is large, and all of a small one."""
    if array.size <= LARGE or array.ndim == 0:
        return array
    return array[:: min(len(array), -(-array.size // LARGE))]


def _weighted(calls: list[Call], name: str) -> float:
    total = sum(c.size for c in calls)
    return float(sum(c.size * getattr(c, name) for c in calls) / total)
