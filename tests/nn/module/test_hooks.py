"""Forward hooks see and replace inputs and outputs."""

import copy

import numpy as np
import pytest

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


REGISTER = pytest.mark.parametrize(
    "register", [nn.Module.register_forward_pre_hook, nn.Module.register_forward_hook]
)


@REGISTER
def test_a_handle_removes_its_own_registration_only(register):
    layer, calls = nn.Identity(), []

    def hook(*args):
        calls.append(len(args))

    first, second = register(layer, hook), register(layer, hook)
    layer(1.0)
    assert len(calls) == 2
    first.remove()
    first.remove()
    layer(1.0)
    assert len(calls) == 3
    second.remove()
    layer(1.0)
    assert len(calls) == 3


@REGISTER
def test_leaving_a_with_block_keeps_the_same_function_registered_outside(register):
    layer, calls = nn.Identity(), []
    hook = lambda *args: calls.append(args)
    register(layer, hook)
    with register(layer, hook):
        layer(1.0)
    layer(1.0)
    assert len(calls) == 3


@REGISTER
def test_a_copy_of_a_module_has_hooks_of_its_own(register):
    layer, calls = nn.Identity(), []
    handle = register(layer, lambda *args: calls.append(args))
    other = copy.deepcopy(layer)
    handle.remove()
    layer(1.0)
    other(1.0)
    assert len(calls) == 1


@REGISTER
def test_hooks_run_in_the_order_of_registration_and_may_register_others(register):
    layer, calls = nn.Identity(), []

    def first(*args):
        calls.append("first")
        register(layer, lambda *args: calls.append("later"))

    register(layer, first)
    register(layer, lambda *args: calls.append("second"))
    layer(1.0)
    assert calls == ["first", "second"]


@REGISTER
@pytest.mark.parametrize("hook", [None, 3.0, "hook", [print]], ids=repr)
def test_what_is_not_callable_is_refused(register, hook):
    with pytest.raises(TypeError, match=rf"{register.__name__} of Identity: got .*a function"):
        register(nn.Identity(), hook)
