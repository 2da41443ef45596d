"""The rules of collectives are each other's adjoints, with four ranks in one process."""

import numpy as np
import pytest

from autograd.primitives import collective as c

RANKS = 4


class Played:
    """Four ranks whose arrays are the rows of one: a collective computes all rows at once."""

    def all_reduce(self, x):
        return np.broadcast_to(x.sum(axis=0), x.shape)

    def all_gather(self, x):
        return np.broadcast_to(
            x.reshape(1, -1, *x.shape[2:]), (RANKS, RANKS * x.shape[1], *x.shape[2:])
        )

    def reduce_scatter(self, x):
        return x.sum(axis=0).reshape(RANKS, -1, *x.shape[2:])

    def broadcast(self, x, root):
        return np.broadcast_to(x[root], x.shape)

    def reduce(self, x, root):
        out = np.zeros_like(x)
        out[root] = x.sum(axis=0)
        return out


@pytest.mark.parametrize(
    ("op", "static"),
    [
        (c.all_reduce, {}),
        (c.all_gather, {}),
        (c.reduce_scatter, {}),
        (c.broadcast_from, {"root": 2}),
        (c.reduce_to, {"root": 1}),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_a_rule_is_the_adjoint_of_its_kernel(op, static):
    """⟨A x, g⟩ = ⟨x, Aᵀ g⟩ over the arrays of all ranks."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(RANKS, 8, 3))
    out = op.kernel(x, world=Played(), **static)
    g = rng.normal(size=out.shape)
    back = op.rules[0](g, out, x, world=Played(), **static)
    assert back.shape == x.shape
    np.testing.assert_allclose((out * g).sum(), (x * back).sum(), rtol=1e-12)
