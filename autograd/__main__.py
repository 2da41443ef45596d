"""The command line: `python -m autograd doctor`."""

from __future__ import annotations

import argparse
import sys

from autograd.debug import doctor
from autograd.errors import message


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m autograd",
        description="doctor: report what decides the speed of arrays on this machine.",
    )
    parser.add_argument("what", choices=("doctor",), nargs="?")
    if parser.parse_args(arguments).what is None:
        hint = "run python -m autograd doctor, which reports what decides the speed of arrays here"
        print(message("python -m autograd", "no command", "doctor", hint), file=sys.stderr)
        return 2
    doctor.report()
    return 0


if __name__ == "__main__":
    sys.exit(main())
