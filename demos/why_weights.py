"""Why gradients are taken with respect to weights: adjusting outputs teaches nothing."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn
from demos.show import Page

QUESTIONS = {
    "Why take gradients with respect to weights and not outputs?": "ag.gradients",
}


class Findings(NamedTuple):
    """Losses on the batch and accuracies on unseen digits, for both methods."""

    batch_loss: dict[str, float]
    accuracy: dict[str, float]


def run(out: Path) -> Findings:
    """Answer the question."""
    page = Page("Why not adjust the outputs directly?", out)
    page.theory(
        "Outputs are not free variables: they follow from weights and inputs. Moving the outputs "
        "of one batch along -∂L/∂output lowers that batch's loss, but the change is lost with the "
        "batch. Moving weights along -∂L/∂W changes the function, including where there was no "
        "data."
    )
    images, classes = load_digits(return_X_y=True)
    images = images / 16.0
    train, test = slice(0, 1200), slice(1200, None)
    batch_loss, accuracy = {}, {}
    for way in ("outputs", "weights"):
        ag.random.seed(0)
        model = nn.MLP([64, 32, 10], init="kaiming")
        loss = (
            by_outputs(model, images[train], classes[train])
            if way == "outputs"
            else by_weights(model, images[train], classes[train])
        )
        batch_loss[way] = loss
        with ag.no_grad():
            accuracy[way] = float((model(images[test]).argmax(axis=1) == classes[test]).mean())
    page.table(
        "100 steps on 1,200 digits",
        ("what is adjusted", "loss on them", "accuracy on unseen digits"),
        [(way, batch_loss[way], f"{accuracy[way]:.1%}") for way in batch_loss],
    )
    page.verdict("adjusting outputs makes the batch's loss small and teaches the network nothing.")
    return Findings(batch_loss, accuracy)


def by_outputs(model: nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    """Take gradient steps on the outputs themselves and leave the network alone."""
    outputs = nn.Parameter(model(x).detach().numpy())
    optimizer = nn.optim.Adam([outputs], lr=0.1)
    for _ in range(100):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(outputs, y)
        loss.backward()
        optimizer.step()
    return loss.item()


def by_weights(model: nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    """Take gradient steps on the weights."""
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    history = nn.fit(model, [(x, y)], nn.CrossEntropyLoss(), optimizer, 100, progress=False)
    return history["loss"][-1]
