"""Messages of margin losses."""

import pytest

from nn import functional as F


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.hinge_loss([0.5], [0.0]), ValueError, "neither 1 nor -1"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
