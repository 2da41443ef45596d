"""Limits of gradients before a step, and of weights after it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from nn.arguments import number


def clip_grad_norm_(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> float:
    """Scale all gradients by one factor, so that their norm together is max_norm at most.

    Args:
        parameters: a Tensor or several; those without gradient do not count.
        max_norm: the limit.
        norm_type: p of the norm; `math.inf` for the largest entry.
        error_if_nonfinite: whether a norm that is nan or infinite raises.

    Returns:
        the norm before.

    Raises:
        ValueError: the norm is nan or infinite, if that shall raise.

    Example:
        >>> import nn
        >>> p = nn.Parameter([0.0, 0.0])
        >>> (p * [3.0, 4.0]).sum().backward()
        >>> nn.optim.clip_grad_norm_([p], 1.0), p.grad.round(5).tolist()
        (5.0, [0.6, 0.8])

    Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks
        (2013).
    """
    what = "clip_grad_norm_"
    number(what, "max_norm", max_norm, 0.0)
    if not norm_type > 0:
        raise ValueError(f"{what}: norm_type={norm_type} came; a number above 0 is expected")
    leaves = [p for p in _several(what, parameters) if p.grad is not None]
    norms = [np.linalg.norm(p.grad.ravel(), norm_type) for p in leaves]
    total = float(np.linalg.norm(np.array(norms), norm_type)) if norms else 0.0
    if error_if_nonfinite and not math.isfinite(total):
        raise ValueError(
            f"{what}: the gradients have the norm {total}; find where it comes from, or pass "
            "error_if_nonfinite=False to go on"
        )
    factor = max_norm / (total + 1e-6)
    if factor < 1.0 or factor != factor:
        for p in leaves:
            p.grad = p.grad * factor
    return total


def clip_grad_value_(parameters: Any, clip_value: float) -> None:
    """Limit each entry of all gradients to ±clip_value.

    Args:
        parameters: a Tensor or several; those without gradient do not count.
        clip_value: the limit.

    Example:
        >>> import nn
        >>> p = nn.Parameter([0.0, 0.0])
        >>> (p * [3.0, -0.5]).sum().backward()
        >>> nn.optim.clip_grad_value_(p, 1.0)
        >>> p.grad.tolist()
        [1.0, -0.5]
    """
    limit = number("clip_grad_value_", "clip_value", clip_value, 0.0)
    for p in _several("clip_grad_value_", parameters):
        if p.grad is not None:
            p.grad = np.clip(p.grad, -limit, limit)


@no_grad()
def max_norm_(parameters: Any, max_norm: float, axis: int = 0) -> None:
    """Scale the weights into each unit whose norm is above max_norm down to it.

    Args:
        parameters: a weight or several; vectors, such as biases, are left alone.
        max_norm: the limit.
        axis: the axis of units, which is 0 for the weights of Linear and of convolutions.

    Example:
        >>> import nn
        >>> p = nn.Parameter([[3.0, 4.0], [0.3, 0.4]])
        >>> nn.optim.max_norm_([p], 1.0)
        >>> p.round(9).tolist()
        [[0.6, 0.8], [0.3, 0.4]]

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout (2014), section
        5.1.
    """
    limit = number("max_norm_", "max_norm", max_norm, 0.0)
    for p in _several("max_norm_", parameters):
        if p.ndim > 1:
            others = tuple(i for i in range(p.ndim) if i != axis % p.ndim)
            norms = np.sqrt(np.square(p.data).sum(axis=others, keepdims=True))
            if (norms > limit).any():
                tiny = np.finfo(p.dtype).tiny
                p.data = p.data * np.minimum(1.0, limit / np.maximum(norms, tiny)).astype(p.dtype)


def _several(what: str, parameters: Any) -> list[Tensor]:
    entries = [parameters] if isinstance(parameters, Tensor) else parameters
    leaves = list(entries) if isinstance(entries, Iterable) else [entries]
    for p in leaves:
        if not isinstance(p, Tensor):
            raise TypeError(
                f"{what}: a {type(p).__name__} came; Tensors are expected, such as "
                "model.parameters() gives"
            )
    return leaves
