"""Equal steps are drawn once, with what serves them; what differs is not."""

import re
import sys

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.visualize.drawn import Drawn, Options
from autograd.visualize.labels import number
from autograd.visualize.staging import scene_of
from autograd.visualize.tree import groups_of
from tests.cases import texts


def loops(y, **options):
    """The loops of a drawing: how many steps each has, and how many things are in a step."""
    drawn = Drawn([y], Options(**options))
    return [(g.count, len(g.children)) for g in groups_of(drawn.root) if g.is_loop]


def names(y, **options):
    scene = scene_of(Drawn([y], Options(**options)))
    return [box.lines[0][0] for box in scene.root.boxes() if box.lines]


X = np.random.default_rng(0).normal(size=(10, 2, 3))


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
def test_the_steps_of_a_recurrent_layer(cell):
    ag.random.seed(0)
    y = cell(3, 5)(ag.Tensor(X, requires_grad=True, name="x"))[0].sum()
    [(count, _)] = loops(y)
    assert count == 10
    seen = names(y)
    assert seen.count("weight_hh_l0") == 1 and seen.count("getitem") == 1
    assert seen.count("reshape") == 1, "what joins the results takes them one by one"
    scene = scene_of(Drawn([y], Options()))
    assert [f.title for f in scene.root.frames() if f.kind == "loop"] == ["× 10"]
    assert any(edge.loop is not None for edge in scene.edges)
    assert loops(y, fold=False) == []
    assert len(names(y, fold=False)) > 3 * len(seen)


def test_what_each_step_was_given_is_said():
    y = nn.RNN(3, 5)(ag.Tensor(X, requires_grad=True))[0].sum()
    seen = texts(ag.draw(y).svg)
    assert "[0] … [9]" in seen and "zeros (2, 5)" in seen


def test_layers_of_equal_shapes():
    ag.random.seed(0)
    layers = [layer for _ in range(50) for layer in (nn.Linear(4, 4), nn.ReLU())]
    model = nn.Sequential(*layers, nn.Linear(4, 2))
    y = model(np.ones((3, 4))).sum()
    y.backward()
    assert loops(y) == [(50, 2)] and loops(y, depth=1) == [(50, 2)]
    scene = scene_of(Drawn([y], Options()))
    [title] = [f.title for f in scene.root.frames() if f.kind == "loop"]
    assert title == "× 50:  0 … 98"
    seen = names(y)
    assert seen.count("weight × 50") == 1 and "100.weight" in seen
    box = next(b for b in scene.root.boxes() if b.lines[0][0] == "weight × 50")
    norm = np.sqrt(sum((model[i].weight.grad ** 2).sum() for i in range(0, 100, 2)))
    assert (f"‖grad‖ {number(norm)}", "gradient") in box.lines


def test_four_equal_encoder_layers():
    ag.random.seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    y = nn.TransformerEncoder(layer, 4)(ag.Tensor(np.ones((2, 5, 8)), requires_grad=True)).sum()
    assert loops(y) == [(4, 1)]
    width = float(re.search(r'width="([\d.]+)"', ag.draw(y).svg)[1])
    assert width < 1900


def stacks(model, x=None):
    x = ag.Tensor(np.ones((2, 4)), requires_grad=True) if x is None else x
    scene = scene_of(Drawn([model(x)], Options(depth=1)))
    return [(box.lines[0][0], box.count) for box in scene.root.boxes() if box.kind == "module"]


def test_equal_boxes_in_a_row_are_one():
    model = nn.Sequential(*(nn.Linear(4, 4) for _ in range(5)))
    assert stacks(model) == [("Linear × 5", 5)]
    assert "0 … 4" in texts(ag.draw(model(np.ones((2, 4))), depth=1).svg)
    assert "100 parameters" in texts(ag.draw(model(np.ones((2, 4))), depth=1).svg)


def test_boxes_that_differ_stay():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2))
    assert stacks(model) == [("Linear × 2", 2), ("2", 1)]


def test_a_box_with_a_second_user_stays():
    class Skip(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = (nn.Linear(4, 4) for _ in range(3))

        def forward(self, x):
            y = self.a(x)
            return self.c(self.b(y) + y)

    assert [count for _, count in stacks(Skip())] == [1, 1, 1]


def test_steps_that_do_not_use_each_other_stay():
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.heads = nn.ModuleList(nn.Linear(4, 4) for _ in range(4))

        def forward(self, x):
            return ag.concatenate([head(x) for head in self.heads])

    assert [count for _, count in stacks(Heads())] == [1, 1, 1, 1]


def test_a_result_among_the_steps_keeps_them_apart():
    x = ag.Tensor(np.ones((1, 4)), requires_grad=True)
    model = nn.Sequential(*(nn.Linear(4, 4) for _ in range(3)))
    middle = model[0](x)
    drawn = Drawn([model[2](model[1](middle)), middle], Options(depth=0))
    assert all(g.count == 1 or g.count == 2 for g in groups_of(drawn.root))
    assert drawn.ids[middle] not in [
        drawn.ids[n] for n in drawn.everything if n.number > middle.number
    ]


def test_numbers_in_a_loop():
    x = ag.Value(1.0, name="first")
    for _ in range(1000):
        x = x * 1.01
    assert loops(x) == [(1000, 1)]
    assert names(x) == ["first", "1.01", "×"]
    y = ag.Value(1.0)
    for t in range(1, 20):
        y = y * (0.5 * t)
    assert names(y) == ["1", "0.5 … 9.5", "×"]


def test_a_short_expression_is_drawn_as_it_is():
    a, b, c = (ag.Value(float(i), name=n) for i, n in enumerate("abc"))
    y = a + b + c + a + b
    assert loops(y) == [] and loops((a * b).tanh().tanh().tanh()) == []


def test_steps_in_steps():
    ag.random.seed(0)
    inner = [layer for _ in range(4) for layer in (nn.Linear(3, 3), nn.Tanh())]
    blocks = [
        nn.Sequential(nn.Linear(3, 3), *inner, nn.Linear(3, 3), nn.Sigmoid()) for _ in range(5)
    ]
    y = nn.Sequential(*blocks)(ag.Tensor(np.ones((1, 3)), requires_grad=True)).sum()
    found = loops(y)
    assert (5, 1) in found and (4, 2) in found
    drawn = Drawn([y], Options())
    assert set(drawn.ids) == set(drawn.everything), "every node has a box that stands for it"


def test_shared_parameters_stand_outside_and_own_ones_inside():
    y = nn.RNN(3, 5)(ag.Tensor(X, requires_grad=True))[0].sum()
    scene = scene_of(Drawn([y], Options()))
    [loop] = [f for f in scene.root.frames() if f.kind == "loop"]
    assert "weight_hh_l0" not in [b.lines[0][0] for b in loop.boxes()]
    ag.random.seed(0)
    model = nn.Sequential(*[z for _ in range(4) for z in (nn.Linear(4, 4), nn.ReLU())])
    scene = scene_of(Drawn([model(np.ones((1, 4))).sum()], Options()))
    [loop] = [f for f in scene.root.frames() if f.kind == "loop"]
    assert "weight × 4" in [b.lines[0][0] for b in loop.boxes()]


def test_a_tied_layer_is_a_loop_with_one_weight():
    layer = nn.Linear(4, 4)

    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = layer

        def forward(self, x):
            for _ in range(6):
                x = ag.tanh(self.layer(x))
            return x

    y = Tied()(ag.Tensor(np.ones((1, 4)), requires_grad=True)).sum()
    assert loops(y) == [(6, 2)] and "layer.weight" in names(y)


def test_the_effort_grows_no_faster_than_the_graph():
    """A chain that is almost regular holds many short loops in long rows."""

    def looked_at(count):
        x = y = ag.Value(1.0)
        for i in range(count):
            y = y * 1.0001 + (x if i % 7 == 0 else 0.1)
        calls = 0

        def count_calls(frame, event, argument):
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count_calls)
        try:
            Drawn([y], Options())
        finally:
            sys.setprofile(None)
        return calls

    small, large = looked_at(150), looked_at(600)
    assert large < 6 * small
