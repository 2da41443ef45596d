"""Draws the documentation's picture of a small network: python docs/images/network.py."""

from pathlib import Path

import numpy as np

import autograd as ag
import nn


def picture() -> ag.Drawing:
    """Two layers and their loss after a backward pass, all modules open."""
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    points = np.random.default_rng(0).normal(size=(8, 2))
    loss = ag.mean(model(points) ** 2)
    loss.name = "loss"
    loss.backward()
    return ag.draw(loss)


if __name__ == "__main__":
    picture().save(Path(__file__).with_suffix(".svg"))
