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
        (lambda: arguments.normalized_shape("f", (2, 0), 1), ValueError, "got normalized_shape=0; expected an integer of at least 1$"),
        (lambda: arguments.number("f", "p", np.inf, 0.0), ValueError, "got p=inf; expected a finite number, at least 0$"),
        (lambda: arguments.number("f", "p", np.ones(3), 0.0), ValueError, "expected a number, at least 0$"),
        (lambda: arguments.size("f", "n", True), ValueError, "got n=True; expected an integer of at least 0$"),
        (lambda: arguments.integer("f", "n", 1.5), ValueError, "f: got n=1.5; expected an integer$"),
        (lambda: arguments.divisor("f", "g", 4, a=8, b=6), ValueError, "f: got g=4; expected a divisor of a = 8 and b = 6$"),
        (lambda: arguments.entry_number("f", "row", 2, 2, "row"), IndexError, "f: got row=2; expected one of the 2 rows$"),
        (lambda: arguments.entry_number("f", "row", 1, 1, "row"), IndexError, "f: got row=1; expected 0, the only row$"),
        (lambda: arguments.axis_number("f", 2, 2), ag.ShapeError, "got axis 2 for an array of 2 axes; expected one from -2 to 1$"),
        (lambda: arguments.axis_number("f", 0, 0), ag.ShapeError, "got axis 0 for an array of 0 axes; expected an array with axes$"),
        (lambda: arguments.axis_number("f", "a", 1), TypeError, "got axis 'a'; expected the number of an axis$"),
        (lambda: arguments.flags("f", a=True, b=1), TypeError, "f: got b=1; expected True or False$"),
        (lambda: arguments.refuse("f", device=3), TypeError, "f: got device=3; expected None; leave it out"),
        (lambda: arguments.check_broadcast("f", "w", (3,), (1,)), ag.ShapeError, r"f: got w of shape \(3,\); expected one that broadcasts to \(1,\)$"),
        (lambda: arguments.floats("a"), ag.DTypeError, "got data of dtype <U1; expected real numbers$"),
        (lambda: arguments.floats([1j]), ag.DTypeError, "got data of dtype complex128; expected real numbers$"),
        (lambda: arguments.floats(None), ag.DTypeError, "got data of dtype object; expected real numbers$"),
        (lambda: arguments.floating("f", int), ag.DTypeError, "got dtype int64; expected a floating one, e.g. float$"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_good_arguments():
    assert arguments.entry_number("f", "row", -1, 3, "row") == 2
    assert arguments.axis_number("f", -1, 3) == 2
    assert arguments.sizes("f", "k", [np.int64(2), 3], 2) == (2, 3)
    assert arguments.number("f", "p", np.inf, finite=False) == np.inf
    assert arguments.number("f", "p", np.float32(0.5), 0.0, 1.0) == 0.5
    arguments.flags("f", a=np.True_, b=False)
    arguments.refuse("f", device=None, _stacklevel=3.0, sparse=np.False_)
    arguments.check_broadcast("f", "w", (3,), (2, 3))


def test_what_has_no_precision_takes_that_of_its_partner():
    narrow = np.ones(2, np.float32)
    assert arguments.floats_like([1.0, 2.0], narrow).dtype == np.float32
    assert arguments.floats_like(np.ones(2, int), narrow).dtype == np.float32
    assert arguments.floats_like(np.ones(2), narrow).dtype == np.float64
    assert arguments.in_dtype_of(np.ones(2), narrow).dtype == np.float32
    assert arguments.in_dtype_of(ag.Tensor([1.0]), narrow).dtype == np.float32


@pytest.mark.parametrize("flag", [True, False, np.True_])
def test_a_flag_is_no_number(flag):
    with pytest.raises(ValueError, match=r"f: got x=.*; expected a number"):
        arguments.number("f", "x", flag)


def test_an_axis_that_no_array_has():
    assert arguments.later_axis("f", "dim", -64) == -64 and arguments.axes_numbers("f", (63,)) == (
        63,
    )
    for axis in (64, -65, 10**30):
        with pytest.raises(ValueError, match=r"f: got dim=.*; .* has at most 64"):
            arguments.axes_numbers("f", (0, axis))


def test_a_layer_that_does_not_fit_into_memory_is_named():
    with pytest.raises(
        MemoryError, match=r"Linear: got float64 of shape \(3, 10+\); expected what"
    ):
        nn.Linear(10**18, 3)
