"""Every loss: gradients by differences, precisions, and shapes that must not broadcast."""

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
    "kl": (lambda x: F.kl_div(F.log_softmax(x), np.full((4, 3), 1 / 3), reduction="batchmean"), (4, 3), True),
    "kl target": (lambda x: F.kl_div(np.full((4, 3), -1.0), F.softmax(x), reduction="batchmean"), (4, 3), True),
    "distillation": (lambda x: F.distillation_loss(x, np.arange(12.0).reshape(4, 3), 3.0), (4, 3), True),
    "hinge": (lambda x: F.hinge_loss(x, SIGNS), (4,), False),
    "hinge embedding": (lambda x: F.hinge_embedding_loss(x, SIGNS, 0.6), (4,), False),
    "multi margin": (lambda x: F.multi_margin_loss(x, [0, 2, 1, 1]), (4, 3), False),
    "cosine": (lambda x: F.cosine_embedding_loss(x, np.ones((4, 3)), SIGNS, 0.1), (4, 3), False),
    "triplet": (lambda x: F.triplet_margin_loss(x, np.ones((4, 3)), np.zeros((4, 3))), (4, 3), False),
    "gaussian": (lambda x: F.gaussian_nll_loss(x, np.ones((4, 3)), np.full((4, 3), 0.7), full=True), (4, 3), True),
    "gaussian variance": (lambda x: F.gaussian_nll_loss(np.ones((4, 3)), np.zeros((4, 3)), ag.exp(x)), (4, 3), True),
    "poisson": (lambda x: F.poisson_nll_loss(x, np.full((4, 3), 2.0), full=True), (4, 3), True),
    "poisson rate": (lambda x: F.poisson_nll_loss(ag.exp(x), np.full((4, 3), 2.0), log_input=False), (4, 3), True),
    "ctc": (lambda x: F.ctc_loss(F.log_softmax(ag.reshape(x, (4, 1, 3))), [[1, 2]], [4], [2]), (4, 3), True),
    "ranking": (lambda x: F.margin_ranking_loss(x, np.zeros(4), SIGNS, 0.3), (4,), False),
    "soft margin": (lambda x: F.soft_margin_loss(x, SIGNS), (4,), True),
    "several labels": (lambda x: F.multilabel_margin_loss(x, [[0, 2, -1], [1, -1, 0], [2, 0, 1], [-1, 0, 0]]), (4, 3), False),
    "soft labels": (lambda x: F.multilabel_soft_margin_loss(x, np.full((4, 3), 0.3), [1.0, 2.0, 0.5]), (4, 3), True),
    "triplet distance": (lambda x: F.triplet_margin_with_distance_loss(x, np.ones((4, 3)), np.zeros((4, 3)), swap=True), (4, 3), False),
    "sigmoid focal": (lambda x: F.sigmoid_focal_loss(x, np.full((4, 3), 0.3), reduction="mean"), (4, 3), True),
    "focal": (lambda x: F.focal_loss(x, CLASSES, 1.5, [1.0, 2.0, 0.5]), (4, 3), True),
    "l2 penalty": (lambda x: F.l2_penalty([x, x], 0.3), (4, 3), True),
    "l1 penalty": (lambda x: F.l1_penalty(x, 0.3), (4, 3), False),
    "group lasso": (lambda x: F.group_lasso_penalty([x], 0.3, axis=1), (4, 3), True),
}  # fmt: skip


PAIRED = [
    F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss, F.binary_cross_entropy, F.binary_cross_entropy_with_logits,
    F.kl_div, F.hinge_loss, F.hinge_embedding_loss, F.distillation_loss,
]  # fmt: skip


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


WEIGHTS = [[1.0, 2.0, 0.5], [1, 2, 3], np.ones(3), np.ones(3, np.float32), ag.Tensor(np.ones(3))]


@pytest.mark.parametrize("weight", WEIGHTS, ids=["floats", "ints", "float64", "float32", "Tensor"])
def test_weights_leave_float32_as_it_is(weight):
    x = ag.Tensor(R.random((4, 3)), dtype=np.float32)
    y = np.ones((4, 3), np.float32)
    losses = [
        F.cross_entropy(x, CLASSES, weight),
        F.cross_entropy(x, y / 3, weight, label_smoothing=0.1),
        F.cross_entropy(x, CLASSES, weight, label_smoothing=0.1, reduction="none"),
        F.nll_loss(x, CLASSES, weight),
        F.binary_cross_entropy(x, y, weight),
        F.binary_cross_entropy_with_logits(x, y, weight, pos_weight=weight),
        nn.CrossEntropyLoss(weight)(x, CLASSES),
        nn.NLLLoss(weight)(x, CLASSES),
        nn.BCELoss(weight)(x, y),
        nn.BCEWithLogitsLoss(weight, pos_weight=weight)(x, y),
    ]
    assert [loss.dtype for loss in losses] == [np.dtype(np.float32)] * len(losses)


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
