"""The page of questions matches the demos and names parts that exist."""

import importlib
import operator
import re
import runpy
from pathlib import Path

import autograd as ag
import nn
from demos.__main__ import DEMOS

ROOT = Path(__file__).parents[2]


def test_the_index_is_current():
    made = runpy.run_path(str(ROOT / "docs" / "questions.py"))
    stored = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    assert stored == made["page"](), "run python docs/questions.py"


def test_the_answers_are_of_these_programs():
    """Whoever changes a demo runs it again, so that the page shows what it prints now."""
    made = runpy.run_path(str(ROOT / "docs" / "questions.py"))
    for name in DEMOS:
        if made["questions_of"](name):
            digest, figures, lines = made["answer"](name)
            again = f"run python docs/questions.py --run {name}"
            assert digest == made["digest"](name), again
            assert any(line.startswith("Verdict:") for line in lines), again
            for figure in figures:
                assert (ROOT / "docs" / "images" / "questions" / figure).stat().st_size > 5_000
            assert not any(str(Path.home()) in line or "/tmp/" in line for line in lines), name


def test_every_demo_answers_questions_with_parts_that_exist():
    roots = {"ag": ag, "nn": nn}
    for name in DEMOS:
        if name == "tour":
            continue
        questions = importlib.import_module(f"demos.{name.replace('-', '_')}").QUESTIONS
        assert questions, name
        for part in questions.values():
            package, _, path = part.partition(".")
            assert operator.attrgetter(path)(roots[package]) is not None


def test_every_demo_has_a_test_of_its_answers():
    source = (ROOT / "tests" / "demos" / "test_demo_answers.py").read_text(encoding="utf-8")
    tested = set(re.findall(r'answers\("(\w+)"\)', source))
    assert tested == {name.replace("-", "_") for name in DEMOS} - {"tour"}
