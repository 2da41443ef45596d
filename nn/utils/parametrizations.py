"""Weight and spectral normalization, as parametrizations with PyTorch's names and state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor, random
from autograd.errors import as_int, described, message
from nn.arguments import array, axis_number, integer, number, size
from nn.layers.convolution import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nn.module.module import Module
from nn.utils.parametrize import register_parametrization


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Split a weight into lengths and directions: w = g v / ‖v‖, for each entry along an axis.

    Args:
        module: the module, which is changed and returned.
        name: the name of its parameter.
        dim: the axis of the units, whose weights have a length each; None for a single length.

    Returns:
        the module, whose parameters are now `parametrizations.weight.original0`, g, and
        `parametrizations.weight.original1`, v.

    Raises:
        ValueError: the module has no such parameter.
        ShapeError: the parameter has no such axis.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(4, 3))
        >>> layer.parametrizations.weight.original0.shape
        (3, 1)

    Source: Salimans and Kingma, Weight normalization (2016).
    """
    what = "weight_norm"
    weight = _weight_of(what, module, name)
    axis = None if dim is None or as_int(dim) == -1 else axis_number(what, dim, weight.ndim)
    return register_parametrization(module, name, WeightNorm(axis), unsafe=True)


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value, so that the map has a slope of at most 1.

    The weight is read as a matrix with a row for each unit. Each reading of it in training improves
    the estimate of the singular vectors, which start with random numbers of `autograd.random`.

    Args:
        module: the module, which is changed and returned.
        name: the name of its parameter.
        n_power_iterations: the number of iterations for each reading.
        eps: the smallest length to divide by.
        dim: the axis of the units; by default 0, and 1 for transposed convolutions.

    Returns:
        the module, whose parameter is now `parametrizations.weight.original`, with the buffers
        `parametrizations.weight.0._u` and `_v`.

    Raises:
        ValueError: the module has no such parameter, or an argument is out of range.
        ShapeError: the parameter has no such axis.

    Example:
        >>> import nn
        >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 3)).eval()
        >>> bool(ag.linalg.norm(layer.weight, 2) < 1.1)
        True

    Source: Miyato, Kataoka, Koyama and Yoshida, Spectral normalization for generative adversarial
        networks (2018).
    """
    what = "spectral_norm"
    weight = _weight_of(what, module, name)
    if dim is None:
        transposed = (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)
        dim = 1 if isinstance(module, transposed) else 0
    norm = SpectralNorm(weight, n_power_iterations, dim, eps)
    return register_parametrization(module, name, norm)


def _weight_of(what: str, module: Any, name: Any) -> Tensor:
    """The parameter of a module, which may be parametrized already."""
    found = getattr(module, name, None) if isinstance(name, str) else None
    if not isinstance(module, Module) or not isinstance(found, Tensor) or not found.ndim:
        got = f"the name {described(name)} for {type(module).__name__}"
        raise ValueError(message(what, got, "a module and the name of one of its parameters"))
    return found


class WeightNorm(Module):
    """The map of lengths g and directions v to g v / ‖v‖; see `weight_norm`.

    Args:
        dim: the axis of the units, or None for a single length.

    Example:
        >>> from nn.utils.parametrizations import WeightNorm
        >>> WeightNorm(0)(np.array([[10.0]]), np.array([[3.0, 4.0]])).tolist()
        [[6.0, 8.0]]
    """

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = None if dim is None else integer("WeightNorm", "dim", dim)

    def _length(self, v: Any) -> Any:
        """‖v‖ over all axes but one, which are kept with length 1."""
        if self.dim is None:
            return ag.sqrt(ag.sum(ag.square(v)))
        others = tuple(i for i in range(v.ndim) if i != self.dim % v.ndim)
        return ag.sqrt(ag.sum(ag.square(v), axis=others, keepdims=True))

    def forward(self, g: Any, v: Any) -> Any:
        """g v / ‖v‖."""
        return v * (g / self._length(v))

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        """The length of each unit's weight, and the weight itself as the direction."""
        return self._length(weight), weight


class SpectralNorm(Module):
    """The map of a weight to the weight divided by its largest singular value.

    See `spectral_norm` for the arguments.

    Attributes:
        _u: the estimate of the left singular vector.
        _v: the estimate of the right singular vector.
    """

    _u: Any
    _v: Any

    def __init__(
        self, weight: Any, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12
    ) -> None:
        super().__init__()
        what, weight = "spectral_norm", array(weight)
        self.dim = axis_number(what, dim, weight.ndim)
        self.n_power_iterations = size(what, "n_power_iterations", n_power_iterations, 1, 10_000)
        self.eps = number(what, "eps", eps, 0.0)
        if weight.ndim > 1:
            matrix = np.asanyarray(ag.stop_gradient(self._matrix(weight)))
            draw = random.generator().normal
            for name, n in zip(("_u", "_v"), matrix.shape, strict=True):
                self.register_buffer(name, self._unit(draw(size=n).astype(matrix.dtype)))
            self._iterate(matrix, 15)

    def _matrix(self, weight: Any) -> Any:
        """The weight with a row for each unit."""
        if self.dim:
            weight = ag.moveaxis(weight, self.dim, 0)
        return weight.reshape((weight.shape[0], math.prod(weight.shape[1:])))

    def _unit(self, x: Any) -> Any:
        return np.asanyarray(x / np.maximum(np.sqrt((x * x).sum()), self.eps).astype(x.dtype))

    def _iterate(self, matrix: Any, count: int) -> None:
        """Move the estimates towards the singular vectors of the largest singular value."""
        u, v = self._u, self._v
        for _ in range(count):
            u = self._unit(matrix @ v)
            v = self._unit(matrix.T @ u)
        self._u, self._v = u, v

    def forward(self, weight: Any) -> Any:
        """The weight divided by uᵀ W v."""
        if weight.ndim == 1:  # a vector, whose singular value is its length
            length = ag.sqrt(ag.sum(ag.square(weight)))
            return weight / ag.maximum(length, self.eps)
        matrix = self._matrix(weight)
        if self.training:
            self._iterate(np.asanyarray(ag.stop_gradient(matrix)), self.n_power_iterations)
        return weight / ag.vdot(self._u, matrix @ self._v)

    def right_inverse(self, value: Any) -> Any:
        """The value itself, which is what the parameter was before."""
        return value
