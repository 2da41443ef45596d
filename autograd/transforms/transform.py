"""Functions from functions to their derivatives: grad, vjp, jvp, hvp, jacobian, hessian.

What goes in comes out: for floats floats, for arrays arrays, for nodes nodes, which can be
differentiated again. While the function runs it sees nodes; a float becomes a Tensor without axes.
Inside a function that is itself being differentiated, nodes come out, so that transforms nest to
any depth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.backward import gradients
from autograd.engine.graph import Node, constant, make_node
from autograd.engine.recording import enable_grad, tracing
from autograd.errors import DTypeError, GraphError, ShapeError
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.numpy import stack
from autograd.tree import leaves, leaves_like, tree_map, unflatten

Function = Callable[..., Any]


# --- What all of them share: run the function on nodes of this level ------------------------------


class _Trace:
    """One run of a function: its inputs as nodes of its own, and its output."""

    def __init__(self, f: Function, args: Sequence[Any], wrt: Sequence[int], what: str) -> None:
        given = leaves([args[i] for i in wrt])
        self.what = what
        self.given = given
        self.nested = tracing.get() > 0 or any(isinstance(x, Node) for x in given)
        with enable_grad():
            self.inputs = [_variable(x, what) for x in given]
            flat = iter(self.inputs)
            full = list(args)
            for i in wrt:
                full[i] = unflatten(args[i], flat)
            token = tracing.set(tracing.get() + 1)
            try:
                self.output = f(*full)
            finally:
                tracing.reset(token)

    def pull(self, cotangents: Sequence[Any], create_graph: bool | None = None) -> list[Any]:
        """The gradients of the inputs, given one cotangent for each leaf of the output."""
        create = self.nested if create_graph is None else create_graph
        totals: list[Any] = [None] * len(self.inputs)
        for y, cotangent in zip(leaves(self.output), cotangents, strict=True):
            if cotangent is None or not isinstance(y, Node) or not y.requires_grad:
                continue
            with enable_grad():
                parts = gradients(y, self.inputs, seed=cotangent, create_graph=create)
                totals = [_sum(total, part) for total, part in zip(totals, parts, strict=True)]
        return [
            _zero(x, create) if t is None else t for x, t in zip(self.inputs, totals, strict=True)
        ]

    def number(self) -> Node | None:
        """The output, which must be one number; None where it depends on no node at all."""
        y = self.output
        if not isinstance(y, Node):
            tree = isinstance(y, (tuple, list, dict))
            if tree or np.size(y) != 1 or np.asarray(y).dtype.kind not in "biuf":
                raise GraphError(
                    f"{self.what}: the function returned {type(y).__name__}, one number is "
                    "expected; ag.vjp and ag.jacobian take any tree of results"
                )
            return None
        if np.size(y.data) != 1:
            raise ShapeError(
                f"{self.what}: the function returned shape {np.shape(y.data)}, one number is "
                "expected; reduce it by sum() or mean(), or use ag.jacobian"
            )
        return y

    def returned(self, results: Sequence[Any]) -> list[Any]:
        """Each result as what came in: a float, an array or a node."""
        return [
            r if self.nested else _plain_like(x, r)
            for x, r in zip(self.given, results, strict=True)
        ]

    def returned_output(self) -> Any:
        """The output as the caller sees it: nodes inside another transform, else plain."""
        return self.output if self.nested else tree_map(_plain, self.output)


def _variable(x: Any, what: str) -> Any:
    """A node of this level for an input; derivatives by it see no other path to its origin."""
    if isinstance(x, Node):
        if x.requires_grad:
            return make_node(x._backend, x._data, x._backend.identity, (x,), (x._data,), None)
        x = x if isinstance(x, Value) else x._data
    if isinstance(x, Value):
        return Value(x.data)
    array = np.asarray(x)
    if isinstance(x, (int, float)) and not isinstance(x, bool):
        array = array.astype(float)
    if array.dtype.kind != "f":
        raise DTypeError(
            f"{what}: an argument of {type(x).__name__} with dtype {array.dtype} came, floats are "
            "expected; convert it by .astype(float), or leave it out of argnums"
        )
    return Tensor(array, requires_grad=True)


def _sum(total: Any, part: Any) -> Any:
    if total is None or part is None:
        return part if total is None else total
    return total + part


def _zero(x: Any, as_node: bool) -> Any:
    zero = x._data * 0.0 if isinstance(x, Value) else np.zeros_like(x._data)
    return constant(x._backend, zero) if as_node else zero


def _plain(x: Any) -> Any:
    data = x._data if isinstance(x, Node) else x
    if isinstance(data, np.ndarray):
        return data.copy() if data.ndim else data.item()
    return data


def _plain_like(given: Any, result: Any) -> Any:
    if isinstance(given, (int, float)) and not isinstance(given, np.generic):
        return float(result)
    return np.array(result)[()] if isinstance(given, np.generic) else np.array(result)


def _positions(argnums: Any, args: Sequence[Any], what: str) -> tuple[list[int], bool]:
    single = isinstance(argnums, (int, np.integer))
    numbers = [argnums] if single else argnums
    if not isinstance(numbers, Sequence) or not all(
        isinstance(i, (int, np.integer)) for i in numbers
    ):
        raise DTypeError(f"{what}: argnums={argnums!r} came; an int or a tuple of ints is expected")
    for i in numbers:
        if not -len(args) <= i < len(args):
            raise ShapeError(f"{what}: argnums names argument {i}, but {len(args)} came")
    wrt = [int(i) % len(args) for i in numbers]
    if len(set(wrt)) < len(wrt):
        raise ShapeError(f"{what}: argnums={argnums!r} names an argument twice; name each once")
    return wrt, single


def _arranged(args: Sequence[Any], wrt: Sequence[int], single: bool, flat: Sequence[Any]) -> Any:
    result = unflatten(tuple(args[i] for i in wrt), iter(flat))
    return result[0] if single else result


# --- Gradients of functions with one number as result ---------------------------------------------


def value_and_grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that returns both the value of `f` and its gradient.

    Args:
        f: a function that returns one number.
        argnums: by which arguments to differentiate: an int, or several.

    Returns:
        a function of the arguments of `f`, returning (value, gradient); the gradient is built like
        the argument (a tree of floats, arrays or nodes), or a tuple of such for several argnums. An
        argument that the value does not depend on has a gradient of zeros.

    Raises:
        ShapeError: `f` returns more than one number, or there is no such argument.
        DTypeError: an argument holds no floats.

    Example:
        >>> ag.value_and_grad(lambda x: x**3)(2.0)
        (8.0, 12.0)
    """

    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        wrt, single = _positions(argnums, args, "grad")
        trace = _Trace(lambda *xs: f(*xs, **kwargs), args, wrt, "grad")
        y = trace.number()
        seed = None if y is None else _one(y)
        results = trace.returned(trace.pull([seed]))
        return trace.returned_output(), _arranged(args, wrt, single, results)

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
    both = value_and_grad(f, argnums)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


def _one(y: Node) -> Any:
    return 1.0 if isinstance(y, Value) else np.ones_like(y._data)


# --- Products with Jacobians ----------------------------------------------------------------------


def vjp(f: Function, *xs: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f` at `xs`, and the pullback: from a cotangent of the value to those of the
    arguments.

    Args:
        f: a function that returns a tree of nodes of any shapes.
        xs: its arguments, trees of floats, arrays or nodes.

    Returns:
        (y, pullback); pullback(cotangent), with a cotangent built like y, returns a tuple with one
        entry for each argument: the cotangent times the Jacobian. It may be called any number of
        times.

    Example:
        >>> y, pullback = ag.vjp(lambda a, b: a * b, 3.0, 4.0)
        >>> y, pullback(1.0)
        (12.0, (4.0, 3.0))
    """
    trace = _Trace(f, xs, range(len(xs)), "vjp")

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        flat = _matching(cotangent, trace.output, "pullback", "cotangent")
        nested = trace.nested or tracing.get() > 0 or any(isinstance(c, Node) for c in flat)
        results = trace.pull(flat, nested)
        if not nested:
            results = [_plain_like(x, r) for x, r in zip(trace.given, results, strict=True)]
        return unflatten(tuple(xs), iter(results))  # type: ignore[no-any-return]

    return trace.returned_output(), pullback


def jvp(f: Function, xs: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f` at `xs`, and how it changes in a direction: the Jacobian times the tangents.

    It is the derivative of the pullback, which is linear, by its cotangent.

    Args:
        f: a function that returns a tree of nodes of any shapes.
        xs: a tuple of its arguments.
        tangents: a direction, built like xs.

    Returns:
        (y, tangent), built alike.

    Example:
        >>> ag.jvp(lambda a, b: a * b, (3.0, 4.0), (1.0, 0.0))
        (12.0, 4.0)

    Source: Townsend, A new trick for calculating Jacobian vector products (2017).
    """
    if not isinstance(xs, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise DTypeError(
            f"jvp: {type(xs).__name__} and {type(tangents).__name__} came, a tuple of arguments "
            "and one of tangents are expected: jvp(f, (x,), (v,))"
        )
    trace = _Trace(f, xs, range(len(xs)), "jvp")
    flat = _matching(tuple(tangents), tuple(xs), "jvp", "tangent")
    outputs = leaves(trace.output)
    # Any cotangent will do for a linear map but one with zeros, which the engine may take as not
    # there.
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
            totals = [_sum(total, part) for total, part in zip(totals, found, strict=True)]
    results = [_tangent(y, t, nested) for y, t in zip(outputs, totals, strict=True)]
    return trace.returned_output(), unflatten(trace.output, iter(results))


def _dummy(y: Any) -> Any:
    if not isinstance(y, Node) or not y.requires_grad:
        return None
    if isinstance(y, Value):
        return Value(0.7310585786300049)
    generic = 0.5 + np.modf(np.arange(1.0, y._data.size + 1.0) * 0.6180339887498949)[0]
    return Tensor(generic.reshape(y._data.shape).astype(y._data.dtype), requires_grad=True)


def _tangent(y: Any, total: Any, as_node: bool) -> Any:
    if total is None:
        total = _zero(y, as_node) if isinstance(y, Node) else np.zeros_like(y, dtype=float)
    return total if as_node else _plain(np.asarray(total))


def _matching(tree: Any, like: Any, what: str, name: str) -> list[Any]:
    try:
        flat = leaves_like(tree, like)
    except ShapeError as error:
        raise ShapeError(f"{what}: as {name}, {error}") from None
    return [_fitting(c, y, what, name) for c, y in zip(flat, leaves(like), strict=True)]


def _fitting(given: Any, y: Any, what: str, name: str) -> Any:
    """A cotangent or direction for `y`, checked."""
    data, model = (np.asarray(t._data if isinstance(t, Node) else t) for t in (given, y))
    if data.dtype.kind not in "biuf":
        raise DTypeError(f"{what}: a {name} of {type(given).__name__} came, floats are expected")
    if data.shape != model.shape:
        raise ShapeError(f"{what}: a {name} of shape {data.shape} came, {model.shape} is expected")
    return given if isinstance(given, Node) or isinstance(y, Value) else data.astype(float)


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of `f` at `x` times `v`, at the cost of a few gradients and without the Hessian.

    Args:
        f: a function of one argument that returns one number.
        x: where; a tree of floats, arrays or nodes.
        v: the direction, built like x.

    Example:
        >>> import numpy as np
        >>> ag.hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
        array([6., 0.])

    Source: Pearlmutter, Fast exact multiplication by the Hessian (1994).
    """
    directions = _matching(v, x, "hvp", "direction")
    if any(isinstance(d, Node) for d in directions):
        flat = iter(_constant(t) for t in leaves(x))
        x = unflatten(x, flat)  # nodes come out if any goes in

    def slope(t: Any) -> Any:
        return sum(_dot(g, d) for g, d in zip(leaves(grad(f)(t)), directions, strict=True))

    return grad(slope)(x)


def _constant(x: Any) -> Any:
    return x if isinstance(x, Node) else Tensor(np.asarray(x, None if np.ndim(x) else float))


def _dot(g: Any, direction: Any) -> Any:
    product = g * direction
    return product if isinstance(product, Value) else product.sum()


# --- Whole matrices of derivatives ----------------------------------------------------------------


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """All first derivatives of `f`, as a function; one backward pass for each entry of the result.

    Args:
        f: a function that returns a tree of nodes of any shapes.
        argnums: by which arguments to differentiate: an int, or several.

    Returns:
        a function of the arguments of `f`. For a result of shape s and an argument of shape t it
        returns shape s + t; for trees, a tree like the result whose leaves are trees like the
        argument.

    Example:
        >>> import numpy as np
        >>> ag.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
        array([[2., 0.],
               [0., 4.]])
    """

    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        wrt, single = _positions(argnums, args, "jacobian")
        trace = _Trace(lambda *xs: f(*xs, **kwargs), args, wrt, "jacobian")
        outputs = leaves(trace.output)
        blocks = []
        for k, y in enumerate(outputs):
            shape = np.shape(y._data if isinstance(y, Node) else y)
            rows = []
            for i in np.ndindex(shape):
                seeds: list[Any] = [None] * len(outputs)
                seeds[k] = 1.0 if isinstance(y, Value) else _unit(shape, i)
                rows.append(trace.pull(seeds))
            columns = [
                _stacked([row[j] for row in rows], shape, x) for j, x in enumerate(trace.inputs)
            ]
            blocks.append(_arranged(args, wrt, single, trace.returned(columns)))
        return unflatten(trace.output, iter(blocks))

    return jacobian_of


def _unit(shape: tuple[int, ...], index: tuple[int, ...]) -> Any:
    unit = np.zeros(shape)
    unit[index] = 1.0
    return unit


def _stacked(rows: list[Any], shape: tuple[int, ...], x: Any) -> Any:
    """The gradients of all entries of a result, as one array of shape `shape` + input's."""
    if not shape:
        return rows[0]
    if isinstance(x, Value):
        return np.array(
            rows, dtype=object if rows and isinstance(rows[0], Node) else float
        ).reshape(shape)
    if not rows:
        return np.zeros((*shape, *x.shape), x.dtype)
    joined = stack(rows)
    return joined.reshape((*shape, *x.shape))


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """All second derivatives of `f`, which returns one number, as a function.

    Args:
        f: a function that returns one number.
        argnums: by which arguments to differentiate: an int, or several.

    Returns:
        a function of the arguments of `f`; for an argument of shape t it returns shape t + t.

    Example:
        >>> import numpy as np
        >>> ag.hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0]))
        array([[6., 4.],
               [4., 0.]])
    """
    return jacobian(grad(f, argnums), argnums)
