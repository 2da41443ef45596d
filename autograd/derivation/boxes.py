"""Boxes: what a person takes as one step, such as a softmax, with the slope that they know for it.

The engine composes a softmax of four primitives and a batch normalization of seven. A derivation
would be as long. Here a few compositions are known by their graph, and stand in a derivation as one
primitive each, with the rule that the chain rule gives once all factors are multiplied out. The
engine itself never uses them: tests hold each against the gradients of the composition.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.compile.program import Operation
from autograd.compile.trace.traced import recorded
from autograd.engine.primitive import Primitive
from autograd.primitives import elementary

add_up: Any = np.add.reduce


def _boxed(name: str, compute: Callable[..., Any]) -> Operation:
    return Operation(f"box.{name}", compute, "box")


# --- What boxes compute ---------------------------------------------------------------------------


def _softmax(z: Any, *, axis: tuple[int, ...]) -> Any:
    e = np.exp(z - np.maximum.reduce(z, axis=axis, keepdims=True, initial=np.finfo(z.dtype).min))
    return e / add_up(e, axis=axis, keepdims=True)


def _one_hot(index: Any, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape)
    out[index] = 1.0
    return out


def _mean(x: Any, *, axis: tuple[int, ...], keepdims: bool = True) -> Any:
    return np.mean(x, axis=axis, keepdims=keepdims)


def _normal_density(x: Any) -> Any:
    return np.exp(-x * x / 2.0) / math.sqrt(2.0 * math.pi)


def _normal_share(x: Any) -> Any:
    return 0.5 + 0.5 * np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2.0))


def _extremum(x: Any, largest: bool, axis: tuple[int, ...], keepdims: bool) -> Any:
    return (np.max if largest else np.min)(x, axis=axis, keepdims=keepdims)


SOFTMAX = _boxed("softmax", _softmax)
ONE_HOT = _boxed("one_hot", _one_hot)
MEAN = _boxed("mean", _mean)
SIGMOID = _boxed("sigmoid", elementary.sigmoid.kernel)
SOFTPLUS = _boxed("softplus", elementary.softplus.kernel)
LOG_SUM_EXP = _boxed(
    "logsumexp",
    lambda x, *, axis, keepdims: np.logaddexp.reduce(x, axis=axis, keepdims=keepdims),
)
EXTREMUM = _boxed("extremum", _extremum)
BECAUSE = _boxed("because", lambda x, *about, why: x)
SHARE, DENSITY = _boxed("Phi", _normal_share), _boxed("phi", _normal_density)


def called(x: Any, name: str) -> Any:
    """A traced value with a name of its own in the derivation, unless the reader has given one."""
    variable = getattr(x, "_variable", None)
    if variable is not None and not variable.name:
        variable.name = name
    return x


def because(x: Any, why: str, *about: Any) -> Any:
    """A gradient, and the word for what a person knows about it; `about` is what the words name."""
    return recorded(BECAUSE, x, *about, why=why)


def _mean_of(x: Any, axis: tuple[int, ...]) -> Any:
    return recorded(MEAN, x, axis=axis)


def _total(x: Any, axis: tuple[int, ...]) -> Any:
    return add_up(x, axis=axis, keepdims=True)


def _kept(x: Any, shape: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    """A result reduced from `shape`, with its axes kept."""
    return x.reshape(tuple(1 if i in axis else n for i, n in enumerate(shape)))


# --- The boxes ------------------------------------------------------------------------------------


def _p(z: Any, axis: tuple[int, ...]) -> Any:
    return called(recorded(SOFTMAX, z, axis=axis), "p")


def _cross_entropy(z: Any, *, axis: tuple[int, ...], index: Any) -> Any:
    return -np.log(_p(z, axis)[index])


def _cross_entropy_rule(g: Any, out: Any, z: Any, *, axis: Any, index: Any) -> Any:
    p = _p(z, axis)
    slope = _kept(g, z.shape, axis) * (p - recorded(ONE_HOT, index, z.shape))
    return because(slope, "cross_entropy", p, z)


def _surprise(z: Any, target: Any, *, axis: tuple[int, ...]) -> Any:
    return -add_up(np.log(_p(z, axis)) * target, axis=axis)


def _surprise_rule(g: Any, out: Any, z: Any, target: Any, *, axis: tuple[int, ...]) -> Any:
    p = _p(z, axis)
    return because(_kept(g, z.shape, axis) * (p - target), "surprise", p, z, target)


def _by_target(g: Any, out: Any, z: Any, target: Any, *, axis: tuple[int, ...]) -> Any:
    return -_kept(g, z.shape, axis) * np.log(_p(z, axis))


def _log_softmax_rule(g: Any, out: Any, z: Any, *, axis: tuple[int, ...]) -> Any:
    p = _p(z, axis)
    return because(g - p * _total(g, axis), "log_softmax", p, z)


def _softmax_rule(g: Any, out: Any, z: Any, *, axis: tuple[int, ...]) -> Any:
    return because(out * (g - _total(g * out, axis)), "softmax", out, z)


def _logsumexp_rule(g: Any, out: Any, z: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return _kept(g, z.shape, axis) * recorded(SOFTMAX, z, axis=axis)


def _extremum_rule(
    g: Any, out: Any, x: Any, *, largest: bool, axis: tuple[int, ...], keepdims: bool
) -> Any:
    return _kept(g, x.shape, axis) * (x == _kept(out, x.shape, axis))


def _bernoulli(z: Any, target: Any) -> Any:
    p = called(recorded(SIGMOID, z), "p")
    return -(target * np.log(p) + (1.0 - target) * np.log(1.0 - p))


def _bernoulli_rule(g: Any, out: Any, z: Any, target: Any) -> Any:
    p = called(recorded(SIGMOID, z), "p")
    return because(g * (p - target), "bernoulli", p, z, target)


def _sigma(x: Any, mean: Any, axis: tuple[int, ...], eps: float) -> Any:
    var = called(_mean_of(np.square(x - mean), axis), "var")
    return called(np.sqrt(var + eps), "sigma")


def _standardized(x: Any, *, axis: tuple[int, ...], eps: float) -> Any:
    mean = called(_mean_of(x, axis), "mu")
    return called((x - mean) / _sigma(x, mean, axis, eps), "x_hat")


def _standardized_rule(g: Any, out: Any, x: Any, *, axis: tuple[int, ...], eps: float) -> Any:
    sigma = _sigma(x, _mean_of(x, axis), axis, eps)
    slope = (g - _mean_of(g, axis) - out * _mean_of(g * out, axis)) / sigma
    return because(slope, "standardized", out, x)


def _mean_rule(g: Any, out: Any, x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    count = math.prod(x.shape[i] for i in axis)
    return np.broadcast_to(_kept(g, x.shape, axis) / count, x.shape)


def _average(x: Any, *, count: Any) -> Any:
    return add_up(x, axis=None) / count


def _average_rule(g: Any, out: Any, x: Any, *, count: Any) -> Any:
    return np.broadcast_to(g / count, x.shape)


# fmt: off
softmax       = Primitive("softmax",       lambda z, *, axis: _p(z, axis),                        _softmax_rule)
log_softmax   = Primitive("log_softmax",   lambda z, *, axis: np.log(_p(z, axis)),                _log_softmax_rule)
cross_entropy = Primitive("cross_entropy", _cross_entropy,                                        _cross_entropy_rule)
surprise      = Primitive("cross_entropy", _surprise,                                             _surprise_rule, _by_target)
logsumexp     = Primitive("logsumexp",     lambda x, **facts: recorded(LOG_SUM_EXP, x, **facts),  _logsumexp_rule)
extremum      = Primitive("extremum",      lambda x, **facts: recorded(EXTREMUM, x, **facts),     _extremum_rule)
sigmoid       = Primitive("sigmoid",       lambda x: recorded(SIGMOID, x),                        lambda g, out, x: g * (out * (1.0 - out)), elementwise=True)
softplus      = Primitive("softplus",      lambda x: recorded(SOFTPLUS, x),                       lambda g, out, x: g * recorded(SIGMOID, x), elementwise=True)
bernoulli     = Primitive("bernoulli",     _bernoulli,                                            _bernoulli_rule, lambda g, out, z, target: -g * z, elementwise=True)
clipped_log   = Primitive("log",           np.log,                                                lambda g, out, x: g / x, elementwise=True)
standardized  = Primitive("standardized",  _standardized,                                         _standardized_rule)
mean          = Primitive("mean",          lambda x, **facts: recorded(MEAN, x, **facts),         _mean_rule)
average       = Primitive("mean",          _average,                                              _average_rule)
larger        = Primitive("max",           lambda x, *, limit: np.maximum(x, limit),              lambda g, out, x, *, limit: g * (x > limit), elementwise=True)
smaller       = Primitive("min",           lambda x, *, limit: np.minimum(x, limit),              lambda g, out, x, *, limit: g * (x < limit), elementwise=True)
normal_share  = Primitive("Phi",           lambda x: called(recorded(SHARE, x), "Phi"),           lambda g, out, x: g * recorded(DENSITY, x), elementwise=True)
# fmt: on


class Box(NamedTuple):
    """What stands in a derivation for a node and some of those before it.

    Attributes:
        inputs: the nodes that it is computed from.
        make: the node, from the tracer, which has what stands for plain data and for the number of
            rows, and from nodes of the derivation.
    """

    inputs: tuple[Any, ...]
    make: Callable[..., Any]
