"""Simple maps of the right gradient: its negative, its transpose, a multiple, sums of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.testing.examine import rearranged
from autograd.testing.examine.flow import Edge
from autograd.testing.examine.hypothesis import Gradients, Hypothesis, flow_of
from autograd.testing.examine.numeric import axes_subsets, listed
from autograd.testing.examine.trial import Trial

Array = Any
Axes = tuple[int, ...]
Map = Callable[[Trial], Array]
MOST_AXES = 4


def mapped(kind: str, cost: float, text: str, name: str, of: Map) -> Hypothesis:
    """The hypothesis that one gradient is what a map gives."""

    def predict(trial: Trial) -> Gradients | None:
        found = of(trial)
        return None if found is None else {name: found}

    return Hypothesis(kind, cost, text, None, predict)


def of_right(name: str, change: Callable[[Array], Array]) -> Map:
    """A map of the right gradient of a variable."""
    return lambda trial: change(trial.right[name])


def maps_of(trial: Trial, name: str) -> Iterator[Hypothesis]:
    """Maps of the right gradient of one variable, those that fit the answer's shape."""
    text = "is the right gradient with the other sign"
    yield mapped("sign", 1.0, text, name, of_right(name, np.negative))
    if trial.subject.has_cotangent:
        text = "does not use grad_output: it is the gradient for a grad_output of ones"
        yield mapped("upstream ignored", 1.0, text, name, lambda t: t.with_ones[name])
    yield from _moved(trial, name)
    yield from _summed(trial, name)
    yield from _of_others(trial, name)


# --- the same entries in other places -------------------------------------------------------------


def _moved(trial: Trial, name: str) -> Iterator[Hypothesis]:
    right, shape = trial.right[name], np.shape(trial.answer[name])
    if right.ndim > MOST_AXES or np.size(trial.answer[name]) != right.size:
        return
    for axes in itertools.permutations(range(right.ndim)):
        if axes != tuple(range(right.ndim)):
            yield from _permuted(name, right, shape, axes)
    if shape != right.shape:
        text = f"has the right entries in another shape: {shape} came, {right.shape} is right"
        yield mapped("reshaped", 1.0, text, name, of_right(name, _reshape(shape)))
    elif right.size > 1:
        for text, change in rearranged.orders(right, np.asarray(trial.answer[name], float)):
            yield mapped("reshaped", 1.25, text, name, of_right(name, change))


def _permuted(name: str, right: Array, shape: Axes, axes: Axes) -> Iterator[Hypothesis]:
    """Transposed, or reshaped where it should have been transposed."""
    moved = tuple(right.shape[i] for i in axes)
    if moved == shape:
        text = "equals the transpose of the right gradient"
        if right.ndim > 2:
            text = f"is the right gradient with its axes in the order {axes}"
        yield mapped("transposed", 1.0, text, name, of_right(name, _transpose(axes)))
    text = "has the right entries in another order: reshaped where axes have to be transposed"
    transpose, reshape = _transpose(axes), _reshape(shape)
    yield mapped("reshaped", 1.2, text, name, of_right(name, lambda x: reshape(transpose(x))))
    back = _transpose(tuple(int(i) for i in np.argsort(axes)))
    yield mapped("reshaped", 1.2, text, name, of_right(name, lambda x: back(x.reshape(moved))))


def _transpose(axes: Axes) -> Callable[[Array], Array]:
    return lambda x: x.transpose(axes)


def _reshape(shape: Axes) -> Callable[[Array], Array]:
    return lambda x: x.reshape(shape)


# --- summed over too few axes, or over others -----------------------------------------------------


def _summed(trial: Trial, name: str) -> Iterator[Hypothesis]:
    right, answer = trial.right[name], np.asarray(trial.answer[name])
    if answer.ndim > right.ndim or answer.size > right.size:
        text = _not_summed(right, answer)
        yield mapped("not summed", 1.1, text, name, lambda t: _unsummed(t, name))
    for source in (of_right(name, np.asarray), *sources_of_sum(trial, name)):
        yield from _sums(trial, name, source)


def _sums(trial: Trial, name: str, source: Map) -> Iterator[Hypothesis]:
    """Sums over every choice of axes that leaves no more entries than the answer has."""
    right, answer, whole = trial.right[name], trial.answer[name], source(trial)
    for axes in ((), *axes_subsets(whole.ndim)):
        left = [n for i, n in enumerate(whole.shape) if i not in axes]
        if np.prod(left) > np.size(answer) or (not axes and whole.shape == right.shape):
            continue
        kind = "summed over the wrong axis" if axes else "not summed"
        text = _wrong_axes(axes, whole, right, answer) if axes else _not_summed(right, answer)
        yield mapped(kind, 1.1, text, name, _sum(name, source, axes))


def _sum(name: str, source: Map, axes: Axes) -> Map:
    return lambda t: _fitted(source(t).sum(axis=axes) if axes else source(t), t.answer[name])


def _wrong_axes(axes: Axes, whole: Array, right: Array, answer: Array) -> str:
    over = "all axes" if len(axes) == whole.ndim else f"axis {listed(axes)}"
    return (
        f"is summed over {over} of an array of shape {whole.shape}: {np.shape(answer)} came, "
        f"{right.shape} is right"
    )


def _not_summed(right: Array, answer: Array) -> str:
    is_batch = np.ndim(answer) == right.ndim + 1 and np.shape(answer)[1:] == right.shape
    over = " over the batch" if is_batch else ""
    return f"is not summed{over}: {np.shape(answer)} came, {right.shape} is right"


def _unsummed(trial: Trial, name: str) -> Array:
    """The answer itself, if some of its axes sum to the right gradient."""
    answer = np.asarray(trial.answer[name], float)
    return answer if _sums_to_right(trial, name, answer) else None


def _sums_to_right(trial: Trial, name: str, x: Array) -> bool:
    """Whether the right gradient is the sum of an array over some of its axes."""
    right = trial.right[name]
    for axes in axes_subsets(x.ndim):
        total = x.sum(axis=axes)
        if total.size == right.size and trial.same(name, total.reshape(right.shape), right):
            return True
    return False


def _fitted(found: Array, answer: Array) -> Array:
    """With axes of length 1 as in the answer, or repeated along an axis to its shape."""
    shape = np.shape(answer)
    if found.size == np.size(answer):
        lengths = [tuple(n for n in s if n != 1) for s in (found.shape, shape)]
        return found.reshape(shape) if lengths[0] == lengths[1] else found
    try:
        return np.broadcast_to(found, shape)
    except ValueError:
        return found


def sources_of_sum(trial: Trial, name: str) -> Iterator[Map]:
    """What is summed to the gradient of a variable: arrays whose sum over some axes it is."""
    flow = trial.flow
    if flow is None or flow.leaves[name] not in flow.number:
        return
    right = trial.right[name]
    for edge in flow.edges():
        raw = flow.raw(edge)
        summed = raw.ndim and raw.shape != np.shape(flow.handed[edge])
        if summed and raw.ndim <= MOST_AXES and _sums_to_right(trial, name, raw):
            yield _raw_of(edge)
    for i, g in enumerate(flow.cotangents):
        if right.ndim < g.ndim <= MOST_AXES and _sums_to_right(trial, name, g):
            yield _cotangent_of(i)


def _raw_of(edge: Edge) -> Map:
    return lambda trial: flow_of(trial).raw(edge)


def _cotangent_of(i: int) -> Map:
    return lambda trial: flow_of(trial).cotangents[i]


# --- the gradient of another variable -------------------------------------------------------------


def _of_others(trial: Trial, name: str) -> Iterator[Hypothesis]:
    right, answers = trial.right, trial.answer
    for other in right:
        if other != name and right[other].shape == np.shape(answers[name]):
            exchanged = trial.same(name, answers[other], right[name])
            kind = "operands exchanged" if exchanged else "wrong operand"
            yield mapped(kind, 1.3, f"is the gradient of {other}", name, _right_of(other))


def _right_of(other: str) -> Map:
    return lambda trial: trial.right[other]
