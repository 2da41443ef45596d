"""Cross-entropy is recognized, and what people write for its gradient."""

import numpy as np
import pytest

from autograd.testing.examine.losses import changes_of_cross_entropy, losses_of, target_of
from autograd.testing.examine.textbook import softmax
from tests.autograd.testing.examine.graphs import flow, kinds, normal, trial

Z, LABELS = normal(5, 4), np.array([0, 2, 1, 3, 3])
Y = np.eye(4)[LABELS]
P = softmax.kernel(Z, axis=-1)


def by_index(logits):
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return -log_p[np.arange(5), LABELS].mean()


def soft(logits, targets):
    return -(targets * (logits - np.log(np.exp(logits).sum(1, keepdims=True)))).sum()


def test_losses_and_their_targets():
    f = flow(by_index, Z)
    loss = next(losses_of(f))
    scale, y = target_of(f, loss)
    np.testing.assert_array_equal(y, Y)
    assert scale == pytest.approx(0.2)
    assert list(losses_of(flow(lambda x: (x**2).mean(), Z))) == []
    assert list(losses_of(flow(lambda x: soft(x, P[::-1]), Z)))
    assert list(losses_of(flow(soft, Z, P[::-1])))  # the targets are a variable, too


@pytest.mark.parametrize(
    ("gradient", "kind"),
    [
        (P, "term missing"),
        (P + Y, "sign"),
        (Z - Y, "wrong point"),
        (-Y * (1 - P), "diagonal only"),
        ((P - Y) * P * (1 - P), "extra term"),
    ],
    ids=["p", "p+y", "logits", "diagonal", "p(1-p)"],
)
def test_kinds(gradient, kind):
    g = trial(by_index, Z).seeds[0]
    t = trial(by_index, Z, answer=lambda _: {"logits": g * gradient / 5})
    assert kind in kinds(changes_of_cross_entropy(t.flow), t, "logits")
