"""PyTorch's path to gradient clipping: the functions of nn.optim."""

import pytest

import nn


def test_the_functions_are_those_of_nn_optim():
    for name in nn.utils.__all__:
        assert getattr(nn.utils, name) is getattr(nn.optim, name)


def test_another_name_says_what_to_write():
    with pytest.raises(AttributeError, match=r"write nn\.utils\.clip_grad_norm_"):
        _ = nn.utils.clip_grad_norm
