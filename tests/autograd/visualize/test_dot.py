"""Pictures in the language of Graphviz."""

import re
import shutil
import subprocess

import pytest

import autograd as ag
import nn
from autograd.visualize.dot import dot_of
from autograd.visualize.scene import PLAIN, TITLE, Box, Edge, Frame, Grid, Scene


def test_a_node_used_twice_has_two_edges():
    x = ag.Value(3.0)
    assert ag.draw(x * x).dot.count("n1 -> n2") == 2


def scene():
    grids = [Grid([["1", "2"]], [[0.5, 1.0]])]
    one = Box("n1", "input", [("x", TITLE), ("(2,)", PLAIN)], 'a "tip" \\', grids)
    two = Box("n2", "module", [("Block × 3", TITLE)], count=3)
    inner = Frame("cluster_1", "× 4", "loop", [two])
    outer = Frame("cluster_0", "Net", "module", [inner])
    edges = [Edge(one, two, "x"), Edge(two, two, loop=inner), Edge(one, two, dashed=True)]
    return Scene(Frame("root", "", children=[one, outer]), edges, "TB", "showing 2 of 3")


def test_a_scene_in_words():
    lines = [line.strip() for line in dot_of(scene()).splitlines()]
    assert lines[0] == "digraph glassgrad {" and lines[-1] == "}" and "rankdir=TB" in lines[1]
    assert 'label="showing 2 of 3"' in lines[1]
    assert "subgraph cluster_0 {" in lines and "subgraph cluster_1 {" in lines
    assert dot_of(scene()).count("{") == dot_of(scene()).count("}")
    first = next(line for line in lines if line.startswith("n1 ["))
    assert r'label="x\n(2,)\n1  2"' in first and r'tooltip="a \"tip\" \\"' in first
    assert "peripheries=2" in next(line for line in lines if line.startswith("n2 ["))
    assert 'n1 -> n2 [label="x"]' in lines and "n1 -> n2 [style=dashed]" in lines
    assert "n2 -> n2 [style=dashed constraint=false]" in lines


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_it():
    x = ag.Tensor([[1.0, 2.0]], requires_grad=True, name='a "name" \\N {b|c}')
    y = nn.Sequential(nn.Linear(2, 2), nn.Tanh())(x).sum()
    for dot in (dot_of(scene()), ag.draw(y).dot):
        done = subprocess.run(["dot", "-Tplain"], input=dot.encode(), capture_output=True)
        assert done.returncode == 0 and not done.stderr
        boxes = re.findall(r"^\t+(\w+) \[label", dot, re.MULTILINE)
        assert re.findall(r"^node (\w+) ", done.stdout.decode(), re.MULTILINE) == boxes
