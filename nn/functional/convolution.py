"""Convolution and its transpose over one, two or three axes; `convolution_nd` has the code."""

from __future__ import annotations

from typing import Any

from nn.functional.convolution_nd import convolve, convolve_transposed


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a kernel along one axis.

    out[n, o, i] = b[o] + Σ_c,j w[o, c, j] x[n, c, i·stride + j·dilation].

    Args:
        input: shape (N, C, L) or (C, L).
        weight: shape (out_channels, C / groups, K).
        bias: shape (out_channels,), or None.
        stride: the step from one position of the kernel to the next.
        padding: the number of zeros on either side; "valid" for none; "same" for as many as make
            the output ⌈L / stride⌉ long, an odd one at the end, as TensorFlow defines it.
        dilation: the step between the entries of the kernel.
        groups: the number of groups of channels that are convolved separately.

    Returns:
        shape (N, out_channels, L'), L' = ⌊(L + 2·padding - dilation·(K - 1) - 1) / stride⌋ + 1.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.conv1d(ag.Tensor([[1.0, 2.0, 3.0]]), [[[1.0, -1.0]]])
        Tensor([[-1., -1.]])

    Source: LeCun et al., Gradient-based learning applied to document recognition (1998).
    """
    return convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a kernel over two axes.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        weight: shape (out_channels, C / groups, K_H, K_W).
        bias: shape (out_channels,), or None.
        stride: the step from one position of the kernel to the next, an int or a pair.
        padding: the number of zeros on either side, an int or a pair; "valid" or "same" as in
            `conv1d`.
        dilation: the step between the entries of the kernel, an int or a pair.
        groups: the number of groups of channels that are convolved separately.

    Returns:
        shape (N, out_channels, H', W'), each length as in `conv1d`.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.conv2d(ag.Tensor(np.ones((1, 4, 4))), np.ones((1, 1, 3, 3))).shape
        (1, 2, 2)

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
    """
    return convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a kernel over three axes.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        weight: shape (out_channels, C / groups, K_D, K_H, K_W).
        bias: shape (out_channels,), or None.
        stride: the step from one position of the kernel to the next, an int or three.
        padding: the number of zeros on either side, an int or three; "valid" or "same" as in
            `conv1d`.
        dilation: the step between the entries of the kernel, an int or three.
        groups: the number of groups of channels that are convolved separately.

    Returns:
        shape (N, out_channels, D', H', W'), each length as in `conv1d`.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.conv3d(ag.Tensor(np.ones((1, 4, 4, 4))), np.ones((1, 1, 3, 3, 2))).shape
        (1, 2, 2, 3)
    """
    return convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The transpose of `conv1d`: each entry of the input scales a kernel, and overlaps add up.

    Args:
        input: shape (N, C, L) or (C, L).
        weight: shape (C, out_channels / groups, K).
        bias: shape (out_channels,), or None.
        stride: the step from one kernel to the next.
        padding: the number of entries cut off on either side; "valid" for none; "same" for as many
            as make the output stride · L long, as TensorFlow defines it.
        output_padding: the number of entries added at the end, below stride or dilation.
        groups: the number of groups of channels that are convolved separately.
        dilation: the step between the entries of the kernel.

    Returns:
        shape (N, out_channels, L'), L' = (L - 1)·stride - 2·padding + dilation·(K - 1) +
        output_padding + 1.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x, kernel = ag.Tensor([[1.0, 2.0]]), [[[1.0, 10.0, 100.0]]]
        >>> nn.functional.conv_transpose1d(x, kernel, stride=2)
        Tensor([[  1.,  10., 102.,  20., 200.]])

    Source: Zeiler, Krishnan, Taylor and Fergus, Deconvolutional networks (2010).
    """
    options = stride, padding, output_padding, groups, dilation
    return convolve_transposed("conv_transpose1d", 1, input, weight, bias, *options)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The transpose of `conv2d`; arguments as in `conv_transpose1d`, ints or pairs.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        weight: shape (C, out_channels / groups, K_H, K_W).
        bias: shape (out_channels,), or None.
        stride: the step from one kernel to the next.
        padding: the number of entries cut off on either side, or "valid" or "same".
        output_padding: the number of entries added at the end.
        groups: the number of groups of channels that are convolved separately.
        dilation: the step between the entries of the kernel.

    Returns:
        shape (N, out_channels, H', W').

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x = ag.Tensor(np.ones((1, 2, 2)))
        >>> nn.functional.conv_transpose2d(x, np.ones((1, 1, 2, 2)), stride=2).shape
        (1, 4, 4)
    """
    options = stride, padding, output_padding, groups, dilation
    return convolve_transposed("conv_transpose2d", 2, input, weight, bias, *options)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The transpose of `conv3d`; arguments as in `conv_transpose1d`, ints or three of them.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        weight: shape (C, out_channels / groups, K_D, K_H, K_W).
        bias: shape (out_channels,), or None.
        stride: the step from one kernel to the next.
        padding: the number of entries cut off on either side, or "valid" or "same".
        output_padding: the number of entries added at the end.
        groups: the number of groups of channels that are convolved separately.
        dilation: the step between the entries of the kernel.

    Returns:
        shape (N, out_channels, D', H', W').

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x = ag.Tensor(np.ones((1, 2, 2, 2)))
        >>> nn.functional.conv_transpose3d(x, np.ones((1, 1, 2, 2, 2)), stride=2).shape
        (1, 4, 4, 4)
    """
    options = stride, padding, output_padding, groups, dilation
    return convolve_transposed("conv_transpose3d", 3, input, weight, bias, *options)
