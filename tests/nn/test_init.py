"""Initializers: variances, structure, seeds and messages."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import init

SHAPE = (300, 20, 10)  # fan_in 200, fan_out 3000


@pytest.mark.parametrize(
    ("fill", "variance"),
    [
        (nn.init.xavier_uniform_, 2.0 / (200 + 300)), (nn.init.kaiming_uniform_, 2.0 / 200),
        (lambda w: nn.init.kaiming_uniform_(w, a=1.0), 1.0 / 200), (nn.init.normal_, 1.0), (nn.init.uniform_, 1 / 12),
    ],
)  # fmt: skip
def test_variances_of_initializers(fill, variance):
    w = fill(ag.Tensor(np.zeros((300, 200))))
    assert w.data.var() == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize(
    "fill", [nn.init.uniform_, nn.init.normal_, nn.init.zeros_, nn.init.xavier_uniform_, nn.init.kaiming_uniform_]
)  # fmt: skip
def test_initializers_keep_the_dtype_and_fill_what_is_empty(fill):
    assert fill(nn.Parameter(np.ones((2, 3)), dtype=np.float32)).dtype == np.float32
    assert fill(ag.Tensor(np.ones((0, 0)))).shape == (0, 0)
    if fill not in (nn.init.xavier_uniform_, nn.init.kaiming_uniform_):
        assert fill(ag.Tensor(1.0)).shape == ()


@pytest.mark.parametrize(
    ("fill", "variance"),
    [
        (init.xavier_uniform_, 2 / 3200), (init.xavier_normal_, 2 / 3200), (init.kaiming_uniform_, 2 / 200),
        (init.kaiming_normal_, 2 / 200), (init.lecun_normal_, 1 / 200), (init.normal_, 1.0), (init.uniform_, 1 / 12),
        (lambda w, generator: init.xavier_normal_(w, 2.0, generator), 8 / 3200),
        (lambda w, generator: init.kaiming_normal_(w, mode="fan_out", generator=generator), 2 / 3000),
        (lambda w, generator: init.kaiming_uniform_(w, 0.5, generator=generator), 2 / 1.25 / 200),
        (lambda w, generator: init.kaiming_uniform_(w, nonlinearity="tanh", generator=generator), 25 / 9 / 200),
        (lambda w, generator: init.orthogonal_(w, generator=generator), 1 / 300),
        (lambda w, generator: init.trunc_normal_(w, generator=generator), 0.7737),
        (lambda w, generator: init.trunc_normal_(w, std=0.1, generator=generator), 0.01),
    ],
)  # fmt: skip
def test_variances_and_generators(fill, variance):
    w = fill(ag.Tensor(np.zeros(SHAPE)), generator=np.random.default_rng(0))
    assert w.data.var() == pytest.approx(variance, rel=0.03)
    assert w.data.mean() == pytest.approx(0.5 if fill is init.uniform_ else 0.0, abs=0.01)
    again = fill(ag.Tensor(np.zeros(SHAPE)), generator=np.random.default_rng(0))
    assert (w.data == again.data).all()
    ag.random.seed(1)
    single = fill(nn.Parameter(np.zeros(SHAPE), dtype=np.float32), generator=None)
    assert single.dtype == np.float32


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 2, 3)])
def test_orthogonal_rows_or_columns(shape):
    w = init.orthogonal_(ag.Tensor(np.zeros(shape)), gain=2.0).data.reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4.0 * np.eye(min(w.shape)), atol=1e-12)


def test_filled_with_structure():
    w = init.sparse_(ag.Tensor(np.ones((10, 50))), 0.75, generator=np.random.default_rng(0))
    assert ((w.data == 0).sum(axis=0) == 8).all() and w.data.std() < 0.01
    assert init.eye_(ag.Tensor(np.zeros((2, 3)))).tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    conv = nn.Conv2d(4, 4, 3, padding="same", groups=2, bias=False)
    init.dirac_(conv.weight, groups=2)
    x = np.random.default_rng(0).normal(size=(1, 4, 5, 5))
    assert (conv(x).data == x).all()
    assert init.ones_(ag.Tensor([0.0])).tolist() == [1.0]


def test_gains():
    gains = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    assert {name: init.calculate_gain(name) for name in gains} == gains
    assert init.calculate_gain("leaky_relu", 1.0) == 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.init.xavier_uniform_(ag.Tensor([1.0])), ag.ShapeError, r"xavier_uniform_: got a Tensor of shape \(1,\)"),
        (lambda: nn.init.zeros_(np.ones(1)), TypeError, "zeros_: got an ndarray"),
        (lambda: nn.init.uniform_(ag.Tensor([1])), ag.DTypeError, "uniform_: got a Tensor of dtype int64"),
        (lambda: nn.init.uniform_(ag.Tensor([1.0]), 2.0, 1.0), ValueError, "a=2 and b=1"),
        (lambda: nn.init.normal_(ag.Tensor([1.0]), std=-1.0), ValueError, "std=-1.0"),
        (lambda: nn.init.normal_(ag.Tensor([1.0]), generator=3), TypeError, "got generator=3"),
        (lambda: init.calculate_gain("swish"), ValueError, "got nonlinearity='swish'; expected one of 'linear'"),
        (lambda: init.kaiming_normal_(ag.Tensor(np.ones((2, 2))), mode="fan"), ValueError, "one of 'fan_in', 'fan_out'"),
        (lambda: init.trunc_normal_(ag.Tensor([0.0]), a=50.0, b=60.0), ValueError, "limits that part of the distribution"),
        (lambda: init.trunc_normal_(ag.Tensor([0.0]), std=0.0), ValueError, "got std=0.0"),
        (lambda: init.orthogonal_(ag.Tensor([0.0])), ag.ShapeError, "orthogonal_: got a Tensor of shape"),
        (lambda: init.eye_(ag.Tensor([0.0])), ag.ShapeError, "expected a matrix"),
        (lambda: init.sparse_(ag.Tensor([[0.0]]), 1.5), ValueError, "sparsity=1.5"),
        (lambda: init.dirac_(ag.Tensor([[0.0]])), ag.ShapeError, "a weight of a convolution"),
        (lambda: init.dirac_(ag.Tensor(np.ones((3, 1, 1))), 2), ValueError, "got groups=2; expected a divisor of out_channels = 3"),
        (lambda: init.values_(ag.Tensor([0.0]), [1, 2]), ag.ShapeError, r"shape \(2,\); expected \(1,\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_messages_of_what_came_through():
    w = nn.Parameter(np.zeros((3, 4)))
    for call, error, text in (
        (
            lambda: init.zero_rows_(w, None),
            TypeError,
            "got rows=None; expected the numbers of rows",
        ),
        (lambda: init.values_(w, [1, [2]]), ag.ShapeError, "rows differ in length"),
        (lambda: init.xavier_uniform_(w, gain=1e308), ValueError, "and a finite difference"),
    ):
        with pytest.raises(error, match=text):
            call()
    assert not w.numpy().any()
