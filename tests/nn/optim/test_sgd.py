"""SGD and Lion: their formulas, and messages."""

import numpy as np
import pytest

import nn
from nn import optim


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize(
    ("momentum", "dampening"), [(0.0, 0.0), (0.0, 0.5), (0.9, 0.0), (0.9, 0.5)]
)
def test_sgd_follows_its_formula(momentum, dampening, nesterov):
    if nesterov and (momentum == 0 or dampening):
        with pytest.raises(ValueError, match="nesterov"):
            optim.SGD([nn.Parameter([1.0])], 0.1, momentum, dampening, nesterov=True)
        return
    p = nn.Parameter([0.5, -0.7])
    w, v = p.data.copy(), None
    optimizer = optim.SGD([p], 0.1, momentum, dampening, 0.01, nesterov)
    for _ in range(10):
        optimizer.zero_grad()
        (p**4).sum().backward()
        optimizer.step()
        g = 4 * w**3 + 0.01 * w
        v = g if v is None else momentum * v + (1 - dampening) * g
        w = w - 0.1 * ((g + momentum * v if nesterov else v) if momentum else g)
        np.testing.assert_allclose(p.data, w, rtol=1e-12)


def test_lion_follows_its_formula():
    p = nn.Parameter([0.5, -0.7])
    w, m = p.numpy(), np.zeros(2)
    o = optim.Lion([p], lr=0.01, betas=(0.8, 0.95), weight_decay=0.1)
    for _ in range(20):
        o.zero_grad()
        (p**4).sum().backward()
        o.step()
        g = 4 * w**3
        w = w - 0.01 * (np.sign(0.8 * m + 0.2 * g) + 0.1 * w)
        m = 0.95 * m + 0.05 * g
        np.testing.assert_allclose(p.data, w, rtol=1e-12)


P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.SGD(P, nesterov=True), ValueError, "got nesterov=True with momentum=0.0 and dampening=0.0; expected momentum > 0"),
        (lambda: optim.SGD(P, momentum=-0.1), ValueError, "momentum=-0.1"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_lion_steps_by_the_sign_of_a_mean_of_gradients():
    """With the factors 0.9 for the step and 0.99 for the memory, of Chen and others (2023)."""
    gradients = (1.0, -0.08, -0.12, 0.5)
    p, memory, expected = nn.Parameter([0.0]), 0.0, 0.0
    optimizer = optim.Lion([p], lr=0.5)
    for g in gradients:
        p.grad = np.array([g])
        optimizer.step()
        expected -= 0.5 * np.sign(0.9 * memory + 0.1 * g)
        memory = 0.99 * memory + 0.01 * g
        assert p.item() == expected
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.99) and optim.Lion(P).lr == 1e-4
