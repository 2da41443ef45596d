"""Losses of probabilities: exact where they round, and messages."""

import math

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

R = np.random.default_rng(3)


def test_binary_losses_are_exact_where_probabilities_round():
    x = ag.Tensor([40.0, -40.0, 800.0, -800.0], requires_grad=True)
    losses = F.binary_cross_entropy_with_logits(x, [1.0, 0.0, 0.0, 1.0], reduction="none")
    np.testing.assert_allclose(losses.data, [math.exp(-40), math.exp(-40), 800.0, 800.0], rtol=1e-12)  # fmt: skip
    losses.sum().backward()
    np.testing.assert_allclose(x.grad, [-math.exp(-40), math.exp(-40), 1.0, -1.0], rtol=1e-12)
    p = ag.Tensor([0.0, 1.0], requires_grad=True)
    assert F.binary_cross_entropy(p, [1.0, 0.0], reduction="none").tolist() == [100.0, 100.0]


def test_divergences_know_that_nothing_times_the_log_of_nothing_is_nothing():
    q = ag.Tensor([[0.0, 1.0]], requires_grad=True)
    loss = F.kl_div(np.log([[0.5, 0.5]]), q, reduction="batchmean")
    assert loss.item() == pytest.approx(math.log(2.0))
    loss.backward()
    assert np.isfinite(q.grad).all()


def test_distillation_gradients_keep_their_size_as_the_temperature_rises():
    student, teacher = R.normal(size=(5, 4)), R.normal(size=(5, 4))
    sizes = []
    for t in (10.0, 100.0):
        x = ag.Tensor(student, requires_grad=True)
        F.distillation_loss(x, teacher, t).backward()
        sizes.append(np.linalg.norm(x.grad))
        expected = t * (F.softmax(student, temperature=t) - F.softmax(teacher, temperature=t)) / 5
        np.testing.assert_allclose(x.grad, expected, rtol=1e-8)
    assert sizes[0] == pytest.approx(sizes[1], rel=0.2)
    own = ag.Tensor(teacher, requires_grad=True)
    assert not F.distillation_loss(student, own).requires_grad


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.binary_cross_entropy([1.5], [1.0]), ValueError, "apply sigmoid first"),
        (lambda: F.kl_div([0.5], [0.5], reduction="avg"), ValueError, "'batchmean'"),
        (lambda: F.distillation_loss([[0.5]], [[0.5]], 0.0), ValueError, "got temperature=0.0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_single_number_is_a_batch_of_its_own():
    loss = F.kl_div(np.log(0.25), 0.5, reduction="batchmean")
    assert loss == pytest.approx(0.5 * math.log(2.0))


def test_a_certain_and_wrong_probability_has_the_largest_gradient():
    for dtype in (np.float64, np.float32):
        p = ag.Tensor(np.array([0.0, 1.0, 0.0, 1.0, 1e-13, 1e-60, 0.25], dtype), requires_grad=True)
        y = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0], dtype)
        losses = F.binary_cross_entropy(p, y, reduction="none")
        assert losses.dtype == dtype and losses[:4].tolist() == [100.0, 100.0, 0.0, 0.0]
        losses.sum().backward()
        expected = [-1e12, 1e12, 1.0, -1.0, -1e12, -1e12, -4.0]
        np.testing.assert_allclose(p.grad, expected, rtol=1e-6)


def test_a_divergence_hides_no_invalid_target():
    q = ag.Tensor([-1.0, math.nan, 0.0, 0.5])
    losses = F.kl_div(ag.Tensor(np.zeros(4)), q, reduction="none").tolist()
    assert math.isnan(losses[0]) and math.isnan(losses[1])
    assert losses[2:] == [0.0, 0.5 * math.log(0.5)]


# From torch.nn.functional.kl_div with reduction="none".
@pytest.mark.parametrize(
    ("logs", "target", "loss"),
    [
        (np.nan, 0.0, np.nan), (np.inf, 0.0, np.nan), (-np.inf, 0.0, np.nan), (-3.0, 0.0, 0.0),
        (1.0, -1.0, np.nan), (1.0, np.nan, np.nan), (-np.inf, 0.5, np.inf),
    ],
)  # fmt: skip
def test_a_target_of_zero_hides_nothing(logs, target, loss):
    with np.errstate(invalid="ignore"):
        found = F.kl_div(np.array([logs]), np.array([target]), reduction="none")
    np.testing.assert_array_equal(found, [loss])
    assert not np.signbit(found[0]) or np.isnan(loss)
