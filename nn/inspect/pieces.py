"""What notebooks show of a preflight and of a diagnosis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.errors import counted
from autograd.html import Markup, curves, element, listed, plots, shown, table

MARKS = {True: element("span", "✓", look="good"), False: element("span", "✗", look="bad")}
HIGH = 2.5  # of the loss at the start: what is above is cut off


def preflight_html(report: Any) -> str:
    """The checks of a `Preflight`, its findings, and its range test as a curve."""
    rows = [[check.name, check.result, MARKS[check.passed]] for check in report.checks]
    test, picture = report.range_test, Markup()
    if test is not None and len(test.rates):
        lines = {"loss": _cut_off(test.losses)}
        picture = curves(
            "loss of the batch", lines, test.rates, logarithmic=True, across="learning rate"
        )
    checks = table(("check", "result", ""), rows, left=(0, 1))
    return shown("Preflight", [_count(report)], checks, found(report.findings), plots([picture]))


def diagnosis_html(report: Any, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The findings of a `Diagnosis`, its table of layers, and curves over steps and layers."""
    facts = [counted(report.steps, "step"), _count(report)]
    pictures = []
    if report.losses:
        pictures.append(curves("loss", {"loss": report.losses}, across="step"))
    if len(report.layers) > 1:
        orders = {
            "outputs": [_order(math.sqrt(row.variance)) for row in report.layers],
            "gradients": [_order(row.gradient) for row in report.layers],
            "update / weight": [_order(row.update_ratio) for row in report.layers],
        }
        pictures.append(curves("log₁₀ by layer", orders, across="layer"))
    layers = table(headings, rows)
    return shown("Diagnosis", facts, found(report.findings), layers, plots(pictures))


def found(findings: Sequence[Any]) -> Markup:
    """Findings, each with its name in red and its remedy."""
    return listed(
        Markup(
            element("span", f"{f.kind}{f' in {f.layer}' * bool(f.layer)}: ", look="bad")
            + element("span", f"{f.text}. ")
            + element("em", f"Remedy: {f.remedy}.")
        )
        for f in findings
    )


def _count(report: Any) -> str:
    return counted(len(report.findings), "finding") if report.findings else "no findings"


def _order(x: float) -> float:
    return math.log10(x) if x > 0 and math.isfinite(x) else math.nan


def _cut_off(losses: Sequence[float]) -> list[float]:
    """Losses without those that would hide the others."""
    most = losses[0] + (HIGH - 1.0) * abs(losses[0])
    return [x if x <= most else math.nan for x in losses]
