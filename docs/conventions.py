"""Write docs/conventions.md by running the engine; with `--check`, only compare it."""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import autograd as ag  # noqa: E402
import nn.functional as F  # noqa: E402
from autograd.primitives import PRIMITIVES  # noqa: E402
from tests.cases import CASES  # noqa: E402

PAGE = ROOT / "docs" / "conventions.md"
GRID = (-1000.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1000.0)
DOMAINS = {  # by which points of the grid give finite results
    "111111111": "all x",
    "000011111": "x ≥ 0",
    "000001111": "x > 0",
    "001111100": "-1 ≤ x ≤ 1",
    "000111000": "-1 < x < 1",
    "000111111": "x > -1",
    "000000111": "x ≥ 1",
    "111101111": "x ≠ 0",
    "111111110": "all x, ∞ from about 710 on",
    "011111110": "all x, ±∞ beyond about 710",
}
FUNCTIONS_HEAD = """
## Functions

The same for functions composed of primitives: at each point the value, the slopes to the left and
to the right (- where the function is not defined), the slope taken, and PyTorch's where it
differs. Corners of activations follow relu'(0) = 0, and `clip` passes the gradient at its ends, as
in PyTorch. `binary_cross_entropy` clamps logarithms at -100 and slopes at 10¹², so a prediction
that is certain and wrong has the largest gradient of all.

| function | at x = | value | left, right | slope taken | PyTorch |
| --- | ---: | ---: | --- | ---: | --- |"""
COMPOSED_HEAD = """
## Where a choice decides the result

A derivative is built from the slopes of the parts. Where one of them is a choice, or is infinite
and meets a cotangent of 0, which counts as 0, the result may not be the derivative of the whole.
`exp(log(x))` is x, with slope 1 also at 0; but the cotangent of the logarithm there is
exp(log 0) = 0, and 0 · ∞ counts as 0. Second derivatives of `norm(x)**2` and `abs(x)**2` at 0 are 0
because the slopes of norm and abs at 0 are taken to be 0. Write `x`, `x * x` or `ag.sum(x * x)`
instead.

| function | at x = | derivative | true value | engine | PyTorch |
| --- | ---: | --- | --- | --- | --- |"""
HEAD = "primitive | formula | domain | where there is a choice | order checked | largest error"
UNIT = np.array([1.0, 0.0])
KINKS = (-2.0, -1.0, 0.0, 1.0, 2.0)


# Functions of one number at their kinks and limits, and PyTorch's slope where it differs ("none"
# where it lacks the function), as PyTorch 2.13 gave it.
FUNCTIONS: list[tuple[str, Any, tuple[float, ...], str]] = [
    ("relu6(x)", F.relu6, (0.0, 6.0), "same"),
    ("hardtanh(x)", F.hardtanh, (-1.0, 1.0), "same"),
    ("hardsigmoid(x)", F.hardsigmoid, (-3.0, 3.0), "same"),
    ("hardswish(x)", F.hardswish, (-3.0, 0.0, 3.0), "same"),
    ("leaky_relu(x, 0.1)", lambda x: F.leaky_relu(x, 0.1), (0.0,), "same"),
    ("prelu(x, 0.25)", lambda x: F.prelu(x, ag.Tensor([0.25])), (0.0,), "same"),
    ("elu(x)", F.elu, (0.0,), "same"),
    ("elu(x, alpha=2)", lambda x: F.elu(x, 2.0), (0.0,), "same"),
    ("celu(x, alpha=2)", lambda x: F.celu(x, 2.0), (0.0,), "same"),
    ("selu(x)", F.selu, (0.0,), "same"),
    ("hardshrink(x)", F.hardshrink, (-0.5, 0.5), "same"),
    ("softshrink(x)", F.softshrink, (-0.5, 0.5), "same"),
    ("threshold(x, 1, -1)", lambda x: F.threshold(x, 1.0, -1.0), (1.0,), "same"),
    ("lp_pool1d([x, 0], 2, 2)", lambda x: F.lp_pool1d(_pair(x, 0.0), 2, 2), (0.0,), "same"),
    ("clip(x, -1, 1)", lambda x: ag.clip(x, -1.0, 1.0), (-1.0, 1.0), "same"),
    ("max([x, 1])", lambda x: ag.max(ag.stack([x, 1.0])), (1.0,), "same"),
    ("max_pool1d([x, 1], 2)", lambda x: F.max_pool1d(_pair(x, 1.0), 2), (1.0,), "1 or 0"),
    ("median([x, 1])", lambda x: ag.median(ag.stack([x, 1.0])), (1.0,), "1 or 0"),
    ("norm([x, 0])", lambda x: ag.norm(ag.stack([x, 0.0])), (0.0,), "same"),
    ("norm([x, 0], 1)", lambda x: ag.norm(ag.stack([x, 0.0]), 1), (0.0,), "same"),
    ("norm([x, 1], inf)", lambda x: ag.norm(ag.stack([x, 1.0]), math.inf), (1.0,), "same"),
    ("hypot(x, 0)", lambda x: np.hypot(x, 0.0), (0.0,), "nan"),
    ("std([x, 1])", lambda x: ag.std(ag.stack([x, 1.0])), (1.0,), "same"),
    (
        "cosine_embedding_loss([x, 1], [1, 0], -1)",
        lambda x: F.cosine_embedding_loss(_row(x, 1.0), UNIT, -1.0),
        (0.0,),
        "1",
    ),
    (
        "cosine_embedding_loss([x, 0], [1, 0], 1)",
        lambda x: F.cosine_embedding_loss(_row(x, 0.0), UNIT, 1.0),
        (0.0,),
        "-1e+06",
    ),
    (
        "cosine_similarity([x, 0], [1, 0])",
        lambda x: F.cosine_similarity(_row(x, 0.0), UNIT, 0),
        (0.0,),
        "same",
    ),
    (
        "multi_margin_loss([x, 1], 0)",
        lambda x: F.multi_margin_loss(_row(x, 1.0), np.array(0)),
        (2.0,),
        "same",
    ),
    ("l1_loss(x, 0)", lambda x: F.l1_loss(x, 0.0), (0.0,), "same"),
    ("hinge_loss(x, 1)", lambda x: F.hinge_loss(x, 1.0), (1.0,), "none"),
    ("hinge_embedding_loss(x, -1)", lambda x: F.hinge_embedding_loss(x, -1.0), (1.0,), "-1"),
    ("binary_cross_entropy(x, 1)", lambda x: F.binary_cross_entropy(x, 1.0), (0.0,), "same"),
    ("binary_cross_entropy(x, 1)", lambda x: F.binary_cross_entropy(x, 1.0), (1.0,), "0"),
    ("binary_cross_entropy(x, 0)", lambda x: F.binary_cross_entropy(x, 0.0), (0.0,), "0"),
    ("binary_cross_entropy(x, 0)", lambda x: F.binary_cross_entropy(x, 0.0), (1.0,), "same"),
]

# Compositions whose true derivative differs: expression, function, point, order of derivative,
# true value, PyTorch's.
COMPOSED: list[tuple[str, Any, Any, int, str, str]] = [
    ("exp(log(x))", lambda x: ag.exp(ag.log(x)), 0.0, 1, "1", "nan"),
    ("sqrt(x) * sqrt(x)", lambda x: ag.sqrt(x) * ag.sqrt(x), 0.0, 1, "1", "nan"),
    ("sqrt(x)**2", lambda x: ag.sqrt(x) ** 2, 0.0, 1, "1", "nan"),
    ("cbrt(x)**3", lambda x: ag.cbrt(x) ** 3, 0.0, 1, "1", "nan"),
    ("1 / (1 / x)", lambda x: 1.0 / (1.0 / x), 0.0, 1, "1", "nan"),
    ("expm1(log1p(x))", lambda x: ag.expm1(ag.log1p(x)), -1.0, 1, "1", "nan"),
    ("cos(arccos(x))", lambda x: ag.cos(ag.arccos(x)), 1.0, 1, "1", "nan"),
    ("cosh(arccosh(x))", lambda x: ag.cosh(ag.arccosh(x)), 1.0, 1, "1", "nan"),
    ("tanh(arctanh(x))", lambda x: ag.tanh(ag.arctanh(x)), 1.0, 1, "1", "nan"),
    ("sin(arcsin(x))", lambda x: ag.sin(ag.arcsin(x)), 1.0, 1, "1", "∞"),
    ("sqrt(x**4)", lambda x: ag.sqrt(x**4), 0.0, 1, "0", "nan"),
    ("relu(x) - relu(-x)", lambda x: ag.relu(x) - ag.relu(-x), 0.0, 1, "1", "0"),
    ("sign(x) * abs(x)", lambda x: ag.sign(x) * ag.abs(x), 0.0, 1, "1", "0"),
    ("abs(x)**2", lambda x: ag.abs(x) ** 2, 0.0, 2, "2", "0"),
    ("abs(x) * abs(x)", lambda x: ag.abs(x) * ag.abs(x), 0.0, 2, "2", "0"),
    ("norm(x)**2", lambda x: ag.norm(x) ** 2, (0.0, 0.0), 2, "2 I", "nan"),
    ("hypot(x, y)**2", lambda x: np.hypot(x[0], x[1]) ** 2, (0.0, 0.0), 2, "2 I", "nan"),
    ("std([x, y])**2", lambda x: ag.std(x) ** 2, (1.0, 1.0), 2, "[[0.5, -0.5], [-0.5, 0.5]]", "0"),
    ("sqrt(x)**4", lambda x: ag.sqrt(x) ** 4, 0.0, 2, "2", "nan"),
]


def _row(x: Any, y: float) -> Any:
    return ag.stack([x, y])


def _pair(x: Any, y: float) -> Any:
    return ag.reshape(ag.stack([x, y]), (1, 1, 2))


def slope(op: Any, x: float) -> float:
    """The engine's derivative of a unary primitive."""
    t = ag.Tensor(x, requires_grad=True)
    y = op(t)
    return float(ag.gradients(y, [t])[0]) if y.requires_grad else 0.0


def domain(op: Any) -> str:
    """Where the results are finite, in words."""
    with np.errstate(all="ignore"):
        mask = "".join(str(int(np.isfinite(op.kernel(np.float64(x))))) for x in GRID)
    return DOMAINS.get(mask, mask)


def sides(f: Any, x: float) -> str:
    """The slopes to the left and to the right, "-" where the function is not defined there."""
    found = []
    with np.errstate(all="ignore"):
        for h in (-1e-7, 1e-7):
            try:
                found.append((float(f(ag.Tensor(x + h))) - float(f(ag.Tensor(x)))) / h)
            except ValueError:
                found.append(math.nan)
    # A slope beyond the clamp of a logarithm is that of the logarithm, which has no limit.
    shown = [math.copysign(math.inf, side) if abs(side) > 1e6 else side for side in found]
    return ", ".join("-" if side != side else number(round(side, 4)) for side in shown)


def function_lines() -> list[str]:
    """Rows of the table of functions: the slopes taken where there is a choice."""
    lines = []
    for label, f, points, pytorch in FUNCTIONS:
        for x in points:
            y = float(f(ag.Tensor(x)).item())
            cells = (f"`{label}`", number(x), number(y), sides(f, x), number(slope(f, x)), pytorch)
            lines.append(row_of(cells))
    return lines


def derivative(f: Any, x: Any, order: int) -> str:
    """The engine's first derivative or Hessian at a point; "0" if all of it is 0."""
    transform = ag.grad if order == 1 else ag.hessian
    found = np.asarray(transform(f)(np.array(x, float)))
    if found.ndim and found.any():
        return str(found.tolist())
    return number(float(found.flat[0]))


def composed_lines() -> list[str]:
    """Rows of the table of compositions whose true derivative differs."""
    return [
        row_of((f"`{label}`", f"{x:g}" if isinstance(x, float) else f"({x[0]:g}, {x[1]:g})",
                ("first", "second")[order - 1], truth, derivative(f, x, order), pytorch))
        for label, f, x, order, truth, pytorch in COMPOSED
    ]  # fmt: skip


def row_of(cells: Any) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def special_points(op: Any) -> str:
    """The slope taken where left and right slopes differ, or where it is not finite."""
    found = []
    with np.errstate(all="ignore"):
        for x in KINKS:
            y = float(op.kernel(np.float64(x)))
            h = 1e-7
            left = (y - float(op.kernel(np.float64(x - h)))) / h
            right = (float(op.kernel(np.float64(x + h))) - y) / h
            own = slope(op, x)
            jumps = abs(left - right) > 1e-3 * max(1.0, abs(left))
            if math.isinf(y):
                found.append(f"{op.name}({x:g}) = {number(y)}, slope {number(own)}")
            elif not math.isfinite(own) and math.isfinite(y):
                found.append(f"slope {number(own)} at {x:g}")
            elif max(abs(left), abs(right)) > 1e5:
                found.append(f"a step at {x:g}, slope {number(own)}")
            elif jumps and math.isfinite(left) and math.isfinite(right):
                found.append(
                    f"kink at {x:g}: {number(left)} and {number(right)}, slope {number(own)} taken"
                )
    return "; ".join(found)


def number(x: float) -> str:
    """A number in three decimals, or nan, ∞, -∞."""
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    return f"{round(x, 3) + 0.0:g}"  # without the sign of -0


def has_choice(op: Any, point: tuple[float, float]) -> bool:
    """Whether a slope differs to the left and to the right, or is not finite, at a point."""
    with np.errstate(all="ignore"):
        middle = float(op.kernel(*map(np.float64, point)))
        for i in range(2):
            ends = []
            for h in (-1e-7, 1e-7):
                moved = list(map(np.float64, point))
                moved[i] += h
                ends.append((float(op.kernel(*moved)) - middle) / h)
            if not np.isfinite(ends).all() or abs(ends[0] - ends[1]) > 1e-3:
                return True
    return False


def tie(op: Any) -> str:
    """The slopes of a binary elementwise primitive at a tie and at zeros, where one is a choice."""
    found = []
    for point in ((1.0, 1.0), (0.0, 0.0)):
        if not has_choice(op, point):
            continue
        ts = [ag.Tensor(x, requires_grad=True) for x in point]
        slopes = [0.0 if g is None else float(g) for g in ag.gradients(op(*ts), ts)]
        found.append(
            f"slopes {number(slopes[0])}, {number(slopes[1])} at ({point[0]:g}, {point[1]:g})"
        )
    return "; ".join(found)


def largest_error(name: str) -> tuple[int, float]:
    """The highest order checked, and the largest relative error over all cases."""
    worst = 0.0
    for case in CASES:
        if case.name != name or case.primitive.step or not case.differentiable():
            continue
        arguments, varied = case.arguments(), case.differentiable()

        def function(
            *xs: Any, case: Any = case, arguments: Any = arguments, varied: Any = varied
        ) -> Any:
            full = list(arguments)
            for i, x in zip(varied, xs, strict=True):
                full[i] = x
            return case.primitive(*full, **case.static)

        if name in ("cholesky", "eigh"):  # single entries cannot move: the matrix is symmetric
            return 0, 0.0
        report = ag.check_gradients(function, *(arguments[i] for i in varied), order=2)
        # `negligible` is 1e-7 of the largest entry of the gradient. A gradient of that size is 0.
        rows = [row for row in report.rows if row.negligible > 1e-15]
        worst = max([worst, *(row.largest_absolute / (1e7 * row.negligible) for row in rows)])
    return (2, worst)


def decade(x: float) -> str:
    """The power of ten above `x`, and one more as a margin for other machines."""
    return "0" if x == 0 else f"1e{math.ceil(math.log10(x)) + 1:03d}"


def rows() -> list[tuple[str, str, str, str, str, float]]:
    """(name, formula, domain, special points, order, error) for each primitive, in table order."""
    found = []
    for name, op in PRIMITIVES.items():
        where, special = "", ""
        if op.elementwise and len(op.rules) == 1:
            where, special = domain(op), special_points(op)
        elif op.elementwise and len(op.rules) == 2:
            special = tie(op) if all(rule is not None for rule in op.rules) else ""
        order, error = largest_error(name)
        checked = (
            "steps: the slope is 0"
            if op.step
            else str(order)
            if order
            else "with symmetric arguments"
        )
        found.append((name, op.formula, where, special, checked, error))
    return found


def page(found: list[tuple[str, str, str, str, str, float]]) -> str:
    """The page as Markdown."""
    lines = [
        "# Conventions",
        "",
        "For every primitive: what it computes, where it is defined, and which slope the engine",
        "takes where mathematics leaves a choice. `python docs/conventions.py` writes this page by",
        "running the engine, and a test fails when the page is out of date. The last column bounds",
        "the largest difference from a numeric derivative, relative to the largest entry of the",
        "gradient, over all test cases and both orders. Most of it is the numeric one's error.",
        "",
        "Everywhere, arithmetic follows IEEE 754 and raises no exceptions. An entry whose",
        "cotangent is exactly 0 contributes exactly 0, even where the slope is infinite or nan. An",
        "empty domain means any shapes that fit.",
        "",
        "These choices have consequences, listed [below](#where-a-choice-decides-the-result).",
        "`ag.check_gradients` and `ag.detect_anomaly` list the nodes at which one decided (`a",
        "convention decided here`) with the line of the program. This is not a failure: a network",
        "of zeros has a relu at 0 everywhere. But where a gradient differs from its numeric value,",
        "the report names the conventions involved.",
        "",
        f"| {HEAD} |",
        "| --- | --- | --- | --- | ---: | ---: |",
    ]
    for name, formula, where, special, order, error in found:
        cells = [f"`{name}`", formula, where, special, order, f"≤ {decade(error)}" if error else ""]
        lines.append(row_of(cells))
    lines += [FUNCTIONS_HEAD, *function_lines(), COMPOSED_HEAD, *composed_lines()]
    return "\n".join(lines) + "\n"


ERROR = re.compile(r" \| ≤ (\S+) \|$| \|  \|$", re.MULTILINE)


def is_current(stored: str, found: list[tuple[str, str, str, str, str, float]]) -> bool:
    """Whether a page agrees with what was found; errors may be smaller than it says."""
    if ERROR.sub("", stored) != ERROR.sub("", page(found)):
        return False
    bounds = [float(text or 0.0) for text in ERROR.findall(stored)]
    return all(row[-1] <= bound for row, bound in zip(found, bounds, strict=True))


def main() -> int:
    """Write the page, or compare it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the page would change")
    found = rows()
    if not parser.parse_args().check:
        PAGE.write_text(page(found), encoding="utf-8")
        return 0
    if is_current(PAGE.read_text(encoding="utf-8"), found):
        return 0
    print(f"{PAGE} is out of date: run python docs/conventions.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
