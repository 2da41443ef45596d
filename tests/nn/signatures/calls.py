"""A call of every public function and layer of `nn`, on arrays of any floating dtype."""

import numpy as np

import nn
from nn import functional as F

R = np.random.default_rng(0)
MATRIX = R.uniform(0.1, 0.9, (4, 6))
VECTORS = R.normal(size=(4, 3))
SIGNAL = R.normal(size=(2, 4, 8))
IMAGE = R.normal(size=(2, 4, 6, 6))
VOLUME = R.normal(size=(1, 4, 2, 4, 6))
SEQUENCE = R.normal(size=(3, 2, 4))
CLASSES = np.array([0, 2, 1, 5])
SIGNS = np.array([1, -1, 1, -1])
TOKENS = np.array([[1, 2], [0, 3]])
SHARES = MATRIX / MATRIX.sum(axis=1, keepdims=True)
WEIGHTS = [1.0, 2.0, 0.5, 1.0, 1.0, 3.0]  # of classes, as a list, which has no dtype

# name: (the arrays of floats, a call with them); the options are lists, ints and float64 arrays.
FUNCTIONS = {
    **{
        name: ((MATRIX,), getattr(F, name))
        for name in (
            "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign", "sigmoid",
            "logsigmoid", "hardsigmoid", "hardtanh", "hardswish", "tanh", "tanhshrink", "softmax", "log_softmax", "softmin",
            "glu", "normalize", "dropout", "l1_penalty", "l2_penalty", "group_lasso_penalty", "hardshrink", "softshrink",
            "gumbel_softmax",
        )
    },
    "threshold": ((MATRIX,), lambda x: F.threshold(x, 0.5, 2)),
    "rrelu": ((MATRIX,), lambda x: F.rrelu(x, training=True)),
    "pad": ((IMAGE,), lambda x: F.pad(x, (1, -2), value=np.float64(3.0))),
    "unfold": ((IMAGE,), lambda x: F.unfold(x, 2)),
    "fold": ((SIGNAL,), lambda x: F.fold(x, (3, 5), 2)),
    "pixel_shuffle": ((IMAGE,), lambda x: F.pixel_shuffle(x, 2)),
    "pixel_unshuffle": ((IMAGE,), lambda x: F.pixel_unshuffle(x, 2)),
    "channel_shuffle": ((IMAGE,), lambda x: F.channel_shuffle(x, 2)),
    "affine_grid": ((R.normal(size=(2, 2, 3)),), lambda x: F.affine_grid(x, (2, 1, 3, 4))),
    "grid_sample": ((IMAGE, R.uniform(-1.2, 1.2, (2, 3, 3, 2))), lambda x, y: F.grid_sample(x, y, "bicubic", "reflection")),
    "local_response_norm": ((SIGNAL,), lambda x: F.local_response_norm(x, 3)),
    "embedding_bag": ((VECTORS,), lambda w: F.embedding_bag(TOKENS.ravel(), w, [0, 1], scale_grad_by_freq=True)),
    "conv3d": ((VOLUME, R.normal(size=(2, 4, 2, 2, 2)), np.ones(2)), F.conv3d),
    "conv_transpose3d": ((VOLUME, R.normal(size=(4, 2, 2, 2, 2)), np.ones(2)), F.conv_transpose3d),
    "max_pool3d": ((VOLUME,), lambda x: F.max_pool3d(x, 2)),
    "avg_pool3d": ((VOLUME,), lambda x: F.avg_pool3d(x, 2)),
    "lp_pool1d": ((SIGNAL,), lambda x: F.lp_pool1d(x, 2, 2)),
    "lp_pool2d": ((IMAGE,), lambda x: F.lp_pool2d(x, 2, 2)),
    "lp_pool3d": ((VOLUME,), lambda x: F.lp_pool3d(x, 2, 2)),
    **{
        f"max_unpool{k}d": ((x,), lambda x, k=k: getattr(F, f"max_unpool{k}d")(*getattr(F, f"max_pool{k}d")(x, 2, return_indices=True), 2))
        for k, x in ((1, SIGNAL), (2, IMAGE), (3, VOLUME))
    },
    "adaptive_avg_pool3d": ((VOLUME,), lambda x: F.adaptive_avg_pool3d(x, 2)),
    "adaptive_max_pool3d": ((VOLUME,), lambda x: F.adaptive_max_pool3d(x, 2)),
    "dropout3d": ((VOLUME,), F.dropout3d),
    "feature_alpha_dropout": ((IMAGE,), lambda x: F.feature_alpha_dropout(x, 0.5, True)),
    "alpha_dropout": ((MATRIX,), lambda x: F.alpha_dropout(x, 0.5, True)),
    "dropout1d": ((SIGNAL,), F.dropout1d),
    "dropout2d": ((IMAGE,), F.dropout2d),
    "prelu": ((MATRIX, np.array([0.25])), F.prelu),
    "maxout": ((MATRIX,), lambda x: F.maxout(x, 2)),
    "linear": ((MATRIX, R.normal(size=(3, 6)), np.ones(3)), F.linear),
    "bilinear": ((VECTORS, VECTORS, R.normal(size=(2, 3, 3)), np.ones(2)), F.bilinear),
    "embedding": ((VECTORS,), lambda w: F.embedding(TOKENS, w, 1)),
    "conv1d": ((SIGNAL, R.normal(size=(2, 4, 3)), np.ones(2)), F.conv1d),
    "conv2d": ((IMAGE, R.normal(size=(2, 4, 3, 3)), np.ones(2)), F.conv2d),
    "conv_transpose1d": ((SIGNAL, R.normal(size=(4, 2, 3)), np.ones(2)), F.conv_transpose1d),
    "conv_transpose2d": ((IMAGE, R.normal(size=(4, 2, 3, 3)), np.ones(2)), F.conv_transpose2d),
    "max_pool1d": ((SIGNAL,), lambda x: F.max_pool1d(x, 3, 2, 1)),
    "max_pool2d": ((IMAGE,), lambda x: F.max_pool2d(x, 3, 2, 1)),
    "avg_pool1d": ((SIGNAL,), lambda x: F.avg_pool1d(x, 3, 2, 1, count_include_pad=False)),
    "avg_pool2d": ((IMAGE,), lambda x: F.avg_pool2d(x, 3, 2, 1, divisor_override=5)),
    "adaptive_avg_pool1d": ((SIGNAL,), lambda x: F.adaptive_avg_pool1d(x, 3)),
    "adaptive_avg_pool2d": ((IMAGE,), lambda x: F.adaptive_avg_pool2d(x, 4)),
    "adaptive_max_pool1d": ((SIGNAL,), lambda x: F.adaptive_max_pool1d(x, 3)),
    "adaptive_max_pool2d": ((IMAGE,), lambda x: F.adaptive_max_pool2d(x, 4)),
    "interpolate": ((IMAGE,), lambda x: F.interpolate(x, scale_factor=1.5, mode="bilinear")),
    "batch_norm": ((SIGNAL,), lambda x: F.batch_norm(x, np.zeros(4), np.ones(4))),
    "instance_norm": ((SIGNAL,), lambda x: F.instance_norm(x, [0.0] * 4, [1.0] * 4, use_input_stats=False)),
    "layer_norm": ((MATRIX, np.ones(6), np.ones(6)), lambda x, w, b: F.layer_norm(x, 6, w, b)),
    "rms_norm": ((MATRIX, np.ones(6)), lambda x, w: F.rms_norm(x, 6, w)),
    "group_norm": ((SIGNAL, np.ones(4)), lambda x, w: F.group_norm(x, 2, w)),
    "cosine_similarity": ((MATRIX, MATRIX), F.cosine_similarity),
    "pdist": ((MATRIX,), F.pdist),
    "fractional_max_pool2d": ((IMAGE,), lambda x: F.fractional_max_pool2d(x, 2, 3)),
    "fractional_max_pool3d": ((VOLUME,), lambda x: F.fractional_max_pool3d(x, (1, 2, 2), output_ratio=0.6)),
    "pairwise_distance": ((MATRIX, SHARES), F.pairwise_distance),
    "scaled_dot_product_attention": (
        (SIGNAL, SIGNAL, SIGNAL),
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, np.zeros((4, 4)), 0.5, True),
    ),
    "cross_entropy": ((MATRIX,), lambda x: F.cross_entropy(x, CLASSES, WEIGHTS, label_smoothing=0.1)),
    "nll_loss": ((MATRIX,), lambda x: F.nll_loss(x, CLASSES, np.array(WEIGHTS))),
    "binary_cross_entropy": ((MATRIX,), lambda x: F.binary_cross_entropy(x, np.ones((4, 6), int), WEIGHTS)),
    "binary_cross_entropy_with_logits": (
        (MATRIX,),
        lambda x: F.binary_cross_entropy_with_logits(x, x.shape[0] * [[1] * 6], WEIGHTS, pos_weight=np.array(WEIGHTS)),
    ),
    "kl_div": ((np.log(SHARES), SHARES), F.kl_div),
    "distillation_loss": ((MATRIX, SHARES), F.distillation_loss),
    "mse_loss": ((MATRIX,), lambda x: F.mse_loss(x, np.ones((4, 6), int), weight=np.ones((4, 6)))),
    "l1_loss": ((MATRIX,), lambda x: F.l1_loss(x, 2)),
    "smooth_l1_loss": ((MATRIX,), lambda x: F.smooth_l1_loss(x, [[1] * 6] * 4)),
    "huber_loss": ((MATRIX,), lambda x: F.huber_loss(x, [[1.0] * 6] * 4, weight=WEIGHTS)),
    "hinge_loss": ((VECTORS[:, 0],), lambda x: F.hinge_loss(x, SIGNS)),
    "hinge_embedding_loss": ((VECTORS[:, 0],), lambda x: F.hinge_embedding_loss(x, SIGNS)),
    "cosine_embedding_loss": ((VECTORS, MATRIX[:, :3]), lambda x, y: F.cosine_embedding_loss(x, y, SIGNS)),
    "triplet_margin_loss": ((VECTORS, MATRIX[:, :3], VECTORS[::-1]), F.triplet_margin_loss),
    "gaussian_nll_loss": ((MATRIX, MATRIX + 1, SHARES), F.gaussian_nll_loss),
    "poisson_nll_loss": ((MATRIX,), lambda x: F.poisson_nll_loss(x, np.full((4, 6), 3), full=True)),
    "ctc_loss": ((MATRIX[:, None],), lambda x: F.ctc_loss(x, [[1, 2]], [4], [2])),
    "margin_ranking_loss": ((VECTORS[:, 0], VECTORS[:, 1]), lambda x, y: F.margin_ranking_loss(x, y, SIGNS, 0.1)),
    "soft_margin_loss": ((VECTORS[:, 0],), lambda x: F.soft_margin_loss(x, SIGNS)),
    "multilabel_margin_loss": ((MATRIX,), lambda x: F.multilabel_margin_loss(x, np.arange(24).reshape(4, 6) % 5 - 1)),
    "multilabel_soft_margin_loss": ((MATRIX,), lambda x: F.multilabel_soft_margin_loss(x, [[1] * 6] * 4, WEIGHTS)),
    "triplet_margin_with_distance_loss": ((VECTORS, MATRIX[:, :3], VECTORS[::-1]), F.triplet_margin_with_distance_loss),
    "sigmoid_focal_loss": ((MATRIX,), lambda x: F.sigmoid_focal_loss(x, [[1] * 6] * 4)),
    "focal_loss": ((MATRIX,), lambda x: F.focal_loss(x, CLASSES, weight=np.array(WEIGHTS))),
    "multi_margin_loss": ((MATRIX,), lambda x: F.multi_margin_loss(x, CLASSES, 2, weight=np.array(WEIGHTS))),
}  # fmt: skip

# Functions of no floats: the dtype of their result.
WITHOUT_FLOATS = {
    "one_hot": (lambda: F.one_hot([1, 0]), np.int64),
    "causal_mask": (lambda: F.causal_mask(3), np.bool_),
    "sinusoidal_positional_encoding": (lambda: F.sinusoidal_positional_encoding(3, 4), np.float64),
}

# name: (what makes the layer, the arrays of floats that it is called with)
LAYERS = {
    **{
        name: (lambda name=name, **_: getattr(nn, name)(), (MATRIX,))
        for name in (
            "ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Softplus", "Softsign", "Sigmoid",
            "LogSigmoid", "Hardsigmoid", "Hardtanh", "Hardswish", "Tanh", "Tanhshrink", "Softmax", "LogSoftmax", "Softmin",
            "GLU", "Dropout", "AlphaDropout", "Identity", "Flatten", "Hardshrink", "Softshrink", "RReLU", "FeatureAlphaDropout",
        )
    },
    "Threshold": (lambda **_: nn.Threshold(0.5, 2), (MATRIX,)),
    "Softmax2d": (lambda **_: nn.Softmax2d(), (IMAGE,)),
    **{
        f"{name}Pad{k}d": (lambda name=name, k=k, more=more, **_: getattr(nn, f"{name}Pad{k}d")(1, *more), (x,))
        for k, x in ((1, SIGNAL), (2, IMAGE), (3, VOLUME))
        for name, more in (("Constant", (2,)), ("Zero", ()), ("Reflection", ()), ("Replication", ()), ("Circular", ()))
    },
    "Unfold": (lambda **_: nn.Unfold(2), (IMAGE,)),
    "Fold": (lambda **_: nn.Fold((3, 5), 2), (SIGNAL,)),
    "PixelShuffle": (lambda **_: nn.PixelShuffle(2), (IMAGE,)),
    "PixelUnshuffle": (lambda **_: nn.PixelUnshuffle(2), (IMAGE,)),
    "ChannelShuffle": (lambda **_: nn.ChannelShuffle(2), (IMAGE,)),
    "LocalResponseNorm": (lambda **_: nn.LocalResponseNorm(3), (SIGNAL,)),
    "CosineSimilarity": (lambda **_: nn.CosineSimilarity(), (MATRIX, SHARES)),
    "PairwiseDistance": (lambda **_: nn.PairwiseDistance(), (MATRIX, SHARES)),
    "EmbeddingBag": (lambda **o: nn.EmbeddingBag(4, 3, 0.5, **o), ()),
    "Conv3d": (lambda **o: nn.Conv3d(4, 2, 3, padding=1, padding_mode="circular", **o), (VOLUME,)),
    "ConvTranspose3d": (lambda **o: nn.ConvTranspose3d(4, 2, 2, **o), (VOLUME,)),
    "MaxPool3d": (lambda **_: nn.MaxPool3d(2), (VOLUME,)),
    "AvgPool3d": (lambda **_: nn.AvgPool3d(2), (VOLUME,)),
    "LPPool1d": (lambda **_: nn.LPPool1d(2, 2), (SIGNAL,)),
    "LPPool2d": (lambda **_: nn.LPPool2d(2, 2), (IMAGE,)),
    "LPPool3d": (lambda **_: nn.LPPool3d(2, 2), (VOLUME,)),
    **{
        f"MaxUnpool{k}d": (
            lambda k=k, **_: nn.Lambda(lambda y: getattr(nn, f"MaxUnpool{k}d")(2)(*getattr(nn, f"MaxPool{k}d")(2, return_indices=True)(y))),
            (x,),
        )
        for k, x in ((1, SIGNAL), (2, IMAGE), (3, VOLUME))
    },
    "AdaptiveAvgPool3d": (lambda **_: nn.AdaptiveAvgPool3d(2), (VOLUME,)),
    "AdaptiveMaxPool3d": (lambda **_: nn.AdaptiveMaxPool3d(2), (VOLUME,)),
    "UpsamplingNearest2d": (lambda **_: nn.UpsamplingNearest2d(scale_factor=2), (IMAGE,)),
    "UpsamplingBilinear2d": (lambda **_: nn.UpsamplingBilinear2d(scale_factor=2), (IMAGE,)),
    "BatchNorm3d": (lambda **o: nn.BatchNorm3d(4, **o), (VOLUME,)),
    "FractionalMaxPool2d": (lambda **_: nn.FractionalMaxPool2d(2, 3), (IMAGE,)),
    "FractionalMaxPool3d": (lambda **_: nn.FractionalMaxPool3d(1, (2, 3, 1)), (VOLUME,)),
    "LazyLinear": (lambda **o: nn.LazyLinear(2, **o), (MATRIX,)),
    **{
        f"Lazy{kind}{axes}d": (lambda cls=f"Lazy{kind}{axes}d", arguments=arguments, **o: getattr(nn, cls)(*arguments, **o), (x,))
        for kind, arguments in {"Conv": (2, 2), "ConvTranspose": (2, 2), "BatchNorm": (), "InstanceNorm": ()}.items()
        for axes, x in ((1, SIGNAL), (2, IMAGE), (3, VOLUME))
    },
    "InstanceNorm1d": (lambda **o: nn.InstanceNorm1d(4, affine=True, **o), (SIGNAL,)),
    "InstanceNorm3d": (lambda **o: nn.InstanceNorm3d(4, track_running_stats=True, **o), (VOLUME,)),
    "TransformerDecoderLayer": (lambda **o: nn.TransformerDecoderLayer(4, 2, 5, **o), (SEQUENCE, SEQUENCE)),
    "TransformerDecoder": (lambda **o: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 5, **o), 2), (SEQUENCE, SEQUENCE)),
    "Transformer": (lambda **o: nn.Transformer(4, 2, 1, 1, 5, **o), (SEQUENCE, SEQUENCE)),
    "Dropout3d": (lambda **_: nn.Dropout3d(), (VOLUME,)),
    "Dropout1d": (lambda **_: nn.Dropout1d(), (SIGNAL,)),
    "Dropout2d": (lambda **_: nn.Dropout2d(), (IMAGE,)),
    "Maxout": (lambda **_: nn.Maxout(2), (MATRIX,)),
    "PReLU": (lambda **o: nn.PReLU(6, **o), (MATRIX,)),
    "Linear": (lambda **o: nn.Linear(6, 2, **o), (MATRIX,)),
    "Bilinear": (lambda **o: nn.Bilinear(3, 3, 2, **o), (VECTORS, VECTORS)),
    "Embedding": (lambda **o: nn.Embedding(4, 3, 1, **o), ()),
    "Conv1d": (lambda **o: nn.Conv1d(4, 2, 3, padding=1, padding_mode="reflect", **o), (SIGNAL,)),
    "Conv2d": (lambda **o: nn.Conv2d(4, 2, 3, groups=2, **o), (IMAGE,)),
    "ConvTranspose1d": (lambda **o: nn.ConvTranspose1d(4, 2, 3, **o), (SIGNAL,)),
    "ConvTranspose2d": (lambda **o: nn.ConvTranspose2d(4, 2, 3, stride=2, **o), (IMAGE,)),
    "MaxPool1d": (lambda **_: nn.MaxPool1d(3, 2, 1), (SIGNAL,)),
    "MaxPool2d": (lambda **_: nn.MaxPool2d(3, 2, 1), (IMAGE,)),
    "AvgPool1d": (lambda **_: nn.AvgPool1d(3, 2, 1), (SIGNAL,)),
    "AvgPool2d": (lambda **_: nn.AvgPool2d(3, 2, 1, count_include_pad=False), (IMAGE,)),
    "AdaptiveAvgPool1d": (lambda **_: nn.AdaptiveAvgPool1d(3), (SIGNAL,)),
    "AdaptiveAvgPool2d": (lambda **_: nn.AdaptiveAvgPool2d(4), (IMAGE,)),
    "AdaptiveMaxPool1d": (lambda **_: nn.AdaptiveMaxPool1d(3), (SIGNAL,)),
    "AdaptiveMaxPool2d": (lambda **_: nn.AdaptiveMaxPool2d(4), (IMAGE,)),
    "Upsample": (lambda **_: nn.Upsample(scale_factor=2, mode="bilinear"), (IMAGE,)),
    "BatchNorm1d": (lambda **o: nn.BatchNorm1d(4, affine=False, **o), (SIGNAL,)),
    "BatchNorm2d": (lambda **o: nn.BatchNorm2d(4, momentum=None, **o), (IMAGE,)),
    "SyncBatchNorm1d": (lambda **o: nn.SyncBatchNorm1d(4, affine=False, **o), (SIGNAL,)),
    "SyncBatchNorm2d": (lambda **o: nn.SyncBatchNorm2d(4, momentum=None, **o), (IMAGE,)),
    "InstanceNorm2d": (lambda **o: nn.InstanceNorm2d(4, track_running_stats=True, **o), (IMAGE,)),
    "LayerNorm": (lambda **o: nn.LayerNorm(6, **o), (MATRIX,)),
    "RMSNorm": (lambda **o: nn.RMSNorm(6, **o), (MATRIX,)),
    "GroupNorm": (lambda **o: nn.GroupNorm(2, 4, **o), (SIGNAL,)),
    "RNN": (lambda **o: nn.RNN(4, 3, 2, dropout=0.5, **o), (SEQUENCE,)),
    "LSTM": (lambda **o: nn.LSTM(4, 3, bidirectional=True, proj_size=2, **o), (SEQUENCE,)),
    "GRU": (lambda **o: nn.GRU(4, 3, **o), (SEQUENCE,)),
    "RNNCell": (lambda **o: nn.RNNCell(6, 3, **o), (MATRIX,)),
    "LSTMCell": (lambda **o: nn.LSTMCell(6, 3, **o), (MATRIX,)),
    "GRUCell": (lambda **o: nn.GRUCell(6, 3, **o), (MATRIX,)),
    "MultiheadAttention": (
        lambda **o: nn.MultiheadAttention(4, 2, 0.5, add_bias_kv=True, add_zero_attn=True, **o),
        (SEQUENCE, SEQUENCE, SEQUENCE),
    ),
    "PositionalEncoding": (lambda **_: nn.PositionalEncoding(4), (SEQUENCE,)),
    "TransformerEncoderLayer": (lambda **o: nn.TransformerEncoderLayer(4, 2, 5, **o), (SEQUENCE,)),
    "TransformerEncoder": (
        lambda **o: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 5, **o), 2),
        (SEQUENCE,),
    ),
    "MLP": (lambda **o: nn.MLP([6, 4, 2], "gelu", "xavier", **o), (MATRIX,)),
    "Unflatten": (lambda **_: nn.Unflatten(1, (2, 3)), (MATRIX,)),
    "Sequential": (lambda **o: nn.Sequential(nn.Linear(6, 2, **o)), (MATRIX,)),
    "Residual": (lambda **o: nn.Residual(nn.Linear(6, 6, **o)), (MATRIX,)),
    "Lambda": (lambda **_: nn.Lambda(lambda x: x * 2), (MATRIX,)),
}  # fmt: skip

# name: (what makes the loss with weights as `array` gives them, the floats, the rest of the call)
LOSSES = {
    "MSELoss": (lambda w: nn.MSELoss(), (MATRIX, SHARES), ()),
    "L1Loss": (lambda w: nn.L1Loss(), (MATRIX, SHARES), ()),
    "SmoothL1Loss": (lambda w: nn.SmoothL1Loss(), (MATRIX, SHARES), ()),
    "HuberLoss": (lambda w: nn.HuberLoss(), (MATRIX, SHARES), ()),
    "CrossEntropyLoss": (lambda w: nn.CrossEntropyLoss(w, label_smoothing=0.1), (MATRIX,), (CLASSES,)),
    "NLLLoss": (lambda w: nn.NLLLoss(w), (MATRIX,), (CLASSES,)),
    "BCELoss": (lambda w: nn.BCELoss(w), (MATRIX, SHARES), ()),
    "BCEWithLogitsLoss": (lambda w: nn.BCEWithLogitsLoss(w, pos_weight=w), (MATRIX, SHARES), ()),
    "KLDivLoss": (lambda w: nn.KLDivLoss(), (np.log(SHARES), SHARES), ()),
    "DistillationLoss": (lambda w: nn.DistillationLoss(), (MATRIX, SHARES), ()),
    "HingeLoss": (lambda w: nn.HingeLoss(), (VECTORS[:, 0],), (SIGNS,)),
    "HingeEmbeddingLoss": (lambda w: nn.HingeEmbeddingLoss(), (VECTORS[:, 0],), (SIGNS,)),
    "GaussianNLLLoss": (lambda w: nn.GaussianNLLLoss(), (MATRIX, MATRIX + 1, SHARES), ()),
    "PoissonNLLLoss": (lambda w: nn.PoissonNLLLoss(full=True), (MATRIX, 9 * SHARES), ()),
    "CTCLoss": (lambda w: nn.CTCLoss(), (MATRIX[:, None],), ([[1, 2]], [4], [2])),
    "MarginRankingLoss": (lambda w: nn.MarginRankingLoss(), (VECTORS[:, 0], VECTORS[:, 1]), (SIGNS,)),
    "SoftMarginLoss": (lambda w: nn.SoftMarginLoss(), (VECTORS[:, 0],), (SIGNS,)),
    "MultiLabelMarginLoss": (lambda w: nn.MultiLabelMarginLoss(), (MATRIX,), (np.arange(24).reshape(4, 6) % 5 - 1,)),
    "MultiLabelSoftMarginLoss": (lambda w: nn.MultiLabelSoftMarginLoss(w), (MATRIX, SHARES), ()),
    "TripletMarginWithDistanceLoss": (lambda w: nn.TripletMarginWithDistanceLoss(), (VECTORS, VECTORS + 1, VECTORS - 1), ()),
    "SigmoidFocalLoss": (lambda w: nn.SigmoidFocalLoss(), (MATRIX, SHARES), ()),
    "FocalLoss": (lambda w: nn.FocalLoss(weight=w), (MATRIX,), (CLASSES,)),
    "MultiMarginLoss": (lambda w: nn.MultiMarginLoss(weight=w), (MATRIX,), (CLASSES,)),
    "CosineEmbeddingLoss": (lambda w: nn.CosineEmbeddingLoss(), (VECTORS, VECTORS[::-1]), (SIGNS,)),
    "TripletMarginLoss": (lambda w: nn.TripletMarginLoss(), (VECTORS, VECTORS + 1, VECTORS - 1), ()),
}  # fmt: skip
