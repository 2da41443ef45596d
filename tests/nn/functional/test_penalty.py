"""Penalties on parameters."""

import math

import pytest

import autograd as ag
import nn
from nn import functional as F


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
        (lambda: F.l2_penalty([[1.0]], -1.0), ValueError, "got strength=-1.0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("f", [F.l1_penalty, F.l2_penalty, F.group_lasso_penalty])
@pytest.mark.parametrize("parameters", [b"x", "x", [1, [2]], [[1.0], [2.0]]])
def test_what_is_no_parameter_is_not_penalized(f, parameters):
    with pytest.raises((TypeError, ag.ShapeError), match="got "):
        f(parameters)
