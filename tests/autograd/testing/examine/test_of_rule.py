"""The culprit of a gradient check gets the kind of its mistake."""

import numpy as np
import pytest

import autograd as ag
from autograd.testing.examine.of_rule import Rule, mistake_of_rule

X, Y = np.array([0.5, -1.2, 2.0]), np.array([1.0, 2.0, 3.0])
SQUARE = np.random.default_rng(0).normal(size=(3, 3))


@pytest.mark.parametrize(
    ("kernel", "rules", "inputs", "elementwise", "kind"),
    [
        (lambda x: x**3, [lambda g, out, x: -3 * g * x * x], (X,), True, "sign"),
        (lambda x: x**3, [lambda g, out, x: 3 * x * x], (X,), True, "upstream ignored"),
        (lambda x: x * 2.0, [lambda g, out, x: g], (X,), True, "factor"),
        (
            lambda x: x / (1 + np.exp(-x)),
            [lambda g, out, x: g / (1 + np.exp(-x))],
            (X,),
            True,
            "term missing",
        ),
        (
            lambda x, w: x @ w,
            [lambda g, out, x, w: g @ w, lambda g, out, x, w: x.T @ g],
            (SQUARE, SQUARE + 1),
            False,
            "transposed",
        ),
    ],
    ids=["sign", "upstream", "factor", "term", "transposed"],
)
def test_culprits(kernel, rules, inputs, elementwise, kind):
    op = ag.Primitive("mine", kernel, *rules, elementwise=elementwise)
    with pytest.raises(ag.GradientCheckError, match=rf"\({kind}\)") as caught:
        ag.check_gradients(op, *inputs)
    culprit = caught.value.report.culprits[0]
    assert culprit.kind == kind and culprit.text


def test_a_right_rule_and_one_of_the_library():
    x = ag.Tensor(X, requires_grad=True)
    right = ag.Primitive("cube", lambda x: x**3, lambda g, out, x: 3 * g * x * x, elementwise=True)
    assert mistake_of_rule(right(x), 0) == ("", "")
    assert mistake_of_rule(ag.tanh(x), 0) == ("", "")


def test_a_broadcast_argument_is_summed_down():
    op = ag.Primitive(
        "mul2",
        lambda x, y: x * y,
        lambda g, out, x, y: g * y,
        lambda g, out, x, y: g * x,
        elementwise=True,
    )
    node = op(ag.Tensor(SQUARE, requires_grad=True), ag.Tensor(X[:, None], requires_grad=True))
    [answer] = Rule(node, 1).answers([(Rule(node, 1).given, [np.ones((3, 3))])])
    np.testing.assert_allclose(answer.gradients["argument 1"], SQUARE.sum(1, keepdims=True))
