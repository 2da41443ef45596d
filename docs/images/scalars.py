"""Draws the documentation's picture of an expanded tensor: python docs/images/scalars.py."""

from pathlib import Path

import autograd as ag


def picture() -> ag.Drawing:
    """relu(W x) of two numbers each, opened up into the numbers it computes with."""
    w = ag.Tensor([[1.0, -2.0], [0.5, -1.5]], requires_grad=True, name="W")
    x = ag.Tensor([2.0, 0.75], requires_grad=True, name="x")
    y = ag.relu(w @ x).sum()
    total = ag.expand(y).value
    total.backward()
    return ag.draw(total)


if __name__ == "__main__":
    picture().save(Path(__file__).with_suffix(".svg"))
