"""Write docs/questions.md: the questions, the programs that answer them, and their answers.

`--run` runs the programs first and stores what they print and draw, in docs/questions/ and
docs/images/questions/; names choose some of them. `--check` compares the page without writing it.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import importlib
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from demos.__main__ import DEMOS, summary  # noqa: E402

PAGE = ROOT / "docs" / "questions.md"
ANSWERS = ROOT / "docs" / "questions"
FIGURES = ROOT / "docs" / "images" / "questions"
TESTS = ROOT / "tests" / "demos" / "test_demo_answers.py"
WIDTH = 96  # columns of what programs print


def module_of(name: str) -> str:
    """The name of a demo's module."""
    return name.replace("-", "_")


def questions_of(name: str) -> dict[str, str]:
    """The questions of a demo, and the part of the library that answers each."""
    found = getattr(importlib.import_module(f"demos.{module_of(name)}"), "QUESTIONS", {})
    return dict(found)


def digest(name: str) -> str:
    """A digest of a demo's code, by which an answer of an earlier version is noticed."""
    source = (ROOT / "demos" / f"{module_of(name)}.py").read_text(encoding="utf-8")
    return hashlib.sha256(ast.unparse(ast.parse(source)).encode()).hexdigest()[:16]


def run(name: str) -> None:
    """Run a demo, and store what it prints and draws."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        with contextlib.redirect_stdout(printed):
            importlib.import_module(f"demos.{module_of(name)}").run(out)
        lines = [line.rstrip() for line in printed.getvalue().splitlines()]
        lines = [line for line in lines if not line.startswith("wrote ")]
        figures = sorted(p for p in out.iterdir() if p.suffix in (".png", ".svg"))
        FIGURES.mkdir(parents=True, exist_ok=True)
        for path in figures:
            shutil.copy(path, FIGURES / path.name)
        head = [digest(name), " ".join(path.name for path in figures)]
    ANSWERS.mkdir(exist_ok=True)
    file = ANSWERS / f"{name}.txt"
    file.write_text("\n".join([*head, *lines]).rstrip() + "\n", encoding="utf-8")


def answer(name: str) -> tuple[str, list[str], list[str]]:
    """The digest, the figures and the lines that are stored for a demo."""
    head, figures, *lines = (ANSWERS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return head, figures.split(), lines


def section(name: str) -> list[str]:
    """The questions of a demo, and its answer."""
    test = f"test_{module_of(name)}"
    assert f"def {test}(" in TESTS.read_text(encoding="utf-8"), test
    _, figures, lines = answer(name)
    found = [f"## {name}", "", summary(name), ""]
    found += [f"- {question} (`{part}`)" for question, part in questions_of(name).items()]
    found += ["", f"`python -m demos {name}`, whose results `{test}` asserts, prints:", ""]
    found += ["```text", *lines, "```", ""]
    for figure in figures:
        found += [f"![{name}: {Path(figure).stem}](images/questions/{figure})", ""]
    return found


def page() -> str:
    """Return the page as Markdown, made from the questions of the demos and stored answers."""
    named = [name for name in DEMOS if questions_of(name)]
    lines = [
        "# Questions and their answers",
        "",
        "Each program prints the theory, the measurements and a verdict. The tests in",
        "`tests/demos/test_demo_answers.py` assert the results. `python docs/questions.py --run`",
        "generates this page; numbers may differ in their last digits on another machine, and",
        "times in more than that.",
        "",
        "| question | answer | part of the library |",
        "| --- | --- | --- |",
    ]
    for name in named:
        for question, part in questions_of(name).items():
            lines.append(f"| {question} | [{name}](#{name}) | `{part}` |")
    lines.append("")
    for name in named:
        lines += section(name)
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write the page, or compare it with the stored one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="the programs to run; all by default")
    parser.add_argument("--run", action="store_true", help="run programs and store their answers")
    parser.add_argument("--check", action="store_true", help="fail if the page would change")
    options = parser.parse_args()
    if options.run:
        os.environ["COLUMNS"] = str(WIDTH)  # read by the library that prints the tables
        for name in options.names or [n for n in DEMOS if questions_of(n)]:
            run(name)
    if not options.check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print(f"{PAGE} is out of date: run python docs/questions.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
