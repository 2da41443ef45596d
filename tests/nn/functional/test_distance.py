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


@pytest.mark.parametrize("p", [0, 0.5, 1, 2, 3, np.inf])
def test_pdist_is_the_norm_of_each_difference(p):
    x = np.random.default_rng(0).normal(size=(4, 3))
    expected = [
        np.linalg.norm(x[i] - x[j], p) if p >= 1 or p == 0 else (abs(x[i] - x[j]) ** p).sum() ** (1 / p)
        for i in range(4)
        for j in range(i + 1, 4)
    ]  # fmt: skip
    np.testing.assert_allclose(F.pdist(x, p), expected)
    ag.check_gradients(lambda x: F.pdist(x, p), x)


def test_pdist_of_equal_rows_has_slope_0_and_of_few_rows_is_empty():
    x = ag.Tensor([[1.0, 1.0], [1.0, 1.0]], requires_grad=True)
    F.pdist(x).sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert F.pdist(np.ones((1, 3))).shape == F.pdist(np.ones((0, 3))).shape == (0,)
    assert F.pdist(np.ones((3, 0))).tolist() == [0.0, 0.0, 0.0]
    assert F.pdist(np.eye(2, dtype=np.float32)).dtype == np.float32


def test_pdist_refuses_what_is_no_matrix_and_negative_orders():
    with pytest.raises(
        ag.ShapeError, match=r"pdist: got an input of shape \(3,\); expected \(N, M\)"
    ):
        F.pdist(np.ones(3))
    with pytest.raises(ValueError, match="p=-1"):
        F.pdist(np.ones((3, 2)), -1)
