"""The errors that users meet, and `message`, which writes their texts.

Each error is also the built-in one that NumPy or Python would raise, so existing ``except`` clauses
work.
"""

from __future__ import annotations

from numbers import Integral


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
        >>> counted(1, "node"), counted(2, "entry"), counted(1200, "node")
        ('1 node', '2 entries', '1,200 nodes')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def is_int(x: object) -> bool:
    """Whether `x` is an int, of Python or NumPy, and not a truth value.

    Example:
        >>> from autograd.errors import is_int
        >>> is_int(3), is_int(True), is_int(3.0)
        (True, False, False)
    """
    return isinstance(x, Integral) and not isinstance(x, bool)


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


class InconclusiveWarning(UserWarning):
    """A gradient check that numeric differences cannot decide, such as one of sin at 1e20."""


class AnomalyError(ArithmeticError):
    """A nan or inf appeared; ``anomalies`` says where."""

    def __init__(self, message: str, anomalies: object = None) -> None:
        super().__init__(message)
        self.anomalies = anomalies


class RenderError(RuntimeError):
    """No program was found that renders this format."""
