"""Draws the documentation's picture of a recurrent network: python docs/images/lstm.py."""

from pathlib import Path

import numpy as np

import autograd as ag
import nn


def picture() -> ag.Drawing:
    """The ten steps of an LSTM after a backward pass, drawn once."""
    ag.random.seed(0)
    x = ag.Tensor(np.random.default_rng(0).normal(size=(10, 2, 3)), name="x")
    outputs, _ = nn.LSTM(3, 5)(x)
    loss = outputs.sum()
    loss.backward()
    return ag.draw(loss)


if __name__ == "__main__":
    picture().save(Path(__file__).with_suffix(".svg"))
