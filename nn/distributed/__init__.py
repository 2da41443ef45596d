"""Training in several processes, on one machine or several, by MPI."""

from nn.distributed.optimizer import Optimizer as Optimizer
from nn.distributed.start import broadcast as broadcast
from nn.distributed.world import World as World
from nn.distributed.world import world as world
