"""Dropout: noise in training, none in evaluation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError
from autograd.errors import message
from nn.arguments import flags, floats, generator_or_default, number
from nn.functional.activation import SELU_ALPHA, SELU_SCALE
from nn.functional.padding import AXES


def dropout(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Zero each entry with probability p and divide the rest by 1 - p, which keeps the mean.

    Args:
        input: the input.
        p: the probability, from 0 to 1.
        training: with False, x itself is returned.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ValueError: p is not a probability.

    Example:
        >>> import nn
        >>> out = nn.functional.dropout(ag.Tensor(np.ones(1000)), 0.2)
        >>> np.unique(out.data)
        array([0.  , 1.25])

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout (2014).
    """
    if inplace is not False:
        flags("dropout", inplace=inplace)
    x, p = floats(input), number("dropout", "p", p, 0.0, 1.0)
    if (training is not True and not _in_training("dropout", training)) or p == 0:
        return x
    return x * _dropout_mask(x.shape, p, x.dtype, generator)


def dropout1d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Dropout of whole channels of an input of shape (N, C, L) or (C, L).

    Args:
        input: the input.
        p: the probability, from 0 to 1.
        training: with False, x itself is returned.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ShapeError: x has other axes.
        ValueError: p is not a probability.

    Example:
        >>> import nn
        >>> out = nn.functional.dropout1d(ag.Tensor(np.ones((4, 2))), 0.5)
        >>> bool((out[:, 0] == out[:, 1]).all())
        True
    """
    if inplace is not False:
        flags("dropout1d", inplace=inplace)
    return _drop_channels("dropout1d", input, 1, p, training, generator)


def dropout2d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Dropout of whole channels of an input of shape (N, C, H, W) or (C, H, W).

    Args:
        input: the input.
        p: the probability, from 0 to 1.
        training: with False, x itself is returned.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ShapeError: x has other axes.
        ValueError: p is not a probability.

    Example:
        >>> import nn
        >>> out = nn.functional.dropout2d(ag.Tensor(np.ones((3, 2, 2))), 0.5)
        >>> bool((out[:, 0, 0] == out[:, 1, 1]).all())
        True

    Source: Tompson, Goroshin, Jain, LeCun and Bregler, Efficient object localization using
        convolutional networks (2015).
    """
    if inplace is not False:
        flags("dropout2d", inplace=inplace)
    return _drop_channels("dropout2d", input, 2, p, training, generator)


def dropout3d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Dropout of whole channels of an input of shape (N, C, D, H, W) or (C, D, H, W).

    Args:
        input: the input.
        p: the probability, from 0 to 1.
        training: with False, x itself is returned.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ShapeError: x has other axes.
        ValueError: p is not a probability.

    Example:
        >>> import nn
        >>> out = nn.functional.dropout3d(ag.Tensor(np.ones((3, 2, 2, 2))), 0.5)
        >>> bool((out[:, 0, 0, 0] == out[:, 1, 1, 1]).all())
        True
    """
    if inplace is not False:
        flags("dropout3d", inplace=inplace)
    return _drop_channels("dropout3d", input, 3, p, training, generator)


def alpha_dropout(
    input: Any,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Dropout to the value at which SELU saturates, rescaled to keep mean 0 and variance 1.

    Args:
        input: the input.
        p: the probability, from 0 to 1.
        training: with False, which is the default as in PyTorch, x itself is returned.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ValueError: p is not a probability.

    Example:
        >>> import nn
        >>> nn.functional.alpha_dropout(ag.Tensor([1.0]))
        Tensor([1.])

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017).
    """
    return _alpha_dropout("alpha_dropout", input, p, training, inplace, generator)


def feature_alpha_dropout(
    input: Any,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """`alpha_dropout` of whole channels: each entry of a channel is kept or lowered with the rest.

    Args:
        input: shape (N, C, ...).
        p: the probability, from 0 to 1.
        training: with False, which is the default as in PyTorch, x itself is returned.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ShapeError: x has no axis of channels.
        ValueError: p is not a probability.

    Example:
        >>> import nn
        >>> nn.functional.feature_alpha_dropout(ag.Tensor([[1.0]]))
        Tensor([[1.]])
    """
    what = "feature_alpha_dropout"
    return _alpha_dropout(what, input, p, training, inplace, generator, channels=True)


def _alpha_dropout(
    what: str,
    x: Any,
    p: float,
    training: bool,
    inplace: bool,
    generator: Any,
    channels: bool = False,
) -> Any:
    flags(what, inplace=inplace)
    if generator is not None:
        generator_or_default(what, generator)
    x, p = floats(x), number(what, "p", p, 0.0, 1.0)
    if channels and x.ndim < 2:
        raise ShapeError(message(what, f"an input of shape {x.shape}", "(N, C, ...)"))
    if not _in_training(what, training) or p == 0:
        return x
    if p == 1:
        return x * 0.0
    floor = -SELU_SCALE * SELU_ALPHA
    scale = 1.0 / math.sqrt((1.0 - p) * (1.0 + p * floor * floor))
    shape = (*x.shape[:2], *(1,) * (x.ndim - 2)) if channels else x.shape
    kept = generator_or_default(what, generator).random(shape) >= p
    lowered = ((~kept) * floor - p * floor) * scale
    return x * (kept * scale).astype(x.dtype) + lowered.astype(x.dtype)


def _in_training(what: str, training: bool) -> bool:
    flags(what, training=training)
    return training


def _dropout_mask(shape: tuple[int, ...], p: float, dtype: Any, generator: Any) -> Any:
    kept = generator_or_default("dropout", generator).random(shape) >= p
    return kept.astype(dtype) * (1.0 / (1.0 - p) if p < 1 else 0.0)


def _drop_channels(what: str, x: Any, k: int, p: float, training: bool, generator: Any) -> Any:
    x, p = floats(x), number(what, "p", p, 0.0, 1.0)
    if x.ndim not in (k + 1, k + 2):
        axes = f"({AXES[k]}) or ({AXES[k].partition(', ')[2]})"
        raise ShapeError(message(what, f"an input of shape {x.shape}", axes))
    if not _in_training(what, training) or p == 0:
        return x
    return x * _dropout_mask(x.shape[:-k] + (1,) * k, p, x.dtype, generator)
