"""Figures of a diagnosis and of a range test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd.files import save_figure
from nn.training.figures import new_figure

BLUE, VERMILION, GREEN = "#0072b2", "#d55e00", "#009e73"


def saved(figure: Any, path: str | Path | None) -> Any:
    """The figure, written to a file if there is a path."""
    if path is not None:
        save_figure(path, figure)
    return figure


def layers_figure(rows: Sequence[Any], path: str | Path | None) -> Any:
    """Activations, gradients and updates of layers, side by side."""
    names = [f"{row.path}: {row.kind}" for row in rows]
    panels = {
        "standard deviation of outputs": [math.sqrt(row.variance) for row in rows],
        "gradient of outputs (rms)": [row.gradient for row in rows],
        "update / weight": [row.update_ratio for row in rows],
    }
    figure = new_figure("Diagnosis.plot", 11.0, 1.4 + 0.26 * len(names))
    all_axes = figure.subplots(1, 3, sharey=True)
    colours = (BLUE, VERMILION, GREEN)
    for axes, colour, (title, numbers) in zip(all_axes, colours, panels.items(), strict=True):
        shown = [x if x == x and x > 0 else math.nan for x in numbers]
        axes.plot(shown, range(len(names)), "o", color=colour, ms=5)
        _in_decades(axes, [math.log10(x) for x in shown if math.isfinite(x)])
        axes.set_xlabel(title)
        _quiet(axes)
    all_axes[0].set_yticks(range(len(names)), names)
    all_axes[0].invert_yaxis()
    return saved(figure, path)


def _in_decades(axes: Any, decades: list[float]) -> None:
    from matplotlib.ticker import NullFormatter

    if decades:
        axes.set_xscale("log")
        axes.set_xlim(10 ** math.floor(min(decades)), 10 ** math.ceil(max(decades) + 1e-9))
        axes.xaxis.set_minor_formatter(NullFormatter())


def _quiet(axes: Any) -> None:
    axes.grid(alpha=0.25, lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def range_figure(
    rates: Sequence[float],
    losses: Sequence[float],
    best: tuple[float, float] | None,
    path: str | Path | None,
) -> Any:
    """The loss after a step of each learning rate, and the range that is suggested."""
    figure = new_figure("Preflight.plot", 5.2, 3.4)
    axes = figure.subplots()
    axes.plot(rates, losses, color=BLUE, marker="o", ms=3)
    axes.set_xscale("log")
    if best is not None:
        axes.axvspan(*best, color=GREEN, alpha=0.15, lw=0)
    finite = [x for x in losses if math.isfinite(x)]
    if finite:
        low, high = min(finite), losses[0]
        axes.set_ylim(low - 0.1 * abs(high - low) - 1e-12, high + 1.5 * abs(high - low) + 1e-12)
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss of the batch")
    _quiet(axes)
    return saved(figure, path)
