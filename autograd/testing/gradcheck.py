"""The comparison of the engine's gradients with numeric ones.

A right gradient must never fail, at whatever scale and kink, and a wrong one never pass; what can
be known of the numeric values stands in `differences`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import random
from autograd.engine.graph import Node
from autograd.engine.recording import enable_grad
from autograd.errors import DTypeError, GradientCheckError, GraphError, UnsupportedError
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.testing.point import RTOL, PointCheck, plain
from autograd.testing.report import GradientReport
from autograd.tree import leaves, unflatten


def numerical_gradient(fn: Callable[[Any], Any], x: Any, eps: float = 1e-5) -> Any:
    """The gradient of a function by central differences, without autograd.

    Args:
        fn: a function of an array, or of a float, that returns one number.
        x: where; a float, or an array of any shape. It is not changed.
        eps: the step.

    Returns:
        (fn(x + eps e_i) - fn(x - eps e_i)) / (2 eps) for every entry i: a float64 array of the
        shape of x, or a float.

    Raises:
        GraphError: `fn` does not return one number.

    Example:
        >>> import numpy as np
        >>> ag.numerical_gradient(lambda x: np.sum(x**2), np.array([1.0, 2.0])).round(6)
        array([2., 4.])
    """
    data = x.data if isinstance(x, Node) else x
    point = np.array(data, float)

    def evaluate(array: Any) -> float:
        if isinstance(x, Node):
            given: Any = Value(float(array)) if isinstance(x, Value) else Tensor(array)
        else:
            given = float(array) if np.ndim(data) == 0 else array.copy()
        out = fn(given)
        out = np.asarray(out.data if isinstance(out, Node) else out)
        if out.size != 1:
            raise GraphError(
                f"numerical_gradient: the function returned shape {out.shape}, one number is "
                "expected"
            )
        return float(out.reshape(()))

    gradient = np.zeros_like(point)
    for i in np.ndindex(point.shape):
        center = point[i]
        point[i] = center + eps
        above, high = evaluate(point), point[i]
        point[i] = center - eps
        gradient[i] = (above - evaluate(point)) / (high - point[i])
        point[i] = center
    return gradient if np.ndim(data) else float(gradient)


def check_gradients(
    fn: Callable[..., Any],
    *inputs: Any,
    parameters: Any = None,
    eps: float = 1e-5,
    rtol: float | None = None,
    atol: float = 0.0,
    order: int = 1,
    method: str = "central",
    samples: int | None = None,
    locate: bool = False,
) -> GradientReport:
    """Compare the engine's gradients of a function with numeric ones.

    Everything is computed in float64: other inputs and parameters are converted for the check, and
    parameters are put back exactly. The result may be a tree of nodes of any shape; each entry gets
    a weight of its own in the sum that is differentiated. Draws from the default random generator
    are the same in every evaluation, so that dropout has one mask.

    Args:
        fn: the function; it gets Tensors (for Values, Values) and returns a tree of nodes.
        inputs: its arguments: floats, arrays, Tensors, Values, or trees of them. They are not
            changed.
        parameters: Tensors that the function closes over: a mapping from names, or a module. Those
            that require no gradient are left alone.
        eps: the first step, in relation to the size of an entry that is larger than 1. Where it
            does not do, larger and smaller ones are tried.
        rtol: the difference allowed, in relation to the larger value; by default 1e-5, and 1e-10
            for the complex step.
        atol: the difference allowed besides. None is needed: how much of a numeric value may be
            rounding is estimated, from the size of the results and from what other steps give.
        order: 2 checks the second derivatives too: the gradient, as a function of the inputs, the
            parameters and the cotangent together.
        method: "central" differences, or "complex": f(x + ih).imag / h, which has no rounding error
            of differences, for functions that are analytic.
        samples: how many random entries of each input to check, and one random direction besides,
            which sees a large error anywhere; by default every entry.
        locate: whether every node's own rule is tested too, at the values that it met, which names
            wrong ones and nodes at a kink by module and line. It is done in any case where a
            gradient of the first order differs.

    Returns:
        a report; `print(report)` shows it as a table.

    Raises:
        GradientCheckError: a gradient differs; the message is the table.
        GraphError: the function is not deterministic, or returns something else than numbers.
        DTypeError: an input holds no floats, or a parameter is no leaf.
        UnsupportedError: an option that does not exist, or method="complex" with a primitive that
            is not analytic.

    At a kink, such as relu at 0, any slope between the left and the right one is right: such an
    entry passes and is counted. So is one where the function jumps.

    Example:
        >>> import numpy as np
        >>> report = ag.check_gradients(lambda x: ag.tanh(x) * x, np.array([0.5, -2.0]))
        >>> report.passed, report.checked
        (True, 2)

    Source: Martins, Sturdza and Alonso, The complex-step derivative approximation (2003), for the
    method "complex".
    """
    _check_options(eps, order, method, samples)
    owned = _named(parameters)
    variables = [_Variable.of(x, name) for name, x in _labelled(inputs)]

    def flat(*nodes: Any) -> list[Any]:
        return leaves(fn(*unflatten(inputs, iter(nodes))))

    report = GradientReport(method=method)
    tolerances = RTOL[method] if rtol is None else rtol, atol
    with _in_float64(owned), enable_grad():
        points = [v.array for v in variables]
        function, kinds = flat, [v.kind for v in variables]
        names = [v.name for v in variables]
        for level in range(1, order + 1):
            check = PointCheck(function, points, kinds, names, owned, eps, tolerances, method)
            report.rows += check.rows(samples, "" if level == 1 else f"order {level}: ")
            if level == 1 and (locate or not report.passed):
                report.culprits, report.kinks = check.culprits()
            if level < order:
                function, points, kinds, names = check.gradient_function()
    if not report.passed:
        raise GradientCheckError(
            f"check_gradients: autograd and numeric gradients differ\n{report}", report
        )
    return report


def _check_options(eps: float, order: int, method: str, samples: int | None) -> None:
    if method not in RTOL:
        expected = f'method={method!r} came; "central" or "complex" is expected'
    elif not isinstance(order, int) or order < 1:
        expected = f"order={order!r} came; 1, 2 or a larger int is expected"
    elif samples is not None and (not isinstance(samples, int) or samples < 1):
        expected = f"samples={samples!r} came; a positive int is expected, or None for every entry"
    elif not 0.0 < eps < 1.0:
        expected = f"eps={eps!r} came; a step between 0 and 1 is expected, such as 1e-5"
    else:
        return
    raise UnsupportedError(f"check_gradients: {expected}")


# --- What is varied -------------------------------------------------------------------------------


class _Variable:
    """An input: its name, its kind of node, and its numbers in float64."""

    def __init__(self, name: str, kind: type[Node], array: Any) -> None:
        self.name, self.kind, self.array = name, kind, array

    @classmethod
    def of(cls, x: Any, name: str) -> _Variable:
        data = np.asarray(plain(x))
        if data.dtype.kind not in "fiu" or (data.dtype.kind != "f" and data.ndim):
            raise DTypeError(
                f"check_gradients: {name} has dtype {data.dtype}; floats are expected. Close over "
                "what is not to be varied"
            )
        own = x.name if isinstance(x, Node) and x.name else name
        return cls(own, Value if isinstance(x, Value) else Tensor, np.array(data, float))


def _labelled(inputs: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for i, tree in enumerate(inputs):
        flat = leaves(tree)
        for k, x in enumerate(flat):
            yield f"input {i}" + (f"[{k}]" if len(flat) > 1 else ""), x


def _named(parameters: Any) -> dict[str, Tensor]:
    """The parameters to vary, each once, even if it has several names."""
    if parameters is None:
        return {}
    if not isinstance(parameters, Mapping) and not hasattr(parameters, "named_parameters"):
        raise DTypeError(
            f"check_gradients: parameters is a {type(parameters).__name__}; a mapping from names "
            "to Tensors is expected, or a module"
        )
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters.named_parameters()
    named: dict[Tensor, str] = {}
    for name, p in pairs:
        if not isinstance(p, Tensor) or p.op is not None:
            computed = f", computed by {p.op.name}" if isinstance(p, Tensor) else ""
            raise DTypeError(
                f"check_gradients: parameter {name} is a {type(p).__name__}{computed}; a leaf "
                "Tensor is expected"
            )
        if p.requires_grad:
            named.setdefault(p, name)
    return {name: p for p, name in named.items()}


@contextlib.contextmanager
def _in_float64(owned: Mapping[str, Tensor]) -> Iterator[None]:
    """Parameters in float64, and afterwards the very arrays that were there."""
    before = [(p, p._data) for p in owned.values()]
    state = random.generator().bit_generator.state
    try:
        for p, data in before:
            p._data = data.astype(float)
        yield
    finally:
        for p, data in before:
            p._data = data
        random.generator().bit_generator.state = state
