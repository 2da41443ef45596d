"""The same beginning for every rank."""

from __future__ import annotations

from autograd.errors import kind, message
from nn.arguments import size
from nn.distributed.agreement import check_signatures, signature
from nn.distributed.launch import checked_world
from nn.distributed.single import World
from nn.module.module import Module


def broadcast(model: Module, root: int = 0, world: World | None = None) -> Module:
    """Give every rank the parameters and buffers of one rank.

    Args:
        model: the same layers on every rank; its state is replaced.
        root: the rank whose parameters and buffers all get.
        world: how the ranks communicate; by default `nn.distributed.world()`.

    Returns:
        the model.

    Raises:
        TypeError: `model` is not a module, or `world` is not a world.
        ValueError: there is no rank `root`.
        ShapeError: the model of another rank has other parameters or buffers.

    Example:
        >>> import nn
        >>> nn.distributed.broadcast(nn.Linear(2, 1))
        Linear(in_features=2, out_features=1, bias=True)
    """
    what = "distributed.broadcast"
    if not isinstance(model, Module):
        raise TypeError(message(what, f"{kind(model)} as the model", "a module"))
    ranks = checked_world(what, world)
    root = size(what, "root", root, 0, ranks.size - 1)
    if ranks.size > 1:
        state = model.state_dict()
        lines = [f"root {root}", *(signature(k, v) for k, v in state.items())]
        check_signatures(what, ranks, lines)
        model.load_state_dict({k: ranks.broadcast(v, root) for k, v in state.items()})
    return model
