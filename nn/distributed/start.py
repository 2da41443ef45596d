"""The same beginning for every rank."""

from __future__ import annotations

from autograd import DTypeError
from autograd.errors import kind, message
from nn.distributed.world import World, world
from nn.module.module import Module


def broadcast(model: Module, root: int = 0, among: World | None = None) -> Module:
    """Give every rank the parameters and buffers of one.

    Args:
        model: of the same form on every rank; it is changed and returned.
        root: the rank whose numbers all get.
        among: what the ranks communicate by; by default `nn.distributed.world()`.

    Example:
        >>> import nn
        >>> model = nn.distributed.broadcast(nn.Linear(2, 1))
    """
    if not isinstance(model, Module):
        raise DTypeError(message("distributed.broadcast", kind(model), "a Module"))
    ranks = world() if among is None else among
    if ranks.size > 1:
        model.load_state_dict({k: ranks.broadcast(v, root) for k, v in model.state_dict().items()})
    return model
