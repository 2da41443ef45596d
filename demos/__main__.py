"""The command line: list the demos, or run one."""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys
from pathlib import Path

# Each demo is a module with a first line that says what it shows, and a function `run(out: Path)`.
DEMOS = ("tour",)


def summary(name: str) -> str:
    """The first line of a demo's text."""
    source = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    return source.split('"""')[1].splitlines()[0]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    listing = "\n".join(f"  {name:14} {summary(name)}" for name in DEMOS)
    parser = argparse.ArgumentParser(
        prog="python -m demos",
        description="Short programs, each answering a question about neural networks.",
        epilog=f"demos:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", help="which demo to run; without one they are listed")
    parser.add_argument(
        "--out", type=Path, default=Path("out"), help="folder for the files it writes (out)"
    )
    options = parser.parse_args(arguments)
    if options.name is None:
        print(f"python -m demos NAME runs one of these:\n{listing}")
        return 0
    if options.name not in DEMOS:
        near = difflib.get_close_matches(options.name, DEMOS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(DEMOS)}"
        print(f"demos: there is no demo {options.name!r}; {hint}", file=sys.stderr)
        return 2
    try:
        demo = importlib.import_module(f"demos.{options.name}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("rich", "sklearn", "matplotlib"):
            raise
        print(
            f'demos: {error.name} is not installed; run pip install -e ".[demos]"', file=sys.stderr
        )
        return 1
    demo.run(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
