"""Derivatives by differences, and the comparison of the engine's gradients with them.

A central difference (f(x + h) - f(x - h)) / 2h is wrong by about h² f''' / 6, for the curve it cuts
short, and by about 1e-16 |f| / h, for the rounding of f. Everything here is about knowing these
two, so that a right gradient never fails and a wrong one never passes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import random
from autograd.errors import DTypeError, GradientCheckError, GraphError, UnsupportedError
from autograd.graph import Node, ancestors, gradients
from autograd.report import GradientReport, Row
from autograd.tensor import Tensor
from autograd.tree import leaves, unflatten
from autograd.value import Value

ROUNDING = 20 * np.finfo(float).eps  # a function's own rounding errors, in relation to its size
COMPLEX_STEP = 1e-20
NOT_ANALYTIC = frozenset({"abs", "sign", "cholesky", "eigh", "svd", "log_abs_det", "cast"})


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
    rtol: float = 1e-5,
    atol: float = 1e-8,
    order: int = 1,
    method: str = "central",
    samples: int | None = None,
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
        parameters: Tensors that the function closes over: a mapping from names, or a module.
        eps: the step, in relation to the size of an entry that is larger than 1.
        rtol: the difference allowed, in relation to the larger value.
        atol: the difference allowed besides; rounding in the function is allowed for on top.
        order: 2 checks the second derivatives too: the gradient, as a function of the inputs, the
            parameters and the cotangent together.
        method: "central" differences, or "complex": f(x + ih).imag / h, which has no rounding error
            of differences, for functions that are analytic.
        samples: how many random entries of each input to check, and one random direction besides;
            by default every entry.

    Returns:
        a report; `print(report)` shows it as a table.

    Raises:
        GradientCheckError: a gradient differs; the message is the table.
        GraphError: the function is not deterministic.
        UnsupportedError: method="complex" with a primitive that is not analytic.

    At a kink, such as relu at 0, any slope between the left and the right one is right: such an
    entry passes and is counted.

    Example:
        >>> import numpy as np
        >>> report = ag.check_gradients(lambda x: ag.tanh(x) * x, np.array([0.5, -2.0]))
        >>> report.passed, report.checked
        (True, 2)

    Source: Martins, Sturdza and Alonso, The complex-step derivative approximation (2003), for the
    method "complex".
    """
    if method not in ("central", "complex"):
        raise UnsupportedError(
            f'check_gradients: method={method!r} came; "central" or "complex" is expected'
        )
    if order < 1:
        raise UnsupportedError(f"check_gradients: order={order} came, 1 or more is expected")
    owned = _named(parameters)
    variables = [_Variable.of(x, name) for name, x in _labelled(inputs)]

    def flat(*nodes: Any) -> list[Any]:
        return leaves(fn(*unflatten(inputs, iter(nodes))))

    report = GradientReport(method=method)
    with _in_float64(owned):
        points = [v.array for v in variables]
        function, kinds = flat, [v.kind for v in variables]
        names = [v.name for v in variables]
        for level in range(1, order + 1):
            check = _Check(function, points, kinds, names, owned, eps, rtol, atol, method)
            report.rows += check.rows(samples, "" if level == 1 else f"order {level}: ")
            if level < order:
                function, points, kinds, names = check.gradient_function()
    if not report.passed:
        raise GradientCheckError(
            f"check_gradients: autograd and numeric gradients differ\n{report}", report
        )
    return report


# --- What is varied -------------------------------------------------------------------------------


class _Variable:
    """An input: its name, its kind of node, and its numbers in float64."""

    def __init__(self, name: str, kind: type[Node], array: Any) -> None:
        self.name, self.kind, self.array = name, kind, array

    @classmethod
    def of(cls, x: Any, name: str) -> _Variable:
        data = np.asarray(x.data if isinstance(x, Node) else x)
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
    if parameters is None:
        return {}
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters.named_parameters()
    named = dict(pairs)
    for name, p in named.items():
        if not isinstance(p, Tensor) or p.op is not None:
            raise DTypeError(
                f"check_gradients: parameter {name} is a {type(p).__name__}; a leaf Tensor is "
                "expected"
            )
    return {name: p for name, p in named.items() if p.requires_grad}


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


# --- One comparison -------------------------------------------------------------------------------


class _Check:
    """A function of some variables and parameters, all flat, at one point."""

    def __init__(
        self,
        function: Callable[..., list[Any]],
        points: Sequence[Any],
        kinds: Sequence[type[Node]],
        names: Sequence[str],
        owned: Mapping[str, Tensor],
        eps: float,
        rtol: float,
        atol: float,
        method: str,
    ) -> None:
        self.function, self.kinds, self.names, self.owned = function, kinds, names, owned
        self.eps, self.rtol, self.atol, self.method = eps, rtol, atol, method
        self.points = [np.array(p) for p in points]
        self.state = random.generator().bit_generator.state
        self.outputs, self.gradients, self.operations = self._autograd()
        self.weights = [_weights(np.shape(_plain(y))) for y in self.outputs]
        self.value, self.size = self._evaluate()
        again, _ = self._evaluate()
        if not (again == self.value or (again != again and self.value != self.value)):
            raise GraphError(
                "check_gradients: the function gave two results at one point; draw its random "
                "numbers from the default generator (autograd.random), or from one that it seeds "
                "itself"
            )

    def _run(self, complex_: bool = False) -> tuple[list[Any], list[Any]]:
        """The function at the present point: the nodes that went in and what came out."""
        random.generator().bit_generator.state = self.state
        nodes: list[Any] = [
            Value(float(x)) if kind is Value else Tensor(x, requires_grad=not complex_)
            for kind, x in zip(self.kinds, self.points, strict=True)
        ]
        return nodes, self.function(*nodes)

    def _autograd(self) -> tuple[list[Any], list[Any], set[str]]:
        nodes, outputs = self._run()
        total = None
        for y in outputs:
            if isinstance(y, Node) and y.requires_grad:
                w = _weights(np.shape(_plain(y)))
                term = y * float(w) if isinstance(y, Value) else (y * w).sum()
                total = term if total is None else total + term
        wanted = [*nodes, *self.owned.values()]
        found = [None] * len(wanted) if total is None else gradients(total, wanted)
        shapes = [np.shape(_plain(x)) for x in wanted]
        grads = [
            np.zeros(s) if g is None else np.asarray(g) for g, s in zip(found, shapes, strict=True)
        ]
        roots = [y for y in outputs if isinstance(y, Node)]
        return outputs, grads, {n.op.name for n in ancestors(roots) if n.op is not None}

    def _evaluate(self, complex_: bool = False) -> tuple[Any, float]:
        """The weighted sum of all results, and of their absolute values."""
        _, outputs = self._run(complex_)
        total: Any = 0.0
        size = 0.0
        for y, w in zip(outputs, self.weights, strict=True):
            terms = np.asarray(_plain(y)) * w
            total = total + terms.sum()
            size += float(np.abs(terms).sum())
        return total, size

    def rows(self, samples: int | None, prefix: str) -> list[Row]:
        """Compare every variable and parameter."""
        if self.method == "complex":
            self._refuse_what_is_not_analytic()
        result = []
        for k, x in enumerate(self.points):
            result.append(self._row(prefix + self.names[k], x, self.gradients[k], samples))
        for (name, p), g in zip(
            self.owned.items(), self.gradients[len(self.points) :], strict=True
        ):
            original = p._data
            varied = np.array(original)
            p._data = varied
            try:
                result.append(self._row(prefix + name, varied, g, samples))
            finally:
                p._data = original
        return result

    def _row(self, name: str, x: Any, gradient: Any, samples: int | None) -> Row:
        row = Row(name, x.shape, x.size)
        rng = np.random.default_rng(x.size)
        if samples is None or samples >= x.size:
            places = range(x.size)
        else:
            places = np.sort(rng.choice(x.size, samples, replace=False)).tolist()
            direction = rng.choice([-1.0, 1.0], x.shape) * rng.uniform(0.5, 1.0, x.shape)
            row.compare(
                "direction", *self._compared(x, direction, float((gradient * direction).sum()))
            )
        row.checked = len(places)
        for place in places:
            i = np.unravel_index(place, x.shape)
            unit = np.zeros(x.shape)
            unit[i] = 1.0
            row.compare(tuple(map(int, i)), *self._compared(x, unit, float(gradient[i])))
        return row

    # --- one number: the derivative along a direction ---

    def _compared(
        self, x: Any, direction: Any, autograd: float
    ) -> tuple[float, float, float, bool]:
        """(autograd, numeric, tolerance, at a kink) for the derivative along `direction`."""
        if self.method == "complex":
            numeric = self._complex(x, direction)
            return autograd, numeric, self._tolerance(autograd, numeric, np.inf), False
        moved = np.abs(x[direction != 0])
        h = self.eps * max(1.0, float(moved.max(initial=0.0)))
        left, right = self._slopes(x, direction, h)
        numeric = 0.5 * (left + right)
        tolerance = self._tolerance(autograd, numeric, h)
        if not abs(autograd - numeric) <= tolerance and autograd != numeric:
            for smaller in h * 0.1 ** np.arange(1, 7):  # a sharp bend, or a kink close by
                if self._noise(smaller) > 0.1 * abs(autograd - numeric):
                    break
                finer = 0.5 * sum(self._slopes(x, direction, smaller))
                allowed = self._tolerance(autograd, finer, smaller)
                if abs(autograd - finer) <= allowed:
                    return autograd, finer, allowed, False
        return autograd, numeric, tolerance, self._at_kink(x, direction, h, left, right, autograd)

    def _at_kink(
        self, x: Any, direction: Any, h: float, left: float, right: float, autograd: float
    ) -> bool:
        """Whether there is a kink here, whose two slopes enclose the gradient.

        The slopes of a smooth function come together in proportion to h, those at a kink stay
        apart.
        """
        gap = abs(right - left)
        if not gap > max(1e-3 * max(abs(left), abs(right)), 4 * self._noise(h)):
            return False
        left, right = self._slopes(x, direction, h / 10)
        slack = self._tolerance(left, right, h / 10)
        enclosed = min(left, right) - slack <= autograd <= max(left, right) + slack
        return enclosed and abs(right - left) > max(0.5 * gap, 4 * self._noise(h / 10))

    def _noise(self, h: float) -> float:
        return float(
            ROUNDING * max(self.size, 1.0) / h
        )  # inside, numbers may be larger than at the end

    def _tolerance(self, autograd: float, numeric: float, h: float) -> float:
        size = max(abs(autograd), abs(numeric))
        return self.atol + self.rtol * (size if np.isfinite(size) else 0.0) + self._noise(h)

    def _slopes(self, x: Any, direction: Any, h: float) -> tuple[float, float]:
        """The difference quotients to the left and to the right."""
        below, above = (np.float64(self._at(x, x + step * direction)[0]) for step in (-h, h))
        with np.errstate(all="ignore"):
            return float((self.value - below) / h), float((above - self.value) / h)

    def _complex(self, x: Any, direction: Any) -> float:
        return float(np.imag(self._at(x, x + 1j * COMPLEX_STEP * direction)[0]) / COMPLEX_STEP)

    def _at(self, x: Any, moved: Any) -> tuple[Any, float]:
        """The value with `x`, one of the points or the data of a parameter, moved."""
        complex_ = np.iscomplexobj(moved)
        for k, point in enumerate(self.points):
            if point is x:
                self.points[k] = moved
                try:
                    return self._evaluate(complex_)
                finally:
                    self.points[k] = x
        [p] = [p for p in self.owned.values() if p._data is x]
        p._data = moved
        try:
            return self._evaluate(complex_)
        finally:
            p._data = x

    def _refuse_what_is_not_analytic(self) -> None:
        bad = sorted(self.operations & NOT_ANALYTIC)
        if bad or Value in self.kinds:
            what = (
                f"the primitive {bad[0]} is not analytic"
                if bad
                else "a Value holds no complex number"
            )
            raise UnsupportedError(
                f'check_gradients: method="complex": {what}; use method="central"'
            )

    # --- the next order ---

    def gradient_function(self) -> tuple[Any, list[Any], list[type[Node]], list[str]]:
        """The gradient as a function of the variables and of a cotangent, at a joint point of
        both."""
        n = len(self.points)
        depends = [isinstance(y, Node) and y.requires_grad for y in self.outputs]
        outputs = [y for y, d in zip(self.outputs, depends, strict=True) if d]
        owned = list(self.owned.values())

        def gradient(*nodes: Any) -> list[Any]:
            results = [y for y, d in zip(self.function(*nodes[:n]), depends, strict=True) if d]
            total = None
            for y, v in zip(results, nodes[n:], strict=True):
                term = y * v if isinstance(y, Value) else (y * v).sum()
                total = term if total is None else total + term
            if total is None:
                return []
            found = gradients(total, [*nodes[:n], *owned], create_graph=True)
            return [g for g in found if g is not None]

        points = [*self.points, *(_weights(np.shape(_plain(y))) * 0.7 for y in outputs)]
        kinds = [*self.kinds, *(Value if isinstance(y, Value) else Tensor for y in outputs)]
        names = [*self.names, *(f"cotangent {i}" for i in range(len(outputs)))]
        return gradient, points, kinds, names


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x


def _weights(shape: tuple[int, ...]) -> Any:
    """A weight between 0.5 and 1.5 for each entry, no two alike."""
    n = int(np.prod(shape))
    return (0.5 + np.modf(np.arange(1.0, n + 1.0) * 0.6180339887498949)[0]).reshape(shape)
