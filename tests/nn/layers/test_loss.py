"""Losses as modules: options reach the function, and arrays are buffers."""

import numpy as np
import pytest

import autograd as ag
import nn

X, Y = np.array([[0.2, 1.5, -0.3], [0.7, 0.1, 0.4]]), np.array([1, 0])


def test_options_reach_the_function():
    weight = np.array([1.0, 2.0, 0.5])
    layer = nn.CrossEntropyLoss(weight=weight, ignore_index=0, reduction="sum", label_smoothing=0.1)
    expected = nn.functional.cross_entropy(
        X, Y, weight, ignore_index=0, reduction="sum", label_smoothing=0.1
    )
    np.testing.assert_array_equal(ag.data_of(layer(X, Y)), ag.data_of(expected))
    assert list(layer.state_dict()) == ["weight"]


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.L1Loss, nn.SmoothL1Loss, nn.HuberLoss])
def test_reductions_agree(loss):
    each, total, mean = (ag.data_of(loss(reduction=r)(X, 2.0 * X)) for r in ("none", "sum", "mean"))
    assert each.shape == X.shape
    np.testing.assert_allclose([each.sum(), each.mean()], [total, mean])


def test_an_option_is_checked_when_the_module_is_made():
    with pytest.raises(ValueError, match="MSELoss: got reduction='max'"):
        nn.MSELoss(reduction="max")
    with pytest.raises(ValueError, match=r"NLLLoss: got ignore_index=1\.5; expected an integer"):
        nn.NLLLoss(ignore_index=1.5)
