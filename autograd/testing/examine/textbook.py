"""Steps as textbooks know them, larger than a primitive: softmax, normalization, cross-entropy.

A part of a graph is recognized as one of these if it computes the same numbers. Then the changes
that operators make of the textbook's rule are tried, because a person who writes a backward pass by
hand starts from that rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.primitives import elementary


def sum_(x: Any, axis: Any) -> Any:
    """The sum along axes, which are kept."""
    return np.sum(x, axis=axis, keepdims=True)


def mean_(x: Any, axis: Any) -> Any:
    """The mean along axes, which are kept."""
    return np.mean(x, axis=axis, keepdims=True)


def _softmax(x: Any, *, axis: Any) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / sum_(e, axis)


def _log_softmax(x: Any, *, axis: Any) -> Any:
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(sum_(np.exp(shifted), axis))


def _normalize(x: Any, std: Any, *, axis: Any) -> Any:
    return (x - mean_(x, axis)) / std


def _divide(x: Any, std: Any, *, axis: Any) -> Any:
    return x / std


def _cross_entropy(x: Any, y: Any, scale: Any, *, axis: Any) -> Any:
    return -np.sum(scale * y * _log_softmax(x, axis=axis))


softmax: Primitive = Primitive(
    "softmax",
    _softmax,
    lambda g, out, x, *, axis: out * (g - sum_(g * out, axis)),
    formula="eˣ / Σ eˣ",
)
log_softmax: Primitive = Primitive(
    "log-softmax",
    _log_softmax,
    lambda g, out, x, *, axis: g - np.exp(out) * sum_(g, axis),
    formula="x - ln Σ eˣ",
)
sigmoid: Primitive = Primitive(
    "sigmoid",
    elementary.sigmoid.kernel,
    lambda g, out, x: g * (out * (1.0 - out)),
    formula="1 / (1 + e⁻ˣ)",
)
tanh: Primitive = Primitive(
    "tanh",
    np.tanh,
    lambda g, out, x: g * (1.0 - out * out),
    formula="tanh x",
)
normalize: Primitive = Primitive(
    "normalization",
    _normalize,
    lambda g, out, x, std, *, axis: (g - mean_(g, axis) - out * mean_(g * out, axis)) / std,
    None,
    formula="(x - μ) / σ",
)
rms_normalize: Primitive = Primitive(
    "normalization by the root mean square",
    _divide,
    lambda g, out, x, std, *, axis: (g - out * mean_(g * out, axis)) / std,
    None,
    formula="x / √(mean of x²)",
)
cross_entropy: Primitive = Primitive(
    "cross-entropy",
    _cross_entropy,
    lambda g, out, x, y, scale, *, axis: g * (scale * (_softmax(x, axis=axis) - y)),
    None,
    None,
    formula="-Σ y ln softmax(x)",
)
