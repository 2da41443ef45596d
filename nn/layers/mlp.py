"""MLP: Linears with activations between them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor
from nn import init as initializers
from nn.arguments import size
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
    """A multilayer perceptron: Linears with an activation between any two, none after the last.

    Args:
        sizes: the numbers of neurons, from the input to the output.
        activation: a name ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid"),
            or what makes a module when called, such as `nn.ReLU`.
        init: how weights begin: a name ("kaiming", "kaiming_uniform", "xavier", "xavier_uniform",
            "lecun", "orthogonal"), or a function that fills a Tensor, such as those of `nn.init`;
            the biases are then 0. By default both are as `nn.Linear` draws them.
        bias: whether the Linears have biases.
        dtype: of the parameters.
        generator: for the initial numbers.

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
        widths = [size("MLP", "sizes", n, 1) for n in sizes]
        if len(widths) < 2:
            raise ValueError(f"MLP: sizes={sizes!r} came; at least two are expected, as [784, 10]")
        make = _named("activation", activation, ACTIVATIONS)
        fill = None if init is None else _named("init", init, INITIALIZERS)
        layers: list[Module] = []
        for i, (before, after) in enumerate(itertools.pairwise(widths)):
            if i > 0:
                layers.append(make())
            linear = Linear(before, after, bias, dtype=dtype, generator=generator)
            if fill is not None:
                _fill(fill, linear, generator)
            layers.append(linear)
        super().__init__(*layers)


def _named(name: str, value: Any, table: dict[str, Any]) -> Any:
    if callable(value) and not isinstance(value, Module):
        return value
    if not isinstance(value, str) or value not in table:
        made = (
            f"; write nn.{type(value).__name__} without brackets"
            if isinstance(value, Module)
            else ""
        )
        raise ValueError(
            f"MLP: {name}={value!r} came; one of {', '.join(table)} or a function is expected{made}"
        )
    return table[value]


def _fill(fill: Callable[..., Any], linear: Linear, generator: np.random.Generator | None) -> None:
    known = generator is not None and fill in INITIALIZERS.values()
    fill(linear.weight, **({"generator": generator} if known else {}))
    if linear.bias is not None:
        initializers.zeros_(linear.bias)
