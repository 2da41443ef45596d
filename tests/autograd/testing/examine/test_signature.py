"""How a backward pass is called, by its signature."""

import pytest

from autograd.testing.examine.signature import (
    Plan,
    names_of_inputs,
    outputs_of,
    parameters_of,
    plan_of,
    takes_output,
)

NAMES = ("x", "W", "b")


@pytest.mark.parametrize(
    ("backward", "names", "outputs", "cached", "plan"),
    [
        (lambda grad_output, x, W, b: 0, NAMES, 1, False, Plan(1, NAMES)),
        (lambda dout, W: 0, NAMES, 1, False, Plan(1, ("W",))),
        (lambda g: 0, ("x",), 1, False, Plan(1, ())),
        (lambda x: 0, ("x",), 1, False, Plan(0, ("x",))),
        (lambda x, W, b: 0, NAMES, 1, False, Plan(0, NAMES)),
        (lambda y: 0, ("x",), 1, False, Plan(0, (), by_output=True)),
        (lambda x, alpha=0.1: 0, ("x",), 1, False, Plan(0, ("x",))),
        (lambda g, a, c, d: 0, NAMES, 1, False, Plan(1, NAMES)),
        (lambda dh, dc, x, W, b: 0, NAMES, 2, False, Plan(2, NAMES)),
        (lambda grads, x, W, b: 0, NAMES, 2, False, Plan(1, NAMES)),
        (lambda dout, cache: 0, NAMES, 1, True, Plan(1, (), cached=True)),
        (lambda *inputs: 0, NAMES, 1, False, Plan(0, NAMES)),
        (lambda *args: 0, NAMES, 1, False, Plan(1, NAMES)),
        (lambda grad, *rest: 0, NAMES, 1, False, Plan(1, NAMES)),
        (lambda: 0, NAMES, 1, False, Plan(0, ())),
        (lambda x, W, dout: 0, ("x", "W"), 1, False, Plan(1, ("x", "W"), last=True)),
        (lambda g, flag=True: 0, ("x",), 1, False, Plan(1, ())),
        (lambda dh, dc, cache: 0, NAMES, 2, True, Plan(2, (), cached=True)),
        (lambda grads, cache: 0, NAMES, 2, True, Plan(1, (), cached=True)),
        (lambda g, learning_rate: 0, ("x",), 1, False, Plan(1, (), rates=1)),
    ],
)
def test_plan(backward, names, outputs, cached, plan):
    assert plan_of(backward, names, outputs, cached) == plan


def test_names():
    assert names_of_inputs(lambda x, *ws: 0, 3) == ["x", "w0", "w1"]
    assert names_of_inputs(lambda x: 0, 1) == ["x"]
    assert [p.name for p in parameters_of(lambda x, *, y, **z: 0)] == ["x"]
    assert takes_output("out") and not takes_output("x")


@pytest.mark.parametrize(
    ("backward", "names", "plan"),
    [
        *(
            (eval(f"lambda {name}: 0"), ("x",), Plan(1, ()))
            for name in ("d", "err", "inp", "x", "y")
        ),
        (lambda d, lr=0.1: 0, ("x",), Plan(1, ())),
        (lambda grad_output=1.0: 0, ("x",), Plan(1, ())),
        (lambda d, lr: 0, ("x",), Plan(1, (), rates=1)),
        (lambda target: 0, ("logits", "target"), Plan(0, ("target",))),
        (lambda dvalues, y_true: 0, ("y_pred", "y_true"), Plan(1, ("y_true",))),
    ],
)
def test_the_only_parameter_of_a_method_is_the_cotangent(backward, names, plan):
    assert plan_of(backward, names, 1, False, of_object=True) == plan


def test_which_arrays_are_results():
    assert outputs_of(lambda dA, cache: 0, ("Z",), 2) == 1
    assert outputs_of(lambda dh, dc, cache: 0, ("x",), 3) == 2
    assert outputs_of(lambda dh, dc: 0, ("x",), 2) == 2
    assert names_of_inputs(lambda *args: 0, 2) == ["x", "y"]
