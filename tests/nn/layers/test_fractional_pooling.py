"""Max pooling over random windows as modules: the functions with their options."""

import numpy as np
import pytest

import nn
from nn import functional as F

R = np.random.default_rng(0)


@pytest.mark.parametrize("axes", [2, 3])
def test_a_module_is_its_function(axes):
    x, u = R.normal(size=(1, 2, 6, 5, 7)[: axes + 2]), R.random((1, 2, axes))
    layer = getattr(nn, f"FractionalMaxPool{axes}d")(2, 3, None, True, u)
    function = getattr(F, f"fractional_max_pool{axes}d")
    for ours, theirs in zip(layer(x), function(x, 2, 3, None, True, u), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_options_are_checked_when_it_is_made_and_shown():
    with pytest.raises(ValueError, match=r"FractionalMaxPool2d: got output_size=None and"):
        nn.FractionalMaxPool2d(2)
    with pytest.raises(TypeError, match="generator='x'"):
        nn.FractionalMaxPool2d(2, 2, generator="x")
    assert repr(nn.FractionalMaxPool3d(2, output_ratio=0.5)) == (
        "FractionalMaxPool3d(kernel_size=2, output_ratio=0.5, return_indices=False)"
    )
