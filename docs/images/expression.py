"""Draws the README's picture: python docs/images/expression.py."""

from pathlib import Path

import autograd as ag


def picture() -> ag.Drawing:
    """tanh((a b + c) / 4) after a backward pass."""
    a, b, c = ag.Value(2.0, name="a"), ag.Value(-3.0, name="b"), ag.Value(10.0, name="c")
    y = ((a * b + c) / 4.0).tanh()
    y.name = "y"
    y.backward()
    return ag.draw(y)


if __name__ == "__main__":
    picture().save(Path(__file__).with_suffix(".svg"))
