"""The demos by their numbers."""

import importlib

import numpy as np
import pytest


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    kept = {}

    def run(name):
        if name not in kept:
            out = tmp_path_factory.mktemp(name)
            kept[name] = importlib.import_module(f"demos.{name}").run(out), out
        return kept[name]

    return run


def test_initialization(answers):
    found, out = answers("initialization")
    for scheme in ("too small (σ = 0.01)", "too large (σ = 0.2)", "Xavier", "Kaiming"):
        for activation in ("linear", "ReLU"):
            key = scheme, activation
            measured, predicted = np.log(found.measured[key][-1]), np.log(found.predicted[key][-1])
            assert abs(measured - predicted) < max(2.0, 0.1 * abs(predicted)), key
    assert 0.2 < found.measured["Kaiming", "ReLU"][-1] < 8
    assert 0.3 < found.measured["Xavier", "linear"][-1] < 3
    assert (
        found.measured["Xavier", "ReLU"][-1] < 1e-6
        and found.measured["too large (σ = 0.2)", "ReLU"][-1] > 1e18
    )
    assert found.measured["orthogonal", "linear"][-1] == pytest.approx(1.0, rel=0.05)
    assert found.symmetric_spread == 0.0
    assert found.random_spread > 1e-3 and found.zero_bias_spread > 1e-3
    assert found.relu_mean == pytest.approx(1 / np.sqrt(2 * np.pi), abs=2e-3)
    assert (out / "initialization.png").stat().st_size > 20_000


def test_backprop(answers):
    found, out = answers("backprop")
    assert max(found.errors.values()) < 1e-14 and len(found.errors) == 5
    assert 1e-7 < found.best_step < 1e-3 and min(found.numeric_errors) < 1e-8
    assert found.numeric_errors[0] > 1e-3 and found.numeric_errors[-1] > 1e-6
    assert (found.slope_at_kink, found.numeric_at_kink) == (0.0, 0.5)
    assert {p.name for p in out.iterdir()} == {
        "backprop-steps.png",
        "backprop-chain.svg",
        "backprop-chain.html",
    }


def test_vanishing(answers):
    found, _ = answers("vanishing")
    plain = found.norms["as written"]
    assert plain[0] < 1e-15 * plain[-1]
    for cure in ("Kaiming", "BatchNorm", "residual", "all of them"):
        assert found.norms[cure][0] > 1e-6 * found.norms[cure][-1], cure
    assert found.norms["residual"][0] > 0.1 * found.norms["residual"][-1]
    assert found.after["as written"] > 0.5 * found.before["as written"]
    assert found.after["residual"] < 0.2 * found.before["residual"]
    assert found.after["all of them"] < 0.3 * found.before["all of them"]
