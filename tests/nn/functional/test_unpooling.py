"""Unpooling puts back what pooling kept."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

R = np.random.default_rng(0)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_maxima_return_to_their_places(k):
    x = R.normal(size=(2, 3, *(4, 6, 2)[:k]))
    out, indices = getattr(F, f"max_pool{k}d")(x, 2, return_indices=True)
    back = getattr(F, f"max_unpool{k}d")(out, indices, 2)
    kept = back != 0
    np.testing.assert_array_equal(back[kept], x[kept])
    assert kept.sum() == out.size


def test_windows_that_overlap_count_an_entry_once():
    x = ag.Tensor([[[1.0, 9.0, 2.0]]], requires_grad=True)
    out, indices = F.max_pool1d(x, 2, 1, return_indices=True)
    back = F.max_unpool1d(out, indices, 2, 1)
    assert back.tolist() == [[[0.0, 9.0, 0.0]]]
    back.sum().backward()
    assert x.grad.tolist() == [[[0.0, 1.0, 0.0]]]


def test_the_lengths_of_the_output():
    x = R.normal(size=(1, 1, 5))
    pooled = F.max_pool1d(x, 2, return_indices=True)
    assert F.max_unpool1d(*pooled, 2).shape == (1, 1, 4)
    assert F.max_unpool1d(*pooled, 2, output_size=(1, 1, 5)).shape == (1, 1, 5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: F.max_unpool1d(np.ones((1, 2)), [[0, 4]], 2),
            IndexError,
            "got indices from 0 to 4; expected 0 to 3",
        ),
        (
            lambda: F.max_unpool1d(np.ones((1, 2)), [0, 1], 2),
            ag.ShapeError,
            "expected equal shapes",
        ),
        (lambda: F.max_unpool1d(np.ones((1, 2)), [[0.5, 1]], 2), ag.DTypeError, "indices of dtype"),
        (
            lambda: F.max_unpool1d(np.ones((1, 2)), [[0, 1]], 2, output_size=9),
            ag.ShapeError,
            "got output_size=9 for lengths",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
