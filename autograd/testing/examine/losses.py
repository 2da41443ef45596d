"""Cross-entropy: which numbers of a graph are one, and what goes wrong in its gradient p - y."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.testing.examine import textbook as t
from autograd.testing.examine.flow import Flow
from autograd.testing.examine.hypothesis import Hypothesis, arrays_of
from autograd.testing.examine.numeric import same
from autograd.testing.examine.rule_changes import WORDS, variants
from autograd.testing.examine.segments import Segment, instead, pairs_of, through

Array = Any
CLASSES = -1  # their axis


def target_of(flow: Flow, loss: Segment) -> tuple[float, Array] | None:
    """The target times its weight: what softmax, so weighted, is compared with in the gradient.

    The gradient is w (p - y), with Σ y = 1. Along the classes it is least where y is 1, so it
    gives w y for hard labels; for others, the constants of the graph are tried.
    """
    key = ("target", loss)
    if key not in flow.facts:
        flow.facts[key] = _find_target(flow, loss)
    found: tuple[float, Array] | None = flow.facts[key]
    return found


def _find_target(flow: Flow, loss: Segment) -> tuple[float, Array] | None:
    x = np.asarray(flow.nodes[loss.argument]._data, float)
    slope = through(flow, loss, np.ones(np.shape(flow.nodes[loss.result]._data)))
    p = t.softmax.kernel(x, axis=CLASSES)
    total = np.abs(slope).sum(axis=CLASSES, keepdims=True)
    if not np.isfinite(slope).all() or (np.abs(slope.sum(axis=CLASSES)) > 1e-9 * total.max()).any():
        return None
    hard = np.zeros_like(p)
    np.put_along_axis(hard, np.argmin(slope, axis=CLASSES, keepdims=True), 1.0, axis=CLASSES)
    constants = [n.array for n in arrays_of(flow) if np.shape(n.array) == x.shape]
    for y in [hard, *constants]:
        difference = p - y
        scale = float(np.vdot(difference, slope) / max(np.vdot(difference, difference), 1e-300))
        if scale and same(scale * difference, slope):
            return scale, np.asarray(y, float)
    return None


def losses_of(flow: Flow) -> Iterator[Segment]:
    """From logits to a number that is their cross-entropy."""
    for segment in pairs_of(flow):
        x = flow.nodes[segment.argument]._data
        is_number = np.size(flow.nodes[segment.result]._data) == 1
        are_rows = np.ndim(x) in (1, 2) and np.shape(x)[-1] > 1
        if is_number and are_rows and target_of(flow, segment) is not None:
            yield segment


def changes_of_cross_entropy(flow: Flow) -> Iterator[Hypothesis]:
    """Changes of the gradient p - y of every cross-entropy that is recognized."""
    for loss in losses_of(flow):
        for variant in variants(t.cross_entropy, 0, t):
            text = WORDS[variant.kind].format(step="softmax with cross-entropy")
            yield instead(variant.kind, 2.1, text, loss, _by_rule(loss, variant.rule))
        for kind, (text, formula) in FORMULAS.items():
            yield instead(kind, 2.2, text, loss, _by_formula(loss, formula))


# What people write for the gradient: (what is wrong with it, formula of logits, p and y).
FORMULAS: dict[str, tuple[str, Callable[[Array, Array, Array], Array]]] = {
    "wrong point": (
        "takes the logits where their softmax belongs",
        lambda x, p, y: x - y,
    ),
    "summed over the wrong axis": (
        "has a softmax along the other axis",
        lambda x, p, y: t.softmax.kernel(x, axis=0) - y,
    ),
    "diagonal only": (
        "uses only the diagonal of softmax's Jacobian: each logit changes all probabilities",
        lambda x, p, y: -y * (1.0 - p),
    ),
    "slope missing": (
        "is the derivative by the probabilities, not by the logits",
        lambda x, p, y: -y / p,
    ),
    "wrong operand": (
        "is multiplied by the probabilities once more",
        lambda x, p, y: (p - y) * p,
    ),
    "extra term": (
        "is multiplied by p (1 - p), a derivative that p - y contains already",
        lambda x, p, y: (p - y) * p * (1.0 - p),
    ),
}


def _by_rule(loss: Segment, rule: Any) -> Any:
    def handed(flow: Flow, segment: Segment) -> Array:
        x, _, y, scale = _parts(flow, loss)
        return rule(flow.cotangents[segment.result], None, x, y, scale, axis=CLASSES)

    return handed


def _by_formula(loss: Segment, formula: Any) -> Any:
    def handed(flow: Flow, segment: Segment) -> Array:
        x, p, y, scale = _parts(flow, loss)
        return flow.cotangents[segment.result] * scale * formula(x, p, y)

    return handed


def _parts(flow: Flow, loss: Segment) -> tuple[Array, Array, Array, float]:
    """Logits, probabilities, target, and the weight of the loss."""
    x = np.asarray(flow.nodes[loss.argument]._data, float)
    found = target_of(flow, loss)
    if found is None:
        raise ValueError("no cross-entropy at this point")
    return x, t.softmax.kernel(x, axis=CLASSES), found[1], found[0]
