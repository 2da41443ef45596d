"""The training loop with its callbacks, its history, and checkpoints."""

from nn.training import checkpoint
from nn.training.callbacks import (
    AverageWeights,
    Checkpoint,
    ClipGradients,
    EarlyStopping,
    Epoch,
    EpochFunction,
    LossCheck,
    NonFiniteLossError,
    ProgressBar,
    StepScheduler,
)
from nn.training.fit import accuracy, fit
from nn.training.history import History
from nn.training.run import Callback, Run

__all__ = [
    "AverageWeights",
    "Callback",
    "Checkpoint",
    "ClipGradients",
    "EarlyStopping",
    "Epoch",
    "EpochFunction",
    "History",
    "LossCheck",
    "NonFiniteLossError",
    "ProgressBar",
    "Run",
    "StepScheduler",
    "accuracy",
    "checkpoint",
    "fit",
]
