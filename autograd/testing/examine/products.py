"""Products of other arrays: what people multiply where the right operand is not at hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.testing.examine.hypothesis import (
    Gradients,
    Hypothesis,
    Named,
    arrays_of,
    described,
    flow_of,
)
from autograd.testing.examine.numeric import axes_subsets
from autograd.testing.examine.trial import Trial

Array = Any


def other_products(trial: Trial, name: str) -> Iterator[Hypothesis]:
    """A gradient that is a product of two arrays of the problem, summed as the right one is."""
    flow = flow_of(trial)
    right, answer = trial.right[name], np.asarray(trial.answer[name], float)
    arrays = [n for n in arrays_of(flow) if np.asarray(n.array).dtype.kind in "fiub"]
    gradients = [n for n in arrays if n.key[0] == "gradient" and np.ndim(n.array) > right.ndim]
    for g in gradients:
        for axes in axes_subsets(min(np.ndim(g.array), 4)):
            if np.sum(g.array, axis=axes).shape != answer.shape or answer.shape != right.shape:
                continue
            for v in arrays:
                if np.shape(v.array) == np.shape(g.array) and v.array is not g.array:
                    text = f"multiplies the gradient that is summed by {described(flow, v.key)}"
                    yield _product(name, text, g, v, axes)


def _product(name: str, text: str, g: Named, v: Named, axes: tuple[int, ...]) -> Hypothesis:
    def predict(trial: Trial) -> Gradients:
        flow = flow_of(trial)
        return {name: np.sum(g.of(flow) * v.of(flow), axis=axes)}

    return Hypothesis("wrong operand", 2.6, text, g.key[1], predict)
