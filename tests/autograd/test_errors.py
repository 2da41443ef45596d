"""Every message is one sentence, written by one function."""

import numpy as np
import pytest

import autograd as ag
from autograd.errors import counted, is_int, kind, message


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


def test_ints():
    assert all(map(is_int, (0, -3, np.int64(2), np.uint8(1))))
    assert not any(map(is_int, (True, np.True_, 1.0, np.float64(1), "1", None, np.array(1))))
