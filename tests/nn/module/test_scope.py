"""Nodes know the module that made them, and drawings group, close and fold modules by it."""

import copy
import gc
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn

GOLDEN = Path(__file__).parents[2] / "golden"
X = np.random.default_rng(0).normal(size=(4, 8))


class Block(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.norm, self.linear = nn.LayerNorm(8), nn.Linear(8, width)

    def forward(self, x):
        return x + ag.tanh(self.linear(self.norm(x)))


class Net(nn.Module):
    def __init__(self, blocks=12):
        super().__init__()
        self.first = nn.Linear(8, 8)
        self.blocks = nn.ModuleList(Block() for _ in range(blocks))
        self.last = nn.Linear(8, 3)

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.last(x)


def made(kind=Net, *args):
    ag.random.seed(0)
    return kind(*args)


def boxes(drawing):
    """The labels of all boxes, as lists of lines."""
    found = re.findall(r'^\t+n\d+\w* \[label="(.*?)" style', drawing.dot, re.M)
    return [label.split("\\n") for label in found]


def frames(drawing):
    return re.findall(r'subgraph \w+ \{\n\t+label="(.*?)" style', drawing.dot)


def test_nodes_know_their_module():
    net = made()
    out = net(X)
    assert out.module == "last" and (out * 2.0).module == ""
    paths = {node.module for node in ag.ancestors([out]) if node.op is not None}
    assert {"first", "blocks.0", "blocks.0.norm", "blocks.11.linear", "last"} <= paths
    assert net.first.weight.module == ""
    with ag.no_grad():
        assert net(X).module == ""
    nested = nn.Sequential(nn.Sequential(nn.ReLU()))(ag.Tensor([1.0], requires_grad=True))
    assert nested.module == "0.0"


def test_names_hooks_and_kept_gradients_do_not_lose_the_module():
    out = nn.Sequential(nn.ReLU())(ag.Tensor([1.0], requires_grad=True))
    out.name = "out"
    out.retain_grad()
    out.register_hook(lambda g: g * 2.0)
    out.sum().backward()
    assert out.module == "0" and out.name == "out" and out.grad.tolist() == [2.0]


def test_the_scope_ends_with_the_call_also_on_errors_and_in_generators():
    class Fails(nn.Module):
        def forward(self, x):
            raise KeyError

    with pytest.raises(KeyError):
        Fails()(1.0)
    x = ag.Tensor([1.0], requires_grad=True)
    assert (x * 2.0).module == ""

    class Switches(nn.Module):
        def forward(self, x):
            with ag.no_grad():
                constant = x * 2.0
            return x * constant

    assert nn.Sequential(Switches())(x).module == "0"


def test_paths_follow_what_is_registered_later_and_what_is_copied():
    net = nn.Sequential(nn.ReLU())
    x = ag.Tensor([1.0], requires_grad=True)
    assert net(x).module == "0"
    net.append(nn.Tanh())
    assert net(x).module == "1"
    del net._modules["0"]
    assert net(x).module == "1"
    other = copy.deepcopy(net)
    assert other(x).module == "1"
    stranger = nn.ReLU()

    class Calls(nn.Module):
        def forward(self, x):
            return stranger(x)

    assert Calls()(x).module == "" and Calls()(x).note.scope.kind == "ReLU"


def test_a_graph_keeps_no_module_alive():
    out = made()(X).sum()
    gc.collect()
    assert out.module == "" and not [o for o in gc.get_objects() if type(o) is Net]


def test_frames_carry_names_and_parameters_their_paths():
    net = made(nn.MLP, [8, 6, 3])
    drawing = ag.draw(net(X).sum())
    assert sorted(frames(drawing)) == ["0: Linear", "1: ReLU", "2: Linear", "MLP"]
    labels = [lines[0] for lines in boxes(drawing)]
    assert {"0.weight", "0.bias", "2.weight", "2.bias"} <= set(labels)


def test_depth_closes_modules():
    net = made(nn.MLP, [8, 6, 3])
    loss = nn.CrossEntropyLoss()(net(X), [0, 1, 2, 0])
    loss.backward()
    one = boxes(ag.draw(loss, depth=1))
    assert ["0", "Linear", "(4, 6)", "54 parameters"] in [lines[:4] for lines in one]
    norm = np.sqrt((net[0].weight.grad ** 2).sum() + (net[0].bias.grad ** 2).sum())
    assert f"‖grad‖ {norm:.4g}" in next(lines for lines in one if lines[0] == "0")
    whole = boxes(ag.draw(loss, depth=0))
    assert [lines[0] for lines in whole] == ["(4, 8)", "MLP", "CrossEntropyLoss"]
    assert whole[1][1:3] == ["(4, 3)", "75 parameters"]
    dot = ag.draw(loss, depth=0).dot
    assert re.search(r'n\d+ -> n\d+ \[label="\(4, 3\)"', dot), "edges carry the shape that flows"
    deep = ag.draw(made()(X).sum(), depth=2, fold=False)
    blocks = [f"blocks.{i}: Block" for i in range(12)]
    assert sorted(frames(deep)) == sorted(["Net", *blocks])  # a Linear has no modules to show


def test_equal_blocks_in_a_row_fold():
    out = made()(X).sum()
    labels = boxes(ag.draw(out, depth=1))
    assert ["Block × 12", "blocks.0 … blocks.11", "(4, 8)", "1,056 parameters"] in labels
    assert sum(lines[0] == "first" for lines in labels) == 1
    assert len(boxes(ag.draw(out, depth=1, fold=False))) == len(labels) + 11
    assert "peripheries=2" in ag.draw(out, depth=1).dot


def test_different_blocks_and_branches_do_not_fold():
    net = made(Net, 2)
    net.blocks[1].linear = nn.Linear(8, 8, bias=False)
    assert not any("×" in lines[0] for lines in boxes(ag.draw(net(X).sum(), depth=1)))
    branches = nn.Sequential(nn.Residual(nn.ReLU()), nn.Residual(nn.ReLU()))
    x = ag.Tensor(X, requires_grad=True)
    assert any("Residual × 2" in lines[0] for lines in boxes(ag.draw(branches(x), depth=1)))

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.ReLU(), nn.ReLU()

        def forward(self, x):
            y = self.a(x)
            return self.b(y) + y

    assert not any("×" in lines[0] for lines in boxes(ag.draw(Both()(x), depth=1)))


def test_a_module_called_several_times_is_several_boxes_or_one_folded():
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = nn.RNNCell(2, 3)

        def forward(self, x):
            h = None
            for t in range(3):
                h = self.cell(x[t], h)
            return h

    out = made(Recurrent)(np.ones((3, 2, 2)))
    folded = next(lines for lines in boxes(ag.draw(out, depth=1)) if "RNNCell × 3" in lines)
    assert folded[1] == "cell" and "21 parameters" in folded
    opened = ag.draw(out, fold=False)
    assert frames(opened) == ["Recurrent", *["cell: RNNCell"] * 3]
    assert [lines[0] for lines in boxes(opened)].count("cell.weight_hh") == 1


def test_a_large_graph_says_how_to_see_it():
    dot = ag.draw(made()(X).sum(), max_nodes=20, fold=False).dot
    assert "showing 20 of" in dot and "depth=1" in dot
    few = ag.draw(made()(X).sum(), depth=1, fold=False, max_nodes=5)
    assert "showing 5 of 15 nodes" in few.dot and "…" in few.dot


def test_golden_drawing_of_a_model():
    net = made(Net, 3)
    loss = nn.CrossEntropyLoss()(net(X), [0, 1, 2, 0])
    loss.backward()
    dot = re.sub(r"‖grad‖ [\d.e−]+", "‖grad‖ …", ag.draw(loss, depth=1).dot)
    dot = re.sub(r"value [\d.]+", "value …", dot)
    path = GOLDEN / "model.dot"
    if os.environ.get("REGENERATE_GOLDEN"):
        path.write_text(dot, encoding="utf-8")
    assert dot == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("depth", [None, 1])
def test_hostile_names_are_inert_in_frames_and_boxes(depth):
    name = '<b>&"\\N]; } x\n' * 3
    net = nn.Sequential({name.replace(".", ""): nn.ReLU()})
    svg = ag.draw(net(ag.Tensor([1.0], requires_grad=True)), depth=depth).svg
    texts = [t.text or "" for t in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert any(text.startswith('<b>&"\\N]; } x') for text in texts)


@pytest.mark.parametrize("depth", [-1, 1.5])
def test_messages(depth):
    with pytest.raises(ag.DTypeError, match=r"got depth=.*; expected None, or an int of 0 or more"):
        ag.draw(ag.Value(1.0), depth=depth)
