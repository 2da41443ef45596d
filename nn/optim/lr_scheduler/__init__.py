"""Learning rates as functions of time.

Call `scheduler.step()` after the optimizer's step, once per epoch or batch. Each rate is a closed
formula of the initial rate (a group's `initial_lr`, set by the first scheduler) and of the number
of scheduler steps since, `last_epoch`. A step multiplies the present rate by what the formula
gains in it, so schedulers compose, and a rate that is set by hand stays in effect.
"""

from nn.names import of_schedulers as __getattr__  # noqa: F401
from nn.optim.lr_scheduler.combined import ChainedScheduler, ReduceLROnPlateau, SequentialLR
from nn.optim.lr_scheduler.cycle import CosineAnnealingLR, CosineAnnealingWarmRestarts, OneCycleLR
from nn.optim.lr_scheduler.cyclic import CyclicLR, MultiplicativeLR
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
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "LinearWarmup",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
