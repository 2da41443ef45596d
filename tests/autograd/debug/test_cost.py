"""The multiply-adds of a node, counted for every contraction of the engine."""

import numpy as np
import pytest

import autograd as ag
from autograd.debug.cost import MULTIPLY_ADDS
from autograd.primitives import contraction
from autograd.primitives.indexing import scatter_add
from autograd.primitives.reduction import broadcast_to
from autograd.primitives.shaping import reshape

X = ag.Tensor(np.ones((2, 3, 4)), requires_grad=True)


@pytest.mark.parametrize(
    ("node", "count"),
    [
        (X @ np.ones((4, 5)), 2 * 3 * 4 * 5),
        (X @ np.ones((2, 4, 5)), 2 * 3 * 4 * 5),
        (ag.inner(X, np.ones((5, 4))), 2 * 3 * 4 * 5),
        (ag.einsum("ijk,kl->il", X, np.ones((4, 5))), 2 * 3 * 4 * 5),
        (ag.einsum("ijk->kji", X), 0),
        (X + X, 0),
        (X, 0),
        (ag.Value(2.0) * 3.0, 0),
    ],
)
def test_multiply_adds(node, count):
    assert sum(map(ag.multiply_adds, ag.ancestors([node]))) == count


def test_every_contraction_has_an_entry():
    made = {p for p in vars(contraction).values() if isinstance(p, ag.Primitive)}
    assert made - {reshape, broadcast_to, scatter_add} == set(MULTIPLY_ADDS)
