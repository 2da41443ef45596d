"""The outcome of an examination, and findings that need no search."""

from __future__ import annotations

import types
from dataclasses import dataclass, field

from autograd.testing.examine.subject import Subject
from autograd.testing.examine.trial import Trial
from autograd.testing.examine.wording import Found, first_wrong_entry, gradient_name


@dataclass
class Verdict:
    """The outcome.

    Attributes:
        passed: whether every gradient is right.
        mistakes: (argument, kind, operation, text, evidence) of each.
        remarks: on right answers.
        right: for each gradient, whether it is right.
        unchecked: the variables of which no gradient came, with the reason why none is needed, ""
            if one is.
        points: how many points were tried.
    """

    passed: bool = True
    mistakes: list[Found] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    right: dict[str, bool] = field(default_factory=dict)
    unchecked: dict[str, str] = field(default_factory=dict)
    points: int = 0


def of_error(subject: Subject, error: Exception, verdict: Verdict) -> Verdict:
    """A backward pass that raises: arrays whose shapes do not fit are the usual reason."""
    words = ("shape", "broadcast", "dimension", "align", "size", "axis", "axes", "subscript")
    misfit = isinstance(error, (ValueError, IndexError)) and any(w in str(error) for w in words)
    text = f"{subject.name} raises {type(error).__name__}: {error}"
    line = error.__traceback__
    while line is not None and line.tb_next is not None and _is_ours(line.tb_next) is False:
        line = line.tb_next
    evidence = f"in line {line.tb_lineno} of {line.tb_frame.f_code.co_filename}" if line else ""
    verdict.mistakes.append(("", "shape" if misfit else "unknown", "", text, evidence))
    verdict.passed = False
    return verdict


def _is_ours(line: types.TracebackType) -> bool:
    home = line.tb_frame.f_globals.get("__name__", "").split(".")[0]
    return home in ("numpy", "autograd", "nn")


def ignores_upstream(name: str, trial: Trial) -> Found:
    """The finding that a gradient does not use the cotangent."""
    text = (
        f"{gradient_name(name)} does not depend on grad_output: two different ones give the same "
        "gradient"
    )
    evidence = first_wrong_entry(name, trial.answer[name], trial.right[name])
    return (name, "upstream ignored", "", text, evidence)


def kink_only(name: str, trial: Trial) -> Found:
    """The remark on a right gradient that differs from the engine's at a kink."""
    text = (
        f"{gradient_name(name)} is right: it differs from the engine's only at a kink, where every "
        "slope between the left and the right one is right"
    )
    return (
        name,
        "kink only",
        "",
        text,
        first_wrong_entry(name, trial.answer[name], trial.right[name]),
    )
