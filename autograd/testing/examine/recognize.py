"""Which parts of a graph are steps of the textbook, and what may go wrong in their rules."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.testing.examine import textbook as t
from autograd.testing.examine.flow import Flow
from autograd.testing.examine.hypothesis import Hypothesis, arrays_of, described, value_of
from autograd.testing.examine.numeric import listed, same
from autograd.testing.examine.rule_changes import WORDS, variants
from autograd.testing.examine.segments import Segment, instead, pairs_of, right_through

Array = Any


class Known(NamedTuple):
    """A segment that is a step of the textbook.

    Attributes:
        segment: the part of the graph.
        op: the step.
        axis: along which it works; None for an elementwise one.
        eps: what was added to the variance, for a normalization.
    """

    segment: Segment
    op: Primitive
    axis: tuple[int, ...] | None
    eps: float = 0.0


def axes_of(ndim: int) -> Iterator[tuple[int, ...]]:
    """The axes that a softmax or a normalization may work along, single ones first."""
    for count in range(1, ndim + 1):
        yield from itertools.combinations(range(ndim - 1, -1, -1), count)


def known_steps(flow: Flow) -> list[Known]:
    """The parts of a graph that compute what a step of the textbook does."""
    if "known" not in flow.notes:
        flow.notes["known"] = _known_steps(flow)
    found: list[Known] = flow.notes["known"]
    return found


def _known_steps(flow: Flow) -> list[Known]:
    found: list[Known] = []
    for segment in _candidates(flow):
        for known in _steps_at(flow, segment):
            call = _called(flow, known)
            with np.errstate(all="ignore"):
                own = known.op.rules[0](call.g, *call.arguments, **call.static)
            if same(own, right_through(flow, segment)):
                found.append(known)
    return found


def _candidates(flow: Flow) -> Iterator[Segment]:
    """A node and one of its shape that it was computed from."""
    for segment in pairs_of(flow):
        x, y = flow.nodes[segment.argument]._data, flow.nodes[segment.result]._data
        if np.shape(x) == np.shape(y) and 0 < np.ndim(y) <= 5 and np.size(y) > 1:
            yield segment


def _steps_at(flow: Flow, segment: Segment) -> Iterator[Known]:
    x = np.asarray(flow.nodes[segment.argument]._data, float)
    y = np.asarray(flow.nodes[segment.result]._data, float)
    if np.abs(y).max() <= 1.0:
        for op in (t.sigmoid, t.tanh):
            if same(y, op.kernel(x)):
                yield Known(segment, op, None)
    for axis in axes_of(x.ndim):
        if (y >= 0).all() and same(y, t.softmax.kernel(x, axis=axis)):
            yield Known(segment, t.softmax, axis)
        if (y <= 0).all() and same(y, t.log_softmax.kernel(x, axis=axis)):
            yield Known(segment, t.log_softmax, axis)
        for op in NORMALIZATIONS:
            for eps in _eps_of_normalization(flow, op, x, y, axis):
                yield Known(segment, op, axis, eps)


NORMALIZATIONS = (t.normalize, t.rms_normalize)


def _eps_of_normalization(
    flow: Flow, op: Primitive, x: Array, y: Array, axis: tuple[int, ...]
) -> Iterator[float]:
    """Each ε with which y may be x normalized along `axis`, and then scaled.

    A scale is the same for all that is normalized apart: it has the shape of one parameter.
    """
    if np.prod([x.shape[i] for i in axis]) < 3:
        return
    for eps in (0.0, *_small_constants(flow)):
        found = standardized(op, x, axis, eps)
        if found is None:
            return
        with np.errstate(all="ignore"):
            scale = y / found[0]
        if np.isfinite(scale).all() and np.abs(scale).min() > 0 and _is_a_parameter(scale, axis):
            yield eps


def _small_constants(flow: Flow) -> list[float]:
    if "small constants" not in flow.notes:
        flow.notes["small constants"] = _find_small_constants(flow)
    found: list[float] = flow.notes["small constants"]
    return found


def _find_small_constants(flow: Flow) -> list[float]:
    numbers = {
        float(datum)
        for node in flow.nodes
        if node.op is not None
        for x, datum in zip(node.inputs, node.saved, strict=True)
        if x is None and np.ndim(datum) == 0 and np.asarray(datum).dtype.kind == "f"
    }
    return sorted(c for c in numbers if 0.0 < c < 0.1)


def standardized(
    op: Primitive, x: Array, axis: tuple[int, ...], eps: float
) -> tuple[Array, Array] | None:
    """(x - μ) / σ and σ, or None for a σ of 0; μ is 0 for the root mean square."""
    centered = x - x.mean(axis=axis, keepdims=True) if op is t.normalize else x
    std = np.sqrt((centered**2).mean(axis=axis, keepdims=True) + eps)
    return (centered / std, std) if (std > 0).all() else None


def _is_a_parameter(scale: Array, axis: tuple[int, ...]) -> bool:
    """Whether a scale is constant along some axes: those normalized, or all the others."""
    others = tuple(i for i in range(scale.ndim) if i not in axis)
    return any(
        same(scale, np.broadcast_to(scale.mean(axis=along, keepdims=True), scale.shape))
        for along in (axis, others, tuple(range(scale.ndim)))
        if along
    )


class Rule(NamedTuple):
    """What a rule of the textbook is called with.

    Attributes:
        g: the cotangent; for a normalization, that of (x - μ) / σ.
        arguments: (out, x, ...).
        static: the axis.
        scale: what the result of a normalization was multiplied by.
    """

    g: Array
    arguments: list[Array]
    static: dict[str, Any]
    scale: Array


def _called(flow: Flow, known: Known) -> Rule:
    x = np.asarray(flow.nodes[known.segment.argument]._data, float)
    y = np.asarray(flow.nodes[known.segment.result]._data, float)
    g = flow.cotangents[known.segment.result]
    static = {} if known.axis is None else {"axis": known.axis}
    if known.op not in NORMALIZATIONS:
        return Rule(g, [y, x], static, 1.0)
    assert known.axis is not None
    found = standardized(known.op, x, known.axis, known.eps)
    assert found is not None
    with np.errstate(all="ignore"):
        scale = y / found[0]
    return Rule(g * scale, [found[0], x, found[1]], static, scale)


def changes_of_known_steps(flow: Flow) -> Iterator[Hypothesis]:
    """Every change of the textbook's rule of every step that is recognized."""
    arrays = list(arrays_of(flow))
    for known in known_steps(flow):
        step = known.op.name
        for variant in variants(known.op, 0, t):
            text = WORDS[variant.kind].format(step=step)
            handed = _by_rule(known, variant.rule)
            cost = 2.35 if variant.kind.startswith("wrong ") else 2.1
            group = known.op, known.axis, variant.change
            yield instead(variant.kind, cost, text, known.segment, handed, group)
        for axis in axes_of(np.ndim(flow.nodes[known.segment.argument]._data)):
            if known.axis is not None and axis != known.axis:
                text = f"sums along axis {listed(axis)} in {step}, not along {listed(known.axis)}"
                kind = "summed over the wrong axis"
                other = known._replace(axis=axis)
                rule = known.op.rules[0]
                yield instead(kind, 2.15, text, known.segment, _inner_axis(known, other, rule))
        yield from _not_summed(known)
        yield from _of_other_activations(known)
        if known.op in NORMALIZATIONS:
            yield from _of_normalization(known)
        for named in arrays:
            x = flow.nodes[known.segment.argument]
            if np.shape(named.array) != np.shape(x._data) or named.array is x._data:
                continue
            other_name = described(flow, named.key)
            late = 0.1 * (named.key[0] == "gradient")
            text = f"takes the slope of {step} at {other_name}, not at {value_of(flow, x)}"
            yield instead("wrong point", 2.15 + late, text, known.segment, _at(known, named, True))
            text = f"puts {other_name} into the formula for {step} where its output belongs"
            yield instead("wrong point", 2.15 + late, text, known.segment, _at(known, named, False))


def _by_rule(known: Known, rule: Any) -> Any:
    def handed(flow: Flow, segment: Segment) -> Array:
        call = _called(flow, known)
        return np.asarray(rule(call.g, *call.arguments, **call.static))

    return handed


def _inner_axis(known: Known, other: Known, rule: Any) -> Any:
    """The sums along another axis, the rest as it is."""

    def handed(flow: Flow, segment: Segment) -> Array:
        call = _called(flow, known)
        return np.asarray(rule(call.g, *call.arguments, axis=other.axis))

    return handed


def _not_summed(known: Known) -> Iterator[Hypothesis]:
    """The sums left out."""
    if known.axis is None:
        return

    def handed(flow: Flow, segment: Segment) -> Array:
        call = _called(flow, known)
        return np.asarray(known.op.rules[0](call.g, *call.arguments, axis=()))

    text = f"lacks the sum in the derivative of {known.op.name}"
    yield instead("not summed", 2.2, text, known.segment, handed)


def _sigmoid_slope(g: Array, x: Array, h: Array) -> Array:
    return g * h * (1 - h)


def _tanh_slope(g: Array, x: Array, h: Array) -> Array:
    return g * (1 - h**2)


# What people put where the slope of an activation belongs: of g, its input x and its result h.
FOREIGN: dict[Primitive, tuple[tuple[str, Callable[[Array, Array, Array], Array]], ...]] = {
    t.tanh: (
        ("uses sigmoid's slope h(1 - h) where that of tanh, 1 - h², belongs", _sigmoid_slope),
        ("uses 1 - h where the slope of tanh, 1 - h², belongs", lambda g, x, h: g * (1 - h)),
        ("uses ReLU's mask where the slope of tanh belongs", lambda g, x, h: g * (x > 0)),
        (
            "puts the gradient into the slope of tanh and does not multiply by it: 1 - g² for "
            "g(1 - h²)",
            lambda g, x, h: 1 - g**2,
        ),
    ),
    t.sigmoid: (
        ("uses tanh's slope 1 - h² where that of sigmoid, h(1 - h), belongs", _tanh_slope),
        ("uses ReLU's mask where the slope of sigmoid belongs", lambda g, x, h: g * (x > 0)),
        (
            "takes the slope of sigmoid at the gradient and lacks a factor: g(1 - g) for "
            "g h(1 - h)",
            lambda g, x, h: g * (1 - g),
        ),
    ),
}


def _of_other_activations(known: Known) -> Iterator[Hypothesis]:
    """The slope of another activation, or a formula for it that is half remembered."""
    for number, (text, formula) in enumerate(FOREIGN.get(known.op, ())):
        handed = _by_formula(known, formula)
        group = known.op, "foreign", number
        yield instead("wrong point", 2.2, text, known.segment, handed, group)


def _by_formula(known: Known, formula: Callable[[Array, Array, Array], Array]) -> Any:
    def handed(flow: Flow, segment: Segment) -> Array:
        h, x = _called(flow, known).arguments
        return np.asarray(formula(flow.cotangents[segment.result], x, h))

    return handed


def _of_normalization(known: Known) -> Iterator[Hypothesis]:
    """Mean and variance taken as constants, or the scale left out."""

    def straight(flow: Flow, segment: Segment) -> Array:
        call = _called(flow, known)
        return call.g / call.arguments[2]

    def unscaled(flow: Flow, segment: Segment) -> Array:
        call = _called(flow, known)
        g = flow.cotangents[segment.result]
        return np.asarray(known.op.rules[0](g, *call.arguments, **call.static))

    text = "lacks the terms of mean and variance: both depend on the input too"
    yield instead("term missing", 2.05, text, known.segment, straight)
    text = "lacks the factor that the normalized input is multiplied by"
    yield instead("slope missing", 2.05, text, known.segment, unscaled)


def _at(known: Known, named: Any, moved: bool) -> Any:
    def handed(flow: Flow, segment: Segment) -> Array:
        call = _called(flow, known)
        v = np.asarray(named.of(flow), float)
        if moved and known.op not in NORMALIZATIONS:
            arguments = [known.op.kernel(v, **call.static), v]
        else:
            arguments = [v, *call.arguments[1:]]
        return np.asarray(known.op.rules[0](call.g, *arguments, **call.static))

    return handed
