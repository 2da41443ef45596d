"""`glassgrad COMMAND`, or `python -m glassgrad COMMAND`: the command lines of all packages."""

from __future__ import annotations

import importlib
import sys

from autograd.errors import message

COMMANDS = {
    "demos": ("demos.__main__", "run a short program that answers a question, or list them"),
    "practice": ("demos.practice.command", "derive backward passes, and find bugs"),
    "playground": ("demos.playground", "write pages that compute"),
    "doctor": ("autograd.__main__", "report what determines the speed of arrays here"),
    "version": ("", "print the version"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    listing = "\n".join(f"  {name:12}{said}" for name, (_, said) in COMMANDS.items())
    if given[:1] in ([], ["-h"], ["--help"]):
        print("glassgrad COMMAND runs one of these; glassgrad COMMAND --help says how.\n")
        print(listing)
        return 0
    command, *rest = given
    if command in ("version", "--version"):
        from autograd import __version__

        print(__version__)
        return 0
    if command not in COMMANDS:
        expected = f"one of {', '.join(COMMANDS)}"
        print(message("glassgrad", f"{command!r}", expected), file=sys.stderr)
        return 2
    module = importlib.import_module(COMMANDS[command][0])
    code: int = module.main([command, *rest] if command == "doctor" else rest)
    return code


if __name__ == "__main__":
    sys.exit(main())
