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
