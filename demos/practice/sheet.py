"""The file in which a reader works: the question, the forward pass, an empty backward pass."""

from __future__ import annotations

import inspect
import textwrap
import traceback
from pathlib import Path
from typing import Any

import autograd as ag
from demos.practice.exercises import Exercise, source_of

EMPTY = "    raise NotImplementedError  # your derivation"


def text_of(exercise: Exercise) -> str:
    """The sheet of an exercise."""
    question = textwrap.fill(exercise.question, 92)
    names = ", ".join(inspect.signature(exercise.reference).parameters)
    source = exercise.forward_source()
    given = f"{source}\n\n\n" if source else ""
    run = f"python -m demos practice {exercise.name}"
    return (
        f'"""{question}\n\nFill in `{exercise.asks}`, then run: {run}\n"""\n\n'
        f"import numpy as np\n\n\n{given}def {exercise.asks}({names}):\n{EMPTY}\n"
    )


def write(exercise: Exercise, folder: Path) -> Path:
    """Write the sheet, unless the reader has one already."""
    path = folder / f"{exercise.key}.py"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(text_of(exercise), encoding="utf-8")
    return path


class Graded:
    """The outcome of a sheet.

    Attributes:
        passed: whether the backward pass is right.
        begun: whether there is one.
        text: what to tell the reader.
    """

    def __init__(self, passed: bool, begun: bool, text: str) -> None:
        self.passed, self.begun, self.text = passed, begun, text


def grade(exercise: Exercise, path: Path) -> Graded:
    """Run a sheet and examine its backward pass."""
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return Graded(False, False, f"{path} is no text in UTF-8.")
    namespace: dict[str, Any] = {"__name__": exercise.key}
    try:
        exec(compile(source, str(path), "exec"), namespace)
    except SystemExit:
        return Graded(False, True, "The file does not run: it calls sys.exit.")
    except Exception:
        return Graded(False, True, f"The file does not run.\n{traceback.format_exc(limit=1)}")
    function, name = namespace.get(exercise.asks), exercise.asks
    if not callable(function):
        return Graded(False, False, f"There is no function `{name}` in {path}.")
    if EMPTY in source:
        return Graded(False, False, f"Open {path} and fill in `{name}`.")
    return judged(exercise, function)


def judged(exercise: Exercise, function: Any) -> Graded:
    """Examine a function, and say what came of it."""
    try:
        return told(exercise.grade(function))
    except (TypeError, ValueError, RuntimeError) as error:  # it returned what cannot be compared
        text = str(error)
        if "no gradient" in text:
            text = "it returned nothing; end it with `return` and the gradients"
        return Graded(False, True, f"Not yet: `{exercise.asks}` could not be examined: {text}.")


def told(report: ag.BackwardReport) -> Graded:
    """What to say of a report."""
    if report.passed:
        remarks = [mistake.text for mistake in report.mistakes] + report.remarks
        return Graded(True, True, "\n".join(["Right, at every point.", *remarks]))
    lines = [f"Not yet: {mistake.text}.\n  ({mistake.evidence})" for mistake in report.mistakes]
    good = [name for name, right in report.arguments.items() if right]
    if good:
        lines.append(f"Right already: {', '.join(good)}.")
    return Graded(False, True, "\n".join(lines))


def reference_passes(exercise: Exercise) -> bool:
    """Whether the reference solution, put into the sheet, is graded as right."""
    source = source_of(exercise.reference)
    namespace: dict[str, Any] = {}
    exec(f"import numpy as np\n{exercise.forward_source()}\n{source}", namespace)
    return exercise.grade(namespace[exercise.reference.__name__]).passed
