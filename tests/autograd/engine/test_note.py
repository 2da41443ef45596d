"""Notes: what nodes share, and what changes when one of them gets a note of its own."""

import autograd as ag
import nn
from autograd.engine.note import Note, Scope, noted


def test_a_note_that_differs_keeps_the_rest():
    note = Note(label="x", retains=True)
    other = noted(note, label="y")
    assert (other.label, other.retains, note.label) == ("y", True, "x")
    assert noted(None, label="z").label == "z"


def test_only_hooks_and_the_wish_for_a_gradient_act_in_a_pass():
    assert not Note(label="x").acts and not noted(None, scope=Scope("a", "Linear", None)).acts
    assert Note(retains=True).acts and Note(hooks={0: print}).acts
    assert not noted(Note(hooks={0: print}), hooks={}).acts


def test_the_path_of_a_call_within_calls():
    outer = Scope("", "Net", None)
    inner = Scope("linear", "Linear", Scope("block", "Block", outer))
    assert inner.path == "block.linear" and outer.path == ""
    assert [scope.kind for scope in inner.chain] == ["Net", "Block", "Linear"]


def test_a_name_does_not_lose_the_module():
    scope = Scope("linear", "Linear", None)
    x = ag.Value(1.0)
    x.note = scope
    x.name = "x"
    assert (x.name, x.module) == ("x", "linear") and scope.label is None


def test_a_note_is_shared_until_it_changes():
    with ag.no_grad():
        pass
    a, b = ag.Value(1.0, name="a"), ag.Value(1.0)
    b.note = a.note
    b.name = "b"
    assert (a.name, b.name) == ("a", "b")


def test_a_call_of_a_module_keeps_no_gradient_and_makes_no_parameter():
    class Net(nn.Module):
        def forward(self, x):
            return x * 2.0

    x = ag.Tensor([1.0], requires_grad=True)
    y = Net()(x)
    assert not y.note.acts and not y.note.parameter and not Note().parameter
    y.name = "y"
    (y * 3.0).sum().backward()
    assert y.grad is None and x.grad == [6.0] and not y.note.parameter


def test_the_path_of_a_module_leaves_out_parts():
    class Net(nn.Module):
        def forward(self, x):
            with ag.part("doubling"):
                return x * 2.0

    with ag.part("whole"):
        y = nn.Sequential(Net())(ag.Value(1.0))
    assert y.module == "0" and [s.name for s in y.note.scope.chain] == [
        "whole",
        "",
        "0",
        "doubling",
    ]
    assert [s.is_part for s in y.note.scope.chain] == [True, False, False, True]
