"""Outputs that no longer tell samples apart."""

import numpy as np

import nn
from nn.inspect.collapse import Spread

X = np.random.default_rng(0).normal(size=(16, 4))


def test_the_first_spread_and_the_last():
    spread = Spread()
    assert list(spread.findings("")) == []
    for scale in (1.0, 0.5, 0.01):
        spread.see(scale * X)
    assert [f.numbers["last"] < 0.02 * f.numbers["first"] for f in spread.findings("")] == [True]
    spread.see(X)
    assert list(spread.findings("")) == []


def test_what_has_no_samples_is_not_read():
    spread = Spread()
    for out in (np.float64(1.0), X[:2], np.arange(8)):
        spread.see(out)
    assert spread.first is None


def test_targets_that_hardly_vary_are_no_collapse():
    """A network that is told to answer nearly the same for every input does so."""
    model = nn.Linear(4, 2)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
    with nn.diagnose(model, optimizer) as report:
        for _ in range(60):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(X), 1e-3 * X[:, :2]).backward()
            optimizer.step()
    assert "outputs collapse" not in [f.kind for f in report.findings]
