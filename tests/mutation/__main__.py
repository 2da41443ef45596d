"""python -m tests.mutation: plant every mutant, print the tables, write docs/mutation.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.mutation.mutants import mutants, verdict
from tests.mutation.report import (
    HEADINGS,
    Outcome,
    Row,
    by_operator,
    by_primitive,
    page,
    problems,
)

PAGE = Path(__file__).parents[2] / "docs" / "mutation.md"


def main() -> int:
    """Run all mutants; 1 if there is something to explain, or with --check if the page is old."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it would")
    check = parser.parse_args().check
    console = Console()
    outcomes = [
        Outcome(mutant, verdict(mutant))
        for mutant in track(mutants(), "Planting mistakes", console=console, transient=True)
    ]
    console.print(_table("mistake", by_operator(outcomes)))
    console.print(_table("primitive", by_primitive(outcomes)))
    found = problems(outcomes)
    for problem in found:
        console.print(problem, style="bold red", markup=False)
    text = page(outcomes)
    if check and (not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text):
        console.print(f"{PAGE.name} is not up to date; run python -m tests.mutation", style="red")
        return 1
    if not found and not check:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if found else 0


def _table(what: str, rows: list[Row]) -> Table:
    table = Table(what)
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row.cells(), style="bold" if row is rows[-1] else None)
    return table


if __name__ == "__main__":
    sys.exit(main())
