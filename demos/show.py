"""The output of a demo: question, theory, tables, verdict, figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track
from rich.table import Table

# The Okabe-Ito palette, which people with colour blindness can distinguish.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
MARKERS = "osD^vP*"


class Page:
    """The output of one demo.

    Args:
        question: the question it answers.
        out: the folder for figures.
        silent: whether to print and write nothing, because another process does.
    """

    def __init__(self, question: str, out: Path, silent: bool = False) -> None:
        self.console, self.out, self.silent = Console(quiet=silent), out, silent
        self.console.rule(question)

    def theory(self, text: str) -> None:
        """Print what to expect, and why."""
        self.console.print(text, style="italic", highlight=False, markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Print a table of measurements."""
        table = Table(*columns, title=title)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in rows:
            table.add_row(*(cell if isinstance(cell, str) else f"{cell:.4g}" for cell in row))
        self.console.print(table)

    def verdict(self, text: str) -> None:
        """Print the conclusion."""
        self.console.print(f"[bold]Verdict:[/bold] {text}", highlight=False)

    def track(self, steps: Sequence[Any], name: str) -> Iterable[Any]:
        """Return the steps, and show a progress line on a terminal while they run."""
        hidden = not self.console.is_terminal
        return track(steps, name, console=self.console, disable=hidden, transient=True)

    def save(self, figure: Any, name: str) -> Path:
        """Write a figure or a drawing to a file and print its path."""
        path = self.out / name
        if self.silent:
            return path
        self.out.mkdir(parents=True, exist_ok=True)
        if isinstance(figure, Figure):
            figure.savefig(path, dpi=130)
        else:
            figure.save(path)
        self.console.print(f"wrote {path}", soft_wrap=True, highlight=False)
        return path


def panels(count: int, width: float = 4.2, height: float = 3.4) -> tuple[Figure, list[Any]]:
    """Make a figure with panels side by side."""
    figure = Figure(figsize=(width * count, height), layout="constrained")
    axes = list(figure.subplots(1, count, squeeze=False)[0])
    for one in axes:
        one.grid(alpha=0.25, lw=0.6)
        one.spines[["top", "right"]].set_visible(False)
    return figure, axes
