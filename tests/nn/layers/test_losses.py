"""Losses: known values, gradients by differences, and shapes that must not be broadcast."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F

R = np.random.default_rng(3)
SIGNS = np.array([1.0, -1.0, 1.0, -1.0])
CLASSES = np.array([0, 2, 1, -100])

# name: (loss of an input, its shape, whether second derivatives exist nearby)
LOSSES = {
    "mse": (lambda x: F.mse_loss(x, np.ones((4, 3))), (4, 3), True),
    "mse target": (lambda x: F.mse_loss(np.ones((4, 3)), x), (4, 3), True),
    "l1": (lambda x: F.l1_loss(x, np.full((4, 3), 0.1)), (4, 3), False),
    "smooth l1": (lambda x: F.smooth_l1_loss(x, np.full((4, 3), 0.1), beta=0.5), (4, 3), False),
    "huber": (lambda x: F.huber_loss(x, np.full((4, 3), 0.1), delta=0.5), (4, 3), False),
    "cross entropy": (lambda x: F.cross_entropy(x, CLASSES, [1.0, 2.0, 0.5], label_smoothing=0.1), (4, 3), True),
    "cross entropy shares": (lambda x: F.cross_entropy(x, np.full((4, 3), 1 / 3), [1.0, 2.0, 0.5]), (4, 3), True),
    "nll": (lambda x: F.nll_loss(x, CLASSES), (4, 3), True),
    "bce": (lambda x: F.binary_cross_entropy(ag.sigmoid(x), np.full((4, 3), 0.3)), (4, 3), True),
    "bce logits": (lambda x: F.binary_cross_entropy_with_logits(x, np.full((4, 3), 0.3), pos_weight=[1.0, 2.0, 3.0]), (4, 3), True),
    "kl": (lambda x: F.kl_div(F.log_softmax(x), np.full((4, 3), 1 / 3), "batchmean"), (4, 3), True),
    "kl target": (lambda x: F.kl_div(np.full((4, 3), -1.0), F.softmax(x), "batchmean"), (4, 3), True),
    "distillation": (lambda x: F.distillation_loss(x, np.arange(12.0).reshape(4, 3), 3.0), (4, 3), True),
    "hinge": (lambda x: F.hinge_loss(x, SIGNS), (4,), False),
    "hinge embedding": (lambda x: F.hinge_embedding_loss(x, SIGNS, 0.6), (4,), False),
    "multi margin": (lambda x: F.multi_margin_loss(x, [0, 2, 1, 1]), (4, 3), False),
    "cosine": (lambda x: F.cosine_embedding_loss(x, np.ones((4, 3)), SIGNS, 0.1), (4, 3), False),
    "triplet": (lambda x: F.triplet_margin_loss(x, np.ones((4, 3)), np.zeros((4, 3))), (4, 3), False),
    "l2 penalty": (lambda x: F.l2_penalty([x, x], 0.3), (4, 3), True),
    "l1 penalty": (lambda x: F.l1_penalty(x, 0.3), (4, 3), False),
    "group lasso": (lambda x: F.group_lasso_penalty([x], 0.3, axis=1), (4, 3), True),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_gradients(name):
    loss, shape, smooth = LOSSES[name]
    ag.check_gradients(loss, R.normal(size=shape), order=2 if smooth else 1)


@pytest.mark.parametrize("name", LOSSES)
def test_float32_stays_float32(name):
    loss, shape, _ = LOSSES[name]
    if name in ("mse target", "kl target"):
        return  # the other argument is in double precision
    x = ag.Tensor(np.abs(R.normal(size=shape)) + 0.1, dtype=np.float32, requires_grad=True)
    if name in ("cross entropy", "nll", "multi margin", "l2 penalty", "l1 penalty", "group lasso"):
        assert loss(x).dtype in (np.float32, np.float64)
    loss(x).backward()
    assert x.grad.dtype == np.float32


PAIRED = [
    F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss, F.binary_cross_entropy, F.binary_cross_entropy_with_logits,
    F.kl_div, F.hinge_loss, F.hinge_embedding_loss, F.distillation_loss,
]  # fmt: skip


@pytest.mark.parametrize("loss", PAIRED)
@pytest.mark.parametrize(
    ("shape", "target", "hint"),
    [
        ((4, 1), (4,), r"drop the last axis of the input: input.squeeze\(-1\)"),
        ((4,), (4, 1), r"drop the last axis of the target: target.squeeze\(-1\)"),
        ((4, 3), (4, 1), "expected equal shapes"),
        ((4, 3), (3,), "expected equal shapes"),
    ],
)
def test_shapes_that_would_broadcast_are_refused(loss, shape, target, hint):
    with pytest.raises(ag.ShapeError, match=hint) as caught:
        loss(np.full(shape, 0.5), np.ones(target))
    assert str(shape) in str(caught.value) and str(target) in str(caught.value)


def test_one_number_may_be_the_whole_target():
    assert F.mse_loss(ag.Tensor([1.0, 3.0]), 1.0).item() == 2.0
    assert F.binary_cross_entropy_with_logits(np.zeros(3), 1.0) == pytest.approx(math.log(2.0))


def test_softmax_cross_entropy_is_p_minus_y_however_it_is_asked():
    x = ag.Tensor(R.normal(size=(4, 3)) * 3, requires_grad=True)
    y = np.array([0, 2, 1, 1])
    p = F.softmax(x).data
    for target in (y, np.eye(3)[y]):
        x.zero_grad()
        F.cross_entropy(x, target).backward()
        np.testing.assert_allclose(x.grad, (p - np.eye(3)[y]) / 4, atol=1e-15)


def test_ignored_entries_count_for_nothing():
    x = ag.Tensor(R.normal(size=(4, 3)), requires_grad=True)
    F.cross_entropy(x, CLASSES).backward()
    assert not x.grad[3].any()
    assert F.cross_entropy(x, CLASSES).item() == pytest.approx(F.cross_entropy(x[:3], CLASSES[:3]).item())  # fmt: skip
    assert F.cross_entropy(x, CLASSES, reduction="none")[3].item() == 0.0
    assert math.isnan(F.cross_entropy(x, [-100] * 4).item())
    assert math.isfinite(F.cross_entropy(ag.Tensor([[-np.inf, 0.0], [0.0, 0.0]]), [-100, 0]).item())


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
    loss = F.kl_div(np.log([[0.5, 0.5]]), q, "batchmean")
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


def test_penalties():
    model = nn.Linear(3, 2)
    total = sum(float((p.data**2).sum()) for p in model.parameters())
    assert F.l2_penalty(model.parameters(), 0.5).item() == pytest.approx(0.5 * total)
    w = ag.Tensor([[3.0, 4.0], [0.0, 0.0]], requires_grad=True)
    assert F.group_lasso_penalty(w).item() == pytest.approx(5 * math.sqrt(2))
    F.group_lasso_penalty(w).backward()
    assert not w.grad[1].any()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.cross_entropy(np.ones((2, 3)), [0, 1], weight=[1.0, 2.0]), ag.ShapeError, r"weight of shape \(2,\); expected \(3,\)"),
        (lambda: F.cross_entropy(np.ones((2, 3)), [0, 1], label_smoothing=1.5), ValueError, "got label_smoothing=1.5"),
        (lambda: F.cross_entropy(1.0, 0), ag.ShapeError, "got a single number"),
        (lambda: F.binary_cross_entropy([1.5], [1.0]), ValueError, "apply sigmoid first"),
        (lambda: F.hinge_loss([0.5], [0.0]), ValueError, "neither 1 nor -1"),
        (lambda: F.mse_loss([0.5], [0.0], reduction="avg"), ValueError, "one of 'mean', 'sum', 'none'"),
        (lambda: F.kl_div([0.5], [0.5], "avg"), ValueError, "'batchmean'"),
        (lambda: F.huber_loss([0.5], [0.0], delta=0.0), ValueError, "got delta=0.0; expected a number, above 0"),
        (lambda: F.distillation_loss([[0.5]], [[0.5]], 0.0), ValueError, "got temperature=0.0"),
        (lambda: F.l2_penalty([[1.0]], -1.0), ValueError, "got strength=-1.0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
