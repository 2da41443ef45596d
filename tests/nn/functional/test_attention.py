"""Scaled dot-product attention where a query may attend to nothing."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

R = np.random.default_rng(5)


def test_a_query_that_may_look_at_nothing_gets_zeros_and_harms_nobody():
    q = ag.Tensor(R.normal(size=(2, 3)), requires_grad=True)
    mask = np.array([[False, False], [True, False]])
    out = F.scaled_dot_product_attention(q, q, q, attn_mask=mask)
    assert not out[0].data.any() and (out[1].data == q[0].data).all()
    out.sum().backward()
    assert np.isfinite(q.grad).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.scaled_dot_product_attention(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))), ag.ShapeError, r"query \(2, 3\), key \(2, 4\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_weights_of_large_float32_scores_sum_to_one():
    q = ag.Tensor((R.normal(size=(6, 4)) + 100.0).astype(np.float32))
    out = F.scaled_dot_product_attention(q, q, np.ones((6, 1), np.float32)).data
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, 1.0, rtol=4e-7)
