"""Linear and Bilinear: the formula, initial weights, messages."""

import numpy as np
import pytest

import autograd as ag
import nn


def test_linear_is_the_formula():
    layer = nn.Linear(3, 2)
    x = np.random.default_rng(0).normal(size=(4, 5, 3))
    np.testing.assert_allclose(layer(x).data, x @ layer.weight.data.T + layer.bias.data, rtol=1e-14)
    assert layer(x[0, 0]).shape == (2,)
    assert nn.Linear(3, 2, bias=False).bias is None
    assert nn.Linear(3, 2, dtype=np.float32)(x.astype(np.float32)).dtype == np.float32


def test_initial_numbers_are_seeded_and_bounded():
    ag.random.seed(7)
    a = nn.Linear(16, 400).weight.data
    ag.random.seed(7)
    assert (a == nn.Linear(16, 400).weight.data).all()
    generator = np.random.default_rng(7)
    assert (nn.Linear(16, 400, generator=generator).weight.data == a).all()
    assert not (nn.Linear(16, 400, generator=generator).weight.data == a).any()
    assert abs(a).max() <= 0.25 and a.var() == pytest.approx(0.25**2 / 3, rel=0.05)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Linear(3, 2)(np.ones((4, 2))), ag.ShapeError, r"input of shape \(4, 2\).*in_features = 3"),
        (lambda: nn.Linear(2.0, 1), ValueError, "got in_features=2.0"),
        (lambda: nn.Linear(2, -1), ValueError, "got out_features=-1"),
        (lambda: nn.Bilinear(2, 3, 1)(np.ones((4, 2)), np.ones((5, 3))), ag.ShapeError, "expected equal lengths of all axes but the last"),
        (lambda: nn.Linear(2, 2, dtype=int), ag.DTypeError, "Linear: got dtype int64; expected a floating one"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
