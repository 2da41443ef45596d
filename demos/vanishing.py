"""Fifty layers that do not learn: where the gradient goes, and what brings it back."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

import autograd as ag
import nn
from demos.show import COLOURS, MARKERS, Page, panels

QUESTIONS = {
    "Why do gradients vanish, and what helps?": "nn.Residual",
    "What is wrong with a network of fifty plain layers?": "nn.ModuleList",
    "Three layers with ReLU and default weights: are their gradients in danger?": "nn.Sequential",
}
DEPTH, STEPS = 50, 60


class DeepNet(nn.Module):
    """Fifty linear layers of ten units with ReLU, and an output; as written, or with remedies.

    Args:
        kaiming: whether to initialize weights by Kaiming's rule.
        norm: whether batch normalization follows each layer.
        residual: whether a connection skips each layer.
    """

    def __init__(self, kaiming: bool = False, norm: bool = False, residual: bool = False) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(10, 10) for _ in range(DEPTH))
        self.norms = nn.ModuleList(
            nn.BatchNorm1d(10) if norm else nn.Identity() for _ in range(DEPTH)
        )
        self.fc_out = nn.Linear(10, 1)
        self.residual = residual
        if kaiming:
            for layer in self.layers:
                nn.init.kaiming_normal_(layer.weight)
                nn.init.zeros_(layer.bias)

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        """The output of shape (N, 1)."""
        for layer, norm in zip(self.layers, self.norms, strict=True):
            y = ag.relu(norm(layer(x)))
            x = x + y / DEPTH**0.5 if self.residual else y
        return self.fc_out(x)


CURES = {
    "as written": {},
    "Kaiming": {"kaiming": True},
    "BatchNorm": {"norm": True},
    "residual": {"residual": True},
    "all of them": {"kaiming": True, "norm": True, "residual": True},
}


class Findings(NamedTuple):
    """Gradient norms per layer and losses, by remedy; and 200 networks of three layers.

    `shallow` holds the median norm of each of the three layers, and how many networks have a layer
    without gradient.
    """

    norms: dict[str, list[float]]
    before: dict[str, float]
    after: dict[str, float]
    shallow: tuple[list[float], int]


def run(out: Path) -> Findings:
    """Answer the questions and save the figure in the folder `out`."""
    page = Page("Why does a network of fifty layers not learn?", out)
    page.theory(
        "Each layer multiplies a gradient by Wᵀ and by ReLU's 0 or 1. PyTorch's default weights "
        "have n·σ² = 1/3, and ReLU halves: about 1/6 per layer in squares, so (1/6)^(50/2) = 4e-20 "
        "in norm from the last layer to the first."
    )
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 10))
    y = np.sin(x[:, :1]) + 0.5 * x[:, 1:2]
    norms, before, after = {}, {}, {}
    for name, options in CURES.items():
        ag.random.seed(0)
        model = DeepNet(**options)
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        norms[name] = [float(np.linalg.norm(layer.weight.grad)) for layer in model.layers]
        before[name] = loss.item()
        after[name] = train(model, x, y)
    page.table(
        "gradient norm and loss",
        ("network", "layer 1", "layer 25", "layer 50", "loss before", f"after {STEPS} steps"),
        [(n, norms[n][0], norms[n][24], norms[n][49], before[n], after[n]) for n in CURES],
    )
    figure, [axes] = panels(1, 6.0)
    for (name, values), colour, marker in zip(norms.items(), COLOURS, MARKERS, strict=False):
        axes.semilogy(
            range(1, DEPTH + 1),
            np.maximum(values, 1e-40),
            color=colour,
            marker=marker,
            ms=3,
            lw=1,
            label=name,
        )
    axes.set_xlabel("layer")
    axes.set_ylabel("norm of the weights' gradient")
    axes.legend(frameon=False)
    page.save(figure, "vanishing.png")
    page.theory(
        "Three layers, 10 to 10 to 10 to 1, lose a factor of about 6 in squares each. This is too "
        "little to vanish, and nothing in them can explode."
    )
    shallow = simple_nets()
    page.table(
        "200 networks of three layers, one sample each: the median norm of the gradient",
        ("layer 1", "layer 2", "layer 3", "a layer has 0"),
        [(*(f"{norm:.3g}" for norm in shallow[0]), f"in {shallow[1]} of 200")],
    )
    page.verdict(
        "as written, almost none of the gradient reaches the first layer, and only the output's "
        "bias learns. Kaiming and residual connections preserve its size. BatchNorm alone "
        "overshoots: the gradient grows towards the first layer, a known cost of it. All together "
        "train best. A forward and backward pass alone changes nothing; only an optimizer step "
        "does. Three layers are in no danger: if one has no gradient, all ReLUs behind it were off "
        "for that sample, and the next sample brings it back."
    )
    return Findings(norms, before, after, shallow)


def simple_nets() -> tuple[list[float], int]:
    """Return the median gradient norm of three layers, and in how many of 200 networks one is 0.

    It is 0 where all ReLUs behind the layer are off for the single sample.
    """
    norms = []
    for seed in range(200):
        ag.random.seed(seed)
        model = nn.MLP([10, 10, 10, 1])
        model(np.random.default_rng(seed).normal(size=(1, 10))).backward()
        weights = (p for name, p in model.named_parameters() if name.endswith("weight"))
        norms.append([float(np.linalg.norm(p.grad)) for p in weights])
    return np.median(norms, axis=0).tolist(), int((np.min(norms, axis=1) == 0.0).sum())


def train(model: nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    """Return the loss after some steps of Adam."""
    optimizer = nn.optim.Adam(model.parameters(), lr=0.003)
    history = nn.fit(model, [(x, y)], nn.MSELoss(), optimizer, STEPS, progress=False)
    return history["loss"][-1]
