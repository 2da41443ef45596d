"""Normalization as functions."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.batch_norm(np.ones((2, 3))), ValueError, "without running_mean and running_var"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("shape", [(0, 4), (0, 4, 3), (2, 4, 0)])
def test_group_norm_of_nothing_is_nothing(shape):
    assert F.group_norm(ag.Tensor(np.ones(shape)), 2, np.ones(4), np.zeros(4)).shape == shape


def test_local_response_norm_is_its_formula():
    x = np.random.default_rng(0).normal(size=(2, 5, 3))
    for size in (1, 2, 3, 4):
        padded = np.pad(x**2, [(0, 0), (size // 2, (size - 1) // 2), (0, 0)])
        means = sum(padded[:, i : i + 5] for i in range(size)) / size
        expected = x / (2.0 + 0.3 * means) ** 0.6
        out = F.local_response_norm(x, size, 0.3, 0.6, 2.0)
        np.testing.assert_allclose(out, expected, rtol=1e-13)
    with pytest.raises(ag.ShapeError, match=r"expected \(N, C, L, ...\)"):
        F.local_response_norm(x[0], 2)
