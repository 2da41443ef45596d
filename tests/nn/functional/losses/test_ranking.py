"""Losses of order and of several labels, by their definitions in loops."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

X = np.array([[0.5, 0.25, 0.75, 1.0], [-1.0, 2.0, 0.0, 0.5]])
LABELS = np.array([[3, 0, -1, 1], [2, -1, 0, 0]])


def test_several_labels_by_a_loop():
    expected = []
    for x, row in zip(X, LABELS, strict=True):
        labels = row[: list(row).index(-1)]
        others = [i for i in range(4) if i not in labels]
        expected.append(sum(max(0.0, 1 - (x[j] - x[i])) for j in labels for i in others) / 4)
    np.testing.assert_allclose(F.multilabel_margin_loss(X, LABELS, reduction="none"), expected)
    assert F.multilabel_margin_loss(X[0], LABELS[0]) == pytest.approx(expected[0])
    with pytest.raises(IndexError, match="multilabel_margin_loss: got target 4"):
        F.multilabel_margin_loss(X, LABELS + 1)


def test_soft_labels_are_binary_cross_entropies():
    y = (X > 0.3) * 1.0
    found = F.multilabel_soft_margin_loss(X, y, reduction="none")
    expected = F.binary_cross_entropy_with_logits(X, y, reduction="none").mean(-1)
    np.testing.assert_allclose(found, expected)


def test_ranks_and_signs():
    assert F.margin_ranking_loss([1.0, 1.0], [0.5, 2.0], [1, -1], 0.25) == 0.0
    assert F.margin_ranking_loss([1.0], [0.5], [-1], 0.25) == 0.75
    with pytest.raises(ValueError, match="soft_margin_loss: got a target that is neither 1 nor -1"):
        F.soft_margin_loss([1.0], [0.0])


def test_any_distance():
    a, p, n = np.zeros((1, 2)), np.full((1, 2), 0.25), np.array([[1.0, 0.0]])
    of = F.triplet_margin_with_distance_loss
    assert of(a, p, n) == pytest.approx(float(F.triplet_margin_loss(a, p, n)))
    assert of(a, p, n, distance_function=lambda x, y: ag.abs(x - y).sum(-1)) == 0.5
    with pytest.raises(TypeError, match="got distance_function=2; expected a function"):
        of(a, p, n, distance_function=2)
