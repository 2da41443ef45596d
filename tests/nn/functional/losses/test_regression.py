"""Regression losses: messages."""

import pytest

from nn import functional as F


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.mse_loss([0.5], [0.0], reduction="avg"), ValueError, "one of 'mean', 'sum', 'none'"),
        (lambda: F.huber_loss([0.5], [0.0], delta=0.0), ValueError, "got delta=0.0; expected a number, above 0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
