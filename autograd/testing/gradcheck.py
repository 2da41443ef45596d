"""Check the engine's gradients against numeric ones.

A right gradient must never fail, whatever its scale and wherever its kinks, and a wrong one must
never pass. `differences` says how far a numeric value can be trusted.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import random
from autograd.engine.graph import Node, data_of
from autograd.engine.recording import enable_grad
from autograd.errors import (
    DTypeError,
    GradientCheckError,
    GraphError,
    InconclusiveWarning,
    UnsupportedError,
    check_flags,
    is_int,
    is_number,
    kind,
    message,
)
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.numpy.arguments import as_numbers
from autograd.testing.point import RTOL, PointCheck
from autograd.testing.report import GradientReport
from autograd.transforms.trace import check_function
from autograd.tree import leaves, unflatten

CALL = "(lambda x: ..., x)"  # how both functions are called, for messages


def numerical_gradient(fn: Callable[[Any], Any], x: Any, eps: float = 1e-5) -> Any:
    """The gradient of a function by central differences, without autograd.

    Args:
        fn: a function of an array, or of a float, that returns one number.
        x: the point: a float, or an array of any shape. It is not changed.
        eps: the step.

    Returns:
        (fn(x + eps e_i) - fn(x - eps e_i)) / (2 eps) for every entry i: a float64 array of the
        shape of x, or a float.

    Raises:
        GraphError: `fn` does not return one number.
        DTypeError: `fn` is not a function, or `x` holds no numbers.
        UnsupportedError: `eps` is not a positive number.

    Example:
        >>> import numpy as np
        >>> ag.numerical_gradient(lambda x: np.sum(x**2), np.array([1.0, 2.0])).round(6)
        array([2., 4.])
    """
    what = "numerical_gradient"
    check_function(fn, what, CALL)
    data = data_of(x)
    if isinstance(data, (list, tuple)):
        data = as_numbers(data, what)
    data = np.asarray(data)
    if data.dtype.kind not in "fiu":
        raise DTypeError(message(what, f"{kind(x)} as the point", "a float or an array"))
    if not is_number(eps) or not eps > 0.0:
        raise UnsupportedError(message(what, f"eps={eps!r}", "a positive step, such as 1e-5"))
    point = np.array(data, float)

    def evaluate(array: Any) -> float:
        if isinstance(x, Node):
            given: Any = Value(float(array)) if isinstance(x, Value) else Tensor(array)
        else:
            given = float(array) if np.ndim(data) == 0 else array.copy()
        result = fn(given)
        out = np.asarray(data_of(result))
        if out.size != 1 or out.dtype.kind not in "biuf":
            got = f"shape {out.shape}" if out.dtype.kind in "biuf" else kind(result)
            raise GraphError(
                message(what, f"a function that returned {got}", "one that returns one number")
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

    Everything is computed in float64: inputs and parameters of other dtypes are converted for the
    check, and parameters are put back exactly. The function may return a tree of nodes of any
    shapes; the sum of their entries, each with its own weight, is differentiated. The default
    random generator draws the same numbers in every evaluation, so dropout has one mask.

    Args:
        fn: the function; it gets Tensors (for Values, Values) and returns a tree of nodes.
        inputs: its arguments: floats, arrays, Tensors, Values, or trees of them. They are not
            changed.
        parameters: Tensors that the function closes over: a mapping from names, or a module. Those
            that require no gradient are left alone.
        eps: the first step, relative to an entry if that is larger than 1. Where it does not
            resolve the derivative, larger and smaller steps are tried.
        rtol: the relative difference allowed, by default 1e-5, and 1e-10 for the complex step.
        atol: the absolute difference allowed. It can stay 0, because the rounding error of each
            numeric value is estimated, from the size of the results and from other steps.
        order: 2 checks second derivatives too, by checking the gradient as a function of inputs,
            parameters and cotangent together.
        method: "central" differences; or, for analytic functions, "complex": f(x + ih).imag / h,
            which has no rounding error.
        samples: how many random entries of each input to check, plus one random direction, which
            reveals a large error anywhere; by default every entry.
        locate: whether to test every node's own rule too, at the values that it met, and to name
            wrong rules and nodes at a kink by module and line. Where a first-order gradient
            differs, this is always done.

    Returns:
        a report; `print(report)` shows it as a table. It has `passed` if every comparison agrees.
        Where numeric differences cannot tell, because of nan, inf, rounding or a function too fast
        for the smallest step, it is `inconclusive`: neither passed nor failed.

    Warns:
        InconclusiveWarning: numeric differences cannot tell, and nothing else differs.

    Raises:
        GradientCheckError: a gradient differs; the message is the table. It names wrong rules, and
            conventions that decided a slope on the way, such as 0 · inf = 0.
        GraphError: the function is not deterministic, or does not return numbers.
        DTypeError: an input does not hold floats, or a parameter is not a leaf.
        UnsupportedError: there is no such option, or method="complex" met a primitive that is not
            analytic.

    At a kink, such as relu at 0, any slope between the left and the right one is right: the entry
    passes, and is counted as a kink. So is an entry where the function jumps.

    Example:
        >>> import numpy as np
        >>> report = ag.check_gradients(lambda x: ag.tanh(x) * x, np.array([0.5, -2.0]))
        >>> report.passed, report.checked
        (True, 2)

    Source: Martins, Sturdza and Alonso, The complex-step derivative approximation (2003), for the
    method "complex".
    """
    check_function(fn, "check_gradients", CALL)
    check_flags("check_gradients", locate=locate)
    _check_options(eps, rtol, atol, order, method, samples)
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
            report.conventions += check.conventions()
            if level == 1 and (locate or report.failed):
                report.culprits, report.kinks = check.culprits()
            if level < order:
                if not any(check.depends):  # the gradient of a constant is nothing to check
                    break
                function, points, kinds, names = check.gradient_function()
    report.conventions = list(dict.fromkeys(report.conventions))
    if report.failed:
        raise GradientCheckError(
            f"check_gradients: autograd and numeric gradients differ{_decided(report)}\n{report}",
            report,
        )
    if report.inconclusive:
        text = "\n".join(["check_gradients: numeric differences cannot tell", *report.undecided()])
        warnings.warn(text, InconclusiveWarning, stacklevel=2)
    return report


def _decided(report: GradientReport) -> str:
    """The conventions on the way, where a gradient differs and no rule was found wrong."""
    if report.culprits or not report.conventions:
        return ""
    names = ", ".join(dict.fromkeys(c.operation for c in report.conventions))
    return f"; a convention decided the slope of {names}"


MOST_ORDERS = 20  # each derivative has more terms than the one before


def _check_options(eps: Any, rtol: Any, atol: Any, order: Any, method: Any, samples: Any) -> None:
    if not isinstance(method, str) or method not in RTOL:
        problem = f"method={method!r}", '"central" or "complex"'
    elif not is_int(order) or not 1 <= order <= MOST_ORDERS:
        problem = f"order={order!r}", f"an int from 1 to {MOST_ORDERS}"
    elif samples is not None and (not is_int(samples) or samples < 1):
        problem = f"samples={samples!r}", "a positive int, or None for every entry"
    elif not is_number(eps) or not 0.0 < eps < 1.0:
        problem = f"eps={eps!r}", "a step between 0 and 1, such as 1e-5"
    elif rtol is not None and (not is_number(rtol) or not rtol >= 0.0):
        problem = f"rtol={rtol!r}", "0 or more, such as 1e-5, or None"
    elif not is_number(atol) or not atol >= 0.0:
        problem = f"atol={atol!r}", "0 or more"
    else:
        return
    raise UnsupportedError(message("check_gradients", *problem))


# --- The variables --------------------------------------------------------------------------------


class _Variable:
    """An input: its name, its kind of node, and its data in float64."""

    def __init__(self, name: str, kind: type[Node], array: Any) -> None:
        self.name, self.kind, self.array = name, kind, array

    @classmethod
    def of(cls, x: Any, name: str) -> _Variable:
        data = np.asarray(data_of(x))
        if data.dtype.kind not in "fiu" or (data.dtype.kind != "f" and data.ndim):
            raise DTypeError(
                message(
                    "check_gradients",
                    f"{name} of dtype {data.dtype}",
                    "floats",
                    "close over what should not vary",
                )
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
            message(
                "check_gradients",
                f"{kind(parameters)} as parameters",
                "a mapping from names to Tensors, or a module",
            )
        )
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters.named_parameters()
    named: dict[Tensor, str] = {}
    for name, p in pairs:
        if not isinstance(p, Tensor) or p.op is not None:
            computed = f", computed by {p.op.name}" if isinstance(p, Tensor) else ""
            raise DTypeError(
                message(
                    "check_gradients", f"parameter {name}, {kind(p)}{computed}", "a leaf Tensor"
                )
            )
        if p.requires_grad:
            named.setdefault(p, name)
    return {name: p for p, name in named.items()}


@contextlib.contextmanager
def _in_float64(owned: Mapping[str, Tensor]) -> Iterator[None]:
    """Convert parameters to float64, and put their own arrays back afterwards."""
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
