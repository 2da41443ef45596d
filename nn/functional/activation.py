"""Activation functions, elementwise or along an axis."""

from __future__ import annotations

import math
from typing import Any

import autograd as ag
from autograd import ShapeError
from autograd.errors import message, one_of
from autograd.names import both_keywords
from nn.arguments import axis_number, flags, floats, number, size

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def relu(input: Any, inplace: bool = False) -> Any:
    """max(x, 0); its slope at 0 is 0.

    Args:
        input: x, of any shape.
        inplace: accepted, and has no effect, as in every function and layer that has it.

    Example:
        >>> import nn
        >>> nn.functional.relu(ag.Tensor([-1.0, 2.0]))
        Tensor([0., 2.])
    """
    if inplace is not False:
        flags("relu", inplace=inplace)
    return ag.relu(input)


def relu6(input: Any, inplace: bool = False) -> Any:
    """min(max(x, 0), 6).

    Example:
        >>> import nn
        >>> nn.functional.relu6(ag.Tensor([-1.0, 2.0, 9.0]))
        Tensor([0., 2., 6.])
    """
    if inplace is not False:
        flags("relu6", inplace=inplace)
    return hardtanh(input, 0.0, 6.0)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x above 0, negative_slope · x elsewhere, so that a unit cannot die.

    Example:
        >>> import nn
        >>> nn.functional.leaky_relu(ag.Tensor([-1.0, 2.0]), 0.1)
        Tensor([-0.1,  2. ])

    Source: Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models
        (2013).
    """
    if inplace is not False:
        flags("leaky_relu", inplace=inplace)
    x, slope = floats(input), number("leaky_relu", "negative_slope", negative_slope)
    return ag.where(x > 0, x, slope * x)


def prelu(input: Any, weight: Any) -> Any:
    """x above 0, weight · x elsewhere, with a learned weight.

    Args:
        input: shape (N, C, ...), or any shape if there is one weight.
        weight: shape (1,) or (C,), or a single number.

    Raises:
        ShapeError: the number of weights is neither 1 nor C.

    Example:
        >>> import nn
        >>> nn.functional.prelu(ag.Tensor([[-1.0, -1.0]]), ag.Tensor([0.1, 0.2]))
        Tensor([[-0.1, -0.2]])

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """
    x, weight = floats(input), floats(weight)
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.shape not in ((), (1,), (channels,)):
        raise ShapeError(
            message(
                "prelu",
                f"weight of shape {weight.shape} for an input of shape {x.shape}",
                f"(1,) or ({channels},): one weight for all channels or one for each"
                if x.ndim > 1
                else "(1,), because it has no axis of channels",
            )
        )
    # A weight of shape (1,) would turn a 0-d input into a vector.
    weight = weight.reshape((-1, *(1,) * (x.ndim - 2)) if x.ndim > 1 else x.ndim * (1,))
    return ag.where(x > 0, x, weight * x)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x above 0, alpha · (eˣ - 1) elsewhere.

    Example:
        >>> import nn
        >>> nn.functional.elu(ag.Tensor([-1000.0, 2.0]))
        Tensor([-1.,  2.])

    Source: Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by
        exponential linear units (2016).
    """
    if inplace is not False:
        flags("elu", inplace=inplace)
    x, alpha = floats(input), number("elu", "alpha", alpha)
    return ag.where(x > 0, x, alpha * ag.expm1(_negative_part(x)))


def selu(input: Any, inplace: bool = False) -> Any:
    """scale · elu(x, alpha), with the constants that make mean 0 and variance 1 a fixed point.

    Example:
        >>> import nn
        >>> nn.functional.selu(ag.Tensor([1.0]))
        Tensor([1.05070099])

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017).
    """
    if inplace is not False:
        flags("selu", inplace=inplace)
    return SELU_SCALE * elu(input, SELU_ALPHA)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x above 0, alpha · (exp(x / alpha) - 1) elsewhere: its slope is continuous for every alpha.

    Example:
        >>> import nn
        >>> nn.functional.celu(ag.Tensor([-1000.0, 2.0]), 0.5)
        Tensor([-0.5,  2. ])

    Source: Barron, Continuously differentiable exponential linear units (2017).
    """
    if inplace is not False:
        flags("celu", inplace=inplace)
    x, alpha = floats(input), number("celu", "alpha", alpha, 0.0, open_low=True)
    return ag.where(x > 0, x, alpha * ag.expm1(_negative_part(x) / alpha))


def gelu(input: Any, approximate: str = "none") -> Any:
    """x Φ(x), where Φ is the cumulative distribution function of the normal distribution.

    Args:
        input: the input.
        approximate: "none", or "tanh" for x / 2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), which
            differs by less than 0.0005.

    Raises:
        ValueError: `approximate` is something else.

    Example:
        >>> import nn
        >>> nn.functional.gelu(ag.Tensor([-1.0, 0.0, 1.0]))
        Tensor([-0.15865525,  0.        ,  0.84134475])

    Source: Hendrycks and Gimpel, Gaussian error linear units (2016).
    """
    x = floats(input)
    if one_of("gelu", "approximate", approximate, ("none", "tanh")) == "tanh":
        # (1 + tanh y) / 2 is the sigmoid of 2y, which takes fewer operations.
        slope = 2.0 * math.sqrt(2.0 / math.pi)
        return x * ag.sigmoid(x * (slope + (slope * 0.044715) * ag.square(x)))
    return x * (0.5 + 0.5 * ag.erf(x * math.sqrt(0.5)))


def silu(input: Any, inplace: bool = False) -> Any:
    """x σ(x), also known as swish.

    Example:
        >>> import nn
        >>> nn.functional.silu(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.73105858])

    Source: Elfwing, Uchibe and Doya, Sigmoid-weighted linear units (2018).
    """
    if inplace is not False:
        flags("silu", inplace=inplace)
    x = floats(input)
    return x * ag.sigmoid(x)


def mish(input: Any, inplace: bool = False) -> Any:
    """x tanh(ln(1 + eˣ)).

    Example:
        >>> import nn
        >>> nn.functional.mish(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.86509839])

    Source: Misra, Mish: a self regularized non-monotonic activation function (2019).
    """
    if inplace is not False:
        flags("mish", inplace=inplace)
    x = floats(input)
    return x * ag.tanh(ag.softplus(x))


def softplus(input: Any, beta: float = 1.0, threshold: float | None = None) -> Any:
    """ln(1 + exp(beta · x)) / beta: a smooth ReLU, without overflow.

    Args:
        input: the input.
        beta: the sharpness of the bend.
        threshold: the value of beta · x above which x itself is returned. It is not needed here;
            PyTorch's default of 20 causes an error of 2e-9.

    Example:
        >>> import nn
        >>> nn.functional.softplus(ag.Tensor([0.0, 1000.0]))
        Tensor([6.93147181e-01, 1.00000000e+03])
    """
    x, beta = floats(input), number("softplus", "beta", beta, 0.0, open_low=True)
    smooth = ag.softplus(x * beta) / beta
    if threshold is None:
        return smooth
    return ag.where(x * beta > number("softplus", "threshold", threshold, finite=False), x, smooth)


def softsign(input: Any) -> Any:
    """x / (1 + |x|).

    Example:
        >>> import nn
        >>> nn.functional.softsign(ag.Tensor([-1.0, 3.0]))
        Tensor([-0.5 ,  0.75])
    """
    x = floats(input)
    return x / (1.0 + ag.abs(x))


def sigmoid(input: Any) -> Any:
    """1 / (1 + e⁻ˣ), without overflow.

    Example:
        >>> import nn
        >>> nn.functional.sigmoid(ag.Tensor([0.0, -1000.0]))
        Tensor([0.5, 0. ])
    """
    return ag.sigmoid(input)


def logsigmoid(input: Any) -> Any:
    """ln σ(x), exact where σ(x) underflows.

    Example:
        >>> import nn
        >>> nn.functional.logsigmoid(ag.Tensor([-1000.0]))
        Tensor([-1000.])
    """
    return -ag.softplus(-floats(input))


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """x / 6 + 1/2, clipped to the interval from 0 to 1.

    Example:
        >>> import nn
        >>> nn.functional.hardsigmoid(ag.Tensor([-4.0, 0.0, 1.5]))
        Tensor([0.  , 0.5 , 0.75])
    """
    if inplace is not False:
        flags("hardsigmoid", inplace=inplace)
    return hardtanh(input, -3.0, 3.0) / 6.0 + 0.5


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """x clipped to the interval from min_val to max_val; the slope is 0 at both ends, as in `relu`.

    Raises:
        ValueError: min_val is not below max_val.

    Example:
        >>> import nn
        >>> nn.functional.hardtanh(ag.Tensor([-4.0, 0.5]))
        Tensor([-1. ,  0.5])
    """
    if inplace is not False:
        flags("hardtanh", inplace=inplace)
    low, high = hardtanh_limits("hardtanh", min_val, max_val)
    x = floats(input)
    # `clip` passes the gradient at its ends, where relu'(0) = 0 asks for none.
    return ag.where(x <= low, low, ag.where(x >= high, high, x))


def hardtanh_limits(what: str, min_val: Any, max_val: Any) -> tuple[float, float]:
    """Both limits as floats.

    Raises:
        ValueError: one is not a number, or min_val is not below max_val.
    """
    low = number(what, "min_val", min_val, finite=False)
    high = number(what, "max_val", max_val, finite=False)
    if not low < high:
        got = f"min_val={min_val} and max_val={max_val}"
        raise ValueError(message(what, got, "min_val below max_val"))
    return low, high


def hardswish(input: Any, inplace: bool = False) -> Any:
    """x relu6(x + 3) / 6.

    Example:
        >>> import nn
        >>> nn.functional.hardswish(ag.Tensor([-4.0, 0.0, 3.0]))
        Tensor([-0.,  0.,  3.])

    Source: Howard et al., Searching for MobileNetV3 (2019).
    """
    if inplace is not False:
        flags("hardswish", inplace=inplace)
    x = floats(input)
    return x * hardsigmoid(x)


def tanh(input: Any) -> Any:
    """The hyperbolic tangent.

    Example:
        >>> import nn
        >>> nn.functional.tanh(ag.Tensor([0.0]))
        Tensor([0.])
    """
    return ag.tanh(input)


def tanhshrink(input: Any) -> Any:
    """x - tanh x.

    Example:
        >>> import nn
        >>> nn.functional.tanhshrink(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.23840584])
    """
    x = floats(input)
    return x - ag.tanh(x)


@both_keywords
def glu(input: Any, dim: int = -1) -> Any:
    """a σ(b), where a and b are the halves of x along an axis.

    Raises:
        ShapeError: the axis has an odd length.

    Example:
        >>> import nn
        >>> nn.functional.glu(ag.Tensor([4.0, 0.0]))
        Tensor([2.])

    Source: Dauphin, Fan, Auli and Grangier, Language modeling with gated convolutional networks
        (2017).
    """
    x = floats(input)
    if x.shape[axis_number("glu", dim, x.ndim)] % 2:
        raise ShapeError(
            message("glu", f"an input of shape {x.shape}", f"an even length along axis {dim}")
        )
    a, b = ag.split(x, 2, axis=dim)
    return a * ag.sigmoid(b)


@both_keywords
def maxout(input: Any, pieces: int, dim: int = -1) -> Any:
    """The largest of each `pieces` neighbours along an axis, a learned convex activation.

    Args:
        input: the input; the axis has a length of pieces · features.
        pieces: the number of linear pieces of each output.
        dim: the axis.

    Raises:
        ShapeError: the length of the axis is not a multiple of `pieces`.

    Example:
        >>> import nn
        >>> nn.functional.maxout(ag.Tensor([1.0, 5.0, -2.0, -3.0]), 2)
        Tensor([ 5., -2.])

    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio, Maxout networks (2013).
    """
    x, pieces = floats(input), size("maxout", "pieces", pieces, 1)
    place = axis_number("maxout", dim, x.ndim)
    if x.shape[place] % pieces:
        raise ShapeError(
            message(
                "maxout",
                f"an input of shape {x.shape}",
                f"a multiple of pieces = {pieces} along axis {dim}",
            )
        )
    shape = (*x.shape[:place], x.shape[place] // pieces, pieces, *x.shape[place + 1 :])
    return ag.max(x.reshape(shape), axis=place + 1)


def _negative_part(x: Any) -> Any:
    """min(x, 0), so that an exponential that `where` discards cannot overflow."""
    return ag.where(x > 0, 0.0, x)
