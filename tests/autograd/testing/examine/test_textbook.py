"""The rules of the textbook are right."""

import numpy as np
import pytest

import autograd as ag
from autograd.testing.examine import textbook as t

X = np.random.default_rng(0).normal(size=(3, 4))


@pytest.mark.parametrize(
    ("op", "static"),
    [(t.softmax, {"axis": (1,)}), (t.log_softmax, {"axis": (0,)}), (t.sigmoid, {}), (t.tanh, {})],
    ids=lambda x: getattr(x, "name", None) or str(x),
)
def test_rules(op, static):
    g = np.random.default_rng(1).normal(size=X.shape)
    own = op.rules[0](g, op.kernel(X, **static), X, **static)
    numeric = ag.numerical_gradient(lambda x: float(np.sum(g * op.kernel(x, **static))), X)
    np.testing.assert_allclose(own, numeric, atol=1e-8)


@pytest.mark.parametrize(
    ("op", "center"), [(t.normalize, True), (t.rms_normalize, False)], ids=["normalize", "rms"]
)
def test_normalizations(op, center):
    g = np.random.default_rng(1).normal(size=X.shape)

    def forward(x):
        c = x - x.mean(0) if center else x
        return op.kernel(x, np.sqrt((c * c).mean(0)), axis=(0,))

    c = X - X.mean(0) if center else X
    own = op.rules[0](g, forward(X), X, np.sqrt((c * c).mean(0)), axis=(0,))
    numeric = ag.numerical_gradient(lambda x: float(np.sum(g * forward(x))), X)
    np.testing.assert_allclose(own, numeric, atol=1e-7)


def test_cross_entropy():
    y = np.eye(4)[[0, 2, 1]]
    own = t.cross_entropy.rules[0](1.0, None, X, y, 0.5, axis=-1)
    numeric = ag.numerical_gradient(lambda x: float(t.cross_entropy.kernel(x, y, 0.5, axis=-1)), X)
    np.testing.assert_allclose(own, numeric, atol=1e-8)
