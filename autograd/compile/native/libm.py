"""The C library's mathematics, which NumPy calls too: for functions that are rare in programs."""

from __future__ import annotations

import ctypes
import importlib
import sys
from functools import cache

from autograd.compile.native.scalar import Scalar


@cache
def _library() -> ctypes.CDLL:
    """What NumPy itself was linked with, so that the functions are the same."""
    if sys.platform == "win32":
        return ctypes.CDLL("ucrtbase")
    return ctypes.CDLL(importlib.import_module("numpy._core._multiarray_umath").__file__)


def address(symbol: str) -> int:
    """The address of a function of the C library.

    Raises:
        AttributeError: it has no such function.

    Example:
        >>> from autograd.compile.native import libm
        >>> libm.address("cbrt") != 0
        True
    """
    return ctypes.cast(_library()[symbol], ctypes.c_void_p).value or 0


def call(name: str, *x: Scalar) -> Scalar:
    """The result of the function, by its name in C for doubles."""
    symbol = name + ("f" if x[0].kind == "float" else "")
    x[0].function.symbols[symbol] = address(symbol)
    return x[0].function.call(symbol, *x)
