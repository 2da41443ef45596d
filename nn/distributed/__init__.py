"""Training in several processes, on one machine or several, by MPI."""

from nn.distributed.optimizer import Optimizer
from nn.distributed.start import broadcast
from nn.distributed.world import World, world

__all__ = ["Optimizer", "World", "broadcast", "world"]
