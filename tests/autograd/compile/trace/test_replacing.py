"""Attributes that have other values for a while."""

import types

import pytest

from autograd.compile.trace.replacing import Replaced


def test_attributes_get_their_own_values_back_after_the_last_context():
    owner = types.SimpleNamespace(known=None)
    replaced = Replaced([(owner, "known", 1), (owner, "new", 2)])
    with replaced:
        with replaced:
            assert (owner.known, owner.new) == (1, 2)
        assert (owner.known, owner.new) == (1, 2)
    assert vars(owner) == {"known": None}
    with pytest.raises(KeyError), replaced:
        raise KeyError
    assert vars(owner) == {"known": None}


def test_what_was_loaded_since_is_looked_up_each_time():
    owners = []
    replaced = Replaced([], lambda: [(owner, "x", 1) for owner in owners])
    with replaced:
        pass
    owners.append(types.SimpleNamespace(x=0))
    with replaced:
        owners.append(types.SimpleNamespace(x=0))  # too late for this trace
        assert [owner.x for owner in owners] == [1, 0]
    assert [owner.x for owner in owners] == [0, 0]


class Stubborn:
    def __setattr__(self, name, value):
        if name == "second" and value == 1:
            raise KeyboardInterrupt
        super().__setattr__(name, value)


def test_an_interrupt_while_attributes_are_put():
    owner = Stubborn()
    owner.first, owner.second = 0, 0
    replaced = Replaced([(owner, "first", 1), (owner, "second", 1)])
    with pytest.raises(KeyboardInterrupt), replaced:
        raise AssertionError
    assert vars(owner) == {"first": 0, "second": 0}
    with Replaced([(owner, "first", 1)]):
        assert owner.first == 1
