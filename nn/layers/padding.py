"""Padding as modules: one base, whose subclasses say what the margin holds and of how many axes."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd.errors import as_int, described, message
from nn import functional as f
from nn.arguments import is_listed, number
from nn.functional.padding import widths_from_last
from nn.module.module import Module


class _Pad(Module):
    _axes: ClassVar[int]
    _mode: ClassVar[str]

    def __init__(self, padding: Any) -> None:
        super().__init__()
        what, k = type(self).__name__, self._axes
        widths = (padding,) * (2 * k) if as_int(padding) is not None else padding
        widths = tuple(widths) if is_listed(widths) else widths
        if len(widths_from_last(what, "padding", widths)) != k:
            expected = f"an integer, or {2 * k} of them, the last axis first"
            raise ValueError(message(what, f"padding={described(padding)}", expected))
        self.padding = tuple(map(int, widths))

    def forward(self, input: Any) -> Any:
        """The input with a margin."""
        return f.pad(input, self.padding, self._mode)

    def extra_repr(self) -> str:
        """The widths."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    _mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = number(type(self).__name__, "value", value, finite=False)

    def forward(self, input: Any) -> Any:
        """The input with a margin."""
        return f.pad(input, self.padding, self._mode, self.value)

    def extra_repr(self) -> str:
        """The widths and the value."""
        return f"padding={self.padding}, value={self.value:g}"


class _ZeroPad(_Pad):
    _mode = "constant"


class _ReflectionPad(_Pad):
    _mode = "reflect"


class _ReplicationPad(_Pad):
    _mode = "replicate"


class _CircularPad(_Pad):
    _mode = "circular"


class ConstantPad1d(_ConstantPad):
    """Puts a margin of one number around the last axis.

    Args:
        padding: the width on either side, or the widths (left, right); negative ones cut off.
        value: the number.

    Raises:
        ValueError: an argument is something else.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ConstantPad1d((2, 1), 9.0)(ag.Tensor([[1.0, 2.0]]))
        Tensor([[9., 9., 1., 2., 9.]])
    """

    _axes = 1


class ConstantPad2d(_ConstantPad):
    """Puts a margin of one number around the last two axes.

    Args:
        padding: the width on either side, or (left, right, top, bottom); negative ones
            cut off.
        value: the number.

    Raises:
        ValueError: an argument is something else.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ConstantPad2d((1, 0, 1, 0), 9.0)(ag.Tensor([[1.0]]))
        Tensor([[9., 9.],
                [9., 1.]])
    """

    _axes = 2


class ConstantPad3d(_ConstantPad):
    """Puts a margin of one number around the last three axes.

    Args:
        padding: the width on either side, or (left, right, top, bottom, front, back);
            negative ones cut off.
        value: the number.

    Raises:
        ValueError: an argument is something else.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ConstantPad3d(1, 9.0)(np.ones((1, 2, 2, 2))).shape
        (1, 4, 4, 4)
    """

    _axes = 3


class ZeroPad1d(_ZeroPad):
    """Puts a margin of zeros around the last axis.

    Args:
        padding: the width on either side, or the widths (left, right); negative ones cut off.

    Raises:
        ValueError: an argument is something else.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ZeroPad1d((2, -1))(ag.Tensor([[1.0, 2.0]]))
        Tensor([[0., 0., 1.]])
    """

    _axes = 1


class ZeroPad2d(_ZeroPad):
    """Puts a margin of zeros around the last two axes.

    Its widths are an int or (left, right, top, bottom); see `ZeroPad1d`.

    Example:
        >>> import nn
        >>> nn.ZeroPad2d((1, 0, 1, 0))(ag.Tensor([[1.0]]))
        Tensor([[0., 0.],
                [0., 1.]])
    """

    _axes = 2


class ZeroPad3d(_ZeroPad):
    """Puts a margin of zeros around the last three axes.

    Its widths are an int or (left, right, top, bottom, front, back); see `ZeroPad1d`.

    Example:
        >>> import nn
        >>> nn.ZeroPad3d(1)(np.ones((1, 2, 2, 2))).shape
        (1, 4, 4, 4)
    """

    _axes = 3


class ReflectionPad1d(_ReflectionPad):
    """Puts a margin that reflects the inside, without the border around the last axis.

    Args:
        padding: the width on either side, or the widths (left, right); negative ones cut off.

    Raises:
        ValueError: an argument is something else.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ReflectionPad1d(2)(ag.Tensor([[1.0, 2.0, 3.0]]))
        Tensor([[3., 2., 1., 2., 3., 2., 1.]])
    """

    _axes = 1


class ReflectionPad2d(_ReflectionPad):
    """Puts a margin that reflects the inside, without the border around the last two axes.

    Its widths are an int or (left, right, top, bottom); see `ReflectionPad1d`.

    Example:
        >>> import nn
        >>> nn.ReflectionPad2d(1)(np.ones((1, 2, 3))).shape
        (1, 4, 5)
    """

    _axes = 2


class ReflectionPad3d(_ReflectionPad):
    """Puts a margin that reflects the inside, without the border around the last three axes.

    Its widths are an int or (left, right, top, bottom, front, back); see `ReflectionPad1d`.

    Example:
        >>> import nn
        >>> nn.ReflectionPad3d(1)(np.ones((1, 2, 2, 2))).shape
        (1, 4, 4, 4)
    """

    _axes = 3


class ReplicationPad1d(_ReplicationPad):
    """Puts a margin that repeats the border around the last axis.

    Args:
        padding: the width on either side, or the widths (left, right); negative ones cut off.

    Raises:
        ValueError: an argument is something else.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.ReplicationPad1d(2)(ag.Tensor([[1.0, 2.0]]))
        Tensor([[1., 1., 1., 2., 2., 2.]])
    """

    _axes = 1


class ReplicationPad2d(_ReplicationPad):
    """Puts a margin that repeats the border around the last two axes.

    Its widths are an int or (left, right, top, bottom); see `ReplicationPad1d`.

    Example:
        >>> import nn
        >>> nn.ReplicationPad2d(1)(np.ones((1, 2, 3))).shape
        (1, 4, 5)
    """

    _axes = 2


class ReplicationPad3d(_ReplicationPad):
    """Puts a margin that repeats the border around the last three axes.

    Its widths are an int or (left, right, top, bottom, front, back); see `ReplicationPad1d`.

    Example:
        >>> import nn
        >>> nn.ReplicationPad3d(1)(np.ones((1, 2, 2, 2))).shape
        (1, 4, 4, 4)
    """

    _axes = 3


class CircularPad1d(_CircularPad):
    """Puts a margin from the other end around the last axis.

    Args:
        padding: the width on either side, or the widths (left, right); negative ones cut off.

    Raises:
        ValueError: an argument is something else.
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.CircularPad1d(1)(ag.Tensor([[1.0, 2.0, 3.0]]))
        Tensor([[3., 1., 2., 3., 1.]])
    """

    _axes = 1


class CircularPad2d(_CircularPad):
    """Puts a margin from the other end around the last two axes.

    Its widths are an int or (left, right, top, bottom); see `CircularPad1d`.

    Example:
        >>> import nn
        >>> nn.CircularPad2d(1)(np.ones((1, 2, 3))).shape
        (1, 4, 5)
    """

    _axes = 2


class CircularPad3d(_CircularPad):
    """Puts a margin from the other end around the last three axes.

    Its widths are an int or (left, right, top, bottom, front, back); see `CircularPad1d`.

    Example:
        >>> import nn
        >>> nn.CircularPad3d(1)(np.ones((1, 2, 2, 2))).shape
        (1, 4, 4, 4)
    """

    _axes = 3
