"""docs/conventions.md matches what the engine does."""

import runpy
from pathlib import Path

import pytest

from autograd.primitives import PRIMITIVES

ROOT = Path(__file__).parents[2]
made = runpy.run_path(str(ROOT / "docs" / "conventions.py"))
STORED = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found():
    return made["rows"]()


def test_the_page_is_current(found):
    assert made["is_current"](STORED, found), "run python docs/conventions.py"
    assert [row[0] for row in found] == list(PRIMITIVES)


def test_a_page_that_is_out_of_date_is_noticed(found):
    assert not made["is_current"](STORED.replace("slope 0 taken", "slope 1 taken"), found)
    worse = [*found[:-1], (*found[-1][:-1], 1.0)]
    assert not made["is_current"](STORED, worse)


def test_some_conventions_by_hand():
    def line(name):
        return next(text for text in STORED.splitlines() if text.startswith(f"| `{name}` "))

    assert "kink at 0: -1 and 1, slope 0 taken" in line("abs")
    assert "slopes 0.5, 0.5 at (1, 1)" in line("maximum")
    assert "x ≥ 0 | slope ∞ at 0" in line("sqrt") and "slopes 0, 0 at (0, 0)" in line("hypot")
    assert "x > 0 | log(0) = -∞, slope ∞" in line("log")
