"""The pass that is kept agrees with the engine, and changes in it do what they should."""

import numpy as np
import pytest

import autograd as ag
from tests.autograd.testing.examine.graphs import flow, mlp, normal

X, W, B = normal(4, 3), normal(3, 5), normal(5)


def edge_of(f, name):
    [found] = [e for e in f.edges() if f.nodes[e[0]].op.name == name and e[1] == 0]
    return found


def test_gradients_are_the_engines():
    f = flow(mlp, X, W, B)
    nodes = [ag.Tensor(a, requires_grad=True) for a in (X, W, B)]
    expected = ag.gradients(mlp(*nodes), nodes, seed=f.seeds[0])
    for name, g in zip("xWb", expected, strict=True):
        np.testing.assert_allclose(f.gradients[name], g, rtol=1e-12)


def test_a_change_at_one_edge_spreads_to_all_that_follows():
    f = flow(mlp, X, W, B)
    edge = edge_of(f, "tanh")
    changed = f.changed(edge, 2.0 * f.handed[edge])
    for name in "xWb":
        np.testing.assert_allclose(changed[name], 2.0 * f.gradients[name], rtol=1e-12)


def test_a_value_of_another_shape_fits_only_a_variable_with_one_consumer():
    f = flow(mlp, X, W, B)
    [to_b] = [e for e in f.edges() if f.spot(e).to is f.leaves["b"]]
    assert f.changed(to_b, np.ones((4, 5)))["b"].shape == (4, 5)
    assert f.changed(edge_of(f, "tanh"), np.ones(3)) is None


def test_an_altered_pass_is_a_pass_of_its_own():
    f = flow(mlp, X, W, B)
    node = f.number[f.spot(edge_of(f, "tanh")).to]
    difference = np.ones((4, 5))
    other = f.altered({node: [lambda _: (node, difference)]})
    np.testing.assert_allclose(other.gradients["b"], f.gradients["b"] + 4.0)
    np.testing.assert_allclose(other.gradients["W"], f.gradients["W"] + X.T @ difference)
    assert other.handed is not f.handed


def shifted(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def test_what_a_softmax_subtracts_is_silent():
    f = flow(shifted, X)
    assert {f.nodes[i].op.name for i in f.silent} == {"max"}
    assert not flow(mlp, X, W, B).silent


def test_raw_contributions_are_not_summed():
    f = flow(mlp, X, W, B)
    [to_b] = [e for e in f.edges() if f.spot(e).to is f.leaves["b"]]
    assert f.raw(to_b).shape == (4, 5) and f.handed[to_b].shape == (5,)


@pytest.mark.parametrize("name", ["x", "W"])
def test_a_variable_without_influence_has_gradient_zero(name):
    f = flow(lambda x, W: x * 1.0 if name == "W" else W * 1.0, X, W)
    np.testing.assert_array_equal(f.gradients[name], 0.0)
