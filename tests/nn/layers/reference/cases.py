"""What is compared with PyTorch: expressions that mean the same there and here.

`nn` and `F` stand for `torch.nn` and `torch.nn.functional`, or for `nn` and `nn.functional`. An input is a
shape, to be filled with normally distributed numbers, or an array.
"""

from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """A module, its inputs, and how it is called."""

    module: str
    inputs: dict[str, Any]
    call: str
    training: bool


def case(module: str, *shapes: Any, call: str = "", training: bool = False, **inputs: Any) -> Case:
    named = dict(zip("xyz", shapes, strict=False)) | inputs
    return Case(module, named, call or f"module({', '.join(named)})", training)


rng = np.random.default_rng(7)
TOKENS = rng.integers(0, 7, (3, 5))
CLASSES = np.array([0, 3, 1, 2, 3, 0])
MAP_CLASSES = rng.integers(0, 4, (2, 3, 3))
IGNORED = np.array([0, 3, -100, 2, -100, 0])
SIGNS = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0])
PROBABILITIES = rng.dirichlet(np.ones(4), 6)
SHARES = rng.random((6, 4))
WEIGHTS = "torch.tensor([0.5, 1.0, 2.0, 0.25], dtype=torch.float64)"
PADDED = np.array([[False] * 5, [False] * 3 + [True] * 2, [False] * 4 + [True]])
FORBIDDEN = np.triu(np.ones((5, 5), bool), 1)
ADDED = rng.normal(size=(5, 5))
POINTS = rng.uniform(-1.3, 1.3, (2, 3, 4, 2))
POINTS_3D = rng.uniform(-1.3, 1.3, (2, 2, 3, 2, 3))

ACTIVATIONS = """
    ReLU ReLU6 LeakyReLU ELU SELU CELU GELU SiLU Mish Softsign Sigmoid LogSigmoid Hardsigmoid Hardtanh
    Hardswish Tanh Tanhshrink PReLU Identity Flatten
"""

MODULES: dict[str, Case] = {
    "linear": case("nn.Linear(5, 3)", (4, 5)),
    "linear many axes": case("nn.Linear(5, 3, bias=False)", (2, 3, 5)),
    "bilinear": case("nn.Bilinear(3, 4, 2)", (5, 3), (5, 4)),
    "embedding": case("nn.Embedding(7, 3)", x=TOKENS),
    "embedding padding": case("nn.Embedding(7, 3, padding_idx=2)", x=TOKENS),
    "conv1d": case("nn.Conv1d(4, 6, 3)", (2, 4, 9)),
    "conv1d all": case("nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2)", (2, 4, 9)),
    "conv1d same": case("nn.Conv1d(2, 3, 4, padding='same')", (2, 2, 7)),
    "conv1d alone": case("nn.Conv1d(2, 3, 2, bias=False)", (2, 7)),
    "conv2d": case("nn.Conv2d(3, 4, 3)", (2, 3, 6, 5)),
    "conv2d all": case(
        "nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)",
        (2, 4, 7, 6),
    ),
    "conv2d depthwise": case("nn.Conv2d(4, 8, 3, padding=1, groups=4, bias=False)", (1, 4, 5, 5)),
    "conv2d valid": case("nn.Conv2d(2, 3, 3, padding='valid')", (2, 2, 5, 5)),
    "conv2d same": case("nn.Conv2d(2, 3, (4, 3), padding='same', dilation=(1, 2))", (2, 2, 6, 6)),
    "conv2d reflect": case("nn.Conv2d(2, 3, 3, padding=2, padding_mode='reflect')", (2, 2, 5, 5)),
    "conv2d replicate": case(
        "nn.Conv2d(2, 3, 3, padding='same', padding_mode='replicate')", (2, 2, 5, 5)
    ),
    "conv2d circular": case("nn.Conv2d(2, 3, 3, padding=1, padding_mode='circular')", (2, 2, 5, 5)),
    "conv_transpose1d": case(
        "nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)", (2, 4, 5)
    ),
    "conv_transpose2d": case("nn.ConvTranspose2d(3, 4, 3)", (2, 3, 4, 4)),
    "conv_transpose2d all": case(
        "nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2), "
        "groups=2, dilation=(2, 1))",
        (2, 4, 4, 3),
    ),
    "conv_transpose2d wide output": case(
        "nn.ConvTranspose2d(2, 2, 2, stride=1, output_padding=2, dilation=3)", (1, 2, 3, 3)
    ),
    "max_pool1d": case("nn.MaxPool1d(3, stride=2, padding=1)", (2, 3, 8)),
    "max_pool2d": case("nn.MaxPool2d(2)", (2, 3, 6, 4)),
    "max_pool2d all": case(
        "nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 1), dilation=(1, 2), ceil_mode=True)",
        (2, 3, 6, 6),
    ),
    "avg_pool1d": case("nn.AvgPool1d(3, stride=2, padding=1, ceil_mode=True)", (2, 3, 8)),
    "avg_pool2d": case("nn.AvgPool2d(2)", (2, 3, 6, 4)),
    "avg_pool2d excluded": case(
        "nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)",
        (2, 3, 6, 7),
    ),
    "avg_pool2d ceil": case("nn.AvgPool2d(3, stride=3, padding=1, ceil_mode=True)", (1, 2, 5, 6)),
    "avg_pool2d divisor": case("nn.AvgPool2d(2, divisor_override=3)", (1, 2, 4, 4)),
    "adaptive_avg_pool1d": case("nn.AdaptiveAvgPool1d(3)", (2, 3, 8)),
    "adaptive_avg_pool2d": case("nn.AdaptiveAvgPool2d((3, None))", (2, 3, 7, 5)),
    "adaptive_max_pool1d": case("nn.AdaptiveMaxPool1d(3)", (2, 3, 8)),
    "adaptive_max_pool2d": case("nn.AdaptiveMaxPool2d((3, 4))", (2, 3, 7, 5)),
    "upsample nearest": case("nn.Upsample(scale_factor=2)", (2, 3, 3, 4)),
    "upsample nearest size": case("nn.Upsample(size=(5, 3))", (2, 3, 3, 4)),
    "upsample linear": case("nn.Upsample(scale_factor=2.5, mode='linear')", (2, 3, 4)),
    "upsample bilinear": case("nn.Upsample(size=(5, 7), mode='bilinear')", (2, 3, 3, 4)),
    "upsample corners": case(
        "nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)", (2, 3, 3, 4)
    ),
    "batch_norm1d train": case("nn.BatchNorm1d(3)", (6, 3), training=True),
    "batch_norm1d eval": case("nn.BatchNorm1d(3)", (6, 3)),
    "batch_norm1d sequence": case("nn.BatchNorm1d(3, momentum=0.3)", (4, 3, 5), training=True),
    "batch_norm1d mean": case(
        "nn.BatchNorm1d(3, momentum=None)",
        (6, 3),
        (4, 3),
        call="module(x).sum() + module(y)",
        training=True,
    ),
    "batch_norm1d untracked": case("nn.BatchNorm1d(3, track_running_stats=False)", (6, 3)),
    "batch_norm2d train": case("nn.BatchNorm2d(3, eps=1e-3)", (2, 3, 4, 4), training=True),
    "batch_norm2d plain": case("nn.BatchNorm2d(3, affine=False)", (2, 3, 4, 4), training=True),
    "layer_norm": case("nn.LayerNorm(5)", (4, 5)),
    "layer_norm axes": case("nn.LayerNorm((4, 5), bias=False)", (2, 3, 4, 5)),
    "layer_norm plain": case("nn.LayerNorm(5, elementwise_affine=False)", (4, 5)),
    "rms_norm": case("nn.RMSNorm(5)", (4, 5)),
    "rms_norm eps": case("nn.RMSNorm(5, eps=0.1, elementwise_affine=False)", (4, 5)),
    "group_norm": case("nn.GroupNorm(2, 6)", (2, 6, 3, 3)),
    "group_norm plain": case("nn.GroupNorm(3, 6, affine=False)", (4, 6)),
    "instance_norm2d": case("nn.InstanceNorm2d(3)", (2, 3, 4, 4), training=True),
    "instance_norm2d tracked": case(
        "nn.InstanceNorm2d(3, affine=True, track_running_stats=True)", (2, 3, 4, 4), training=True
    ),
    "instance_norm2d eval": case(
        "nn.InstanceNorm2d(3, affine=True, track_running_stats=True)", (3, 4, 4)
    ),
    "rnn": case("nn.RNN(3, 4)", (5, 2, 3)),
    "rnn relu": case("nn.RNN(3, 4, 2, nonlinearity='relu', bias=False)", (5, 2, 3)),
    "rnn state": case(
        "nn.RNN(3, 4, 2, batch_first=True, bidirectional=True)", (2, 5, 3), (4, 2, 4)
    ),
    "rnn alone": case("nn.RNN(3, 4, bidirectional=True)", (5, 3)),
    "lstm": case("nn.LSTM(3, 4)", (5, 2, 3)),
    "lstm state": case(
        "nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True)",
        (2, 5, 3),
        (4, 2, 4),
        (4, 2, 4),
        call="module(x, (y, z))",
    ),
    "gru": case("nn.GRU(3, 4)", (5, 2, 3)),
    "gru state": case("nn.GRU(3, 4, 2, bidirectional=True, bias=False)", (5, 2, 3), (4, 2, 4)),
    "rnn_cell": case("nn.RNNCell(3, 4)", (2, 3), (2, 4)),
    "lstm_cell": case("nn.LSTMCell(3, 4)", (2, 3), (2, 4), (2, 4), call="module(x, (y, z))"),
    "gru_cell": case("nn.GRUCell(3, 4)", (2, 3), (2, 4)),
    "attention": case(
        "nn.MultiheadAttention(8, 2)", (5, 3, 8), (4, 3, 8), (4, 3, 8), call="module(x, y, z)"
    ),
    "attention alone": case("nn.MultiheadAttention(8, 2)", (5, 8), call="module(x, x, x)"),
    "attention widths": case(
        "nn.MultiheadAttention(8, 4, kdim=3, vdim=5, batch_first=True, bias=False)",
        (3, 5, 8),
        (3, 4, 3),
        (3, 4, 5),
        call="module(x, y, z, average_attn_weights=False)",
    ),
    "attention masks": case(
        "nn.MultiheadAttention(8, 2, batch_first=True)",
        (3, 5, 8),
        padding=PADDED,
        mask=FORBIDDEN,
        call="module(x, x, x, key_padding_mask=padding, attn_mask=mask)",
    ),
    "attention added": case(
        "nn.MultiheadAttention(8, 2, batch_first=True)",
        (3, 5, 8),
        mask=ADDED,
        call="module(x, x, x, attn_mask=mask)",
    ),
    "encoder layer": case("nn.TransformerEncoderLayer(8, 2, 12)", (5, 3, 8)),
    "encoder layer first": case(
        "nn.TransformerEncoderLayer(8, 2, 12, activation='gelu', batch_first=True, norm_first=True)",
        (3, 5, 8),
        padding=PADDED,
        call="module(x, src_key_padding_mask=padding)",
    ),
    "encoder": case(
        "nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, norm_first=True), 2, nn.LayerNorm(8))",
        (5, 3, 8),
        mask=FORBIDDEN,
        call="module(x, mask=mask)",
        training=True,
    ),
    **{name: case(f"nn.{name}()", (3, 4)) for name in ACTIVATIONS.split()},
    "LeakyReLU slope": case("nn.LeakyReLU(0.3)", (3, 4)),
    "ELU alpha": case("nn.ELU(0.7)", (3, 4)),
    "CELU alpha": case("nn.CELU(0.7)", (3, 4)),
    "GELU tanh": case("nn.GELU(approximate='tanh')", (3, 4)),
    "PReLU channels": case("nn.PReLU(4)", (3, 4, 2)),
    "Hardtanh limits": case("nn.Hardtanh(-0.5, 0.3)", (3, 4)),
    "Softplus beta": case("nn.Softplus(beta=3)", (3, 4)),
    "Softmax": case("nn.Softmax(dim=1)", (3, 4)),
    "LogSoftmax": case("nn.LogSoftmax(dim=0)", (3, 4)),
    "Softmin": case("nn.Softmin(dim=-1)", (3, 4)),
    "GLU": case("nn.GLU(dim=1)", (3, 4)),
    "Unflatten": case("nn.Unflatten(1, (2, 2))", (3, 4)),
    "alpha dropout eval": case("nn.AlphaDropout(0.3)", (3, 4)),
    "MSELoss": case("nn.MSELoss()", (6, 4), (6, 4)),
    "L1Loss": case("nn.L1Loss(reduction='sum')", (6, 4), (6, 4)),
    "SmoothL1Loss": case("nn.SmoothL1Loss(beta=0.7)", (6, 4), (6, 4)),
    "HuberLoss": case("nn.HuberLoss(delta=0.7, reduction='none')", (6, 4), (6, 4)),
    "CrossEntropyLoss": case("nn.CrossEntropyLoss()", (6, 4), y=CLASSES),
    "CrossEntropyLoss ignored": case("nn.CrossEntropyLoss()", (6, 4), y=IGNORED),
    "CrossEntropyLoss weights": case(f"nn.CrossEntropyLoss(weight={WEIGHTS})", (6, 4), y=IGNORED),
    "CrossEntropyLoss smooth": case(
        f"nn.CrossEntropyLoss(weight={WEIGHTS}, label_smoothing=0.2)", (6, 4), y=IGNORED
    ),
    "CrossEntropyLoss smooth sum": case(
        "nn.CrossEntropyLoss(label_smoothing=0.2, reduction='sum')", (6, 4), y=IGNORED
    ),
    "CrossEntropyLoss none": case(
        f"nn.CrossEntropyLoss(weight={WEIGHTS}, label_smoothing=0.2, reduction='none')",
        (6, 4),
        y=IGNORED,
    ),
    "CrossEntropyLoss maps": case(
        f"nn.CrossEntropyLoss(weight={WEIGHTS}, label_smoothing=0.1)", (2, 4, 3, 3), y=MAP_CLASSES
    ),
    "CrossEntropyLoss alone": case("nn.CrossEntropyLoss()", (4,), y=np.array(2)),
    "CrossEntropyLoss probabilities": case(
        f"nn.CrossEntropyLoss(weight={WEIGHTS}, label_smoothing=0.2)", (6, 4), y=PROBABILITIES
    ),
    "NLLLoss": case(f"nn.NLLLoss(weight={WEIGHTS})", (6, 4), y=IGNORED),
    "BCELoss": case("nn.BCELoss()", (6, 4), y=SHARES, call="module(x.sigmoid(), y)"),
    "BCEWithLogitsLoss": case("nn.BCEWithLogitsLoss()", (6, 4), y=SHARES),
    "BCEWithLogitsLoss weights": case(
        f"nn.BCEWithLogitsLoss(weight={WEIGHTS}, pos_weight={WEIGHTS})", (6, 4), y=SHARES
    ),
    "KLDivLoss": case("nn.KLDivLoss(reduction='batchmean')", (6, 4), y=PROBABILITIES),
    "KLDivLoss log": case("nn.KLDivLoss(log_target=True, reduction='sum')", (6, 4), (6, 4)),
    "HingeEmbeddingLoss": case("nn.HingeEmbeddingLoss(margin=0.6)", (6,), y=SIGNS),
    "MultiMarginLoss": case("nn.MultiMarginLoss(margin=0.6)", (6, 4), y=CLASSES),
    "CosineEmbeddingLoss": case("nn.CosineEmbeddingLoss(margin=0.1)", (6, 4), (6, 4), z=SIGNS),
    "TripletMarginLoss": case("nn.TripletMarginLoss(margin=0.7)", (6, 4), (6, 4), (6, 4)),
    "TripletMarginLoss swap": case(
        "nn.TripletMarginLoss(p=3, swap=True, reduction='sum')", (6, 4), (6, 4), (6, 4)
    ),
    "attention function": case(
        "nn.Identity()",
        (2, 3, 4),
        (2, 5, 4),
        (2, 5, 6),
        call="F.scaled_dot_product_attention(x, y, z, is_causal=True, scale=0.3)",
    ),
    "attention function mask": case(
        "nn.Identity()",
        (2, 5, 4),
        mask=~FORBIDDEN,
        call="F.scaled_dot_product_attention(x, x, x, attn_mask=mask)",
    ),
    "distance": case("nn.Identity()", (6, 4), (6, 4), call="F.pairwise_distance(x, y, p=3.0)"),
    "cosine": case("nn.Identity()", (6, 4), (6, 4), call="F.cosine_similarity(x, y, dim=0)"),
    "normalize": case("nn.Identity()", (6, 4), call="F.normalize(x, dim=1)"),
    "conv3d": case("nn.Conv3d(2, 3, (3, 2, 2))", (2, 2, 4, 3, 5)),
    "conv3d all": case(
        "nn.Conv3d(4, 6, (3, 2, 1), stride=(2, 1, 1), padding=(1, 0, 2), dilation=(1, 2, 1), groups=2)",
        (1, 4, 5, 4, 3),
    ),
    "conv3d circular": case(
        "nn.Conv3d(1, 2, 3, padding=1, padding_mode='circular')", (1, 1, 3, 4, 3)
    ),
    "conv_transpose3d": case(
        "nn.ConvTranspose3d(4, 2, (3, 2, 2), stride=(2, 1, 2), padding=(1, 0, 0), "
        "output_padding=(1, 0, 1), groups=2)",
        (1, 4, 2, 3, 2),
    ),
    "max_pool3d": case("nn.MaxPool3d(2, stride=(2, 1, 2), padding=(1, 0, 1))", (2, 2, 4, 3, 5)),
    "max_pool3d ceil": case("nn.MaxPool3d(2, ceil_mode=True)", (1, 2, 3, 4, 5)),
    "avg_pool3d": case("nn.AvgPool3d((2, 3, 2), padding=(1, 1, 0))", (2, 2, 4, 5, 4)),
    "adaptive_avg_pool3d": case("nn.AdaptiveAvgPool3d((2, None, 3))", (1, 2, 5, 2, 4)),
    "adaptive_max_pool3d": case("nn.AdaptiveMaxPool3d((2, 3, 2))", (1, 2, 5, 4, 3)),
    "lp_pool1d": case("nn.LPPool1d(3, 2, ceil_mode=True)", (2, 3, 7), call="module(x * x)"),
    "lp_pool2d": case("nn.LPPool2d(2, (2, 3), stride=1)", (2, 3, 4, 5)),
    "lp_pool3d": case("nn.LPPool3d(1, 2)", (1, 2, 4, 4, 4)),
    "max_unpool1d": case(
        "nn.MaxUnpool1d(2)",
        (2, 3, 7),
        call="module(*F.max_pool1d(x, 2, return_indices=True), output_size=(7,))",
    ),
    "max_unpool2d": case(
        "nn.MaxUnpool2d(2, stride=3)",
        (2, 3, 6, 8),
        call="module(*F.max_pool2d(x, 2, 3, return_indices=True), output_size=(6, 8))",
    ),
    "max_unpool3d": case(
        "nn.MaxUnpool3d(2)",
        (1, 2, 4, 4, 2),
        call="module(*F.max_pool3d(x, 2, return_indices=True))",
    ),
    **{
        f"{name}{k}d": case(f"nn.{name}{k}d({widths}{value})", (2, 2, *(3, 4, 5)[:k]))
        for k, widths in ((1, (2, 1)), (2, (1, 2, 0, 1)), (3, (1, 2, 0, 1, 2, 1)))
        for name, value in {
            "ConstantPad": ", 1.5",
            "ZeroPad": "",
            "ReflectionPad": "",
            "ReplicationPad": "",
            "CircularPad": "",
        }.items()
    },
    "pad negative": case("nn.Identity()", (3, 5), call="F.pad(x, (-1, 2, 1, -2), value=0.5)"),
    "pad negative replicate": case(
        "nn.Identity()", (2, 3, 5), call="F.pad(x, (-2, 1), mode='replicate')"
    ),
    "unfold": case("nn.Unfold((2, 3), dilation=(2, 1), padding=1, stride=2)", (2, 3, 5, 6)),
    "fold": case("nn.Fold((5, 6), (2, 3), padding=1, stride=2)", (2, 12, 9)),
    "pixel_shuffle": case("nn.PixelShuffle(2)", (2, 8, 2, 3)),
    "pixel_unshuffle": case("nn.PixelUnshuffle(2)", (2, 2, 4, 6)),
    "channel_shuffle": case("nn.ChannelShuffle(2)", (2, 6, 3)),
    **{
        f"upsample {mode}": case(f"nn.Upsample(scale_factor=1.7, mode='{mode}')", (2, 2, *shape))
        for mode, shape in {
            "nearest-exact": (3, 4),
            "trilinear": (2, 3, 2),
            "bicubic": (4, 5),
        }.items()
    },
    "interpolate area": case("nn.Identity()", (2, 2, 7), call="F.interpolate(x, 3, mode='area')"),
    "upsample nearest volume": case("nn.Upsample(size=(3, 5, 2))", (1, 2, 2, 3, 4)),
    "upsample bicubic corners": case(
        "nn.Upsample(size=(7, 3), mode='bicubic', align_corners=True)", (1, 2, 4, 5)
    ),
    "upsample trilinear corners": case(
        "nn.Upsample(scale_factor=2, mode='trilinear', align_corners=True)", (1, 1, 2, 3, 2)
    ),
    "upsampling nearest": case("nn.UpsamplingNearest2d(scale_factor=2)", (1, 2, 2, 3)),
    "upsampling bilinear": case("nn.UpsamplingBilinear2d(size=(5, 4))", (1, 2, 3, 3)),
    "batch_norm3d": case("nn.BatchNorm3d(2)", (2, 2, 3, 2, 2), training=True),
    "instance_norm1d": case("nn.InstanceNorm1d(3, affine=True)", (2, 3, 5), training=True),
    "instance_norm1d alone": case("nn.InstanceNorm1d(3)", (3, 5)),
    "instance_norm3d": case("nn.InstanceNorm3d(2)", (2, 2, 3, 2, 2), training=True),
    "local_response_norm": case("nn.LocalResponseNorm(3, alpha=0.5, k=2.0)", (2, 5, 3)),
    "local_response_norm even": case("nn.LocalResponseNorm(4, alpha=0.5)", (2, 5, 2, 2)),
    "attention extra keys": case(
        "nn.MultiheadAttention(8, 2, add_bias_kv=True, add_zero_attn=True)",
        (5, 3, 8),
        mask=FORBIDDEN,
        call="module(x, x, x, attn_mask=mask)",
    ),
    "attention function grouped": case(
        "nn.Identity()",
        (2, 4, 3, 4),
        (2, 2, 5, 4),
        call="F.scaled_dot_product_attention(x, y, y, enable_gqa=True)",
    ),
    "decoder layer": case("nn.TransformerDecoderLayer(8, 2, 12)", (5, 3, 8), (4, 3, 8)),
    "decoder layer first": case(
        "nn.TransformerDecoderLayer(8, 2, 12, activation='gelu', batch_first=True, norm_first=True)",
        (3, 5, 8),
        (3, 5, 8),
        mask=FORBIDDEN,
        padding=PADDED,
        call="module(x, y, tgt_mask=mask, memory_key_padding_mask=padding)",
    ),
    "decoder": case(
        "nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 12), 2, nn.LayerNorm(8))",
        (5, 3, 8),
        (4, 3, 8),
    ),
    "transformer": case(
        "nn.Transformer(8, 2, 1, 2, 12, batch_first=True)",
        (3, 4, 8),
        (3, 5, 8),
        mask=FORBIDDEN,
        call="module(x, y, tgt_mask=mask)",
    ),
    "lstm projected": case(
        "nn.LSTM(3, 5, 2, bidirectional=True, proj_size=2)",
        (5, 2, 3),
        (4, 2, 2),
        (4, 2, 5),
        call="module(x, (y, z))",
    ),
    "lstm projected zeros": case("nn.LSTM(3, 5, proj_size=2, bias=False)", (5, 3)),
    "embedding norms": case("nn.Embedding(7, 3, max_norm=0.8)", x=TOKENS),
    "embedding frequency": case("nn.Embedding(7, 3, scale_grad_by_freq=True)", x=TOKENS),
    "embedding bag": case("nn.EmbeddingBag(7, 3)", x=TOKENS),
    "embedding bag max": case("nn.EmbeddingBag(7, 3, mode='max')", x=TOKENS),
    "embedding bag offsets": case(
        "nn.EmbeddingBag(7, 3, mode='sum', padding_idx=2)",
        (15,),
        tokens=TOKENS.ravel(),
        call="module(tokens, torch.tensor([0, 4, 4, 9], dtype=torch.int64), x)",
    ),
    "embedding bag mean": case(
        "nn.EmbeddingBag(7, 3, padding_idx=2, max_norm=1.0)",
        tokens=TOKENS.ravel(),
        call="module(tokens, torch.tensor([0, 0, 6], dtype=torch.int64))",
    ),
    "Threshold": case("nn.Threshold(0.1, -0.4)", (3, 4)),
    "Hardshrink": case("nn.Hardshrink(0.3)", (3, 4)),
    "Softshrink": case("nn.Softshrink(0.3)", (3, 4)),
    "RReLU eval": case("nn.RReLU()", (3, 4)),
    "Softmax2d": case("nn.Softmax2d()", (2, 3, 2, 2)),
    "feature alpha dropout eval": case("nn.FeatureAlphaDropout(0.3)", (3, 4)),
    "CosineSimilarity": case("nn.CosineSimilarity(dim=1)", (6, 4), (6, 4)),
    "PairwiseDistance": case("nn.PairwiseDistance(p=3, keepdim=True)", (6, 4), (6, 4)),
    **{
        f"grid_sample {mode} {padding}": case(
            "nn.Identity()",
            (2, 2, 4, 3),
            grid=POINTS,
            call=f"F.grid_sample(x, grid, '{mode}', '{padding}', {mode == 'nearest'})",
        )
        for mode in ("bilinear", "nearest", "bicubic")
        for padding in ("zeros", "border", "reflection")
    },
    "grid_sample of a map": case(
        "nn.Identity()",
        (1, 2, 5, 4),
        (1, 2, 3),
        call="F.grid_sample(x, F.affine_grid(y, (1, 2, 3, 3), False), align_corners=False)",
    ),
    "grid_sample volume": case(
        "nn.Identity()",
        (2, 2, 3, 4, 2),
        grid=POINTS_3D,
        call="F.grid_sample(x, grid, padding_mode='reflection', align_corners=True)",
    ),
    "affine_grid volume": case(
        "nn.Identity()", (2, 3, 4), call="F.affine_grid(x, (2, 1, 2, 3, 2), True)"
    ),
    "weight_norm": case("utils.parametrizations.weight_norm(nn.Linear(4, 3))", (5, 4)),
    "weight_norm one length": case(
        "utils.parametrizations.weight_norm(nn.Conv1d(4, 3, 2), dim=None)", (2, 4, 5)
    ),
    "weight_norm recurrent": case(
        "utils.parametrizations.weight_norm(nn.GRU(3, 2), 'weight_hh_l0')", (4, 2, 3)
    ),
    "spectral_norm": case(
        "utils.parametrizations.spectral_norm(nn.Linear(4, 3))", (5, 4), training=True
    ),
    "spectral_norm eval": case(
        "utils.parametrizations.spectral_norm(nn.Conv2d(2, 3, 2))", (1, 2, 3, 3)
    ),
    "spectral_norm transposed": case(
        "utils.parametrizations.spectral_norm(nn.ConvTranspose1d(2, 3, 2), n_power_iterations=2)",
        (2, 2, 4),
        training=True,
    ),
}
