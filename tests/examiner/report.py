"""The page docs/examiner.md: how often the examiner names a mistake right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograd.testing.backward import KINDS
from tests.examiner.planting import SETS, Plant, named
from tests.examiner.right import RIGHT

INTRODUCTION = """\
# How often does the examiner name the mistake?

`check_backward` says whether a backward pass written by hand is right and, if not, what kind of
mistake was made. This page measures both. The mistakes are planted: each is one change in the
source of a right backward pass, and the person who planted it wrote down its kind beforehand. The
examiner has to name that kind first.

There are three sets. The first, `tests/examiner/plants.py`, holds the backward passes of textbooks
and interviews; the examiner was developed on it. The second, `others.py`, is written in other
styles: classes, loops, `einsum`, caches, in-place code. The third, `unseen.py`, was written last. On
the two sets that it had never seen, its first run named 103 of 119 and 48 of 54. What those runs
showed to be missing in general, such as a mistake made in every turn of a loop, was added since, so
the numbers below are no longer blind.

```sh
python -m tests.examiner            # plant every mistake, print the tables, write this page
python -m tests.examiner --check    # fail if this page would change
```
"""


def score(plants: Sequence[Plant]) -> tuple[int, int]:
    """How many mistakes are named right at first place, of how many."""
    return sum(named(plant) == plant.kind for plant in plants), len(plants)


def page() -> str:
    """The page as Markdown; the same for the same source."""
    everything = [plant for plants in SETS.values() for plant in plants]
    missed = [plant for plant in everything if named(plant) != plant.kind]
    passed = sum(named(plant) == "passed" for plant in everything)
    rows = [(name, *_cells(plants)) for name, plants in SETS.items()]
    parts = [
        INTRODUCTION,
        _table(("set", "planted", "named right", "share"), rows),
        f"A mistake passed as right: {passed} of {len(everything)}. "
        f"{len(RIGHT)} right backward\npasses in unusual forms, listed in `right.py`, and the unchanged "
        "passes of all sets: none is\nrefused, which a test asserts.\n",
        "## By kind\n",
        _table(("kind", "planted", "named right", "share"), _by_kind(everything)),
        "## Misses\n",
        "Each with the kind that was written down and the one that was named. Some are two names for\n"
        "one thing: for log-softmax, a sum left out leaves exactly the diagonal.\n",
        _table(
            ("backward pass", "change", "planted", "named"),
            [(f"`{p.case}`", f"`{p.change}`", p.kind, named(p)) for p in missed],
        ),
    ]
    return "\n".join(parts)


def _cells(plants: Sequence[Plant]) -> tuple[str, ...]:
    right, total = score(plants)
    return str(total), str(right), f"{right / total:.1%}"


def _by_kind(plants: Sequence[Plant]) -> list[tuple[str, ...]]:
    rows = []
    for kind in KINDS:
        own = [plant for plant in plants if plant.kind == kind]
        if own:
            rows.append((kind, *_cells(own)))
    return rows


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    numeric = ("planted", "named right", "share")
    count = headings[1] == "planted"
    marks = ["---:" if count and heading in numeric else "---" for heading in headings]
    return "".join(f"| {' | '.join(line)} |\n" for line in (headings, marks, *rows))
