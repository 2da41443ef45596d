"""SGD: its formula and messages."""

import numpy as np
import pytest

import autograd as ag
import nn


def model(**options):
    ag.random.seed(3)
    return nn.Sequential(
        nn.Linear(3, 5, **options), nn.Tanh(), nn.Linear(5, 2, **options), nn.ReLU()
    )


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize(
    ("momentum", "dampening"), [(0.0, 0.0), (0.0, 0.5), (0.9, 0.0), (0.9, 0.5)]
)
def test_sgd_follows_its_formula(momentum, dampening, nesterov):
    if nesterov and (momentum == 0 or dampening):
        with pytest.raises(ValueError, match="nesterov"):
            nn.optim.SGD([nn.Parameter([1.0])], 0.1, momentum, dampening, nesterov=True)
        return
    p = nn.Parameter([0.5, -0.7])
    w, v = p.data.copy(), None
    optimizer = nn.optim.SGD([p], 0.1, momentum, dampening, 0.01, nesterov)
    for _ in range(10):
        optimizer.zero_grad()
        (p**4).sum().backward()
        optimizer.step()
        g = 4 * w**3 + 0.01 * w
        v = g if v is None else momentum * v + (1 - dampening) * g
        w = w - 0.1 * ((g + momentum * v if nesterov else v) if momentum else g)
        np.testing.assert_allclose(p.data, w, rtol=1e-12)


def test_a_parameter_without_gradient_is_left_alone():
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = nn.optim.SGD([p, q], lr=0.5)
    (p * 2.0).sum().backward()
    optimizer.step()
    assert p.data.tolist() == [0.0] and q.data.tolist() == [1.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.optim.SGD([]), ValueError, "no parameters"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0])], lr=-1), ValueError, "lr=-1"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0])], lr=float("nan")), ValueError, "lr=nan"),
        (lambda: nn.optim.SGD(nn.Parameter([1.0, 2.0])), TypeError, "got a Parameter; expected an iterable of Tensors"),
        (lambda: nn.optim.SGD(nn.Linear(1, 1)), TypeError, "got a Linear; expected an iterable of Tensors"),
        (lambda: nn.optim.SGD(model()), TypeError, "got a Linear as entry 0"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0]) * 2.0]), ag.GraphError, "the result of mul as entry 0"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0])] * 2), ValueError, "a parameter twice, again as entry 1"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
