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
HEAD = "primitive | formula | domain | where there is a choice | order checked | largest error"
KINKS = (-2.0, -1.0, 0.0, 1.0, 2.0)


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
    return f"{round(x, 3):g}"


def tie(op: Any) -> str:
    """The slopes of a binary elementwise primitive at equal arguments and at zeros."""
    found = []
    for point in ((1.0, 1.0), (0.0, 0.0)):
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
        "the largest difference from a numeric derivative, in relation to the largest entry of the",
        "gradient, over all test cases and both orders. Most of that error is the numeric one's.",
        "",
        "Everywhere, arithmetic follows IEEE 754 and raises no exceptions. An entry whose",
        "cotangent is exactly 0 contributes exactly 0, even where the slope is infinite or nan. An",
        "empty domain means any shapes that fit.",
        "",
        f"| {HEAD} |",
        "| --- | --- | --- | --- | ---: | ---: |",
    ]
    for name, formula, where, special, order, error in found:
        cells = [f"`{name}`", formula, where, special, order, f"≤ {decade(error)}" if error else ""]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
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
