"""Learning rates as functions of time. Call `scheduler.step()` after the optimizer's, once an epoch
or a batch.

Each rate is a closed formula of the rate that the optimizer had when the first scheduler was made
(`initial_lr` of a group) and of the number of steps since, `last_epoch`. So a rate that is set by
hand lasts until the next step.
"""

from nn.optim.lr_scheduler.combined import ReduceLROnPlateau, SequentialLR
from nn.optim.lr_scheduler.cycle import CosineAnnealingLR, CosineAnnealingWarmRestarts, OneCycleLR
from nn.optim.lr_scheduler.decay import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LinearWarmup,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from nn.optim.lr_scheduler.scheduler import LRScheduler

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "LinearWarmup",
    "MultiStepLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
