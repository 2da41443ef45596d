"""How a backward pass is called, by its signature."""

import pytest

from autograd.testing.examine.signature import (
    Plan,
    names_of_inputs,
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
    ],
)
def test_plan(backward, names, outputs, cached, plan):
    assert plan_of(backward, names, outputs, cached) == plan


def test_names():
    assert names_of_inputs(lambda x, *ws: 0, 3) == ["x", "w0", "w1"]
    assert names_of_inputs(lambda x: 0, 1) == ["x"]
    assert [p.name for p in parameters_of(lambda x, *, y, **z: 0)] == ["x"]
    assert takes_output("out") and not takes_output("x")
