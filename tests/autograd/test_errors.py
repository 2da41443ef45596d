"""Every message is one sentence, written by one function."""

import numpy as np
import pytest

import autograd as ag
from autograd.errors import (
    as_int,
    counted,
    described,
    is_int,
    is_number,
    kind,
    message,
    one_of,
    span,
)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("f", "3", "4", "add 1"), "f: got 3; expected 4; add 1"),
        (("f", "3", "4"), "f: got 3; expected 4"),
        (("f", "", "4", "add 1"), "f: expected 4; add 1"),
        (("f", "", "", "add 1"), "f: add 1"),
    ],
)
def test_parts_that_are_missing_leave_no_gap(parts, text):
    assert message(*parts) == text


@pytest.mark.parametrize(
    ("x", "text"),
    [(1, "an int"), (1.0, "a float"), (None, "None"), (ag.Value(1.0), "a Value")],
)
def test_kinds_have_their_article(x, text):
    assert kind(x) == text


@pytest.mark.parametrize(
    "text",
    """
    an SGD|an LSTM|a GRU|an LBFGS|an RMSprop|an NAdam|an MSELoss|an NLLLoss|a BCELoss|an L1Loss|an H
    a U|an X|a UserList|a UserDict|a UNet|an Unflatten|an Upsample|a OneCycleLR|a ReLU|a SiLU|a GLU
    an ELU|an OrderedDict|an int|a ufunc|an ndarray|an Adam|a HuberLoss|an ABCMeta|a _Net|an RNN
    """.replace("\n", "|").split("|")[1:-1],
)
def test_articles_go_by_sound(text):
    article, name = text.split()
    assert kind(type(name, (), {})()) == f"{article} {name}"


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (ag.ShapeError, ValueError),
        (ag.DTypeError, TypeError),
        (ag.GraphError, RuntimeError),
        (ag.UnsupportedError, TypeError),
        (ag.GradientCheckError, AssertionError),
        (ag.AnomalyError, ArithmeticError),
    ],
)
def test_each_error_is_the_built_in_one_too(error, builtin):
    assert issubclass(error, builtin)


def test_numbers_and_nouns():
    counts = [counted(n, "entry") for n in (0, 1, 1200)]
    assert counts == ["0 entries", "1 entry", "1,200 entries"]
    nouns = ("axis", "row", "key", "batch", "index", "class", "epoch")
    assert [counted(2, noun) for noun in nouns] == [
        *("2 axes", "2 rows", "2 keys", "2 batches", "2 indexes", "2 classes", "2 epochs")
    ]


def test_one_index_is_no_range():
    assert span(5, np.int64(5)) == "index 5" and span(-1, 5) == "indices from -1 to 5"
    assert span(2, 2, "target", "targets") == "target 2"


def test_ints():
    assert all(map(is_int, (0, -3, np.int64(2), np.uint8(1))))
    assert not any(map(is_int, (True, np.True_, 1.0, np.float64(1), "1", None, np.array(1))))


def test_what_is_an_int_or_a_number():
    assert [as_int(x) for x in (3, np.int64(2), np.array(1))] == [3, 2, 1]
    assert not any(x is not None for x in map(as_int, (True, np.True_, 1.0, "1", None)))
    assert all(map(is_number, (3, 2.5, np.float32(1), np.int8(1), float("nan"))))
    assert not any(map(is_number, (True, np.True_, "1", None, 1j, np.ones(1))))


@pytest.mark.parametrize("value", ["c", ["a"], 1])
def test_one_of_several(value):
    assert one_of("f", "mode", "a", ("a", "b")) == "a"
    with pytest.raises(ValueError, match=r"f: got mode=.*; expected one of 'a', 'b'$"):
        one_of("f", "mode", value, ("a", "b"))
    with pytest.raises(TypeError, match=r"f: got mode=.*; expected 'b'$"):
        one_of("f", "mode", value, ("b",), TypeError)


def test_a_value_in_a_message_is_one_short_line():
    assert described("a\nb") == repr("a\nb") and len(described("a" * 100)) == 60


def test_arrays_are_shown_by_shape_and_dtype():
    matrix = np.ones((4, 3))
    assert described(matrix) == "an ndarray of shape (4, 3) and dtype float64"
    assert described(ag.Tensor(matrix)) == "a Tensor of shape (4, 3) and dtype float64"
    assert described("sum") == "'sum'" and described(np.float64(2)) == "np.float64(2.0)"
    assert len(described(list(range(100)))) == 60


@pytest.mark.parametrize("name", ["relu", "sigmoid", "softplus", "erf", "exp"])
def test_a_text_is_refused_without_a_name_that_numpy_lacks(name):
    with pytest.raises(ag.DTypeError, match=f"^{name}: got 'abc'; expected ") as caught:
        getattr(ag, name)("abc")
    assert ("np." in str(caught.value)) == hasattr(np, name)
