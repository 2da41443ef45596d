"""The DOT source: kinds of nodes, and edges."""

import re

import autograd as ag
import nn
from autograd.visualize.dot import KINDS


def test_kinds_of_nodes_look_different():
    class Parameter(ag.Tensor):
        __slots__ = ()
        _is_parameter = True

    p = Parameter([1.0, 2.0], requires_grad=True, name="p")
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    dot = ag.draw((ag.exp(p * x) * 2.0).sum()).dot
    dot += ag.draw(nn.ReLU()(x).sum(), depth=0).dot
    styles = {kind: re.search(rf"legend_{kind} \[(.*?label=.*?)\]", dot)[1] for kind in KINDS}
    looks = {re.sub(r"label=\S+", "", style) for style in styles.values()}
    assert len(looks) == 6
    assert "legend_parameter" not in ag.draw(x * x).dot


def test_a_node_used_twice_has_two_edges():
    x = ag.Value(3.0)
    assert ag.draw(x * x).dot.count("n1 -> n2") == 2
