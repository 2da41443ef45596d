"""Backward passes are seen from outside, also by several at once."""

import pytest

import autograd as ag
from autograd.engine import backward


def test_passes_are_reported_with_root_and_seed_and_whether_they_add():
    seen = []
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    with ag.watch_backward(lambda *event: seen.append(event)):
        y.backward([1.0, 1.0])
        ag.gradients(y.sum(), [x])
    assert [(root.op.name, adds) for root, _, adds in seen] == [("mul", True), ("sum", False)]
    assert list(seen[0][1]) == [1.0, 1.0] and seen[1][1] is None
    assert backward.backward_watch.get() is None


def test_blocks_are_nested_and_passes_of_the_function_itself_are_its_own():
    seen = []
    x = ag.Value(3.0)

    def look(root, seed, adds):
        seen.append(ag.gradients(root, [x])[0])

    with ag.watch_backward(lambda *_: seen.append("outer")), ag.watch_backward(look):
        (x * x).backward()
        with ag.detect_anomaly():
            (x * x).backward()
    assert seen == ["outer", 6.0] * 2 and x.grad == 12.0


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match=r"watch_backward: got an int; expected a function"):
        ag.watch_backward(3).__enter__()
