"""Run the examples of docs/compile.md and docs/derivations.md, and README's of compiling, and write
down what they print; with `--check`, compare it."""

from __future__ import annotations

import argparse
import contextlib
import doctest
import io
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

PAGES = {
    ROOT / "docs" / "compile.md": "",
    ROOT / "docs" / "derivations.md": "",
    ROOT / "README.md": "## One program, the same numbers",
}
FENCE = "```"


def printed(source: str, space: dict[str, Any]) -> str:
    """What an example prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(source, "<docs/compile.md>", "single"), space)
    return out.getvalue()


def nest_of(space: dict[str, Any]) -> str:
    """The shortest nest with a maximum in the page's step; "" without llvmlite."""
    import autograd as ag
    from autograd.compile.native import llvm

    if llvm.missing():
        return ""
    step = ag.compile(space["plain"], backend="native")
    for _ in range(4):
        step(space["x"], space["y"])
    nests = step.stages()["LLVM IR"].split("\ndefine ")[1:]
    found = [text.split("\n}\n")[0] for text in nests if "@nest" in text and "fcmp ugt" in text]
    lines = min(found, key=len).splitlines()
    return "\n".join(["llvm", f"define {lines[0]}", *lines[1:], "}"]) + "\n"


def page(stored: str) -> str:
    """The page with what its examples print now."""
    parser, space = doctest.DocTestParser(), {}
    blocks = stored.split(FENCE)
    for n, block in enumerate(blocks):
        if n % 2 and block.startswith("llvm\n"):
            blocks[n] = nest_of(space) or block
        if not n % 2 or not block.startswith("python\n>>>"):
            continue
        lines = ["python"]
        for example in parser.get_examples(block):
            first, *rest = example.source.rstrip("\n").split("\n")
            lines += [f">>> {first}", *(f"... {line}".rstrip() for line in rest)]
            want = printed(example.source, space).rstrip("\n")
            lines += [line or "<BLANKLINE>" for line in want.split("\n")] if want else []
        blocks[n] = "\n".join(lines) + "\n\n"
    return FENCE.join(blocks)


def renewed(path: Path) -> tuple[str, str]:
    """The text of a file, and what it should be."""
    stored, heading = path.read_text(encoding="utf-8"), PAGES[path]
    if not heading:
        return stored, page(stored)
    before, section = stored.split(heading)
    section, rest = section.split("\n## ", 1)
    return stored, f"{before}{heading}{page(section)}\n## {rest}"


def main() -> int:
    """Write the pages, or compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the page would change")
    only_look, code = parser.parse_args().check, 0
    for path in PAGES:
        stored, found = renewed(path)
        if not only_look:
            path.write_text(found, encoding="utf-8")
        elif found != stored:
            print(f"{path} is out of date: run python docs/compile.py", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
