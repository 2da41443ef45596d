"""Padding as modules: 15 of them, from one base."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(2, 2, 3, 4, 5))
MODES = {"Zero": "constant", "Reflection": "reflect", "Replication": "edge", "Circular": "wrap"}


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("name", MODES)
def test_margins_are_those_of_numpy(name, k):
    layer = getattr(nn, f"{name}Pad{k}d")
    widths = (2, 1, 0, 1, 1, 2)[: 2 * k]
    pairs = [(0, 0)] * (5 - k) + [widths[i : i + 2] for i in range(2 * k - 2, -1, -2)]
    np.testing.assert_array_equal(layer(widths)(X), np.pad(X, pairs, MODES[name]))
    np.testing.assert_array_equal(layer(1)(X), layer((1,) * (2 * k))(X))


def test_a_margin_of_one_number():
    out = nn.ConstantPad2d((1, 0, 0, -1), 7.0)(X)
    assert out.shape == (2, 2, 3, 3, 6) and (ag.data_of(out)[..., 0] == 7.0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.ZeroPad2d((1, 2)),
            r"ZeroPad2d: got padding=\(1, 2\); expected an integer, or 4",
        ),
        (lambda: nn.CircularPad1d("a"), "CircularPad1d: got padding='a'"),
        (lambda: nn.ConstantPad1d(1, "a"), "ConstantPad1d: got value='a'"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
