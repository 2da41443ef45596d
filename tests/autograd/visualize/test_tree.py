"""The tree of what a picture shows."""

import numpy as np

import autograd as ag
import nn
from autograd.visualize.clusters import Closed, Clusters
from autograd.visualize.tree import Group, groups_of, nodes_of, tree


def test_calls_of_modules_are_groups_in_order():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Tanh(), nn.Linear(2, 2)))
    y = model(ag.Tensor(np.ones((1, 2)), requires_grad=True)).sum()
    nodes = ag.ancestors([y])
    root = tree(nodes, Clusters(nodes, [y], None))
    assert [g.scope and g.scope.path for g in groups_of(root)] == [None, "", "0", "1", "1.0", "1.1"]
    assert [n.op.name for n in nodes_of(root)] == [n.op.name for n in nodes if n.op is not None]
    assert root.children[-1] is y and not root.is_loop and Group(count=2).is_loop


def test_a_closed_box_stands_where_it_was_finished():
    x = ag.Tensor([1.0], requires_grad=True)
    with ag.part("p"):
        a = x * 2.0
        b = a + x
    y = b * a
    nodes = ag.ancestors([y])
    root = tree(nodes, Clusters(nodes, [y], None, closes_parts=True))
    box, last = root.children
    assert isinstance(box, Closed) and last is y and list(nodes_of(box)) == [a, b]
