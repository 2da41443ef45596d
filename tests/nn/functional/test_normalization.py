"""Normalization as functions."""

import numpy as np
import pytest

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
