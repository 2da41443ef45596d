"""Write docs/questions.md: which program answers which question. `--check` only compares."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from demos.__main__ import DEMOS, summary  # noqa: E402

PAGE = ROOT / "docs" / "questions.md"
TESTS = ROOT / "tests" / "demos" / "test_demo_answers.py"


def page() -> str:
    """The page as Markdown, from the questions that each demo names."""
    lines = [
        "# Questions and where they are answered",
        "",
        "Each program prints what theory says, what it measured, and a verdict. Its numbers are "
        "asserted by the tests",
        "of the last column, in `tests/demos/test_demo_answers.py`. Written by `python "
        "docs/questions.py`; a test fails when it is out of "
        "date.",
        "",
        "| question | run | the library's part | test |",
        "| --- | --- | --- | --- |",
    ]
    for name in DEMOS:
        module = importlib.import_module(f"demos.{name.replace('-', '_')}")
        for question, part in getattr(module, "QUESTIONS", {}).items():
            test = f"test_{name.replace('-', '_')}"
            assert f"def {test}(" in TESTS.read_text(encoding="utf-8"), test
            lines.append(f"| {question} | `python -m demos {name}` | `{part}` | `{test}` |")
    lines += ["", "The programs:", ""]
    lines += [f"- `{name}`: {summary(name)}" for name in DEMOS]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or compare it."""
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
