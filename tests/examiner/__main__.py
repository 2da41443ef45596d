"""python -m tests.examiner: plant every mistake, print the scores, write docs/examiner.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.examiner.planting import SETS
from tests.examiner.report import page, score

PAGE = Path(__file__).parents[2] / "docs" / "examiner.md"


def main() -> int:
    """Write the page, or with --check compare it with the stored one."""
    parser = argparse.ArgumentParser(prog="python -m tests.examiner", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it would")
    check = parser.parse_args().check
    for name, plants in SETS.items():
        right, total = score(plants)
        print(f"{name} set: {right} of {total} named right")
    text = page()
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print(f"{PAGE.name} is not up to date; run python -m tests.examiner", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
