"""Layers, losses and optimizers: compositions of the engine's primitives."""

from nn import data, distributed, functional, init, optim, utils
from nn.distributed.normalization import SyncBatchNorm1d, SyncBatchNorm2d
from nn.functional import cross_entropy
from nn.inspect.compare import Parting, compare
from nn.inspect.diagnose import Diagnosis, diagnose
from nn.inspect.findings import Finding
from nn.inspect.generalization import Generalization, generalization
from nn.inspect.preflight import Preflight, preflight
from nn.inspect.record import Recording, record
from nn.inspect.summary import Summary, summary
from nn.layers.activation import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Maxout,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softsign,
    Tanh,
    Tanhshrink,
)
from nn.layers.attention import MultiheadAttention
from nn.layers.cell import GRUCell, LSTMCell, RNNCell
from nn.layers.container import (
    Flatten,
    Identity,
    Lambda,
    ModuleDict,
    ModuleList,
    ParameterList,
    Residual,
    Sequential,
    Unflatten,
)
from nn.layers.convolution import (
    Conv1d,
    Conv2d,
    ConvTranspose1d,
    ConvTranspose2d,
)
from nn.layers.dropout import (
    AlphaDropout,
    Dropout,
    Dropout1d,
    Dropout2d,
)
from nn.layers.embedding import Embedding
from nn.layers.linear import (
    Bilinear,
    Linear,
)
from nn.layers.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    DistillationLoss,
    HingeEmbeddingLoss,
    HingeLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    MultiMarginLoss,
    NLLLoss,
    SmoothL1Loss,
    TripletMarginLoss,
)
from nn.layers.mlp import (
    MLP,
)
from nn.layers.normalization import GroupNorm, LayerNorm, RMSNorm
from nn.layers.pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
    Upsample,
)
from nn.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
)
from nn.layers.running_statistics import BatchNorm1d, BatchNorm2d, InstanceNorm2d
from nn.layers.transformer import PositionalEncoding, TransformerEncoder, TransformerEncoderLayer
from nn.module.hooks import RemovableHandle
from nn.module.module import Module
from nn.module.parameter import Parameter
from nn.names import of_package as __getattr__  # noqa: F401
from nn.training import checkpoint
from nn.training.callbacks import (
    AverageWeights,
    Checkpoint,
    EarlyStopping,
    Epoch,
    NonFiniteLossError,
)
from nn.training.fit import fit
from nn.training.history import History
from nn.training.run import Callback, Run

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "SELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AlphaDropout",
    "AverageWeights",
    "AvgPool1d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Bilinear",
    "Callback",
    "Checkpoint",
    "Conv1d",
    "Conv2d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "Diagnosis",
    "DistillationLoss",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "EarlyStopping",
    "Embedding",
    "Epoch",
    "Finding",
    "Flatten",
    "GRUCell",
    "Generalization",
    "GroupNorm",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HingeEmbeddingLoss",
    "HingeLoss",
    "History",
    "HuberLoss",
    "Identity",
    "InstanceNorm2d",
    "KLDivLoss",
    "L1Loss",
    "LSTMCell",
    "Lambda",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "Maxout",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiMarginLoss",
    "MultiheadAttention",
    "NLLLoss",
    "NonFiniteLossError",
    "PReLU",
    "Parameter",
    "ParameterList",
    "Parting",
    "PositionalEncoding",
    "Preflight",
    "RMSNorm",
    "RNNCell",
    "ReLU",
    "ReLU6",
    "Recording",
    "RemovableHandle",
    "Residual",
    "Run",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softsign",
    "Summary",
    "SyncBatchNorm1d",
    "SyncBatchNorm2d",
    "Tanh",
    "Tanhshrink",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "TripletMarginLoss",
    "Unflatten",
    "Upsample",
    "checkpoint",
    "compare",
    "cross_entropy",
    "data",
    "diagnose",
    "distributed",
    "fit",
    "functional",
    "generalization",
    "init",
    "optim",
    "preflight",
    "record",
    "summary",
    "utils",
]
