"""The history of a training: values for each epoch, as a table and as curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograd.errors import counted, kind, message
from autograd.files import save_figure
from autograd.html import curves, opening, plots, shown
from autograd.html import table as table_of
from autograd.tables import table
from nn.arguments import one_number
from nn.training.figures import new_figure

# Blue and vermilion can be told apart with any colour vision.
TRAINING, VALIDATION = "#0072b2", "#d55e00"
RECENT = 100  # epochs in the table that a notebook shows


class History(Mapping[str, list[float]]):
    """Lists of values by name, with one value for each epoch.

    The names are "loss", those of the metrics, the same with the prefix "val_", and "lr".

    Example:
        >>> from nn import History
        >>> history = History()
        >>> history.append({"loss": 0.5, "val_loss": 0.75})
        >>> history["val_loss"], history.epochs
        ([0.75], 1)
        >>> print(history)
        epoch  loss  val_loss
        ─────────────────────
            1   0.5      0.75
    """

    def __init__(self, columns: Mapping[str, list[float]] | None = None) -> None:
        given = {} if columns is None else columns
        if not isinstance(given, Mapping) or not all(
            isinstance(numbers, (list, tuple)) for numbers in given.values()
        ):
            raise TypeError(message("History", kind(columns), "lists of numbers by name"))
        self.columns = {name: list(numbers) for name, numbers in given.items()}

    @property
    def epochs(self) -> int:
        """The number of epochs."""
        return max(map(len, self.columns.values()), default=0)

    def append(self, numbers: Mapping[str, float]) -> None:
        """Add an epoch.

        Raises:
            TypeError: the values are not numbers by name.
            ValueError: the names differ from those of earlier epochs.
        """
        if not isinstance(numbers, Mapping):
            raise TypeError(message("History", kind(numbers), "numbers by name"))
        if self.columns and set(numbers) != set(self.columns):
            raise ValueError(message("History", ", ".join(numbers), ", ".join(self.columns)))
        found = {name: one_number("History", name, number) for name, number in numbers.items()}
        for name, number in found.items():
            self.columns.setdefault(name, []).append(number)

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            known = f"one of {', '.join(self.columns)}" if self.columns else "a history with epochs"
            raise KeyError(message("History", repr(name), known))
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __repr__(self) -> str:
        names = ["epoch", *self.columns]
        rows = [
            [str(i + 1), *(f"{numbers[i]:.6g}" for numbers in self.columns.values())]
            for i in range(self.epochs)
        ]
        return table(names, rows, left=())

    def _repr_html_(self) -> str:
        """For notebooks: a curve for each quantity, and the table, which opens."""
        drawn = []
        for name in self._panels():
            lines = {"training": self.columns[name]}
            if f"val_{name}" in self.columns:
                lines["validation"] = self.columns[f"val_{name}"]
            title = {"lr": "learning rate"}.get(name, name)
            drawn.append(curves(title, lines, across="epoch"))
        names = ["epoch", *self.columns]
        last = range(max(0, self.epochs - RECENT), self.epochs)
        rows = [[i + 1, *(f"{c[i]:.6g}" for c in self.columns.values())] for i in last]
        told = f"the last {len(rows)} epochs" if self.epochs > RECENT else "table"
        return shown(
            "History",
            [counted(self.epochs, "epoch")],
            plots(drawn),
            opening(told, table_of(names, rows, left=())) if rows else "",
        )

    def _panels(self) -> list[str]:
        """What has curves: the loss, each metric, and the learning rate if it changes."""
        names = [n for n in self.columns if not n.startswith("val_") and n != "lr"]
        return names + ["lr"] * (len(set(self.columns.get("lr", ()))) > 1)

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw curves: of the loss, of each metric, and of the learning rate if it changes.

        Args:
            path: the file to save to; its suffix decides the format, and is .png by default.

        Returns:
            a matplotlib Figure.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: there are no epochs.
        """
        if not self.epochs:
            raise ValueError(message("History.plot", "no epochs", "at least one"))
        panels = self._panels()
        figure = new_figure("History.plot", 4.6 * len(panels), 3.4)
        from matplotlib.ticker import MaxNLocator

        epochs = range(1, self.epochs + 1)
        for axes, name in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
        ):
            few = "o" if self.epochs <= 20 else None
            label = "training" if f"val_{name}" in self.columns else None
            axes.plot(epochs, self.columns[name], color=TRAINING, marker=few, ms=4, label=label)
            if label:
                numbers = self.columns[f"val_{name}"]
                axes.plot(
                    epochs, numbers, color=VALIDATION, marker=few, ms=4, ls="--", label="validation"
                )
                axes.legend(frameon=False)
            axes.set_xlabel("epoch")
            axes.set_ylabel({"lr": "learning rate"}.get(name, name))
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.grid(alpha=0.25, lw=0.6)
            axes.spines[["top", "right"]].set_visible(False)
        if path is not None:
            save_figure(path, figure)
        return figure
