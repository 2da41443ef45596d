"""docs/conventions.md matches what the engine does."""

import ast
import runpy
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd.primitives import PRIMITIVES

ROOT = Path(__file__).parents[2]
made = runpy.run_path(str(ROOT / "docs" / "conventions.py"))
STORED = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found():
    return made["rows"]()


def test_the_page_is_current(found):
    assert made["is_current"](STORED, found), "run python docs/conventions.py"
    assert [row[0] for row in found] == list(PRIMITIVES)


def test_a_page_that_is_out_of_date_is_noticed(found):
    assert not made["is_current"](STORED.replace("slope 0 taken", "slope 1 taken"), found)
    worse = [*found[:-1], (*found[-1][:-1], 1.0)]
    assert not made["is_current"](STORED, worse)


def test_some_conventions_by_hand():
    def line(name):
        return next(text for text in STORED.splitlines() if text.startswith(f"| `{name}` "))

    assert "kink at 0: -1 and 1, slope 0 taken" in line("abs")
    assert "slopes 0.5, 0.5 at (1, 1)" in line("maximum")
    assert "x ≥ 0 | slope ∞ at 0" in line("sqrt") and "slopes 0, 0 at (0, 0)" in line("hypot")
    assert "x > 0 | log(0) = -∞, slope ∞" in line("log")
    for name in ("add", "sub", "mul", "logaddexp"):  # where there is no choice, none is listed
        assert "slope" not in line(name)
    for name in ("div", "pow", "hypot"):
        assert "(1, 1)" not in line(name) and "(0, 0)" in line(name)


def taken(label, x):
    """The slope that the page says a function takes at a point."""
    start = f"| `{label}` | {x:g} |"
    return float(next(t for t in STORED.splitlines() if t.startswith(start)).split(" | ")[4])


@pytest.mark.parametrize(
    ("label", "slopes"),
    [
        ("relu6(x)", {0: 0, 6: 0}), ("hardtanh(x)", {-1: 0, 1: 0}), ("hardsigmoid(x)", {-3: 0, 3: 0}),
        ("hardswish(x)", {-3: 0, 0: 0.5, 3: 1}), ("leaky_relu(x, 0.1)", {0: 0.1}), ("prelu(x, 0.25)", {0: 0.25}),
        ("elu(x)", {0: 1}), ("elu(x, alpha=2)", {0: 2}), ("celu(x, alpha=2)", {0: 1}), ("clip(x, -1, 1)", {-1: 1, 1: 1}),
        ("max([x, 1])", {1: 0.5}), ("norm([x, 0])", {0: 0}), ("binary_cross_entropy(x, 1)", {0: -1e12, 1: -1}),
        ("binary_cross_entropy(x, 0)", {0: 1, 1: 1e12}), ("cosine_embedding_loss([x, 1], [1, 0], -1)", {0: 0}),
        ("cosine_embedding_loss([x, 0], [1, 0], 1)", {0: -1e8}), ("multi_margin_loss([x, 1], 0)", {2: 0}),
    ],
)  # fmt: skip
def test_slopes_at_kinks_and_limits(label, slopes):
    assert {x: taken(label, x) for x in slopes} == slopes


def differences(f, x, order, h):
    """The derivative by differences, to the side where the function is defined."""
    g = lambda t: float(np.asarray(ag.stop_gradient(ag.Tensor(f(ag.Tensor(t)).data)).data))
    if np.ndim(x):
        units = np.eye(len(x)) * h
        # The mixed differences of a quadratic function are exact.
        return [
            [
                (g(x + a + b) - g(x + a - b) - g(x - a + b) + g(x - a - b)) / (4 * h * h)
                for b in units
            ]
            for a in units
        ]
    for side in (h, -h):
        values = (
            [g(x + k * side) for k in (0, 1, 2)]
            if order == 1
            else [g(x + k * side) for k in (1, 2, 3)]
        )
        if np.isfinite(values).all():
            a, b, c = values
            return (4 * b - 3 * a - c) / (2 * side) if order == 1 else (a - 2 * b + c) / side**2
    return None


@pytest.mark.parametrize(
    "row", made["COMPOSED"], ids=[f"{row[0]}, {row[3]}" for row in made["COMPOSED"]]
)
def test_what_a_choice_hides(row):
    _, f, x, order, truth, _ = row
    with np.errstate(all="ignore"):
        found = differences(f, np.array(x), order, 1e-3)
    right = 2.0 * np.eye(2) if truth == "2 I" else np.array(ast.literal_eval(truth), float)
    np.testing.assert_allclose(found, right, atol=1e-5)
    assert made["derivative"](f, x, order) != truth
