"""What all losses share: equal shapes, and the reduction to one number."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.functional.losses.reduction import (
    check_same_shape,
    check_signs,
    loss_weight,
    reduce_loss,
    refuse_old_names,
)

LOSSES = np.array([[1.0, 2.0], [3.0, 6.0]])


@pytest.mark.parametrize(("reduction", "expected"), [("mean", 3.0), ("sum", 12.0), ("none", LOSSES)])  # fmt: skip
def test_reductions(reduction, expected):
    np.testing.assert_array_equal(ag.data_of(reduce_loss("f", LOSSES, reduction)), expected)


def test_weights_multiply_and_do_not_widen():
    found = reduce_loss("f", LOSSES.astype(np.float32), "sum", weight=[1.0, 0.5])
    assert ag.data_of(found) == 1.0 + 1.0 + 3.0 + 3.0 and found.dtype == np.float32
    with pytest.raises(ag.ShapeError, match="f: got weight of shape"):
        loss_weight("f", np.ones((3, 2, 2)), LOSSES)


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ag.ShapeError, match=r"drop the last axis of the input"):
        check_same_shape("f", np.ones((3, 1)), np.ones(3))
    with pytest.raises(ag.ShapeError, match=r"drop the last axis of the target"):
        check_same_shape("f", np.ones(3), np.ones((3, 1)))
    x, y = check_same_shape("f", np.ones(3, np.float32), 2)
    assert x.shape == (3,) and y.dtype == np.float32


def test_messages():
    with pytest.raises(ValueError, match="f: got reduction='max'; expected one of 'mean', 'sum'"):
        reduce_loss("f", LOSSES, "max")
    with pytest.raises(TypeError, match="write reduction='sum'"):
        refuse_old_names("f", "sum", None)
    with pytest.raises(ValueError, match="neither 1 nor -1"):
        check_signs("f", [0.0, 1.0], LOSSES)


@pytest.mark.parametrize(
    "weight", [[-1.0, 1.0], float("nan"), [1.0, float("inf")], (), np.array([-1.0])]
)
def test_weights_are_finite_and_not_negative(weight):
    """CrossEntropyLoss(weight=[-1, 1]) would divide by a sum of 0."""
    x, probabilities = np.ones((2, 2)), np.full((2, 2), 0.5)
    for call in (
        lambda: nn.CrossEntropyLoss(weight=weight),
        lambda: nn.BCELoss(weight=weight),
        lambda: nn.functional.mse_loss(x, x, weight=weight),
        lambda: nn.functional.cross_entropy(x, probabilities, weight=weight),
        lambda: nn.functional.cross_entropy(x, [0, 1], weight=weight),
    ):
        with pytest.raises(
            ValueError, match=r"got weight=.*; expected finite weights of 0 or more"
        ):
            call()


def test_the_ignored_class_is_checked_beside_probabilities_too():
    with pytest.raises(ValueError, match="ignore_index='abc'; expected an integer"):
        nn.functional.cross_entropy(np.ones((2, 2)), np.full((2, 2), 0.5), ignore_index="abc")
