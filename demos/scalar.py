"""A network of scalars: neurons written out one by one separate two moons."""

from __future__ import annotations

import gc
import itertools
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.datasets import make_moons

import autograd as ag
from demos.show import COLOURS, Page, panels

QUESTIONS = {
    "How do scalars learn?": "ag.Value",
}
STEPS = 40


class Neuron:
    """relu(w · x + b), or w · x + b, on Values."""

    def __init__(self, inputs: int, rng: np.random.Generator, bends: bool) -> None:
        self.weights = [ag.Value(w) for w in rng.uniform(-1.0, 1.0, inputs)]
        self.bias, self.bends = ag.Value(0.0), bends

    def __call__(self, x: list[ag.Value]) -> ag.Value:
        """The neuron's output."""
        total = sum((w * xi for w, xi in zip(self.weights, x, strict=True)), self.bias)
        return total.relu() if self.bends else total


class Network:
    """Layers of neurons."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        rng = np.random.default_rng(1337)
        last = len(sizes) - 2
        self.layers = [
            [Neuron(n, rng, i < last) for _ in range(m)]
            for i, (n, m) in enumerate(itertools.pairwise(sizes))
        ]

    def __call__(self, x: list[ag.Value]) -> ag.Value:
        """The score."""
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    @property
    def parameters(self) -> list[ag.Value]:
        """All weights and biases."""
        return [
            p for layer in self.layers for neuron in layer for p in (*neuron.weights, neuron.bias)
        ]


class Findings(NamedTuple):
    """Losses and accuracies of each step, and the number of nodes in one step's graph."""

    losses: list[float]
    accuracies: list[float]
    nodes: int


def run(out: Path) -> Findings:
    """Train the network and save the figure in the folder `out`."""
    page = Page("Can scalars that remember their history learn?", out)
    page.theory(
        "A support vector machine's loss, Σ max(0, 1 - y f(x)), plus a penalty on the weights. "
        "Every product and sum in 2 - 16 - 16 - 1 neurons on 100 points is a node of its own."
    )
    points, classes = make_moons(n_samples=100, noise=0.1, random_state=0)
    signs = 2.0 * classes - 1.0
    network = Network((2, 16, 16, 1))
    inputs = [[float(a), float(b)] for a, b in points]
    losses, accuracies, nodes = [], [], 0
    gc.freeze()  # the cyclic collector need not scan existing objects again
    for step in page.track(range(STEPS), "training"):
        scores = [network(x) for x in inputs]  # type: ignore[arg-type]
        margin = sum((1.0 - s * float(y)).relu() for s, y in zip(scores, signs, strict=True)) / len(
            scores
        )
        loss = margin + 1e-4 * sum(p * p for p in network.parameters)
        if step == 0:
            nodes = len(ag.ancestors([loss]))
        for p in network.parameters:
            p.zero_grad()
        loss.backward()
        for p in network.parameters:
            p.data -= (1.0 - 0.9 * step / STEPS) * p.grad
        losses.append(loss.data)
        accuracies.append(
            float(np.mean([(s.data > 0) == (y > 0) for s, y in zip(scores, signs, strict=True)]))
        )
    gc.unfreeze()
    shown = (0, 4, 9, 19, STEPS - 1)
    page.table(
        "training",
        ("step", "loss", "accuracy"),
        [(str(i + 1), losses[i], f"{accuracies[i]:.0%}") for i in shown],
    )
    page.save(boundary(network, points, classes), "scalar.png")
    page.verdict(
        f"yes: {nodes:,} nodes per step, and {accuracies[-1]:.0%} of the points on the right side "
        "of the boundary."
    )
    return Findings(losses, accuracies, nodes)


def boundary(network: Network, points: np.ndarray, classes: np.ndarray) -> object:
    """Plot the points and the line where the score changes sign."""
    figure, [axes] = panels(1, 5.0, 4.0)
    a, b = np.meshgrid(np.linspace(-1.6, 2.6, 45), np.linspace(-1.2, 1.7, 45))
    with ag.no_grad():
        scores = [
            network([float(u), float(v)]).data for u, v in zip(a.ravel(), b.ravel(), strict=True)
        ]  # type: ignore[list-item]
    grid = np.array(scores).reshape(a.shape)
    axes.contourf(a, b, grid, levels=[-1e9, 0.0, 1e9], colors=["#fbe3d3", "#d6e8f5"])
    axes.contour(a, b, grid, levels=[0.0], colors="#333333", linewidths=1.2)
    for k, marker in ((0, "o"), (1, "s")):
        of = classes == k
        axes.plot(
            points[of, 0], points[of, 1], marker, color=COLOURS[1 - k], ms=5, label=f"moon {k + 1}"
        )
    axes.set_xlabel("x₁")
    axes.set_ylabel("x₂")
    axes.legend(frameon=True, fontsize=9)
    return figure
