"""docs/compile.md, docs/derivations.md and README show what their examples print."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
made = runpy.run_path(str(ROOT / "docs" / "compile.py"))


@pytest.mark.parametrize("path", made["PAGES"])
def test_the_page_is_current(path):
    stored, found = made["renewed"](path)
    assert found == stored, "run python docs/compile.py"


def test_a_page_that_is_out_of_date_is_noticed():
    text = "```python\n>>> 1 + 1\n3\n\n```\n"
    assert made["page"](text) == "```python\n>>> 1 + 1\n2\n\n```\n"
