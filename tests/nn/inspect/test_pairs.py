"""Labels that change, and padding that counts as an answer."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect.graph import LossGraph
from nn.inspect.pairs import Pairs, counted_padding

RNG = np.random.default_rng(0)


def told(batches):
    pairs = Pairs()
    for x, y in batches:
        pairs.see(x, y)
    return [(f.kind, f.numbers["differ"]) for f in pairs.findings()]


def test_labels_of_inputs_that_come_again():
    x, y = RNG.normal(size=(40, 3)), np.arange(40) % 4
    order = RNG.permutation(40)
    assert told([(x, y), (x[order], y[order])]) == []
    [(kind, differ)] = told([(x, y), (x[order], y)])
    assert kind == "labels change" and differ == (y[order] != y).sum()
    some = np.where(np.arange(40) < 4, 9, y)  # a few labels that someone corrected
    assert told([(x, y), (x, some)]) == []
    assert told([(x, y), (RNG.normal(size=(40, 3)), y[::-1])]) == []


def test_what_has_no_pairs_is_left_out():
    tokens, y = np.zeros((20, 3), int), np.arange(20)
    for x, labels in ((tokens, y), (tokens, y[::-1]), (np.ones((20, 3)), y[:5]), (np.ones(20), y)):
        assert told([(x, labels), (x, labels + 1)]) == []


def loss(x, y, **options):
    ag.random.seed(0)
    embed, head = nn.Embedding(9, 4), nn.Linear(4, 9)
    out = head(embed(x)).transpose(0, 2, 1)
    return LossGraph(nn.functional.cross_entropy(out, y, **options), [out])


def sentences(lengths, width=8):
    real = np.arange(width) < np.asarray(lengths)[:, None]
    x = np.where(real, RNG.integers(1, 9, (len(lengths), width)), 0)
    return x, np.where(real, x % 4 + 1, 0)


def test_padding_that_the_loss_counts():
    x, y = sentences([3, 5, 2, 6])
    [finding] = counted_padding(x, loss(x, y))
    assert finding.kind == "padding in the loss" and finding.numbers["share"] == 0.5
    assert list(counted_padding(x, loss(x, y, ignore_index=0))) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda x, y: (x[:, :2], y[:, :2]),  # no ends
        lambda x, y: (x[:1], y[:1]),  # one length
        lambda x, y: (np.where(x == 0, 5, x), y),  # the token occurs elsewhere
        lambda x, y: (x, np.where(y == 2, 0, y)),  # the answer does
        lambda x, y: (x.astype(float), y),
    ],
)
def test_ends_that_are_no_padding(change):
    x, y = sentences([3, 5, 2, 6])
    x[0, 0], x[1, 1] = 5, 5
    x, y = change(x, y)
    assert list(counted_padding(x, loss(x.astype(int), y))) == []
