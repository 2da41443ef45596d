"""Forward hooks see and replace inputs and outputs."""

import numpy as np

import nn


def double(module, inputs, out):
    return out * 2.0


def test_hooks_see_and_replace_inputs_and_outputs_until_they_are_removed():
    layer, seen = nn.ReLU(), []
    first = layer.register_forward_pre_hook(lambda m, inputs: seen.append(inputs[0].shape))
    second = layer.register_forward_hook(double)
    assert layer(np.array([-1.0, 3.0])).tolist() == [0.0, 6.0] and seen == [(2,)]
    second.remove()
    second.remove()
    assert layer(np.array([3.0])).tolist() == [3.0]
    with layer.register_forward_pre_hook(lambda m, inputs: (inputs[0] + 1.0,)):
        assert layer(np.array([3.0])).tolist() == [4.0]
    first.remove()
    assert layer(np.array([3.0])).tolist() == [3.0] and len(seen) == 3
