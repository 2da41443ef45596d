"""Keywords that libraries call differently: `axis` and `dim`, `keepdims` and `keepdim`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar

from autograd.errors import message

F = TypeVar("F", bound=Callable[..., Any])

PAIRS = (("axis", "dim"), ("keepdims", "keepdim"))


def both_keywords(function: F, refused: Callable[..., Exception | None] | None = None) -> F:
    """Let a function accept NumPy's and PyTorch's names of a keyword, whichever it has itself.

    Args:
        function: a function with none, some or all of the keywords.
        refused: called with the function's name, an error that it raised, and its arguments;
            returns a better error, or None for the one it got.

    Raises:
        TypeError: at a call that gives both.

    Example:
        >>> ag.sum(ag.Tensor([[1.0, 2.0]]), dim=1, keepdim=True)
        Tensor([[3.]])
        >>> ag.sum(ag.Tensor([[1.0, 2.0]]), axis=0, dim=1)
        Traceback (most recent call last):
            ...
        TypeError: sum: got axis and dim, two names of one argument; expected one of them
    """
    code = function.__code__
    name = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]
    name = name.removeprefix("_linalg_")
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    own = {
        theirs: ours
        for pair in PAIRS
        for ours, theirs in (pair, pair[::-1])
        if ours in parameters and theirs not in parameters
    }
    # The test at each call names two keywords, because a loop or a set would call functions.
    first, second = [*own, *own, None, None][:2]

    def renamed(count: int, kwargs: dict[str, Any]) -> dict[str, Any]:
        for theirs, ours in own.items():
            if theirs not in kwargs:
                continue
            if ours in kwargs or parameters.index(ours) < min(count, code.co_argcount):
                got = f"{ours} and {theirs}, two names of one argument"
                raise TypeError(message(name, got, "one of them"))
            kwargs[ours] = kwargs.pop(theirs)
        return kwargs

    def accepting(*args: Any, **kwargs: Any) -> Any:
        if kwargs and (first in kwargs or second in kwargs):
            kwargs = renamed(args.__len__(), kwargs)
        try:
            return function(*args, **kwargs)
        except Exception as error:
            better = None if refused is None else refused(name, error, args, kwargs)
            if better is None:
                raise
            raise better from error

    # With the globals of the function's module, because doctest skips functions of other modules.
    # So `accepting` may use no global name that such a module defines, as `len` or `min`.
    inside = FunctionType(
        accepting.__code__, function.__globals__, function.__name__, None, accepting.__closure__
    )
    return wraps(function)(inside)  # type: ignore[return-value]
