"""`diagnose`: watches the layers of a network for a few steps and reports why it does not learn."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, data_of
from autograd.errors import counted, kind, message
from autograd.files import save_figure
from autograd.tables import table
from nn.inspect import findings
from nn.inspect.findings import Finding
from nn.inspect.kept import Rounds
from nn.layers.activation import Hardsigmoid, LogSigmoid, ReLU, ReLU6, Sigmoid, Tanh
from nn.module.module import Module

SATURATED = 0.03  # a sigmoid this close to its end is saturated; a tanh, twice as close
RECTIFIERS = (ReLU, ReLU6)


class LayerReport(NamedTuple):
    """The measurements of one layer, over all steps unless said otherwise.

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


class _Watched:
    """The running measurements of one layer."""

    def __init__(self, path: str, module: Module) -> None:
        self.path, self.module = path, module
        self.count = 0
        self.moments: list[tuple[int, float, float]] = []  # size, mean and variance of each output
        self.saturated = self.zeros = 0
        self.last_active: Any = None
        self.gradient_squares: list[tuple[float, int]] = []
        self.ratios: list[float] = []
        self.predicted = self.measured = math.nan
        self.input: Any = None
        self.largest = 0.0

    def see(self, given: Any, out: Any, step: int) -> None:
        array = np.asarray(out, float)
        self.count += array.size
        self.moments.append((array.size, float(array.mean()), float(array.var())))
        self.largest = max(self.largest, float(np.abs(array).max(initial=0.0)))
        if isinstance(self.module, (Sigmoid, Hardsigmoid)):
            self.saturated += int(((array < SATURATED) | (array > 1 - SATURATED)).sum())
        elif isinstance(self.module, Tanh):
            self.saturated += int((np.abs(array) > 1 - 2 * SATURATED).sum())
        elif isinstance(self.module, LogSigmoid):
            self.saturated += int((array > math.log(1 - SATURATED)).sum())
        if isinstance(self.module, RECTIFIERS):
            self.zeros += int((array == 0).sum())
            array = np.atleast_1d(array)
            axis = _unit_axis(array)
            units = np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)
            if self.last_active is None or len(self.last_active) != len(units):
                self.last_active = np.zeros(len(units), int)
            self.last_active[(units > 0).any(axis=1)] = step
        self.input = given
        weight = getattr(self.module, "weight", None)
        if step == 1 and isinstance(weight, Tensor) and weight.ndim > 1 and given is not None:
            fan_in = math.prod(weight.shape[1:])
            self.predicted = fan_in * float(np.var(weight.numpy()))
            inputs = float(np.square(np.asarray(given, float)).mean())
            self.measured = float(array.var()) / inputs if inputs else math.nan


class Diagnosis:
    """The result of `diagnose`; printing it shows a table and the findings.

    Attributes:
        layers: a `LayerReport` for each module without submodules, in the order of calls.
        findings: what is wrong, with evidence and remedy; empty for a healthy network.
        steps: the number of steps that were watched.
    """

    def __init__(self) -> None:
        self.layers: list[LayerReport] = []
        self.findings: list[Finding] = []
        self.steps = 0

    def __str__(self) -> str:
        shares = ("zeros", "saturated", "dead")
        head = ("layer", "mean", "variance", *shares, "gradient", "gain", "update")
        rows = [
            [
                f"{row.path}: {row.kind}" if row.path else row.kind,
                f"{row.mean:.3g}",
                f"{row.variance:.3g}",
                "·" if row.zeros is None else f"{row.zeros:.0%}",
                "·" if row.saturated is None else f"{row.saturated:.0%}",
                f"{row.dead} of {row.units}" if row.units else "·",
                *(
                    f"{x:.2g}" if x == x else "·"
                    for x in (row.gradient, row.gain, row.update_ratio)
                ),
            ]
            for row in self.layers
        ]
        verdict = "findings:" if self.findings else "no findings"
        conclusion = f"{counted(self.steps, 'step')}; {verdict}"
        return "\n".join([table(head, rows), conclusion, *(f"- {f}" for f in self.findings)])

    __repr__ = __str__

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw activations, gradients and updates of each layer.

        Args:
            path: the file to save to; its suffix decides the format, and is .png by default.

        Returns:
            a matplotlib Figure.

        Raises:
            ImportError: matplotlib is not installed.
        """
        try:
            from matplotlib.figure import Figure
            from matplotlib.ticker import NullFormatter
        except ImportError:
            hint = "run pip install matplotlib"
            raise ImportError(
                message("Diagnosis.plot", "no package matplotlib", hint=hint)
            ) from None
        names = [f"{row.path}: {row.kind}" for row in self.layers]
        panels = {
            "standard deviation of outputs": [math.sqrt(row.variance) for row in self.layers],
            "gradient of outputs (rms)": [row.gradient for row in self.layers],
            "update / weight": [row.update_ratio for row in self.layers],
        }
        figure = Figure(figsize=(11.0, 1.4 + 0.26 * len(names)), layout="constrained")
        colours = ("#0072b2", "#d55e00", "#009e73")
        all_axes = figure.subplots(1, 3, sharey=True)
        for axes, colour, (title, numbers) in zip(all_axes, colours, panels.items(), strict=True):
            shown = [x if x == x and x > 0 else math.nan for x in numbers]
            axes.plot(shown, range(len(names)), "o", color=colour, ms=5)
            decades = [math.log10(x) for x in shown if x == x]
            if decades:
                axes.set_xscale("log")
                axes.set_xlim(10 ** math.floor(min(decades)), 10 ** math.ceil(max(decades) + 1e-9))
                axes.xaxis.set_minor_formatter(NullFormatter())
            axes.set_xlabel(title)
            axes.grid(alpha=0.25, lw=0.6)
            axes.spines[["top", "right"]].set_visible(False)
        all_axes[0].set_yticks(range(len(names)), names)
        all_axes[0].invert_yaxis()
        if path is not None:
            save_figure(path, figure)
        return figure


@contextlib.contextmanager
def diagnose(model: Module) -> Iterator[Diagnosis]:
    """Watch the layers of a model for a few training steps, each of which calls the model once.

    Args:
        model: any module; its layers are the modules without submodules.

    Yields:
        a `Diagnosis`, which is complete when the block ends.

    Raises:
        TypeError: `model` is not a module.

    Example:
        >>> import nn
        >>> ag.random.seed(0)
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        >>> nn.init.constant_(model[0].bias, -100.0).shape
        (8,)
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
        >>> x = np.random.default_rng(0).normal(size=(32, 4))
        >>> with nn.diagnose(model) as report:
        ...     for _ in range(3):
        ...         optimizer.zero_grad()
        ...         nn.functional.mse_loss(model(x), np.ones((32, 1))).backward()
        ...         optimizer.step()
        >>> report.findings[0].kind, report.findings[0].layer
        ('dying ReLU', '1')
    """
    if not isinstance(model, Module):
        raise TypeError(message("diagnose", kind(model), "a module"))
    report = Diagnosis()
    watch = _Watch(model, report)
    try:
        yield report
    finally:
        with np.errstate(all="ignore"):
            watch.end()
            watch.fill()


class _Watch:
    """The hooks of a diagnosis, and its findings at the end."""

    def __init__(self, model: Module, report: Diagnosis) -> None:
        self.report = report
        self.model = model
        self.watched: dict[int, _Watched] = {}
        self.order: list[_Watched] = []
        self.noted: list[Finding] = []
        self.weights: dict[int, Any] = {}
        self.output: Any = None
        self.row_gradients: dict[int, Any] = {}
        self.rounds = Rounds()
        paths = [(path, m) for path, m in model.named_modules() if not list(m.children())]
        self.undo: list[Any] = [model.register_forward_pre_hook(self._begins).remove]
        self.undo.append(model.register_forward_hook(self._ends).remove)
        for path, module in paths:
            self.watched[id(module)] = _Watched(path, module)
            self.undo.append(module.register_forward_pre_hook(self._enters).remove)
            self.undo.append(module.register_forward_hook(self._leaves).remove)
            weight = getattr(module, "weight", None)
            if isinstance(weight, Tensor) and weight.requires_grad:
                self.undo.append(weight.register_hook(self._kept(module)))

    def _kept(self, module: Module) -> Any:
        def keep(g: Any) -> None:
            self.row_gradients[id(module)] = np.array(g)

        return keep

    def _begins(self, module: Module, inputs: Any) -> None:
        with np.errstate(all="ignore"):
            self._count_updates()
        self.rounds.begin()
        self.report.steps += 1
        self.weights = {}
        for key, watched in self.watched.items():
            weight = getattr(watched.module, "weight", None)
            if isinstance(weight, Tensor) and weight.ndim > 1:
                self.weights[key] = weight.numpy()

    def _count_updates(self) -> None:
        for key, before in self.weights.items():
            watched: Any = self.watched[key]
            change = np.linalg.norm(watched.module.weight.numpy() - before)
            size = float(np.linalg.norm(before))
            if key in self.row_gradients and size:
                watched.ratios.append(float(change) / size)

    def _enters(self, module: Module, inputs: Any) -> None:
        finding = findings.single_sample_batch(self.watched[id(module)].path, module, inputs)
        if finding is not None and all(f.layer != finding.layer for f in self.noted):
            self.noted.append(finding)

    def _leaves(self, module: Module, inputs: Any, out: Any) -> None:
        out = out[0] if isinstance(out, tuple) else out
        if not hasattr(out, "dtype") or out.dtype.kind != "f" or not np.size(data_of(out)):
            return
        watched = self.watched[id(module)]
        if watched not in self.order:
            self.order.append(watched)
        given = data_of(inputs[0]) if inputs else None
        with np.errstate(all="ignore"):  # a network that overflows is to be diagnosed too
            watched.see(given, data_of(out), self.report.steps)
        if isinstance(out, Tensor) and out.requires_grad:

            def arrived(g: Any) -> None:
                self.rounds.was_differentiated = True
                with np.errstate(all="ignore"):
                    total = float(np.square(np.asarray(g)).sum())
                watched.gradient_squares.append((total, np.size(g)))

            out.register_hook(arrived)

    def _ends(self, module: Module, inputs: Any, out: Any) -> None:
        out = out[0] if isinstance(out, tuple) else out
        self.rounds.see(out)
        if isinstance(out, Tensor):
            largest = float(np.abs(data_of(out)).max(initial=0.0))
            if self.output is None or largest > self.output[0]:
                self.output = largest, out.dtype

    def end(self) -> None:
        self._count_updates()
        for undo in self.undo:
            undo()

    def fill(self) -> None:
        report, before = self.report, math.nan
        for watched in self.order:
            row = self._row(watched, before)
            report.layers.append(row)
            before = row.gradient if row.gradient == row.gradient else before
        layers = list(zip(report.layers, self.order, strict=True))
        found = [*self.noted, *findings.overflow(self.output), *findings.graphs(self.rounds)]
        for i, (row, watched) in enumerate(layers):
            feeding = next((w for _, w in reversed(layers[:i])), None)
            found += findings.dead_units(row, watched, feeding, report.steps)
            found += findings.saturation(row)
            found += findings.symmetry(row, watched, self.row_gradients.get(id(watched.module)))
        found += findings.gradients(report.layers)
        found += findings.activations(report.layers)
        if not any(finding.kind == "vanishing gradients" for finding in found):
            found += findings.rates(report.layers)
        report.findings = found

    def _row(self, watched: _Watched, before: float) -> LayerReport:
        n = max(1, watched.count)
        sizes, means, variances = map(np.array, zip(*watched.moments, strict=True))
        mean = float(np.average(means, weights=sizes))
        variance = float(np.average(variances + np.square(means - mean), weights=sizes))
        squares, count = (
            map(sum, zip(*watched.gradient_squares, strict=True))
            if watched.gradient_squares
            else (0, 0)
        )
        gradient = math.sqrt(squares / count) if count else math.nan
        dead, since, units = 0, None, 0
        if watched.last_active is not None:
            units = len(watched.last_active)
            recent = max(1, min(self.report.steps, findings.RECENT))
            gone = watched.last_active <= self.report.steps - recent
            dead = int(gone.sum())
            since = int(watched.last_active[gone].max()) + 1 if dead else None
        is_bounded = isinstance(watched.module, (Sigmoid, Hardsigmoid, Tanh, LogSigmoid))
        return LayerReport(
            path=watched.path,
            kind=type(watched.module).__name__,
            mean=mean,
            variance=variance,
            saturated=watched.saturated / n if is_bounded else None,
            zeros=watched.zeros / n if watched.last_active is not None else None,
            units=units,
            dead=dead,
            dead_since=since,
            gradient=gradient,
            gain=before / gradient if gradient and gradient == gradient else math.nan,
            update_ratio=float(np.median(watched.ratios)) if watched.ratios else math.nan,
            predicted_gain=watched.predicted,
            measured_gain=watched.measured,
        )


def _unit_axis(array: Any) -> int:
    """The axis of units: the second for images, the last for features."""
    return 1 if array.ndim == 4 else array.ndim - 1
