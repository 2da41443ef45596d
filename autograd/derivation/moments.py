"""Which nodes are means and normalizations, as `matching` finds other boxes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.derivation import boxes
from autograd.derivation.boxes import Box
from autograd.derivation.looking import came, is_number, number
from autograd.primitives import arithmetic as a
from autograd.primitives import reduction, shaping

# --- Normalization --------------------------------------------------------------------------------


def standardized(node: Any) -> Box | None:
    """(x - μ) · (1 / √(σ² + ε)), times γ if there is one."""
    centred, scale = came(node, 0, a.sub), node.inputs[1]
    gamma: tuple[Any, Any] | None = None
    if scale is not None and scale.op is a.mul:
        gamma = scale.inputs[1], scale.saved[1]
        scale = scale.inputs[0]
    facts = _standard(centred, scale)
    if facts is None:
        return None
    x, axis, eps = facts
    if gamma is None:
        return Box((x,), lambda t, x: boxes.standardized(x, axis=axis, eps=eps))
    factor, data = gamma
    if factor is None:
        return Box((x,), lambda t, x: t.plain(data) * boxes.standardized(x, axis=axis, eps=eps))
    return Box((x, factor), lambda t, x, factor: factor * boxes.standardized(x, axis=axis, eps=eps))


def _standard(centred: Any, scale: Any) -> tuple[Any, tuple[int, ...], float] | None:
    """(x, axis, ε) where the scale is one over the standard deviation of x."""
    if centred is None or scale is None or scale.op is not a.div or not is_number(scale, 0, 1.0):
        return None
    mean = came(centred, 1, reduction.mean)
    root = came(scale, 1, a.sqrt)
    shifted = came(root, 0, a.add)
    var = came(shifted, 0, reduction.mean)
    squares = came(var, 0, a.square)
    if mean is None or squares is None or squares.inputs[0] is not centred:
        return None
    eps = number(shifted, 1)
    same = mean.inputs[0] is centred.inputs[0] and mean.static == var.static
    if eps is None or not same or not mean.static["keepdims"]:
        return None
    return centred.inputs[0], mean.static["axis"], eps


def written_out(node: Any) -> Box | None:
    """(x - x.mean(axis)) / √(x.var(axis) + ε), as people write it."""
    centred, root = came(node, 0, a.sub), came(node, 1, a.sqrt)
    shifted = came(root, 0, a.add)
    eps = number(shifted, 1) if shifted is not None else None
    found = _variance(shifted.inputs[0]) if eps is not None else None
    if centred is None or found is None or eps is None or centred.inputs[0] is not found[0]:
        return None
    x, axis = found
    data = np.asarray(x._data)
    right = (data - data.mean(axis, keepdims=True)) / np.sqrt(data.var(axis, keepdims=True) + eps)
    if right.shape != np.shape(node._data) or not np.allclose(right, node._data, rtol=1e-9):
        return None  # it subtracts another mean, or along other axes
    return Box((x,), lambda t, x: boxes.standardized(x, axis=axis, eps=eps))


def _variance(var: Any) -> tuple[Any, tuple[int, ...]] | None:
    """(x, axis) where a node is the variance of x."""
    while var is not None and var.op in (shaping.reshape, a.where):
        var = var.inputs[0 if var.op is shaping.reshape else 1]
    total = var if var is None or var.op is reduction.mean else came(var, 0, reduction.sum_)
    squares = came(total, 0, a.square)
    centred = came(squares, 0, a.sub)
    if centred is None:
        return None
    axis = total.static["axis"]
    count = math.prod(np.shape(total.saved[0])[i] for i in axis)
    if var.op is not reduction.mean and not is_number(var, 1, count):
        return None
    return centred.inputs[0], axis


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
