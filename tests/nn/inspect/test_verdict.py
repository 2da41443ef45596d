"""What was noted becomes findings: causes suppress what follows from them."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(32, 6))
Y = X[:, :3].argmax(axis=1)


def diagnosed(model, lr, steps=30, optimizer=nn.optim.SGD):
    optimizer = optimizer(model.parameters(), lr=lr)
    with nn.diagnose(model, optimizer) as report, np.errstate(all="ignore"):
        for _ in range(steps):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(X), X[:, :3]).backward()
            optimizer.step()
    return report


def test_the_cause_of_a_loss_that_breaks_is_the_one_finding():
    ag.random.seed(0)
    [found] = diagnosed(nn.MLP([6, 16, 3]), lr=50.0).findings
    assert found.kind == "learning rate too high" and "nan or inf from step" in found.text


def test_a_deep_network_that_learns_is_left_in_peace():
    ag.random.seed(0)
    layers = [layer for i in range(8) for layer in (nn.Linear(6 if i == 0 else 32, 32), nn.ReLU())]
    report = diagnosed(
        nn.Sequential(*layers, nn.Linear(32, 3)), lr=0.003, steps=80, optimizer=nn.optim.Adam
    )
    assert report.losses[-1] < 0.75 * report.losses[0] and report.findings == []


def test_rows_and_ratios():
    ag.random.seed(0)
    report = diagnosed(nn.MLP([6, 16, 3]), lr=0.1, steps=8)
    assert [row.path for row in report.layers] == ["0", "1", "2"]
    assert report.layers[0].update_ratio > 0.0 and np.isnan(report.layers[1].update_ratio)
    assert len(report.losses) == 8 and report.losses[0] > report.losses[-1]


def test_what_came_up_in_training_comes_last():
    ag.random.seed(0)
    report = diagnosed(nn.MLP([6, 32, 32, 3]), lr=3.0, steps=40)
    assert report.findings[0].kind == "learning rate too high"
    assert all(f.numbers.get("since", 1) > 1 for f in report.findings if f.kind == "dying ReLU")


@pytest.mark.parametrize("steps", [0, 1])
def test_almost_nothing_was_seen(steps):
    assert diagnosed(nn.MLP([6, 16, 3]), lr=0.01, steps=steps).findings == []
