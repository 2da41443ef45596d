"""Parts that are recognized by their operations, and what looks similar and is none."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.visualize.clusters import consumers_of
from autograd.visualize.parts import find_parts

RNG = np.random.default_rng(0)


def parts(y):
    """The names of the parts of a graph, each with its number of operations."""
    nodes = ag.ancestors([y])
    found = find_parts(nodes, consumers_of(nodes), [y])
    counts = {}
    for node in nodes:
        if node in found:
            counts[found[node]] = counts.get(found[node], 0) + 1
    return sorted((part.name, count) for part, count in counts.items())


def tensor(*shape):
    return ag.Tensor(RNG.normal(size=shape), requires_grad=True, name="x")


def test_softmax_of_ours_and_by_hand():
    x = tensor(2, 3)
    assert parts(nn.functional.softmax(x) * 2.0) == [("softmax", 4)]
    e = ag.exp(x)
    assert parts(e / e.sum(axis=1, keepdims=True)) == [("softmax", 3)]
    assert parts(e / e.sum() + e) == [], "the exponentials are used outside"
    assert parts(e / ag.exp(x * 2.0).sum()) == []
    assert parts(e / e.mean()) == []


def test_log_softmax_and_cross_entropy():
    x = tensor(2, 3)
    assert parts(nn.functional.log_softmax(x) * 1.0) == [("log softmax", 3)]
    assert ("cross-entropy", 6) in parts(nn.CrossEntropyLoss()(x, [0, 1]))
    y = x - ag.log(ag.exp(x).sum(axis=1, keepdims=True))
    assert parts(y) == [("log softmax", 4)]


@pytest.mark.parametrize(
    "layer",
    [
        nn.LayerNorm(4),
        nn.BatchNorm1d(4),
        nn.LayerNorm(4, elementwise_affine=False),
        nn.GroupNorm(2, 4),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_normalization(layer):
    found = parts(layer(tensor(3, 4)))
    assert [name for name, _ in found] == ["normalize"] and found[0][1] >= 7


def test_a_normalization_by_hand():
    x = tensor(3, 4)
    c = x - x.mean(axis=1, keepdims=True)
    y = c / ag.sqrt((ag.square(c)).mean(axis=1, keepdims=True) + 1e-5)
    assert parts(y) == [("normalize", 7)]
    other = x - tensor(3, 4).mean(axis=1, keepdims=True)
    assert parts(other / ag.sqrt(ag.square(other).mean() + 1e-5)) == []


def test_gates():
    x = tensor(2, 1, 3)
    names = [name for name, _ in parts(nn.LSTM(3, 5)(x)[0].sum())]
    gates = ["candidate", "cell state", "forget gate", "hidden state", "input gate", "output gate"]
    assert sorted(set(names)) == gates and len(names) == 12
    names = [name for name, _ in parts(nn.GRU(3, 5)(x)[0].sum())]
    assert sorted(set(names)) == ["candidate", "hidden state", "reset gate", "update gate"]


def test_gates_are_those_of_the_formula():
    """The forget gate multiplies the old cell, and the input gate the candidate."""
    cell = nn.LSTMCell(3, 4)
    h, c = tensor(2, 4), tensor(2, 4)
    out, _ = cell(tensor(2, 3), (h, c))
    nodes = ag.ancestors([out])
    found = find_parts(nodes, consumers_of(nodes), [out])
    for node, part in found.items():
        if node.op.name == "getitem":
            rows = node.static["index"][-1]
            gate = {"candidate": "cell"}.get(part.name, part.name.removesuffix(" gate"))
            assert rows == cell.gate(gate)


def test_an_lstm_by_hand():
    x, h, c = tensor(2, 3), tensor(2, 4), tensor(2, 4)
    gates = [x @ tensor(3, 4) + h @ tensor(4, 4) + tensor(4) for _ in range(4)]
    f, i, o = map(ag.sigmoid, gates[:3])
    c = c * f + ag.tanh(gates[3]) * i
    found = parts((o * ag.tanh(c)).sum())
    assert [name for name, _ in found] == [
        "candidate", "cell state", "forget gate", "hidden state", "input gate", "output gate",
    ]  # fmt: skip
    assert dict(found)["forget gate"] == 5


def test_attention():
    x = tensor(2, 3, 4)
    found = dict(parts(nn.MultiheadAttention(4, 2, batch_first=True)(x, x, x)[0]))
    assert {"Q", "K", "V", "scores", "softmax", "weighted values"} <= set(found)
    q, k, v = (x @ tensor(4, 4) for _ in range(3))
    y = nn.functional.softmax(q @ k.mT / 2.0) @ v
    names = [name for name, _ in parts(y * 1.0)]
    assert names == ["K", "Q", "V", "scores", "softmax"]


def test_convolutions_and_products():
    assert [n for n, _ in parts(nn.Conv2d(1, 2, 3)(tensor(1, 1, 5, 5)))] == ["convolve"]
    assert [n for n, _ in parts(nn.Conv1d(1, 2, 3, padding=1)(tensor(1, 1, 5)))] == ["convolve"]
    data = np.random.default_rng(0).normal(size=(2, 1, 5, 5))
    assert [n for n, _ in parts(nn.Conv2d(1, 2, 3)(data))] == ["convolve"]
    x, w = tensor(2, 3), tensor(4, 3)
    assert parts((x @ w.T).sum()) == [("x Wᵀ", 2)]
    assert parts((x @ tensor(3, 4)).sum()) == []
    assert parts((tensor(2, 2, 3) @ tensor(3, 4)).sum()) == [("@", 3)]
    assert parts((x @ ag.exp(w).T).sum()) == [("x yᵀ", 2)]
    turned = w.T
    assert parts((x @ turned).sum() + turned.sum()) == []


def test_long_sums():
    xs = [ag.Value(float(i)) for i in range(701)]
    assert parts(sum(xs) * 2.0) == [("Σ 701 terms", 701)]
    assert parts(sum(xs[:7]) * 2.0) == []
    y = xs[0]
    for x in xs[1:20]:
        y = y + x
    assert parts(y) == [("Σ 20 terms", 19)]


def test_a_result_inside_is_no_part():
    x = tensor(2, 3)
    e = ag.exp(x)
    y = e / e.sum()
    nodes = ag.ancestors([y, e])
    assert find_parts(nodes, consumers_of(nodes), [y, e]) == {}


def test_parts_of_two_calls_are_none():
    """The exponential is computed in a module, and divided outside."""

    class Exp(nn.Module):
        def forward(self, x):
            return ag.exp(x)

    e = Exp()(tensor(2, 3))
    assert parts(e / e.sum()) == []
