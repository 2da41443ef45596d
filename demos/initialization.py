"""Why weights start random, and how large: variance through 30 layers, and symmetry."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.lines import Line2D

import autograd as ag
import nn
from demos.show import COLOURS, MARKERS, Page, panels

QUESTIONS = {
    "Why Xavier initialization?": "nn.init.xavier_normal_",
    "Xavier or Kaiming?": "nn.init.kaiming_normal_",
    "Why may biases start at zero?": "nn.init.zeros_",
    "What does the scale of weights do, layer by layer?": "nn.diagnose",
    "Why does initialization matter at all?": "nn.init.orthogonal_",
}
WIDTH, DEPTH, BATCH = 256, 30, 256

NARROW, WIDE = 128, 512
COMPROMISES = {
    "1 / n_in": math.sqrt(1.0 / NARROW),
    "1 / n_out": math.sqrt(1.0 / WIDE),
    "Xavier: 2 / (n_in + n_out)": math.sqrt(2.0 / (NARROW + WIDE)),
}

SCHEMES: dict[str, Callable[[ag.Tensor], Any]] = {
    "zero": nn.init.zeros_,
    "too small (σ = 0.01)": lambda w: nn.init.normal_(w, std=0.01),
    "too large (σ = 0.2)": lambda w: nn.init.normal_(w, std=0.2),
    "Xavier": nn.init.xavier_normal_,
    "Kaiming": nn.init.kaiming_normal_,
    "orthogonal": nn.init.orthogonal_,
}
DEVIATIONS = {
    "zero": 0.0,
    "too small (σ = 0.01)": 0.01,
    "too large (σ = 0.2)": 0.2,
    "Xavier": math.sqrt(1.0 / WIDTH),
    "Kaiming": math.sqrt(2.0 / WIDTH),
    "orthogonal": math.sqrt(1.0 / WIDTH),
}
ACTIVATIONS = {"linear": nn.Identity, "ReLU": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class Findings(NamedTuple):
    """Mean squares of pre-activations by (scheme, activation); spreads of hidden gradients."""

    measured: dict[tuple[str, str], list[float]]
    predicted: dict[tuple[str, str], list[float]]
    symmetric_spread: float
    random_spread: float
    zero_bias_spread: float
    relu_mean: float
    both_ways: dict[str, tuple[float, float]]
    scales: dict[float, tuple[float, float]]
    complaint: str
    backward: dict[tuple[str, str], list[float]]


def run(out: Path) -> Findings:
    """Answer the questions and save the figure in the folder `out`."""
    page = Page("How should weights be initialized?", out)
    page.theory(
        "For y = Wx with n inputs, E[y²] = n·σ²·E[x²]. One layer multiplies mean squares by n·σ², "
        "L layers by (n·σ²)^L. ReLU lets half of a symmetric x pass, so it halves them: n·σ² must "
        "be 2 (Kaiming), whereas tanh and no activation need 1 (Xavier). The quantity that is "
        "halved is E[x²]; the mean of ReLU(x) is not half of E[x] = 0, but 0.4 σ."
    )
    ag.random.seed(0)
    measured, predicted = {}, {}
    for scheme in SCHEMES:
        for activation in ACTIVATIONS:
            measured[scheme, activation] = through_layers(scheme, activation)
            predicted[scheme, activation] = prediction(scheme, activation)
    page.table(
        f"mean square of pre-activations in layer {DEPTH} of width {WIDTH}: measured / predicted",
        ("initialization", *ACTIVATIONS),
        [
            (
                scheme,
                *(
                    f"{measured[scheme, a][-1]:.2g} / "
                    + (f"{predicted[scheme, a][-1]:.2g}" if predicted[scheme, a] else "-")
                    for a in ACTIVATIONS
                ),
            )
            for scheme in SCHEMES
        ],
    )
    ag.random.seed(0)
    backward = {(s, a): gradients_through(s, a) for s in SCHEMES for a in ACTIVATIONS}
    page.table(
        f"mean square of gradients in layer 1, of 1 in layer {DEPTH}",
        ("initialization", *ACTIVATIONS),
        [(scheme, *(f"{backward[scheme, a][0]:.2g}" for a in ACTIVATIONS)) for scheme in SCHEMES],
    )
    page.save(picture(measured, predicted, backward), "initialization.png")
    spreads = [hidden_spread(how) for how in ("equal", "random", "random, zero bias")]
    page.table(
        "do hidden units get different gradients? (largest difference between two units)",
        ("weights", "spread"),
        list(zip(("all equal", "random", "random, biases 0"), spreads, strict=True)),
    )
    page.theory(
        "Backward, the same argument counts outputs: dx = Wᵀdy sums over n_out terms, so "
        "E[dx²] = n_out·σ²·E[dy²]. If n_in and n_out differ, no σ² keeps both sizes. Xavier's "
        "2/(n_in + n_out) is the compromise: the mean of the two factors is 1."
    )
    both = {name: both_ways(deviation) for name, deviation in COMPROMISES.items()}
    page.table(
        f"a linear layer from {NARROW} to {WIDE} units: growth of mean squares",
        ("σ²", "forward (n_in·σ²)", "backward (n_out·σ²)"),
        [(name, *(f"{x:.3f}" for x in pair)) for name, pair in both.items()],
    )
    scales = {variance: ten_layers(variance) for variance in (0.001, 1.0, 1.0 / WIDTH)}
    page.table(
        f"ten linear layers of width {WIDTH}: the variance that is left of 1",
        ("σ² of the weights", "measured", "(n·σ²)¹⁰"),
        [(f"{v:.4g}", f"{m:.2g}", f"{p:.2g}") for v, (m, p) in scales.items()],
    )
    complaint = practical_test()
    page.theory(
        "A test often seen begins with x = randn(100) and multiplies it by matrices of 256 x 256. "
        f"It raises: {complaint} The input must have as many entries as the layer has units. And "
        "its argument `scale` multiplies the weights, so it is a standard deviation: 0.001 means "
        "a variance of 0.000001."
    )
    page.verdict(
        "the formula predicts the slope of the curves over thirty layers. Kaiming preserves the "
        "size under ReLU, Xavier under tanh. Equal weights stay equal forever; random weights "
        "alone break the symmetry, so biases may start at 0."
    )
    x = np.random.default_rng(0).normal(size=1_000_000)
    mean = float(np.maximum(x, 0.0).mean())
    return Findings(measured, predicted, *spreads, mean, both, scales, complaint, backward)


def both_ways(deviation: float) -> tuple[float, float]:
    """Return how much a layer multiplies the mean square of its input, and of its gradient."""
    rng = np.random.default_rng(4)
    layer = nn.Linear(NARROW, WIDE, bias=False)
    nn.init.values_(layer.weight, deviation * rng.normal(size=(WIDE, NARROW)))
    x = ag.Tensor(rng.normal(size=(BATCH, NARROW)), requires_grad=True)
    y = layer(x)
    dy = rng.normal(size=y.shape)
    y.backward(dy)
    return (
        float(np.square(y.numpy()).mean() / np.square(x.numpy()).mean()),
        float(np.square(x.grad).mean() / np.square(dy).mean()),
    )


def ten_layers(variance: float) -> tuple[float, float]:
    """Return the variance after ten linear layers, measured and by the formula."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(BATCH, WIDTH))
    for _ in range(10):
        x = x @ (math.sqrt(variance) * rng.normal(size=(WIDTH, WIDTH)))
    return float(x.var()), (WIDTH * variance) ** 10


def practical_test(scale: float = 0.001, depth: int = 10, width: int = 256) -> str:
    """Run the test as it is often written, and return what NumPy says to it."""
    x = np.random.default_rng(0).normal(size=100)
    try:
        for _ in range(depth):
            weights = np.random.default_rng(1).normal(size=(width, width)) * scale
            x = np.maximum(0, np.dot(x, weights))
    except ValueError as error:
        return f"{error}."
    return ""


def through_layers(scheme: str, activation: str) -> list[float]:
    """Return the mean square of each layer's pre-activations for normally distributed inputs."""
    x = np.random.default_rng(1).normal(size=(BATCH, WIDTH))
    act, found = ACTIVATIONS[activation](), []
    for _ in range(DEPTH):
        layer = nn.Linear(WIDTH, WIDTH, bias=False)
        SCHEMES[scheme](layer.weight)
        with ag.no_grad():
            y = layer(x)
            found.append(float(np.square(y.numpy()).mean()))
            x = act(y).numpy()
    return found


def gradients_through(scheme: str, activation: str) -> list[float]:
    """Return the mean square of the gradient of each layer's pre-activations, of 1 in the last."""
    rng = np.random.default_rng(1)
    x: Any = ag.Tensor(rng.normal(size=(BATCH, WIDTH)), requires_grad=True)
    act, outputs = ACTIVATIONS[activation](), []
    for _ in range(DEPTH):
        layer = nn.Linear(WIDTH, WIDTH, bias=False)
        SCHEMES[scheme](layer.weight)
        outputs.append(layer(x))
        x = act(outputs[-1])
    last = rng.normal(size=(BATCH, WIDTH))
    found = ag.gradients((outputs[-1] * last).sum(), outputs)
    return [float(np.square(g).mean()) for g in found]


def prediction(scheme: str, activation: str) -> list[float]:
    """Return (n·σ²)^L, halved by each ReLU but the last; empty where no such formula holds."""
    gain = WIDTH * DEVIATIONS[scheme] ** 2
    if activation == "linear":
        return [gain**layer for layer in range(1, DEPTH + 1)]
    if activation == "ReLU":
        return [gain**layer / 2.0 ** (layer - 1) for layer in range(1, DEPTH + 1)]
    return []


def hidden_spread(how: str) -> float:
    """Return the largest difference between the weight gradients of two hidden units."""
    ag.random.seed(3)
    model = nn.MLP([4, 8, 1], "tanh")
    if how == "equal":
        for parameter in model.parameters():
            nn.init.constant_(parameter, 0.1)
    elif how == "random, zero bias":
        for layer in (model[0], model[2]):
            nn.init.zeros_(layer.bias)
    x = np.random.default_rng(2).normal(size=(32, 4))
    nn.functional.mse_loss(model(x), x[:, :1]).backward()
    return float(np.ptp(model[0].weight.grad, axis=0).max())


def picture(measured: Any, predicted: Any, backward: Any) -> Any:
    """Plot a column per activation: pre-activations above, with predictions as lines, and gradients
    below."""
    figure, _ = panels(1, 4.2 * len(ACTIVATIONS), 6.4)
    figure.clf()
    rows = figure.subplots(2, len(ACTIVATIONS), sharex=True)
    layers = np.arange(1, DEPTH + 1)
    for row, values in zip(rows, (measured, backward), strict=True):
        for one, activation in zip(row, ACTIVATIONS, strict=True):
            for i, (scheme, colour, marker) in enumerate(
                zip(SCHEMES, COLOURS, MARKERS, strict=False)
            ):
                if scheme == "zero":
                    continue
                # Xavier and orthogonal agree: marks of different layers, and hollow ones on top.
                look = "none" if scheme == "orthogonal" else colour
                one.plot(
                    layers, values[scheme, activation], marker, color=colour, mfc=look,
                    ms=6 if scheme == "orthogonal" else 4, label=scheme, markevery=(i // 2 % 2, 2),
                )  # fmt: skip
                if values is measured and predicted[scheme, activation]:
                    one.plot(layers, predicted[scheme, activation], color=colour, lw=1)
            one.set_yscale("log")
            one.grid(alpha=0.25, lw=0.6)
            one.spines[["top", "right"]].set_visible(False)
    for one, activation in zip(rows[0], ACTIVATIONS, strict=True):
        one.set_title(activation)
    for one in rows[1]:
        one.set_xlabel("layer")
    rows[0, 0].set_ylabel("mean square of pre-activations")
    rows[1, 0].set_ylabel("mean square of their gradients")
    handles, labels = rows[0, 0].get_legend_handles_labels()
    handles.append(Line2D([], [], color="#555555", lw=1))
    labels.append("predicted: (n·σ²)^L, halved by each ReLU")
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure
