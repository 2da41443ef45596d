"""Wrong rules, planted in copies of primitives, are caught by check_gradients; right copies pass."""

import numpy as np
import pytest

import autograd as ag
from autograd.primitives import PRIMITIVES
from autograd.primitives.arithmetic import zero_rule
from tests.cases import CASES, Case

SKIPPED = {op.name for op in PRIMITIVES.values() if op.step} | {"zeros_like", "cholesky", "eigh"}
FIRST = {}
for case in CASES:
    if case.name not in SKIPPED and all(np.size(x) > 1 for x in case.arguments()):
        FIRST.setdefault(case.name, case)
TARGETS = [
    pytest.param(case, argument, id=f"{case.name}-{argument}")
    for case in FIRST.values()
    for argument in case.differentiable()
    # What is spoiled must not be 0, as it is for the sign that copysign takes.
    if case.primitive.variadic or case.primitive.rules[argument] is not zero_rule
]


def planted(op: ag.Primitive, argument: int, spoil) -> ag.Primitive:
    """A copy of `op` whose rule for one argument is spoiled; `spoil` gets the gradient and what it is for."""

    def spoiled(g, out, *inputs, **static):
        c = op.rules[argument](g, out, *inputs, **static)
        return spoil(c, g, inputs[argument])

    if op.variadic:
        rule = lambda g, out, *inputs, argument, **static: spoil(
            op.rules[argument](g, out, *inputs, **static), g, inputs[argument]
        )
        return ag.Primitive(op.name, op.kernel, rule, variadic=True)
    rules = [spoiled if k == argument else rule for k, rule in enumerate(op.rules)]
    return ag.Primitive(op.name, op.kernel, *rules, scalar=op.scalar, elementwise=op.elementwise)


def check(op: ag.Primitive, case: Case):
    arguments = case.arguments()
    differentiable = case.differentiable()

    def function(*xs):
        full = list(arguments)
        for i, x in zip(differentiable, xs, strict=True):
            full[i] = x
        return op(*full, **case.static)

    return ag.check_gradients(function, *(arguments[i] for i in differentiable))


def one_entry_dropped(c, g, x):
    c = np.array(np.broadcast_to(c, np.broadcast_shapes(c.shape, x.shape)))
    c.flat[np.argmax(np.abs(c))] = 0.0
    return c


SPOILS = {
    "sign flipped": lambda c, g, x: -c,
    "one per cent off": lambda c, g, x: c * 1.01,
    "factor dropped": lambda c, g, x: c * 0.5,
    "a constant added": lambda c, g, x: c + 0.01,
    "one entry dropped": one_entry_dropped,
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
@pytest.mark.parametrize(("case", "argument"), TARGETS)
def test_a_planted_error_is_caught(case, argument, spoil):
    with pytest.raises(ag.GradientCheckError, match="WRONG"):
        check(planted(case.primitive, argument, spoil), case)


@pytest.mark.parametrize("case", FIRST.values(), ids=FIRST)
def test_a_right_copy_passes(case):
    same = planted(case.primitive, case.differentiable()[0], lambda c, g, x: c)
    assert check(same, case).passed


@pytest.mark.parametrize("name", ["mul", "div", "add", "sub", "maximum", "pow"])
def test_a_skipped_sum_over_broadcast_axes_is_caught(name):
    """A rule that hands on one slice where the broadcast copies must be added up."""
    op = PRIMITIVES[name]

    def first_copy(g, out, x, y):
        c = op.rules[1](g, out, x, y)
        return c[0]

    copy = ag.Primitive(name, op.kernel, op.rules[0], first_copy, elementwise=True)
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(copy, np.array([[1.2, 0.7], [0.9, 1.6]]), np.array([1.5, 0.4]))


@pytest.mark.parametrize("term", [0, 1])
def test_a_missing_term_of_a_product_rule_is_caught(term):
    zero = lambda g, out, x, y: g * 0.0
    op = PRIMITIVES["mul"]
    rules = [zero if k == term else rule for k, rule in enumerate(op.rules)]
    copy = ag.Primitive("mul", op.kernel, *rules, elementwise=True)
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(lambda x: copy(x, ag.sin(x)), np.array([0.5, 1.5]))


def test_one_wrong_entry_of_ten_thousand():
    def forgets_one(g, out, x):
        c = np.array(g * 2.0 * x)
        c[57, 31] = 0.0
        return c

    square = ag.Primitive("square", np.square, forgets_one, elementwise=True)
    x = np.random.default_rng(0).normal(size=(100, 100))
    with pytest.raises(ag.GradientCheckError) as caught:
        ag.check_gradients(square, x)
    [row] = caught.value.report.rows
    assert row.failed == 1 and row.worst == (57, 31) and row.autograd == 0.0
    assert row.checked == row.total == 10_000
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(square, x, samples=20)  # the random direction sees it
