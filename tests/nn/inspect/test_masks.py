"""Rows of scores of which a mask leaves nothing."""

import numpy as np

import autograd as ag
import nn
from nn.inspect.graph import LossGraph
from nn.inspect.masks import emptied


def graph(masked):
    scores = nn.Parameter(np.ones((3, 4)))
    hidden = np.zeros((3, 4), bool)
    hidden[1, :masked] = True
    return LossGraph(ag.softmax(ag.where(hidden, -np.inf, scores), axis=-1).sum())


def test_rows_that_are_hidden_throughout():
    [finding] = emptied(graph(4))
    assert finding.numbers == {"rows": 1.0, "of": 3.0}
    assert list(emptied(graph(3))) == []


def test_the_logarithm_of_a_softmax_too():
    scores = nn.Parameter(np.ones((3, 4)))
    hidden = np.ones((3, 4), bool)
    loss = ag.logsumexp(ag.where(hidden, -np.inf, scores), axis=-1).sum()
    assert [f.kind for f in emptied(LossGraph(loss))] == ["mask leaves nothing"]
