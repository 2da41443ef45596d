"""Training and evaluation modes, restored after a block."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from nn.module.module import Module


@contextlib.contextmanager
def restored_modes(model: Module) -> Iterator[None]:
    """On leaving, also by an error, every module is back in its earlier mode.

    Example:
        >>> import nn
        >>> from nn.training.modes import restored_modes
        >>> model = nn.Sequential(nn.Dropout().eval())
        >>> with restored_modes(model):
        ...     _ = model.train()
        >>> model.training, model[0].training
        (True, False)
    """
    before = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in before:
            module.training = training
