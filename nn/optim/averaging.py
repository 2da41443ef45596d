"""Weights averaged over the steps of training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from nn.arguments import number


class ExponentialMovingAverage:
    """A running mean of weights, which is often better than the last of them.

    average ← decay · average + (1 - decay) · weights, at each `update()`.

    Args:
        parameters: Tensors, or a module. A module's buffers are not averaged.
        decay: from 0 to 1.
        warmup: whether at the beginning the decay is (1 + t) / (10 + t) where that is smaller, so
            that the first weights are soon forgotten.

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
            raise ValueError(f"{what}: parameters are expected: a module, or model.parameters()")
        self.decay, self.warmup = number(what, "decay", decay, 0.0, 1.0), warmup
        self.updates = 0
        self.averages: list[Any] = [p.numpy() for p in self._parameters]

    def update(self) -> None:
        """Take the present weights into the mean; call it after the optimizer's step."""
        self.updates += 1
        decay = self.decay
        if self.warmup:
            decay = min(decay, (1.0 + self.updates) / (10.0 + self.updates))
        self.averages = [
            decay * mean + (1.0 - decay) * p.data
            for mean, p in zip(self.averages, self._parameters, strict=True)
        ]

    @contextlib.contextmanager
    def average(self) -> Iterator[None]:
        """Within it the parameters are the averages; afterwards, also on errors, the weights
        again."""
        weights = [p.data for p in self._parameters]
        self.copy_to_parameters()
        try:
            yield
        finally:
            for p, array in zip(self._parameters, weights, strict=True):
                p.data = array

    def copy_to_parameters(self) -> None:
        """Make the averages the weights, for good."""
        for p, mean in zip(self._parameters, self.averages, strict=True):
            p.data = mean.astype(p.dtype)

    def state_dict(self) -> dict[str, Any]:
        """The averages, which are copies, and the number of updates."""
        return {"updates": self.updates, "averages": [np.array(mean) for mean in self.averages]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned.

        Raises:
            ValueError: the shapes are others.
        """
        shapes = [np.shape(mean) for mean in state["averages"]]
        if shapes != [p.shape for p in self._parameters]:
            raise ValueError(
                f"load_state_dict of ExponentialMovingAverage: shapes {shapes} came; "
                f"{[p.shape for p in self._parameters]} are expected"
            )
        self.updates = int(state["updates"])
        self.averages = [np.array(mean) for mean in state["averages"]]
