"""Functions are compared with the reference solution."""

import numpy as np
import pytest

from demos.practice.catalogue import BY_NAME


def overflowing(x):
    with np.errstate(all="ignore"):
        e = np.exp(x)
        return np.maximum(0, x), 1 / (1 + np.exp(-x)), np.tanh(x), e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize(
    ("name", "function", "kind", "said"),
    [
        ("numerical-gradient", lambda f, x: 0 * x, "unknown", "is wrong at"),
        ("numerical-gradient", lambda f, x: 0.0, "shape", "has the shape ()"),
        ("activations", lambda x: x, "shape", "1 results came, 4 are right"),
        ("activations", overflowing, "unknown", "result 3 is wrong"),
        ("three-layer-mlp", lambda x, weights, biases: x @ weights, "unknown", "it raises"),
    ],
    ids=["wrong", "shape", "count", "overflow", "error"],
)
def test_wrong_programs(name, function, kind, said):
    report = BY_NAME[name].grade(function)
    [mistake] = report.mistakes
    assert not report.passed and mistake.kind == kind and said in mistake.text


@pytest.mark.parametrize("name", ["activations", "numerical-gradient", "three-layer-mlp"])
def test_the_reference_passes(name):
    assert BY_NAME[name].grade(BY_NAME[name].reference).passed
