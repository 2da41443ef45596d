"""A box that is a name: value and slopes are those of the part of the graph that it names."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.derivation.named import Part, convolution

rng = np.random.default_rng(0)


def found_in(out):
    return next((box for n in ag.ancestors([out]) if n.op and (box := convolution(n))), None)


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_a_convolution_is_found_with_what_it_is_of(padding):
    layer = nn.Conv2d(2, 3, 3, padding=padding)
    x = ag.Tensor(rng.normal(size=(2, 2, 5, 5)), requires_grad=True)
    assert list(found_in(layer(x)).inputs) == [x, layer.weight]


def test_what_slides_otherwise_is_none():
    x = ag.Tensor(rng.normal(size=(2, 4, 6, 6)), requires_grad=True)
    assert found_in(nn.Conv2d(4, 4, 3, groups=2)(x)) is None
    assert found_in(nn.AvgPool2d(2)(x)) is None and found_in(nn.MaxPool2d(2)(x)) is None
    assert found_in(nn.ConvTranspose2d(4, 2, 2)(x)) is None


def test_a_part_computes_what_the_graph_computes_elsewhere():
    x, w = (ag.Tensor(rng.normal(size=(3, 3)), requires_grad=True) for _ in range(2))
    h = x * 2.0
    node = ag.tanh(h @ w) * w
    part = Part(node, (h, w))
    assert [n.op.name for n in part.steps] == ["matmul", "tanh", "mul"]
    there = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    assert np.array_equal(part.value(*there), np.tanh(there[0] @ there[1]) * there[1])
    g = rng.normal(size=(3, 3))
    nodes = [ag.Tensor(a, requires_grad=True) for a in there]
    right = ag.gradients(ag.tanh(nodes[0] @ nodes[1]) * nodes[1], nodes, seed=g)
    for place in (0, 1):
        assert np.array_equal(part.gradient(place)(g, *there), right[place])
