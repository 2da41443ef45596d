"""Backends: what the engine asks of a kind of data, answered by every kind."""

from types import FunctionType

import pytest

import autograd as ag
from autograd.engine.backend import Backend, rule_error

ASKED = [
    name
    for name, x in vars(Backend).items()
    if isinstance(x, FunctionType) and not name.startswith("_")
]


@pytest.mark.parametrize("kind", [ag.Value, ag.Tensor])
@pytest.mark.parametrize("name", ASKED)
def test_every_question_has_an_answer(kind, name):
    assert name == "quiet" or getattr(type(kind._backend), name) is not getattr(Backend, name)


@pytest.mark.parametrize("name", [name for name in ASKED if name != "quiet"])
def test_a_backend_without_an_answer_says_so(name):
    method = getattr(Backend(), name)
    with pytest.raises(NotImplementedError):
        method(*[None] * (method.__code__.co_argcount - 1 - len(method.__defaults__ or ())))


def test_the_error_of_a_rule_names_primitive_and_argument():
    x = ag.Value(2.0)
    assert str(rule_error(x * x, 1, "a str", "one number")) == (
        "mul: got a str from the rule for argument 1; expected one number"
    )
    assert str(rule_error(x**3.0, 0, "None", "one number")).startswith(
        "pow: got None from the rule for argument 0 (x); expected one number; write None"
    )
