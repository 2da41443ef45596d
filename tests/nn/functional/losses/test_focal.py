"""Focal losses: with gamma = 0 the cross-entropies, else by their formula."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

X = np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])
Y = np.array([2, 0])


def test_without_focus_they_are_cross_entropies():
    signs = (X > 0) * 1.0
    np.testing.assert_allclose(
        F.sigmoid_focal_loss(X, signs, -1.0, 0.0),
        F.binary_cross_entropy_with_logits(X, signs, reduction="none"),
    )
    np.testing.assert_allclose(F.focal_loss(X, Y, 0.0), F.cross_entropy(X, Y))


def test_by_their_formula():
    p = 1 / (1 + np.exp(-X))
    found = F.sigmoid_focal_loss(X, np.ones_like(X), 0.3, 1.5)
    np.testing.assert_allclose(found, -0.3 * (1 - p) ** 1.5 * np.log(p))
    share = (np.exp(X) / np.exp(X).sum(1, keepdims=True))[np.arange(2), Y]
    found = F.focal_loss(X, Y, 2.0, [1.0, 2.0, 3.0], reduction="none")
    np.testing.assert_allclose(found, -np.array([3.0, 1.0]) * (1 - share) ** 2 * np.log(share))


def test_the_mean_leaves_out_what_is_ignored():
    each = F.focal_loss(X, Y, reduction="none")
    assert F.focal_loss(X, [2, -100]) == pytest.approx(each[0])


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_the_gradient_of_a_certain_prediction_is_finite(gamma):
    x = ag.Tensor([[1000.0, 0.0], [0.0, 1000.0]], requires_grad=True)
    F.focal_loss(x, [0, 0], gamma).backward()
    assert np.isfinite(x.grad).all()
    z = ag.Tensor([1000.0, -1000.0], requires_grad=True)
    F.sigmoid_focal_loss(z, [1.0, 1.0], gamma=gamma).sum().backward()
    assert np.isfinite(z.grad).all()
