"""Boxes against what the engine makes of the composition: slopes of every one."""

import numpy as np
import pytest

import autograd as ag
from autograd.derivation import boxes
from autograd.engine.primitive import Primitive

rng = np.random.default_rng(0)
Z = rng.normal(size=(5, 4))
SHARES = rng.dirichlet(np.ones(4), 5)
CLASSES = (np.arange(5), np.array([0, 3, 1, 2, 3]))
AXIS = {"axis": (1,)}


def nll(z):
    return -ag.log_softmax(z)[CLASSES]


CASES = {
    "softmax": (boxes.softmax, (Z,), AXIS, ag.softmax),
    "log_softmax": (boxes.log_softmax, (Z,), AXIS, ag.log_softmax),
    "cross_entropy": (boxes.cross_entropy, (Z,), AXIS | {"index": CLASSES}, nll),
    "surprise": (
        boxes.surprise,
        (Z, SHARES),
        AXIS,
        lambda z, t: -ag.sum(ag.log_softmax(z) * t, axis=1),
    ),
    "logsumexp": (
        boxes.logsumexp,
        (Z,),
        AXIS | {"keepdims": False},
        lambda z: ag.logsumexp(z, axis=1),
    ),
    "extremum": (
        boxes.extremum,
        (Z,),
        AXIS | {"keepdims": False, "largest": False},
        lambda z: ag.min(z, axis=1),
    ),
    "sigmoid": (boxes.sigmoid, (Z,), {}, ag.sigmoid),
    "softplus": (boxes.softplus, (Z,), {}, ag.softplus),
    "bernoulli": (
        boxes.bernoulli,
        (Z, SHARES),
        {},
        lambda z, t: t * ag.softplus(-z) + (1.0 - t) * ag.softplus(z),
    ),
    "clipped_log": (boxes.clipped_log, (SHARES,), {}, ag.log),
    "standardized": (
        boxes.standardized,
        (Z,),
        {"axis": (0,), "eps": 0.1},
        lambda z: (z - ag.mean(z, axis=0)) / ag.sqrt(ag.var(z, axis=0) + 0.1),
    ),
    "mean": (boxes.mean, (Z,), AXIS | {"keepdims": True}, lambda z: ag.mean(z, 1, keepdims=True)),
    "average": (boxes.average, (Z,), {"count": 20.0}, ag.mean),
    "larger": (boxes.larger, (Z,), {"limit": 0.1}, lambda z: ag.maximum(z, 0.1)),
    "smaller": (boxes.smaller, (Z,), {"limit": 0.1}, lambda z: ag.minimum(z, 0.1)),
    "normal_share": (
        boxes.normal_share,
        (Z,),
        {},
        lambda z: 0.5 + 0.5 * ag.erf(z * np.sqrt(0.5)),
    ),
}


def test_every_box_has_a_case():
    assert {n for n, x in vars(boxes).items() if isinstance(x, Primitive)} == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_box_has_the_value_and_the_slopes_of_the_composition(name):
    box, arrays, static, composed = CASES[name]
    sides = []
    for f in (lambda *nodes: box(*nodes, **static), composed):
        nodes = [ag.Tensor(a, requires_grad=True) for a in arrays]
        out = f(*nodes)
        seed = np.random.default_rng(1).normal(size=out.shape)
        if name == "surprise":  # its slope by z holds where the targets sum to 1
            seed = np.abs(seed)
        sides.append([out.data, *ag.gradients(out, nodes, seed=seed)])
    for ours, theirs in zip(*sides, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-14)
