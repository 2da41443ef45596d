"""Local derivatives: they hold, entry by entry, and are left out where they say nothing."""

import re

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.derivation.reasons import WORDS

rng = np.random.default_rng(0)


def reasons_of(f, *inputs, **options):
    derivation = ag.derive(f, *inputs, **options)
    return {g.name: g.because for s in derivation.steps for g in s.gradients}


SLOPES = {
    "tanh": (ag.tanh, "1 − h²"),
    "exp": (ag.exp, "h"),
    "log": (ag.log, "1 / z"),
    "sqrt": (ag.sqrt, "0.5 / h"),
    "relu": (ag.relu, "[z > 0]"),
    "sigmoid": (ag.sigmoid, "h ⊙ (1 − h)"),
    "softplus": (ag.softplus, "σ(z)"),
    "sin": (ag.sin, "cos(z)"),
    "square": (ag.square, "2·z"),
}


@pytest.mark.parametrize("name", SLOPES)
def test_the_local_derivative_of_an_elementwise_step(name):
    f, text = SLOPES[name]

    def both(z):
        h = f(z)
        return h

    [reason] = reasons_of(both, np.linspace(0.5, 2.0, 4))["dz"]
    assert reason == f"∂h/∂z = {text}"


PRODUCTS = [
    (lambda x, W: x @ W, (5, 4), (4, 3)),
    (lambda x, W: x @ W.T, (5, 4), (3, 4)),
    (lambda x, W: W @ x, (4, 5), (3, 4)),
    (lambda x, W: W.T @ x, (4, 5), (4, 3)),
    (lambda x, W: (W @ x).T, (4, 5), (3, 4)),
    (lambda x, W: x @ W, (5, 4), (4,)),
    (lambda x, W: W @ x, (4,), (3, 4)),
]


@pytest.mark.parametrize("n", range(len(PRODUCTS)))
def test_the_local_derivative_of_a_product_holds_for_every_entry(n):
    f, *shapes = PRODUCTS[n]

    def product(x, W):
        y = f(x, W)
        return y

    x, W = (rng.normal(size=shape) for shape in shapes)
    found = reasons_of(product, x, W)
    for name, slot in (("dx", 0), ("dW", 1)):
        jacobian = ag.jacobian(f, slot)(x, W)
        for reason in found[name]:
            match = re.fullmatch(r"∂y\[(.*)\]/∂\w\[(.*)\] = (\w)\[(.*)\]", reason)
            assert match, reason
            out, by, other, at = match[1], match[2], {"x": x, "W": W}[match[3]], match[4]
            letters = {c: k for k, c in enumerate(dict.fromkeys((out + by).replace(",", "")))}
            rule = [letters[c] for c in out.replace(",", "") + by.replace(",", "")]
            for _ in range(10):
                index = {k: rng.integers(0, 3) for k in letters.values()}
                place = tuple(index[k] for k in rule)
                if all(p < m for p, m in zip(place, jacobian.shape, strict=True)):
                    value = other[tuple(index[letters[c]] for c in at.split(","))]
                    assert jacobian[place] == value


def test_a_sum_says_over_what():
    [reason] = reasons_of(lambda x, b: np.tanh(x + b).sum(), np.ones((4, 3)), np.ones(3))["db"][-1:]
    assert reason == "b is used for every n: its gradients add up over n"


def test_two_paths_are_said():
    def f(x):
        q, k = x * 2.0, np.exp(x)
        return np.tanh(q * k).sum()

    assert reasons_of(f, np.ones(3))["dx"] == ("x is read in several places: its gradients add up",)


def test_an_addition_says_nothing():
    assert reasons_of(lambda z: np.tanh(z + 1.0), np.ones(3))["dz"] != ("∂out/∂z = 1",)


def test_every_word_is_used_and_has_its_places():
    z = rng.normal(size=(4, 3))
    shares = rng.dirichlet(np.ones(3), 4)
    told = " ".join(
        ag.derive(f, z).text
        for f in (
            nn.Softmax(1),
            nn.LogSoftmax(1),
            lambda z: nn.cross_entropy(z, np.array([0, 1, 2, 0])),
            lambda z: nn.cross_entropy(z, shares),
            lambda z: nn.functional.binary_cross_entropy_with_logits(z, shares),
            lambda z: nn.functional.layer_norm(z, 3),
        )
    )
    for text, latex in WORDS.values():
        words = re.split(r"\{\d\}", text)
        assert max(words, key=len) in told
        assert latex.format("p", "z", "t")


def slopes(f, *inputs, by=None):
    text = ag.derive(f, *inputs, by=by).text
    return [line.strip() for line in text.splitlines() if line.strip().startswith("∂")][1:]


def test_a_line_with_another_path_is_no_local_derivative():
    """Where the gradients of two paths add up, the other's is no part of the slope."""

    def entropy(q, y):
        return -np.mean(y * np.log(q) + (1 - y) * np.log(1 - q))

    p = np.linspace(0.1, 0.9, 8).reshape(4, 2)
    t = (p > 0.5) * 1.0
    assert not any("∂t1/∂q" in line for line in slopes(entropy, p, t, by="q"))
    assert "q is read in several places" in ag.derive(entropy, p, t, by="q").text

    def nested(a, b, c):
        return a - (b - c) / (a * b)

    assert slopes(nested, 1.5, 0.5, 2.0) == []


def test_a_slope_is_the_derivative_of_its_step():
    assert "∂h1/∂z = 1 − h1²" in slopes(lambda w: loss_of(w), np.ones(3))


def loss_of(w):
    z = w * np.arange(3.0)
    return (np.tanh(z) ** 2).sum()


def test_an_unnamed_argument_of_a_softmax_is_said():
    z = np.ones((2, 3))
    assert "z = −x, ∂outᵢ/∂zⱼ = outᵢ(δᵢⱼ − outⱼ)" in ag.derive(nn.Softmin(-1), z).text


def test_entries_that_are_read_twice_add_up():
    text = ag.derive(nn.Embedding(5, 3), np.array([0, 1, 1])).text
    assert "where a place was read several times, its gradients add up" in text
