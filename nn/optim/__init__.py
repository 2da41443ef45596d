"""Optimizers, learning-rate schedules, clipping and averaging."""

from nn.names import of_optim as __getattr__  # noqa: F401
from nn.optim import lr_scheduler
from nn.optim.adam import Adam, Adamax, AdamW, NAdam
from nn.optim.adaptive import Adadelta, Adagrad, RMSprop
from nn.optim.averaging import ExponentialMovingAverage
from nn.optim.clipping import clip_grad_norm_, clip_grad_value_, max_norm_
from nn.optim.lbfgs import LBFGS
from nn.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LinearWarmup,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)
from nn.optim.optimizer import Optimizer
from nn.optim.proximal import L1, ElasticNet, GroupLasso, Proximal, soft_threshold
from nn.optim.sgd import SGD, Lion

__all__ = [
    "L1",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ElasticNet",
    "ExponentialLR",
    "ExponentialMovingAverage",
    "GroupLasso",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "LinearWarmup",
    "Lion",
    "MultiStepLR",
    "NAdam",
    "OneCycleLR",
    "Optimizer",
    "PolynomialLR",
    "Proximal",
    "RMSprop",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
    "lr_scheduler",
    "max_norm_",
    "soft_threshold",
]
