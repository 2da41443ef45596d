"""check_backward and check_derivative, as a reader calls them."""

import copy
import math

import numpy as np
import pytest

import autograd as ag
from autograd.testing.backward import KINDS
from autograd.testing.examine.search import MOST_IN_PAIRS, MOST_SINGLE, Search
from tests.examiner import backwards as b

RNG = np.random.default_rng(0)
X, W, BIAS = RNG.normal(size=(5, 4)), RNG.normal(size=(4, 3)), np.zeros(3)


class Linear:
    def __init__(self):
        self.W, self.b = W.copy(), BIAS.copy()

    def forward(self, x):
        self.input = x
        return x @ self.W + self.b

    def backward(self, grad_output):
        self.grad_W = self.input.T @ grad_output
        self.grad_b = grad_output
        return grad_output @ self.W.T


def test_a_layer():
    report = ag.check_backward(Linear(), X)
    [mistake] = report.mistakes
    assert not report.passed and report.arguments == {"x": True, "W": True, "b": False}
    assert (mistake.argument, mistake.kind, mistake.operation) == ("b", "not summed", "add")
    assert mistake.text == "db is not summed over the batch: (5, 3) came, (3,) is right"
    assert "reproduces the answer to rounding at 5 points" in mistake.evidence
    lines = str(report).splitlines()
    assert lines[0] == "gradient of  Linear.backward" and "b            WRONG" in lines


def test_a_right_one():
    report = ag.check_backward(b.linear, b.linear_backward, X, W, BIAS)
    assert report.passed and report.mistakes == [] and report.points == 6
    assert "every gradient is right, at 6 points" in str(report)


def test_names():
    report = ag.check_backward(
        lambda *a: a[0] @ a[1],
        lambda g, *a: {"v": a[0].T @ g, "u": g @ a[1].T},
        *(X, W),
        names=["u", "v"],
    )
    assert report.passed and report.arguments == {"u": True, "v": True}


def test_kinds_are_those_promised():
    assert len(set(KINDS)) == 21 and {"sign", "stale", "unknown"} <= set(KINDS)


def test_nothing_of_the_callers_changes():
    layer, x = Linear(), X.copy()
    layer.forward(x)
    layer.grad_W = np.full((4, 3), 7.0)
    before = copy.deepcopy(vars(layer))
    draws = np.random.get_state(legacy=False)  # noqa: NPY002
    ag.check_backward(layer, x)
    after = vars(layer)
    assert before.keys() == after.keys()
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value)
    np.testing.assert_array_equal(x, X)
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    np.testing.assert_array_equal(after["state"]["key"], draws["state"]["key"])


def test_the_search_for_what_nobody_can_explain_is_bounded(monkeypatch):
    """By the work, which is counted, because machines differ; it takes about 1.5 seconds on one."""

    def wrong(grad_output, x, gamma, beta):
        return np.sort(grad_output, axis=0) * gamma, np.sum(grad_output, axis=0), grad_output.sum(0)

    work: dict[int, float] = {}
    spends = Search._is_spent

    def counted(search, cost):
        work[id(search)] = work.get(id(search), 0.0) + cost
        return spends(search, cost)

    monkeypatch.setattr(Search, "_is_spent", counted)
    report = ag.check_backward(b.batch_norm, wrong, *b.INPUTS["batch_norm"])
    assert not report.passed and report.mistakes[-1].kind == "unknown"
    assert 0 < sum(work.values()) < MOST_SINGLE + MOST_IN_PAIRS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3,), "check_backward: got an int; expected a function, or an object with forward"),
        ((np.tanh,), "got no backward pass; expected a function"),
        ((np.tanh, X), "got an ndarray as the backward pass; expected a function"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ag.DTypeError, match=message):
        ag.check_backward(*arguments)


def test_a_backward_pass_without_gradients():
    with pytest.raises(ag.GraphError, match="got no gradient from <lambda>"):
        ag.check_backward(np.tanh, lambda g, x: None, X)


# --- check_derivative -----------------------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -500, 500)))


@pytest.mark.parametrize(
    ("f", "df"),
    [
        (sigmoid, lambda y: y * (1 - y)),
        (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
        (math.sin, math.cos),
        (lambda x: np.where(x > 0, x, 0.01 * x), lambda x, alpha=0.01: np.where(x > 0, 1, alpha)),
        (np.square, lambda y: 2 * y),  # called y, but it takes the point
    ],
)
def test_right_derivatives(f, df):
    assert ag.check_derivative(f, df, np.array([-1.0, 0.5, 2.0])).passed


@pytest.mark.parametrize(
    ("f", "df", "kind"),
    [
        (np.tanh, lambda x: 1 - x**2, "wrong point"),
        (sigmoid, lambda x: sigmoid(x) * (1 - x), "wrong point"),
        (math.sin, lambda x: -math.cos(x), "sign"),
        (lambda x: x**3, lambda x: x**2, "factor"),
    ],
)
def test_wrong_derivatives(f, df, kind):
    report = ag.check_derivative(f, df, -1.0, 0.5, 2.0)
    assert not report.passed and report.mistakes[0].kind == kind


def test_a_derivative_at_a_kink():
    report = ag.check_derivative(
        lambda x: np.maximum(0, x), lambda x: (x > 0) * 1.0, np.array([-1.0, 0.0, 2.0])
    )
    assert report.passed and report.mistakes[0].kind == "kink only"
    assert ag.check_derivative(np.exp, np.exp).points == 6


def test_a_derivative_must_be_a_function():
    with pytest.raises(ag.DTypeError, match="check_derivative: got a float; expected a function"):
        ag.check_derivative(np.tanh, 3.0)


def test_points_are_finite_numbers_and_some():
    for point in (np.nan, [], "1.5", None, 1j, [1.0, np.inf]):
        with pytest.raises(ag.DTypeError, match=r"check_derivative: got .*; expected .*numbers"):
            ag.check_derivative(np.tanh, np.cos, point)


def test_inputs_that_prove_nothing_are_refused():
    for x in (np.zeros((0, 3)), [], ag.Tensor(np.zeros(0))):
        with pytest.raises(
            ag.ShapeError, match=r"check_backward: got .* as input 0; expected entr"
        ):
            ag.check_backward(np.square, lambda g, x: 5 * g * x, x)
    with pytest.raises(ag.DTypeError, match="as input 1, with nan in it; expected numbers"):
        ag.check_backward(np.multiply, lambda g, x, y: (g * y, g * x), 2.0, np.nan)


@pytest.mark.parametrize("seed", [-1, 1.5, None, "0"])
def test_a_seed_is_an_integer(seed):
    with pytest.raises(TypeError, match=r"check_backward: got seed=.*; expected an integer of at"):
        ag.check_backward(np.square, lambda g, x: 2 * g * x, X, seed=seed)
    with pytest.raises(
        TypeError, match=r"check_derivative: got seed=.*; expected an integer of at"
    ):
        ag.check_derivative(np.tanh, np.cos, seed=seed)


@pytest.mark.parametrize("names", [[], ["a"], ["a", "a"], "ab", ["a", 2], 3], ids=str)
def test_names_are_as_many_as_inputs(names):
    with pytest.raises(TypeError, match=r"names=.*; expected 2 different names in a list"):
        ag.check_backward(np.multiply, lambda g, x, y: (g * y, g * x), X, X, names=names)


POSITIVE = np.random.default_rng(1).random((6, 4)) + 0.1


def softmax(x, T):
    e = np.exp(x / T)
    return e / e.sum(-1, keepdims=True)


def softmax_without_T(g, x, T):
    p = softmax(x, T)
    return p * (g - (g * p).sum(-1, keepdims=True))


def overwritten(g, table, ids):
    found = np.zeros_like(table)
    found[ids] = g
    return found


UNSEEN = {
    "relu, positive inputs": (lambda x: np.maximum(0, x), lambda g, x: g, POSITIVE),
    "abs, positive inputs": (np.abs, lambda g, x: g, POSITIVE),
    "relu, negative inputs": (lambda x: np.maximum(0, x), lambda g, x: 0 * g, -POSITIVE),
    "relu6, small inputs": (lambda x: np.clip(x, 0, 6), lambda g, x: g * (x > 0), X),
    "a temperature of 1": (softmax, softmax_without_T, X, 1.0),
    "a temperature of 1, an int": (softmax, softmax_without_T, X, 1),
    "a penalty of 1": (lambda W, lam: lam * np.sum(W**2), lambda W, lam: {"W": 2 * W}, W, 1.0),
    "a power of 2": (lambda x, n: x**n, lambda g, x, n: {"x": g * 2 * x}, POSITIVE, 2),
    "identity weights": (lambda x, W: x @ W, lambda g, x, W: (g, x.T @ g), X, np.eye(4)),
    "indices that occur once": (lambda t, i: t[i], overwritten, X, np.array([0, 3, 1])),
    "a mask that keeps all": (lambda x, m: x * m, lambda g, x, m: g, X, np.ones(X.shape, bool)),
    "saturated": (np.tanh, lambda g, x: 0 * g, np.array([30.0, -40.0])),
    "beside a large entry": (
        lambda x: (x * np.array([1e10, 1.0])).sum(),
        lambda g, x: g * np.array([1e10, 5.0]),
        np.ones(2),
    ),
    "tiny": (lambda x: 1e-20 * x, lambda g, x: 2e-20 * g, W),
    "a tie": (lambda x: x.max(), lambda g, x: g * (x == x.max()), np.array([1.0, 3, 3, 0])),
    "no gradient of W": (lambda x, W: x @ W, lambda g, x, W: g @ W.T, X, W),
    "another name": (lambda x, W: x @ W, lambda g, x, W: {"dx": g @ W.T, "dV": x}, X, W),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_no_input_hides_a_mistake(name):
    report = ag.check_backward(*UNSEEN[name])
    assert not report.passed and report.mistakes, name


@pytest.mark.parametrize(
    ("forward", "slope"),
    [
        (np.log, lambda x: 1 / x),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
        (np.reciprocal, lambda x: -1 / x**2),
        (lambda x: np.clip(x, 0, 6), lambda x: (x >= 0) * (x <= 6) * 1.0),
    ],
)
def test_derivatives_where_there_is_one(forward, slope):
    assert ag.check_derivative(forward, slope).passed


def test_a_derivative_that_is_wrong_far_from_zero():
    report = ag.check_derivative(lambda x: np.clip(x, 0, 6), lambda x: (x > 0) * 1.0)
    assert not report.passed and report.mistakes[0].kind == "mask"


@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_a_saturated_right_answer(scale):
    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    for backward in (
        lambda g, x: scale * g * sigmoid(x) * (1 - sigmoid(x)),
        lambda g, x: scale * g * np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2,
    ):
        x = np.array([40.0, 50.0])
        assert ag.check_backward(lambda x: scale * sigmoid(x), backward, x).passed
        assert ag.check_backward(lambda x: scale * sigmoid(x), backward, -x).passed


def test_what_is_not_examined():
    class Context:
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g

    with pytest.raises(ag.DTypeError, match="got the class Context; expected an object"):
        ag.check_backward(Context, X)
    with pytest.raises(ag.UnsupportedError, match="depends on the others"):
        ag.check_derivative(lambda x: softmax(x, 1.0), lambda x: x, np.arange(3.0))
    assert ag.check_backward(lambda x: np.sum(x**2), lambda x: 2 * x, [1.0, 2.0]).passed
