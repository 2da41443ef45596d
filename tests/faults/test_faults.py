"""Faulty programs are recognized, their twins and healthy trainings are left in peace.

The page docs/faults.md states what was measured; each program is run again here.
"""

import itertools
import re
import runpy
from pathlib import Path

import pytest

from tests.faults.measure import findings_of, outcome
from tests.faults.programs import FAULTY, FOURTH, HEALTHY, SECOND, THIRD

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
made = runpy.run_path(str(ROOT / "docs" / "faults.py"), run_name="page")
SETS = FAULTY, SECOND, THIRD, FOURTH
EVERY = [program for programs in SETS for program in programs]
NAMES = [program.name for program in EVERY]


def rows():
    return [
        line
        for line in PAGE.split("## All programs")[1].split("\n## ")[0].splitlines()
        if line.count("|") == 5
    ][2:]


@pytest.mark.parametrize("program", EVERY, ids=NAMES)
def test_a_program_and_its_twin(program):
    found = outcome(program)
    assert made["row"](found) in PAGE, "run python docs/faults.py"
    assert found.alarms == []


@pytest.mark.parametrize("program", HEALTHY, ids=[program.name for program in HEALTHY])
def test_a_healthy_training(program):
    assert findings_of(program, False)[0] == []


def test_the_page_keeps_the_targets():
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows()]
    assert [cell[0] for cell in cells] == [made["told"](name) for name in NAMES]
    causes = {made["told"](program.name): program.causes for program in EVERY}
    ends = [0, *itertools.accumulate(map(len, SETS))]
    for of in (cells[a:b] for a, b in itertools.pairwise(ends)):
        detected = sum(first != "·" for *_, first in of)
        named = sum(first in causes[name] for name, _, _, first in of)
        assert detected >= 0.95 * len(of) and named >= 0.85 * len(of)


def test_the_sets_are_as_large_as_they_claim():
    assert len(FAULTY) >= 60 and len(SECOND) >= 20 and len(HEALTHY) >= 20
    assert len(set(NAMES)) == len(NAMES)
    families = {program.family for program in FAULTY}
    assert families == {"MLP", "CNN", "RNN", "attention", "GAN", "regression", "autoencoder"}


def test_no_detector_knows_a_program():
    """The tools read what a training does, and not what it is called."""
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "nn" / "inspect").glob("*.py")]
    assert not [n for n in NAMES if any(re.search(rf"\b{n}\b", s) for s in sources)]
