"""One pooling for any number of axes, against NumPy's reductions of blocks."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

R = np.random.default_rng(3)
X = R.normal(size=(2, 3, 4, 6, 8))


def blocks(x, k):
    """x in blocks of 2 along its last k axes, each as one axis at the end."""
    shape = [part for n in x.shape[-k:] for part in (n // 2, 2)]
    split = x.reshape(*x.shape[:-k], *shape)
    order = [
        *range(x.ndim - k),
        *range(x.ndim - k, x.ndim + k, 2),
        *range(x.ndim - k + 1, x.ndim + k, 2),
    ]
    return split.transpose(order).reshape(*x.shape[:-k], *(n // 2 for n in x.shape[-k:]), 2**k)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_blocks_are_reduced(k):
    x = X[(..., *(0,) * (3 - k))] if k < 3 else X
    parts = blocks(x, k)
    np.testing.assert_allclose(getattr(F, f"max_pool{k}d")(x, 2), parts.max(-1))
    np.testing.assert_allclose(getattr(F, f"avg_pool{k}d")(x, 2), parts.mean(-1))
    np.testing.assert_allclose(
        getattr(F, f"lp_pool{k}d")(x**2, 3, 2), (parts**6).sum(-1) ** (1 / 3)
    )


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_an_index_leads_to_the_maximum(k, dilation, padding):
    x = R.normal(size=(2, 2, *(5, 6, 7)[:k]))
    out, indices = getattr(F, f"max_pool{k}d")(x, 2, 2, padding, dilation, return_indices=True)
    flat = x.reshape(2, 2, -1)
    found = np.take_along_axis(flat, indices.reshape(2, 2, -1), -1)
    np.testing.assert_array_equal(found.reshape(out.shape), out)


def test_the_slope_of_a_root_at_0_is_0():
    x = ag.Tensor(np.zeros((1, 4)), requires_grad=True)
    F.lp_pool1d(x, 2, 2).sum().backward()
    assert x.grad.tolist() == [[0.0] * 4]


def test_messages():
    with pytest.raises(ValueError, match="lp_pool2d: got norm_type=0; expected a number, above 0"):
        F.lp_pool2d(np.ones((1, 2, 2)), 0, 2)
    with pytest.raises(ag.ShapeError, match="got windows of 3×3×3 for an input of 2×2×2"):
        F.max_pool3d(np.ones((1, 2, 2, 2)), 3)
