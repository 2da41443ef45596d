"""Activations and their derivatives, dying ReLU and its remedies, temperature, p - y."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
from demos.show import COLOURS, Page, panels
from nn import functional as F

QUESTIONS = {
    "Why ReLU and not sigmoid?": "nn.ReLU",
    "What is a dying ReLU, and what helps?": "nn.LeakyReLU",
    "What does softmax's temperature do?": "nn.functional.softmax",
    "GELU or ReLU?": "nn.GELU",
    "What is softmax's gradient?": "ag.jacobian",
    "All activations, forward and backward": "nn.functional",
}


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


def _normal(x: Any) -> Any:
    return 0.5 * (1.0 + np.vectorize(math.erf)(x / math.sqrt(2.0)))


# name: (the function, its derivative written by hand)
CLOSED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "relu": (F.relu, lambda x: (x > 0) * 1.0),
    "leaky_relu": (F.leaky_relu, lambda x: np.where(x > 0, 1.0, 0.01)),
    "elu": (F.elu, lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0.0)))),
    "selu": (
        F.selu,
        lambda x: (
            1.0507009873554805
            * np.where(x > 0, 1.0, 1.6732632423543772 * np.exp(np.minimum(x, 0.0)))
        ),
    ),
    "sigmoid": (F.sigmoid, lambda x: _sigmoid(x) * (1.0 - _sigmoid(x))),
    "tanh": (F.tanh, lambda x: 1.0 - np.tanh(x) ** 2),
    "softplus": (F.softplus, _sigmoid),
    "softsign": (F.softsign, lambda x: 1.0 / (1.0 + abs(x)) ** 2),
    "silu": (F.silu, lambda x: _sigmoid(x) * (1.0 + x * (1.0 - _sigmoid(x)))),
    "gelu": (F.gelu, lambda x: _normal(x) + x * np.exp(-x * x / 2.0) / math.sqrt(2.0 * math.pi)),
    "mish": (
        F.mish,
        lambda x: (
            np.tanh(np.log1p(np.exp(x))) + x * _sigmoid(x) / np.cosh(np.log1p(np.exp(x))) ** 2
        ),
    ),
}
CURES = {
    "ReLU": (nn.ReLU, 1.0),
    "leaky ReLU": (nn.LeakyReLU, 1.0),
    "ELU": (nn.ELU, 1.0),
    "PReLU": (nn.PReLU, 1.0),
    "ReLU, lower rate": (nn.ReLU, 0.1),
}


class Findings(NamedTuple):
    """Measurements, keyed by their names in the tables."""

    derivative_errors: dict[str, float]
    sparsity: float
    vanishing: dict[str, float]
    dead: dict[str, float]
    losses: dict[str, float]
    gelu_gap: float
    entropies: dict[float, float]
    jacobian_error: float
    p_minus_y_error: float


def run(out: Path) -> Findings:
    """Answer the questions and save the figures in the folder `out`."""
    page = Page("What do activations do to signals and to gradients?", out)
    x = np.linspace(-4.0, 4.0, 81) + 0.013
    errors = {name: derivative_error(f, by_hand, x) for name, (f, by_hand) in CLOSED.items()}
    page.table(
        "derivative: engine against closed form",
        ("activation", "largest difference"),
        list(errors.items()),
    )
    page.save(curves(), "activations.png")
    page.theory(
        "A sigmoid's slope is at most 1/4, so ten in a row leave at best 4⁻¹⁰ of a gradient. "
        "ReLU's slope is 1 where it is active. It is active for half of a symmetric input, which "
        "makes activations sparse."
    )
    sparsity = float((F.relu(np.random.default_rng(0).normal(size=100_000)) == 0).mean())
    vanishing = {
        name: through_ten(f)
        for name, f in (("sigmoid", F.sigmoid), ("tanh", F.tanh), ("relu", F.relu))
    }
    page.table(
        "slope after ten activations in a row, starting at x = 0.5",
        ("activation", "slope"),
        list(vanishing.items()),
    )
    page.theory(
        "A ReLU dies when a large step pushes its bias so low that no input reaches it: from then "
        "on its gradient is 0. Leaky ReLU, ELU and PReLU keep a slope below 0; a smaller learning "
        "rate pushes less hard."
    )
    dead, losses = {}, {}
    for name, (activation, rate) in CURES.items():
        dead[name], losses[name] = dying(activation, rate)
    page.table(
        "units that no input activates after training, and the loss",
        ("network", "inactive units", "loss"),
        [(name, f"{dead[name]:.0%}", losses[name]) for name in CURES],
    )
    wide = np.linspace(-6.0, 6.0, 2001)
    gap = float(abs(F.gelu(wide) - F.gelu(wide, approximate="tanh")).max())
    page.table("GELU: exact against tanh", ("", "largest difference"), [("-6 to 6", gap)])
    entropies = temperature(page)
    jacobian, p_minus_y = softmax_gradients()
    page.table(
        "softmax: engine against formula",
        ("gradient", "largest difference"),
        [("Jacobian: diag(p) - ppᵀ", jacobian), ("with cross-entropy: p - y", p_minus_y)],
    )
    page.verdict(
        "ReLU passes gradients on unchanged where sigmoids shrink them, but its units can die. "
        "Each remedy leaves no unit without a gradient. Temperature moves softmax between argmax "
        "and uniform, without overflow at either end."
    )
    return Findings(errors, sparsity, vanishing, dead, losses, gap, entropies, jacobian, p_minus_y)


def derivative_error(function: Any, by_hand: Any, x: np.ndarray) -> float:
    """Return the largest difference between the engine's derivative and the closed form."""
    t = ag.Tensor(x, requires_grad=True)
    function(t).sum().backward()
    return float(abs(t.grad - by_hand(x)).max())


def through_ten(function: Any) -> float:
    """Return the slope of ten applications in a row."""

    def ten(x: Any) -> Any:
        for _ in range(10):
            x = function(x)
        return x

    return float(ag.grad(lambda x: ten(x).sum())(np.array([0.5]))[0])


def dying(activation: Any, rate: float) -> tuple[float, float]:
    """Return the share of hidden units with slope 0 for every input, and the loss."""
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(128, 4))
    y = np.sin(x[:, :1]) + 0.3 * x[:, 1:2]
    hidden, act, head = nn.Linear(4, 32), activation(), nn.Linear(32, 1)
    model = nn.Sequential(hidden, act, head)
    optimizer = nn.optim.SGD(model.parameters(), lr=rate)
    for step in range(200):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        nn.optim.clip_grad_norm_(model.parameters(), 5.0)
        if step == 20:  # a sensible rate after the large steps, for units that can still learn
            optimizer.lr = min(rate, 0.05)
        optimizer.step()
    z = ag.Tensor(hidden(x).numpy(), requires_grad=True)
    act(z).sum().backward()
    return float((z.grad == 0).all(axis=0).mean()), F.mse_loss(model(x), y).item()


def temperature(page: Page) -> dict[float, float]:
    """Return the entropy of a softmax, keyed by its temperature."""
    z = ag.Tensor([2.0, 1.0, 0.0, -1.0])
    entropies, rows = {}, []
    for t in (0.0, 1e-300, 0.1, 1.0, 10.0, 1e300, math.inf):
        p = F.softmax(z, temperature=t).numpy()
        logs = np.log(np.where(p > 0, p, 1.0))
        entropies[t] = float(0.0 - (p * logs).sum())
        rows.append((f"{t:g}", np.array2string(p, precision=4), entropies[t]))
    page.table("softmax of (2, 1, 0, -1) by temperature", ("T", "p", "entropy"), rows)
    return entropies


def softmax_gradients() -> tuple[float, float]:
    """Compare the Jacobian with diag(p) - ppᵀ, and the cross-entropy gradient with p - y."""
    z = np.random.default_rng(1).normal(size=5) * 2.0
    p = F.softmax(z)
    jacobian = ag.jacobian(F.softmax)(z)
    gradient = ag.grad(lambda z: F.cross_entropy(z, 3))(z)
    errors = jacobian - (np.diag(p) - np.outer(p, p)), gradient - (p - np.eye(5)[3])
    return float(abs(errors[0]).max()), float(abs(errors[1]).max())


def curves() -> Any:
    """Plot the activations and the derivatives that the engine computes."""
    figure, axes = panels(2, 5.2)
    x = np.linspace(-4.0, 4.0, 401)
    for name, colour in zip(
        ("relu", "elu", "sigmoid", "tanh", "silu", "gelu", "softplus"), COLOURS, strict=True
    ):
        t = ag.Tensor(x, requires_grad=True)
        y = CLOSED[name][0](t)
        y.sum().backward()
        axes[0].plot(x, y.data, color=colour, lw=1.5, label=name)
        axes[1].plot(x, t.grad, color=colour, lw=1.5)
    axes[0].set_ylim(-1.3, 4.0)
    axes[0].legend(frameon=False, fontsize=9)
    axes[0].set_ylabel("activation")
    axes[1].set_ylabel("derivative by the engine")
    for one in axes:
        one.set_xlabel("x")
    return figure
