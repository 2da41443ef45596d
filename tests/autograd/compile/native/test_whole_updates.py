"""Updates that are one product: the same weights, and nothing written where a number is not finite."""

import functools

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.compile.native.running import compiled, native_of, needs_llvm

pytestmark = needs_llvm

LARGE = 200  # rows and columns, of which one gradient takes more than the limit


class Layer:
    """A linear layer without bias, trained by SGD; its gradient is one product."""

    def __init__(self, wrap, size=LARGE, optimizer=nn.optim.SGD):
        ag.random.seed(0)
        self.layer = layer = nn.Linear(size, size, bias=False, dtype=float)
        optimizer = optimizer(layer.parameters(), lr=0.1)

        def step(x):
            optimizer.zero_grad()
            loss = ag.mean(ag.tanh(layer(x)) ** 2)
            loss.backward()
            optimizer.step()
            return loss

        self.step = wrap(step)

    def run(self, k, spoil=None):
        x = np.random.default_rng(k).standard_normal((20, self.layer.weight.shape[1]))
        if spoil is not None:
            x[3, 4] = spoil
        with np.errstate(all="ignore"):
            return self.step(x)


def folded(step):
    return any(t.op == "update" for t in native_of(step).plan.schedule.order)


without_gradients = functools.partial(compiled, keep_gradients=False)


def test_the_weights_are_those_of_eager_steps():
    ours, eager = Layer(without_gradients), Layer(lambda f: f)
    for k in range(8):
        np.testing.assert_allclose(ours.run(k).item(), eager.run(k).item(), 1e-10)
        np.testing.assert_allclose(ours.layer.weight.data, eager.layer.weight.data, 1e-10, 1e-14)
    assert folded(ours.step)


@pytest.mark.parametrize("spoil", [np.nan, np.inf, 1e300])
def test_what_is_not_finite_goes_the_careful_way(spoil):
    ours, eager = Layer(without_gradients), Layer(lambda f: f)
    for k in range(6):
        ours.run(k), eager.run(k)
    calls = ours.step._last.calls
    kept = ours.layer.weight.data
    before = kept.copy()
    ours.run(7, spoil), eager.run(7, spoil)
    assert np.array_equal(kept, before)
    np.testing.assert_allclose(ours.layer.weight.data, eager.layer.weight.data, 1e-9, 1e-14)
    assert np.isfinite(spoil) or ours.step._last.calls == calls  # the call was repeated eagerly


def test_who_holds_the_weights_keeps_them():
    layer = Layer(without_gradients)
    for k in range(5):
        layer.run(k)
    kept = layer.layer.weight.data
    before = kept.copy()
    layer.run(6)
    assert np.array_equal(kept, before) and not np.array_equal(layer.layer.weight.data, before)


@pytest.mark.parametrize(
    ("wrap", "size", "optimizer"),
    [
        (compiled, LARGE, nn.optim.SGD),
        (without_gradients, 20, nn.optim.SGD),
        (without_gradients, LARGE, nn.optim.Adam),
    ],
    ids=["gradient kept", "small", "read twice"],
)
def test_a_gradient_that_is_needed_is_computed(wrap, size, optimizer):
    layer = Layer(wrap, size, optimizer)
    for k in range(4):
        layer.run(k)
    assert not folded(layer.step)
