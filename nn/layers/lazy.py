"""Layers that learn the size of their input from their first call: LazyLinear and its kin.

Each is the ordinary layer without its first argument. The first call looks at the input, gives the
parameters their shapes, and makes the object one of the ordinary class; nothing lazy remains.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError
from autograd.errors import message
from nn.arguments import generator_or_default
from nn.layers.convolution import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from nn.layers.linear import Linear
from nn.layers.running_statistics import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
)
from nn.module.module import Module
from nn.module.parameter import Parameter, UninitializedParameter

UNKNOWN = (0,)  # the shape of what has none yet


class Lazy(Module):
    """What makes `class LazyLinear(Lazy, Linear)` a Linear whose first argument is found later."""

    _ordinary: ClassVar[Any]  # the class that the layer will have
    _size: ClassVar[str]  # the name of the argument that is found
    # The axis of an input that has this size; if its number of axes matters, by that number.
    _axis: ClassVar[int | dict[int, int]]
    _defaults: ClassVar[dict[str, Any]] = {}  # those that differ from the ordinary class's
    _arguments: dict[str, Any]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._ordinary = ordinary = cls.__bases__[1]
        signature = inspect.signature(ordinary)
        first, *rest = signature.parameters.values()
        rest = [p.replace(default=cls._defaults.get(p.name, p.default)) for p in rest]
        cls._size = first.name
        cls.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        cls.forward = _first_forward(ordinary)  # type: ignore[method-assign]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        signature: inspect.Signature = type(self).__signature__  # type: ignore[attr-defined]
        try:
            given = self._defaults | dict(signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}") from None
        generator_or_default(type(self).__name__, given.get("generator"))
        # Any size serves to check the other arguments; a convolution's is a multiple of its groups.
        groups = given.get("groups", 1)
        placeholder = groups if type(groups) is int and groups > 0 else 1
        super().__init__(placeholder, **given)  # type: ignore[call-arg]
        for name, entry in _entries(self).items():
            if isinstance(entry, Parameter):
                unknown: Any = UninitializedParameter(entry.requires_grad, dtype=entry.dtype)
            else:
                unknown = np.zeros(UNKNOWN, entry.dtype)
            setattr(self, name, unknown)
        object.__setattr__(self, "_arguments", given)
        object.__setattr__(self, "_any_shape", frozenset(_entries(self)))
        object.__setattr__(self, self._size, None)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Nothing: the parameters are drawn in the first call."""

    def _become_ordinary(self, shape: tuple[int, ...]) -> None:
        """Give the parameters the shapes that fit an input of this shape, and initialize them."""
        length = self._length(shape)
        made = _entries(self._ordinary(length, **self._arguments))
        for name, entry in _entries(self).items():
            if entry.shape not in (UNKNOWN, made[name].shape):
                got = f"an input of shape {shape} and a loaded {name} of shape {entry.shape}"
                expected = f"a {name} of shape {made[name].shape}"
                raise ShapeError(message(type(self).__name__, got, expected))
        for name, entry in _entries(self).items():
            if isinstance(entry, UninitializedParameter):
                entry.become(made[name])
            elif entry.shape == UNKNOWN:
                setattr(self, name, made[name].astype(entry.dtype))
        for name in ("_arguments", "_any_shape"):
            object.__delattr__(self, name)
        object.__setattr__(self, self._size, length)
        object.__setattr__(self, "_scope_kind", self._ordinary.__name__)
        object.__setattr__(self, "__class__", self._ordinary)

    def _length(self, shape: tuple[int, ...]) -> int:
        """The size that an input of this shape has."""
        axis = self._axis
        if isinstance(axis, dict) and len(shape) not in axis:
            counts = " or ".join(map(str, sorted(axis))) + " axes"
        elif not shape:
            counts = "at least 1 axis"
        else:
            return shape[axis if isinstance(axis, int) else axis[len(shape)]]
        raise ShapeError(message(type(self).__name__, f"an input of shape {shape}", counts))


def _first_forward(ordinary: Any) -> Any:
    """The `forward` that makes a layer an ordinary one, and then runs as that."""

    @functools.wraps(ordinary.forward)
    def forward(self: Any, input: Any, *args: Any, **kwargs: Any) -> Any:
        self._become_ordinary(np.shape(input))
        return self.forward(input, *args, **kwargs)

    return forward


def _entries(module: Module) -> dict[str, Any]:
    """The parameters and buffers of a layer that it has, without those of one number."""
    entries = {**module._parameters, **module._buffers}
    return {name: entry for name, entry in entries.items() if entry is not None and entry.ndim}


def _channels(axes: int) -> dict[int, int]:
    """Of images of so many axes, the axis of the channels: with a batch, or without."""
    return {axes + 2: 1, axes + 1: 0}


class LazyLinear(Lazy, Linear):
    """A `Linear` that learns `in_features` from its first input.

    Arguments are those of `Linear` without the first. An optimizer may be made before that call;
    `load_state_dict` sets the sizes too.

    Raises:
        ShapeError: the first input has no axes.

    Example:
        >>> import nn
        >>> layer = nn.LazyLinear(2)
        >>> layer(np.ones((5, 3))).shape
        (5, 2)
        >>> layer
        Linear(in_features=3, out_features=2, bias=True)
    """

    _axis: ClassVar[int | dict[int, int]] = -1


class LazyConv1d(Lazy, Conv1d):
    """A `Conv1d` that learns `in_channels` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> nn.LazyConv1d(4, 3)(np.ones((5, 2, 9))).shape
        (5, 4, 7)
    """

    _axis: ClassVar[int | dict[int, int]] = _channels(1)


class LazyConv2d(Lazy, Conv2d):
    """A `Conv2d` that learns `in_channels` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(10))
        >>> model(np.ones((5, 1, 6, 6))).shape
        (5, 10)
        >>> model[2].in_features
        64
    """

    _axis: ClassVar[int | dict[int, int]] = _channels(2)


class LazyConv3d(Lazy, Conv3d):
    """A `Conv3d` that learns `in_channels` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> nn.LazyConv3d(4, 2)(np.ones((5, 2, 3, 3, 3))).shape
        (5, 4, 2, 2, 2)
    """

    _axis: ClassVar[int | dict[int, int]] = _channels(3)


class LazyConvTranspose1d(Lazy, ConvTranspose1d):
    """A `ConvTranspose1d` that learns `in_channels` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> nn.LazyConvTranspose1d(4, 2, stride=2)(np.ones((5, 3, 4))).shape
        (5, 4, 8)
    """

    _axis: ClassVar[int | dict[int, int]] = _channels(1)


class LazyConvTranspose2d(Lazy, ConvTranspose2d):
    """A `ConvTranspose2d` that learns `in_channels` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> nn.LazyConvTranspose2d(4, 2, stride=2)(np.ones((5, 3, 4, 4))).shape
        (5, 4, 8, 8)
    """

    _axis: ClassVar[int | dict[int, int]] = _channels(2)


class LazyConvTranspose3d(Lazy, ConvTranspose3d):
    """A `ConvTranspose3d` that learns `in_channels` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> nn.LazyConvTranspose3d(4, 2, stride=2)(np.ones((5, 3, 2, 2, 2))).shape
        (5, 4, 4, 4, 4)
    """

    _axis: ClassVar[int | dict[int, int]] = _channels(3)


class LazyBatchNorm1d(Lazy, BatchNorm1d):
    """A `BatchNorm1d` that learns `num_features` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> nn.LazyBatchNorm1d()(np.ones((5, 3))).shape
        (5, 3)
    """

    _axis: ClassVar[int | dict[int, int]] = {2: 1, 3: 1}


class LazyBatchNorm2d(Lazy, BatchNorm2d):
    """A `BatchNorm2d` that learns `num_features` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> nn.LazyBatchNorm2d()(np.ones((5, 3, 2, 2))).shape
        (5, 3, 2, 2)
    """

    _axis: ClassVar[int | dict[int, int]] = {4: 1}


class LazyBatchNorm3d(Lazy, BatchNorm3d):
    """A `BatchNorm3d` that learns `num_features` from its first input; see `LazyLinear`.

    Example:
        >>> import nn
        >>> nn.LazyBatchNorm3d()(np.ones((5, 3, 2, 2, 2))).shape
        (5, 3, 2, 2, 2)
    """

    _axis: ClassVar[int | dict[int, int]] = {5: 1}


class LazyInstanceNorm1d(Lazy, InstanceNorm1d):
    """An `InstanceNorm1d` that learns `num_features` from its first input; see `LazyLinear`.

    As in PyTorch, `affine` and `track_running_stats` are True by default, unlike in the ordinary
    layer.

    Example:
        >>> import nn
        >>> nn.LazyInstanceNorm1d()(np.ones((5, 3, 2))).shape
        (5, 3, 2)
    """

    _defaults: ClassVar[dict[str, Any]] = {"affine": True, "track_running_stats": True}
    _axis: ClassVar[int | dict[int, int]] = _channels(1)


class LazyInstanceNorm2d(Lazy, InstanceNorm2d):
    """An `InstanceNorm2d` that learns `num_features`; see `LazyInstanceNorm1d`.

    Example:
        >>> import nn
        >>> nn.LazyInstanceNorm2d()(np.ones((5, 3, 2, 2))).shape
        (5, 3, 2, 2)
    """

    _defaults: ClassVar[dict[str, Any]] = {"affine": True, "track_running_stats": True}
    _axis: ClassVar[int | dict[int, int]] = _channels(2)


class LazyInstanceNorm3d(Lazy, InstanceNorm3d):
    """An `InstanceNorm3d` that learns `num_features`; see `LazyInstanceNorm1d`.

    Example:
        >>> import nn
        >>> nn.LazyInstanceNorm3d()(np.ones((5, 3, 2, 2, 2))).shape
        (5, 3, 2, 2, 2)
    """

    _defaults: ClassVar[dict[str, Any]] = {"affine": True, "track_running_stats": True}
    _axis: ClassVar[int | dict[int, int]] = _channels(3)
