"""Terms of a gradient: paths left out, counted with another sign, or with another factor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.testing.examine.flow import Edge, Flow, Step
from autograd.testing.examine.hypothesis import (
    Gradients,
    Hypothesis,
    Named,
    arrays_of,
    described,
    flow_of,
    step_of,
    value_of,
)
from autograd.testing.examine.moves import shown, told
from autograd.testing.examine.numeric import multiple
from autograd.testing.examine.problem_numbers import Number, name_of
from autograd.testing.examine.trial import Trial, recorded

Array = Any
# A node, and the part of its gradient that a path contributes.
Part = Callable[[Flow], tuple[int, Array]]


def parts_of(flow: Flow) -> Iterator[tuple[int, str, Part]]:
    """What a gradient is the sum of: (step, name of the path, the part)."""
    for edge in flow.edges():
        node, x = flow.nodes[edge[0]], flow.spot(edge).to
        name = f"the path from {value_of(flow, node)} to {value_of(flow, x)}"
        yield edge[0], name, _along(edge)
    for i, givers in flow.givers.items():
        if len(givers) > 1:
            yield i, f"the path through {value_of(flow, flow.nodes[i])}", _of_node(i)
    if len(flow.outputs) > 1:
        for k, y in enumerate(flow.outputs):
            if y in flow.number:
                yield flow.number[y], f"what comes from result {k}", _of_seed(k)


def _along(edge: Edge) -> Part:
    return lambda flow: (flow.number[flow.spot(edge).to], flow.handed[edge])


def _of_node(i: int) -> Part:
    return lambda flow: (i, flow.cotangents[i])


def _of_seed(k: int) -> Part:
    return lambda flow: (flow.number[flow.outputs[k]], np.asarray(flow.seeds[k], float))


def scaled_paths(
    trial: Trial, wrong: Sequence[str], numbers: Sequence[Number]
) -> Iterator[Hypothesis]:
    """A path left out, or counted with a factor, which is read off the answer."""
    flow = flow_of(trial)
    for step, path, part in parts_of(flow):
        yield _with_factor(step, part, -1.0, "term missing", 2.0, f"lacks {path}")
        yield _with_factor(step, part, -2.0, "sign", 2.0, f"has the wrong sign in {path}")
        found = flow.handed_down(dict([part(flow)]))
        tried = {-1.0, -2.0}
        for name in wrong:
            if name not in found or not _fits(trial, name):
                continue
            c = multiple(trial.answer[name] - trial.right[name], found[name])
            if c is None or any(abs(c - other) < 1e-9 for other in tried):
                continue
            tried.add(c)
            if c > -1.0:  # below, there are two mistakes: a wrong sign and a factor
                yield _named(step, path, part, c, numbers)


def _fits(trial: Trial, name: str) -> bool:
    return bool(np.shape(trial.answer[name]) == np.shape(trial.right[name]))


def _named(step: int, path: str, part: Part, c: float, numbers: Sequence[Number]) -> Hypothesis:
    factor = 1.0 + c
    called = name_of(factor, numbers)
    text = f"has {path} {shown(factor)} times{told(called)}"
    return _with_factor(step, part, c, "factor", 2.05 if called else 3.2, text)


def _with_factor(step: int, part: Part, c: float, kind: str, cost: float, text: str) -> Hypothesis:
    def local(flow: Flow) -> tuple[int, Array]:
        node, value = part(flow)
        return node, c * value

    def predict(trial: Trial) -> Gradients:
        flow = flow_of(trial)
        added = flow.handed_down(dict([local(flow)]))
        return {name: flow.gradients[name] + x for name, x in added.items()}

    return Hypothesis(kind, cost, text, step, predict, local=local)


# --- another array beside the right gradient, or multiplied by it ---------------------------------


def extra_terms(trial: Trial, name: str, numbers: Sequence[Number]) -> Iterator[Hypothesis]:
    """The right gradient plus a multiple of another array, or times one, entry by entry."""
    flow = flow_of(trial)
    right, answer = trial.right[name], np.asarray(trial.answer[name], float)
    if answer.shape != right.shape or not right.ndim:
        return
    for named in arrays_of(flow):
        v = named.array
        if np.asarray(v).dtype.kind not in "fiub" or np.shape(v) != right.shape:
            continue
        c = multiple(answer - right, v)
        if c is not None and not _constant(v) and multiple(v, right) is None:
            text = f"has an extra term, {c:.6g} times {described(flow, named.key)}"
            yield _own("extra term", 2.6, text, name, _plus(name, c, named))
        yield _own(
            "wrong operand",
            2.7,
            f"is multiplied by {described(flow, named.key)}",
            name,
            _times(name, named),
        )
    for other, gradient in trial.right.items():
        c = multiple(answer - right, gradient) if other != name else None
        if c is not None and gradient.size > 1 and multiple(gradient, right) is None:
            text = f"has an extra term, {c:.6g} times the gradient of {other}"
            yield _own("extra term", 2.7, text, name, _plus_gradient(name, c, other))
    difference = answer - right
    if difference.size > 1 and np.ptp(difference) <= 1e-9 * np.abs(difference).max():
        text = f"has a constant added, {float(difference.flat[0]):.6g}"
        constant = float(difference.mean())
        yield _own("extra term", 2.8, text, name, lambda t: {name: t.right[name] + constant})


def _constant(v: Array) -> bool:
    return bool(np.ptp(v) == 0)


def _own(kind: str, cost: float, text: str, name: str, predict: Any) -> Hypothesis:
    return Hypothesis(kind, cost, text, None, predict)


def _plus(name: str, c: float, named: Named) -> Any:
    return lambda t: {name: t.right[name] + c * named.of(flow_of(t))}


def _plus_gradient(name: str, c: float, other: str) -> Any:
    return lambda t: {name: t.right[name] + c * t.right[other]}


def _times(name: str, named: Named) -> Any:
    return lambda t: {name: t.right[name] * named.of(flow_of(t))}


# --- a mask at another place ----------------------------------------------------------------------


def misplaced_masks(flow: Flow, unmasked: Sequence[Hypothesis]) -> Iterator[Hypothesis]:
    """Each entry is 0, or what it would be without a mask: the mask is at the wrong place.

    A mask of dropout may hold 0 and 1/(1 - p).
    """
    for whole in unmasked:
        node = flow.nodes[whole.step] if whole.step is not None else None
        step = step_of(flow, node) if node is not None else "the step"
        text = f"has the mask of {step} at the wrong place: each entry is 0 or right without a mask"
        if node is not None and any(_value_of_mask(datum) for datum in node.saved):
            text = (
                f"has another mask than {step} in the forward pass: it may have been drawn again, "
                "or computed of something else"
            )

        def predict(trial: Trial, whole: Hypothesis = whole) -> Gradients | None:
            found = whole.predict(trial)
            if found is None:
                return None
            nodes = flow_of(trial).nodes
            saved = nodes[whole.step].saved if whole.step is not None else ()
            values = {1.0, *(_value_of_mask(datum) for datum in saved)} - {0.0}
            return {
                name: _masked(trial, name, x, values)
                for name, x in found.items()
                if name in trial.answer
            }

        yield Hypothesis("mask", 3.0, text, whole.step, predict)


def _value_of_mask(x: Array) -> float:
    """The number that an array holds beside 0; 0 if it is no mask."""
    array = np.asarray(x)
    if array.ndim == 0 or array.dtype.kind not in "fiub":
        return 0.0
    values = np.unique(array)
    return float(values[1]) if len(values) == 2 and values[0] == 0 else 0.0


def _masked(trial: Trial, name: str, whole: Array, values: Collection[float]) -> Array:
    """The unmasked gradient with the answer's zeros; the right one where the answer has none."""
    answer = np.asarray(trial.answer[name])
    if np.shape(whole) != answer.shape or trial.is_right(name):
        return trial.right[name]
    zero = answer == 0
    if not zero.any() or zero.all():
        return trial.right[name]
    for value in values:
        found = np.where(zero, 0.0, value * whole)
        if trial.agrees(name, found):
            return found
    return trial.right[name]


# --- a variable left out --------------------------------------------------------------------------


def other_programs(trial: Trial, wrong: Sequence[str]) -> Iterator[Hypothesis]:
    """The gradients of a program in which another variable is 1 or 0, turned round, transposed."""
    for name, x in trial.values.items():
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f" or list(wrong) == [name]:
            continue
        for kind, text, change in VARIABLES:
            try:
                fits = np.shape(change(x)) == x.shape
            except (ValueError, IndexError):
                continue
            if fits:
                yield Hypothesis(kind, 2.5, text.format(name), None, _with_change(name, change))


Change = Callable[[Array], Array]
# What is done to a variable: (kind, text, change).
VARIABLES: tuple[tuple[str, str, Change], ...] = (
    ("slope missing", "lacks the factor {}", np.ones_like),
    ("term missing", "lacks the term with {}", np.zeros_like),
    ("wrong operand", "uses {} in reverse order", lambda x: np.flip(x, -1)),
    ("wrong operand", "uses {} with its last two axes reversed", lambda x: np.flip(x, (-2, -1))),
    ("transposed", "uses {} without a transpose", lambda x: np.swapaxes(x, -1, -2)),
)


def stale_inputs(trial: Trial) -> Iterator[Hypothesis]:
    """The gradients at an array that an object kept from an earlier call."""
    subject = trial.subject
    for name in subject.names:
        for place, kept in subject.given.items():
            is_state = place not in subject.names and place not in trial.answer
            if is_state and np.shape(kept) == np.shape(trial.values[name]) and np.ndim(kept):
                text = f"is taken at {place}, which an earlier call left, not at {name}"
                yield Hypothesis(
                    "stale", 2.5, text, None, _with_value(name, np.asarray(kept, float))
                )


def _with_value(name: str, value: Array) -> Any:
    def predict(trial: Trial) -> Gradients:
        other = trial.values | {name: value}
        flow = recorded(trial.subject, other, trial.answer, trial.seeds, trial.after)
        return {n: g for n, g in flow.gradients.items() if n != name}

    return predict


def _with_change(name: str, change: Change) -> Any:
    def predict(trial: Trial) -> Gradients:
        value = np.ascontiguousarray(change(np.asarray(trial.values[name])))
        return _with_value(name, value)(trial)  # type: ignore[no-any-return]

    return predict


# --- without ε ------------------------------------------------------------------------------------


def without_epsilons(flow: Flow) -> tuple[float, dict[str, Array]] | None:
    """The largest small constant of a program, and its gradients with 0 in place of all of them."""
    data: dict[int, Array] = {}
    nodes: dict[int, Step] = {}
    largest = 0.0
    with np.errstate(all="ignore"):
        for i, node in enumerate(flow.nodes):
            if node.op is None:
                continue
            saved = list(node.saved)
            for argument, x in enumerate(node.inputs):
                if x in flow.number:
                    saved[argument] = data.get(flow.number[x], saved[argument])
                elif x is None and np.ndim(saved[argument]) == 0 and _is_small(saved[argument]):
                    largest = max(largest, float(saved[argument]))
                    saved[argument] = 0.0 * saved[argument]
            data[i] = node.op.kernel(*saved, **(node.static or {}))
            nodes[i] = Step.of(node, data[i], saved)
        return (largest, flow.rerun_at(nodes)) if largest else None


def _is_small(x: Any) -> bool:
    return np.asarray(x).dtype.kind == "f" and 0.0 < float(x) <= 1e-3


def epsilons_left_out(flow: Flow) -> Iterator[Hypothesis]:
    """The gradients of a program that adds no ε to a variance or to a probability."""
    found = without_epsilons(flow)
    if found is not None:
        text = f"lacks the {found[0]:g} that the forward pass adds"
        yield Hypothesis("term missing", 2.1, text, None, _without_epsilons)


def _without_epsilons(trial: Trial) -> Gradients | None:
    found = without_epsilons(flow_of(trial))
    return None if found is None else found[1]
