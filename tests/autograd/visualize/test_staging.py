"""Scenes of graphs."""

import random
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.visualize.drawn import Drawn, Options
from autograd.visualize.staging import scene_of


def scene(y, **options):
    return scene_of(Drawn(y if isinstance(y, list) else [y], Options(**options)))


def title(box):
    return box.lines[0][0]


def test_frames_of_modules_and_parts():
    x = ag.Tensor(np.ones((2, 3)), requires_grad=True, name="x")
    y = nn.Sequential(nn.Linear(3, 4), nn.Softmax())(x)
    frames = [(f.title, f.kind) for f in scene(y, parts=False).root.frames()]
    assert frames == [
        ("Sequential", "module"), ("0: Linear", "module"), ("1: Softmax", "module"), ("softmax", "part"),
    ]  # fmt: skip
    assert [f.title for f in scene(y).root.frames()][-1] == "1: Softmax"
    assert "x" in [title(b) for b in scene(y).root.children if hasattr(b, "lines")]


def test_children_stand_in_the_order_of_computation():
    a, b = ag.Value(1.0, name="a"), ag.Value(2.0, name="b")
    late = ag.Value(3.0, name="late")
    y = (a * b).sin() + late
    assert [title(box) for box in scene(y).root.boxes()] == ["a", "b", "×", "sin", "late", "+"]


def test_a_loop_returns_to_where_its_beginning_enters():
    x = ag.Tensor(np.ones((6, 2, 3)), requires_grad=True)
    found = scene(
        nn.RNN(3, 5)(x, ag.Tensor(np.ones((1, 2, 5)), requires_grad=True, name="h0"))[0].sum()
    )
    [back] = [e for e in found.edges if e.loop is not None]
    assert title(back.source) == "tanh" and back.joins is not None
    found = scene(nn.LSTM(3, 5)(x)[0].sum())
    backs = [e for e in found.edges if e.loop is not None]
    assert len(backs) == 2 and len({id(e.joins) for e in backs}) == 2
    assert {title(e.joins) for e in backs} == {"zeros (2, 5)"}
    loop = backs[0].loop
    assert not any(e.joins in list(loop.boxes()) for e in backs)


def test_what_is_left_out_is_said():
    x = ag.Value(1.0)
    for _ in range(30):
        x = x.sin().cos()
    found = scene(x, fold=False, max_nodes=4)
    assert found.notice == "showing 4 of 61 nodes; draw(..., max_nodes=61) shows all"
    assert "…" in [title(box) for box in found.root.boxes()]
    assert scene(x, fold=False).notice == ""


def test_the_sum_says_how_many_terms_it_leaves_out():
    y = sum(ag.Value(float(i), name=f"x{i}") for i in range(100))
    found = scene(y)
    titles = [title(box) for box in found.root.boxes()]
    assert "… 94 more terms" in titles and "Σ 100 terms" in titles
    assert "constant" not in {box.kind for box in found.root.boxes()}, "none is in the graph"
    assert any(edge.dashed for edge in found.edges)


def test_data_that_a_closed_model_was_given():
    found = scene(nn.Linear(3, 4)(np.ones((2, 3))), depth=0)
    assert [title(box) for box in found.root.boxes()] == ["(2, 3)", "Linear"]
    assert len(found.edges) == 1


def random_graph(seed):
    """Operations, parts, and loops of one operation, on Values or Tensors."""
    rng = random.Random(seed)
    make = ag.Value if seed % 2 else (lambda x: ag.Tensor([x, 2 * x], requires_grad=True))
    nodes = [make(0.1 * i) for i in range(1, 4)]
    for _ in range(rng.randrange(5, 60)):
        x, y = rng.choice(nodes[-4:]), rng.choice(nodes)
        kind = rng.randrange(4)
        if kind == 0:
            x = rng.choice([ag.sin, ag.exp, ag.tanh])(x)
        elif kind == 1:
            x = rng.choice([x + y, x * y, x - y])
        elif kind == 2:
            with ag.part("part"):
                x = ag.cos(x * y)
        else:
            for _ in range(rng.randrange(2, 9)):
                x = ag.tanh(x * 1.5 + y)
        nodes.append(x)
    return [nodes[-1], nodes[len(nodes) // 2]]


@pytest.mark.parametrize("seed", range(16))
def test_random_graphs(seed):
    roots = random_graph(seed)
    for options in ({}, {"fold": False, "direction": "TB"}, {"parts": False, "max_nodes": 9}):
        drawn = Drawn(roots, Options(**options))
        names = {box.name for box in scene_of(drawn).root.boxes()}
        assert set(drawn.ids.values()) <= names
        assert "max_nodes" in options or set(drawn.ids) == set(drawn.everything)
        ET.fromstring(ag.draw(roots, **options).svg)


def test_the_data_of_a_part_are_drawn():
    """Attention and convolutions of a plain array show it, once for each copy."""
    ag.random.seed(0)
    data = np.random.default_rng(0).normal(size=(2, 5, 8))
    attention = ag.draw(nn.MultiheadAttention(8, 2, batch_first=True)(data, data, data)[0]).svg
    assert attention.count(">(2, 5, 8)</text>") >= 3 + 1
    images = np.ones((2, 1, 4, 4))
    assert ">(1, 9, 32)</text>" in ag.draw(nn.Conv2d(1, 3, 3, padding=1)(images)).svg
