"""The report of a gradient check: one row for each input, and a table of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from autograd.debug.conventions import Convention
from autograd.errors import counted
from autograd.html import element, listed, shown
from autograd.html import table as table_of
from autograd.tables import table
from autograd.testing.differences import Comparison
from autograd.testing.locate import Culprit, Kink

HEAD = (
    *("input", "shape", "checked", "at a kink", "abs. error", "rel. error", "worst entry"),
    *("autograd", "numeric", ""),
)


@dataclass
class Row:
    """The outcome for one input.

    Attributes:
        name: the name of the input or parameter.
        shape: its shape.
        checked: how many entries were compared one by one.
        total: how many entries there are.
        largest_absolute: the largest difference between autograd's value and the numeric one.
        largest_relative: the largest relative difference, of entries above `negligible`.
        worst: the index of the entry furthest beyond its tolerance, or "direction".
        autograd: autograd's value there.
        numeric: the numeric value there.
        kinks: how many entries are at a kink, where any slope between left and right is right.
        failed: how many comparisons failed.
        inconclusive: how many comparisons numeric differences cannot decide.
        reasons: why, each with the number of comparisons.
        visible: any larger error in one of the entries checked would have failed.
        visible_anywhere: any larger error in one entry that was not checked would have made the
            random direction fail.
        negligible: the size up to which entries of this gradient are negligible.
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
    inconclusive: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    visible: float = 0.0
    visible_anywhere: float = 0.0
    negligible: float = 0.0
    excess: float = -math.inf

    def compare(self, where: tuple[int, ...] | str, found: Comparison) -> None:
        """Add one comparison."""
        if found.kink:
            self.kinks += 1
            return
        if found.unresolved:
            self.inconclusive += 1
            self.reasons[found.unresolved] = self.reasons.get(found.unresolved, 0) + 1
            return
        self.failed += found.failed
        if where == "direction":  # each entry has at least half a share in it
            self.visible_anywhere = 2.0 * found.tolerance
        else:
            self.visible = max(self.visible, found.tolerance)
        equal = found.autograd == found.numeric
        error = 0.0 if equal else abs(found.autograd - found.numeric)
        self.largest_absolute = _larger(self.largest_absolute, error)
        size = max(abs(found.autograd), abs(found.numeric))
        relative = error / size if not size <= self.negligible else 0.0
        self.largest_relative = _larger(self.largest_relative, relative)
        if found.tolerance == 0.0:
            excess = 0.0 if equal else math.inf
        else:
            excess = error / found.tolerance if error == error else math.inf
        if excess > self.excess:
            self.excess = excess
            self.worst, self.autograd, self.numeric = where, found.autograd, found.numeric


@dataclass
class GradientReport:
    """The outcome of `check_gradients`; `print` shows a table.

    Attributes:
        rows: one for each input and parameter, and for each order of derivative.
        method: "central" or "complex".
        culprits: the nodes whose own rule is wrong, the largest effect first; filled where a
            gradient differs, or with `locate=True`.
        kinks: the nodes at a kink, filled in the same cases.
        conventions: the nodes whose slope is a convention at this point, such as relu at 0. They
            say nothing against a gradient that agrees; where one differs, they may be the reason.
    """

    rows: list[Row] = field(default_factory=list)
    method: str = "central"
    culprits: list[Culprit] = field(default_factory=list)
    kinks: list[Kink] = field(default_factory=list)
    conventions: list[Convention] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every gradient was seen to agree, so none failed and none is inconclusive."""
        return not self.failed and not self.inconclusive

    @property
    def failed(self) -> bool:
        """Whether a gradient differs from its numeric value."""
        return any(row.failed for row in self.rows)

    @property
    def inconclusive(self) -> int:
        """How many comparisons numeric differences cannot decide."""
        return sum(row.inconclusive for row in self.rows)

    @property
    def checked(self) -> int:
        """How many entries were compared one by one."""
        return sum(row.checked for row in self.rows)

    @property
    def total(self) -> int:
        """How many entries there are."""
        return sum(row.total for row in self.rows)

    def __str__(self) -> str:
        found = table(HEAD, map(_cells, self.rows), left=(0, 1, 6))
        notes = [*self.undecided(), *self.culprits, *self.kinks, *self.conventions]
        return "\n".join([found, self._conclusion(), *map(str, notes)])

    def _conclusion(self) -> str:
        verdict = "gradients differ" if self.failed else "all gradients agree"
        if self.inconclusive:
            seen = self.checked > sum(row.inconclusive for row in self.rows)
            rest = "; the others agree" if seen else ""
            verdict = "gradients differ" if self.failed else f"inconclusive{rest}"
        steps = "central differences" if self.method == "central" else "complex step"
        kinks = sum(row.kinks for row in self.rows)
        visible = max((row.visible for row in self.rows), default=0.0)
        conclusion = (
            f"{verdict} ({steps}): {self.checked:,} of {counted(self.total, 'entry')} looked at "
            f"({self._share()}), {kinks:,} at a kink"
        )
        if visible:
            conclusion += f"; an error above {visible:.1e} in one of them would have been seen"
        if visible and self.checked < self.total:
            anywhere = max(row.visible_anywhere for row in self.rows)
            conclusion += f", above {anywhere:.1e} in one of the others too, by a random direction"
        return conclusion

    def _repr_html_(self) -> str:
        """For notebooks: the verdict, a table, and the notes."""
        rows = [
            [
                *_cells(row)[:-1],
                element("span", _verdict(row), look="bad" if row.failed else "good"),
            ]
            for row in self.rows
        ]
        notes = [*self.undecided(), *self.culprits, *self.kinks, *self.conventions]
        title = element("span", self._conclusion(), look="bad" if self.failed else "")
        return shown(title, [], table_of(HEAD, rows, left=(0, 1, 6)), listed(notes))

    def undecided(self) -> list[str]:
        """For each input and reason, how many comparisons differences cannot decide."""
        return [
            f"{row.name}: numeric differences cannot tell in {counted(count, 'comparison')}, "
            f"because {reason}"
            for row in self.rows
            for reason, count in row.reasons.items()
        ]

    def _share(self) -> str:
        share = self.checked / self.total if self.total else 1.0
        return "100%" if share == 1.0 else f"{100.0 * share:.2g}%"


def _larger(one: float, other: float) -> float:
    """The larger of two errors, where a nan counts as the largest."""
    return float(np.maximum(one, other))


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
        _verdict(row),
    )


def _verdict(row: Row) -> str:
    counts = {"WRONG": row.failed, "inconclusive": row.inconclusive}
    return ", ".join(f"{n:,} {what}" for what, n in counts.items() if n) or "ok"
