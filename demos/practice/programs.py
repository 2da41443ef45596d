"""Exercises that ask for a function itself: a forward pass, the activations, a numeric gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd as ag
from demos.practice import passes
from demos.practice.exercises import ACTIVATIONS, LAYERS, Exercise

Array = Any


@dataclass(frozen=True)
class Program(Exercise):
    """A function to write, compared with the reference solution at several inputs."""

    @property
    def asks(self) -> str:
        """The name of the function."""
        return self.key

    @property
    def reference(self) -> Callable[..., Any]:
        """The reference solution."""
        found: Callable[..., Any] = getattr(passes, self.key)
        return found

    def forward_source(self) -> str:
        """Nothing is given."""
        return ""

    def helpers(self) -> list[Callable[..., Any]]:
        """Nothing is given."""
        return []

    def derivation(self) -> str:
        """Nothing is derived."""
        return ""

    def grade(self, function: Callable[..., Any]) -> ag.BackwardReport:
        """Compare a function with the reference solution."""
        for number, inputs in enumerate(CASES[self.name](), 1):
            expected = self.reference(*inputs)
            mistake = _difference(function, inputs, expected)
            if mistake is not None:
                return ag.BackwardReport(False, [mistake], points=number, name=self.key)
        return ag.BackwardReport(True, points=number, name=self.key)


def _difference(function: Any, inputs: Any, expected: Any) -> ag.Mistake | None:
    try:
        got = function(*inputs)
    except Exception as error:  # whatever the reader's program raises
        text = f"it raises {type(error).__name__}: {error}"
        return ag.Mistake("", "unknown", "", text, "with an input of the exercise")
    pairs = zip(_parts(got), _parts(expected), strict=False)
    if len(_parts(got)) != len(_parts(expected)):
        text = f"{len(_parts(got))} results came, {len(_parts(expected))} are right"
        return ag.Mistake("", "shape", "", text, "as the question says")
    for i, (a, b) in enumerate(pairs):
        if np.shape(a) != np.shape(b):
            text = f"result {i} has the shape {np.shape(a)}, {np.shape(b)} is right"
            return ag.Mistake("", "shape", "", text, "compare the shapes of all products")
        if not np.allclose(a, b, rtol=1e-6, atol=1e-8):
            at = np.unravel_index(np.argmax(np.abs(np.asarray(a) - b)), np.shape(b))
            came, right = float(np.asarray(a)[at]), float(np.asarray(b)[at])
            text = f"result {i} is wrong at {[int(k) for k in at]}"
            return ag.Mistake("", "unknown", "", text, f"{came:.6g} came, {right:.6g} is right")
    return None


def _parts(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def _for_activations() -> Iterator[tuple[Any, ...]]:
    rng = np.random.default_rng(0)
    yield (rng.normal(size=(3, 4)),)
    yield (np.array([[1000.0, -1000.0, 0.0]]),)  # nothing may overflow


def _for_mlp() -> Iterator[tuple[Any, ...]]:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=s) for s in ((4, 5), (5, 6), (6, 3))]
    biases = [rng.normal(size=n) for n in (5, 6, 3)]
    yield rng.normal(size=(7, 4)), weights, biases
    yield rng.normal(size=4), weights, biases  # a single sample


def _for_numerical_gradient() -> Iterator[tuple[Any, ...]]:
    rng = np.random.default_rng(0)
    yield (lambda x: float(np.sum(x**2))), rng.normal(size=5)
    yield (lambda x: float(np.sum(np.sin(x) * x))), rng.normal(size=(2, 3))


CASES = {
    "activations": _for_activations,
    "three-layer-mlp": _for_mlp,
    "numerical-gradient": _for_numerical_gradient,
}
PROGRAMS = (
    Program(
        "activations",
        ACTIVATIONS,
        "Write activations(x), which returns ReLU, sigmoid, tanh and softmax (along the last axis) "
        "of x, in this order. Nothing may overflow.",
        (
            "e¹⁰⁰⁰ overflows. What can you subtract in softmax without changing it?",
            "For sigmoid, clip x to ±500, as e⁻⁵⁰⁰ is 0 for all that matters.",
        ),
        (),
    ),
    Program(
        "three-layer-mlp",
        LAYERS,
        "Write three_layer_mlp(x, weights, biases): three layers xW + b with ReLU after the first "
        "two. One sample without a batch axis gives one row.",
        (
            "The last layer returns logits: no activation follows it.",
            "np.atleast_2d makes a row of one sample.",
        ),
        (),
    ),
    Program(
        "numerical-gradient",
        LAYERS,
        "Write numerical_gradient(f, x): the gradient of a function that returns one number, by "
        "central differences, in the shape of x.",
        (
            "Move one entry at a time, up and down, and put it back.",
            "(f(x + ε) - f(x - ε)) / 2ε with ε = 1e-5; copy x, so that f sees an array of its own.",
        ),
        (),
    ),
)
