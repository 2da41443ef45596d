"""Optimizers, learning-rate schedules, clipping and averaging."""

from nn.names import of_optim as __getattr__  # noqa: F401
from nn.optim import lr_scheduler
from nn.optim.adafactor import Adafactor
from nn.optim.adam import Adam, Adamax, AdamW, NAdam
from nn.optim.adaptive import Adadelta, Adagrad, RMSprop
from nn.optim.asgd import ASGD
from nn.optim.averaging import ExponentialMovingAverage
from nn.optim.clipping import clip_grad_norm_, clip_grad_value_, max_norm_
from nn.optim.lbfgs import LBFGS
from nn.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LinearWarmup,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)
from nn.optim.muon import Muon
from nn.optim.optimizer import Optimizer
from nn.optim.proximal import L1, ElasticNet, GroupLasso, Proximal, soft_threshold
from nn.optim.radam import RAdam
from nn.optim.rprop import Rprop
from nn.optim.sgd import SGD, Lion

__all__ = [
    "ASGD",
    "L1",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
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
    "MultiplicativeLR",
    "Muon",
    "NAdam",
    "OneCycleLR",
    "Optimizer",
    "PolynomialLR",
    "Proximal",
    "RAdam",
    "RMSprop",
    "ReduceLROnPlateau",
    "Rprop",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm_",
    "clip_grad_value_",
    "lr_scheduler",
    "max_norm_",
    "soft_threshold",
]
