"""Nodes: what they remember, what may be assigned to them, and when they are freed."""

import numpy as np
import pytest

import autograd as ag
import nn

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


@KINDS
def test_a_computed_node_cannot_be_assigned(make):
    y = make(2.0) * 3.0
    with pytest.raises(ag.GraphError, match="that mul computed"):
        y.data = 1.0


@KINDS
def test_detach_and_stop_gradient_cut(make):
    x = make(3.0)
    (x * x.detach() * ag.stop_gradient(x)).backward()
    assert x.grad == 9.0


def test_a_graph_is_freed_by_reference_counting(no_cycles):
    x = ag.Tensor(np.ones((3, 3)), requires_grad=True)
    y = ag.softmax(x @ x, axis=0).sum()
    y.backward()
    [g] = ag.gradients((x * x).sum(), [x], create_graph=True)
    ag.gradients(g.sum(), [x])
    v = ag.Value(0.5)
    (v.tanh() * v.exp() + v).backward()
    ag.grad(ag.grad(lambda t: t**3))(2.0)
    ag.hessian(lambda t: ag.norm(t) * t.sum())(np.ones(3))
    ag.check_gradients(lambda t: ag.tanh(t), np.ones(2), order=2)
    _ = ag.draw([y, v]).dot
    y.register_hook(lambda g: g * 2.0)
    y.retain_grad()
    y.backward()
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        optimizer.zero_grad()
        nn.cross_entropy(model(np.ones((4, 2))), [0, 1, 1, 0]).backward()
        optimizer.step()


@pytest.mark.parametrize(
    ("make", "length"),
    [(ag.Value, 1_000_000), (lambda x: ag.Tensor(x, requires_grad=True), 100_000)],
)
def test_long_chains(make, length):
    x = make(1.0)
    y = x
    for _ in range(length):
        y = y + 1.0
    y.backward()
    assert x.grad == 1.0
    assert y.data == length + 1.0
    picture = ag.draw(y, max_nodes=20).dot
    assert f"{length + 1:,}" in picture
    del y  # freed without recursion
