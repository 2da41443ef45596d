"""All mutants, one for each place and operator, and the checker's verdict on each.

The judge is `autograd.check_gradients` on the cases of `tests/cases.py`, small ones first: first
derivatives of all cases, then some at ties and limits, and where those raise no suspicion second
derivatives too.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.primitive import Primitive
from autograd.primitives import PRIMITIVES
from autograd.testing.mutation import operators as o
from autograd.testing.mutation import rules as r
from tests.cases import CASES, Case

BY_NUMBER, BY_ERROR, SURVIVED = "wrong number", "error", "survived"


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Attributes:
        operator: what kind of mistake.
        where: the text that it is planted in.
        change: the source before and after; with a number if it is not the first such change.
        counts_for: the primitive it counts for, the first that uses the text, or "the engine".
        line: the source around it.
        planted: makes the context in which the mistake is there.
        checks: what may find it, by order of derivatives.
    """

    operator: str
    where: str
    change: str
    counts_for: str
    line: str
    planted: Callable[[], AbstractContextManager[None]]
    checks: Callable[[int], Iterable[Callable[[], Any]]]

    @property
    def key(self) -> tuple[str, str, str]:
        """What an explanation is found by."""
        return self.where, self.operator, self.change

    def __str__(self) -> str:
        return f"{self.where}, {self.operator}: {self.change}    in: {self.line}"


def verdict(mutant: Mutant) -> str:
    """How the mutant was caught, or that it was not."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            with mutant.planted():
                for order in (1, 2):
                    for check in mutant.checks(order):
                        check()
        except ag.GradientCheckError:
            return BY_NUMBER
        except (NameError, SyntaxError):  # no mistake that an operator makes on purpose
            raise
        except Exception:
            return BY_ERROR
    return SURVIVED


# --- The judge ------------------------------------------------------------------------------------

SYMMETRIC = ("cholesky", "eigh")  # the checker moves single entries; these take symmetric matrices


def check_case(case: Case, order: int) -> None:
    """Compare the derivatives of a primitive with numeric ones, at one of its cases."""
    arguments = case.arguments()
    differentiable = case.differentiable()

    def function(*xs: Any) -> Any:
        full = list(arguments)
        for i, x in zip(differentiable, xs, strict=True):
            full[i] = (x + ag.swapaxes(x, -1, -2)) * 0.5 if case.name in SYMMETRIC else x
        return case.primitive(*full, **case.static)

    if differentiable:
        ag.check_gradients(function, *(arguments[i] for i in differentiable), order=order)


@cache
def cases_of(op: Primitive) -> tuple[Case, ...]:
    """The cases of a primitive, small ones first."""
    own = [case for case in CASES if case.primitive is op]
    return tuple(sorted(own, key=lambda case: sum(map(np.size, case.arguments()))))


# A matrix of rank 2 but for rounding, two with the eigenvalues 1, 1 and 2, and some of rank 1.
NEARLY_SINGULAR = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]])
EQUAL = np.diag([1.0, 1.0, 2.0])
TWICE = np.eye(3) + np.outer([0.48, 0.6, 0.64], [0.48, 0.6, 0.64])
NEARLY_RANK_ONE = np.ones((3, 3)) + 1e-11 * np.eye(3)  # an exact 0 twice hides what vectors get
ZEROS = [np.eye(m, n) * np.eye(n)[0] for m, n in ((3, 3), (4, 3), (3, 4))]
WEIGHTS = np.random.default_rng(5).normal(size=(3, 3))


# Two equal singular values that count beside two that do not.
PARTS = np.diag([3.0, 3.0, 0.7, 0.7, 0.0])[:, :4]
ROTATION = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
ROTATED_PARTS = PARTS @ ROTATION


# Products of rank two, whose singular values that count are equal or not.
TALL = 3.0 * ROTATION[:, :2]
RANK_TWO = [(TALL, np.eye(4)[:2]), (TALL * [1.0, 0.4], np.eye(3)[:2]), (TALL[:3], ROTATION[:2])]


def _polar_of_product(x: Any, y: Any) -> Any:
    return PRIMITIVES["polar"](PRIMITIVES["matmul"](x, y))


def _inverse_of_part(x: Any) -> Any:
    return PRIMITIVES["pinv"](x, rcond=np.array(0.5), part=True)


def _twice(t: Any) -> Any:
    return PRIMITIVES["concatenate"](t, t, axis=0)


def _eigenvalues(x: Any) -> Any:
    return PRIMITIVES["eigh"]((x + x.T) * 0.5)[0]


def _singular_values(x: Any) -> Any:
    return PRIMITIVES["svd"](x)[len(x)]


def _rebuilt_symmetric(x: Any) -> Any:
    """A symmetric matrix from its eigenvalues and eigenvectors."""
    packed = PRIMITIVES["eigh"]((x + x.T) * 0.5)
    return (packed[1:] * packed[0]) @ packed[1:].T


def _rebuilt(x: Any) -> Any:
    """A matrix from its singular values and vectors."""
    packed, rows = PRIMITIVES["svd"](x), len(x)
    return (packed[:rows] * packed[rows]) @ packed[rows + 1 :].T


def _squares(values: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: ag.square(values(x)).sum()


def _slope(f: Callable[..., Any]) -> Callable[..., Any]:
    """The derivative of the sum of f's results in some direction."""
    return lambda x: ag.sum(
        ag.grad(lambda y: ag.sum(f(y)))(x) * WEIGHTS[: x.shape[-1], : x.shape[-1]]
    )


def _scaled(f: Callable[..., Any], s: float) -> Callable[..., Any]:
    """The function with its argument in other units."""
    return lambda x: f(x * s) / s


# At a kink the checker takes any slope between the left and the right one. What a tie does is seen where
# all that is tied moves together, which is smooth: max(t, t) has slope 1. And there are points at which
# only one argument, or only some results, have a derivative.
AT_A_TIE_OR_A_LIMIT: dict[str, list[tuple[Callable[..., Any], tuple[Any, ...], str]]] = {
    name: [(*check, "central") for check in checks]
    for name, checks in {
        "maximum": [(lambda t: PRIMITIVES["maximum"](t, t), (1.5,))],
        "minimum": [(lambda t: PRIMITIVES["minimum"](t, t), (1.5,))],
        "max": [(lambda t: PRIMITIVES["max"](_twice(t), axis=(0,), keepdims=False), ([1.5],))],
        "min": [(lambda t: PRIMITIVES["min"](_twice(t), axis=(0,), keepdims=False), ([1.5],))],
        "clip": [
            (lambda t: PRIMITIVES["clip"](t, t, 5.0), (1.5,)),
            (lambda t: PRIMITIVES["clip"](t, -5.0, t), (1.5,)),
            (lambda t: PRIMITIVES["clip"](-3.0, t, t), (1.5,)),
            (lambda t: PRIMITIVES["clip"](t, 5.0, t), (1.5,)),
        ],
        **{
            name: [
                (lambda x, op=PRIMITIVES[name]: op(x, np.nan), ([1.5, -0.5],)),
                (lambda y, op=PRIMITIVES[name]: op(np.nan, y), ([1.5, -0.5],)),
                (lambda t, op=PRIMITIVES[name]: op(t, t), (1.5,)),
            ]
            for name in ("fmax", "fmin")
        },
        "copysign": [(lambda x: PRIMITIVES["copysign"](x, np.array([0.0, -0.0])), ([1.5, 1.5],))],
        "hypot": [(PRIMITIVES["hypot"], (0.0, 0.0))],
        "pow": [
            (lambda x: PRIMITIVES["pow"](x, np.array([0.0, 2.0, 1.0, 1.0])), ([0.0, 0, 0, 1.5],)),
            (lambda y: -PRIMITIVES["pow"](np.zeros(2), y), ([2.0, 0.5],)),
        ],
        # Of the derivatives of det: the first two where a matrix is singular but for rounding, and the
        # third at equal singular values, where only the formula with the inverse has one.
        "det": [
            *[(_slope(PRIMITIVES["det"]), (x,)) for x in (NEARLY_SINGULAR, 30.0 * NEARLY_SINGULAR)],
            *[
                (_scaled(_slope(_slope(PRIMITIVES["det"])), s), (np.eye(3),))
                for s in (1e-6, 1.0, 1e6)
            ],
            (_slope(_slope(PRIMITIVES["det"])), ([np.eye(3), NEARLY_SINGULAR],)),
        ],
        "eigh": [
            *[(_squares(_eigenvalues), (x,)) for x in (EQUAL, TWICE)],
            (lambda x: _eigenvalues(x).sum(), (np.zeros((2, 2)),)),
            *[(_scaled(_rebuilt_symmetric, s), (np.diag([1.0, 1.01, 2.0]),)) for s in (1e-20, 1.0)],
        ],
        "pinv": [(_inverse_of_part, (x,)) for x in (PARTS, ROTATED_PARTS, PARTS[:3], PARTS.T[:3])],
        "nuclear": [(PRIMITIVES["nuclear"], (x,)) for x in (np.eye(3)[:2], TWICE)],
        "polar": [
            *[(PRIMITIVES["polar"], (x,)) for x in (np.eye(3), TWICE, np.eye(4)[:3])],
            *[(_polar_of_product, factors) for factors in RANK_TWO],
            (_scaled(PRIMITIVES["polar"], 1e-20), (TWICE,)),
        ],
        "svd": [
            *[(_squares(_singular_values), (x,)) for x in (np.eye(2), TWICE, *ZEROS)],
            *[(_scaled(_rebuilt, s), (np.diag([1.0, 1.01, 2.0]),)) for s in (1e-20, 1.0)],
        ],
    }.items()
}
AT_A_TIE_OR_A_LIMIT["sinc"] = [(PRIMITIVES["sinc"], ([0.02, -0.0499],), "complex")]

# Vectors of equal values, and of values that differ by rounding, have no derivative: it must be nan,
# and not a number that means nothing.
WITHOUT_A_DERIVATIVE: dict[str, list[tuple[Callable[..., Any], Any]]] = {
    "log_abs_det": [(PRIMITIVES["log_abs_det"], np.ones((3, 3)))],
    "eigh": [
        *[(_rebuilt_symmetric, x) for x in (EQUAL, 1e9 * TWICE, NEARLY_RANK_ONE)],
        (lambda x: _rebuilt_symmetric(x)[0, 0], NEARLY_RANK_ONE),
    ],
    "svd": [(_rebuilt, x) for x in (EQUAL, 1e9 * TWICE, NEARLY_RANK_ONE)],
}

# Slopes that are known where numeric differences cannot tell: where others than the formula taken
# cancel, overflow or round.
KNOWN_SLOPES: dict[str, list[tuple[Callable[..., Any], Any, Any]]] = {
    "arcsin": [
        (ag.grad(PRIMITIVES["arcsin"]), 1e-10, 1e-10),
        (PRIMITIVES["arcsin"], 1.0 - 2.0**-40, (2.0**-39 - 2.0**-80) ** -0.5),
    ],
    # The derivative of ad - bc is linear, so its own is constant.
    "det": [
        (
            _slope(PRIMITIVES["det"]),
            [[1.0, 2.0], [2.0, 4.0 + 1e-11]],
            [[WEIGHTS[1, 1], -WEIGHTS[1, 0]], [-WEIGHTS[0, 1], WEIGHTS[0, 0]]],
        )
    ],
    "logsumexp": [
        (lambda x: PRIMITIVES["logsumexp"](x, axis=(0,), keepdims=False), x, slopes)
        for x, slopes in (
            ([1e17, 1e17, 0.0, 1e17, 1e17], [0.25, 0.25, 0.0, 0.25, 0.25]),
            ([-1e17, -1e17], [0.5, 0.5]),
            ([-np.inf, -np.inf], [0.0, 0.0]),
        )
    ],
}


def checks_of(users: Iterable[Primitive]) -> Callable[[int], Iterator[Callable[[], Any]]]:
    """All checks of some primitives, for each order of derivatives."""

    def checks(order: int) -> Iterator[Callable[[], Any]]:
        for op in users:
            for case in cases_of(op):
                yield lambda case=case: check_case(case, order)
            for f, point, method in AT_A_TIE_OR_A_LIMIT.get(op.name, []) if order == 1 else []:
                arrays = [np.array(x) for x in point]
                yield lambda f=f, x=arrays, method=method: ag.check_gradients(f, *x, method=method)
            for f, point in WITHOUT_A_DERIVATIVE.get(op.name, []) if order == 1 else []:
                yield lambda f=f, point=point: _check_for_nan(f, point)
            for f, point, known in KNOWN_SLOPES.get(op.name, []) if order == 1 else []:
                yield lambda f=f, point=point, known=known: _check_slopes(f, point, known)

    return checks


def _check_for_nan(f: Callable[..., Any], point: Any) -> None:
    gradient = ag.grad(lambda x: ag.sum(f(x) * WEIGHTS))(point)
    if not np.isnan(gradient).any():
        raise ag.GradientCheckError(f"a gradient without a meaning: {gradient}")


def _check_slopes(f: Callable[..., Any], point: Any, known: Any) -> None:
    slopes = ag.grad(f)(np.array(point))
    if not np.allclose(slopes, known, rtol=1e-12, atol=0.0):
        raise ag.GradientCheckError(f"slopes {slopes}, and not {known}")


def _sums(x: Any) -> Any:
    return ag.sum(x, axis=0) * 2.0 + ag.sum(x, axis=1) * ag.sum(x)


# A rule may return a plain number, which stands for an array of it.
STEP = ag.Primitive("step", lambda x: np.sign(x), lambda g, out, x: 0.0, elementwise=True)
FAN_OUTS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: ag.sin(x) + ag.cos(x) + ag.exp(x), (np.array([0.3, 1.2]),)),
    (lambda x, y: x * y + x / y - y * x, (np.array([0.3, 1.2]), np.array([0.7, 2.1]))),
    (_sums, (np.array([[0.3, 1.2], [0.7, -0.4]]),)),
    (lambda x, y: x * y, (np.array([[0.3, 1.2], [0.7, -0.4]]), np.array([0.5, 2.0]))),
    (lambda x: ag.sin(x) + ag.cos(x), (ag.Value(0.3),)),
    (lambda x, y: x * y + x / y - y * x, (ag.Value(0.3), ag.Value(0.7))),
    (lambda x: ag.clip(x, -1.0, 1.0) * ag.clip(x, -2.0, 2.0), (ag.Value(0.3),)),
    (lambda x: x + STEP(x), (np.array([0.3, 1.2]),)),
]


def engine_checks(order: int) -> Iterator[Callable[[], Any]]:
    """Functions with a fan-out at every kind of consumer, for Tensors and Values; a broadcast."""
    for function, point in FAN_OUTS:
        yield lambda f=function, x=point: ag.check_gradients(f, *x, order=order)
        if order == 1:
            yield lambda f=function, x=point: _check_create_graph(f, x)
        if order == 1 and isinstance(point[0], ag.Value):
            yield lambda f=function, x=point: _check_backward(f, x)


def _check_create_graph(f: Callable[..., Any], point: tuple[Any, ...]) -> None:
    """A pass on nodes: its gradients against those of a pass on data."""
    xs = [x if isinstance(x, ag.Value) else ag.Tensor(x, requires_grad=True) for x in point]
    y = f(*xs)
    seed = np.ones(y.shape) if isinstance(y, ag.Tensor) else 1.0
    on_nodes = ag.gradients(y, xs, seed=seed, create_graph=True)
    for node, expected in zip(on_nodes, ag.gradients(y, xs, seed=seed), strict=True):
        if not np.allclose(node.data, expected):
            raise ag.GradientCheckError("gradients differ with create_graph=True")


def _check_backward(f: Callable[..., Any], point: tuple[Any, ...]) -> None:
    """`backward()` on Values has a walk of its own: its gradients against those of `gradients`."""
    xs = [ag.Value(x.data) for x in point]
    y = f(*xs)
    y.backward()
    if [x.grad for x in xs] != ag.gradients(y, xs):
        raise ag.GradientCheckError("backward() and gradients() differ")


# --- The mutants ----------------------------------------------------------------------------------


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every place in the source of a rule with every operator that applies there."""
    return tuple(_numbered([*_of_rules(), *_of_the_engine()]))


def _numbered(found: Iterable[Mutant]) -> Iterator[Mutant]:
    """A number for every change that is not the first of its kind at its text."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for mutant in found:
        seen[mutant.key] += 1
        n = seen[mutant.key]
        yield mutant if n == 1 else replace(mutant, change=f"{mutant.change} #{n}")


def _of_rules() -> Iterator[Mutant]:
    for text in r.texts():
        gradients = set(_returned(text)) if text.is_rule else set()
        lines = _lines(text.tree)
        for place, node in enumerate(ast.walk(text.tree)):
            if node in gradients:
                for name in o.OF_A_GRADIENT:
                    new = o.spoiled_gradient(name, node)
                    yield _rule_mutant(name, text, place, o.OF_A_GRADIENT[name], new, lines[node])
            for name, operator in o.ON_ANY_NODE.items():
                if name == "sign flipped" and node in gradients and isinstance(node, ast.UnaryOp):
                    continue  # the same as -c of the whole
                for new in operator(node, text):
                    change = f"{ast.unparse(node)} → {ast.unparse(new)}"
                    yield _rule_mutant(name, text, place, change, new, lines[node])


def _rule_mutant(
    name: str, text: r.Text, place: int, change: str, new: ast.AST, line: str
) -> Mutant:
    def planted() -> AbstractContextManager[None]:
        return r.installed(r.rules_with(text, r.changed(text.tree, place, new)))

    where = f"{text.module.__name__.rpartition('.')[2]}.{text.name}"
    op = text.users[0]
    return Mutant(name, where, change, op.name, line, planted, checks_of(text.users))


def _of_the_engine() -> Iterator[Mutant]:
    for part in r.engine():
        lines = _lines(part.tree)
        for place, node in enumerate(ast.walk(part.tree)):
            for name, operator in o.ON_THE_ENGINE.items():
                for new in operator(node, part):
                    change = f"{ast.unparse(node)} → {ast.unparse(new)}"

                    def planted(part: Any = part, place: int = place, new: ast.AST = new) -> Any:
                        return part.replaced(part.compiled(r.changed(part.tree, place, new)))

                    where = f"{part.module.__name__.rpartition('.')[2]}.{part.name}"
                    yield Mutant(
                        name, where, change, "the engine", lines[node], planted, engine_checks
                    )


def _returned(text: r.Text) -> Iterator[ast.expr]:
    """The expressions whose value is the gradient."""
    if isinstance(text.tree, ast.Lambda):
        yield text.tree.body
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def _lines(tree: r.Tree) -> dict[ast.AST, str]:
    """For every node the first line of the innermost statement around it."""
    result: dict[ast.AST, str] = {}

    def note(node: ast.AST, line: str) -> None:
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef):
            line = ast.unparse(node).partition("\n")[0]
        result[node] = line
        for child in ast.iter_child_nodes(node):
            note(child, line)

    note(tree, ast.unparse(tree.body) if isinstance(tree, ast.Lambda) else tree.name)
    return result
