"""Hooks see the whole gradient and may replace it."""

import pytest

import autograd as ag

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


@KINDS
def test_hooks_see_the_whole_gradient_and_may_replace_it(make):
    x = make(2.0)
    y = x * 3.0
    seen = []
    remove = y.register_hook(lambda g: seen.append(float(g)))
    y.register_hook(lambda g: g * 10.0)
    z = y * y + y
    z.backward()
    assert seen == [13.0]
    assert x.grad == 390.0
    remove()
    z.backward()
    assert seen == [13.0]


@KINDS
def test_a_hook_on_a_leaf_is_called_once_even_if_nan_turns_up(make):
    x = make(0.0)
    calls = []
    x.register_hook(lambda g: calls.append(float(g)))
    y = ag.where(x > 0, ag.log(x), 0.0) + x
    y.backward()
    assert calls == [1.0]
    assert x.grad == 1.0


@KINDS
def test_a_hook_on_a_leaf_is_called_in_a_plain_pass(make):
    x = make(2.0)
    x.register_hook(lambda g: g * 10.0)
    (x * x).backward()
    assert x.grad == 40.0


@KINDS
def test_backward_inside_a_hook(make):
    x = make(2.0)
    y = x * x

    def reenter(g):
        (x * 5.0).backward()

    y.register_hook(reenter)
    (y * 3.0).backward()
    assert x.grad == 12.0 + 5.0


def test_a_value_keeps_what_its_hook_made_of_the_gradient():
    x = ag.Value(3.0)
    y = x * 2.0
    y.register_hook(lambda g: 10.0 * g)
    (y * 5.0).backward()
    assert (y.grad, x.grad) == (50.0, 100.0)
