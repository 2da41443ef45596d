"""The report of a gradient check: one row for each input, and a table of them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Row:
    """What was found at one input.

    Attributes:
        name: the input or parameter.
        shape: its shape.
        checked: how many entries were compared one by one.
        total: how many there are.
        largest_absolute: the largest difference between autograd's and the numeric value.
        largest_relative: the largest difference in relation to the larger of the two, where that
            is above 1e-6.
        worst: the index of the entry furthest beyond its tolerance, or "direction".
        autograd: autograd's value there.
        numeric: the numeric value there.
        kinks: how many entries are at a kink, where any slope between left and right is right.
        failed: how many comparisons failed.
        visible: the smallest error of a single entry that would have failed.
    """

    name: str
    shape: tuple[int, ...]
    total: int
    checked: int = 0
    largest_absolute: float = 0.0
    largest_relative: float = 0.0
    worst: tuple[int, ...] | str = ()
    autograd: float = 0.0
    numeric: float = 0.0
    kinks: int = 0
    failed: int = 0
    visible: float = 0.0
    excess: float = -1.0

    def compare(
        self,
        where: tuple[int, ...] | str,
        autograd: float,
        numeric: float,
        tolerance: float,
        kink: bool,
    ) -> None:
        """Add one comparison."""
        error = abs(autograd - numeric)
        if kink:
            self.kinks += 1
            return
        size = max(abs(autograd), abs(numeric))
        failed = not (error <= tolerance or autograd == numeric)
        self.failed += failed
        self.visible = max(self.visible, tolerance)
        if not error <= self.largest_absolute:  # a nan counts as the largest
            self.largest_absolute = error
        relative = error / size if size > 1e-6 else 0.0
        if not relative <= self.largest_relative:
            self.largest_relative = relative
        excess = error / tolerance if error == error else float("inf")
        if excess > self.excess:
            self.excess = excess
            self.worst, self.autograd, self.numeric = where, autograd, numeric


@dataclass
class GradientReport:
    """The outcome of `check_gradients`; `print` shows a table.

    Attributes:
        rows: one for each input and parameter, and for each order of derivative.
        method: "central" or "complex".
    """

    rows: list[Row] = field(default_factory=list)
    method: str = "central"

    @property
    def passed(self) -> bool:
        """Whether every gradient agrees with its numeric value."""
        return not any(row.failed for row in self.rows)

    @property
    def checked(self) -> int:
        """How many entries were compared one by one."""
        return sum(row.checked for row in self.rows)

    @property
    def total(self) -> int:
        """How many entries there are."""
        return sum(row.total for row in self.rows)

    def __str__(self) -> str:
        head = ("input", "shape", "checked", "at a kink", "abs. error", "rel. error", "worst entry")
        columns = (*head, "autograd", "numeric", "")
        lines = [columns, *(_cells(row) for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        left = (0, 1, 6)
        table = [
            "  ".join(
                cell.ljust(n) if i in left else cell.rjust(n)
                for i, (cell, n) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        table.insert(1, "  ".join("─" * n for n in widths).rstrip())
        share = self.checked / self.total if self.total else 1.0
        verdict = "all gradients agree" if self.passed else "gradients differ"
        steps = "central differences" if self.method == "central" else "complex step"
        kinks = sum(row.kinks for row in self.rows)
        visible = max((row.visible for row in self.rows), default=0.0)
        table.append(
            f"{verdict} ({steps}): {self.checked:,} of {self.total:,} entries looked at "
            f"({share:.0%}), {kinks} at a kink; an error above {visible:.1e} in one of them would "
            "have been seen"
        )
        return "\n".join(table)


def _cells(row: Row) -> tuple[str, ...]:
    worst = row.worst if isinstance(row.worst, str) else str(list(row.worst)) if row.worst else "-"
    return (
        row.name,
        str(row.shape),
        f"{row.checked:,} of {row.total:,}",
        f"{row.kinks:,}",
        f"{row.largest_absolute:.1e}",
        f"{row.largest_relative:.1e}",
        worst,
        f"{row.autograd:.9g}",
        f"{row.numeric:.9g}",
        "ok" if not row.failed else f"{row.failed:,} WRONG",
    )
