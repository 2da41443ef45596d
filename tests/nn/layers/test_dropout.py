"""Dropout: means, masks, seeds and channels."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F


def test_dropout_keeps_the_mean_and_uses_one_mask_both_ways():
    ag.random.seed(0)
    x = ag.Tensor(np.ones(100_000), requires_grad=True)
    out = nn.Dropout(0.3)(x)
    assert out.data.mean() == pytest.approx(1.0, abs=0.01)
    assert (out.data == 0).mean() == pytest.approx(0.3, abs=0.01)
    out.sum().backward()
    assert (x.grad == out.data).all()
    assert nn.Dropout(1.0)(x).data.tolist()[:2] == [0.0, 0.0]
    assert nn.Dropout(0.0)(x) is x and nn.Dropout(0.9).eval()(x) is x


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).normal(size=200_000)
    out = F.alpha_dropout(x, 0.4, True, generator=np.random.default_rng(1))
    assert out.mean() == pytest.approx(0.0, abs=0.02) and out.var() == pytest.approx(1.0, abs=0.02)
    assert not F.alpha_dropout(x, 1.0, True).any()


def test_noise_is_seeded_by_the_default_generator_or_an_own_one():
    x = np.ones(50)
    ag.random.seed(4)
    a = nn.Dropout(0.5)(x)
    ag.random.seed(4)
    assert (nn.Dropout(0.5)(x) == a).all() and not (nn.Dropout(0.5)(x) == a).all()
    own = [nn.Dropout(0.5, generator=np.random.default_rng(9))(x) for _ in range(2)]
    assert (own[0] == own[1]).all()


def test_channel_dropout_drops_channels_each_sample_its_own():
    ag.random.seed(0)
    out = nn.Dropout2d(0.5)(np.ones((8, 16, 3, 3)))
    means = out.mean(axis=(2, 3))
    assert set(np.unique(means)) == {0.0, 2.0} and len({tuple(row) for row in means}) == 8


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Dropout(1.5), ValueError, "Dropout: got p=1.5; expected a number, at least 0 and at most 1"),
        (lambda: nn.Dropout2d()(np.ones((2, 3))), ag.ShapeError, r"expected \(N, C, H, W\) or \(C, H, W\)"),
        (lambda: nn.Dropout(generator=3)(np.ones(3)), TypeError, "got generator=3"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
