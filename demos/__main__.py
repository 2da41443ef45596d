"""The command line: list the demos, or run one."""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import inspect
import io
import sys
from pathlib import Path

# By topic. The first line of each demo's docstring says what it shows; `run(out: Path)` runs it.
TOPICS = {
    "first steps": ("tour", "scalar"),
    "before training": ("initialization", "activations"),
    "backpropagation": ("backprop", "vanishing", "why-weights"),
    "generalization": ("regularization", "distillation"),
    "architectures": ("mlp", "convolution", "sequences", "scalar-gpt", "gan"),
}
PRACTICE = "Derive backward passes by hand, be told what is wrong, and find bugs."
PLAYGROUND = "Write pages that compute: change a number or train, and both passes follow."
DEMOS = tuple(name for names in TOPICS.values() for name in names)


def summary(name: str) -> str:
    """Return the first line of a demo's docstring."""
    source = (Path(__file__).parent / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["practice"]:
        return importlib.import_module("demos.practice.command").main(arguments[1:])
    if arguments[:1] == ["playground"]:
        return importlib.import_module("demos.playground").main(arguments[1:])
    listing = "\n\n".join(
        "\n".join([topic, *(f"  {name:14} {summary(name)}" for name in names)])
        for topic, names in TOPICS.items()
    )
    listing += f"\n\nyour turn\n  {'practice':14} {PRACTICE}\n  {'playground':14} {PLAYGROUND}"
    parser = argparse.ArgumentParser(
        prog="python -m demos",
        description="Short programs, each answering a question about neural networks.",
        epilog=listing,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", help="the demo to run; omit it to list them")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("out"),
        help="the folder for the files it writes (default: out)",
    )
    parser.add_argument(
        "--data", choices=("digits", "mnist"), help="for mlp: the images to learn (default: digits)"
    )
    parser.add_argument(
        "--distributed",
        action="store_true",
        help="for mlp: share the work among the ranks that mpiexec started",
    )
    options = parser.parse_args(arguments)
    if options.name is None:
        print(f"python -m demos NAME runs one of these.\n\n{listing}")
        return 0
    if options.name not in DEMOS:
        near = difflib.get_close_matches(options.name, DEMOS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(DEMOS)}"
        print(f"demos: there is no demo {options.name!r}; {hint}", file=sys.stderr)
        return 2
    try:
        demo = importlib.import_module(f"demos.{options.name.replace('-', '_')}")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("rich", "sklearn", "matplotlib"):
            raise
        print(
            f'demos: {package} is not installed; run pip install "glassgrad[demos]"',
            file=sys.stderr,
        )
        return 1
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        print(f"demos: --out {options.out} cannot be a folder: {reason}", file=sys.stderr)
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        # On an output that encodes only ASCII, print ? for other characters and go on.
        sys.stdout.reconfigure(errors="replace")
    given = {"data": options.data} if options.data is not None else {}
    given |= {"distributed": True} if options.distributed else {}
    for name in given:
        if name not in inspect.signature(demo.run).parameters:
            print(f"demos: {options.name} takes no --{name}", file=sys.stderr)
            return 2
    demo.run(options.out, **given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
