"""Functions in which several processes take part, by MPI's names.

Every rank calls them in the same order, with arrays of one shape and dtype; else every rank raises
ShapeError, DTypeError or, for another collective or root, ValueError. In a world of one rank each
returns its argument.
"""

from __future__ import annotations

from typing import Any

from autograd.errors import ShapeError, kind, message
from autograd.numpy.arguments import as_operand
from autograd.primitives import collective

__all__ = ["all_gather", "all_reduce", "broadcast_from", "reduce_scatter"]


def all_reduce(x: Any, world: Any) -> Any:
    """Add up the arrays of all ranks; every rank gets the sum.

    Args:
        x: a Tensor or array of the same shape and dtype on every rank.
        world: how the ranks communicate, such as `nn.distributed.world()`.

    Returns:
        the shape and dtype of x. The terms are added in the order of the ranks, so that the sum has
        the same bits on every rank and in every run.

    Derivative: a cotangent gets the sum of all ranks' cotangents, because what is differentiated is
    the sum of all ranks' roots.

    Raises:
        ShapeError, DTypeError: another rank's array has another shape or dtype.

    Example:
        >>> import nn
        >>> ag.all_reduce(ag.Tensor([1.0, 2.0]), nn.distributed.world()).tolist()
        [1.0, 2.0]
    """
    return collective.all_reduce(as_operand(x, "all_reduce"), world=_checked(world, "all_reduce"))


def all_gather(x: Any, world: Any) -> Any:
    """Join the arrays of all ranks along the first axis, in the order of the ranks.

    Args:
        x: a Tensor or array of shape (n, ...), the same on every rank.
        world: how the ranks communicate.

    Returns:
        shape (world.size · n, ...).

    Derivative: `reduce_scatter`.

    Raises:
        ShapeError, DTypeError: another rank's array has another shape or dtype.

    Example:
        >>> import nn
        >>> ag.all_gather(ag.Tensor([1.0, 2.0]), nn.distributed.world()).tolist()
        [1.0, 2.0]
    """
    x = _with_axis(x, "all_gather")
    return collective.all_gather(x, world=_checked(world, "all_gather"))


def reduce_scatter(x: Any, world: Any) -> Any:
    """Add up the arrays of all ranks, and give each rank its share along the first axis.

    Args:
        x: a Tensor or array of shape (world.size · n, ...), the same on every rank.
        world: how the ranks communicate.

    Returns:
        shape (n, ...).

    Derivative: `all_gather`.

    Raises:
        ShapeError: the first axis cannot be divided among the ranks, or another rank's shape
            differs.
        DTypeError: another rank's dtype differs.

    Example:
        >>> import nn
        >>> ag.reduce_scatter(ag.Tensor([1.0, 2.0]), nn.distributed.world()).tolist()
        [1.0, 2.0]
    """
    x, world = _with_axis(x, "reduce_scatter"), _checked(world, "reduce_scatter")
    if x.shape[0] % world.size:
        got = f"shape {x.shape} for {world.size} ranks"
        expected = f"a first axis that {world.size} divides"
        raise ShapeError(message("reduce_scatter", got, expected))
    return collective.reduce_scatter(x, world=world)


def broadcast_from(x: Any, world: Any, root: int = 0) -> Any:
    """Give every rank the array of one rank.

    Args:
        x: a Tensor or array of the same shape and dtype on every rank.
        world: how the ranks communicate.
        root: the rank whose array it is.

    Returns:
        the shape and dtype of x.

    Derivative: rank `root` gets the sum of all cotangents, the others get 0.

    Raises:
        ShapeError, DTypeError: another rank's array has another shape or dtype.
        ValueError: another rank names another root.

    Example:
        >>> import nn
        >>> ag.broadcast_from(ag.Tensor([1.0, 2.0]), nn.distributed.world()).tolist()
        [1.0, 2.0]
    """
    world = _checked(world, "broadcast_from", root)
    return collective.broadcast_from(as_operand(x, "broadcast_from"), world=world, root=root)


def _with_axis(x: Any, what: str) -> Any:
    x = as_operand(x, what)
    if not x.shape:
        raise ShapeError(message(what, "one number, of shape ()", "at least one axis"))
    return x


def _checked(world: Any, what: str, root: int = 0) -> Any:
    """The world, if it is one and has the rank."""
    if isinstance(world, type) or not callable(getattr(world, "reduce_scatter", None)):
        hint = "pass nn.distributed.world()"
        raise TypeError(message(what, f"{kind(world)} as world", "ranks that communicate", hint))
    if type(root) is not int or not 0 <= root < world.size:
        raise ValueError(message(what, f"root={root!r}", f"a rank from 0 to {world.size - 1}"))
    return world
