"""The measurements of a layer, and the parts that stand for large arrays."""

import numpy as np
import pytest

import nn
from nn.inspect.layers import LARGE, ROWS, Layer, part, sample


def test_a_part_stands_for_a_large_array():
    large = np.random.default_rng(0).normal(size=(1000, 100))
    assert part(large[:10]).shape == (10, 100) and part(np.ones(10 * ROWS)).size == 10 * ROWS
    assert ROWS / 2 < part(large).size <= ROWS and part(large).mean() == pytest.approx(
        large.mean(), abs=0.05
    )
    assert sample(large).size <= LARGE + 100 and sample(large[:2]).size == 200
    assert sample(np.ones((2, 10**5))).shape == (1, 10**5)


def test_units_that_are_never_active():
    layer = Layer("relu", nn.ReLU())
    for step, active in enumerate(
        [[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]], 1
    ):
        layer.see(None, np.array([active], float), step)
    row = layer.report(np.nan)
    assert (row.units, row.dead, row.dead_since) == (3, 2, 3)
    assert row.zeros == pytest.approx(12 / 21)


def test_units_of_images_are_channels():
    layer = Layer("relu", nn.ReLU())
    image = np.zeros((2, 3, 4, 4))
    image[0, 1, 2, 2] = 1.0
    layer.see(None, image, 1)
    assert layer.report(np.nan).units == 3 and layer.report(np.nan).dead == 2


@pytest.mark.parametrize(
    ("module", "outputs", "share"),
    [(nn.Tanh(), [0.99, 0.0, -0.99, 0.5], 0.5), (nn.Sigmoid(), [0.01, 0.5, 0.99, 0.99], 0.75), (nn.LogSigmoid(), [-0.01, -1.0], 0.5)],
    ids=["tanh", "sigmoid", "logsigmoid"],
)  # fmt: skip
def test_saturation(module, outputs, share):
    layer = Layer("", module)
    layer.see(None, np.array(outputs), 1)
    assert layer.report(np.nan).saturated == share


def test_the_first_step_alone():
    layer = Layer("", nn.Tanh())
    layer.see(None, np.zeros(4), 1)
    layer.see(None, np.ones(4), 2)
    layer.slopes += [(1, 4.0, 4), (2, 0.0, 4)]
    assert layer.report(np.nan, 1).mean == 0.0 and layer.report(np.nan).mean == 0.5
    assert layer.report(np.nan, 1).gradient == 1.0 and layer.report(2.0, 1).gain == 2.0


def test_the_gain_over_time():
    layer = Layer("cell", nn.Linear(2, 2))
    assert layer.gain_over_time() is None
    for _ in range(10):
        layer.see(np.ones((1, 2)), np.ones((1, 2)), 1)
    layer.slopes = [(1, 4.0 ** (-i), 2) for i in range(10)]  # the last call comes first
    first, last, calls = layer.gain_over_time()
    assert first / last == pytest.approx(0.5**9) and calls == 10
