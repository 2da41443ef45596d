"""Gradients that did not come: nothing passes in silence because nobody looked at it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.testing.examine.spelling import is_buffer, may_be_left_out, spellings
from autograd.testing.examine.subject import Subject
from autograd.testing.examine.trial import Trial
from autograd.testing.examine.wording import Found, gradient_name


def unchecked(
    subject: Subject, trial: Trial, answered: Collection[str]
) -> Iterator[tuple[str, str]]:
    """The variables of which no gradient came, and why none is needed; "" if one is.

    Arrays that do not influence the result, such as what an object keeps for its backward pass, are
    not among them.
    """
    for name, x in subject.given.items():
        if name in answered or not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            continue
        if not _influences(trial, name):
            continue
        if name in subject.learned:
            yield name, "a constant by its name" if is_buffer(name) else ""
        else:
            yield name, "data by its name" if may_be_left_out(name) else ""


def _influences(trial: Trial, name: str) -> bool:
    """Whether the result changes with a variable."""
    if trial.flow is not None:
        return name in trial.flow.leaves and bool(np.any(trial.flow.gradients[name]))
    with np.errstate(all="ignore"):
        return bool(np.any(np.abs(trial.difference(name)) > 1e-9))


def not_found(name: str, subject: Subject) -> Found:
    """The finding that a gradient is missing."""
    if name in subject.learned:
        shown = ", ".join(spellings(name.split(".")[-1])[1:4])
        text = f"no gradient of {name} was found: {subject.name} left none in {shown} or the like"
    else:
        text = f"no gradient of {name} came: {subject.name} has to return one for each input"
    evidence = f"the result depends on {name}, and {gradient_name(name)} was not checked"
    return (name, "unknown", "", text, evidence)


def not_read(key: str, names: Sequence[Any]) -> Found:
    """The finding that a gradient came under a name that belongs to nothing."""
    text = f"the gradient under {key!r} belongs to none of {', '.join(names)}"
    evidence = f"the gradient of {names[0]} may be called {' or '.join(spellings(names[0])[:4])}"
    return ("", "unknown", "", text, evidence)
