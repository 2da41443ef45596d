"""Draws the README's picture of a model: python docs/images/model.py."""

from pathlib import Path

import numpy as np

import autograd as ag
import nn


def picture() -> ag.Drawing:
    """A network of six equal blocks after a backward pass, a box for each module in it."""
    ag.random.seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding="same"),
        nn.MaxPool2d(2),
        *(nn.Residual(nn.Conv2d(8, 8, 3, padding="same")) for _ in range(6)),
        nn.Flatten(),
        nn.Linear(128, 10),
    )
    images = np.random.default_rng(0).normal(size=(32, 1, 8, 8))
    loss = nn.CrossEntropyLoss()(model(images), np.arange(32) % 10)
    loss.backward()
    return ag.draw(loss, depth=1)


if __name__ == "__main__":
    picture().save(Path(__file__).with_suffix(".svg"))
