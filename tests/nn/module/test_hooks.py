"""Hooks see and replace inputs, outputs and gradients."""

import copy

import numpy as np
import pytest

import autograd as ag
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


def test_gradients_of_both_ends():
    layer, seen = nn.Linear(3, 2), []
    layer.register_full_backward_hook(lambda m, i, o: seen.append((m, i, o)))
    x = ag.Tensor(np.ones((4, 3)), requires_grad=True)
    out = layer(x)
    (out * out).sum().backward()
    ((module, (inner,), (outer,)),) = seen
    assert module is layer
    np.testing.assert_allclose(outer, 2.0 * out.data)
    np.testing.assert_allclose(inner, outer @ layer.weight.data)
    np.testing.assert_allclose(x.grad, inner)


def test_what_a_backward_hook_returns_replaces_the_gradient_of_the_inputs():
    layer = nn.Tanh()
    layer.register_full_backward_hook(lambda m, i, o: (i[0] * 10.0,))
    x = ag.Tensor([0.0], requires_grad=True)
    with layer.register_full_backward_hook(lambda m, i, o: (i[0] + 1.0,)):
        layer(x).sum().backward()
    assert x.grad.tolist() == [11.0]
    x.zero_grad()
    layer(x).sum().backward()
    assert x.grad.tolist() == [10.0]


def test_several_inputs_and_outputs():
    class Both(nn.Module):
        def forward(self, x, y, n):
            return x * y, (x + y[0]) * n

    module, seen = Both(), []
    module.register_full_backward_hook(lambda m, i, o: seen.append((i, o)))
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = ag.Tensor([[3.0, 4.0]], requires_grad=True)
    product, total = module(x, y, 2.0)
    (product.sum() * 5.0 + total.sum()).backward()
    (((gx, gy, gn), (gp, gt)),) = seen
    assert gx.tolist() == x.grad.tolist() == [17.0, 22.0] and gn is None
    assert gy.tolist() == y.grad.tolist() == [[7.0, 12.0]]
    assert gp.tolist() == [[5.0, 5.0]] and gt.tolist() == [1.0, 1.0]


def test_inputs_without_a_gradient():
    layer, seen = nn.Linear(3, 2), []
    layer.register_full_backward_hook(lambda m, i, o: seen.append((i, o[0].tolist())))
    layer(np.ones((1, 3))).sum().backward()
    assert seen == [((None,), [[1.0, 1.0]])]
    with ag.no_grad():
        layer(np.ones((1, 3)))
    assert len(seen) == 1 and layer.weight.grad.tolist() == [[1.0] * 3] * 2


def test_a_backward_hook_must_return_what_fits():
    layer = nn.Tanh()
    layer.register_full_backward_hook(lambda m, i, o: (np.ones(3),))
    x = ag.Tensor([0.0], requires_grad=True)
    with pytest.raises(
        ag.ShapeError, match=r"gradients of shapes \(\(3,\)\); expected shapes \(\(1,\)\)"
    ):
        layer(x).sum().backward()


def test_grad_cam():
    """The weights of feature maps by their mean gradients, as users write them with two hooks."""
    ag.random.seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 2))
    kept = {}
    model[1].register_forward_hook(lambda m, i, out: kept.update(maps=out.data))
    model[1].register_full_backward_hook(lambda m, i, o: kept.update(gradients=o[0]))
    image = np.random.default_rng(0).normal(size=(1, 1, 6, 6))
    model(image)[0, 1].backward()
    row = model[3].weight.data[1].reshape(3, 4, 4)
    np.testing.assert_allclose(kept["gradients"][0], row)
    cam = np.maximum((kept["maps"] * kept["gradients"].mean((2, 3), keepdims=True)).sum(1), 0)
    assert cam.shape == (1, 4, 4)


def test_a_backward_hook_is_not_called_again_by_a_second_derivative():
    """Which flows from the inside of the module, as in PyTorch."""
    module, calls = nn.Tanh(), []

    def doubling(module, of_inputs, of_outputs):
        calls.append(of_outputs)
        return [of_inputs[0] * 2.0]

    module.register_full_backward_hook(doubling)
    x = ag.Tensor([0.5], requires_grad=True)
    [g] = ag.gradients(module(x).sum(), [x], create_graph=True)
    [second] = ag.gradients(g.sum(), [x])
    t = np.tanh(0.5)
    assert g.item() == pytest.approx(2.0 * (1 - t**2)) and len(calls) == 1
    assert second[0] == pytest.approx(2.0 * -2.0 * t * (1 - t**2))


def test_a_backward_hook_of_another_dtype_is_named():
    layer = nn.Linear(2, 3)
    layer.register_full_backward_hook(lambda m, i, o: (i[0].astype(np.float32),))
    x = ag.Tensor(np.ones((4, 2)), requires_grad=True)
    with pytest.raises(ag.DTypeError, match=r"hook .* of Linear: got .*dtypes \(float32\)"):
        layer(x).sum().backward()
