"""Guards of Values: one for all that must stay as they are, and what they must notice."""

import pytest

import autograd as ag
from autograd import Value
from tests.autograd.compile.building import compiled


def made():
    weights = [Value(0.5 * k) for k in range(1, 5)]

    def step(x):
        for w in weights:
            w.grad = 0.0
        loss = sum((w * x for w in weights), Value(0.0)) ** 2
        loss.backward()
        for w in weights:
            w.data -= 0.01 * w.grad
        return loss.data

    return weights, step


def frozen(weights):
    weights[1].requires_grad = False


def replaced(weights):
    weights[2] = Value(3.0)


def one_fewer(weights):
    weights.pop()


def another_number(weights):
    weights[0].data = 2.0


def another_gradient(weights):
    weights[0].grad = 5.0


CHANGES = [frozen, replaced, one_fewer, another_number, another_gradient]


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
def test_what_changes_between_calls_is_seen(change):
    (theirs, plain), (ours, traced) = made(), made()
    step = compiled(traced)
    for n in range(12):
        if n == 6:
            change(theirs)
            change(ours)
        assert step(1.0 + n) == plain(1.0 + n)
        assert [w.data for w in ours] == [w.data for w in theirs]
    assert step.programs


def test_a_hook_keeps_the_step_eager():
    weights, plain = made()
    seen = []
    weights[0].register_hook(seen.append)
    step = compiled(plain)
    with pytest.warns(UserWarning, match="hook"):
        for n in range(5):
            step(1.0 + n)
    assert len(seen) == 5 and not step.programs


def test_no_gradient_is_recorded_where_the_mode_says_so():
    weights, _ = made()
    step = compiled(lambda x: (weights[0] * x).data)
    for n in range(5):
        assert step(float(n)) == weights[0].data * n
    with ag.no_grad():
        assert step(7.0) == weights[0].data * 7.0
