"""The default source of randomness: a NumPy Generator that `seed` resets."""

from __future__ import annotations

from functools import cache

import numpy as np

from autograd.errors import message
from autograd.names import of_random as __getattr__  # noqa: F401


def generator() -> np.random.Generator:
    """The default Generator, used wherever none is passed.

    Example:
        >>> import autograd as ag
        >>> ag.random.seed(0)
        >>> a = ag.random.generator().normal()
        >>> ag.random.seed(0)
        >>> a == ag.random.generator().normal()
        True
    """
    return _default()


@cache
def _default() -> np.random.Generator:
    return np.random.default_rng()  # on first use, because NumPy imports its random part then


def seed(n: int | None = None) -> None:
    """Restart the default Generator in place: code that holds it sees the new sequence.

    Args:
        n: a non-negative integer, which fixes the sequence; None for fresh randomness.

    Raises:
        TypeError: `n` is not an integer.
        ValueError: `n` is negative.
    """
    try:
        if isinstance(n, bool):
            raise TypeError
        source = np.random.default_rng(n)
    except (TypeError, ValueError) as error:
        text = message("random.seed", f"n={n!r}", "a non-negative int, or None for a fresh one")
        raise (TypeError if isinstance(error, TypeError) else ValueError)(text) from None
    _default().bit_generator.state = source.bit_generator.state
