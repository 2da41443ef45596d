"""Sums that are not taken: = where += belongs, a contribution left out, one counted otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.primitives import indexing, shaping, window
from autograd.testing.examine.flow import Edge, Flow, Spot
from autograd.testing.examine.hypothesis import (
    Gradients,
    Hypothesis,
    Named,
    arrays_of,
    at_edge,
    described,
    flow_of,
    step_of,
    value_of,
)
from autograd.testing.examine.numeric import axes_subsets, listed
from autograd.testing.examine.trial import Trial

Array = Any


def overwritten(flow: Flow) -> Iterator[Hypothesis]:
    """= where += belongs, in all places where contributions meet."""
    for edge in flow.edges():
        yield from _in_a_rule(flow, edge)
    for i, givers in flow.givers.items():
        if len(givers) > 1:
            yield from _at_a_node(flow, i, givers)
    for i, node in enumerate(flow.nodes):
        if node.op is shaping.concatenate and len(flow.inputs(i)) > 1:
            yield from _parts(flow, i)
    yield from _samples(flow)


def _in_a_rule(flow: Flow, edge: Edge) -> Iterator[Hypothesis]:
    """A rule that adds to one array at many places."""
    node = flow.nodes[edge[0]]
    text = (
        f"is overwritten where {step_of(flow, node)} reads an entry more than once: = where += "
        "belongs"
    )
    if node.op is indexing.getitem:
        yield at_edge("overwritten", 2.0, text, edge, _assigned)
    elif node.op is window.windows:
        for by_place, backwards in product((False, True), repeat=2):
            yield at_edge("overwritten", 2.0, text, edge, _unfolded(by_place, backwards))


def _assigned(spot: Spot) -> Array:
    total = np.zeros(np.shape(spot.right))
    total[spot.node.static["index"]] = spot.g  # type: ignore[index]
    return total


def _unfolded(by_place: bool, backwards: bool) -> Any:
    """Windows written to their places, one window or one place in the windows after the other."""

    def modify(spot: Spot) -> Array:
        static: dict[str, Any] = spot.node.static or {}
        size, stride, dilation = static["size"], static["stride"], static["dilation"]
        k = len(size)
        counts = spot.g.shape[-2 * k : -k]
        total: Array = np.zeros(np.shape(spot.right))
        order = list(product(*map(range, size if by_place else counts)))
        for i in reversed(order) if backwards else order:
            if by_place:
                target = [
                    slice(p * d, p * d + s * (n - 1) + 1, s)
                    for p, d, s, n in zip(i, dilation, stride, counts, strict=True)
                ]
                total[(..., *target)] = spot.g[(..., *i)]
            else:
                target = [
                    slice(p * s, p * s + d * (n - 1) + 1, d)
                    for p, d, s, n in zip(i, dilation, stride, size, strict=True)
                ]
                total[(..., *target)] = spot.g[(..., *i, *([slice(None)] * k))]
        return total

    return modify


def _at_a_node(flow: Flow, i: int, givers: list[Edge]) -> Iterator[Hypothesis]:
    """One of several contributions survives."""
    operations = {flow.nodes[j].op for j, _ in givers}
    x = value_of(flow, flow.nodes[i])
    if len(operations) > 1:
        return
    text = f"keeps only one of the {len(givers)} contributions to {x}: = where += belongs"
    for kept in (givers[0], givers[-1]):
        yield Hypothesis("overwritten", 2.0, text, i, _only(i, kept))
    if operations == {indexing.getitem}:
        for order in (givers, givers[::-1]):
            for nonzero in (False, True):
                yield Hypothesis("overwritten", 2.0, text, i, _in_turn(i, order, nonzero))


def _only(i: int, kept: Edge) -> Any:
    def predict(trial: Trial) -> Gradients:
        flow = flow_of(trial)
        return _replaced(flow, i, flow.handed[kept])

    return predict


def _in_turn(i: int, order: list[Edge], nonzero: bool) -> Any:
    """Each contribution written over the ones before it, at the entries that it reads."""

    def predict(trial: Trial) -> Gradients:
        flow = flow_of(trial)
        total = np.zeros(np.shape(flow.nodes[i]._data))
        for edge in order:
            node, part = flow.nodes[edge[0]], flow.handed[edge]
            where = np.zeros(total.shape, bool)
            where[node.static["index"]] = True  # type: ignore[index]
            total = np.where(where & (part != 0) if nonzero else where, part, total)
        return _replaced(flow, i, total)

    return predict


def _replaced(flow: Flow, i: int, total: Array) -> Gradients:
    added = flow.handed_down({i: total - flow.cotangents[i]})
    return {name: flow.gradients[name] + part for name, part in added.items()}


def _parts(flow: Flow, i: int) -> Iterator[Hypothesis]:
    """Of the parts that a loop makes and joins, only one hands a gradient on."""
    inputs = flow.inputs(i)
    for kept, word in ((inputs[-1], "last"), (inputs[0], "first")):
        text = f"holds only what the {word} of {len(inputs)} joined parts adds: = where += belongs"
        yield Hypothesis("overwritten", 1.95, text, i, _only_part(i, kept[0]))


def _only_part(i: int, kept: int) -> Any:
    def predict(trial: Trial) -> Gradients:
        flow = flow_of(trial)
        others = {j: -flow.handed[i, a] for a, j in flow.inputs(i) if a != kept}
        added = flow.handed_down(others)
        return {name: flow.gradients[name] + part for name, part in added.items()}

    return predict


def _samples(flow: Flow) -> Iterator[Hypothesis]:
    """A loop over samples, or places, in which only the last one survives."""
    for k, seed in enumerate(flow.seeds):
        for axes in axes_subsets(min(np.ndim(seed), 4)):
            for last in (-1, 0):
                word = "last" if last else "first"
                text = (
                    f"holds only the {word} contribution of a loop over axis {listed(axes)}: "
                    "= where += belongs"
                )
                yield Hypothesis("overwritten", 2.4, text, None, _of_sample(k, axes, last))


def _of_sample(k: int, axes: tuple[int, ...], last: int) -> Any:
    def predict(trial: Trial) -> Gradients:
        flow = flow_of(trial)
        seeds = [np.zeros(np.shape(seed)) for seed in flow.seeds]
        index = tuple(
            (last if last == 0 else slice(last, None)) if a in axes else slice(None)
            for a in range(seeds[k].ndim)
        )
        seeds[k][index] = np.asarray(flow.seeds[k])[index]
        return Flow(flow.outputs, seeds, flow.leaves).gradients

    return predict


# --- rules of steps that choose or move entries ---------------------------------------------------


def of_structure(flow: Flow) -> Iterator[Hypothesis]:
    """A reshape for a transpose, a mask inverted, spread or at another entry."""
    for edge in flow.edges():
        for hypothesis in _of_structure(flow, edge):
            group = flow.nodes[edge[0]].op, edge[1], hypothesis.kind, hypothesis.text
            yield replace(hypothesis, group=hypothesis.group or group)


def _of_structure(flow: Flow, edge: Edge) -> Iterator[Hypothesis]:
    node = flow.nodes[edge[0]]
    name, step = node.op.name, step_of(flow, node)
    if name == "transpose":
        yield at_edge("reshaped", 2.0, REORDERED, edge, lambda s: s.g.reshape(np.shape(s.right)))
    elif name == "getitem":
        text = "is not added up: what belongs to one entry must be summed"
        yield at_edge("not summed", 2.0, text, edge, lambda s: s.g)
    elif name == "reshape":
        yield at_edge("reshaped", 2.1, REORDERED, edge, _by_columns)
    elif name in ("max", "min"):
        yield from _of_an_extremum(flow, edge)
    elif name in ("sum", "mean"):
        yield from _of_a_sum(flow, edge)
    elif name in MASKED:
        yield at_edge("slope missing", 2.0, _without_mask(flow, node), edge, _unmasked)
    elif name in ("matmul", "inner"):
        text = f"multiplies entry by entry where {step} takes a matrix product"
        yield at_edge("not summed", 2.3, text, edge, _entry_by_entry)
    if name == "where":
        yield from _of_a_condition(flow, edge)
    yield from _of_a_constant_mask(flow, edge)


REORDERED = "has its entries in another order: reshaped where axes have to be transposed"
MASKED = frozenset({"where", "maximum", "minimum", "clip", "relu", "abs"})


def _without_mask(flow: Flow, node: Node) -> str:
    """What to say where a mask is left out; of a ReLU, where the gradient is wrong."""
    zero = [x is None and not np.any(d) for x, d in zip(node.inputs, node.saved, strict=True)]
    if node.op.name == "relu" or (node.op.name == "maximum" and any(zero)):
        x = next(x for x in node.inputs if x is not None)
        x_name = value_of(flow, x)
        step = step_of(flow, node)
        return f"is right except where {x_name} is negative: the mask of {step} is missing"
    return f"lacks the mask of {step_of(flow, node)}"


def _by_columns(spot: Spot) -> Array:
    return spot.g.reshape(np.shape(spot.right), order="F")


def _of_a_sum(flow: Flow, edge: Edge) -> Iterator[Hypothesis]:
    """What comes back to a mean or a sum, summed over other axes than it reduced."""
    node, argument = flow.nodes[edge[0]], edge[1]
    givers, shape = flow.givers.get(edge[0], []), np.shape(node.saved[argument])
    if len(givers) != 1 or flow.raw(givers[0]).shape != shape:
        return
    reduced = (node.static or {})["axis"]
    for axes in axes_subsets(len(shape)):
        if axes != reduced:
            step, own = step_of(flow, node), listed(reduced)
            text = f"is summed over axis {listed(axes)} on its way to {step}, not {own}"
            modify = _summed_over(givers[0], axes, node.op.name == "mean")
            yield at_edge("summed over the wrong axis", 2.2, text, edge, modify)


def _summed_over(giver: Edge, axes: tuple[int, ...], mean: bool) -> Any:
    def modify(spot: Spot) -> Array:
        raw = spot.flow.raw(giver)
        total = raw.mean(axis=axes, keepdims=True) if mean else raw.sum(axis=axes, keepdims=True)
        return np.broadcast_to(total, raw.shape)

    return modify


def _unmasked(spot: Spot) -> Array:
    return _fit(spot, np.array(spot.g))


def _entry_by_entry(spot: Spot) -> Array:
    other = spot.node.saved[1 - spot.argument]
    for x in (other, np.swapaxes(other, -1, -2)):
        try:
            found = spot.g * x
        except ValueError:
            continue
        if found.shape == np.shape(spot.right):
            return found
    return np.full(1, np.nan)


def _of_a_constant_mask(flow: Flow, edge: Edge) -> Iterator[Hypothesis]:
    """A product with an array of two values, one of them 0, is a mask."""
    node, argument = flow.nodes[edge[0]], edge[1]
    if node.op.name == "mul" and node.inputs[1 - argument] is None:
        values = np.unique(np.asarray(node.saved[1 - argument]))
        if len(values) == 2 and values[0] == 0:
            text = f"has the mask of {step_of(flow, node)} inverted"
            yield at_edge("mask", 2.0, text, edge, _inverted)


def _inverted(spot: Spot) -> Array:
    mask = np.asarray(spot.node.saved[1 - spot.argument], float)
    return _fit(spot, spot.g * (mask.max() - mask))


def _of_a_condition(flow: Flow, edge: Edge) -> Iterator[Hypothesis]:
    """The condition of a `where` read off the sign of another array."""
    node = flow.nodes[edge[0]]
    step, condition = step_of(flow, node), np.asarray(node.saved[0]) != 0
    for named in arrays_of(flow):
        if named.key[0] != "constant" and np.shape(named.array) == np.shape(node._data):
            cost = 2.4 if named.key[0] == "gradient" else 2.3
            text = f"takes the mask of {step} from {described(flow, named.key)}"
            if np.array_equal(np.asarray(named.array) > 0, condition):
                text = f"has the branches of {step} exchanged"
            for sign in (1.0, -1.0):
                both = edge[0], named.key, sign  # the branches of one step
                yield at_edge("mask", cost, text, edge, _conditional(named, sign), both)


def _conditional(named: Named, sign: float) -> Any:
    def modify(spot: Spot) -> Array:
        chosen = (sign * named.of(spot.flow) > 0) == (spot.argument == 1)
        return _fit(spot, np.where(chosen, spot.g, 0.0))

    return modify


def _fit(spot: Spot, value: Array) -> Array:
    return spot.node._backend.fit(spot.node, spot.argument, value, spot.node.saved[spot.argument])


def _of_an_extremum(flow: Flow, edge: Edge) -> Iterator[Hypothesis]:
    """The gradient of a maximum given to other entries than the one chosen."""
    step = step_of(flow, flow.nodes[edge[0]])
    text = f"lacks the mask of {step}: every entry gets the gradient, not only the one chosen"
    yield at_edge("slope missing", 2.0, text, edge, _spread)
    text = f"gives the gradient of {step} to the entry at the other end"
    yield at_edge("mask", 2.0, text, edge, lambda s: _spread(s) * _is_end(s, True))
    text = f"has the mask of {step} inverted"
    yield at_edge("mask", 2.0, text, edge, lambda s: _spread(s) * ~_is_end(s, False))
    text = f"multiplies by the values where the mask of {step} belongs"
    yield at_edge("wrong operand", 2.2, text, edge, lambda s: _spread(s) * s.node.saved[0])
    for place, word in ((0, "first"), (-1, "last")):
        text = f"gives the gradient of {step} to the {word} entry, not to the one chosen"
        yield at_edge("mask", 2.2, text, edge, _to_place(place))


def _spread(spot: Spot) -> Array:
    """The gradient of a reduction, repeated along the axes that were reduced."""
    shape = np.shape(spot.node.saved[0])
    axis = (spot.node.static or {})["axis"]
    kept = [1 if i in axis else n for i, n in enumerate(shape)]
    return np.broadcast_to(np.reshape(spot.g, kept), shape)


def _is_end(spot: Spot, other: bool) -> Array:
    """Where the largest entries are, or for a minimum the smallest; with `other`, the reverse."""
    x, axis = np.asarray(spot.node.saved[0]), (spot.node.static or {})["axis"]
    largest = (spot.node.op.name == "max") != other
    return x == (x.max if largest else x.min)(axis=axis, keepdims=True)


def _to_place(place: int) -> Any:
    def modify(spot: Spot) -> Array:
        axis, whole = (spot.node.static or {})["axis"], _spread(spot)
        mask = np.zeros(whole.shape)
        mask[tuple(place if i in axis else slice(None) for i in range(whole.ndim))] = 1.0
        return whole * mask

    return modify
