"""Compare the gradients of a function at one point with numeric ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd import random
from autograd.debug.conventions import Convention, find_conventions
from autograd.debug.replay import Step, replay
from autograd.debug.source_lines import record_lines
from autograd.engine.backward import gradients
from autograd.engine.graph import Node, ancestors, data_of
from autograd.errors import GraphError, UnsupportedError, kind, message
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.testing.differences import (
    ARGUMENT,
    EPSILON,
    ILL_CONDITIONED,
    NEIGHBOUR,
    RESULT,
    Comparison,
    Line,
)
from autograd.testing.locate import Culprit, Kink, find_culprits
from autograd.testing.report import Row

COMPLEX_STEP = 1e-20
RTOL = {"central": 1e-5, "complex": 1e-10}


class PointCheck:
    """A function at one point: the engine's gradients and the numeric ones.

    Args:
        function: maps one node for each point to a flat list of results.
        points: the arguments, float64 arrays.
        kinds: for each, whether the function gets a Value or a Tensor.
        names: for each, its name in the report.
        owned: parameters that the function closes over, in float64.
        eps: the first step.
        tolerances: rtol and atol.
        method: "central" or "complex".
    """

    def __init__(
        self,
        function: Callable[..., list[Any]],
        points: Sequence[Any],
        kinds: Sequence[type[Node]],
        names: Sequence[str],
        owned: Mapping[str, Tensor],
        eps: float,
        tolerances: tuple[float, float],
        method: str,
    ) -> None:
        self.function, self.kinds, self.names, self.owned = function, kinds, names, owned
        self.eps, self.method = eps, method
        self.rtol, self.atol = tolerances
        self.points = [np.array(p) for p in points]
        self.dtype: type = float
        self.rounding: dict[int, float] = {}  # by argument
        self.finite_gradients: list[Any] | None = None
        self.state = random.generator().bit_generator.state
        self.outputs, self.gradients, self.operations = self._autograd()
        self.base = self._evaluate()
        if not np.array_equal(self.base, self._evaluate(), equal_nan=True):
            raise GraphError(
                message(
                    "check_gradients",
                    "a function that gave two results at one point",
                    "the same result each time",
                    "draw its random numbers from the default generator (autograd.random), or from "
                    "one that it seeds itself",
                )
            )

    def _run(self) -> tuple[list[Any], list[Any]]:
        """The inputs and results of the function at the current point."""
        random.generator().bit_generator.state = self.state
        nodes = [
            Value(float(x)) if kind is Value else _variable(np.asarray(x, self.dtype))
            for kind, x in zip(self.kinds, self.points, strict=True)
        ]
        return nodes, self.function(*nodes)

    def _autograd(self, finite: bool = False) -> tuple[list[Any], list[Any], set[Any]]:
        nodes, outputs = self._run()
        for y in outputs:
            dtype = np.asarray(data_of(y)).dtype
            if dtype.kind not in "fc":
                is_number = dtype.kind in "biu"
                got = f"{kind(y)} of dtype {dtype}" if is_number else kind(y)
                hint = "return floats, not positions or truth values" if is_number else ""
                raise GraphError(
                    message(
                        "check_gradients",
                        f"a function that returned {got}",
                        "floats, arrays or nodes of floats, or trees of them",
                        hint,
                    )
                )
        if not outputs:
            got = "a function that returned an empty tree"
            raise GraphError(message("check_gradients", got, "at least one number"))
        total = self._total(outputs, finite)
        wanted = [*nodes, *self.owned.values()]
        found = [None] * len(wanted) if total is None else gradients(total, wanted)
        grads = [
            np.zeros(_shape(x)) if g is None else np.asarray(g)
            for g, x in zip(found, wanted, strict=True)
        ]
        roots = [y for y in outputs if isinstance(y, Node)]
        return outputs, grads, {n.op for n in ancestors(roots) if n.op is not None}

    @staticmethod
    def _total(outputs: Sequence[Any], finite: bool = False) -> Any:
        """The weighted sum of the (finite) results, to be differentiated; None if constant."""
        terms = [y for y in outputs if isinstance(y, Node) and y.requires_grad]
        kept = [np.isfinite(data_of(y)) if finite else True for y in terms]
        weights = [_weights(_shape(y)) * k for y, k in zip(terms, kept, strict=True)]
        return _weighted_sum(terms, weights)

    def _gradients_of_finite_results(self) -> list[Any]:
        if self.finite_gradients is None:
            self.finite_gradients = self._autograd(finite=True)[1]
        return self.finite_gradients

    def _evaluate(self) -> Any:
        """All results at the current point, weighted, as one flat array."""
        _, outputs = self._run()
        with np.errstate(all="ignore"):
            parts = [np.ravel(data_of(y) * _weights(_shape(y))) for y in outputs]
        return np.concatenate(parts)

    def rows(self, samples: int | None, prefix: str) -> list[Row]:
        """Compare every variable and parameter."""
        if self.method == "complex":
            self._refuse_what_is_not_analytic()
        n = len(self.points)
        own = self._own_rounding()
        result = []
        for k in range(n):

            def move(x: Any, k: int = k) -> None:
                self.points[k] = x

            x = self.points[k]
            row = self._row(prefix + self.names[k], x, move, k, own[k], samples)
            result.append(row)
        for k, (name, p) in enumerate(self.owned.items(), n):

            def assign(x: Any, p: Tensor = p) -> None:
                p._data = x

            row = self._row(prefix + name, p._data, assign, k, own[k], samples)
            result.append(row)
        return result

    def _own_rounding(self) -> list[tuple[float, float, Any]]:
        """Bounds on the rounding error of autograd's own gradients, by argument.

        They are a sure and a possible one of all entries, and one of each entry.

        Where large terms cancel, the rest is exact only relative to those terms. Moving the
        point by a few units of rounding measures that. At a tie, such a move changes the gradient
        itself, and by the same amount however small the move, so the sure bound is capped at the
        rounding of results over arguments. A change that grows with the move is not due to a tie:
        the gradient is ill-conditioned there, and its error may be as large as the change.
        """
        size = float(np.abs(self.base[np.isfinite(self.base)]).sum())
        own = []
        data = [*self.points, *(p._data for p in self.owned.values())]
        moved = [self._jittered_gradients(4), self._jittered_gradients(16)]
        moved.append(self._jittered_gradients(16, 1.0))
        for x, g, near, far, aside in zip(data, self.gradients, *moved, strict=True):
            with np.errstate(invalid="ignore"):
                seen, further = 8.0 * _largest_finite(g - near), 8.0 * _largest_finite(g - far)
                apart = [np.abs(g - other) for other in (near, far, aside)]
                each = 64.0 * np.fmax.reduce(apart)
            if each.size:  # a rounding that no move happened to change is about that of the others
                each = np.fmax(each, np.sort(each, axis=None)[(each.size - 1) // 2])
            sure = min(seen, 16.0 * EPSILON * size / (_largest_finite(x) or 1.0))
            own.append((sure, seen if further > 2.0 * seen else sure, each))
        return own

    def _jittered_gradients(self, units: int, least: float = 0.0) -> list[Any]:
        """The gradients where every variable is moved by a few units of rounding.

        An entry near 0 moves as one of size `least` does.
        """
        points = self.points
        before = [(p, p._data) for p in self.owned.values()]
        rng = np.random.default_rng(0)
        try:
            self.points = [_jittered(x, rng, units, least) for x in points]
            for p, data in before:
                p._data = _jittered(data, rng, units, least)
            return self._autograd()[1]
        except (ArithmeticError, ValueError):  # the point is at the edge of the domain
            return self.gradients
        finally:
            self.points = points
            for p, data in before:
                p._data = data

    def _results_rounding(self, k: int) -> float:
        """The rounding error of the results that argument k reaches, from all computed on the way.

        In (1e14 + x) - 1e14 the result is small, and 1e14 + x has lost what x changes. Each node
        rounds by a few units of its own size and dtype, and its cotangent gives the effect of that.
        """
        if k not in self.rounding:
            nodes, outputs = self._run()
            argument = [*nodes, *self.owned.values()][k]
            total = self._total([y for y in outputs if argument in _behind(y)])
            steps = () if total is None else replay(total).steps
            self.rounding[k] = sum(map(_rounding_of, steps), 0.0)
        return self.rounding[k]

    def _row(
        self,
        name: str,
        x: Any,
        move: Callable[[Any], None],
        k: int,
        own: tuple[float, float, Any],
        samples: int | None,
    ) -> Row:
        gradient = self.gradients[k]
        steepest = _largest_finite(gradient)
        row = Row(name, x.shape, x.size, negligible=1e-7 * steepest)
        atol = self.atol + 16.0 * EPSILON * steepest + own[0]

        def compared(direction: Any) -> Comparison:
            autograd = _slope_along(gradient, direction)

            def results(t: Any) -> Any:
                move(x + t * direction)
                try:
                    return self._evaluate()
                except (ArithmeticError, ValueError):  # outside of the function's domain
                    return np.full(self.base.shape, np.nan)
                finally:
                    move(x)

            def of_finite_results() -> Comparison:
                """What can be told where some results are nan or inf."""
                finite = np.isfinite(self.base)
                line = Line.along(
                    lambda t: results(t)[finite], self.base[finite], x, direction, self.eps
                )
                own = _slope_along(self._gradients_of_finite_results()[k], direction)
                return line.compare(own, RTOL["central"], atol, row.negligible)

            line = Line.along(results, self.base, x, direction, self.eps)
            exact = self.method == "complex"
            rtol = RTOL["central"] if exact else self.rtol
            rounded = _size_along(own[2], direction)
            # What a huge entry tolerates would hide a small one: that entry has to do with less.
            least = self.atol + 16.0 * EPSILON * _size_along(gradient, direction) + rounded
            negligible, rounding = row.negligible, partial(self._results_rounding, k)
            found = line.compare(autograd, rtol, min(least, atol), negligible, rounding, rounded)
            if not found.passed and least < atol:
                found = line.compare(autograd, rtol, atol, 0.0, rounding, rounded)
            error = abs(found.autograd - found.numeric)
            if found.failed and error <= own[1] * np.abs(direction).sum():
                return found._replace(unresolved=ILL_CONDITIONED)
            if found.unresolved == RESULT and np.isfinite(self.base).any():
                others = of_finite_results()
                found = others if others.failed else found
            if not exact or found.unresolved in (ARGUMENT, RESULT, NEIGHBOUR):
                return found
            closer = Comparison.of(autograd, self._complex(results), self.rtol, atol)
            return closer if closer.agree else closer._replace(kink=found.kink)

        if samples is None or samples >= x.size:
            places = range(x.size)
        else:
            rng = np.random.default_rng(x.size)
            places = np.sort(rng.choice(x.size, samples, replace=False)).tolist()
            direction = rng.choice([-1.0, 1.0], x.shape) * rng.uniform(0.5, 1.0, x.shape)
            row.compare("direction", compared(direction))
        row.checked = len(places)
        for place in places:
            i = np.unravel_index(place, x.shape)
            unit = np.zeros(x.shape)
            unit[i] = 1.0
            row.compare(tuple(map(int, i)), compared(unit))
        return row

    def _complex(self, results: Callable[[complex], Any]) -> float:
        """The derivative along a line by one evaluation, with every variable made complex."""
        before = [(p, p._data) for p in self.owned.values()]
        try:
            self.dtype = complex
            for p, data in before:
                p._data = data.astype(complex)
            moved = np.imag(results(1j * COMPLEX_STEP))
            return float(moved[np.isfinite(self.base)].sum() / COMPLEX_STEP)
        except TypeError as error:
            raise UnsupportedError(_not_complex(f"a TypeError ({error})")) from error
        finally:
            self.dtype = float
            for p, data in before:
                p._data = data

    def _refuse_what_is_not_analytic(self) -> None:
        bad = sorted(op.name for op in self.operations if not op.analytic)
        if bad or Value in self.kinds:
            what = f"the primitive {bad[0]}, which is not analytic" if bad else "a Value"
            raise UnsupportedError(_not_complex(what))

    def culprits(self) -> tuple[list[Culprit], list[Kink]]:
        """The wrong rules and the kinks of the graph at this point."""
        with record_lines():
            nodes, outputs = self._run()
        total = self._total(outputs)
        if total is None:
            return [], []
        return find_culprits(total, None, [*nodes, *self.owned.values()])

    def conventions(self) -> list[Convention]:
        """The nodes of the graph whose slope is a convention at this point."""
        total = self._total(self.outputs)
        if total is None or not find_conventions(total):
            return []
        with record_lines():  # slow, so only if there is something to name
            _, outputs = self._run()
        return find_conventions(self._total(outputs))

    # --- the next order ---

    @property
    def depends(self) -> list[bool]:
        """For each result, whether it depends on a variable or parameter."""
        return [isinstance(y, Node) and y.requires_grad for y in self.outputs]

    def gradient_function(self) -> tuple[Any, list[Any], list[type[Node]], list[str]]:
        """The gradient as a function of variables and cotangents, and a joint point of both."""
        n, depends = len(self.points), self.depends
        outputs = [y for y, d in zip(self.outputs, depends, strict=True) if d]
        owned = list(self.owned.values())

        def gradient(*nodes: Any) -> list[Any]:
            results = [y for y, d in zip(self.function(*nodes[:n]), depends, strict=True) if d]
            total = _weighted_sum(results, nodes[n:])
            found = gradients(total, [*nodes[:n], *owned], create_graph=True)
            return [g for g in found if g is not None]

        points = [*self.points, *(_weights(_shape(y)) * 0.7 for y in outputs)]
        kinds = [*self.kinds, *(Value if isinstance(y, Value) else Tensor for y in outputs)]
        names = [*self.names, *(f"cotangent {i}" for i in range(len(outputs)))]
        return gradient, points, kinds, names


def _behind(result: Any) -> set[Node]:
    """The nodes that a result was computed from."""
    return set(ancestors([result])) if isinstance(result, Node) else set()


def _rounding_of(step: Step) -> float:
    """What rounding one node's result may change in the root."""
    data = np.asarray(step.node._data)
    if step.node.op is None:  # arguments are exact
        return 0.0
    with np.errstate(all="ignore"):
        parts = np.abs(np.asarray(step.cotangent, float) * data)
    return 4.0 * float(np.finfo(data.dtype).eps) * float(parts[np.isfinite(parts)].sum())


def _slope_along(gradient: Any, direction: Any) -> float:
    """The derivative along a direction; entries that do not move may be nan or inf."""
    moved = direction != 0
    return float((gradient[moved] * direction[moved]).sum())


def _size_along(entries: Any, direction: Any) -> float:
    """The sum of the sizes of the entries that move."""
    moved = direction != 0
    return float(np.abs(entries[moved] * direction[moved]).sum())


def _shape(x: Any) -> tuple[int, ...]:
    return np.shape(data_of(x))


def _not_complex(got: str) -> str:
    return message(
        'check_gradients: method="complex"',
        got,
        "Tensors and analytic primitives",
        'use method="central"',
    )


def _largest_finite(x: Any) -> float:
    return float(np.abs(x[np.isfinite(x)]).max(initial=0.0))


def _jittered(x: Any, rng: np.random.Generator, units: int, least: float) -> Any:
    size = np.where(np.abs(x) < least, least, x)
    return x + size * (0.25 * units * EPSILON * rng.integers(-4, 5, x.shape))


def _variable(x: Any) -> Tensor:
    """An input as a leaf, even if it is complex, as for the complex step."""
    tensor = Tensor(np.real(x))
    if np.iscomplexobj(x):  # which no other Tensor is
        tensor._data = np.array(x)
    tensor.requires_grad = True
    return tensor


def _weights(shape: tuple[int, ...]) -> Any:
    """A different weight between 0.5 and 1.5 for each entry."""
    n = int(np.prod(shape))
    return (0.5 + np.modf(np.arange(1.0, n + 1.0) * 0.6180339887498949)[0]).reshape(shape)


def _weighted_sum(outputs: Sequence[Any], weights: Sequence[Any]) -> Any:
    """The scalar that is differentiated, as a node; None if there are no outputs."""
    total = None
    for y, w in zip(outputs, weights, strict=True):
        if isinstance(y, Value):
            term = y * (w if isinstance(w, Node) else float(w))
        else:
            term = (y * w).sum()
        total = term if total is None else total + term
    return total
