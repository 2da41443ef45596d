"""The command line: `python -m autograd doctor`."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from autograd.debug import doctor
from autograd.errors import message

PROGRAM = "python -m autograd"
HINT = f"run {PROGRAM} doctor, which reports what determines the speed of arrays here"


class _Parser(argparse.ArgumentParser):
    """Reports a wrong argument like every other error of the package."""

    def error(self, text: str) -> NoReturn:
        self.exit(2, message(PROGRAM, text, "doctor", HINT) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = _Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} doctor",
        description="doctor: report what determines the speed of arrays on this machine.",
    )
    parser.add_argument("command", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments).command
    if given != ["doctor"]:
        noun = "argument" if len(given) == 1 else "arguments"
        got = f"the {noun} {' '.join(given)}" if given else "no command"
        print(message(PROGRAM, got, "doctor", HINT), file=sys.stderr)
        return 2
    doctor.report()
    return 0


if __name__ == "__main__":
    sys.exit(main())
