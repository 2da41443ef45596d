"""Limits on gradients before a step, and on weights after it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, no_grad
from autograd.errors import described, kind, message
from nn.arguments import flags, number, optional_flags


def clip_grad_norm_(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> float:
    """Scale all gradients by one factor, so that their joint norm is at most max_norm.

    Args:
        parameters: a Tensor or several; those without a gradient are skipped.
        max_norm: the limit; `math.inf` only measures.
        norm_type: p of the p-norm; `math.inf` for the largest entry.
        error_if_nonfinite: whether to raise if the norm is nan or infinite.
        foreach: PyTorch's choice between implementations; without effect.

    Returns:
        the norm before scaling.

    Raises:
        TypeError: an entry of `parameters` is not a Tensor.
        ValueError: max_norm or norm_type is out of range, or the norm is nan or infinite and
            `error_if_nonfinite` is set.

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
    optional_flags(what, foreach=foreach)
    limit = _limit(what, "max_norm", max_norm)
    if not isinstance(norm_type, Real) or not norm_type > 0:
        raise ValueError(message(what, f"norm_type={described(norm_type)}", "a number above 0"))
    flags(what, error_if_nonfinite=error_if_nonfinite)
    leaves = [p for p in _tensors(what, parameters) if p.grad is not None]
    if not leaves:
        return 0.0
    total = _joint_norm([p.grad for p in leaves], norm_type)
    if error_if_nonfinite and not np.isfinite(total):
        got = f"gradients whose norm is {total}"
        hint = "find the first one that is not finite, or pass error_if_nonfinite=False"
        raise ValueError(message(what, got, "a finite norm", hint))
    if limit != math.inf:
        factor = np.minimum(limit / (total + 1e-6), 1.0)  # nan stays nan
        with np.errstate(invalid="ignore"):  # an infinite norm makes nan of infinite entries
            for p in leaves:
                p.grad = np.asanyarray(p.grad * factor.astype(p.grad.dtype))
    # Unlike float(total), this can be traced: the number is another one at each step.
    norm: float = total.item()
    return norm


def _joint_norm(gradients: list[Any], order: float) -> Any:
    """The p-norm of all entries, in double precision, which overflows only if the norm does."""
    largest = np.stack([np.abs(g).max(initial=0.0) for g in gradients]).max()
    scale = _power_of_two(largest)
    norms = np.stack([_norm((g / scale).ravel(), order) for g in gradients])
    return np.asanyarray(_norm(norms, order) * scale)


def _power_of_two(largest: Any) -> Any:
    """A power of two near the largest magnitude: squares of entries divided by it stay in range.

    Dividing by it rounds nothing. It is 1 where the largest entry is 0, infinite or nan.
    """
    usable = (largest > 0) & (largest < np.inf)
    # A 0-d array of doubles, not a NumPy float, which would leave float32 gradients single.
    return np.asanyarray(np.exp2(np.floor(np.log2(np.where(usable, largest, 1.0).astype(float)))))


def _norm(x: Any, order: float) -> Any:
    """The p-norm of a vector, by expressions that a traced array can write down."""
    if order == 2.0:
        return np.sqrt(x @ x)
    if order == math.inf:
        return np.abs(x).max(initial=0.0)
    return (np.abs(x) ** order).sum() ** (1.0 / order)


def clip_grad_value_(parameters: Any, clip_value: float, foreach: bool | None = None) -> None:
    """Limit each entry of all gradients to ±clip_value.

    Args:
        parameters: a Tensor or several; those without a gradient are skipped.
        clip_value: the limit; `math.inf` changes nothing.
        foreach: PyTorch's choice between implementations; without effect.

    Example:
        >>> import nn
        >>> p = nn.Parameter([0.0, 0.0])
        >>> (p * [3.0, -0.5]).sum().backward()
        >>> nn.optim.clip_grad_value_(p, 1.0)
        >>> p.grad.tolist()
        [1.0, -0.5]
    """
    what = "clip_grad_value_"
    optional_flags(what, foreach=foreach)
    limit = _limit(what, "clip_value", clip_value)
    for p in _tensors(what, parameters):
        if p.grad is not None:
            p.grad = np.asanyarray(np.clip(p.grad, -limit, limit))


@no_grad()
def max_norm_(parameters: Any, max_norm: float, axis: int = 0) -> None:
    """Scale the incoming weights of each unit down to a norm of at most max_norm.

    Args:
        parameters: a weight or several; vectors, such as biases, are skipped.
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
    limit = _limit("max_norm_", "max_norm", max_norm)
    for p in _tensors("max_norm_", parameters):
        if p.ndim > 1:
            if not isinstance(axis, (int, np.integer)) or not -p.ndim <= axis < p.ndim:
                expected = f"an axis of a weight of shape {p.shape}"
                raise ShapeError(message("max_norm_", f"axis={described(axis)}", expected))
            others = tuple(i for i in range(p.ndim) if i != axis % p.ndim)
            scale = _power_of_two(np.abs(p.data).max(initial=0.0))
            norms = np.sqrt(np.square(p.data / scale).sum(axis=others, keepdims=True)) * scale
            tiny = np.finfo(p.dtype).tiny
            p.data = p.data * np.minimum(1.0, limit / np.maximum(norms, tiny)).astype(p.dtype)


def _limit(what: str, name: str, value: Any) -> float:
    """A number from 0 to infinity, which sets no limit."""
    infinite = isinstance(value, float) and value == math.inf
    return math.inf if infinite else number(what, name, value, 0.0)


def _tensors(what: str, parameters: Any) -> list[Tensor]:
    entries = [parameters] if isinstance(parameters, Tensor) else parameters
    leaves = list(entries) if isinstance(entries, Iterable) else [entries]
    for p in leaves:
        if not isinstance(p, Tensor):
            raise TypeError(message(what, kind(p), "Tensors", "pass model.parameters()"))
    return leaves
