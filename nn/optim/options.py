"""Ranges of options: each optimizer class declares them, and `Optimizer` checks them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from autograd.errors import described, kind, message, one_of
from nn.arguments import number, size


class Option(Protocol):
    """The values that an option may have."""

    def check(self, operation: str, name: str, value: Any) -> None:
        """Raise ValueError for any other value."""
        ...


class Number(NamedTuple):
    """A finite number from `low` to `high`, and less than `below`.

    Example:
        >>> from nn.optim.options import Number
        >>> Number(0.0, below=1.0).check("Adam", "betas[1]", 1.0)
        Traceback (most recent call last):
        ValueError: Adam: got betas[1]=1.0; expected a number from 0 up to but not including 1
    """

    low: float = -math.inf
    high: float = math.inf
    below: float = math.inf

    def check(self, operation: str, name: str, value: Any) -> None:
        """Raise ValueError for any other value."""
        number(operation, name, value, self.low, self.high)
        if not value < self.below:
            expected = f"a number from {self.low:g} up to but not including {self.below:g}"
            raise ValueError(message(operation, f"{name}={value}", expected))


class Count(NamedTuple):
    """An integer that is at least `least`."""

    least: int = 0

    def check(self, operation: str, name: str, value: Any) -> None:
        """Raise ValueError for any other value."""
        size(operation, name, value, self.least)


class Each(NamedTuple):
    """Several numbers, `length` of them, each in the same range."""

    entry: Number
    length: int

    def check(self, operation: str, name: str, value: Any) -> None:
        """Raise ValueError for any other value."""
        many = isinstance(value, Iterable)
        if not many or len(tuple(value)) != self.length:
            got = f"{name}={described(value)}" if many else f"{kind(value)} as {name}"
            raise ValueError(message(operation, got, f"{self.length} numbers"))
        for i, entry in enumerate(value):
            self.entry.check(operation, f"{name}[{i}]", entry)


class Choice(NamedTuple):
    """One of several words, or None."""

    words: tuple[str, ...]

    def check(self, operation: str, name: str, value: Any) -> None:
        """Raise ValueError for any other value."""
        if value is not None:
            one_of(operation, name, value, self.words)


NON_NEGATIVE = Number(0.0)
SHARE = Number(0.0, 1.0)
BETAS = Each(Number(0.0, below=1.0), 2)
