"""The gradient of a function that returns one number: value_and_grad, grad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.nodes.value import Value
from autograd.transforms.trace import Function, Trace, arranged, check_function, positions

__all__ = ["grad", "value_and_grad"]


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns both the value of `f` and its gradient.

    Args:
        f: a function that returns one number.
        argnums: the arguments to differentiate with respect to: an int, or several.

    Returns:
        a function of the arguments of `f` that returns (value, gradient). The gradient is built
        like the argument, a tree of floats, arrays or nodes; several argnums give a tuple of these.
        An argument that the value does not depend on has a gradient of zeros.

    Raises:
        ShapeError: `f` returns more than one number, or there is no such argument.
        DTypeError: an argument holds no floats.

    Example:
        >>> ag.value_and_grad(lambda x: x**3)(2.0)
        (8.0, 12.0)
    """

    return with_value(f, argnums, "value_and_grad")


def with_value(f: Function, argnums: int | Sequence[int], what: str) -> Function:
    """`value_and_grad` whose messages name the transform `what` that uses it."""
    check_function(f, what)

    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        wrt, single = positions(argnums, args, what)
        trace = Trace(lambda *xs: f(*xs, **kwargs), args, wrt, what)
        y = trace.number()
        seed = None if y is None else _one(y)
        results = trace.returned(trace.pull([seed]))
        return trace.returned_output(), arranged(args, wrt, single, results)

    return value_and_gradient


def grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The gradient of `f`, as a function; see `value_and_grad`.

    Example:
        >>> import numpy as np
        >>> ag.grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
        array([2., 4.])
        >>> ag.grad(ag.grad(ag.grad(lambda x: x**4)))(2.0)
        48.0
    """
    return gradient_of(f, argnums, "grad")


def gradient_of(f: Function, argnums: int | Sequence[int], what: str) -> Function:
    """`grad` whose messages name the transform `what` that uses it."""
    both = with_value(f, argnums, what)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


def _one(y: Node) -> Any:
    return 1.0 if isinstance(y, Value) else np.ones_like(y._data)
