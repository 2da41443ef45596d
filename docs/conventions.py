"""Write docs/conventions.md by running the engine: `python docs/conventions.py`; `--check` only
compares."""

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
DOMAINS = {  # by where on the grid results are real numbers
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
KINKS = (-2.0, -1.0, 0.0, 1.0, 2.0)
STEPS = {"floor", "ceil", "rint", "trunc", "sign", "floor_divide"}


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
    """Where left and right slopes differ, or the slope is no number, and what the engine says
    there."""
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
    """Short, with signs of their own for what is no number."""
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    return f"{round(x, 3):g}"


def tie(op: Any) -> str:
    """How a binary elementwise primitive divides the slope at equal arguments, and at zeros."""
    found = []
    for point in ((1.0, 1.0), (0.0, 0.0)):
        ts = [ag.Tensor(x, requires_grad=True) for x in point]
        slopes = [0.0 if g is None else float(g) for g in ag.gradients(op(*ts), ts)]
        found.append(
            f"slopes {number(slopes[0])}, {number(slopes[1])} at ({point[0]:g}, {point[1]:g})"
        )
    return "; ".join(found)


def largest_error(name: str) -> tuple[int, float]:
    """The highest order checked, and the largest error over all cases, beside the largest entry."""
    worst = 0.0
    for case in CASES:
        if case.name != name or name in STEPS or not case.differentiable():
            continue
        arguments, varied = case.arguments(), case.differentiable()

        def function(
            *xs: Any, case: Any = case, arguments: Any = arguments, varied: Any = varied
        ) -> Any:
            full = list(arguments)
            for i, x in zip(varied, xs, strict=True):
                full[i] = x
            return case.primitive(*full, **case.static)

        if name in ("cholesky", "eigh"):  # entries of a symmetric matrix do not vary one by one
            return 0, 0.0
        report = ag.check_gradients(function, *(arguments[i] for i in varied), order=2)
        # The largest entry of a gradient is 1e7 times what the checker calls negligible in it;
        # where that is rounding, the gradient is 0.
        rows = [row for row in report.rows if row.negligible > 1e-15]
        worst = max([worst, *(row.largest_absolute / (1e7 * row.negligible) for row in rows)])
    return (2, worst)


def decade(x: float) -> str:
    """A power of ten that is not exceeded, with room for other machines."""
    return "0" if x == 0 else f"1e{math.ceil(math.log10(x)) + 1:03d}"


def rows() -> list[tuple[str, str, str, str, str, float]]:
    """(name, formula, domain, special points, order, error) of each primitive, as the tables go."""
    found = []
    for name, op in PRIMITIVES.items():
        where, special = "", ""
        if op.elementwise and len(getattr(op, "rules", ())) == 1:
            where, special = domain(op), special_points(op)
        elif op.elementwise and isinstance(op.rules, tuple) and len(op.rules) == 2:
            special = tie(op) if all(rule is not None for rule in op.rules) else ""
        order, error = largest_error(name)
        checked = (
            "steps: the slope is 0"
            if name in STEPS
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
        "What every primitive computes, where it is defined, and what the engine takes for its "
        "slope where mathematics",
        "leaves a choice. This page was written by running the engine (`python "
        "docs/conventions.py`); a test fails when it",
        "is out of date. The last column bounds the largest difference from numeric derivatives "
        "that was seen, in relation to the",
        "largest entry of the gradient, over all cases of the tests and both orders; it is the "
        "numeric one that is less exact.",
        "",
        "Everywhere: arithmetic is IEEE 754 without exceptions; an entry whose cotangent is "
        "exactly 0 contributes exactly 0, even",
        "where the slope is infinite or nan; an empty domain means any shape that fits.",
        "",
        "| primitive | formula | domain | where there is a choice | order checked | largest error "
        "|",
        "| --- | --- | --- | --- | ---: | ---: |",
    ]
    for name, formula, where, special, order, error in found:
        cells = [f"`{name}`", formula, where, special, order, f"≤ {decade(error)}" if error else ""]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


ERROR = re.compile(r" \| ≤ (\S+) \|$| \|  \|$", re.MULTILINE)


def is_current(stored: str, found: list[tuple[str, str, str, str, str, float]]) -> bool:
    """Whether a page says what was found now; errors may be smaller than it says."""
    if ERROR.sub("", stored) != ERROR.sub("", page(found)):
        return False
    bounds = [float(text or 0.0) for text in ERROR.findall(stored)]
    return all(row[-1] <= bound for row, bound in zip(found, bounds, strict=True))


def main() -> int:
    """Write the page, or compare it."""
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
