"""Write docs/questions.md, which lists the program that answers each question.

`--check` compares the page without writing it.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from demos.__main__ import DEMOS, summary  # noqa: E402

PAGE = ROOT / "docs" / "questions.md"
TESTS = ROOT / "tests" / "demos" / "test_demo_answers.py"


def page() -> str:
    """Return the page as Markdown, made from the questions that each demo names."""
    lines = [
        "# Questions and the programs that answer them",
        "",
        "Each program prints the theory, the measurements and a verdict. The test in the last",
        "column, from `tests/demos/test_demo_answers.py`, asserts the results.",
        "`python docs/questions.py` generates this page, and a test fails if it is out of date.",
        "",
        "| question | run | part of the library | test |",
        "| --- | --- | --- | --- |",
    ]
    for name in DEMOS:
        module = importlib.import_module(f"demos.{name.replace('-', '_')}")
        for question, part in getattr(module, "QUESTIONS", {}).items():
            test = f"test_{name.replace('-', '_')}"
            assert f"def {test}(" in TESTS.read_text(encoding="utf-8"), test
            lines.append(f"| {question} | `python -m demos {name}` | `{part}` | `{test}` |")
    lines += ["", "The programs:", ""]
    for name in DEMOS:
        lines += textwrap.wrap(f"- `{name}`: {summary(name)}", 100, subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or compare it with the stored one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the page would change")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print(f"{PAGE} is out of date: run python docs/questions.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
