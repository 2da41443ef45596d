"""The errors that users meet, and `message`, which writes their texts.

Each error is also the built-in one that NumPy or Python would raise, so existing ``except`` clauses
work.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar


class Message(str):
    """A text that `message` wrote; `operation` is what it begins with.

    A public function that calls another puts its own name there, because users call that one.
    """

    operation: str

    def of(self, operation: str) -> Message:
        """The same text about another operation."""
        return _of(operation, self[len(self.operation) :])


# Capitals at the start of a name that are read as a word: a ReLU, a LeakyReLU, a SiLU, a MADGRAD.
WORDS = ("RELU", "SELU", "LARS", "LAMB", "NORM", "MAX", "MIN", "SUM", "LINEAR")


def _of(operation: str, rest: str) -> Message:
    text = Message(operation + rest)
    text.operation = operation
    return text


def message(operation: str, got: str = "", expected: str = "", hint: str = "") -> Message:
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
    return _of(operation, f": {'; '.join(part for part in parts if part)}")


def kind(x: object) -> str:
    """What `x` is, with its article, for a message.

    Example:
        >>> from autograd.errors import kind
        >>> kind(3), kind([]), kind(None), kind(int), kind(np.ones(2))
        ('an int', 'a list', 'None', 'the class int', 'an ndarray')
    """
    if isinstance(x, type):
        return f"the class {x.__name__}"
    name = type(x).__name__
    return "None" if x is None else f"{article(name)} {name}"


def article(name: str) -> str:
    """ "an" before a name that begins with the sound of a vowel, "a" before another.

    Capitals at the start are read letter by letter: an SGD, an L1Loss, an H.

    Example:
        >>> from autograd.errors import article
        >>> [article(name) for name in ("Adam", "SGD", "GRU", "UserList", "Unflatten", "NAdam")]
        ['an', 'an', 'a', 'a', 'an', 'an']
    """
    if name in ("ndarray", "nparray"):
        return "an"
    name = name.lstrip("_")
    letters = name[: next((i for i, c in enumerate(name) if not c.isupper()), len(name))]
    spelled = len(letters) > 1 or not name[len(letters) : len(letters) + 1].isalpha()
    if name and letters and spelled and not letters.startswith(WORDS):
        return "an" if name[0] in "AEFHILMNORSXaefhilmnorsx" else "a"
    first = name.lower()
    if first.startswith(("uni", "use", "uti", "uin", "ufunc", "one", "eu")):
        return "an" if first.startswith(("unin", "unim", "unid")) else "a"
    return "an" if first[:1] in tuple("aeiou") or first.startswith(("hour", "honest")) else "a"


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 entry", "3 entries".

    Example:
        >>> from autograd.errors import counted
        >>> counted(1, "axis"), counted(2, "axis"), counted(2, "entry"), counted(1200, "node")
        ('1 axis', '2 axes', '2 entries', '1,200 nodes')
    """
    if count == 1:
        return f"{count:,} {noun}"
    if noun.endswith("is"):
        return f"{count:,} {noun[:-2]}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{count:,} {noun[:-1]}ies"
    if noun.endswith(("s", "x", "ch", "sh")) and not noun.endswith("och"):  # epochs
        return f"{count:,} {noun}es"
    return f"{count:,} {noun}s"


def span(low: object, high: object, noun: str = "index", plural: str = "indices") -> str:
    """The numbers that came, by the least and the largest: "index 5", "indices from 2 to 5".

    Example:
        >>> from autograd.errors import span
        >>> span(5, 5), span(2, 5)
        ('index 5', 'indices from 2 to 5')
    """
    return f"{noun} {low}" if low == high else f"{plural} from {low} to {high}"


def is_int(x: object) -> bool:
    """Whether `x` is an int, of Python or NumPy, and not a truth value.

    Example:
        >>> from autograd.errors import is_int
        >>> is_int(3), is_int(True), is_int(3.0)
        (True, False, False)
    """
    return isinstance(x, Integral) and not isinstance(x, bool)


def as_int(x: Any) -> int | None:
    """An integer of any kind as an int; None for anything else, also for a truth value.

    Example:
        >>> from autograd.errors import as_int
        >>> as_int(3), as_int(True), as_int(3.0)
        (3, None, None)
    """
    if type(x) is int:
        return x
    # NumPy's own truth values are indices in its older versions.
    if isinstance(x, bool) or getattr(getattr(x, "dtype", None), "kind", "") == "b":
        return None
    try:
        return operator.index(x)
    except TypeError:
        return None


def is_number(x: object) -> bool:
    """Whether `x` is one real number, of Python or NumPy, and not a truth value.

    Example:
        >>> from autograd.errors import is_number
        >>> is_number(3), is_number(2.5), is_number(True), is_number("3")
        (True, True, False, False)
    """
    return isinstance(x, Real) and not isinstance(x, bool)


def check_flags(operation: str, **values: Any) -> None:
    """Check options that must be True, False or an int, passed by name.

    Raises:
        DTypeError: one is something else; any text would count as True.

    Example:
        >>> from autograd.errors import check_flags
        >>> check_flags("Tensor", requires_grad="no")
        Traceback (most recent call last):
        autograd.errors.DTypeError: Tensor: got requires_grad='no'; expected True or False
    """
    for name, value in values.items():
        truth = getattr(getattr(value, "dtype", None), "kind", "") == "b" and not value.shape
        if not (isinstance(value, (bool, int)) or truth):
            raise DTypeError(message(operation, f"{name}={described(value)}", "True or False"))


def described(x: object) -> str:
    """A value as it is written, in one short line; an array by its shape and dtype.

    Example:
        >>> import numpy as np
        >>> from autograd.errors import described
        >>> described("sum"), described(np.ones((2, 3)))
        ("'sum'", 'an ndarray of shape (2, 3) and dtype float64')
    """
    if getattr(x, "shape", ()) and hasattr(x, "dtype"):
        return f"{kind(x)} of shape {x.shape} and dtype {x.dtype}"  # type: ignore[attr-defined]
    text = " ".join(repr(x).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def one_of(
    operation: str,
    name: str,
    value: Any,
    choices: Sequence[Any],
    error: type[Exception] = ValueError,
) -> Any:
    """`value`, which must be one of the choices.

    Raises:
        ValueError: it is another; `error` replaces the class.

    Example:
        >>> from autograd.errors import one_of
        >>> one_of("pad", "mode", "edges", ("edge", "wrap"))
        Traceback (most recent call last):
            ...
        ValueError: pad: got mode='edges'; expected one of 'edge', 'wrap'
    """
    # Arrays are compared entry by entry, and tensors may be keys.
    if isinstance(value, Hashable) and not getattr(value, "shape", ()) and value in choices:
        return value
    expected = ", ".join(map(repr, choices))
    expected = expected if len(choices) == 1 else f"one of {expected}"
    raise error(message(operation, f"{name}={described(value)}", expected))


class Drawable(Exception):
    """An error whose call can be drawn, with the graph as far as it came."""

    drawer: ClassVar[Callable[..., Any]]  # `draw` sets it, which stands above this file

    def draw(self, **options: Any) -> Any:
        """The graph up to the call that failed, which is marked; options as for `draw`.

        Raises:
            RenderError: the error was not raised by a call on nodes, or has lost its traceback.

        Example:
            >>> import autograd as ag
            >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
            >>> try:
            ...     ag.exp(x) @ ag.Tensor([1.0, 2.0, 3.0])
            ... except ag.ShapeError as error:
            ...     picture = error.draw()
            >>> "exp" in picture.svg and "matmul" in picture.svg
            True
        """
        return type(self).drawer(self, **options)


class ShapeError(Drawable, ValueError):
    """Shapes, axes or indices do not fit together."""


class DTypeError(Drawable, TypeError):
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


class InconclusiveWarning(UserWarning):
    """A gradient check that numeric differences cannot decide, such as one of sin at 1e20."""


class AnomalyError(ArithmeticError):
    """A nan or inf appeared; ``anomalies`` says where."""

    def __init__(self, message: str, anomalies: object = None) -> None:
        super().__init__(message)
        self.anomalies = anomalies


class RenderError(RuntimeError):
    """No program was found that renders this format."""
