"""Backpropagation: the engine against the formulas on the whiteboard, and numerical checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
from demos.show import COLOURS, Page, panels

QUESTIONS = {
    "What is backpropagation?": "ag.replay",
    "The three gradients of a linear layer": "ag.derive",
    "The gradient of ReLU": "ag.relu",
    "Softmax with cross-entropy: why p - y?": "nn.functional.cross_entropy",
    "How are gradients checked numerically?": "ag.check_gradients",
}


class Findings(NamedTuple):
    """Largest differences from the formulas, and the errors of finite differences by step."""

    errors: dict[str, float]
    steps: list[float]
    numeric_errors: list[float]
    best_step: float
    layouts: dict[str, str]
    p_minus_y: list[str]
    slope_at_kink: float
    numeric_at_kink: float


def run(out: Path) -> Findings:
    """Answer the questions and save the drawings and the figure in the folder `out`."""
    page = Page("Does the engine find the gradients you derive by hand?", out)
    page.theory(
        "y = xWᵀ + b: ∂L/∂W = gᵀx, ∂L/∂b = Σg, ∂L/∂x = gW, where g = ∂L/∂y. ReLU passes g on where "
        "x > 0. Softmax with cross-entropy gives p - y. None of these formulas is written in nn: "
        "they all follow from the rules of the primitives."
    )
    errors = {
        **linear(),
        "ReLU": relu(),
        "softmax and cross-entropy: p - y": softmax_cross_entropy(),
    }
    page.table("largest difference from the formula", ("gradient", "error"), list(errors.items()))
    layouts, p_minus_y = both_layouts(page), why_p_minus_y(page)
    chain(page)
    page.theory(
        "A central difference has an error of about ε² f'''/6 from truncation and 1e-16 |f| / ε "
        "from rounding: the error against ε is a V, lowest near the cube root of 1e-16."
    )
    steps, found = sweep()
    best = steps[int(np.argmin(found))]
    page.table(
        "error of (f(x + ε) - f(x - ε)) / 2ε",
        ("ε", "relative error"),
        [(f"{h:.0e}", e) for h, e in zip(steps, found, strict=True)],
    )
    figure, [axes] = panels(1, 5.0)
    axes.loglog(steps, found, "o-", color=COLOURS[0], ms=4)
    axes.set_xlabel("step ε")
    axes.set_ylabel("relative error of the difference")
    axes.annotate("truncation: ε²", (3e-4, 3e-3), color=COLOURS[1])
    axes.annotate("rounding: 1/ε", (1e-13, 3e-9), color=COLOURS[1])
    page.save(figure, "backprop-steps.png")
    x = ag.Tensor([0.0], requires_grad=True)
    ag.relu(x).sum().backward()
    at_kink = float(
        ag.numerical_gradient(lambda x: float(np.maximum(x, 0.0).sum()), np.zeros(1))[0]
    )
    report = ag.check_gradients(ag.relu, np.array([0.0, 1.0]), locate=True)
    page.table(
        "relu at 0", ("", "slope"), [("engine", float(x.grad[0])), ("central difference", at_kink)]
    )
    page.console.print(str(report.kinks[0]), highlight=False)
    page.verdict(
        f"all formulas hold to rounding; ε = {best:.0e} is best here; at a kink the difference "
        "averages two slopes, and both of them are valid."
    )
    return Findings(errors, steps, found, best, layouts, p_minus_y, float(x.grad[0]), at_kink)


def linear() -> dict[str, float]:
    """Compare the three gradients of a linear layer with matrix notation."""
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    layer = nn.Linear(4, 3)
    x, g = ag.Tensor(rng.normal(size=(8, 4)), requires_grad=True), rng.normal(size=(8, 3))
    layer(x).backward(g)
    expected = {"W": g.T @ x.data, "b": g.sum(axis=0), "x": g @ layer.weight.data}
    found = {"W": layer.weight.grad, "b": layer.bias.grad, "x": x.grad}
    return {f"linear layer: ∂L/∂{k}": float(abs(found[k] - expected[k]).max()) for k in expected}


def both_layouts(page: Page) -> dict[str, str]:
    """Print the derivation of a linear layer for both layouts of its weight; return both dW."""
    page.theory(
        "The weight of a linear layer has one of two layouts. With rows for inputs, y = xW + b and "
        "∂L/∂W = xᵀg, the formula of most whiteboards. With rows for outputs, as in PyTorch and "
        "here, y = xWᵀ + b, and ∂L/∂W = gᵀx is the transpose of that. Taking one for the other "
        "fails only if the layer is not square. A batch adds up in both: Σ over it for b, and "
        "inside the product for W."
    )
    rng = np.random.default_rng(3)
    x, b = rng.normal(size=(8, 4)), np.zeros(3)
    found = {}
    for name, layer, shape in (
        ("x W", lambda x, W, b: x @ W + b, (4, 3)),
        ("x Wᵀ", lambda x, W, b: x @ W.T + b, (3, 4)),
    ):
        derivation = ag.derive(layer, x, rng.normal(size=shape), b)
        page.console.print(f"{derivation}\n", highlight=False, markup=False)
        gradients = {g.name: g.equation for step in derivation.steps for g in step.gradients}
        found[name] = gradients["dW"]
        value = derivation.function()(**derivation.arguments)
        assert value[2].shape == shape
    return found


def relu() -> float:
    """Compare the gradient with g where x > 0, else 0."""
    rng = np.random.default_rng(1)
    x, g = ag.Tensor(rng.normal(size=100), requires_grad=True), rng.normal(size=100)
    ag.relu(x).backward(g)
    return float(abs(x.grad - g * (x.data > 0)).max())


def softmax_cross_entropy() -> float:
    """Compare the gradient with p - y, divided by the batch size."""
    rng = np.random.default_rng(2)
    z, classes = ag.Tensor(3.0 * rng.normal(size=(6, 5)), requires_grad=True), rng.integers(0, 5, 6)
    nn.functional.cross_entropy(z, classes).backward()
    p = np.exp(z.data) / np.exp(z.data).sum(axis=1, keepdims=True)
    return float(abs(z.grad - (p - np.eye(5)[classes]) / 6).max())


def why_p_minus_y(page: Page) -> list[str]:
    """Derive p - y from the two slopes whose product it is; return the gradients of both ways."""
    page.theory(
        "Why p - y? For one row with the class y, L = -ln p[y], so ∂L/∂p[y] = -1/p[y], and 0 for "
        "the other entries. With p[i] = e^z[i] / S and S = Σ e^z[k], the quotient rule gives "
        "∂p[i]/∂z[j] = (δij e^z[i] S - e^z[i] e^z[j]) / S² = p[i] (δij - p[j]), where δij is 1 if "
        "i = j, else 0. The chain rule multiplies the two: ∂L/∂z[j] = -1/p[y] · p[y] (δyj - p[j]) "
        "= p[j] - δyj. The factor p[y] cancels, and with it the saturation of softmax: a confident "
        "mistake has a gradient near 1. Below, the same from the graph: first in two steps, by p "
        "and z, then as one, with a mean over N rows."
    )
    rng = np.random.default_rng(4)
    z, y = rng.normal(size=(6, 5)), rng.integers(0, 5, 6)

    def softmax(z: Any) -> Any:
        e = np.exp(z)
        p = e / e.sum(axis=1, keepdims=True)
        return p

    def cross_entropy(z: Any, y: Any) -> Any:
        p = softmax(z)
        return -np.log(p[np.arange(len(y)), y]).mean()

    found = []
    for f, given in ((softmax, (z,)), (cross_entropy, (z, y))):
        derivation = ag.derive(f, *given)
        page.console.print(f"{derivation}\n", highlight=False, markup=False)
        found += [g.equation for step in derivation.steps for g in step.gradients]
    return found


def chain(page: Page) -> None:
    """Show the chain rule step by step: a table, a drawing, and a page that plays it."""
    with ag.record_lines():
        w, x, b = ag.Value(2.0, name="w"), ag.Value(-1.5, name="x"), ag.Value(4.0, name="b")
        loss = (w * x + b).tanh() ** 2
    loss.backward()
    rows = []
    for step in ag.replay(loss).steps:
        name = step.node.op.name if step.node.op else step.node.name
        handed = ", ".join(f"{c.value:.4g}" for c in step.contributions)
        rows.append((name, f"{step.node.data:.4g}", f"{step.cotangent:.4g}", handed or "-"))
    page.table(
        "tanh(w·x + b)², from the loss down", ("node", "value", "∂L/∂node", "passed on"), rows
    )
    page.save(ag.draw(loss), "backprop-chain.svg")
    page.save(ag.draw(loss), "backprop-chain.html")


def sweep() -> tuple[list[float], list[float]]:
    """Return steps from 1e-1 to 1e-13 and the relative error of a central difference for each."""
    x = 0.7
    exact = ag.grad(lambda x: ag.exp(ag.sin(3.0 * x)))(x)
    steps = [10.0**-k for k in range(1, 14)]

    def f(x: float) -> float:
        return float(np.exp(np.sin(3.0 * x)))

    return steps, [abs((f(x + h) - f(x - h)) / (2.0 * h) / exact - 1.0) for h in steps]
