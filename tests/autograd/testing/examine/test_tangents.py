"""Tangents tell the effect of a change without a backward pass."""

import numpy as np

from autograd.testing.examine.tangents import Tangents
from tests.autograd.testing.examine.graphs import flow, mlp, normal

X, W, B = normal(4, 3), normal(3, 5), normal(5)


def test_the_effect_of_a_difference():
    f = flow(mlp, X, W, B)
    tangents = Tangents(f, "W", np.random.default_rng(0))
    for i in range(len(f.nodes)):
        difference = normal(*np.shape(f.nodes[i]._data))
        added = f.handed_down({i: difference}).get("W", np.zeros_like(W))
        effect = tangents.effect(i, difference)
        np.testing.assert_allclose(effect, tangents.along(added), rtol=1e-6, atol=1e-8)
        assert np.abs(effect).max() <= 3.0 * tangents.size(i, difference) + 1e-9
