"""Check a backward pass that somebody wrote by hand, and name the mistakes in it.

The machinery in `examine` is imported when a check first runs: it takes 45 ms, a third of what the
engine takes to start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.engine.graph import data_of
from autograd.errors import (
    DTypeError,
    ShapeError,
    UnsupportedError,
    as_int,
    counted,
    described,
    kind,
    message,
)
from autograd.numpy.arguments import as_numbers
from autograd.tables import table

if TYPE_CHECKING:
    from autograd.testing.examine.subject import Subject

KINDS = (
    "sign",
    "factor",
    "transposed",
    "reshaped",
    "not summed",
    "summed over the wrong axis",
    "upstream ignored",
    "slope missing",
    "wrong point",
    "wrong operand",
    "operands exchanged",
    "term missing",
    "extra term",
    "diagonal only",
    "mask",
    "kink only",
    "overwritten",
    "stale",
    "shape",
    "not finite",
    "unknown",
)

REALS = (np.ndarray, np.floating, float)


class Mistake(NamedTuple):
    """What is wrong with a gradient.

    Attributes:
        argument: the argument whose gradient is wrong; several, joined by commas, where one mistake
            spoils them all.
        kind: one of `KINDS`.
        operation: the step of the forward pass that it is about, "" if it is about none.
        text: what was done, in one sentence.
        evidence: why this is believed.
    """

    argument: str
    kind: str
    operation: str
    text: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.text} [{self.kind}]\n  {self.evidence}"


@dataclass
class BackwardReport:
    """The outcome of `check_backward`; `print` shows it.

    Attributes:
        passed: whether every gradient is right.
        mistakes: what is wrong, the most likely first. A report that has passed may hold one of the
            kind "kink only": the gradient differs where only a convention decides.
        remarks: what a reader should know of a right answer.
        arguments: whether the gradient of each argument is right.
        unchecked: the arguments of which no gradient came, with the reason why none is needed. A
            report does not pass if one is, that is, if the reason is "".
        points: at how many points the gradients were compared.
    """

    passed: bool
    mistakes: list[Mistake] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    arguments: dict[str, bool] = field(default_factory=dict)
    unchecked: dict[str, str] = field(default_factory=dict)
    points: int = 0
    name: str = "backward"

    def __str__(self) -> str:
        rows = [(name, "right" if right else "WRONG") for name, right in self.arguments.items()]
        rows += [
            (name, f"none came ({excuse})" if excuse else "NOT FOUND")
            for name, excuse in self.unchecked.items()
        ]
        head = table(("gradient of", self.name), rows, left=(0, 1))
        verdict = self._verdict()
        lines = [head, f"{verdict}, at {self.points} points", *map(str, self.mistakes)]
        return "\n".join([*lines, *self.remarks])

    def _verdict(self) -> str:
        if self.passed:
            checked = "every gradient that came" if self.unchecked else "every gradient"
            return f"{checked} is right"
        return "a gradient is missing" if all(self.arguments.values()) else "a gradient is wrong"


def check_backward(
    forward: Any, *arguments: Any, names: Sequence[str] | None = None, seed: int = 0
) -> BackwardReport:
    """Check a backward pass written by hand and, if it is wrong, name the mistake.

    Gradients are compared with the engine's, in float64, at the given inputs and at several random
    ones of the same shapes, some of them of both signs. Labels, masks and probabilities stay what
    they are. Any algebraic form passes, and at a kink any slope between the left and the right one
    does. A gradient that does not come does not pass, unless its input is data by its name, such as
    `x`, `target` or `mask`, or a constant of an object, such as `running_mean`. If one is wrong,
    the engine's own backward pass is run again with one change after the other, until one of them
    reproduces the wrong answer to rounding at every point.

    Args:
        forward: a function `forward(*inputs)` in NumPy, `ag` or `nn`; it may return a cache beside
            its results. Or an object with `forward(*inputs)` and `backward(grad_output)`, whose
            arrays of floats are parameters: the gradient of `W` is looked for as `grad_W`, `dW`,
            `dL_dW`, `grads["W"]` and the like.
        arguments: the backward pass, unless `forward` is an object, and then the inputs. A backward
            pass is `backward(grad_output, *inputs)`, `backward(grad_output)` if the forward pass
            keeps what it needs, `backward(grad_output, cache)`, or `backward(*inputs)`, which is
            taken with a cotangent of 1. It returns a gradient, or a tuple, list or dict of
            gradients by argument; inputs that are integers have none.
        names: of the inputs; by default those of the parameters of `forward`.
        seed: of the random points and cotangents.

    Returns:
        a report; `print(report)` shows it. `passed` says whether every gradient is right, and
        `mistakes` holds what is wrong, the most likely first. Two mistakes in one gradient are
        found as a pair. What nothing explains is of the kind "unknown".

    Raises:
        DTypeError: there is no forward or no backward pass, or an input holds nan.
        UnsupportedError: `names` is not a list of one name for each input, or `seed` is not an
            integer of at least 0.
        ShapeError: an input has no entries.
        GraphError: the forward pass returns no floats, or the backward pass no gradient.

    Nothing of the caller's is changed: objects are copied, and what functions keep in globals,
    closures and random generators is put back.

    Example:
        >>> import numpy as np
        >>> def linear(x, W, b):
        ...     return x @ W + b
        >>> def linear_backward(grad_output, x, W, b):
        ...     return grad_output @ W.T, grad_output.T @ x, grad_output.sum(axis=0)
        >>> rng = np.random.default_rng(0)
        >>> x, W, b = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), np.zeros(3)
        >>> report = ag.check_backward(linear, linear_backward, x, W, b)
        >>> report.passed
        False
        >>> [mistake] = report.mistakes
        >>> mistake.argument, mistake.kind
        ('W', 'transposed')
        >>> print(mistake.text)
        dW equals the transpose of the right gradient
    """
    what = "check_backward"
    number = _checked_seed(what, seed)
    return _examined(_subject(what, forward, arguments, names), number)


def _subject(
    what: str, forward: Any, arguments: Sequence[Any], names: Sequence[str] | None
) -> Subject:
    from autograd.testing.examine.subject import Functions, Layer

    if isinstance(forward, type) and hasattr(forward, "backward"):
        got, hint = f"the class {forward.__name__}", f"write {what}({forward.__name__}(), x)"
        if isinstance(vars(forward).get("forward"), staticmethod):
            hint = f"write {what}(lambda x: ..., lambda grad_output, x: ..., x), without a context"
        raise DTypeError(message(what, got, "an object with forward() and backward()", hint))
    if _is_layer(forward, arguments):
        inputs = [_as_floats(x) for x in arguments]
        return Layer(forward, inputs, _checked_names(what, names, inputs))
    if not callable(forward):
        got, expected = kind(forward), "a function, or an object with forward() and backward()"
        raise DTypeError(message(what, got, expected))
    if not arguments or not callable(arguments[0]):
        got = f"{kind(arguments[0])} as the backward pass" if arguments else "no backward pass"
        raise DTypeError(message(what, got, "a function", f"write {what}(forward, backward, x, W)"))
    backward, *given = arguments
    inputs = [_as_floats(x) for x in given]
    return Functions(forward, backward, inputs, _checked_names(what, names, inputs))


def _is_layer(x: Any, arguments: Sequence[Any]) -> bool:
    """Whether an object has a backward pass and a forward pass, or is called instead."""
    if not callable(getattr(x, "backward", None)):
        return False
    return callable(getattr(x, "forward", None)) or not (arguments and callable(arguments[0]))


def _as_floats(x: Any) -> Any:
    """A list of numbers as an array of floats, as NumPy's functions take it; all else as it is."""
    if not isinstance(x, (list, tuple)) or not x:
        return x
    try:
        array = np.asarray(x)
    except ValueError:  # lists of several lengths
        return x
    return array.astype(float) if array.dtype.kind in "fiu" else x


def _checked_seed(what: str, seed: Any) -> int:
    number = as_int(seed)
    if number is None or number < 0:
        raise UnsupportedError(message(what, f"seed={described(seed)}", "an integer of at least 0"))
    return number


def _check_inputs(what: str, inputs: Sequence[Any]) -> None:
    """Refuse what any backward pass would be right for, or none: no entries, or nan."""
    for n, x in enumerate(inputs):
        data = data_of(x)
        is_empty_list = isinstance(data, (list, tuple)) and not data
        values = np.asarray(data) if isinstance(data, REALS) or is_empty_list else np.ones(1)
        if values.dtype.kind == "f" and not values.size:
            got = f"{described(x)} as input {n}"
            raise ShapeError(message(what, got, "entries whose gradients can be compared"))
        if values.dtype.kind == "f" and np.isnan(values).any():
            got = f"{described(x)} as input {n}, with nan in it"
            raise DTypeError(message(what, got, "numbers, at which there is a gradient"))


def _checked_names(what: str, names: Any, inputs: Sequence[Any]) -> Sequence[str] | None:
    _check_inputs(what, inputs)
    if names is None:
        return None
    listed = isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names)
    if not listed or len(set(names)) != len(inputs) or len(names) != len(inputs):
        expected = f"{counted(len(inputs), 'different name')} in a list, one for each input"
        raise UnsupportedError(message(what, f"names={described(names)}", expected))
    return list(names)


def check_derivative(
    f: Callable[..., Any], df: Callable[..., Any], *points: Any, seed: int = 0
) -> BackwardReport:
    """Check the derivative of an elementwise function, such as an activation.

    Args:
        f: the function of one variable, in NumPy, `ag`, `nn` or `math`.
        df: its derivative. It gets the point; but if its parameter is called `y`, `out` or the like
            and that of `f` is not, it gets the value of `f`: `def tanh_grad(y): return 1 - y**2`.
        points: where to compare: numbers or arrays; by default, numbers between -12 and 12, those
            at which `f` is finite and has a slope.
        seed: of the random points that are added.

    Returns:
        a report, as from `check_backward`.

    Raises:
        DTypeError: `f` or `df` is not a function, or points are not finite numbers.
        UnsupportedError: `f` is not elementwise, or `seed` is not an integer of at least 0.

    Example:
        >>> import numpy as np
        >>> report = ag.check_derivative(np.tanh, lambda x: 1 - x**2, np.array([-1.0, 0.5, 2.0]))
        >>> report.passed, report.mistakes[0].kind
        (False, 'wrong point')
    """
    from autograd.testing.examine import signature as s
    from autograd.testing.examine.entrywise import check_elementwise, entrywise, smooth_points
    from autograd.testing.examine.subject import Functions

    for function in (f, df):
        if not callable(function):
            hint = "write check_derivative(f, df, x)"
            raise DTypeError(message("check_derivative", kind(function), "a function", hint))
    number = _checked_seed("check_derivative", seed)
    given = [_checked_point(p) for p in points]
    x = np.concatenate(given) if given else smooth_points(entrywise(f))
    check_elementwise(entrywise(f), x)
    name = s.names_of_inputs(f, 1)[0] if s.parameters_of(f) is not None else "x"
    [parameter, *_] = s.names_of_inputs(df, 1)
    by_output = parameter != name and s.takes_output(parameter)
    plans = [s.Plan(0, (name,))]
    if by_output:
        plans.insert(0, s.Plan(0, (), by_output=True))
    functions = entrywise(f), entrywise(df)
    reports = [_examined(Functions(*functions, [x], [name], plan, False), number) for plan in plans]
    return next((report for report in reports if report.passed), reports[0])


def _checked_point(point: Any) -> Any:
    """Points as a vector of floats; at nan nothing has a derivative, and none prove nothing."""
    what = "check_derivative"
    array = as_numbers(data_of(point), what)
    if array.dtype.kind not in "fiub":
        raise DTypeError(message(what, f"points of dtype {array.dtype}", "real numbers"))
    found = np.ravel(array).astype(float)
    if not found.size or not np.isfinite(found).all():
        raise DTypeError(message(what, f"{described(point)} as a point", "finite numbers"))
    return found


def _examined(subject: Subject, seed: int) -> BackwardReport:
    from autograd.testing.examine.examination import Examination

    try:
        verdict = Examination(subject, seed).verdict()
    finally:
        subject.restore()
    return BackwardReport(
        verdict.passed,
        [Mistake(*found) for found in verdict.mistakes],
        verdict.remarks,
        verdict.right,
        verdict.unchecked,
        verdict.points,
        subject.name,
    )
