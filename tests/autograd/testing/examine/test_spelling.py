"""The names that people give to gradients, and those of what has none."""

import pytest

from autograd.testing.examine.spelling import (
    find_spelled,
    is_buffer,
    may_be_left_out,
    spellings,
)


@pytest.mark.parametrize(
    "key",
    ["dW", "grad_W", "W_grad", "dL_dW", "dLdW", "deltaW", "nabla_W", "W_g", "dw", "dweights"],
)
def test_gradients_of_a_weight(key):
    assert find_spelled("W", ["b", "W", "x", key], own=False) == key
    assert find_spelled("_W", [key]) == key


def test_exact_names_come_first():
    assert find_spelled("w", ["dW", "dw"]) == "dw" and find_spelled("W", ["dw", "dW"]) == "dW"
    assert find_spelled("W", ["W"], own=False) is None and find_spelled("W", ["W"]) == "W"
    assert find_spelled("b", ["db1", 3, "bias"], own=False) is None
    assert spellings("W")[0] == "W" and "grad_weight" in spellings("W")


def test_data_and_buffers():
    for name in ("x", "X", "y", "target", "y_true", "ids", "mask", "labels"):
        assert may_be_left_out(name)
    for name in ("W", "b", "gamma", "T", "logits", "h"):
        assert not may_be_left_out(name)
    assert is_buffer("running_mean") and is_buffer("bn.running_var") and is_buffer("pe")
    assert not is_buffer("W") and not is_buffer("beta") and not is_buffer("scale")
