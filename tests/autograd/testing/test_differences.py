"""Numeric derivatives: right at every scale, and at kinks any slope in between."""

import numpy as np
import pytest

import autograd as ag


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize(
    "f",
    [lambda x: x * x, lambda x: x**3 / (1.0 + x * x), lambda x: ag.log(abs(x) + 1.0), lambda x: ag.sqrt(x * x + 1.0),
     lambda x: ag.softmax(x / (1.0 + abs(x).max())), lambda x: 1e8 + x, lambda x: ag.norm(x) * 100.0],
)  # fmt: skip
def test_honest_functions_pass_at_every_scale(f, scale):
    x = np.random.default_rng(0).normal(size=6) * scale
    assert ag.check_gradients(f, x).passed


@pytest.mark.parametrize(
    ("f", "x", "kinks"),
    [
        (ag.relu, [0.0, 1.0, -1.0], 1), (abs, [0.0, 1.0], 1), (ag.relu, [0.0, 3e-6, -4e-7], 1),
        (lambda x: ag.maximum(x, 1.0), [1.0, 2.0], 1), (lambda x: ag.clip(x, 0.0, 1.0), [0.0, 1.0, 0.5], 2),
        (ag.floor, [1.0, 1.5], 1), (lambda x: ag.max(x), [2.0, 2.0, 1.0], 2), (ag.norm, [0.0, 0.0], 2),
    ],
)  # fmt: skip
def test_kinks_pass_and_are_counted(f, x, kinks):
    [row] = ag.check_gradients(f, np.array(x)).rows
    assert row.kinks == kinks


def test_a_slope_outside_a_kink_fails():
    steep = ag.Primitive(
        "steep", lambda x: np.maximum(x, 0), lambda g, out, x: g * 1.5, elementwise=True
    )
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(steep, np.array([0.0]))
