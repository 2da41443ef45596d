"""The errors a user can meet.

Each is also the built-in error that NumPy or Python would raise, so existing ``except`` clauses
work.
"""


class ShapeError(ValueError):
    """Shapes, axes or indices do not fit together."""


class DTypeError(TypeError):
    """A kind of data that the operation cannot work on, or cannot differentiate."""


class GraphError(RuntimeError):
    """The graph cannot do what was asked: no gradient to find, a node that must not change."""


class UnsupportedError(TypeError):
    """A NumPy function or argument without a differentiable counterpart here."""


class GradientCheckError(AssertionError):
    """A gradient differs from its numeric value; ``report`` holds the table."""

    def __init__(self, message: str, report: object = None) -> None:
        super().__init__(message)
        self.report = report


class AnomalyError(ArithmeticError):
    """A nan or inf was born; ``anomalies`` says where."""

    def __init__(self, message: str, anomalies: object = None) -> None:
        super().__init__(message)
        self.anomalies = anomalies


class RenderError(RuntimeError):
    """There is no program at hand that makes a picture of this format."""
