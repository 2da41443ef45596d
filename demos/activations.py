"""Activations and their derivatives, dying ReLU and its remedies, temperature, p - y."""

from __future__ import annotations

import math
import time
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
STARTS = ("small weights, biases of -1", "Kaiming, biases of 0", "the same biases, BatchNorm")


class Findings(NamedTuple):
    """Measurements, keyed by their names in the tables."""

    derivative_errors: dict[str, float]
    sparsity: float
    cost: dict[str, float]
    after_layer: dict[str, float]
    vanishing: dict[str, float]
    dead: dict[str, float]
    losses: dict[str, float]
    stillborn: dict[str, tuple[float, float]]
    gelu_gap: float
    gelu: dict[str, float]
    fits: dict[str, list[float]]
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
        "makes activations sparse. It is also cheaper, a comparison instead of an exponential; "
        "but a backward pass moves memory, and there most of the advantage is lost."
    )
    sparsity = float((F.relu(np.random.default_rng(0).normal(size=100_000)) == 0).mean())
    after = {name: zeros_after_layer(f) for name, f in (("relu", F.relu), ("sigmoid", F.sigmoid))}
    page.table(
        "share of activations that are exactly 0, behind a layer of 256 units",
        ("activation", "zeros"),
        [(name, f"{share:.1%}") for name, share in after.items()],
    )
    cost = relative_cost()
    page.table(
        "processor time of a sigmoid over that of a ReLU, for 2¹⁶ entries",
        ("pass", "factor"),
        [(name, f"{factor:.1f}") for name, factor in cost.items()],
    )
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
    page.theory(
        "A poor start kills units as well: if weights are small and biases negative, no input "
        "reaches them. Kaiming's weights are large enough to reach both sides of 0. Batch "
        "normalization centres every unit, whatever its weights and bias were."
    )
    stillborn = {start: poor_start(start) for start in STARTS}
    page.table(
        "units of a ReLU network that no input activates",
        ("start", "before training", "after training"),
        [(start, *(f"{share:.0%}" for share in pair)) for start, pair in stillborn.items()],
    )
    page.theory(
        "GELU is x·Φ(x): instead of a switch it weighs x by the share of a normal distribution "
        "that lies below it. Its slope has no jump, so curvature is defined everywhere; it is not "
        "monotonic, and units below 0 keep a gradient. Transformers use it, where normalization "
        "keeps inputs near 0 and this is most of the difference. For shallow networks that must "
        "be fast, ReLU is as good."
    )
    gelu = gelu_facts()
    page.table("GELU beside ReLU", ("", "value"), list(gelu.items()))
    fits = {name: fit(act) for name, act in (("ReLU", nn.ReLU), ("GELU", nn.GELU))}
    page.table(
        "sin(3x)·exp(-x²/2) by 32 + 32 units: error after 400 steps of Adam",
        ("activation", *(f"seed {n}" for n in range(len(fits["ReLU"])))),
        [(name, *(f"{loss:.1e}" for loss in losses_of)) for name, losses_of in fits.items()],
    )
    wide = np.linspace(-6.0, 6.0, 2001)
    gap = float(abs(F.gelu(wide) - F.gelu(wide, approximate="tanh")).max())
    page.table("GELU: exact against tanh", ("", "largest difference"), [("-6 to 6", gap)])
    entropies = temperature(page)
    page.theory(
        "Softmax divides e^z[i] by S = Σ e^z[k]. The quotient rule gives ∂p[i]/∂z[j] = "
        "p[i] (δij - p[j]), where δij is 1 if i = j, else 0: the Jacobian diag(p) - ppᵀ. Under the "
        "cross-entropy -ln p[y], whose slope is -1/p[y], the factor p[y] cancels: "
        "-1/p[y] · p[y] (δyj - p[j]) = p[j] - δyj."
    )
    page.console.print(f"{derived()}\n", highlight=False, markup=False)
    jacobian, p_minus_y = softmax_gradients()
    page.table(
        "softmax: engine against formula",
        ("gradient", "largest difference"),
        [("Jacobian: diag(p) - ppᵀ", jacobian), ("with cross-entropy: p - y", p_minus_y)],
    )
    page.verdict(
        "ReLU passes gradients on unchanged where sigmoids shrink them, but its units can die. "
        "Each remedy leaves no unit without a gradient. GELU fits smooth functions better, for a "
        "higher price. Temperature moves softmax between argmax "
        "and uniform, without overflow at either end."
    )
    slopes = errors, sparsity, cost, after, vanishing
    return Findings(
        *slopes, dead, losses, stillborn, gap, gelu, fits, entropies, jacobian, p_minus_y
    )


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


def zeros_after_layer(function: Any) -> float:
    """Return the share of exact zeros behind a layer with random weights."""
    ag.random.seed(1)
    layer = nn.Linear(64, 256)
    with ag.no_grad():
        out = function(layer(np.random.default_rng(1).normal(size=(512, 64))))
    return float((out.numpy() == 0).mean())


def relative_cost(rounds: int = 40) -> dict[str, float]:
    """Return how much longer a sigmoid takes than a ReLU, in turns and in processor time."""
    plain = np.random.default_rng(0).normal(size=2**16)
    x = ag.Tensor(plain, requires_grad=True)
    passes: dict[str, Callable[[Any], Any]] = {
        "forward": lambda f: f(plain),
        "forward and backward": lambda f: ag.gradients(f(x).sum(), [x]),
    }
    found = {}
    for name, run_one in passes.items():
        spent = {F.relu: 0, F.sigmoid: 0}
        for _ in range(rounds):
            for function in spent:
                start = time.process_time_ns()
                run_one(function)
                spent[function] += time.process_time_ns() - start
        found[name] = spent[F.sigmoid] / spent[F.relu]
    return found


def poor_start(start: str) -> tuple[float, float]:
    """Return the share of hidden units that no input activates, before and after training."""
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(128, 4))
    y = np.sin(x[:, :1]) + 0.3 * x[:, 1:2]
    hidden = nn.Linear(4, 32)
    if start.startswith("Kaiming"):
        nn.init.kaiming_normal_(hidden.weight)
        nn.init.zeros_(hidden.bias)
    else:
        nn.init.normal_(hidden.weight, std=0.1)
        nn.init.constant_(hidden.bias, -1.0)
    norm = nn.BatchNorm1d(32) if start.endswith("BatchNorm") else nn.Identity()
    model = nn.Sequential(hidden, norm, nn.ReLU(), nn.Linear(32, 1))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.05)
    before = _inactive(model, x)
    for _ in range(200):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
    return before, _inactive(model, x)


def _inactive(model: Any, x: np.ndarray) -> float:
    with ag.no_grad():
        return float((model[:3](x).numpy() == 0).all(axis=0).mean())


def gelu_facts() -> dict[str, float]:
    """Return the jump of the slope at 0, the minimum, and the slope at -1, of both."""
    found = {}
    x = np.linspace(-3.0, 0.0, 30_001)
    for name, function in (("ReLU", F.relu), ("GELU", F.gelu)):
        slope = ag.grad(lambda x, function=function: function(x).sum())
        found[f"{name}: jump of the slope at 0"] = float(
            slope(np.array([1e-9]))[0] - slope(np.array([-1e-9]))[0]
        )
        found[f"{name}: smallest value"] = float(np.asarray(function(x)).min())
        found[f"{name}: slope at -1"] = float(slope(np.array([-1.0]))[0])
    found["GELU: where it is smallest"] = float(x[np.asarray(F.gelu(x)).argmin()])
    return found


def fit(activation: Any) -> list[float]:
    """Return the mean squared errors of a small network on a smooth function, by seed."""
    x = np.linspace(-3.0, 3.0, 128)[:, None]
    y, losses = np.sin(3.0 * x) * np.exp(-x * x / 2.0), []
    for seed in range(4):
        ag.random.seed(seed)
        model = nn.Sequential(
            *(nn.Linear(1, 32), activation(), nn.Linear(32, 32), activation(), nn.Linear(32, 1))
        )
        optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(400):
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return losses


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


def derived() -> Any:
    """Derive the gradient of a cross-entropy from its graph."""
    z = np.random.default_rng(1).normal(size=5) * 2.0

    def loss(z: Any) -> Any:
        p = F.softmax(z)
        return -ag.log(p[3])

    return ag.derive(loss, z)


def softmax_gradients() -> tuple[float, float]:
    """Compare the Jacobian with diag(p) - ppᵀ, and the cross-entropy gradient with p - y."""
    z = np.random.default_rng(1).normal(size=5) * 2.0
    p = F.softmax(z)
    jacobian = ag.jacobian(F.softmax)(z)
    gradient = ag.grad(lambda z: F.cross_entropy(z, 3))(z)
    errors = jacobian - (np.diag(p) - np.outer(p, p)), gradient - (p - np.eye(5)[3])
    return float(abs(errors[0]).max()), float(abs(errors[1]).max())


def curves() -> Any:
    """Plot all activations and the derivatives that the engine computes."""
    figure, axes = panels(2, 5.2)
    x = np.linspace(-4.0, 4.0, 401)
    for n, (name, (function, _)) in enumerate(CLOSED.items()):
        t = ag.Tensor(x, requires_grad=True)
        y = function(t)
        y.sum().backward()
        line = {"color": COLOURS[n % len(COLOURS)], "ls": "-" if n < len(COLOURS) else "--"}
        axes[0].plot(x, y.data, lw=1.5, label=name, **line)
        axes[1].plot(x, t.grad, lw=1.5, **line)
    axes[0].set_ylim(-1.9, 4.0)
    axes[0].legend(frameon=False, fontsize=8, ncols=2)
    axes[0].set_ylabel("activation")
    axes[1].set_ylabel("derivative by the engine")
    for one in axes:
        one.set_xlabel("x")
    return figure
