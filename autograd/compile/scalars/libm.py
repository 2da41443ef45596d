"""The C functions that Python's `math` calls, for native code.

Which library Python was linked with is not known for sure. So each function is compared with
Python's own at numbers of every size; where one differs, or is not found, Python itself is called.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import math
import sys
from collections.abc import Callable

from autograd.compile.scalars.operations import Operation
from autograd.compile.scalars.program import same_bits

PROBES = [
    *(0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, math.inf, -math.inf, math.nan, 5e-324, -1e-310),
    *(sign * 1.0625**k for k in range(-480, 480, 7) for sign in (1.0, -1.0)),
    *(k / 16 + 1e-3 for k in range(-64, 65, 3)),
]


class Function:
    """A function for native code.

    Args:
        operation: what it computes.
        arity: of how many numbers.

    Attributes:
        address: where it is.
        own: whether it is one of C; else Python is called.
        raised: whether a call of Python's raised, which eager execution then does too.
    """

    def __init__(self, operation: Operation, arity: int) -> None:
        kind = ctypes.CFUNCTYPE(*[ctypes.c_double] * (arity + 1))
        found = library_function(operation.libm, kind) if operation.libm else None
        self.raised = False
        self.own = found is not None and agrees(found, operation.compute, arity)
        self._compute = operation.compute
        self._call = found if self.own else kind(self._guarded)
        self.address = ctypes.cast(self._call, ctypes.c_void_p).value or 0  # type: ignore[arg-type]

    def _guarded(self, *args: float) -> float:
        try:
            return self._compute(*args)
        except Exception:
            self.raised = True
            return math.nan


def library_function(
    name: str, kind: Callable[..., Callable[..., float]]
) -> Callable[..., float] | None:
    """A function of the C library that Python uses; None if it is not found."""
    try:
        return kind((name, ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)))
    except (OSError, AttributeError, TypeError):
        return None


def agrees(mine: Callable[..., float], its: Callable[..., float], arity: int) -> bool:
    """Whether two functions give the same bits wherever they are compared."""
    points = ((x,) for x in PROBES) if arity == 1 else itertools.product(PROBES[::5], repeat=arity)
    return all(same_bits(mine(*x), its(*x)) for x in points)


@functools.cache
def function_of(operation: Operation, arity: int) -> Function:
    """The function of an operation, which lives as long as the process."""
    return Function(operation, arity)
