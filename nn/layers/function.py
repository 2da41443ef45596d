"""Modules that are a function and its options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nn.module.module import Module


class WithOptions(Module):
    """A function whose options become attributes of a module.

    Options that are arrays, such as the class weights of a loss, become buffers.
    """

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        super().__init__()
        self._function, self._options = function, tuple(options)
        for name, value in options.items():
            if isinstance(value, np.ndarray):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def _apply(self, *inputs: Any) -> Any:
        if not self._options:
            return self._function(*inputs)
        return self._function(*inputs, **{name: getattr(self, name) for name in self._options})

    def extra_repr(self) -> str:
        """The options that are not arrays."""
        shown = (name for name in self._options if name not in self._buffers)
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)


class FunctionModule(WithOptions):
    """A module that applies a function of one input."""

    def forward(self, input: Any) -> Any:
        """The function of the input."""
        if not self._options:
            return self._function(input)
        return self._apply(input)
