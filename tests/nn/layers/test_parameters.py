"""Lists and dictionaries of parameters."""

import numpy as np
import pytest

import autograd as ag
import nn


def test_a_dictionary():
    p = nn.Parameter([1.0])
    d = nn.ParameterDict({"a": p, "b": ag.Tensor([2.0], requires_grad=True)})
    assert d["a"] is p and isinstance(d["b"], nn.Parameter) and len(d) == 2
    assert list(d) == list(d.keys()) == ["a", "b"] and [*d.values()] == [d["a"], d["b"]]
    assert dict(d.items()).keys() == {"a", "b"}
    d.update({"c": np.ones(2)})
    assert [name for name, _ in d.named_parameters()] == ["a", "b", "c"]
    assert d.pop("a") is p and "a" not in d
    del d["b"]
    d.clear()
    assert len(d) == 0 and list(d.parameters()) == []
    assert list(d.state_dict()) == []


def test_a_list():
    p = nn.Parameter([1.0])
    entries = nn.ParameterList([p, [2.0]]).append(np.ones(2))
    assert entries[0] is p and len(entries[1:]) == 2
    assert [name for name, _ in entries.named_parameters()] == ["0", "1", "2"]


def test_both_are_trained():
    model = nn.ParameterDict({"scale": [2.0]})
    (model["scale"] * 3.0).sum().backward()
    assert model["scale"].grad.tolist() == [3.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.ParameterDict([1.0]), TypeError, "got a list; expected parameters by name"),
        (
            lambda: nn.ParameterDict({"a": [1.0]})["b"],
            KeyError,
            "got the key 'b'; expected one of 'a'",
        ),
        (lambda: nn.ParameterDict().pop("b"), KeyError, "an empty one"),
        (lambda: nn.ParameterDict({"a.b": [1.0]}), ValueError, "a string without dots"),
        (lambda: nn.ParameterList([[1.0]])[3], IndexError, "one of the 1 parameters"),
        (lambda: nn.ParameterList(3), TypeError, "expected several parameters"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_dictionary_has_the_methods_of_one():
    left, right = nn.Parameter([1.0]), nn.Parameter([2.0])
    d = nn.ParameterDict({"left": left})
    assert d.get("left") is left and d.get("right") is None and d.get("right", 3) == 3
    assert d.setdefault("right", right) is right and d.setdefault("left", right) is left
    assert list(reversed(d)) == ["right", "left"]
    assert d.copy() is not d and list(d.copy().values()) == [left, right]
    both = d | {"more": [3.0]}
    assert list(both) == ["left", "right", "more"] and list(d) == ["left", "right"]
    assert list({"more": [3.0]} | d) == ["more", "left", "right"]
    d |= {"left": right}
    assert d["left"] is right
    assert both.popitem()[0] == "more" and list(both) == ["left", "right"]
    with pytest.raises(KeyError, match="popitem of an empty one"):
        nn.ParameterDict().popitem()
    assert list(d.fromkeys(["a", "b"], [0.0])) == ["a", "b"]
