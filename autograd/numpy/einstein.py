"""Einstein summation, by NumPy's name."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.errors import ShapeError, counted, described, message, one_of
from autograd.numpy.arguments import as_operand, integer
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.refusals import ArgumentError, explained
from autograd.primitives import contraction as c

__all__ = [
    "einsum",
]


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@implements(np.einsum)
@explained
def einsum(*operands: Any, optimize: Any = False, **kwargs: Any) -> Any:
    """Einstein summation: axes of one letter are multiplied, those not in the result summed.

    Args:
        operands: subscripts such as "ij,jk->ik" (the result may be left out, an ellipsis stands for
            further axes) and then the arrays; or each array followed by a list of axis numbers.
        optimize: accepted for compatibility; it has no effect.
        kwargs: nothing else is supported.

    Example:
        >>> ag.einsum("ij,j->i", ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 10.0])
        Tensor([21., 43.])
    """
    if kwargs:
        name = next(iter(kwargs))
        raise unsupported(np.einsum, f"{name}=", "subscripts and arrays", "leave it out")
    if isinstance(optimize, str):
        one_of("einsum", "optimize", optimize, ("greedy", "optimal"), ArgumentError)
    subscripts, arrays = _as_letters(operands)
    arrays = [as_operand(x, "einsum") for x in arrays]
    explicit = _explicit(subscripts, [x.ndim for x in arrays])
    _check_lengths(explicit, subscripts, [x.shape for x in arrays])
    return c.einsum(*arrays, subscripts=explicit)


def _as_letters(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """Either form of call as subscripts and arrays."""
    if not operands:
        raise ArgumentError(message("einsum", "no arguments", "subscripts and arrays"))
    last = operands[-1]
    if isinstance(last, (list, tuple)) and any(isinstance(x, Node) for x in last):
        got, hint = "a list of arrays", "write ag.einsum(subscripts, *arrays)"
        raise ArgumentError(message("einsum", got, "the arrays one by one", hint))
    if isinstance(operands[0], str):
        if re.search(r"\.\s+\.|-\s+>", operands[0]):
            got, expected = (
                f"{operands[0]!r} with a gap inside ... or ->",
                "gaps between letters only",
            )
            raise ShapeError(message("einsum", got, expected))
        return operands[0].replace(" ", ""), list(operands[1:])
    result = [operands[-1]] if len(operands) % 2 else []
    pairs = operands[: len(operands) - len(result)]
    arrays, lists = list(pairs[::2]), list(pairs[1::2])

    def word(axes: Any) -> str:
        numbers = [i if i is Ellipsis else integer(i, "einsum", "axis") for i in axes]
        if any(i is not Ellipsis and not 0 <= i < len(LETTERS) for i in numbers):
            got = f"axes {described(axes)}"
            raise ShapeError(message("einsum", got, f"numbers from 0 to {len(LETTERS) - 1}"))
        return "".join("..." if i is Ellipsis else LETTERS[i] for i in numbers)

    terms = ",".join(map(word, lists))
    return terms + ("->" + word(result[0]) if result else ""), arrays


def _explicit(subscripts: str, ndims: list[int]) -> str:
    """Subscripts with a result and without an ellipsis."""
    left, arrow, result = subscripts.partition("->")
    strange = sorted({*subscripts.replace("...", "").replace("->", "")} - {*LETTERS, ","})
    if strange or "," in result:
        got = f"{subscripts!r} with {strange[0] if strange else ','!r} in it"
        raise ShapeError(message("einsum", got, "letters, as in 'ij,jk->ik'"))
    terms = left.split(",")
    if len(terms) != len(ndims):
        got = f"{counted(len(ndims), 'array')} for {subscripts!r}"
        raise ShapeError(message("einsum", got, f"{len(terms)}, one for each term"))
    free = [letter for letter in LETTERS if letter not in subscripts]
    longest = 0
    for k, (term, ndim) in enumerate(zip(terms, ndims, strict=True)):
        hidden = ndim - len(term.replace("...", ""))
        if hidden < 0 or (hidden and "..." not in term):
            got = f"{term!r} for array {k} of {counted(ndim, 'axis')}"
            expected = "a letter for each axis"
            raise ShapeError(message("einsum", got, expected))
        longest = max(longest, hidden)
        terms[k] = term.replace("...", "".join(free[:hidden][::-1]))
    shared = "".join(free[:longest][::-1])
    if not arrow:
        letters = "".join(terms)
        result = shared + "".join(
            sorted(x for x in set(letters) if letters.count(x) == 1 and x not in shared)
        )
    for letter in result.replace("...", "") if arrow else "":
        if letter not in left or result.count(letter) > 1:
            got = f"{subscripts!r} with {letter!r} in the result"
            raise ShapeError(message("einsum", got, "letters of the arrays, each once"))
    return f"{','.join(terms)}->{result.replace('...', shared)}"


def _check_lengths(explicit: str, subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    """Raise where a letter stands for axes of different lengths; 1 broadcasts."""
    lengths: dict[str, int] = {}
    for term, shape in zip(explicit.partition("->")[0].split(","), shapes, strict=True):
        for letter, n in zip(term, shape, strict=True):
            m = lengths.get(letter, 1)
            if m != n and m != 1 and n != 1:
                got = f"{subscripts!r} for shapes {' and '.join(map(str, shapes))}"
                expected = f"one length for {letter!r}, not {m} and {n}"
                raise ShapeError(message("einsum", got, expected))
            lengths[letter] = n if m == 1 else m
