"""One point at which a backward pass is tried: what it answered, and what the engine says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.engine.recording import enable_grad
from autograd.errors import GraphError, message
from autograd.nodes.tensor import Tensor
from autograd.testing.examine.drafts import drafting, plain, wrapped
from autograd.testing.examine.flow import Flow
from autograd.testing.examine.rounding import terms_of
from autograd.testing.examine.subject import Call, Subject, is_result

Array = Any
EXACT, BY_DIFFERENCES, SINGLE = 1e-8, 1e-6, 1e-4  # of the size of a gradient
STEP = 1e-4
# An entry that is much smaller than the largest may also be wrong by rounding, but by no more than
# this part of what it is the sum of, unless that is less than the rounding of the largest entry.
OF_ENTRY, OF_LARGEST = 1e-4, 1e-14


class Trial:
    """A point, the answer there, and the right one.

    Args:
        subject: the program.
        values: of its variables.
        answer: the gradients that it returned, by variable.
        seeds: the cotangents of its results.
        by_differences: whether the engine cannot run the forward pass.
        after: the calls that the program answered before.

    Attributes:
        right: the engine's gradients of the variables in `answer`.
        flow: the engine's backward pass; None if it cannot run the forward pass.
        nearby: the gradients at points moved a little, by how far.
        usual: the size of each gradient at inputs of size 1. Where a function is saturated, the
            gradient is all rounding: 1 - 1/(1 + e⁻⁴⁰) is 0.
    """

    def __init__(
        self,
        subject: Subject,
        values: Mapping[str, Any],
        answer: Mapping[str, Array],
        seeds: Sequence[Array],
        by_differences: bool = False,
        after: Sequence[Call] = (),
    ) -> None:
        self.after = after
        self.subject, self.values, self.seeds = subject, dict(values), list(seeds)
        self.answer = dict(answer)
        self.flow: Flow | None = None
        self.nearby: dict[float, list[dict[str, Array]]] = {}
        self.usual: dict[str, float] = {}
        if by_differences:
            self.right = {name: self.difference(name) for name in self.answer}
            self.tolerance = BY_DIFFERENCES
        else:
            self.flow = recorded(subject, self.values, self.answer, self.seeds, after)
            found = self.flow.gradients
            self.right = {name: np.asarray(found[name], float) for name in self.answer}
            self.tolerance = EXACT
        self.sizes = {name: self._size(name) for name in self.answer}

    def _size(self, name: str) -> float:
        """The size against which rounding in a gradient is measured.

        A gradient may be 0 because large contributions cancel.
        """
        sizes = [_largest(self.right[name])]
        if self.flow is None:
            sizes.append(1e-5 * max(map(_largest, self.seeds), default=1.0))
        elif self.flow.leaves[name] in self.flow.number:
            at = self.flow.number[self.flow.leaves[name]]
            sizes += [_largest(self.flow.handed[edge]) for edge in self.flow.givers.get(at, ())]
        return max(sizes)

    def agrees(self, name: str, value: Array, tolerance: float | None = None) -> bool:
        """Whether a value is what the program answered for a variable, to rounding."""
        return self.same(name, self.answer[name], value, tolerance)

    def is_right(self, name: str) -> bool:
        """Whether the program answered with the right gradient, to rounding."""
        return self.same(name, self.answer[name], self.right[name])

    def same(self, name: str, a: Array, b: Array, tolerance: float | None = None) -> bool:
        """Whether two values of a gradient have one shape and agree to rounding in each entry."""
        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and not self.differing(name, a, b, tolerance).any()

    def differing(self, name: str, a: Array, b: Array, tolerance: float | None = None) -> Array:
        """The entries in which two values of a gradient differ by more than rounding."""
        is_single = a.dtype == np.float32 or b.dtype == np.float32
        tolerance = SINGLE if is_single else tolerance or self.tolerance
        with np.errstate(all="ignore"):
            error = np.where(a == b, 0.0, np.abs(a - b))
            error = np.where(np.isnan(error), np.inf, error)
            if (error <= 1e-2 * tolerance * np.abs(b)).all():
                return np.zeros(a.shape, bool)
            wrong = error > tolerance * max(self.sizes[name], 1e-300)
            if self.flow is None or a.shape != self.right[name].shape:
                return np.asarray(wrong)
            terms = np.abs(b) + self._terms[name]
            largest = max(self.sizes[name], _largest(terms))
            small = error > (100.0 if is_single else 1.0) * OF_ENTRY * terms
            small &= error > OF_LARGEST * (tolerance / EXACT) * largest
            wrong = small | (error > tolerance * largest)
            return np.asarray(wrong & (error > OF_LARGEST * self.usual.get(name, 0.0)))

    @cached_property
    def _terms(self) -> dict[str, Array]:
        return terms_of(flow) if (flow := self.flow) is not None else {}

    def difference(self, name: str) -> Array:
        """The gradient by differences of fourth order."""
        x = np.array(self.values[name], float)
        gradient = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            total = 0.0
            for shift, weight in ((-2, 1.0), (-1, -8.0), (1, 8.0), (2, -1.0)):
                moved = x.copy()
                moved[i] += shift * STEP
                point = self.values | {name: moved if moved.ndim else float(moved)}
                total += weight * self._result(point)
            gradient[i] = total / (12 * STEP)
        return gradient

    def _result(self, values: Mapping[str, Any]) -> float:
        with np.errstate(all="ignore"):
            outputs = self.subject.compute(values, self.after)
        pairs = zip(outputs, self.seeds, strict=True)
        return sum(float(np.sum(np.asarray(data_of(y)) * seed)) for y, seed in pairs)

    @cached_property
    def with_ones(self) -> dict[str, Array]:
        """The gradients for a cotangent of ones."""
        if self.flow is None:
            ones = [np.ones(np.shape(seed)) for seed in self.seeds]
            return Trial(self.subject, self.values, self.answer, ones, True).right
        flow = self.flow
        return Flow(flow.outputs, [np.ones(np.shape(s)) for s in self.seeds], flow.leaves).gradients


def recorded(
    subject: Subject,
    values: Mapping[str, Any],
    wanted: Mapping[str, Any],
    seeds: Sequence[Array],
    after: Sequence[Call] = (),
) -> Flow:
    """The engine's backward pass at a point."""
    leaves: dict[str, Any] = {}
    given = dict(values)
    for name, x in values.items():
        is_array = isinstance(x, np.ndarray) and is_result(x)
        if is_array or name in wanted:
            leaves[name] = given[name] = Tensor(np.asarray(x, float), requires_grad=True, name=name)
    with enable_grad(), np.errstate(all="ignore"):
        outputs = computed(subject, given, after)
    nodes = [(y, seed) for y, seed in zip(outputs, seeds, strict=True) if isinstance(y, Node)]
    if len(nodes) < len(seeds):
        raise GraphError(message("check_backward", "a result that is no node"))
    return Flow([y for y, _ in nodes], [seed for _, seed in nodes], leaves)


def computed(subject: Subject, given: Mapping[str, Any], after: Sequence[Call]) -> list[Any]:
    """The results of the forward pass on Tensors; if it writes to arrays, on drafts of them."""
    try:
        return subject.compute(given, after)
    except Exception:  # whatever a program raises that assigns to a Tensor or converts one
        with drafting():
            outputs = subject.compute({n: wrapped(x) for n, x in given.items()}, after)
        return [plain(y) for y in outputs]


def _largest(x: Array) -> float:
    found = np.abs(np.asarray(x, float))
    found = found[np.isfinite(found)]
    return float(found.max(initial=0.0))
