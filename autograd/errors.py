"""The errors that users meet, and `message`, which writes their texts.

Each error is also the built-in one that NumPy or Python would raise, so existing ``except`` clauses
work.
"""

from __future__ import annotations


def message(operation: str, got: str = "", expected: str = "", hint: str = "") -> str:
    """One sentence: the operation, what it got, what it expected, and what to do.

    Args:
        operation: the name of the function, after the path of the module if there is one.
        got: what was passed, with its values; "" if the other parts say it.
        expected: what is valid.
        hint: what to do, as an imperative.

    Example:
        >>> from autograd.errors import message
        >>> print(message("conv2d", "a 5×5 kernel", "at most 3×3", "pad the input"))
        conv2d: got a 5×5 kernel; expected at most 3×3; pad the input
    """
    parts = [f"got {got}" if got else "", f"expected {expected}" if expected else "", hint]
    return f"{operation}: {'; '.join(part for part in parts if part)}"


def kind(x: object) -> str:
    """What `x` is, with its article, for a message.

    Example:
        >>> from autograd.errors import kind
        >>> kind(3), kind([]), kind(None)
        ('an int', 'a list', 'None')
    """
    name = type(x).__name__
    vowel = name[0] in "aeiouAEIOU" or name == "ndarray"
    return "None" if x is None else f"{'an' if vowel else 'a'} {name}"


class ShapeError(ValueError):
    """Shapes, axes or indices do not fit together."""


class DTypeError(TypeError):
    """The operation cannot work on this kind of data, or cannot differentiate it."""


class GraphError(RuntimeError):
    """The graph does not allow it: there is no gradient to compute, or a node must not change."""


class UnsupportedError(TypeError):
    """A NumPy function or argument has no differentiable counterpart here."""


class GradientCheckError(AssertionError):
    """A gradient differs from its numeric value; ``report`` holds the table."""

    def __init__(self, message: str, report: object = None) -> None:
        super().__init__(message)
        self.report = report


class AnomalyError(ArithmeticError):
    """A nan or inf appeared; ``anomalies`` says where."""

    def __init__(self, message: str, anomalies: object = None) -> None:
        super().__init__(message)
        self.anomalies = anomalies


class RenderError(RuntimeError):
    """No program was found that renders this format."""
