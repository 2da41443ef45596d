"""Pooling over one, two or three axes; `pooling_nd` has the code."""

from __future__ import annotations

from typing import Any

from nn.functional.pooling_nd import avg_pool, lp_pool, max_pool


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest entry of each window along the last axis; ties share the gradient.

    Args:
        input: shape (N, C, L) or (C, L).
        kernel_size: the length of a window.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of -∞ on either side, at most half a window; "valid" or "same".
        dilation: the step between the entries of a window.
        ceil_mode: whether to keep a last window that is cut off.
        return_indices: whether to return the indices of the largest entries too.

    Returns:
        shape (N, C, L'); or with return_indices a pair, with a plain array of indices along L.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.max_pool1d(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]), 2)
        Tensor([[5., 3.]])
    """
    options = padding, dilation, ceil_mode, return_indices
    return max_pool("max_pool1d", 1, input, kernel_size, stride, *options)


def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest entry of each window over the last two axes; ties share the gradient.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        kernel_size: the lengths of a window, an int or a pair; so are the next three.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of -∞ on either side, at most half a window; "valid" or "same".
        dilation: the step between the entries of a window.
        ceil_mode: whether to keep last windows that are cut off.
        return_indices: whether to return the indices of the largest entries too.

    Returns:
        shape (N, C, H', W'); or with return_indices a pair, with a plain array of indices into an
        image whose rows are joined.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.max_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2)
        Tensor([[[4.]]])
    """
    options = padding, dilation, ceil_mode, return_indices
    return max_pool("max_pool2d", 2, input, kernel_size, stride, *options)


def max_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest entry of each window over the last three axes; ties share the gradient.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        kernel_size: the lengths of a window, an int or three; so are the next three.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of -∞ on either side, at most half a window; "valid" or "same".
        dilation: the step between the entries of a window.
        ceil_mode: whether to keep last windows that are cut off.
        return_indices: whether to return the indices of the largest entries too.

    Returns:
        shape (N, C, D', H', W'); or with return_indices a pair, with a plain array of indices into
        a volume whose three axes are joined.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.max_pool3d(ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2)), 2).tolist()
        [[[[7.0]]]]
    """
    options = padding, dilation, ceil_mode, return_indices
    return max_pool("max_pool3d", 3, input, kernel_size, stride, *options)


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window along the last axis.

    Args:
        input: shape (N, C, L) or (C, L).
        kernel_size: the length of a window.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of zeros on either side, at most half a window; "valid" or "same".
        ceil_mode: whether to keep a last window that is cut off.
        count_include_pad: whether zeros of an int padding count; those of "same" do not, as in
            TensorFlow.

    Returns:
        shape (N, C, L').

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.avg_pool1d(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]), 2)
        Tensor([[3. , 2.5]])
    """
    options = padding, ceil_mode, count_include_pad, None
    return avg_pool("avg_pool1d", 1, input, kernel_size, stride, *options)


def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window over the last two axes.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        kernel_size: the lengths of a window, an int or a pair; so are the next two.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of zeros on either side, at most half a window; "valid" or "same".
        ceil_mode: whether to keep last windows that are cut off.
        count_include_pad: whether zeros of an int padding count.
        divisor_override: divides the sums instead of the count.

    Returns:
        shape (N, C, H', W').

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.avg_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2)
        Tensor([[[2.5]]])
    """
    options = padding, ceil_mode, count_include_pad, divisor_override
    return avg_pool("avg_pool2d", 2, input, kernel_size, stride, *options)


def avg_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window over the last three axes; arguments as in `avg_pool2d`.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        kernel_size: the lengths of a window, an int or three; so are the next two.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of zeros on either side, at most half a window; "valid" or "same".
        ceil_mode: whether to keep last windows that are cut off.
        count_include_pad: whether zeros of an int padding count.
        divisor_override: divides the sums instead of the count.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.avg_pool3d(ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2)), 2).tolist()
        [[[[3.5]]]]
    """
    options = padding, ceil_mode, count_include_pad, divisor_override
    return avg_pool("avg_pool3d", 3, input, kernel_size, stride, *options)


def lp_pool1d(
    input: Any,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Any:
    """(Σ xᵖ)^(1 / p) over each window along the last axis.

    Where the sum is 0, so is the slope.

    Args:
        input: shape (N, C, L) or (C, L).
        norm_type: p, above 0.
        kernel_size: the length of a window.
        stride: the step from one window to the next; by default the kernel size.
        ceil_mode: whether to keep last windows that are cut off.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.lp_pool1d(ag.Tensor([[3.0, 4.0]]), 2, 2).tolist()
        [[5.0]]
    """
    return lp_pool("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Any,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Any:
    """(Σ xᵖ)^(1 / p) over each window along the last two axes.

    Where the sum is 0, so is the slope.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        norm_type: p, above 0.
        kernel_size: the lengths of a window, an int or two.
        stride: the step from one window to the next; by default the kernel size.
        ceil_mode: whether to keep last windows that are cut off.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.lp_pool2d(ag.Tensor([[[3.0, 4.0]]]), 2, (1, 2)).tolist()
        [[[5.0]]]
    """
    return lp_pool("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Any,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Any:
    """(Σ xᵖ)^(1 / p) over each window along the last three axes.

    Where the sum is 0, so is the slope.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        norm_type: p, above 0.
        kernel_size: the lengths of a window, an int or three.
        stride: the step from one window to the next; by default the kernel size.
        ceil_mode: whether to keep last windows that are cut off.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.lp_pool3d(ag.Tensor([[[[3.0, 4.0]]]]), 2, (1, 1, 2)).tolist()
        [[[[5.0]]]]
    """
    return lp_pool("lp_pool3d", 3, input, norm_type, kernel_size, stride, ceil_mode)
