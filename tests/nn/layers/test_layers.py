"""Every layer by numeric gradients of first and second order, in both modes, in both precisions, with a
batch of one; and what PyTorch's numbers cannot show."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F

R = np.random.default_rng(5)


def tokens(*shape):
    return R.integers(0, 5, shape)


# name: (what makes it, the shape of a batch, whether second derivatives exist everywhere nearby)
LAYERS = {
    "Linear": (lambda **o: nn.Linear(3, 2, **o), (4, 3), True),
    "Conv1d": (lambda **o: nn.Conv1d(2, 2, 2, stride=2, padding="same", **o), (2, 2, 5), True),
    "Conv2d": (lambda **o: nn.Conv2d(2, 2, 2, dilation=2, groups=2, **o), (2, 2, 4, 3), True),
    "Conv2d reflect": (lambda **o: nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect", **o), (1, 1, 3, 3), True),
    "ConvTranspose1d": (lambda **o: nn.ConvTranspose1d(2, 2, 3, stride=2, padding="same", **o), (2, 2, 3), True),
    "ConvTranspose2d": (lambda **o: nn.ConvTranspose2d(2, 2, 2, stride=2, padding=1, **o), (2, 2, 2, 2), True),
    "MaxPool1d": (lambda **o: nn.MaxPool1d(2, padding="same"), (2, 2, 5), False),
    "MaxPool2d": (lambda **o: nn.MaxPool2d(2, stride=1), (2, 1, 3, 3), False),
    "AvgPool2d": (lambda **o: nn.AvgPool2d(2, padding="same"), (2, 1, 3, 3), True),
    "AdaptiveAvgPool1d": (lambda **o: nn.AdaptiveAvgPool1d(2), (2, 1, 5), True),
    "AdaptiveMaxPool2d": (lambda **o: nn.AdaptiveMaxPool2d(2), (2, 1, 3, 3), False),
    "Upsample": (lambda **o: nn.Upsample(scale_factor=2, mode="bilinear"), (1, 2, 2, 2), True),
    "BatchNorm1d": (lambda **o: nn.BatchNorm1d(3, **o), (5, 3), True),
    "BatchNorm2d": (lambda **o: nn.BatchNorm2d(2, **o), (2, 2, 2, 2), True),
    "LayerNorm": (lambda **o: nn.LayerNorm(4, **o), (3, 4), True),
    "RMSNorm": (lambda **o: nn.RMSNorm(4, **o), (3, 4), True),
    "GroupNorm": (lambda **o: nn.GroupNorm(2, 4, **o), (2, 4, 3), True),
    "InstanceNorm2d": (lambda **o: nn.InstanceNorm2d(2, affine=True, track_running_stats=True, **o), (2, 2, 2, 2), True),
    "Dropout": (lambda **o: nn.Dropout(0.4), (3, 4), True),
    "Dropout1d": (lambda **o: nn.Dropout1d(0.4), (3, 2, 2), True),
    "Dropout2d": (lambda **o: nn.Dropout2d(0.4), (2, 3, 2, 2), True),
    "AlphaDropout": (lambda **o: nn.AlphaDropout(0.4), (3, 4), True),
    "RNN": (lambda **o: nn.RNN(2, 2, 2, dropout=0.3, **o), (3, 2, 2), True),
    "LSTM": (lambda **o: nn.LSTM(2, 2, bidirectional=True, **o), (3, 2, 2), True),
    "GRU": (lambda **o: nn.GRU(2, 2, **o), (3, 2, 2), True),
    "RNNCell": (lambda **o: nn.RNNCell(2, 2, **o), (2, 2), True),
    "LSTMCell": (lambda **o: nn.LSTMCell(2, 2, **o), (2, 2), True),
    "GRUCell": (lambda **o: nn.GRUCell(2, 2, **o), (2, 2), True),
    "PReLU": (lambda **o: nn.PReLU(3, **o), (2, 3), False),
    "Residual": (lambda **o: nn.Residual(nn.Sequential(nn.Linear(3, 3, **o), nn.Tanh())), (2, 3), True),
    "MLP": (lambda **o: nn.MLP([3, 4, 2], "gelu", "xavier", **o), (2, 3), True),
    "PositionalEncoding": (lambda **o: nn.PositionalEncoding(4, dropout=0.2), (3, 2, 4), True),
    "TransformerEncoderLayer": (
        lambda **o: nn.TransformerEncoderLayer(4, 2, 5, 0.1, "gelu", norm_first=True, **o), (2, 2, 4), True,
    ),
    **{
        name: (lambda name=name, **o: getattr(nn, name)(), (2, 4), smooth)
        for name, smooth in {
            "ReLU": False, "ReLU6": False, "LeakyReLU": False, "ELU": False, "SELU": False, "CELU": False, "GELU": True,
            "SiLU": True, "Mish": True, "Softplus": True, "Softsign": False, "Sigmoid": True, "LogSigmoid": True,
            "Hardsigmoid": False, "Hardtanh": False, "Hardswish": False, "Tanh": True, "Tanhshrink": True, "Softmax": True,
            "LogSoftmax": True, "Softmin": True, "GLU": True,
        }.items()
    },
    "Maxout": (lambda **o: nn.Maxout(2), (2, 4), False),
}  # fmt: skip
MODES = [
    pytest.param(name, training, id=f"{name}-{'train' if training else 'eval'}")
    for name in LAYERS
    for training in (False, True)
]


def first(out):
    return out[0] if isinstance(out, tuple) else out


def made(name, training, **options):
    ag.random.seed(1)
    module = LAYERS[name][0](**options)
    module.train(training)
    for key, buffer in list(module.named_buffers()):
        if key.startswith("running"):
            setattr(module, key, buffer + 0.5)
    return module


@pytest.mark.parametrize(("name", "training"), MODES)
def test_gradients(name, training):
    module = made(name, training)
    _, shape, smooth = LAYERS[name]
    x = np.random.default_rng(2).normal(size=shape) + 0.05

    def run(x):
        ag.random.seed(0)  # the same noise at every point
        return first(module(x))

    report = ag.check_gradients(run, x, parameters=module, order=2 if smooth else 1)
    assert report.checked >= x.size


@pytest.mark.parametrize("name", LAYERS)
def test_precisions_and_plain_input(name):
    x = np.random.default_rng(2).normal(size=LAYERS[name][1])
    double, single = made(name, False), made(name, False, dtype=np.float32)
    wide, narrow = first(double(x)), first(single(x.astype(np.float32)))
    assert wide.dtype == np.float64 and narrow.dtype == np.float32
    np.testing.assert_allclose(np.asarray(ag.stop_gradient(narrow)), np.asarray(ag.stop_gradient(wide)), rtol=2e-3, atol=2e-5)  # fmt: skip
    of_tensor = first(double(ag.Tensor(x)))
    assert isinstance(of_tensor, ag.Tensor)
    assert (np.asarray(ag.stop_gradient(of_tensor)) == np.asarray(ag.stop_gradient(wide))).all()
    # In training too a float32 model stays in float32.
    trained = first(made(name, True, dtype=np.float32)(x.astype(np.float32)))
    assert trained.dtype == np.float32
    assert all(b.dtype != np.float64 for b in single.buffers())


# Batch of one: everything but batch normalization in training treats samples apart.
@pytest.mark.parametrize("name", LAYERS)
def test_a_batch_of_one_is_one_of_the_batch(name):
    module = made(name, False)
    x = np.random.default_rng(2).normal(size=LAYERS[name][1])
    axis = 1 if isinstance(module, (nn.RNN, nn.LSTM, nn.GRU, nn.TransformerEncoderLayer, nn.PositionalEncoding)) else 0  # fmt: skip
    whole = np.asarray(ag.stop_gradient(first(module(x))))
    alone = np.asarray(ag.stop_gradient(first(module(x.take([0], axis)))))
    np.testing.assert_allclose(alone, whole.take([0], axis), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(nn.BatchNorm1d(3), (1, 3)), (nn.BatchNorm2d(3), (1, 3, 1, 1)), (nn.InstanceNorm2d(3), (2, 3, 1, 1))],
)  # fmt: skip
def test_normalizing_one_value_in_training_is_refused(layer, shape):
    with pytest.raises(ValueError, match="expected more than one value for each channel"):
        layer(np.ones(shape))


def test_tokens_and_attention_by_numeric_gradients():
    ag.random.seed(0)
    table = nn.Embedding(5, 3, padding_idx=1)
    indices = tokens(2, 4)
    report = ag.check_gradients(lambda w: ag.tanh(F.embedding(indices, w)), table.weight.data, order=2)  # fmt: skip
    assert report.checked >= 15
    assert not table.weight[1].data.any()
    table(np.array([0, 1, 1])).sum().backward()
    assert table.weight.grad.sum(axis=1).tolist() == [3.0, 0.0, 0.0, 0.0, 0.0]
    layer = nn.MultiheadAttention(4, 2, batch_first=True)
    x = R.normal(size=(2, 3, 4))
    padding = np.array([[False] * 3, [False, False, True]])
    ag.check_gradients(
        lambda x: layer(x, x, x, key_padding_mask=padding, is_causal=True), x, parameters=layer
    )
    bilinear = nn.Bilinear(2, 3, 2)
    ag.check_gradients(
        bilinear, R.normal(size=(4, 2)), R.normal(size=(4, 3)), parameters=bilinear, order=2
    )


# --- convolution against its definition ---


def naive_conv2d(x, w, stride, widths):
    x = np.pad(x, [(0, 0), (0, 0), *widths])
    n, _, h, width = x.shape
    o, _, a, b = w.shape
    out = np.zeros((n, o, (h - a) // stride + 1, (width - b) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            part = x[:, :, i * stride : i * stride + a, j * stride : j * stride + b]
            out[:, :, i, j] = np.einsum("nchw,ochw->no", part, w)
    return out


@pytest.mark.parametrize("length", range(3, 9))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3])
def test_same_and_valid_sizes_are_those_of_tensorflow(length, kernel, stride):
    x, w = R.normal(size=(2, 2, length, length)), R.normal(size=(3, 2, kernel, kernel))
    total = max((-(length // -stride) - 1) * stride + kernel - length, 0)
    widths = [(total // 2, total - total // 2)] * 2
    same = F.conv2d(x, w, stride=stride, padding="same")
    assert same.shape == (2, 3, math.ceil(length / stride), math.ceil(length / stride))
    np.testing.assert_allclose(same, naive_conv2d(x, w, stride, widths), atol=1e-12)
    valid = F.conv2d(x, w, stride=stride, padding="valid")
    assert valid.shape[2] == (length - kernel) // stride + 1
    np.testing.assert_allclose(valid, naive_conv2d(x, w, stride, [(0, 0)] * 2), atol=1e-12)


@pytest.mark.parametrize("padding", ["same", "valid", 1])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [2, 3, 4])
def test_a_transposed_convolution_is_the_transpose(kernel, stride, padding):
    """<conv(x), y> = <x, conv_transpose(y)>, where the sizes belong to each other."""
    w, y = R.normal(size=(3, 2, kernel)), R.normal(size=(2, 3, 4))
    back = F.conv_transpose1d(y, w, stride=stride, padding=padding)
    if padding == "same":
        assert back.shape == (2, 2, 4 * stride)
    x = R.normal(size=back.shape)
    forth = F.conv1d(x, w, stride=stride, padding=padding)
    assert np.vdot(forth, y) == pytest.approx(np.vdot(x, back), rel=1e-10)


def test_same_pooling_leaves_the_padding_out():
    x = np.arange(5.0).reshape(1, 1, 5)
    assert F.max_pool1d(-x, 2, padding="same").tolist() == [[[0.0, -2.0, -4.0]]]
    assert F.avg_pool1d(x, 2, padding="same").tolist() == [[[0.5, 2.5, 4.0]]]
    assert F.avg_pool1d(x, 3, stride=1, padding="same").tolist() == [[[0.5, 1.0, 2.0, 3.0, 3.5]]]


# --- noise ---


def test_dropout_keeps_the_mean_and_uses_one_mask_both_ways():
    ag.random.seed(0)
    x = ag.Tensor(np.ones(100_000), requires_grad=True)
    out = nn.Dropout(0.3)(x)
    assert out.data.mean() == pytest.approx(1.0, abs=0.01)
    assert (out.data == 0).mean() == pytest.approx(0.3, abs=0.01)
    out.sum().backward()
    assert (x.grad == out.data).all()
    assert nn.Dropout(1.0)(x).data.tolist()[:2] == [0.0, 0.0]
    assert nn.Dropout(0.0)(x) is x and nn.Dropout(0.9).eval()(x) is x


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).normal(size=200_000)
    out = F.alpha_dropout(x, 0.4, generator=np.random.default_rng(1))
    assert out.mean() == pytest.approx(0.0, abs=0.02) and out.var() == pytest.approx(1.0, abs=0.02)
    assert not F.alpha_dropout(x, 1.0).any()


def test_noise_is_seeded_by_the_default_generator_or_an_own_one():
    x = np.ones(50)
    ag.random.seed(4)
    a = nn.Dropout(0.5)(x)
    ag.random.seed(4)
    assert (nn.Dropout(0.5)(x) == a).all() and not (nn.Dropout(0.5)(x) == a).all()
    own = [nn.Dropout(0.5, generator=np.random.default_rng(9))(x) for _ in range(2)]
    assert (own[0] == own[1]).all()


def test_channel_dropout_drops_channels_each_sample_its_own():
    ag.random.seed(0)
    out = nn.Dropout2d(0.5)(np.ones((8, 16, 3, 3)))
    means = out.mean(axis=(2, 3))
    assert set(np.unique(means)) == {0.0, 2.0} and len({tuple(row) for row in means}) == 8


# --- the temperature of a softmax ---


def test_softmax_with_temperature_from_zero_to_infinity():
    x = np.array([1.0, 3.0, 2.0])
    for t in (0.3, 1.0, 7.0):
        expected = np.exp(x / t) / np.exp(x / t).sum()
        np.testing.assert_allclose(F.softmax(x, temperature=t), expected, rtol=1e-13)
    for t in (0.0, 1e-300, 5e-324):
        assert F.softmax(ag.Tensor(x), temperature=t).tolist() == [0.0, 1.0, 0.0]
    for t in (1e300, math.inf):
        assert F.softmax(x, temperature=t).tolist() == pytest.approx([1 / 3] * 3, rel=1e-15)
    big = ag.Tensor([1e308, -1e308])
    assert F.softmax(big, temperature=1e-10).tolist() == [1.0, 0.0]
    assert F.log_softmax(x, temperature=0.01)[0] == pytest.approx(-200.0)
    for t in (0.3, 1.0, 20.0):
        ag.check_gradients(lambda x, t=t: F.softmax(x, temperature=t), x, order=2)
    assert not F.softmax(ag.Tensor(x, requires_grad=True), temperature=0.0).requires_grad
    with pytest.raises(ValueError, match=r"got temperature=-1; expected a number, at least 0"):
        F.softmax(x, temperature=-1)
    with pytest.raises(ValueError, match="temperature=nan"):
        nn.Softmax(temperature=math.nan)(x)


def test_no_activation_overflows_or_warns():
    x = np.array([-1e308, -800.0, 0.0, 800.0, 1e308])
    for name in ("elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign", "logsigmoid", "sigmoid"):  # fmt: skip
        leaf = ag.Tensor(x, requires_grad=True)
        out = getattr(F, name)(leaf)
        out.sum().backward()
        assert not np.isnan(out.data).any() and not np.isnan(leaf.grad).any(), name


# --- attention ---


def test_a_query_that_may_look_at_nothing_gets_zeros_and_harms_nobody():
    q = ag.Tensor(R.normal(size=(2, 3)), requires_grad=True)
    mask = np.array([[False, False], [True, False]])
    out = F.scaled_dot_product_attention(q, q, q, attn_mask=mask)
    assert not out[0].data.any() and (out[1].data == q[0].data).all()
    out.sum().backward()
    assert np.isfinite(q.grad).all()


def test_causal_attention_does_not_see_the_future():
    ag.random.seed(0)
    layer = nn.TransformerEncoder(
        lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2
    ).eval()
    x = R.normal(size=(1, 5, 8))
    y = x.copy()
    y[0, 3:] += 1.0
    a, b = layer(x, is_causal=True).data, layer(y, is_causal=True).data
    np.testing.assert_allclose(a[0, :3], b[0, :3], rtol=1e-12)
    assert not np.allclose(a[0, 3:], b[0, 3:])
    same = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2)
    own = nn.TransformerEncoder(lambda: nn.TransformerEncoderLayer(8, 2, 16), 2)
    assert (same.layers[0].linear1.weight.data == same.layers[1].linear1.weight.data).all()
    assert not (own.layers[0].linear1.weight.data == own.layers[1].linear1.weight.data).any()


# --- statistics ---


def test_running_statistics_are_replaced_and_not_written_to():
    layer = nn.BatchNorm1d(2)
    before = layer.running_mean
    layer(R.normal(size=(8, 2)) + 3.0)
    assert not before.any() and layer.running_mean.any() and int(layer.num_batches_tracked) == 1
    kept = layer.eval().running_mean
    layer(R.normal(size=(8, 2)))
    assert layer.running_mean is kept


def test_evaluation_uses_running_statistics_and_gamma_and_beta_undo_normalization():
    x = R.normal(size=(64, 2)) * 3.0 + 5.0
    layer = nn.BatchNorm1d(2, momentum=1.0, eps=0.0)
    layer(x)
    nn.init.values_(layer.weight, x.std(axis=0))
    nn.init.values_(layer.bias, x.mean(axis=0))
    np.testing.assert_allclose(layer(x).data, x, rtol=1e-12)
    expected = (x - x.mean(0)) / x.std(0, ddof=1) * x.std(0) + x.mean(0)
    np.testing.assert_allclose(layer.eval()(x).data, expected, rtol=1e-12)


# --- recurrence ---


def test_the_gates_of_an_lstm_can_be_reached():
    lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True, forget_bias=1.0)
    for name, p in lstm.named_parameters():
        if name.startswith("bias_ih"):
            assert (p[lstm.gate("forget")] == 1.0).all() and not (p[lstm.gate("cell")] == 1.0).any()
        if name.startswith("bias_hh"):
            assert not p[lstm.gate("forget")].data.any()
    with pytest.raises(ValueError, match="one of 'input', 'forget', 'cell', 'output'"):
        lstm.gate("reset")


def test_a_layer_is_its_cell_step_by_step():
    ag.random.seed(0)
    layer, cell = nn.LSTM(3, 4), nn.LSTMCell(3, 4)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, state = R.normal(size=(5, 2, 3)), None
    out, _ = layer(x)
    for t in range(5):
        state = cell(x[t], state)
        np.testing.assert_allclose(out[t].data, state[0].data, rtol=1e-12)


def test_dropout_between_layers_is_between_them_and_only_in_training():
    ag.random.seed(0)
    layer = nn.RNN(3, 4, num_layers=2, dropout=1.0, bias=False)
    out, _ = layer(R.normal(size=(2, 1, 3)))
    assert not out.data.any()
    assert layer.eval()(R.normal(size=(2, 1, 3)))[0].data.all()
    one, _ = nn.RNN(3, 4, dropout=1.0)(R.normal(size=(2, 1, 3)))
    assert one.data.all()


MESSAGES = [
    (lambda: nn.Conv2d(3, 4, 3)(np.ones((2, 3, 5))), ag.ShapeError, r"an input of 2 channels and a weight of shape"),
    (lambda: nn.Conv2d(3, 4, 3)(np.ones((3, 5))), ag.ShapeError, r"shape \(3, 5\); expected \(N, C, H, W\) or \(C, H, W\)"),
    (lambda: nn.Conv2d(3, 4, 3)(np.ones((1, 3, 2, 5))), ag.ShapeError, r"got a kernel of 3×3 for an input of 2×5.*pad the input"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "got groups=2; expected a divisor of in_channels = 3"),
    (lambda: nn.Conv2d(3, 4, (3, 3, 3)), ValueError, r"got kernel_size=\(3, 3, 3\); expected an integer of at least 1, or 2"),
    (lambda: nn.Conv2d(3, 4, 3, padding="full"), ValueError, "got padding='full'; expected one of 'valid', 'same'"),
    (lambda: nn.Conv2d(3, 4, 3, padding_mode="edge"), ValueError, "padding_mode='edge'"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect"), ValueError, "got padding_mode='reflect'; expected one of 'zeros'"),
    (lambda: nn.ConvTranspose1d(1, 1, 2, stride=2, output_padding=2)(np.ones((1, 3))), ValueError, "output_padding=.* less than the stride"),
    (lambda: nn.ConvTranspose1d(1, 1, 1, padding=2)(np.ones((1, 3))), ag.ShapeError, "all of which it cuts off"),
    (lambda: nn.MaxPool2d(2, padding=2)(np.ones((1, 4, 4))), ValueError, "expected at most half of the kernel size"),
    (lambda: nn.MaxPool2d(5)(np.ones((1, 4, 4))), ag.ShapeError, r"got windows of 5×5 for an input of 4×4"),
    (lambda: nn.Upsample()(np.ones((1, 1, 4))), ValueError, "got size=None and scale_factor=None; expected exactly one"),
    (lambda: nn.Upsample(2, mode="cubic")(np.ones((1, 1, 4))), ValueError, "mode='cubic'"),
    (lambda: nn.Upsample(2, mode="bilinear")(np.ones((1, 1, 4))), ag.ShapeError, r"expected \(N, C, H, W\)"),
    (lambda: nn.BatchNorm1d(3)(np.ones((2, 4))), ag.ShapeError, r"expected \(N, C\) or \(N, C, L\), C = 3"),
    (lambda: nn.BatchNorm2d(3)(np.ones((2, 3))), ag.ShapeError, r"expected \(N, C, H, W\), C = 3"),
    (lambda: F.batch_norm(np.ones((2, 3))), ValueError, "without running_mean and running_var"),
    (lambda: nn.LayerNorm((3, 4))(np.ones((2, 4))), ag.ShapeError, r"last axes of normalized_shape = \(3, 4\)"),
    (lambda: nn.GroupNorm(2, 5), ValueError, "got num_groups=2; expected a divisor of num_channels = 5"),
    (lambda: nn.GroupNorm(2, 4)(np.ones((2, 6))), ag.ShapeError, "C = 4"),
    (lambda: nn.Dropout(1.5), ValueError, "Dropout: got p=1.5; expected a number, at least 0 and at most 1"),
    (lambda: nn.Dropout2d()(np.ones((2, 3))), ag.ShapeError, r"expected \(N, C, H, W\) or \(C, H, W\)"),
    (lambda: nn.Dropout(generator=3)(np.ones(3)), TypeError, "got generator=3"),
    (lambda: nn.Embedding(3, 2)([0.5]), ag.DTypeError, "got indices of dtype float64"),
    (lambda: nn.Embedding(3, 2)([3]), IndexError, "indices from 3 to 3"),
    (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "got padding_idx=3; expected one of the 3 tokens"),
    (lambda: nn.Bilinear(2, 3, 1)(np.ones((4, 2)), np.ones((5, 3))), ag.ShapeError, "expected equal lengths of all axes but the last"),
    (lambda: nn.RNN(3, 4)(np.ones((5, 2))), ag.ShapeError, r"\(L, N, input_size\) or \(L, input_size\)"),
    (lambda: nn.RNN(3, 4)(np.ones((5, 2, 3)), np.ones((2, 4))), ag.ShapeError, r"shape \(2, 4\); expected \(1, 2, 4\)"),
    (lambda: nn.LSTM(3, 4)(np.ones((5, 2, 3)), (np.ones((1, 2, 4)),)), ag.ShapeError, r"expected a pair \(h, c\)"),
    (lambda: nn.RNN(3, 4)(np.ones((0, 2, 3))), ag.ShapeError, "a sequence of at least one step"),
    (lambda: nn.RNN(3, 4, nonlinearity="sigmoid"), ValueError, "one of 'tanh', 'relu'"),
    (lambda: nn.GRUCell(3, 4)(np.ones((2, 2, 3))), ag.ShapeError, r"\(N, input_size\) or \(input_size,\)"),
    (lambda: nn.MultiheadAttention(8, 3), ValueError, "got num_heads=3; expected a divisor of embed_dim = 8"),
    (lambda: nn.MultiheadAttention(8, 2)(*[np.ones((5, 2, 7))] * 3), ag.ShapeError, r"\(N, L, 8\)"),
    (lambda: nn.MultiheadAttention(8, 2)(*[np.ones((5, 2, 8))] * 3, attn_mask=np.ones((4, 4))), ag.ShapeError, r"attn_mask of shape \(4, 4\)"),
    (lambda: nn.TransformerEncoderLayer(8, 2, activation="swish"), ValueError, "'relu', 'gelu' or a function"),
    (lambda: F.scaled_dot_product_attention(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))), ag.ShapeError, r"query \(2, 3\), key \(2, 4\)"),
    (lambda: nn.GLU()(np.ones(3)), ag.ShapeError, "an even length along axis -1"),
    (lambda: nn.Maxout(2)(np.ones(3)), ag.ShapeError, "a multiple of pieces = 2"),
    (lambda: nn.PReLU(3)(np.ones((2, 4))), ag.ShapeError, r"expected \(1,\) or \(4,\)"),
    (lambda: nn.Hardtanh(1.0, 0.0)(np.ones(2)), ValueError, "got min_val=1.0 and max_val=0.0; expected min_val below max_val"),
    (lambda: nn.GELU("sigmoid")(np.ones(2)), ValueError, "one of 'none', 'tanh'"),
    (lambda: nn.CELU(0.0)(np.ones(2)), ValueError, "got alpha=0.0; expected a number, above 0"),
    (lambda: nn.Linear(2, 2, dtype=int), ag.DTypeError, "Linear: got dtype int64; expected a floating one"),
    (lambda: nn.PositionalEncoding(4)(np.ones((2, 3))), ag.ShapeError, "d_model = 4"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), MESSAGES)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
