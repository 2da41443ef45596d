"""Draws the documentation's picture of an error: python docs/images/failure.py."""

from pathlib import Path

import autograd as ag
import nn


def picture() -> ag.Drawing:
    """A model whose last layer does not fit."""
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(4, 1))
    try:
        model(ag.Tensor([[1.0, 2.0]], requires_grad=True, name="x"))
    except ag.ShapeError as error:
        return error.draw()  # type: ignore[no-any-return]
    raise AssertionError("the layer fits")


if __name__ == "__main__":
    picture().save(Path(__file__).with_suffix(".svg"))
