"""Training in several processes, on one machine or several, by MPI."""

from nn.distributed.launch import world
from nn.distributed.optimizer import Optimizer
from nn.distributed.single import World
from nn.distributed.start import broadcast

__all__ = ["Optimizer", "World", "broadcast", "world"]
