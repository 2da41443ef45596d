"""Maps that may follow another mistake: a factor, a transpose, a reshape, a sum left out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.examine.hypothesis import Hypothesis
from autograd.testing.examine.numeric import axes_subsets
from autograd.testing.examine.problem_numbers import CONSTANT, Number, name_of
from autograd.testing.examine.trial import Trial

Array = Any


class Moved(NamedTuple):
    """A map that may have been applied to a gradient, and how to undo it."""

    hypothesis: Hypothesis
    back: Callable[[Trial, Array], Array]


def shown(c: float) -> str:
    """A factor with as many digits as tell it from 1 and -1."""
    for digits in (6, 9, 12):
        text = f"{c:.{digits}g}"
        if abs(float(text)) != 1.0:
            break
    return text


def told(called: str, negative: bool = False) -> str:
    """What a factor is, as the end of a sentence; of a constant, that it is missing.

    Example:
        >>> from autograd.testing.examine.moves import told
        >>> told("N, the rows of x"), told("1/(the constant 3)"), told("")
        (', a factor of N, the rows of x', ': the factor 3 is missing', '')
    """
    missing = f"1/({CONSTANT} "
    if called.startswith(missing):
        return f": the factor {called.removeprefix(missing).removesuffix(')')} is missing"
    return f", a factor of {'-' if negative else ''}{called}" if called else ""


def factor_of(name: str, c: float, numbers: Sequence[Number]) -> Hypothesis:
    """The hypothesis that the right gradient is multiplied by a number."""
    if abs(c + 1.0) < 1e-9:
        return Hypothesis("sign", 1.0, "has the wrong sign", None, lambda t: {name: -t.right[name]})
    called = name_of(abs(c), numbers)
    text = f"is {shown(c)} times the right gradient" + told(called, c < 0)
    cost = (1.0 if called else 2.9) + (0.5 if c < 0 else 0.0)
    return Hypothesis("factor", cost, text, None, lambda t: {name: c * t.right[name]})


def moves(trial: Trial, name: str) -> Iterator[Moved]:
    """What undoes a transpose, a reshape or a missing sum, where the answer's shape allows it."""
    answer, right = np.asarray(trial.answer[name]), trial.right[name]
    shape = right.shape

    def known(kind: str, text: str) -> Hypothesis:
        return Hypothesis(kind, 1.0, text, None, lambda t: None)

    if answer.ndim == right.ndim <= 4:
        for axes in itertools.permutations(range(answer.ndim)):
            if axes != tuple(range(answer.ndim)) and answer.transpose(axes).shape == shape:
                text = known("transposed", "is transposed")
                yield Moved(text, lambda t, a, axes=axes: a.transpose(axes))  # type: ignore[misc]
    if answer.shape != shape and answer.size == right.size:
        yield Moved(
            known("reshaped", f"has the shape {answer.shape}"), lambda t, a: a.reshape(shape)
        )
    if answer.size > right.size and answer.ndim <= 5:
        for axes in axes_subsets(answer.ndim):
            if answer.sum(axis=axes).size == right.size:
                text = known("not summed", f"is not summed: {answer.shape} came, {shape} is right")
                yield Moved(text, lambda t, a, axes=axes: a.sum(axis=axes).reshape(shape))  # type: ignore[misc]
