"""The program that is examined, as two questions: what does it compute, what does it answer?

`compute` runs the forward pass on nodes, which the engine differentiates; `answer` runs forward and
backward pass on plain arrays, as their author does. Both start from the same state.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import GraphError, kind, message
from autograd.testing.examine.drafts import plain
from autograd.testing.examine.flow import Flow
from autograd.testing.examine.places import attributes_of, find_gradient, places_of
from autograd.testing.examine.returned import by_name
from autograd.testing.examine.signature import Plan, names_of_inputs, outputs_of, plan_of
from autograd.testing.examine.spelling import find_spelled
from autograd.testing.examine.state import Surroundings, fresh

Arrays = dict[str, Any]
WHAT = "check_backward"


class BackwardRaised(Exception):
    """The backward pass under examination raised an error, which is the cause."""


class Answer(NamedTuple):
    """What a backward pass returned.

    Attributes:
        outputs: the results of the forward pass.
        gradients: the gradients by argument, as they came.
        unread: what came and belongs to no argument.
    """

    outputs: list[Any]
    gradients: Arrays
    unread: tuple[str, ...] = ()


# The values of the variables, and the cotangents: a list, or a function of the results.
Call = tuple[Mapping[str, Any], Any]


class Subject:
    """A forward and a backward pass.

    Attributes:
        names: of the inputs.
        given: the values that variables have, inputs first, then parameters.
        plan: how the backward pass is called; known after the first answer.
        name: what to call the program.
        counts: whether the lengths of its arrays mean something, as the rows of a batch do.
        learned: the names of the parameters of an object.
        results: how many of the arrays that the forward pass returns are results; a cache follows.
    """

    names: list[str]
    given: Arrays
    name: str
    plan: Plan | None = None
    counts: bool = True
    learned: Sequence[str] = ()
    results: int | None = None

    def compute(self, values: Mapping[str, Any], after: Sequence[Call] = ()) -> list[Any]:
        """The results of the forward pass for these values of the variables.

        Args:
            values: nodes or arrays by variable.
            after: the calls that the program answers before.
        """
        raise NotImplementedError

    def answers(self, calls: Sequence[Call]) -> list[Answer]:
        """What the program answers to calls one after the other."""
        raise NotImplementedError

    def restore(self) -> None:
        """Put the caller's state back."""
        raise NotImplementedError

    def trusts(self, flow: Flow) -> bool:
        """Whether the engine's backward pass of the program may be taken as right."""
        return True

    @property
    def has_cotangent(self) -> bool:
        """Whether the backward pass takes the cotangent of the result."""
        return self.plan is None or self.plan.cotangents > 0


class Functions(Subject):
    """Two functions: `forward(*inputs)` and `backward(grad_output, *inputs)`."""

    def __init__(
        self,
        forward: Callable[..., Any],
        backward: Callable[..., Any],
        inputs: Sequence[Any],
        names: Sequence[str] | None,
        plan: Plan | None = None,
        counts: bool = True,
    ) -> None:
        self.counts = counts
        self.forward, self.backward = forward, backward
        self.names = list(names or names_of_inputs(_called(forward), len(inputs)))
        self.own = names_of_inputs(_called(forward), len(inputs))
        self.given = dict(zip(self.names, inputs, strict=True))
        self.name = getattr(backward, "__name__", "backward")
        self.plan = plan
        self.state = Surroundings(_called(forward), backward)

    def compute(self, values: Mapping[str, Any], after: Sequence[Call] = ()) -> list[Any]:
        """Run the forward pass."""
        self.state.restore()
        self._run(after)
        returned = self.forward(*(values[name] for name in self.names))
        return results_of(returned, self.results)[0]

    def answers(self, calls: Sequence[Call]) -> list[Answer]:
        """Run forward and backward pass for each call."""
        self.state.restore()
        return self._run(calls)

    def _run(self, calls: Sequence[Call]) -> list[Answer]:
        found = []
        for values, cotangents in calls:
            inputs = {name: own_copy(values[name]) for name in self.names}
            outputs, cache = results_of(self.forward(*inputs.values()), self.results)
            if self.results is None and cache is None and len(outputs) > 1:
                self.results = self._results(outputs, list(inputs.values()))
                outputs, cache = results_of(outputs, self.results)
            outputs = [np.asarray(data_of(y)) for y in outputs]
            if self.plan is None:
                cached = cache is not None
                self.plan = plan_of(self.backward, self.own, len(outputs), cached)
            seeds = cotangents(outputs) if callable(cotangents) else cotangents
            arguments = self._arguments(inputs, outputs, seeds, cache)
            returned = _returned(self.backward, arguments)
            found.append(Answer(outputs, *by_name(returned, self.names, values)))
        return found

    def _results(self, returned: Sequence[Any], inputs: Sequence[Any]) -> int:
        """How many of several arrays are results: an input that comes back is kept as a cache."""
        count = outputs_of(self.backward, self.own, len(returned))
        while count > 1 and any(returned[count - 1] is x for x in inputs):
            count -= 1
        return count

    def _arguments(self, inputs: Arrays, outputs: Any, seeds: Any, cache: Any) -> list[Any]:
        assert self.plan is not None
        given = dict(zip(self.own, inputs.values(), strict=True)) | inputs
        arguments = _spread(seeds, self.plan.cotangents)
        if self.plan.cached:
            return [*arguments, cache]
        if self.plan.by_output:
            return [*arguments, *map(np.copy, outputs)]
        own = [given[name] for name in self.plan.inputs]
        rates = [0.0] * self.plan.rates
        return [*own, *arguments, *rates] if self.plan.last else [*arguments, *own, *rates]

    def restore(self) -> None:
        """Put globals, cells and containers back."""
        self.state.restore()


class Layer(Subject):
    """An object with `forward(*inputs)` and `backward(grad_output)`; its arrays are parameters."""

    def __init__(self, layer: Any, inputs: Sequence[Any], names: Sequence[str] | None) -> None:
        self.layer = layer
        self.names = list(names or names_of_inputs(run_of(layer), len(inputs)))
        self.state = Surroundings(
            *(getattr(type(layer), n, None) for n in ("forward", "__call__", "backward"))
        )
        self.places = list(places_of(layer))
        self.given = dict(zip(self.names, inputs, strict=True))
        self.given |= {place.name: place.get(layer) for place in self.places}
        self.learned = [place.name for place in self.places]
        self.name = f"{type(layer).__name__}.backward"

    def _set(self, layer: Any, values: Mapping[str, Any], copied: bool) -> None:
        for place in self.places:
            if place.name in values:
                value = values[place.name]
                place.set(layer, own_copy(value) if copied else value)

    def compute(self, values: Mapping[str, Any], after: Sequence[Call] = ()) -> list[Any]:
        """Run the forward pass of a copy."""
        self.state.restore()
        layer = fresh(self.layer)
        self._run(layer, after)
        self._set(layer, values, copied=False)
        returned = run_of(layer)(*(values[name] for name in self.names))
        return results_of(returned, self.results)[0]

    def answers(self, calls: Sequence[Call]) -> list[Answer]:
        """Run forward and backward pass of one copy for each call."""
        self.state.restore()
        return self._run(fresh(self.layer), calls)

    def _run(self, layer: Any, calls: Sequence[Call]) -> list[Answer]:
        found = []
        for values, cotangents in calls:
            self._set(layer, values, copied=True)
            given = [own_copy(values[name]) for name in self.names]
            outputs, cache = results_of(run_of(layer)(*given), self.results)
            outputs = [np.asarray(data_of(y)) for y in outputs]
            if self.plan is None:
                cached = cache is not None
                self.plan = plan_of(layer.backward, self.names, len(outputs), cached, True)
            seeds = cotangents(outputs) if callable(cotangents) else cotangents
            arguments = _spread(seeds, self.plan.cotangents)
            arguments += [own_copy(values[name]) for name in self.plan.inputs]
            self._clear_gradients(layer)
            arguments += [cache] if self.plan.cached else []
            arguments += [1.0] * self.plan.rates
            returned = _returned(layer.backward, arguments)
            gradients, unread = self._gradients(layer, returned, values)
            if self.plan.rates:
                gradients = dict(self._updates(layer, values)) | gradients
            found.append(Answer(outputs, gradients, unread))
        return found

    def _clear_gradients(self, layer: Any) -> None:
        """Set to zero what an earlier call left, because a backward pass may add to it."""
        for number, place in enumerate(self.places):
            gradient = find_gradient(layer, place, number)
            if gradient is not None and gradient.flags.writeable:
                gradient[...] = 0

    def _gradients(self, layer: Any, returned: Any, values: Any) -> tuple[Arrays, tuple[str, ...]]:
        """Those of the inputs, as returned; those of the parameters, where they are found."""
        found: Arrays = {}
        unread: tuple[str, ...] = ()
        if returned is None:
            found = dict(self._kept(layer))
        else:
            names = [*self.names, *self.learned]
            found, unread = by_name(returned, names, values, len(self.names))
        for number, place in enumerate(self.places):
            gradient = find_gradient(layer, place, number)
            if gradient is not None and place.name not in found:
                found[place.name] = np.array(gradient)
        return found, unread

    def _updates(self, layer: Any, values: Any) -> Iterator[tuple[str, Any]]:
        """What a step with a learning rate of 1 subtracted from the parameters."""
        for place in self.places:
            difference = np.asarray(values[place.name], float) - place.get(layer)
            if difference.any():
                yield place.name, difference

    def _kept(self, layer: Any) -> Iterator[tuple[str, Any]]:
        """Gradients of inputs that the object keeps and does not return, as `dinputs`."""
        attributes = attributes_of(layer)
        aliases = [*self.names, "x"] if len(self.names) == 1 else self.names
        for name in aliases:
            key = find_spelled(name, attributes, own=False)
            if key is not None and is_result(attributes[key]):
                yield self.names[0] if name not in self.names else name, np.array(attributes[key])

    def restore(self) -> None:
        """Put globals and random generators back; the object itself was never used."""
        self.state.restore()


def _returned(backward: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    try:
        return backward(*arguments)
    except Exception as error:  # whatever the program raises is a finding, not a failure of ours
        raise BackwardRaised from error


def run_of(layer: Any) -> Any:
    """The forward pass of an object: its method, or what runs when it is called."""
    return getattr(layer, "forward", None) or layer.__call__


def _called(function: Any) -> Any:
    """What runs when an object is called."""
    if inspect.isroutine(function) or inspect.isclass(function):
        return function
    return getattr(function, "forward", None) or type(function).__call__.__get__(function)


def _spread(seeds: Sequence[Any], positions: int) -> list[Any]:
    """The cotangents as arguments: one by one, or several results' in one tuple."""
    own = [own_copy(seed) for seed in seeds]
    if positions == 1 and len(own) > 1:
        return [tuple(own)]
    return own[:positions]


def own_copy(x: Any) -> Any:
    """A copy of an array, which the program may write to."""
    return np.array(x, subok=False) if isinstance(x, np.ndarray) else x


def is_result(x: Any) -> bool:
    """Whether a forward pass returns this as a result: floats, not a mask or a cache."""
    data = data_of(plain(x))
    return isinstance(data, (float, np.floating)) or (
        isinstance(data, np.ndarray) and data.dtype.kind == "f"
    )


def results_of(returned: Any, count: int | None = None) -> tuple[list[Any], Any]:
    """The results of a forward pass, and the cache that it returned beside them, or None.

    Args:
        returned: what it returned.
        count: how many of several arrays are results; all that come before one that is no array.
    """
    if is_result(returned) or isinstance(returned, Node):
        return [returned], None
    if isinstance(returned, (tuple, list)) and len(returned):
        if count is not None and count < len(returned):
            rest = returned[count:]
            return list(returned[:count]), rest[0] if len(rest) == 1 else rest
        results = [x for x in returned if is_result(x)]
        if len(results) == len(returned):
            return results, None
        if results and all(is_result(x) for x in returned[:-1]):
            return list(returned[:-1]), returned[-1]
        if results:
            return results, None
    data = np.asarray(data_of(returned)) if not isinstance(returned, (tuple, list, dict)) else None
    if data is not None and data.dtype.kind in "biu":
        return [data.astype(float)], None
    raise GraphError(
        message(WHAT, f"a forward pass that returned {kind(returned)}", "an array, or several")
    )
