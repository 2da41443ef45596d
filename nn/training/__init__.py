"""The training loop, its history, and checkpoints."""

from nn.training import checkpoint
from nn.training.fit import accuracy, fit
from nn.training.history import History

__all__ = ["History", "accuracy", "checkpoint", "fit"]
