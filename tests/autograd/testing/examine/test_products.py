"""Products of other arrays."""

from autograd.testing.examine.products import other_products
from tests.autograd.testing.examine.graphs import kinds, normal, trial

X, W = normal(6, 4), normal(4)


def test_another_factor_in_a_sum():
    forward = lambda x, gamma: gamma * (x - x.mean(0))
    g = trial(forward, X, W).seeds[0]
    t = trial(forward, X, W, answer=lambda _: {"gamma": (g * X).sum(0)})
    assert kinds(other_products(t, "gamma"), t, "gamma") == {"wrong operand"}
