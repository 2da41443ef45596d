"""Arguments: conversions that keep what they are given, and messages."""

import numpy as np
import pytest

import autograd as ag
from nn import arguments


class Recorded(np.ndarray):
    """Stands for an array that records what is done to it."""


@pytest.mark.parametrize("convert", [arguments.array, arguments.floats])
def test_a_subclass_of_ndarray_stays_one(convert):
    x = np.ones(3).view(Recorded)
    assert convert(x) is x


def test_integers_keep_a_subclass_and_leave_the_graph():
    assert type(arguments.integers(np.arange(3).view(Recorded), "f", "x")) is Recorded
    assert type(arguments.integers(ag.Tensor([1]), "f", "x")) is np.ndarray


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: arguments.size("f", "n", 0, 1), ValueError, "f: got n=0; expected an integer of at least 1$"),
        (lambda: arguments.sizes("f", "k", (1, 2, 3), 2), ValueError, r"got k=\(1, 2, 3\); expected an integer of at least 1, or 2 of them$"),
        (lambda: arguments.number("f", "p", 2, 0.0, 1.0), ValueError, "got p=2; expected a number, at least 0 and at most 1$"),
        (lambda: arguments.number("f", "p", "x"), ValueError, "got p='x'; expected a number$"),
        (lambda: arguments.number("f", "p", 0, 0.0, open_low=True), ValueError, "got p=0; expected a number, above 0$"),
        (lambda: arguments.one_of("f", "mode", "c", ("a", "b")), ValueError, "got mode='c'; expected one of 'a', 'b'$"),
        (lambda: arguments.normalized_shape("f", (2, 0), 1), ValueError, "got normalized_shape=0; expected an integer of at least 1$"),
        (lambda: arguments.floating("f", int), ag.DTypeError, "got dtype int64; expected a floating one, e.g. float$"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
