"""Which nodes are means and normalizations, as `matching` finds other boxes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.derivation import boxes
from autograd.derivation.boxes import Box
from autograd.derivation.looking import came, is_number, number
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e
from autograd.primitives import reduction, shaping

# --- Normalization --------------------------------------------------------------------------------


def standardized(node: Any) -> Box | None:
    """(x - μ) · (1 / √(σ² + ε)), times γ if there is one."""
    centred, scale = came(node, 0, a.sub), node.inputs[1]
    gamma: tuple[Any, Any] | None = None
    if scale is not None and scale.op is a.mul:
        gamma = scale.inputs[1], scale.saved[1]
        scale = scale.inputs[0]
    facts = _standard(centred, _inverted(scale), node if gamma is None else None)
    if facts is None:
        return None
    x, axis, eps = facts
    if gamma is None:
        return Box((x,), lambda t, x: boxes.standardized(x, axis=axis, eps=eps))
    factor, data = gamma
    if factor is None:
        return Box((x,), lambda t, x: t.plain(data) * boxes.standardized(x, axis=axis, eps=eps))
    return Box((x, factor), lambda t, x, factor: factor * boxes.standardized(x, axis=axis, eps=eps))


def written_out(node: Any) -> Box | None:
    """(x - μ) / √(σ² + ε), as people write it."""
    facts = _standard(came(node, 0, a.sub), _root(node.inputs[1]), node)
    if facts is None:
        return None
    x, axis, eps = facts
    return Box((x,), lambda t, x: boxes.standardized(x, axis=axis, eps=eps))


def _root(x: Any) -> Any:
    """y where a node is √y."""
    if x is None or not (x.op is a.sqrt or (x.op is e.power and is_number(x, 1, 0.5))):
        return None
    return x.inputs[0]


def _inverted(x: Any) -> Any:
    """y where a node is 1 / √y."""
    if x is not None and x.op is e.power and is_number(x, 1, -0.5):
        return x.inputs[0]
    return _root(x.inputs[1]) if x is not None and x.op is a.div and is_number(x, 0, 1.0) else None


def _standard(centred: Any, shifted: Any, node: Any) -> tuple[Any, tuple[int, ...], float] | None:
    """(x, axis, ε) where x - μ is divided by the root of `shifted`, which is σ² + ε of x.

    The node, if the quotient is one, shows whether both broadcast along the right axes.
    """
    place = next((k for k in (0, 1) if came(shifted, k, *VARIANCES) is not None), None)
    eps = number(shifted, 1 - place) if shifted is not None and place is not None else None
    found = _variance(shifted.inputs[place]) if eps is not None and shifted.op is a.add else None
    if centred is None or found is None or eps is None or centred.inputs[0] is not found[0]:
        return None
    x, axis = found
    if not _is_mean(centred.inputs[1], x, axis):
        return None
    data = np.asarray(x._data)
    mean, var = data.mean(axis, keepdims=True), data.var(axis, keepdims=True)
    if centred._data.shape != data.shape or not np.allclose(centred._data, data - mean):
        return None
    if node is not None and not np.allclose(node._data, (data - mean) / np.sqrt(var + eps)):
        return None
    return x, axis, eps


def _variance(var: Any) -> tuple[Any, tuple[int, ...]] | None:
    """(x, axis) where a node is the variance of x."""
    while var is not None and var.op in (shaping.reshape, a.where):
        var = var.inputs[0 if var.op is shaping.reshape else 1]
    found = _mean_of(var)
    centred = _squared(found[0]) if found is not None else None
    if found is None or centred is None or centred.op is not a.sub:
        return None
    x, axis = centred.inputs[0], found[1]
    return (x, axis) if x is not None and _is_mean(centred.inputs[1], x, axis) else None


def _squared(x: Any) -> Any:
    """y where a node is y², y·y or y**2."""
    if x.op is a.square or (x.op is e.power and is_number(x, 1, 2.0)):
        return x.inputs[0]
    return x.inputs[0] if x.op is a.mul and x.inputs[0] is x.inputs[1] else None


def _mean_of(x: Any) -> tuple[Any, tuple[int, ...]] | None:
    """(y, axis) where a node is the mean of y, or its sum over the count, reshaped or not."""
    while x is not None and x.op is shaping.reshape:
        x = x.inputs[0]
    total = x if x is not None and x.op is reduction.mean else came(x, 0, reduction.sum_)
    if total is None or total.inputs[0] is None:
        return None
    axis = total.static["axis"]
    count = math.prod(np.shape(total.saved[0])[i] for i in axis)
    if total is not x and not (x.op is a.div and is_number(x, 1, count)):
        return None
    return total.inputs[0], axis


def _is_mean(mean: Any, x: Any, axis: tuple[int, ...]) -> bool:
    found = _mean_of(mean)
    return found is not None and found[0] is x and found[1] == axis


VARIANCES = (reduction.mean, a.div, shaping.reshape, a.where)


# --- Means ----------------------------------------------------------------------------------------


def mean(node: Any) -> Box:
    """The mean along axes."""
    facts = dict(node.static)
    return Box((node.inputs[0],), lambda t, x: boxes.mean(x, **facts))


def average(node: Any) -> Box | None:
    """The mean of all entries, over the number of rows and what else there is."""
    shape = np.shape(node.saved[0])
    if np.shape(node._data) or not shape or shape[0] < 2:
        return None
    rest = math.prod(shape[1:])

    def make(t: Any, x: Any) -> Any:
        return boxes.average(x, count=t.count(shape[0]) * rest if rest != 1 else t.count(shape[0]))

    return Box((node.inputs[0],), make)


def divided(node: Any) -> Box | None:
    """A total over the number of rows."""
    total = node.inputs[0]
    if total is not None and total.op is a.neg:
        total = total.inputs[0]
    if np.shape(node._data) or total is None or total.op is not reduction.sum_:
        return None
    shape = np.shape(total.saved[0])
    if not shape or shape[0] < 2 or number(node, 1) != shape[0]:
        return None
    return Box((node.inputs[0],), lambda t, x: x / t.count(shape[0]))
