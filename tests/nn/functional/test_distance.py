"""Similarities and distances of vectors that broadcast."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F


def test_cosine_similarity_broadcasts_before_it_measures():
    one, four = np.ones((1, 3)), np.ones((4, 3))
    assert F.cosine_similarity(one, four, dim=0).tolist() == [1.0, 1.0, 1.0]
    assert F.cosine_similarity(one, four, dim=1).round(12).tolist() == [1.0] * 4
    assert F.cosine_similarity(np.ones(3), four, dim=-2).round(12).tolist() == [1.0] * 3
    x = ag.Tensor(np.array([[1.0, 2.0, 3.0]]), requires_grad=True)
    ag.check_gradients(lambda x: F.cosine_similarity(x, np.arange(12.0).reshape(4, 3), dim=0), x)


def test_pairwise_distance_broadcasts():
    out = F.pairwise_distance(np.zeros((1, 2)), np.array([[3.0, 4.0], [0.0, 1.0]]), eps=0.0)
    assert out.tolist() == [5.0, 1.0]


def test_shapes_that_do_not_broadcast():
    with pytest.raises(ag.ShapeError, match=r"shapes \(3,\) and \(2, 2\), which do not broadcast"):
        F.pairwise_distance(np.ones(3), np.ones((2, 2)))
