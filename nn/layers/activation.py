"""Activations as modules; `inplace` is accepted and has no effect, as Tensors are immutable."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import autograd as ag
from autograd.errors import one_of
from autograd.names import both_keywords
from nn import functional as f
from nn.arguments import axes_numbers, flags, floating, later_axis, number, refuse, size
from nn.functional.activation import hardtanh_limits
from nn.layers.function import FunctionModule
from nn.module.module import Module
from nn.module.parameter import Parameter


class ReLU(FunctionModule):
    """max(x, 0), elementwise.

    Example:
        >>> import nn
        >>> nn.ReLU()(ag.Tensor([-1.0, 2.0]))
        Tensor([0., 2.])
    """

    def __init__(self, inplace: bool = False) -> None:
        flags("ReLU", inplace=inplace)
        super().__init__(ag.relu)


class ReLU6(FunctionModule):
    """min(max(x, 0), 6), elementwise.

    Example:
        >>> import nn
        >>> nn.ReLU6()(ag.Tensor([-1.0, 9.0]))
        Tensor([0., 6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        flags("ReLU6", inplace=inplace)
        super().__init__(f.relu6)


class LeakyReLU(FunctionModule):
    """x above 0, negative_slope · x elsewhere, so that a unit cannot die.

    Example:
        >>> import nn
        >>> nn.LeakyReLU(0.2)(ag.Tensor([-1.0, 2.0]))
        Tensor([-0.2,  2. ])
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        flags("LeakyReLU", inplace=inplace)
        slope = number("LeakyReLU", "negative_slope", negative_slope)
        super().__init__(f.leaky_relu, negative_slope=slope)


class ELU(FunctionModule):
    """x above 0, alpha · (eˣ - 1) elsewhere.

    Example:
        >>> import nn
        >>> nn.ELU()(ag.Tensor([-1000.0, 2.0]))
        Tensor([-1.,  2.])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        flags("ELU", inplace=inplace)
        super().__init__(f.elu, alpha=number("ELU", "alpha", alpha))


class SELU(FunctionModule):
    """A scaled ELU whose constants make mean 0 and variance 1 a fixed point.

    Example:
        >>> import nn
        >>> nn.SELU()(ag.Tensor([1.0]))
        Tensor([1.05070099])
    """

    def __init__(self, inplace: bool = False) -> None:
        flags("SELU", inplace=inplace)
        super().__init__(f.selu)


class CELU(FunctionModule):
    """x above 0, alpha · (exp(x / alpha) - 1) elsewhere.

    Example:
        >>> import nn
        >>> nn.CELU(0.5)(ag.Tensor([-1000.0, 2.0]))
        Tensor([-0.5,  2. ])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        flags("CELU", inplace=inplace)
        alpha = number("CELU", "alpha", alpha, 0.0, open_low=True)
        super().__init__(f.celu, alpha=alpha)


class GELU(FunctionModule):
    """x Φ(x), where Φ is the normal distribution function, or the approximation "tanh".

    Example:
        >>> import nn
        >>> nn.GELU()(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.84134475])
    """

    def __init__(self, approximate: str = "none") -> None:
        one_of("GELU", "approximate", approximate, ("none", "tanh"))
        super().__init__(f.gelu, approximate=approximate)


class SiLU(FunctionModule):
    """x σ(x), also known as swish.

    Example:
        >>> import nn
        >>> nn.SiLU()(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.73105858])
    """

    def __init__(self, inplace: bool = False) -> None:
        flags("SiLU", inplace=inplace)
        super().__init__(f.silu)


class Mish(FunctionModule):
    """x tanh(ln(1 + eˣ)).

    Example:
        >>> import nn
        >>> nn.Mish()(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.86509839])
    """

    def __init__(self, inplace: bool = False) -> None:
        flags("Mish", inplace=inplace)
        super().__init__(f.mish)


class Softplus(FunctionModule):
    """ln(1 + exp(beta · x)) / beta; see `nn.functional.softplus` for what `threshold` does.

    Example:
        >>> import nn
        >>> nn.Softplus()(ag.Tensor([0.0]))
        Tensor([0.69314718])
    """

    def __init__(self, beta: float = 1.0, threshold: float | None = None) -> None:
        beta = number("Softplus", "beta", beta, 0.0, open_low=True)
        if threshold is not None:
            threshold = number("Softplus", "threshold", threshold, finite=False)
        super().__init__(f.softplus, beta=beta, threshold=threshold)


class Softsign(FunctionModule):
    """x / (1 + |x|).

    Example:
        >>> import nn
        >>> nn.Softsign()(ag.Tensor([-1.0, 3.0]))
        Tensor([-0.5 ,  0.75])
    """

    def __init__(self) -> None:
        super().__init__(f.softsign)


class Sigmoid(FunctionModule):
    """1 / (1 + e⁻ˣ), without overflow.

    Example:
        >>> import nn
        >>> nn.Sigmoid()(ag.Tensor([0.0, -1000.0]))
        Tensor([0.5, 0. ])
    """

    def __init__(self) -> None:
        super().__init__(ag.sigmoid)


class LogSigmoid(FunctionModule):
    """ln σ(x), exact where σ(x) underflows.

    Example:
        >>> import nn
        >>> nn.LogSigmoid()(ag.Tensor([-1000.0]))
        Tensor([-1000.])
    """

    def __init__(self) -> None:
        super().__init__(f.logsigmoid)


class Hardsigmoid(FunctionModule):
    """x / 6 + 1/2, clipped to the interval from 0 to 1.

    Example:
        >>> import nn
        >>> nn.Hardsigmoid()(ag.Tensor([-4.0, 1.5]))
        Tensor([0.  , 0.75])
    """

    def __init__(self, inplace: bool = False) -> None:
        flags("Hardsigmoid", inplace=inplace)
        super().__init__(f.hardsigmoid)


class Hardtanh(FunctionModule):
    """x clipped to the interval from min_val to max_val.

    Example:
        >>> import nn
        >>> nn.Hardtanh()(ag.Tensor([-4.0, 0.5]))
        Tensor([-1. ,  0.5])
    """

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: None = None,
        max_value: None = None,
    ) -> None:
        flags("Hardtanh", inplace=inplace)
        refuse("Hardtanh", min_value=min_value, max_value=max_value)
        low, high = hardtanh_limits("Hardtanh", min_val, max_val)
        super().__init__(f.hardtanh, min_val=low, max_val=high)


class Hardswish(FunctionModule):
    """x relu6(x + 3) / 6.

    Example:
        >>> import nn
        >>> nn.Hardswish()(ag.Tensor([0.0, 3.0]))
        Tensor([0., 3.])
    """

    def __init__(self, inplace: bool = False) -> None:
        flags("Hardswish", inplace=inplace)
        super().__init__(f.hardswish)


class Tanh(FunctionModule):
    """The hyperbolic tangent, elementwise.

    Example:
        >>> import nn
        >>> nn.Tanh()(ag.Tensor([0.0]))
        Tensor([0.])
    """

    def __init__(self) -> None:
        super().__init__(ag.tanh)


class Tanhshrink(FunctionModule):
    """x - tanh x.

    Example:
        >>> import nn
        >>> nn.Tanhshrink()(ag.Tensor([0.0, 1.0]))
        Tensor([0.        , 0.23840584])
    """

    def __init__(self) -> None:
        super().__init__(f.tanhshrink)


class Softmax(FunctionModule):
    """exp(x_i / T) / Σ exp(x_j / T): positive numbers that sum to 1.

    Args:
        dim: the axis along which the result sums to 1.
        temperature: divides the logits; towards 0 the largest gets everything, towards infinity
            all get the same.

    Example:
        >>> import nn
        >>> nn.Softmax(temperature=500.0)(ag.Tensor([0.0, 1000.0]))
        Tensor([0.11920292, 0.88079708])
    """

    @both_keywords
    def __init__(self, dim: Any = -1, *, temperature: float = 1.0) -> None:
        temperature = number("Softmax", "temperature", temperature, 0.0, finite=False)
        super().__init__(f.softmax, dim=axes_numbers("Softmax", dim), temperature=temperature)


class LogSoftmax(FunctionModule):
    """The logarithm of `Softmax`, exact where that underflows.

    Args:
        dim: the axis along which the result sums to 1.
        temperature: divides the logits; towards 0 the largest gets everything, towards infinity
            all get the same.

    Example:
        >>> import nn
        >>> nn.LogSoftmax()(ag.Tensor([0.0, 1000.0]))
        Tensor([-1000.,     0.])
    """

    @both_keywords
    def __init__(self, dim: Any = -1, *, temperature: float = 1.0) -> None:
        temperature = number("LogSoftmax", "temperature", temperature, 0.0, finite=False)
        super().__init__(
            f.log_softmax, dim=axes_numbers("LogSoftmax", dim), temperature=temperature
        )


class Softmin(FunctionModule):
    """softmax(-x), largest for the smallest entry.

    Example:
        >>> import nn
        >>> nn.Softmin()(ag.Tensor([0.0, 0.0, 1000.0]))
        Tensor([0.5, 0.5, 0. ])
    """

    @both_keywords
    def __init__(self, dim: Any = -1) -> None:
        super().__init__(f.softmin, dim=axes_numbers("Softmin", dim))


class GLU(FunctionModule):
    """a σ(b), where a and b are the halves of x along an axis.

    Example:
        >>> import nn
        >>> nn.GLU()(ag.Tensor([4.0, 0.0]))
        Tensor([2.])
    """

    @both_keywords
    def __init__(self, dim: int = -1) -> None:
        super().__init__(f.glu, dim=later_axis("GLU", "dim", dim))


class Maxout(FunctionModule):
    """The largest of each `pieces` neighbours along an axis.

    The layer before it has pieces · features outputs.

    Example:
        >>> import nn
        >>> nn.Maxout(2)(ag.Tensor([1.0, 5.0, -2.0, -3.0]))
        Tensor([ 5., -2.])
    """

    @both_keywords
    def __init__(self, pieces: int, dim: int = -1) -> None:
        pieces, dim = size("Maxout", "pieces", pieces, 1), later_axis("Maxout", "dim", dim)
        super().__init__(f.maxout, pieces=pieces, dim=dim)


class PReLU(Module):
    """x above 0, weight · x elsewhere, with a learned weight.

    Args:
        num_parameters: 1, or the number of channels on axis 1.
        init: the initial weights.
        device: None or "cpu".
        dtype: the dtype of the weights.

    Attributes:
        weight: shape (num_parameters,).

    Example:
        >>> import nn
        >>> nn.PReLU()(ag.Tensor([-1.0, 2.0])).tolist()
        [-0.25, 2.0]

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
    ) -> None:
        super().__init__()
        self.num_parameters = size("PReLU", "num_parameters", num_parameters, 1)
        self.init = number("PReLU", "init", init)
        self.weight = Parameter(np.full(num_parameters, init, floating("PReLU", dtype, device)))

    def forward(self, input: Any) -> Any:
        """x above 0, weight · x elsewhere."""
        return f.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"
