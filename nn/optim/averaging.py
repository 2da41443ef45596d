"""Weights averaged over the steps of training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import kind, message
from nn.arguments import flags, number, size
from nn.module.state import check_state
from nn.optim.formulas import factor_for


class ExponentialMovingAverage:
    """An exponential moving average of weights, which often beats the last weights.

    average ← decay · average + (1 - decay) · weights, at each `update()`.

    Args:
        parameters: Tensors, or a module. A module's buffers are not averaged.
        decay: from 0 to 1.
        warmup: whether to use (1 + t) / (10 + t) as the decay while that is smaller, so that the
            first weights are soon forgotten.

    Raises:
        ValueError: decay is out of range, or there are no parameters.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0])
        >>> ema = nn.optim.ExponentialMovingAverage([p], decay=0.75)
        >>> p.data = np.array([5.0])
        >>> ema.update()
        >>> with ema.average():
        ...     print(p.tolist())
        [2.0]
        >>> p.tolist()
        [5.0]

    Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging (1992).
    """

    def __init__(self, parameters: Any, decay: float = 0.999, warmup: bool = False) -> None:
        what = "ExponentialMovingAverage"
        if hasattr(parameters, "parameters"):
            parameters = parameters.parameters()
        self._parameters: list[Tensor] = (
            list(parameters) if isinstance(parameters, Iterable) else []
        )
        if not self._parameters or not all(isinstance(p, Tensor) for p in self._parameters):
            hint = "pass a module or model.parameters()"
            raise ValueError(message(what, "no parameters", "Tensors", hint))
        flags(what, warmup=warmup)
        self.decay, self.warmup = number(what, "decay", decay, 0.0, 1.0), warmup
        self._updates: Any = np.zeros(())  # an array, because each step changes it
        self.averages: list[Any] = [p.numpy() for p in self._parameters]

    @property
    def updates(self) -> int:
        """How many times `update` was called."""
        return int(self._updates)

    def update(self) -> None:
        """Add the current weights to the average; call it after the optimizer's step."""
        self._updates = np.asanyarray(self._updates + 1.0)
        decay: Any = self.decay
        if self.warmup:
            decay = np.minimum(decay, (1.0 + self._updates) / (10.0 + self._updates))
        self.averages = [
            np.asanyarray(
                factor_for(p.data, decay) * mean + factor_for(p.data, 1.0 - decay) * p.data
            )
            for mean, p in zip(self.averages, self._parameters, strict=True)
        ]

    @contextlib.contextmanager
    def average(self) -> Iterator[None]:
        """Use the averages in a block; the weights come back on leaving it, also by an error."""
        weights = [p.data for p in self._parameters]
        self.copy_to_parameters()
        try:
            yield
        finally:
            for p, array in zip(self._parameters, weights, strict=True):
                p.data = array

    def copy_to_parameters(self) -> None:
        """Replace the weights by the averages."""
        for p, mean in zip(self._parameters, self.averages, strict=True):
            p.data = mean.astype(p.dtype)

    def state_dict(self) -> dict[str, Any]:
        """The averages, which are copies, and the number of updates."""
        return {"updates": self.updates, "averages": [np.array(mean) for mean in self.averages]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned.

        Raises:
            ValueError: it is the state of something else, or the shapes are of other parameters.
        """
        what = "load_state_dict of ExponentialMovingAverage"
        check_state("ExponentialMovingAverage", state_dict, ("updates", "averages"))
        updates, averages = size(what, "updates", state_dict["updates"]), state_dict["averages"]
        if not isinstance(averages, (list, tuple)):
            raise ValueError(message(what, f"{kind(averages)} as averages", "a list of arrays"))
        shapes = [np.shape(mean) for mean in averages]
        if shapes != [p.shape for p in self._parameters]:
            expected = str([p.shape for p in self._parameters])
            raise ValueError(message(what, f"shapes {shapes}", expected))
        self._updates = np.array(updates, float)
        pairs = zip(averages, self._parameters, strict=True)
        self.averages = [np.array(mean, p.dtype) for mean, p in pairs]
