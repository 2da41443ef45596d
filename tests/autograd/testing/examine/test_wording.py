"""Sentences."""

import numpy as np

from autograd.testing.examine.findings import single
from autograd.testing.examine.hypothesis import Hypothesis
from autograd.testing.examine.wording import (
    described_finding,
    first_wrong_entry,
    gradient_name,
    gradient_names,
    right_steps,
    unexplained,
)
from tests.autograd.testing.examine.graphs import mlp, normal, trial

X, W, B = normal(4, 3), normal(3, 5), normal(5)


def test_names():
    assert (
        gradient_name("W") == "dW" and gradient_name("layers[0].W") == "the gradient of layers[0].W"
    )
    assert (
        gradient_names(["W"]) == "dW" and gradient_names(["x", "W", "b"]) == "dx, dW and db: each"
    )


def test_the_first_wrong_entry():
    right = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert (
        first_wrong_entry("W", right + np.array([[0, 0], [1, 0]]), right)
        == "dW[1, 0] is 4 where 3 is right"
    )
    assert first_wrong_entry("W", right[0], right) == "dW has the shape (2,), (2, 2) is right"
    assert first_wrong_entry("W", right, right) == "dW agrees at this point"


def test_a_finding_and_what_is_left():
    t = trial(mlp, X, W, B, answer=lambda r: {"W": -r["W"], "b": r["b"][::-1]})
    sign = Hypothesis("sign", 1.0, "has the wrong sign", None, lambda t: {"W": -t.right["W"]})
    [(argument, kind, operation, text, evidence)] = described_finding(single(["W"], sign), [t])
    assert (argument, kind, operation) == ("W", "sign", "matmul")
    assert text == "dW has the wrong sign" and "dW[0, 0] is" in evidence
    argument, kind, _, text, _ = unexplained("b", t, {"x": True, "W": False, "b": False})
    assert (argument, kind) == ("b", "unknown") and "dx is right" in text
    assert right_steps(t.flow, ["x"]) == ["x @ W (matmul)"]
