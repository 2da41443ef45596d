"""Products with Jacobians and Hessians, without the matrices: vjp, jvp, hvp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.backward import gradients
from autograd.engine.graph import Node, data_of
from autograd.engine.recording import enable_grad, tracing
from autograd.errors import DTypeError, ShapeError, kind, message
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.transforms.gradient import gradient_of
from autograd.transforms.trace import (
    Function,
    Trace,
    add_parts,
    check_function,
    data_copy,
    like_given,
    zero_like,
)
from autograd.tree import leaves, leaves_like, unflatten

__all__ = ["hvp", "jvp", "vjp"]


def vjp(f: Function, *xs: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f` at `xs`, and its pullback: cotangents of the arguments from the value's.

    Args:
        f: a function that returns a tree of nodes of any shapes.
        xs: its arguments, trees of floats, arrays or nodes.

    Returns:
        (y, pullback). pullback(cotangent) takes a cotangent built like y and returns a tuple with
        one entry for each argument: the cotangent times the Jacobian. It may be called repeatedly.

    Example:
        >>> y, pullback = ag.vjp(lambda a, b: a * b, 3.0, 4.0)
        >>> y, pullback(1.0)
        (12.0, (4.0, 3.0))
    """
    check_function(f, "vjp")
    trace = Trace(f, xs, range(len(xs)), "vjp")

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        flat = _matching(cotangent, trace.output, "pullback", "cotangent")
        nested = trace.nested or tracing.get() > 0 or any(isinstance(c, Node) for c in flat)
        results = trace.pull(flat, nested)
        if not nested:
            results = [like_given(x, r) for x, r in zip(trace.given, results, strict=True)]
        return unflatten(tuple(xs), iter(results))  # type: ignore[no-any-return]

    return trace.returned_output(), pullback


def jvp(f: Function, xs: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f` at `xs`, and its change in a direction: the Jacobian times the tangents.

    The pullback is linear in its cotangent; this is the pullback's derivative with respect to it.

    Args:
        f: a function that returns a tree of nodes of any shapes.
        xs: a tuple of its arguments.
        tangents: a direction, built like xs.

    Returns:
        (y, tangent), with the same structure.

    Example:
        >>> ag.jvp(lambda a, b: a * b, (3.0, 4.0), (1.0, 0.0))
        (12.0, 4.0)

    Source: Townsend, A new trick for calculating Jacobian vector products (2017).
    """
    check_function(f, "jvp")
    if not isinstance(xs, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        got = f"{kind(xs)} and {kind(tangents)}"
        expected = "a tuple of arguments and one of tangents"
        raise DTypeError(message("jvp", got, expected, "call jvp(f, (x,), (v,))"))
    trace = Trace(f, xs, range(len(xs)), "jvp")
    flat = _matching(tuple(tangents), tuple(xs), "jvp", "tangent")
    outputs = leaves(trace.output)
    # The map is linear, so any cotangent will do, except zeros: the engine may skip those.
    dummies = [_dummy(y) for y in outputs]
    pulled = trace.pull(dummies, create_graph=True)
    nested = trace.nested or any(isinstance(t, Node) for t in flat)
    totals: list[Any] = [None] * len(outputs)
    for g, tangent in zip(pulled, flat, strict=True):
        if not g.requires_grad:
            continue
        wanted = [d for d in dummies if d is not None]
        with enable_grad():
            parts = iter(gradients(g, wanted, seed=tangent, create_graph=nested))
            found = [None if d is None else next(parts) for d in dummies]
            totals = [add_parts(total, part) for total, part in zip(totals, found, strict=True)]
    results = [_tangent(y, t, nested) for y, t in zip(outputs, totals, strict=True)]
    return trace.returned_output(), unflatten(trace.output, iter(results))


def _dummy(y: Any) -> Any:
    """A cotangent for `y` without zeros; None where `y` depends on no input."""
    if not isinstance(y, Node) or not y.requires_grad:
        return None
    if isinstance(y, Value):
        return Value(0.7310585786300049)
    generic = 0.5 + np.modf(np.arange(1.0, y._data.size + 1.0) * 0.6180339887498949)[0]
    return Tensor(generic.reshape(y._data.shape).astype(y._data.dtype), requires_grad=True)


def _tangent(y: Any, total: Any, as_node: bool) -> Any:
    if total is None:
        total = zero_like(y, as_node) if isinstance(y, Node) else np.zeros_like(y)
    return total if as_node else data_copy(np.asanyarray(total))


def _matching(tree: Any, like: Any, what: str, name: str) -> list[Any]:
    """The leaves of cotangents or directions, checked to fit those of `like`."""
    try:
        flat = leaves_like(tree, like)
    except ShapeError as error:
        got, expected = error.args
        raise ShapeError(message(what, f"{got} as the {name}", expected)) from None
    return [_fitting(c, y, what, name) for c, y in zip(flat, leaves(like), strict=True)]


def _fitting(given: Any, y: Any, what: str, name: str) -> Any:
    """A cotangent or direction for `y`, checked."""
    data, model = (np.asanyarray(data_of(t)) for t in (given, y))
    if data.dtype.kind not in "biuf":
        dtype = f" of dtype {data.dtype}" if data.dtype.kind == "c" else ""
        raise DTypeError(message(what, f"{kind(given)}{dtype} as the {name}", "floats"))
    if data.shape != model.shape:
        like = "result" if name == "cotangent" else "argument"
        expected = f"shape {model.shape}, that of the {like}"
        raise ShapeError(message(what, f"a {name} of shape {data.shape}", expected))
    return given if isinstance(given, Node) else data.astype(float)


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of `f` at `x` times `v`, for the cost of a few gradients; no matrix is built.

    Args:
        f: a function of one argument that returns one number.
        x: the point, a tree of floats, arrays or nodes.
        v: the direction, built like x.

    Example:
        >>> import numpy as np
        >>> ag.hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
        array([6., 0.])

    Source: Pearlmutter, Fast exact multiplication by the Hessian (1994).
    """
    slopes = gradient_of(f, 0, "hvp")
    directions = _matching(v, x, "hvp", "direction")
    if any(isinstance(d, Node) for d in directions):
        flat = iter(_constant(t) for t in leaves(x))
        x = unflatten(x, flat)  # nodes come out if any went in

    def slope(t: Any) -> Any:
        pairs = zip(leaves(slopes(t)), directions, strict=True)
        return sum((_dot(g, d) for g, d in pairs), 0.0)

    return gradient_of(slope, 0, "hvp")(x)


def _constant(x: Any) -> Any:
    return x if isinstance(x, Node) else Tensor(np.asanyarray(x, None if np.ndim(x) else float))


def _dot(g: Any, direction: Any) -> Any:
    product = g * direction
    return product if isinstance(product, Value) else product.sum()
