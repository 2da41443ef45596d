"""A model left as it was: parameters, gradients, buffers, modes and randomness come back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from autograd import data_of
from autograd import random as randomness
from nn.module.module import Module
from nn.training.modes import restored_modes


class Kept:
    """What a model held when this was made; `restore` brings it back, as often as needed."""

    def __init__(self, model: Module) -> None:
        self.model = model
        self.parameters = [(p, data_of(p), p.grad, p.requires_grad) for p in model.parameters()]
        self.buffers = [(m, dict(m._buffers)) for m in model.modules()]
        self.random = randomness.generator().bit_generator.state

    def restore(self) -> None:
        """Bring everything back."""
        for p, data, grad, requires_grad in self.parameters:
            p.requires_grad = requires_grad
            p.data = data
            p.grad = grad
        for module, buffers in self.buffers:
            for name, value in buffers.items():
                setattr(module, name, value)
        self.rewind()

    def rewind(self) -> None:
        """Bring only randomness back, so that dropout draws the same masks again."""
        randomness.generator().bit_generator.state = self.random


@contextlib.contextmanager
def kept(model: Any) -> Iterator[Kept]:
    """On leaving, also by an error, the model is as it was.

    Example:
        >>> import nn
        >>> from nn.inspect.kept import kept
        >>> layer = nn.Linear(1, 1)
        >>> before = layer.weight.tolist()
        >>> with kept(layer):
        ...     _ = nn.init.zeros_(layer.weight)
        >>> layer.weight.tolist() == before
        True
    """
    state = Kept(model)
    with restored_modes(model):
        try:
            yield state
        finally:
            state.restore()
