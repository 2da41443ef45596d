"""Padding against NumPy's, and messages."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F
from nn.functional.padding import pad_widths, same_padding, widths_from_last

R = np.random.default_rng(0)
X = R.normal(size=(2, 3, 4, 5))
NAMES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@pytest.mark.parametrize("mode", NAMES)
@pytest.mark.parametrize("widths", [(2, 1), (1, 0, 2, 3), (3, 3, 1, 2, 0, 2)])
def test_copies_are_those_of_numpy(mode, widths):
    pairs = [(0, 0)] * (4 - len(widths) // 2) + widths_from_last("pad", "pad", widths)
    np.testing.assert_array_equal(F.pad(X, widths, mode), np.pad(X, pairs, NAMES[mode]))


@pytest.mark.parametrize("mode", ["constant", *NAMES])
def test_negative_widths_cut_off(mode):
    assert np.array_equal(F.pad(X, (-1, -2, 0, -1), mode), X[:, :, :-1, 1:-2])
    assert F.pad(X, (-1, 2), mode).shape == (2, 3, 4, 6)


def test_a_number_around():
    out = F.pad(X, (1, 2, -1, 0), value=7.0)
    np.testing.assert_array_equal(
        out, np.pad(X[:, :, 1:], [(0, 0)] * 3 + [(1, 2)], constant_values=7.0)
    )


@pytest.mark.parametrize("mode", ["constant", *NAMES])
def test_gradients(mode):
    ag.check_gradients(lambda x: ag.square(F.pad(x, (2, -1, 1, 0), mode)), R.normal(size=(3, 4)))


def test_widths_of_windows():
    assert pad_widths("f", "valid", (5, 5), (3, 3), (1, 1)) == [(0, 0), (0, 0)]
    assert pad_widths("f", "same", (5, 6), (3, 3), (2, 2)) == [same_padding(5, 3, 2), (0, 1)]
    assert pad_widths("f", (1, 2), (5, 6), (3, 3), (2, 2)) == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.pad(X, (1, 2, 3)), ValueError, "expected two ints for each axis, the last axis first"),
        (lambda: F.pad(X, 1), ValueError, "got pad=1"),
        (lambda: F.pad(X, (1,) * 10), ag.ShapeError, "got 10 widths for an input of shape"),
        (lambda: F.pad(X, (-3, -3)), ag.ShapeError, "cut off no more than there is"),
        (lambda: F.pad(X, (5, 0), "reflect"), ag.ShapeError, "expected widths below the length"),
        (lambda: F.pad(X, (1, 0), "edge"), ValueError, "'replicate'"),
        (lambda: F.pad(X, (1, 0), "reflect", 2.0), ValueError, "expected no value"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
