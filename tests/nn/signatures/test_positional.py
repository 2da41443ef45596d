"""PyTorch's positional calls: each number means here what it means there."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F

X = np.array([[1.0, 2.0], [3.0, 5.0]])
SCORES = np.array([[0.1, 0.9, 0.3], [1.5, 0.2, 0.4]])


def test_momentum_stands_before_eps():
    mean, var = np.zeros(2), np.ones(2)
    assert F.batch_norm(X, mean, var, None, None, False, 0.1, 0.0).tolist() == X.tolist()
    assert F.batch_norm(X, mean, var, None, None, False, 0.1, 3.0).tolist() == (X / 2).tolist()
    x = np.array([[[1.0, 3.0]]])
    assert F.instance_norm(x, None, None, None, None, True, 0.1, 0.0).tolist() == [[[-1.0, 1.0]]]
    assert (
        F.instance_norm(x, [0.0], [1.0], None, None, False, 0.9, 3.0).tolist() == (x / 2).tolist()
    )


def test_alpha_dropout_is_off_by_default():
    assert F.alpha_dropout(X, 0.9).tolist() == X.tolist()
    assert F.alpha_dropout(X, 1.0, True).tolist() == (X * 0).tolist()


def test_the_power_stands_before_the_margin():
    # Per sample Σ max(0, 1 - x[target] + x[j])² / 3, worked out by hand.
    one = ((1 - 0.9 + 0.1) ** 2 + (1 - 0.9 + 0.3) ** 2) / 3
    two = ((1 - 1.5 + 0.4) * 0) / 3
    assert nn.MultiMarginLoss(2)(SCORES, [1, 0]).item() == pytest.approx((one + two) / 2)
    assert F.multi_margin_loss(SCORES, [1, 0], 2).item() == pytest.approx((one + two) / 2)
    weighted = F.multi_margin_loss(SCORES, [1, 0], 2, 1.0, [5.0, 10.0, 7.0])
    assert weighted.item() == pytest.approx(10.0 * one / 2)
    with pytest.raises(ValueError, match="MultiMarginLoss: got p=3; expected 1 or 2"):
        nn.MultiMarginLoss(3)


def test_indices_stand_before_the_mode_in_the_layer():
    out, indices = nn.MaxPool1d(2, 2, 0, 1, True)([[1.0, 5.0, 7.0, 3.0]])
    assert out.tolist() == [[5.0, 7.0]] and indices.tolist() == [[1, 2]]
    # In the function ceil_mode comes first, as in PyTorch.
    assert F.max_pool1d([[1.0, 5.0, 7.0]], 2, 2, 0, 1, True).tolist() == [[5.0, 7.0]]


# From torch.nn.functional with the same arguments.
def test_indices_of_windows_with_padding_and_dilation():
    x = np.array([3, 9, 4, 1, 8, 2, 7, 5, 6, 0, 11, 10, 15, 13, 12, 14], float).reshape(1, 1, 4, 4)
    out, indices = F.max_pool2d(x, 2, 2, 1, return_indices=True)
    assert out.tolist() == [[[[3, 9, 1], [8, 11, 10], [15, 13, 14]]]]
    assert indices.tolist() == [[[[0, 1, 3], [4, 10, 11], [12, 13, 15]]]]
    out, indices = F.max_pool2d(x[0], (2, 1), 1, dilation=2, return_indices=True)
    assert out.tolist() == [[[6, 9, 11, 10], [15, 13, 12, 14]]]
    assert indices.tolist() == [[[8, 1, 10, 11], [12, 13, 14, 15]]]
    out, indices = nn.AdaptiveMaxPool2d((2, 3), True)(x)
    assert out.tolist() == [[[[9, 9, 7], [15, 13, 14]]]]
    assert indices.tolist() == [[[[1, 1, 6], [12, 13, 15]]]]
    out, indices = nn.AdaptiveMaxPool1d(2, True)(x[0, :, 0])
    assert out.tolist() == [[9.0, 4.0]] and indices.tolist() == [[1, 2]]


def test_gradients_flow_through_the_values_beside_indices():
    x = ag.Tensor([[1.0, 5.0, 7.0, 3.0]], requires_grad=True)
    out, indices = F.max_pool1d(x, 2, return_indices=True)
    assert type(indices) is np.ndarray
    out.sum().backward()
    assert x.grad.tolist() == [[0.0, 1.0, 1.0, 0.0]]


def test_old_names_of_the_reduction_stand_before_it():
    assert F.mse_loss(X, X + 1, None, None, "sum").item() == 4.0
    assert F.cross_entropy(SCORES, [0, 0], None, None, -100, None, "none").shape == (2,)
    assert F.kl_div(np.log([[0.5, 0.5]]), [[1.0, 0.0]], None, None, "sum").item() == pytest.approx(
        np.log(2)
    )
    for call in (
        lambda: F.mse_loss(X, X, "sum"),
        lambda: nn.MSELoss("sum"),
        lambda: F.kl_div(X, X, "sum"),
        lambda: F.nll_loss(SCORES, [0, 0], None, "sum"),
        lambda: nn.CrossEntropyLoss(None, "sum"),
    ):
        with pytest.raises(TypeError, match=r"got size_average='sum'; .*; write reduction='sum'"):
            call()
    with pytest.raises(
        TypeError, match="nll_loss: got size_average=0; expected None; write reduction"
    ):
        F.nll_loss(SCORES, [0, 0], None, 0)


def test_keywords_of_pytorch():
    weight = np.ones((1, 2))
    assert F.linear(input=X, weight=weight, bias=[1.0]).tolist() == [[4.0], [9.0]]
    assert F.relu(input=[-1.0, 2.0], inplace=True).tolist() == [0.0, 2.0]
    assert F.one_hot(tensor=[1], num_classes=-1).tolist() == [[0, 1]]
    assert nn.MSELoss()(input=X, target=X).item() == 0.0
    layer = nn.Linear(2, 1)
    assert layer(input=X).tolist() == layer(X).tolist()
    gru = nn.GRU(2, 3)
    out, _ = gru(input=X, hx=np.zeros((1, 3)))
    assert out.tolist() == gru(X)[0].tolist()
    assert nn.init.constant_(ag.Tensor([1.0]), val=2.0).tolist() == [2.0]


def test_a_frozen_parameter():
    assert not nn.Parameter([1.0], False).requires_grad


# The mean of weighted losses is divided by the weights, but not huber_loss's: so does PyTorch 2.13.
def test_weights_of_regression_losses():
    x, y, w = [1.0, 2.0, 4.0], [0.0, 0.0, 1.0], [1.0, 3.0, 2.0]
    assert F.mse_loss(x, y, weight=w).item() == pytest.approx((1 + 12 + 18) / 6)
    assert F.l1_loss(x, y, weight=w).item() == pytest.approx((1 + 6 + 6) / 6)
    assert F.mse_loss(x, y, weight=w, reduction="sum").item() == 31.0
    assert F.mse_loss(x, y, weight=w, reduction="none").tolist() == [1.0, 12.0, 18.0]
    assert F.huber_loss(x, y, weight=w).item() == pytest.approx((0.5 + 4.5 + 5.0) / 3)
    with pytest.raises(
        ag.ShapeError, match=r"got weight of shape \(2,\); expected one that broadcasts to \(3,\)"
    ):
        F.mse_loss(x, y, weight=[1.0, 2.0])


def test_normalizations_without_a_bias():
    for layer in (
        nn.BatchNorm1d(2, bias=False),
        nn.GroupNorm(1, 2, bias=False),
        nn.InstanceNorm2d(2, affine=True, bias=False),
    ):
        assert layer.bias is None and layer.weight.shape == (2,)
    assert nn.BatchNorm1d(2, bias=False)(X).tolist() == nn.BatchNorm1d(2)(X).tolist()


def test_fewer_heads_of_keys():
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(4, 3, 2)), rng.normal(size=(2, 5, 2))
    grouped = F.scaled_dot_product_attention(q, k, k, enable_gqa=True)
    repeated = np.repeat(k, 2, axis=0)
    np.testing.assert_allclose(
        grouped, F.scaled_dot_product_attention(q, repeated, repeated), rtol=1e-14
    )
    with pytest.raises(ag.ShapeError, match="a multiple of the heads of key and value"):
        F.scaled_dot_product_attention(q[:3], k, k, enable_gqa=True)


# From torch.nn.functional.interpolate with the same arguments.
def test_the_scale_of_the_new_lengths():
    x = np.arange(5.0).reshape(1, 1, 5)
    kept = F.interpolate(x, scale_factor=1.5, mode="linear")
    again = F.interpolate(x, scale_factor=1.5, mode="linear", recompute_scale_factor=True)
    np.testing.assert_allclose(kept[0, 0], [0, 0.5, 7 / 6, 11 / 6, 2.5, 19 / 6, 23 / 6], rtol=1e-14)
    np.testing.assert_allclose(again[0, 0], [0, 4 / 7, 9 / 7, 2, 19 / 7, 24 / 7, 4], rtol=1e-14)


@pytest.mark.parametrize("size", [5, 6, (2, 1, 6), [5]])
def test_the_size_of_a_transposed_convolution(size):
    layer = nn.ConvTranspose1d(1, 1, 3, stride=2, padding=1)
    length = size if isinstance(size, int) else size[-1]
    assert layer(np.ones((2, 1, 3)), size).shape == (2, 1, length)
    with pytest.raises(
        ag.ShapeError, match=r"got output_size=7; expected lengths from \[5\] to \[6\]"
    ):
        layer(np.ones((2, 1, 3)), output_size=7)


def test_a_query_may_attend_to_the_learned_key_and_to_zeros():
    layer = nn.MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True)
    assert [n for n, _ in layer.named_parameters()] == [
        "in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias",
    ]  # fmt: skip
    x = np.random.default_rng(0).normal(size=(3, 1, 4))
    _, weights = layer(x, x, x, is_causal=True)
    assert weights.shape == (1, 3, 5)
    allowed = np.hstack([np.tri(3), np.ones((3, 2))]).astype(bool)
    assert ((weights[0] > 0) == allowed).all()
    hidden = np.ones((1, 3), bool)
    _, weights = layer(x, x, x, key_padding_mask=hidden)
    assert (weights[..., :3] == 0).all() and (weights.sum(axis=-1) - 1 < 1e-12).all()


def test_the_weight_stands_before_the_reduction():
    y = np.array([0, 1])
    for call in (
        lambda: F.cross_entropy(SCORES, y, "sum"), lambda: F.nll_loss(SCORES, y, "sum"), lambda: nn.CrossEntropyLoss("sum"),
        lambda: F.binary_cross_entropy([0.5], [1.0], "sum"), lambda: F.binary_cross_entropy_with_logits(X, X, "sum"),
        lambda: nn.NLLLoss("sum"), lambda: nn.BCELoss("sum"), lambda: nn.BCEWithLogitsLoss("sum"),
        lambda: F.multi_margin_loss(SCORES, y, 1, 1.0, "sum"), lambda: F.mse_loss(X, X, weight="sum"),
    ):  # fmt: skip
        with pytest.raises(
            TypeError,
            match=r"got weight='sum'; expected .* in this place, as in PyTorch; write reduction='sum'$",
        ):
            call()


def test_no_message_prints_an_array():
    z = np.ones((4, 3))
    for call in (
        lambda: F.normalize(z, 2, 1, 1e-12, z), lambda: F.normalize(z, z), lambda: F.dropout(z, z), lambda: nn.Linear(z, 2),
        lambda: nn.Conv1d(2, 2, z), lambda: F.leaky_relu(z, z), lambda: F.softmax(z, z), lambda: nn.Linear(2, 2, dtype=z),
        lambda: nn.optim.SGD([nn.Parameter(z)], z), lambda: F.mse_loss(z, z, z), lambda: nn.Identity().register_forward_hook(z),
        lambda: ag.Tensor(z).register_hook(z), lambda: ag.Tensor(z, dtype=z), lambda: ag.diff(ag.Tensor(z), z),
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError), match=r"ndarray of shape \(4, 3\)") as caught:
            call()
        assert "array(" not in str(caught.value)


def test_shapes_that_do_not_fit_are_named():
    for x in (np.array(-2.0), np.ones(2)):
        with pytest.raises(ag.ShapeError, match=r"expected \(1,\), because it has no axis of chan"):
            nn.PReLU(3)(x)
    for name in ("running_mean", "running_var"):
        for shape in ((5,), (1,), (3, 1)):
            layer = nn.BatchNorm1d(3)
            setattr(layer, name, np.ones(shape))
            with pytest.raises(
                ag.ShapeError, match=rf"^BatchNorm1d: got {name} of .*; expected \(3"
            ):
                layer(np.eye(4, 3))
