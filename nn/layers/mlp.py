"""MLP: Linear layers with activations between them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from autograd.errors import described, message
from nn import init as initializers
from nn.arguments import flags, floating, is_listed, size
from nn.layers import activation as activations
from nn.layers.container import Sequential
from nn.layers.linear import Linear
from nn.module.module import Module

ACTIVATIONS: dict[str, Callable[[], Module]] = {
    "relu": activations.ReLU,
    "leaky_relu": activations.LeakyReLU,
    "elu": activations.ELU,
    "selu": activations.SELU,
    "gelu": activations.GELU,
    "silu": activations.SiLU,
    "tanh": activations.Tanh,
    "sigmoid": activations.Sigmoid,
}
INITIALIZERS: dict[str, Callable[..., Tensor]] = {
    "kaiming": initializers.kaiming_normal_,
    "kaiming_uniform": initializers.kaiming_uniform_,
    "xavier": initializers.xavier_normal_,
    "xavier_uniform": initializers.xavier_uniform_,
    "lecun": initializers.lecun_normal_,
    "orthogonal": initializers.orthogonal_,
}


class MLP(Sequential):
    """A multilayer perceptron: Linear layers with an activation between any two.

    Args:
        sizes: the numbers of units, from the input to the output.
        activation: a name ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid"),
            or a callable that returns a module, such as `nn.ReLU`.
        init: the initializer of weights: a name ("kaiming", "kaiming_uniform", "xavier",
            "xavier_uniform", "lecun", "orthogonal"), or a function that fills a Tensor, such as
            those of `nn.init`; biases are then 0. By default, `nn.Linear` initializes both.
        bias: whether the layers have biases.
        dtype: the dtype of the parameters.
        generator: for the initial parameters.

    Shape:
        (..., sizes[0]) to (..., sizes[-1]): a batch or a single sample.

    Raises:
        ValueError: there are fewer than two sizes, or a name is unknown.

    Example:
        >>> import nn
        >>> model = nn.MLP([784, 256, 128, 10], init="kaiming")
        >>> model(np.ones((32, 784))).shape, model(np.ones(784)).shape
        ((32, 10), (10,))
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Callable[[], Module] = "relu",
        init: str | Callable[..., Any] | None = None,
        bias: bool = True,
        *,
        dtype: npt.DTypeLike = float,
        generator: np.random.Generator | None = None,
    ) -> None:
        if not is_listed(sizes):
            raise ValueError(
                message("MLP", f"sizes={described(sizes)}", "at least two, such as [784, 10]")
            )
        flags("MLP", bias=bias)
        dtype = floating("MLP", dtype)
        widths = [size("MLP", "sizes", n, 1) for n in sizes]
        if len(widths) < 2:
            raise ValueError(
                message("MLP", f"sizes={described(sizes)}", "at least two, such as [784, 10]")
            )
        make = _look_up("activation", activation, ACTIVATIONS)
        fill = None if init is None else _look_up("init", init, INITIALIZERS)
        layers: list[Module] = []
        for i, (before, after) in enumerate(itertools.pairwise(widths)):
            if i > 0:
                layers.append(make())
            linear = Linear(before, after, bias, dtype=dtype, generator=generator)
            if fill is not None:
                _initialize(fill, linear, generator)
            layers.append(linear)
        super().__init__(*layers)


def _look_up(name: str, value: Any, table: dict[str, Any]) -> Any:
    if callable(value) and not isinstance(value, Module):
        return value
    if not isinstance(value, str) or value not in table:
        hint = ""
        if isinstance(value, Module):
            hint = f"write nn.{type(value).__name__} without parentheses"
        raise ValueError(
            message(
                "MLP",
                f"{name}={described(value)}",
                f"one of {', '.join(table)}, or a function",
                hint,
            )
        )
    return table[value]


def _initialize(
    fill: Callable[..., Any], linear: Linear, generator: np.random.Generator | None
) -> None:
    known = generator is not None and fill in INITIALIZERS.values()
    fill(linear.weight, **({"generator": generator} if known else {}))
    if linear.bias is not None:
        initializers.zeros_(linear.bias)
