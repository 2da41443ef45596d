"""What notebooks show of findings, checks and layers."""

import numpy as np

import nn
from nn.inspect.findings import Finding
from nn.inspect.pieces import diagnosis_html, found, preflight_html
from tests.autograd.test_html import HOSTILE, is_inert


def trained():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    nn.init.constant_(model[0].bias, -100.0)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    return model, optimizer, np.random.default_rng(0).normal(size=(32, 4))


def test_findings_are_inert():
    assert is_inert(found([Finding(HOSTILE, HOSTILE, {}, HOSTILE, HOSTILE)]))


def test_a_diagnosis_shows_its_findings_and_curves():
    model, optimizer, x = trained()
    with nn.diagnose(model, optimizer) as report:
        for _ in range(3):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), np.sin(x[:, :1])).backward()
            optimizer.step()
    shown = report._repr_html_()
    assert "dying ReLU in 1" in shown and "3 steps" in shown and shown.count("<svg") == 2
    assert is_inert(shown) and shown == diagnosis_html(report, *_table(report))


def _table(report):
    from nn.inspect.diagnose import HEAD

    return HEAD, report._rows()


def test_a_preflight_shows_its_checks_and_the_range_test():
    model, optimizer, x = trained()
    report = nn.preflight(model, nn.MSELoss(), optimizer, (x, x[:, :1]), steps=3)
    shown = report._repr_html_()
    assert is_inert(shown) and "✓" in shown and shown == preflight_html(report)
    assert ("<svg" in shown) == (report.range_test is not None)


def test_a_preflight_before_any_check():
    assert "no findings" in nn.Preflight()._repr_html_()
