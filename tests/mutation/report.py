"""The outcome as tables: what share of the planted mistakes the checker catches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.mutation.explained import EXPLAINED, Explanation
from tests.mutation.mutants import BY_ERROR, BY_NUMBER, SURVIVED, Mutant


@dataclass(frozen=True)
class Outcome:
    """A mutant and how it fared."""

    mutant: Mutant
    verdict: str


@dataclass
class Row:
    """How the mutants of one operator, or one primitive, fared."""

    name: str
    by_number: int = 0
    by_error: int = 0
    survived: int = 0

    @property
    def planted(self) -> int:
        """How many there are."""
        return self.by_number + self.by_error + self.survived

    @property
    def caught(self) -> int:
        """How many the checker found."""
        return self.by_number + self.by_error

    def count(self, verdict: str) -> None:
        """One more with that verdict."""
        self.by_number += verdict == BY_NUMBER
        self.by_error += verdict == BY_ERROR
        self.survived += verdict == SURVIVED

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        numbers = (self.planted, self.by_number, self.by_error, self.survived)
        share = self.caught / self.planted if self.planted else 1.0
        return (self.name, *(f"{n:,}" for n in numbers), f"{share:.1%}")


HEADINGS = ("planted", "wrong number", "error", "explained", "caught")


def rows_by(outcomes: Iterable[Outcome], name: Callable[[Mutant], str]) -> list[Row]:
    """A row for each name, in the order of first appearance, and one for all."""
    rows: dict[str, Row] = {}
    total = Row("all")
    for outcome in outcomes:
        key = name(outcome.mutant)
        rows.setdefault(key, Row(key)).count(outcome.verdict)
        total.count(outcome.verdict)
    return [*rows.values(), total]


def by_operator(outcomes: Iterable[Outcome]) -> list[Row]:
    """A row for each kind of mistake."""
    return rows_by(outcomes, lambda mutant: mutant.operator)


def by_primitive(outcomes: Iterable[Outcome]) -> list[Row]:
    """A row for each primitive; what several share counts for the first of them."""
    return rows_by(outcomes, lambda mutant: mutant.counts_for)


def problems(
    outcomes: Sequence[Outcome],
    explanations: Sequence[Explanation] = EXPLAINED,
    complete: bool = True,
) -> list[str]:
    """Survivors without an explanation; of a complete run, explanations without a survivor too."""
    explained = {key for e in explanations for key in e.keys}
    survivors = {o.mutant.key: o.mutant for o in outcomes if o.verdict == SURVIVED}
    found = [f"not caught: {m}" for key, m in survivors.items() if key not in explained]
    if complete:
        found += [f"stale explanation: {key}" for key in sorted(explained - survivors.keys())]
    return found


INTRODUCTION = """\
# How many wrong derivatives does the checker catch?

`check_gradients` compares the engine's derivatives with numeric ones, and
`tests/autograd/primitives/test_primitives.py` applies it to every primitive. This page measures
whether that would notice a mistake. Each mutant is the source of one derivative rule (or of a
function that rules call, or of the engine's sum over a fan-out) with one small change. The changes
are systematic: every operator is applied at every place in the source where it fits. A mutant is
caught if the check finds a wrong number, or if the rule raises an error.

The check covers first and second derivatives on all cases of `tests/cases.py`. Further cases in
`tests/mutation/mutants.py` are points where a tie or a limit decides, such as equal eigenvalues,
and points without a derivative, where the gradient must be nan.

The end of the page lists the mutants that survive, each with the reason why it is not a mistake: it
computes the same, or differs only by a convention, by less than rounding, or where there is no
derivative. An unexplained survivor fails the run, and so does an explanation without a survivor.
The test suite runs one in five, drawn by a hash of its text, and compares the numbers of this page.

```sh
python -m tests.mutation            # run all, print the tables, write this page
python -m tests.mutation --check    # run all, and fail if this page would change
```
"""


def page(outcomes: Sequence[Outcome]) -> str:
    """The whole outcome as Markdown; the same for the same source."""
    total = by_operator(outcomes)[-1]
    share = total.caught / total.planted
    parts = [
        INTRODUCTION,
        f"Of {total.planted:,} mutants the checker caught {total.caught:,}: {share:.1%}. The other "
        f"{total.survived} are explained.\n",
        "## By kind of mistake\n",
        _markdown(("mistake", *HEADINGS), [row.cells() for row in by_operator(outcomes)]),
        "## By primitive\n",
        "Code that several primitives share counts for the first of them.\n",
        _markdown(("primitive", *HEADINGS), [row.cells() for row in by_primitive(outcomes)]),
        "## Explained survivors\n",
        _markdown(("where", "change", "why it is not a mistake"), _explained_cells()),
    ]
    return "\n".join(parts)


def _explained_cells() -> list[tuple[str, ...]]:
    return [
        (f"`{e.where}`", ", ".join(f"{operator}: `{_piped(change)}`" for operator, change in
         e.changes), e.reason)
        for e in EXPLAINED
    ]  # fmt: skip


def _piped(text: str) -> str:
    """The text as a table cell needs it."""
    return text.replace("|", "\\|")


def _markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    numeric = ["---:" if heading in HEADINGS else "---" for heading in headings]
    lines = [headings, numeric, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
