"""`diagnose`: watches a training for some steps and reports why it does not learn."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd.errors import counted, kind, message
from autograd.tables import table
from nn.inspect.findings import Finding
from nn.inspect.layers import LayerReport
from nn.inspect.pieces import diagnosis_html
from nn.inspect.plots import layers_figure
from nn.inspect.verdict import fill
from nn.inspect.watch import Watch, begun
from nn.module.module import Module
from nn.training.kinds import check_loss, optimizers_of

SHARES = ("zeros", "saturated", "dead")
HEAD = ("layer", "mean", "variance", *SHARES, "gradient", "gain", "update")


class Diagnosis:
    """The result of `diagnose`; printing it shows a table and the findings.

    Attributes:
        layers: a `LayerReport` for each module without submodules, in the order of calls.
        findings: what is wrong, with evidence and remedy, causes before symptoms; empty for a
            healthy training.
        steps: how many times parameters changed.
        calls: how many times the model was called to be trained.
        losses: the loss of each step, of a single model: the sum over the backward passes of that
            step.
        noise: how much gradients differ between batches: their variance over their squared mean,
            measured on some entries; nan for fewer than two passes. It is also the number of such
            batches whose mean has as much signal as noise.
    """

    def __init__(self) -> None:
        self.layers: list[LayerReport] = []
        self.findings: list[Finding] = []
        self.steps = self.calls = 0
        self.losses: list[float] = []
        self.noise = float("nan")

    def __str__(self) -> str:
        verdict = "findings:" if self.findings else "no findings"
        conclusion = f"{counted(self.steps, 'step')}; {verdict}"
        if self.losses:
            course = f"loss {self.losses[0]:.4g} to {self.losses[-1]:.4g} in "
            conclusion = f"{course}{conclusion}"
        found = table(HEAD, self._rows())
        return "\n".join([found, conclusion, *(f"- {f}" for f in self.findings)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """For notebooks: the findings, the table of layers, and curves."""
        return diagnosis_html(self, HEAD, self._rows())

    def _rows(self) -> list[list[str]]:
        return [
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

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw activations, gradients and updates of each layer.

        Args:
            path: the file to save to; its suffix decides the format, and is .png by default.

        Returns:
            a matplotlib Figure.

        Raises:
            ImportError: matplotlib is not installed.
        """
        return layers_figure(self.layers, path)


@contextlib.contextmanager
def diagnose(model: Any, optimizer: Any = None, loss: Any = None) -> Iterator[Diagnosis]:
    """Watch a training for some steps: at least two, better twenty or more.

    It counts steps by what happens to the parameters, so any loop can be watched: gradients
    accumulated over several batches, several models in turn, updates written by hand.

    Args:
        model: any module, or several as a dictionary by name or a list; its layers are the modules
            without submodules.
        optimizer: the optimizer, or a list of several. With it, a diagnosis also knows which
            parameters it holds, when its `step` is called, and its learning rate.
        loss: the loss function, if it has parameters of its own or is a module.

    Yields:
        a `Diagnosis`, which is complete when the block ends.

    Raises:
        TypeError: `model` is not a module, `optimizer` is not an optimizer or a list of some, or
            `loss` is not a function.

    Example:
        >>> import nn
        >>> ag.random.seed(0)
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        >>> nn.init.constant_(model[0].bias, -100.0).shape
        (8,)
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
        >>> x = np.random.default_rng(0).normal(size=(32, 4))
        >>> with nn.diagnose(model, optimizer) as report:
        ...     for _ in range(3):
        ...         optimizer.zero_grad()
        ...         nn.functional.mse_loss(model(x), np.sin(x[:, :1])).backward()
        ...         optimizer.step()
        >>> report.findings[0].kind, report.findings[0].layer
        ('dying ReLU', '1')
    """
    models = _by_name(model)
    optimizers = optimizers_of("diagnose", optimizer)
    if loss is not None:
        check_loss("diagnose", loss)
    report = Diagnosis()
    watch = Watch(models, optimizers, loss)
    try:
        with begun(watch):
            yield report
    except BaseException:
        # It may come in the middle of a call, which is too little to judge; the error goes on.
        with np.errstate(all="ignore"), contextlib.suppress(Exception):
            watch.end()
            fill(watch, report)
        raise
    with np.errstate(all="ignore"):
        watch.end()
        fill(watch, report)


def _by_name(model: Any) -> dict[str, Module]:
    """Models by name; "" for a single one."""
    if isinstance(model, Module):
        return {"": model}
    given = model
    if isinstance(model, (list, tuple)):
        given = {str(i): m for i, m in enumerate(model)}
    if (
        not isinstance(given, Mapping)
        or not given
        or not all(isinstance(name, str) for name in given)
        or not all(isinstance(m, Module) for m in given.values())
    ):
        hint = "pass several as a dictionary of modules" if isinstance(model, Mapping) else ""
        raise TypeError(message("diagnose", kind(model), "a module", hint))
    return {str(name): m for name, m in given.items()}
