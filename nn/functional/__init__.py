"""The layers as functions: compositions of what the engine differentiates."""

from nn.functional.activation import (
    celu,
    elu,
    gelu,
    glu,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    logsigmoid,
    maxout,
    mish,
    prelu,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
    tanhshrink,
)
from nn.functional.adaptive_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
)
from nn.functional.attention import (
    causal_mask,
    scaled_dot_product_attention,
    sinusoidal_positional_encoding,
)
from nn.functional.convolution import (
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
)
from nn.functional.distance import (
    cosine_similarity,
    normalize,
    pairwise_distance,
)
from nn.functional.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
)
from nn.functional.interpolation import interpolate
from nn.functional.linear import (
    bilinear,
    embedding,
    linear,
    one_hot,
)
from nn.functional.losses.classification import cross_entropy, nll_loss
from nn.functional.losses.divergence import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    distillation_loss,
    kl_div,
)
from nn.functional.losses.focal import (
    focal_loss,
    sigmoid_focal_loss,
)
from nn.functional.losses.likelihood import (
    ctc_loss,
    gaussian_nll_loss,
    poisson_nll_loss,
)
from nn.functional.losses.margin import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    hinge_loss,
    multi_margin_loss,
    triplet_margin_loss,
)
from nn.functional.losses.ranking import (
    margin_ranking_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    triplet_margin_with_distance_loss,
)
from nn.functional.losses.regression import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from nn.functional.normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
)
from nn.functional.penalty import (
    group_lasso_penalty,
    l1_penalty,
    l2_penalty,
)
from nn.functional.pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from nn.functional.softmax import log_softmax, softmax, softmin
from nn.names import of_functional as __getattr__  # noqa: F401

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "causal_mask",
    "celu",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "distillation_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "elu",
    "embedding",
    "focal_loss",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "group_lasso_penalty",
    "group_norm",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "l1_penalty",
    "l2_penalty",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "maxout",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pairwise_distance",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "sigmoid_focal_loss",
    "silu",
    "sinusoidal_positional_encoding",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softsign",
    "tanh",
    "tanhshrink",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]
