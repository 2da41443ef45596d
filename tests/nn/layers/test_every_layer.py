"""Every layer by numeric gradients, in both modes and precisions, and with a batch of one."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F

# name: (what makes it, the shape of a batch, whether second derivatives exist everywhere nearby)
LAYERS = {
    "Linear": (lambda **o: nn.Linear(3, 2, **o), (4, 3), True),
    "Conv1d": (lambda **o: nn.Conv1d(2, 2, 2, stride=2, padding="same", **o), (2, 2, 5), True),
    "Conv2d": (lambda **o: nn.Conv2d(2, 2, 2, dilation=2, groups=2, **o), (2, 2, 4, 3), True),
    "Conv2d reflect": (lambda **o: nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect", **o), (1, 1, 3, 3), True),
    "ConvTranspose1d": (lambda **o: nn.ConvTranspose1d(2, 2, 3, stride=2, padding="same", **o), (2, 2, 3), True),
    "ConvTranspose2d": (lambda **o: nn.ConvTranspose2d(2, 2, 2, stride=2, padding=1, **o), (2, 2, 2, 2), True),
    "Conv3d": (lambda **o: nn.Conv3d(1, 2, 2, padding=1, padding_mode="circular", **o), (2, 1, 2, 2, 2), True),
    "ConvTranspose3d": (lambda **o: nn.ConvTranspose3d(1, 1, 2, stride=(2, 1, 1), **o), (2, 1, 1, 2, 2), True),
    "MaxPool3d": (lambda **o: nn.MaxPool3d(2, stride=1), (2, 1, 2, 3, 2), False),
    "LPPool2d": (lambda **o: nn.LPPool2d(2, 2), (2, 1, 2, 2), True),
    "AdaptiveAvgPool3d": (lambda **o: nn.AdaptiveAvgPool3d(1), (2, 1, 2, 1, 2), True),
    "Upsample bicubic": (lambda **o: nn.Upsample(scale_factor=1.5, mode="bicubic"), (1, 1, 3, 2), True),
    "Upsample trilinear": (lambda **o: nn.Upsample(size=(2, 3, 1), mode="trilinear"), (1, 1, 2, 2, 2), True),
    "ReflectionPad2d": (lambda **o: nn.ReflectionPad2d((1, -1, 1, 0)), (2, 1, 2, 3), True),
    "Fold": (lambda **o: nn.Fold((3, 2), 2, padding=(0, 1)), (2, 4, 6), True),
    "PixelShuffle": (lambda **o: nn.PixelShuffle(2), (2, 4, 1, 2), True),
    "LocalResponseNorm": (lambda **o: nn.LocalResponseNorm(2, alpha=1.0), (2, 3, 2), True),
    "BatchNorm3d": (lambda **o: nn.BatchNorm3d(2, **o), (2, 2, 2, 1, 1), True),
    "InstanceNorm1d": (lambda **o: nn.InstanceNorm1d(2, affine=True, **o), (2, 2, 3), True),
    "Threshold": (lambda **o: nn.Threshold(0.1, 2.0), (2, 4), False),
    "Softshrink": (lambda **o: nn.Softshrink(), (2, 4), False),
    "RReLU": (lambda **o: nn.RReLU(), (2, 4), False),
    "weight norm": (lambda **o: nn.utils.parametrizations.weight_norm(nn.Linear(3, 2, **o)), (4, 3), True),
    "LSTM projected": (lambda **o: nn.LSTM(2, 3, proj_size=2, **o), (3, 2, 2), True),
    "MaxPool1d": (lambda **o: nn.MaxPool1d(2, padding="same"), (2, 2, 5), False),
    "MaxPool2d": (lambda **o: nn.MaxPool2d(2, stride=1), (2, 1, 3, 3), False),
    "AvgPool2d": (lambda **o: nn.AvgPool2d(2, padding="same"), (2, 1, 3, 3), True),
    "AdaptiveAvgPool1d": (lambda **o: nn.AdaptiveAvgPool1d(2), (2, 1, 5), True),
    "AdaptiveMaxPool2d": (lambda **o: nn.AdaptiveMaxPool2d(2), (2, 1, 3, 3), False),
    "Upsample": (lambda **o: nn.Upsample(scale_factor=2, mode="bilinear"), (1, 2, 2, 2), True),
    "BatchNorm1d": (lambda **o: nn.BatchNorm1d(3, **o), (5, 3), True),
    "BatchNorm2d": (lambda **o: nn.BatchNorm2d(2, **o), (2, 2, 2, 2), True),
    "SyncBatchNorm1d": (lambda **o: nn.SyncBatchNorm1d(3, **o), (5, 3), True),
    "SyncBatchNorm2d": (lambda **o: nn.SyncBatchNorm2d(2, **o), (2, 2, 2, 2), True),
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


R = np.random.default_rng(5)


def tokens(*shape):
    return R.integers(0, 5, shape)


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
