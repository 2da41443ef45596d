"""Steps larger than a primitive: parts of the graph that read one array and give one of its shape.

Between the result and its argument the derivative may be left out, taken at another array, or
reduced to its diagonal, whatever primitives the part is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.examine.flow import Flow, Step, hand_on
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
from autograd.testing.examine.numeric import multiple
from autograd.testing.examine.trial import Trial

Array = Any
LARGEST_JACOBIAN = 256


class Segment(NamedTuple):
    """A part of the graph.

    Attributes:
        result: the number of its result.
        argument: the number of the one node that all its paths lead through.
    """

    result: int
    argument: int


def dominators(flow: Flow) -> list[list[int]]:
    """For each node, the nodes that every path from it to a leaf leads through, nearest first."""
    found: list[frozenset[int]] = []
    for i in range(len(flow.nodes)):
        below = [found[j] for _, j in flow.inputs(i)]
        found.append(frozenset.intersection(*below) | {i} if below else frozenset({i}))
    return [sorted(below - {i}, reverse=True) for i, below in enumerate(found)]


def pairs_of(flow: Flow) -> Iterator[Segment]:
    """Every node with every node that it was computed from, the nearest first."""
    below: list[set[int]] = []
    for i in range(len(flow.nodes)):
        inputs = [j for _, j in flow.inputs(i)]
        below.append({*inputs}.union(*(below[j] for j in inputs)))
        for j in sorted(below[i], reverse=True):
            yield Segment(i, j)


def segments_of(flow: Flow) -> list[Segment]:
    """All segments whose result has the shape of the argument."""
    return [
        Segment(i, j)
        for i, below in enumerate(dominators(flow))
        for j in below
        if np.shape(flow.nodes[i]._data) == np.shape(flow.nodes[j]._data)
    ]


def inner_nodes(flow: Flow, segment: Segment) -> list[int]:
    """The nodes that lie on a path from the argument to the result, and the result."""
    key = ("inner", segment)
    if key not in flow.notes:
        flow.notes[key] = _between(flow, segment)
    found: list[int] = flow.notes[key]
    return found


def _between(flow: Flow, segment: Segment) -> list[int]:
    above, found = {segment.argument}, []
    for i in range(segment.argument + 1, segment.result + 1):
        if any(j in above for _, j in flow.inputs(i)):
            above.add(i)
    needed = {segment.result}
    for i in range(segment.result, segment.argument, -1):
        if i in needed and i in above:
            found.append(i)
            needed |= {j for _, j in flow.inputs(i)}
    return found[::-1]


def through(flow: Flow, segment: Segment, g: Array, nodes: Any = None) -> Array:
    """What a segment hands to its argument for a cotangent of its result.

    Args:
        flow: the pass.
        segment: the part of its graph.
        g: the cotangent.
        nodes: other nodes in place of those of the graph, by number.
    """
    inner = inner_nodes(flow, segment)
    ends = {*inner, segment.argument}
    totals: dict[int, Array] = {segment.result: g}
    with np.errstate(all="ignore"):
        for i in reversed(inner):
            if i not in totals or i in flow.silent:
                continue
            node = flow.nodes[i] if nodes is None else nodes[i]
            for argument, j in flow.inputs(i):
                if j in ends:
                    c = hand_on(node, argument, totals[i])
                    totals[j] = c if j not in totals else totals[j] + c
    return totals[segment.argument]


def at_another_point(flow: Flow, segment: Segment, v: Array, g: Array) -> Array:
    """What a segment would hand to its argument if that were `v`."""
    data: dict[int, Array] = {segment.argument: np.asarray(v, float)}
    nodes: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for i in inner_nodes(flow, segment):
            node, saved = flow.nodes[i], list(flow.nodes[i].saved)
            for argument, j in flow.inputs(i):
                saved[argument] = data.get(j, saved[argument])
            data[i] = node.op.kernel(*saved, **(node.static or {}))
            nodes[i] = Step.of(node, data[i], saved)
    return through(flow, segment, g, nodes)


def is_elementwise(flow: Flow, segment: Segment) -> bool:
    """Whether each entry of the result depends on the same entry of the argument only."""
    shape = np.shape(flow.nodes[segment.result]._data)
    return all(
        flow.nodes[i].op.elementwise and np.shape(flow.nodes[i]._data) == shape
        for i in inner_nodes(flow, segment)
    )


def diagonal(flow: Flow, segment: Segment) -> Array:
    """The derivatives of the entries of the result by the same entries of the argument."""
    shape = np.shape(flow.nodes[segment.result]._data)
    found = np.zeros(shape)
    for i in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[i] = 1.0
        found[i] = through(flow, segment, unit)[i]
    return found


Handed = Callable[[Flow, Segment], Array]


def instead(
    kind: str, cost: float, text: str, segment: Segment, handed: Handed, group: Any = None
) -> Hypothesis:
    """The hypothesis that a segment hands on something else."""

    def local(flow: Flow) -> tuple[int, Array]:
        value, right = handed(flow, segment), right_through(flow, segment)
        if np.shape(value) != np.shape(right):
            raise ValueError("a value of another shape")
        return segment.argument, value - right

    def predict(trial: Trial) -> Gradients | None:
        flow = flow_of(trial)
        added = flow.handed_down(dict([local(flow)]))
        return {name: flow.gradients[name] + part for name, part in added.items()}

    return Hypothesis(kind, cost, text, segment.result, predict, local=local, group=group)


def right_through(flow: Flow, segment: Segment) -> Array:
    """What a segment hands to its argument in the right pass."""
    key = ("through", segment)
    if key not in flow.notes:
        flow.notes[key] = through(flow, segment, flow.cotangents[segment.result])
    return flow.notes[key]


def name_of(flow: Flow, segment: Segment) -> str:
    """The step that a segment is, by the operations in it."""
    known: dict[Segment, str] = flow.notes.get("steps", {})
    if segment in known:
        return known[segment]
    nodes = [flow.nodes[i] for i in inner_nodes(flow, segment)]
    if len(nodes) == 1:
        return step_of(flow, nodes[0])
    x = value_of(flow, flow.nodes[segment.argument])
    return f"the step from {x} to {value_of(flow, flow.nodes[segment.result])}"


def changes_of_segments(flow: Flow) -> Iterator[Hypothesis]:
    """What people do to the derivative of a step."""
    arrays = list(arrays_of(flow))
    for segment in segments_of(flow):
        nodes = inner_nodes(flow, segment)
        cost = 2.0 + 0.02 * min(len(nodes), 10)
        yield from _left_out(flow, segment, cost)
        size = np.size(flow.nodes[segment.result]._data)
        if is_elementwise(flow, segment):
            yield from _elsewhere(flow, segment, cost, arrays)
        elif 1 < size <= LARGEST_JACOBIAN:
            yield instead(
                "diagonal only",
                cost,
                f"uses only the diagonal of the Jacobian of {name_of(flow, segment)}: each input "
                "also changes the other outputs",
                segment,
                lambda f, s: diagonal(f, s) * f.cotangents[s.result],
                ("diagonal only", *(flow.nodes[i].op for i in nodes)),
            )


def _left_out(flow: Flow, segment: Segment, cost: float) -> Iterator[Hypothesis]:
    step = name_of(flow, segment)
    operations = [flow.nodes[i].op for i in inner_nodes(flow, segment)]
    g = flow.cotangents[segment.result]
    if _is_a_slope(flow, segment, g):
        yield instead(
            "slope missing",
            cost,
            f"lacks the slope of {step}: the gradient is passed on as if it were the identity",
            segment,
            lambda f, s: f.cotangents[s.result],
            ("slope missing", *operations),
        )
    yield instead(
        "upstream ignored",
        cost + 0.1,
        f"has the slope of {step}, but not the gradient that comes to it",
        segment,
        lambda f, s: through(f, s, np.ones(np.shape(f.cotangents[s.result]))),
        ("upstream ignored", *operations),
    )


def _is_a_slope(flow: Flow, segment: Segment, g: Array) -> bool:
    """Whether passing `g` on leaves a slope out, and not just a factor or one of several paths."""
    if multiple(g, right_through(flow, segment)) is not None:
        return False
    inner = {*inner_nodes(flow, segment)}
    givers = [edge for edge in flow.givers.get(segment.argument, ()) if edge[0] in inner]
    return len(givers) < 2 or not any(np.array_equal(flow.handed[edge], g) for edge in givers)


def _elsewhere(
    flow: Flow, segment: Segment, cost: float, arrays: list[Named]
) -> Iterator[Hypothesis]:
    """The slope of an elementwise step at another array, or another array in its place."""
    step = name_of(flow, segment)
    x = flow.nodes[segment.argument]
    own = value_of(flow, x)
    form = slope_by_output(flow, segment)
    for named in arrays:
        v = named.array
        if np.shape(v) != np.shape(x._data) or np.asarray(v).dtype.kind not in "fiub":
            continue
        other = described(flow, named.key)
        late = 0.1 * (named.key[0] == "gradient")
        text = f"takes the slope of {step} at {other}, not at {own}"
        if v is not x._data:
            yield instead(
                "wrong point",
                cost + 0.2 + late,
                text,
                segment,
                lambda f, s, n=named: at_another_point(f, s, n.of(f), f.cotangents[s.result]),  # type: ignore[misc]
            )
        if form is not None and v is not flow.nodes[segment.result]._data:
            yield instead(
                "wrong point",
                cost + 0.2 + late,
                f"puts {other} into the formula for the slope of {step} where its output belongs",
                segment,
                lambda f, s, n=named: _by_form(f, s, n.of(f)),  # type: ignore[misc]
            )
        yield instead(
            "wrong operand",
            cost + 0.4 + late,
            f"multiplies by {other} where the slope of {step} belongs",
            segment,
            lambda f, s, n=named: f.cotangents[s.result] * n.of(f),  # type: ignore[misc]
        )


def slope_by_output(flow: Flow, segment: Segment) -> Array | None:
    """The slope of an elementwise step as a polynomial of its output, as 1 - y² of tanh.

    Returns:
        the coefficients, the constant first; None if it is no polynomial of degree 3 or less.
    """
    key = ("slope by output", segment)
    if key not in flow.notes:
        flow.notes[key] = _polynomial(flow, segment)
    return flow.notes[key]


def _polynomial(flow: Flow, segment: Segment) -> Array | None:
    y = np.ravel(np.asarray(flow.nodes[segment.result]._data, float))
    slope = np.ravel(through(flow, segment, np.ones(np.shape(flow.cotangents[segment.result]))))
    if y.size < 6 or not np.isfinite(y).all() or not np.isfinite(slope).all():
        return None
    powers = np.stack([y**k for k in range(4)], axis=1)
    coefficients, *_ = np.linalg.lstsq(powers, slope, rcond=None)
    error = float(np.abs(powers @ coefficients - slope).max())
    nothing = np.abs(coefficients[1:]).max() < 1e-9  # a constant slope is right at every array
    return None if error > 1e-11 * float(np.abs(slope).max()) or nothing else coefficients


def _by_form(flow: Flow, segment: Segment, v: Array) -> Array:
    coefficients = slope_by_output(flow, segment)
    if coefficients is None:
        return np.full(1, np.nan)
    coefficients = np.where(np.abs(coefficients) < 1e-9, 0.0, coefficients)
    slope = sum(c * np.asarray(v, float) ** k for k, c in enumerate(np.round(coefficients, 9)))
    return flow.cotangents[segment.result] * slope
