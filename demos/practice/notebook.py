"""Practice in a notebook: the same by functions that print."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd.errors import message
from demos.practice.bugs import KINDS, draw
from demos.practice.catalogue import BY_NAME
from demos.practice.exercises import Exercise
from demos.practice.progress import Progress
from demos.practice.sheet import judged

FILE = Path("out") / "practice" / "progress.json"


def find(name: str) -> Exercise:
    """The exercise of that name.

    Raises:
        KeyError: there is none.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    near = difflib.get_close_matches(str(name), BY_NAME, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(BY_NAME)}"
    raise KeyError(message("practice", f"the exercise {name!r}", hint=hint))


def exercise(name: str) -> None:
    """Print the question and the forward pass."""
    found = find(name)
    print(f"{found.question}\n\n{found.forward_source()}")


def check(name: str, backward: Callable[..., Any], file: Path = FILE) -> bool:
    """Grade a backward pass, print what is wrong with it, and remember the outcome."""
    graded, progress = judged(find(name), backward), Progress(file)
    record = progress.of(name)
    record.tries += 1
    record.passed = record.passed or graded.passed
    progress.save()
    print(graded.text)
    return graded.passed


def hint(name: str, file: Path = FILE) -> None:
    """Print the next hint."""
    found, progress = find(name), Progress(file)
    record = progress.of(name)
    number = min(record.hints, len(found.hints) - 1)
    print(f"Hint {number + 1} of {len(found.hints)}: {found.hints[number]}")
    record.hints = min(record.hints + 1, len(found.hints))
    progress.save()


def solution(name: str) -> None:
    """Print how to get there, and a reference solution."""
    print(find(name).solution())


def bug(seed: int = 0) -> None:
    """Print a backward pass with one mistake."""
    drawn = draw(seed)
    print(
        f"{drawn.exercise.question}\n\n{drawn.exercise.forward_source()}\n\n"
        f"This backward pass has one mistake. Which line, and which kind?\n\n{drawn.numbered}\n\n"
        f"Kinds: {', '.join(KINDS)}"
    )


def give_up(seed: int = 0) -> None:
    """Print what is wrong with `bug(seed)`."""
    drawn = draw(seed)
    line = drawn.source.splitlines()[drawn.line - 1].strip()
    print(f"Line {drawn.line}: {line}\n{drawn.text} [{drawn.kind}].")


def answer(seed: int, kind: str, line: int, file: Path = FILE) -> bool:
    """Judge an answer to `bug(seed)`, and remember the outcome.

    A kind that is none of those listed and a line that is not there do not count as a try.
    """
    drawn, progress = draw(seed), Progress(file)
    last = len(drawn.source.splitlines())
    if kind not in KINDS or not 1 <= line <= last:
        got = f"the kind {kind!r} in line {line!r}"
        print(message("practice", got, f"one of {', '.join(KINDS)}, and a line from 1 to {last}"))
        return False
    right = (kind, line) == (drawn.kind, drawn.line)
    record = progress.of(f"bug {seed}")
    record.tries += 1
    record.passed = record.passed or right
    progress.save()
    print(drawn.judge(kind, line))
    return right


def summary(file: Path = FILE) -> None:
    """Print what has been solved, by topic."""
    print(Progress(file).summary())
