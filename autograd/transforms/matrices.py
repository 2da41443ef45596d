"""Whole matrices of derivatives: jacobian, hessian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import data_of
from autograd.nodes.value import Value
from autograd.numpy import stack
from autograd.transforms.trace import Function, Trace, arranged, check_function, positions
from autograd.tree import leaves, unflatten

__all__ = ["hessian", "jacobian"]


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns all first derivatives of `f`, by one backward pass per result entry.

    Args:
        f: a function that returns a tree of nodes of any shapes.
        argnums: the arguments to differentiate with respect to: an int, or several.

    Returns:
        a function of the arguments of `f`. A result of shape s and an argument of shape t give
        shape s + t. Trees give a tree like the result, whose leaves are trees like the argument.

    Example:
        >>> import numpy as np
        >>> ag.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
        array([[2., 0.],
               [0., 4.]])
    """
    return _jacobian(f, argnums, "jacobian")


def _jacobian(f: Function, argnums: int | Sequence[int], what: str) -> Function:
    check_function(f, what)

    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        wrt, single = positions(argnums, args, what)
        trace = Trace(lambda *xs: f(*xs, **kwargs), args, wrt, what)
        outputs = leaves(trace.output)
        blocks = []
        for k, y in enumerate(outputs):
            shape = np.shape(data_of(y))
            rows = []
            for i in np.ndindex(shape):
                seeds: list[Any] = [None] * len(outputs)
                seeds[k] = 1.0 if isinstance(y, Value) else _unit_array(shape, i)
                rows.append(trace.pull(seeds))
            columns = [
                _stacked([row[j] for row in rows], shape, x) for j, x in enumerate(trace.inputs)
            ]
            blocks.append(arranged(args, wrt, single, trace.returned(columns)))
        return unflatten(trace.output, iter(blocks))

    return jacobian_of


def _unit_array(shape: tuple[int, ...], index: tuple[int, ...]) -> Any:
    unit = np.zeros(shape)
    unit[index] = 1.0
    return unit


def _stacked(rows: list[Any], shape: tuple[int, ...], x: Any) -> Any:
    """The gradients of all entries of a result, as one array of shape `shape` + input's."""
    if not shape:
        return rows[0]
    if isinstance(x, Value):
        return np.array(rows).reshape(shape)
    if not rows:
        return np.zeros((*shape, *x.shape), x.dtype)
    return stack(rows).reshape((*shape, *x.shape))


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns all second derivatives of `f`: `jacobian(jacobian(f))`.

    Args:
        f: a function that returns one number, or a tree of nodes of any shapes.
        argnums: the arguments to differentiate with respect to: an int, or several.

    Returns:
        a function of the arguments of `f`. For an argument of shape t it returns shape t + t; for
        a result of shape s, s + t + t.

    Example:
        >>> import numpy as np
        >>> ag.hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0]))
        array([[6., 4.],
               [4., 0.]])
    """
    return _jacobian(_jacobian(f, argnums, "hessian"), argnums, "hessian")
