"""Two models that play: whether the passes of both push the judge the same way."""

import numpy as np
import pytest

import autograd as ag
import nn

RNG = np.random.default_rng(0)
bce = nn.functional.binary_cross_entropy_with_logits
ONES = np.ones((16, 1))


def findings(mine, theirs, rounds=1, judged_alone=False):
    ag.random.seed(0)
    g, d = nn.MLP([2, 8, 2]), nn.MLP([2, 8, 1], "tanh")
    og, od = (nn.optim.Adam(m.parameters(), lr=0.01) for m in (g, d))
    with nn.diagnose({"g": g, "d": d}, [og, od]) as report:
        for _ in range(4):
            for _ in range(rounds):
                od.zero_grad()
                loss = bce(d(g(RNG.normal(size=(16, 2))).detach()), theirs * ONES)
                if not judged_alone:
                    loss = loss + bce(d(RNG.normal(size=(16, 2))), ONES)
                loss.backward()
                od.step()
            og.zero_grad()
            bce(d(g(RNG.normal(size=(16, 2)))), mine * ONES).backward()
            og.step()
    return [f for f in report.findings if f.kind == "players on one side"]


@pytest.mark.parametrize("rounds", [1, 5])
def test_players_that_play(rounds):
    assert findings(1.0, 0.0, rounds) == []


@pytest.mark.parametrize(("mine", "theirs", "way"), [(0.0, 0.0, "down"), (1.0, 1.0, "up")])
def test_players_on_one_side(mine, theirs, way):
    [found] = findings(mine, theirs)
    assert found.layer == "g" and f"moves what d says of its outputs {way}" in found.text


def test_two_parts_of_one_network_may_agree():
    """A head that is first trained alone sees no other data than what the body made."""
    assert findings(1.0, 1.0, judged_alone=True) == []
