"""Which nodes a box stands for: each function looks at a node and at what it was computed from."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.derivation import boxes, moments, named
from autograd.derivation.boxes import Box
from autograd.derivation.looking import came, is_number, number
from autograd.engine.graph import Node
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e
from autograd.primitives import indexing, reduction, shaping


def box_of(node: Node) -> Box | None:
    """The box that ends in a node, or None."""
    for match in MATCHES.get(node.op, ()):
        found = match(node)
        if found is not None:
            return found
    return None


# --- Looking at a graph ---------------------------------------------------------------------------


def _flat(x: Any) -> Any:
    """A node before it was only reshaped."""
    while x is not None and x.op is shaping.reshape:
        x = x.inputs[0]
    return x


def _without_shift(x: Any, axis: tuple[int, ...]) -> Any:
    """z where x is z - c, and c is the same along the axes, and constant or the largest; else x.

    The slope of the largest does not matter: a softmax is the same for every shift.
    """
    if x is None or x.op is not a.sub:
        return x
    z, shift = x.inputs
    lengths = np.shape(x.saved[1])
    along = len(lengths) == len(np.shape(x._data)) and all(lengths[i] == 1 for i in axis)
    fixed = shift is None or not shift.requires_grad
    if not fixed and shift.op is reduction.max_:
        fixed = shift.inputs[0] is z and shift.static["axis"] == axis
    return z if z is not None and fixed and along else x


# --- Softmax and cross-entropy --------------------------------------------------------------------


def _softmax(node: Any) -> Box | None:
    """e / Σ e, where a total of 0 may have been replaced by 1."""
    power, total = came(node, 0, e.exp), node.inputs[1]
    if total is not None and total.op is a.where:
        total = total.inputs[2]
    if power is None or total is None or total.op is not reduction.sum_:
        return None
    if total.inputs[0] is not power or not total.static["keepdims"]:
        return None
    axis = total.static["axis"]
    z = _without_shift(power.inputs[0], axis)
    return Box((z,), lambda t, z: boxes.softmax(z, axis=axis))


class LogSum(NamedTuple):
    """ln Σ eᶻ along axes."""

    z: Any
    axis: tuple[int, ...]
    keepdims: bool


def _log_sum(node: Any) -> LogSum | None:
    """ln Σ eᶻ however it is written: as logsumexp, ln Σ exp(z), or m + ln Σ exp(z - m)."""
    node = _flat(node)
    if node is None:
        return None
    if node.op is reduction.logsumexp:
        return LogSum(node.inputs[0], node.static["axis"], node.static["keepdims"])
    if node.op is a.add:
        parts = zip(node.inputs, node.inputs[::-1], node.saved[::-1], strict=True)
        return next((f for x, m, data in parts if (f := _shifted_back(x, m, data))), None)
    total = came(node, 0, reduction.sum_) if node.op is e.log else None
    power = came(total, 0, e.exp)
    if total is None or power is None or power.inputs[0] is None:
        return None
    return LogSum(power.inputs[0], total.static["axis"], total.static["keepdims"])


def _shifted_back(x: Any, m: Any, data: Any) -> LogSum | None:
    """ln Σ eᶻ where x is ln Σ exp(z - m), and m or the data in its place is added."""
    found = _log_sum(x) if x is not None and x.op is not a.add else None
    if found is None or found.z.op is not a.sub:
        return None
    z, shift = found.z.inputs
    same = (
        shift is _flat(m)
        if m is not None
        else np.array_equal(np.ravel(found.z.saved[1]), np.ravel(data))
    )
    return LogSum(z, found.axis, found.keepdims) if z is not None and same else None


def _cross_entropy(node: Any) -> Box | None:
    """ln Σ eᶻ - z[target]; both may be of z - m."""
    total, at = _log_sum(node.inputs[0]), _flat(node.inputs[1])
    if total is None or at is None or at.op is not indexing.getitem:
        return None
    below, axis = total.z, total.axis
    z = _without_shift(below, axis)
    if at.inputs[0] is not below or len(axis) != 1 or at._data.size != node._data.size:
        return None
    index, shape = at.static["index"], np.shape(node._data)

    def make(t: Any, z: Any) -> Any:
        losses = boxes.cross_entropy(z, axis=axis, index=t.plain(index))
        return losses if losses.shape == shape else losses.reshape(shape)

    return Box((z,), make)


def _log_of_softmax(node: Any) -> Box | None:
    """ln p, or ln p[n, y], where p is a softmax."""
    at = came(node, 0, indexing.getitem)
    share = came(node if at is None else at, 0, a.div)
    box = _softmax(share) if share is not None else None
    if box is None:
        return None
    axis = came(share, 1, reduction.sum_).static["axis"]
    if at is None:
        return Box(box.inputs, lambda t, z: boxes.log_softmax(z, axis=axis))
    index = at.static["index"]
    if not _one_of_each(at, share, axis):
        return None
    return Box(box.inputs, lambda t, z: -boxes.cross_entropy(z, axis=axis, index=t.plain(index)))


def _entry_of_log_softmax(node: Any) -> Box | None:
    """(ln p)[n, y]."""
    logs = came(node, 0, a.sub)
    box = _log_softmax(logs) if logs is not None else None
    axis = _axis_of_classes(logs) if box is not None else None
    if box is None or axis is None or not _one_of_each(node, logs, axis):
        return None
    index = node.static["index"]
    return Box(box.inputs, lambda t, z: -boxes.cross_entropy(z, axis=axis, index=t.plain(index)))


def _one_of_each(node: Any, x: Any, axis: tuple[int, ...]) -> bool:
    """Whether a node holds one entry of x along an axis, for each place along the others."""
    if len(axis) != 1 or node._data.ndim != x._data.ndim - 1:
        return False
    return bool(node._data.size == x._data.size // max(1, x._data.shape[axis[0]]))


def _log_softmax(node: Any) -> Box | None:
    """z - ln Σ eᶻ; both may be of z - m."""
    total = _log_sum(node.inputs[1])
    if total is None or total.z is not node.inputs[0] or node.shape != total.z.shape:
        return None
    axis = total.axis
    if not np.allclose(np.sum(np.exp(node._data), axis=axis), 1.0):
        return None  # the sums were broadcast along another axis
    z = _without_shift(node.inputs[0], axis)
    return Box((z,), lambda t, z: boxes.log_softmax(z, axis=axis))


def _surprise(node: Any) -> Box | None:
    """Σ ln softmax(z) · target over the classes or over everything; the targets sum to 1."""
    weighted = came(node, 0, a.mul)
    if weighted is not None and is_number(weighted, 1, 1.0):
        weighted = came(weighted, 0, a.mul)
    for place in (0, 1):
        logs = came(weighted, place, a.sub, e.log)
        if logs is None:
            continue
        found = _log_softmax(logs) if logs.op is a.sub else _log_of_softmax(logs)
        if found is not None:
            return _of_targets(node, weighted, 1 - place, found)
    return None


def _of_targets(node: Any, weighted: Any, place: int, box: Box) -> Box | None:
    """Minus the cross-entropy for targets that stand in one place of a product."""
    target, data = weighted.inputs[place], weighted.saved[place]
    last, axis = len(weighted.shape) - 1, node.static["axis"]
    if np.shape(data) != weighted.shape or node.static["keepdims"] or weighted.op is not a.mul:
        return None
    logs = weighted.inputs[1 - place]
    classes = _axis_of_classes(logs)
    everything = axis == tuple(range(last + 1))
    if classes is None or not (everything or axis == classes):
        return None
    if not np.allclose(np.sum(data, classes), 1.0):
        return None

    def make(t: Any, z: Any, target: Any = None) -> Any:
        losses = boxes.surprise(z, t.plain(data) if target is None else target, axis=classes)
        return -(losses.sum() if everything and losses.shape else losses)

    return Box((*box.inputs, target) if target is not None else box.inputs, make)


def _axis_of_classes(logs: Any) -> tuple[int, ...] | None:
    """The axis along which the exponentials of log-probabilities sum to 1."""
    if logs.op is a.sub:
        found = _log_sum(logs.inputs[1])
        return found.axis if found is not None else None
    total = came(came(logs, 0, a.div), 1, reduction.sum_)
    return total.static["axis"] if total is not None else None


def _logsumexp(node: Any) -> Box:
    facts = dict(node.static)
    return Box((node.inputs[0],), lambda t, x: boxes.logsumexp(x, **facts))


# --- Probabilities of two classes -----------------------------------------------------------------


def _sigmoid(node: Any) -> Box:
    return Box((node.inputs[0],), lambda t, x: boxes.sigmoid(x))


def _softplus(node: Any) -> Box:
    return Box((node.inputs[0],), lambda t, x: boxes.softplus(x))


def _written_sigmoid(node: Any) -> Box | None:
    """1 / (1 + exp(-z))."""
    below = came(node, 1, a.add)
    power = came(below, 0, e.exp) or came(below, 1, e.exp) if below is not None else None
    turned = came(power, 0, a.neg)
    one = below is not None and (is_number(below, 0, 1.0) or is_number(below, 1, 1.0))
    if turned is None or not one or not is_number(node, 0, 1.0):
        return None
    return Box((turned.inputs[0],), lambda t, x: boxes.sigmoid(x))


def _rest(left: Any, right: Any) -> bool:
    """Whether the first factors of two products are y and 1 - y."""
    y, rest = left.inputs[0], came(right, 0, a.sub)
    if y is not None:
        return rest is not None and rest.inputs[1] is y and is_number(rest, 0, 1.0)
    return bool(np.array_equal(1.0 - np.asarray(left.saved[0]), right.saved[0]))


def _clipped_log(node: Any) -> Box | None:
    """ln p, clipped where p is next to 0, or ln(1 - p) as log1p(-p)."""
    log = came(node, 1, e.log, e.log1p)
    guard = came(log, 0, a.where)
    line = came(node, 2, a.add)
    if guard is None or line is None or not np.array_equal(guard.saved[0], node.saved[0]):
        return None
    x = guard.inputs[1]
    if x is None or not np.all(node.saved[0]):
        return None
    if log.op is e.log:
        return Box((x,), lambda t, x: boxes.clipped_log(x))
    if x.op is not a.neg:
        return None
    return Box((x.inputs[0],), lambda t, p: boxes.clipped_log(1.0 - p))


def _bernoulli(node: Any) -> Box | None:
    """y softplus(-z) + (1 - y) softplus(z), or minus that: y ln σ(z) + (1 - y) ln(1 - σ(z))."""
    left, right = came(node, 0, a.mul), came(node, 1, a.mul)
    if left is None or right is None or left.inputs[1] is None or right.inputs[1] is None:
        return None
    z = _logits_of_softplus(left.inputs[1], right.inputs[1])
    negative = z is None
    if z is None:
        z = _logits_of_logs(left.inputs[1], right.inputs[1])
    if z is None or not _rest(left, right):
        return None
    target, data = left.inputs[0], left.saved[0]

    def make(t: Any, z: Any, target: Any = None) -> Any:
        losses = boxes.bernoulli(z, t.plain(data) if target is None else target)
        return -losses if negative else losses

    return Box((z,) if target is None else (z, target), make)


def _logits_of_softplus(positive: Any, negative: Any) -> Any:
    if positive.op is not e.softplus or negative.op is not e.softplus:
        return None
    z = negative.inputs[0]
    turned = came(positive, 0, a.neg)
    return z if turned is not None and turned.inputs[0] is z else None


def _logits_of_logs(positive: Any, negative: Any) -> Any:
    """z, where both are logarithms of p = σ(z) and of 1 - p."""
    p, other = _of_log(positive), _of_log(negative, rest=True)
    if p is None or other is not p:
        return None
    box = _sigmoid(p) if p.op is e.sigmoid else _written_sigmoid(p) if p.op is a.div else None
    return box.inputs[0] if box is not None else None


def _of_log(x: Any, rest: bool = False) -> Any:
    """p where x is ln p, or with `rest` ln(1 - p); clipped or not."""
    if x.op is a.where:
        box = _clipped_log(x)
        return box.inputs[0] if box is not None and (x.inputs[1].op is e.log1p) is rest else None
    if not rest:
        return x.inputs[0] if x.op is e.log else None
    below = came(x, 0, a.sub) if x.op is e.log else None
    return below.inputs[1] if below is not None and is_number(below, 0, 1.0) else None


# --- The rest -------------------------------------------------------------------------------------


def _normal_share(node: Any) -> Box | None:
    """0.5 + 0.5 erf(x / √2)."""
    half = came(node, 1, a.mul)
    root = came(half, 1, e.erf)
    scaled = came(root, 0, a.mul)
    if scaled is None or not is_number(node, 0, 0.5) or not is_number(half, 0, 0.5):
        return None
    factor = number(scaled, 1)
    if factor is None or not math.isclose(factor, math.sqrt(0.5)):
        return None
    return Box((scaled.inputs[0],), lambda t, x: boxes.normal_share(x))


def _square(node: Any) -> Box | None:
    """x · x."""
    x = node.inputs[0]
    return Box((x,), lambda t, x: a.square(x)) if x is not None and node.inputs[1] is x else None


def _limited(node: Any) -> Box | None:
    """max(x, c) or min(x, c) with a number c that no entry is equal to."""
    place = 0 if node.inputs[0] is not None else 1
    x, c = node.inputs[place], number(node, 1 - place)
    if x is None or c is None or np.any(np.equal(node.saved[place], c)):
        return None
    box = boxes.larger if node.op is a.maximum else boxes.smaller
    return Box((x,), lambda t, x: box(x, limit=c))


def _extremum(node: Any) -> Box | None:
    """The largest or the smallest, unless several entries share it."""
    facts = dict(node.static)
    x, largest = np.asarray(node.saved[0]), node.op is reduction.max_
    out = np.expand_dims(node._data, facts["axis"]) if not facts["keepdims"] else node._data
    if np.count_nonzero(x == out) != np.size(node._data):
        return None
    return Box((node.inputs[0],), lambda t, x: boxes.extremum(x, largest=largest, **facts))


MATCHES: dict[Any, tuple[Callable[[Any], Box | None], ...]] = {
    a.div: (_softmax, _written_sigmoid, moments.divided, moments.written_out),
    a.sub: (_cross_entropy, _log_softmax),
    reduction.sum_: (_surprise,),
    a.add: (_bernoulli, _normal_share),
    a.mul: (moments.standardized, _square),
    a.where: (_clipped_log,),
    shaping.transpose: (named.convolution,),
    a.maximum: (_limited,),
    a.minimum: (_limited,),
    e.sigmoid: (_sigmoid,),
    e.softplus: (_softplus,),
    indexing.getitem: (_entry_of_log_softmax,),
    e.log: (_log_of_softmax,),
    reduction.mean: (moments.average, moments.mean),
    reduction.logsumexp: (_logsumexp,),
    reduction.max_: (_extremum,),
    reduction.min_: (_extremum,),
}
