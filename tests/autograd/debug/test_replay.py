"""A replay is the engine's backward pass, with every step kept."""

import numpy as np
import pytest

import autograd as ag
from autograd.debug.replay import replay
from tests.cases import mlp_loss


def test_a_replay_is_the_engines_pass():
    loss, model = mlp_loss()
    found = replay(loss)
    params = list(model.parameters())
    for p, g in zip(params, ag.gradients(loss, params), strict=True):
        np.testing.assert_allclose(found.gradient(p), g, rtol=1e-13)
    assert found.steps[0].node is loss


def test_a_replay_leaves_grad_alone():
    loss, model = mlp_loss()
    replay(loss)
    assert all(p.grad is None for p in model.parameters())


def test_steps_come_youngest_first():
    loss, _ = mlp_loss()
    numbers = [step.node.number for step in replay(loss).steps]
    assert numbers == sorted(numbers, reverse=True)


def test_a_cotangent_is_the_sum_of_what_was_received():
    loss, _ = mlp_loss()
    found = replay(loss)
    for step in found.steps[1:]:
        total = sum(c.value for _, c in found.received[step.node])
        np.testing.assert_allclose(step.cotangent, total, rtol=1e-13)


def test_a_contribution_is_kept_before_and_after_it_is_summed_down():
    loss, model = mlp_loss()
    bias = list(model.parameters())[1]
    found = next(c for s in replay(loss).steps for c in s.contributions if c.to is bias)
    assert found.raw.shape == (5, 6) and found.value.shape == (6,)


def test_a_constant_cannot_be_replayed():
    with pytest.raises(ag.GraphError, match="does not require a gradient"):
        replay(mlp_loss()[0].detach())


def test_a_replay_of_values_calls_hooks():
    x = ag.Value(3.0)
    x.register_hook(lambda g: g * 10.0)
    y = x * x + ag.Value(0.0) * x
    assert replay(y).gradient(x) == 60.0


def test_seeds_that_are_missing_or_do_not_fit():
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2.0
    for name, call in {"replay": ag.replay, "find_anomalies": ag.find_anomalies}.items():
        with pytest.raises(
            ag.GraphError, match=rf"^{name}: got a result of shape \(2,\); .*or pass seed="
        ):
            call(y)
        with pytest.raises(
            ag.ShapeError, match=rf"^{name}: got seed= of shape \(3,\); expected shape \(2,"
        ):
            call(y, np.ones(3))
    with pytest.raises(ag.GraphError, match=r"^explain: got a result of shape \(2,\); .*mean\(\)$"):
        ag.explain(x, y)
    assert ag.replay(y, np.ones(2)).gradient(x).tolist() == [2.0, 2.0]
    assert ag.find_anomalies(ag.Tensor([1.0, 2.0])) == []
