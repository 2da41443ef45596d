"""Convolutional layers and their transposes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from autograd.errors import message, one_of
from nn import functional as f
from nn.arguments import divisor, flags, floating, size, sizes, zeros
from nn.functional.padding import (
    PADDING_MODES,
    check_output_padding,
    effective_kernel_size,
    pad_last,
    pad_widths,
)
from nn.layers.linear import uniform_by_fan_in
from nn.module.module import Module
from nn.module.parameter import Parameter


class _Convolution(Module):
    """What the six layers share."""

    _axes: ClassVar[int]
    _is_transpose: ClassVar[bool] = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: str | None,
        dtype: npt.DTypeLike,
        generator: np.random.Generator | None,
    ) -> None:
        super().__init__()
        what, k = type(self).__name__, self._axes
        self.in_channels = size(what, "in_channels", in_channels, 1)
        self.out_channels = size(what, "out_channels", out_channels, 1)
        self.kernel_size = sizes(what, "kernel_size", kernel_size, k)
        self.stride = sizes(what, "stride", stride, k)
        self.dilation = sizes(what, "dilation", dilation, k)
        channels = {"in_channels": self.in_channels, "out_channels": self.out_channels}
        self.groups = divisor(what, "groups", groups, **channels)
        flags(what, bias=bias)
        if isinstance(padding, str):
            self.padding = one_of(what, "padding", padding, ("valid", "same"))
        else:
            self.padding = sizes(what, "padding", padding, k, 0)
        modes = ("zeros",) if self._is_transpose else tuple(PADDING_MODES)
        self.padding_mode = one_of(what, "padding_mode", padding_mode, modes)
        shape = (out_channels, in_channels // groups)
        if self._is_transpose:
            shape = (in_channels, out_channels // groups)
        dtype = floating(what, dtype, device)
        self.weight = Parameter(zeros(self, (*shape, *self.kernel_size), dtype))
        self.register_parameter("bias", None)
        if bias:
            self.bias = Parameter(zeros(self, out_channels, dtype))
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the parameters again, uniformly between ±1/√fan_in."""
        fan_in = self.weight.shape[1] * math.prod(self.kernel_size)
        uniform_by_fan_in(fan_in, generator, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The arguments that are not the defaults."""
        k = self._axes
        parts = [f"{self.in_channels}, {self.out_channels}"]
        parts += [f"kernel_size={self.kernel_size}, stride={self.stride}"]
        defaults = {
            "padding": (0,) * k,
            "dilation": (1,) * k,
            "output_padding": (0,) * k,
            "groups": 1,
        }
        for name, value in defaults.items():
            given = getattr(self, name, value)
            parts += [] if given == value else [f"{name}={given!r}"]
        parts += [] if self.bias is not None else ["bias=False"]
        parts += [] if self.padding_mode == "zeros" else [f"padding_mode={self.padding_mode}"]
        return ", ".join(parts)


class _Forward(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
            generator,
        )

    def forward(self, input: Any) -> Any:
        """The convolution of the input."""
        x, padding = input, self.padding
        if self.padding_mode != "zeros" and np.ndim(x) > self._axes:
            lengths = np.shape(x)[-self._axes :]
            reach = effective_kernel_size(self.kernel_size, self.dilation)
            widths = pad_widths(type(self).__name__, padding, lengths, reach, self.stride)
            x, padding = pad_last(x, widths, mode=PADDING_MODES[self.padding_mode]), 0
        function = (f.conv1d, f.conv2d, f.conv3d)[self._axes - 1]
        options = self.stride, padding, self.dilation, self.groups
        return function(x, self.weight, self.bias, *options)


class _Transposed(_Convolution):
    _is_transpose = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
            generator,
        )
        what = type(self).__name__
        self.output_padding = sizes(what, "output_padding", output_padding, self._axes, 0)
        check_output_padding(what, self.output_padding, self.stride, self.dilation)

    def forward(self, input: Any, output_size: Any = None) -> Any:
        """The transposed convolution of the input.

        Args:
            input: shape (N, in_channels, ...) or (in_channels, ...).
            output_size: the lengths of the output, or its shape, instead of `output_padding`.
        """
        extra = self.output_padding
        if output_size is not None:
            extra = self._extra_for(input, output_size)
        functions = f.conv_transpose1d, f.conv_transpose2d, f.conv_transpose3d
        function = functions[self._axes - 1]
        options = self.stride, self.padding, extra, self.groups, self.dilation
        return function(input, self.weight, self.bias, *options)

    def _extra_for(self, input: Any, output_size: Any) -> tuple[int, ...]:
        """The output_padding that gives an output of this size."""
        what, k = type(self).__name__, self._axes
        given = tuple(output_size) if isinstance(output_size, Sequence) else (output_size,)
        wanted = sizes(what, "output_size", given[-k:], k)
        if isinstance(self.padding, str):
            got = f"output_size={output_size!r} with padding={self.padding!r}"
            raise ValueError(message(what, got, "a padding of integers"))
        reach = effective_kernel_size(self.kernel_size, self.dilation)
        lengths = np.shape(input)[-k:]
        geometry = zip(lengths, self.stride, self.padding, reach, strict=True)
        least = [(n - 1) * s - 2 * p + r for n, s, p, r in geometry]
        extra = [w - m for w, m in zip(wanted, least, strict=True)]
        if any(not 0 <= e < s for e, s in zip(extra, self.stride, strict=True)):
            most = [m + s - 1 for m, s in zip(least, self.stride, strict=True)]
            raise ShapeError(
                message(what, f"output_size={output_size!r}", f"lengths from {least} to {most}")
            )
        return tuple(extra)


class Conv1d(_Forward):
    """Slides kernels along one axis; see `nn.functional.conv1d` for the formula.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output, one for each kernel.
        kernel_size: the length of the kernel.
        stride: the step from one position of the kernel to the next.
        padding: the number of entries on either side; "valid" for none; "same" for as many as make
            the output ⌈L / stride⌉ long.
        dilation: the step between the entries of the kernel.
        groups: the number of groups of channels that are convolved separately.
        bias: whether to add a bias to each output channel.
        padding_mode: the contents of the padding: "zeros", "reflect", "replicate" or "circular".
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters, drawn uniformly between ±1/√fan_in.

    Attributes:
        weight: shape (out_channels, in_channels / groups, kernel_size).
        bias: shape (out_channels,), or None.

    Shape:
        (N, in_channels, L) or (in_channels, L) to (N, out_channels, L').

    Raises:
        ValueError: an argument is out of range.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.Conv1d(2, 4, 3, padding="same", stride=2)(np.ones((5, 2, 9))).shape
        (5, 4, 5)
    """

    _axes = 1


class Conv2d(_Forward):
    """Slides kernels over two axes; arguments as in `Conv1d`, each length an int or a pair.

    Attributes:
        weight: shape (out_channels, in_channels / groups, height, width).
        bias: shape (out_channels,), or None.

    Shape:
        (N, in_channels, H, W) or (in_channels, H, W) to (N, out_channels, H', W').

    Raises:
        ValueError: an argument is out of range.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.Conv2d(3, 8, 3, padding=1)(np.ones((2, 3, 5, 5))).shape
        (2, 8, 5, 5)
    """

    _axes = 2


class Conv3d(_Forward):
    """Slides kernels over three axes; arguments as in `Conv1d`, lengths ints or three of them.

    Attributes:
        weight: shape (out_channels, in_channels / groups, depth, height, width).
        bias: shape (out_channels,), or None.

    Shape:
        (N, in_channels, D, H, W) or (in_channels, D, H, W) to (N, out_channels, D', H', W').

    Raises:
        ValueError: an argument is out of range.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.Conv3d(2, 4, 3, padding=1)(np.ones((1, 2, 5, 6, 7))).shape
        (1, 4, 5, 6, 7)
    """

    _axes = 3


class ConvTranspose1d(_Transposed):
    """The transpose of `Conv1d`: each entry of the input scales a kernel, and overlaps add up.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: the length of the kernel.
        stride: the step from one kernel to the next.
        padding: the number of entries cut off on either side; "valid" for none; "same" for as many
            as make the output stride · L long.
        output_padding: the number of entries added at the end.
        groups: the number of groups of channels that are convolved separately.
        bias: whether to add a bias to each output channel.
        dilation: the step between the entries of the kernel.
        padding_mode: "zeros".
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters, drawn uniformly between ±1/√fan_in.

    Attributes:
        weight: shape (in_channels, out_channels / groups, kernel_size).
        bias: shape (out_channels,), or None.

    Shape:
        (N, in_channels, L) or (in_channels, L) to (N, out_channels, L').

    Raises:
        ValueError: an argument is out of range.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ConvTranspose1d(2, 4, 3, stride=2, padding="same")(np.ones((5, 2, 9))).shape
        (5, 4, 18)
    """

    _axes = 1


class ConvTranspose2d(_Transposed):
    """The transpose of `Conv2d`; arguments as in `ConvTranspose1d`, lengths ints or pairs.

    Attributes:
        weight: shape (in_channels, out_channels / groups, height, width).
        bias: shape (out_channels,), or None.

    Shape:
        (N, in_channels, H, W) or (in_channels, H, W) to (N, out_channels, H', W').

    Raises:
        ValueError: an argument is out of range.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ConvTranspose2d(3, 2, 4, stride=2, padding=1)(np.ones((1, 3, 5, 5))).shape
        (1, 2, 10, 10)
    """

    _axes = 2


class ConvTranspose3d(_Transposed):
    """The transpose of `Conv3d`; arguments as in `ConvTranspose1d`, lengths ints or three of them.

    Attributes:
        weight: shape (in_channels, out_channels / groups, depth, height, width).
        bias: shape (out_channels,), or None.

    Shape:
        (N, in_channels, D, H, W) or (in_channels, D, H, W) to (N, out_channels, D', H', W').

    Raises:
        ValueError: an argument is out of range.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ConvTranspose3d(3, 2, 4, stride=2, padding=1)(np.ones((1, 3, 2, 2, 2))).shape
        (1, 2, 4, 4, 4)
    """

    _axes = 3
