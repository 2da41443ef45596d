"""The BLAS that NumPy itself multiplies matrices with, by the addresses of its functions.

A product through an address costs a sixth of a call of `np.matmul`, and gives the same bits.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

ROW_MAJOR, COLUMN_MAJOR = 101, 102
PLAIN, TRANSPOSED = 111, 112
REAL: dict[str, Any] = {"s": ctypes.c_float, "d": ctypes.c_double}
NAMES = ("sgemm", "dgemm", "sgemv", "dgemv")
# How libraries decorate the names of CBLAS: OpenBLAS in the wheels of NumPy and SciPy, OpenBLAS and
# MKL with long integers, Apple's Accelerate, and all others.
DECORATIONS = (
    "scipy_cblas_{}64_",
    "cblas_{}64_",
    "cblas_{}_64",
    "cblas_{}$NEWLAPACK$ILP64",
    "cblas_{}$NEWLAPACK",
    "scipy_cblas_{}",
    "cblas_{}",
)
# The arguments of CBLAS: e an option, i an integer, r a number, p an array.
ARGUMENTS = {"gemm": "eeeiiirpipirpi", "gemv": "eeiirpipirpi"}


@dataclass(frozen=True)
class Blas:
    """Functions of CBLAS in this process.

    Attributes:
        bits: the width of its integers, 32 or 64.
        address: by name: "sgemm", "dgemm", "sgemv" and "dgemv".
    """

    bits: int
    address: Mapping[str, int]

    @property
    def integer(self) -> str:
        """LLVM's type of its integers."""
        return f"i{self.bits}"

    def declaration(self, name: str) -> str:
        """The function in LLVM IR, under its plain name.

        Example:
            >>> from autograd.compile.native.blas import Blas
            >>> print(Blas(64, {}).declaration("sgemv"))
            declare void @sgemv(i32, i32, i64, i64, float, ptr, i64, ptr, i64, float, ptr, i64)
        """
        real = "float" if name[0] == "s" else "double"
        types = {"e": "i32", "i": self.integer, "r": real, "p": "ptr"}
        arguments = ", ".join(types[kind] for kind in ARGUMENTS[name[1:]])
        return f"declare void @{name}({arguments})"

    def function(self, name: str) -> Any:
        """The function for a call from Python; arrays are passed as addresses."""
        integer = ctypes.c_int64 if self.bits == 64 else ctypes.c_int32
        types = {"e": ctypes.c_int, "i": integer, "r": REAL[name[0]], "p": ctypes.c_void_p}
        prototype = ctypes.CFUNCTYPE(None, *(types[kind] for kind in ARGUMENTS[name[1:]]))
        return prototype(self.address[name])


@cache
def find() -> Blas | None:
    """NumPy's own BLAS; if it has none to call, SciPy's; None if there is none at all.

    Example:
        >>> from autograd.compile.native import blas
        >>> found = blas.find()
        >>> found is None or found.bits in (32, 64)
        True
    """
    found = (_in(library) for library in _libraries())
    return next((blas for blas in found if blas is not None and _multiplies(blas)), None)


def _libraries() -> Iterator[ctypes.CDLL]:
    """What NumPy loaded first, then what SciPy loads, if it is installed."""
    for module in ("numpy._core._multiarray_umath", "scipy.linalg.cython_blas"):
        try:
            file = getattr(importlib.import_module(module), "__file__", None)
        except ImportError:
            continue
        if sys.platform == "win32":
            yield from _loaded(module.partition(".")[0])
        elif file:
            # Looks up a name in the file and in the libraries that it was linked with, as the
            # linker did: of two libraries in the process this is the one that NumPy calls.
            yield ctypes.CDLL(file)


if sys.platform == "win32":

    def _loaded(package: str) -> Iterator[ctypes.CDLL]:
        """The libraries of this process, those of the package first.

        On Windows a name is looked up in one file alone, not in those that it was linked with.
        """
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        process = ctypes.c_void_p(kernel.GetCurrentProcess())
        handles, needed = (ctypes.c_void_p * 4096)(), ctypes.c_ulong()
        size = ctypes.sizeof(handles)
        if not kernel.K32EnumProcessModules(process, handles, size, ctypes.byref(needed)):
            return
        paths = []
        for handle in handles[: needed.value // ctypes.sizeof(ctypes.c_void_p)]:
            name = ctypes.create_unicode_buffer(1024)
            if kernel.GetModuleFileNameW(ctypes.c_void_p(handle), name, 1024):
                paths.append((package not in name.value, name.value, handle))
        for _, path, handle in sorted(paths):
            yield ctypes.CDLL(path, handle=handle)


def _in(library: ctypes.CDLL) -> Blas | None:
    for decoration in DECORATIONS:
        try:
            functions = {name: library[decoration.format(name)] for name in NAMES}
            bits = _bits(library[decoration.format("sasum")])
        except AttributeError:
            continue
        return Blas(bits, {name: _address(function) for name, function in functions.items()})
    return None


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def _bits(asum: Any) -> int:
    """The width of the integers, measured: some libraries with long ones have plain names.

    The sum over the first 1 - 2³² entries: a negative count gives 0; the lower half of it is 1.
    """
    if ctypes.sizeof(ctypes.c_void_p) == 4:
        return 32
    asum.argtypes = [ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64]
    asum.restype = ctypes.c_float
    return 32 if asum(1 - 2**32, np.ones(1, np.float32).ctypes.data, 1) else 64


def _multiplies(blas: Blas) -> bool:
    """Whether the functions do what their names say: 6 by 5 numbers, the second transposed."""
    right = True
    for kind in REAL:
        dtype: Any = np.dtype(REAL[kind])
        a, b = np.arange(6, dtype=dtype).reshape(2, 3), np.arange(15, dtype=dtype).reshape(5, 3)
        c, d = np.full((2, 5), np.nan, dtype), np.full(2, np.nan, dtype)
        at = [x.ctypes.data for x in (a, b, c, d)]
        blas.function(f"{kind}gemm")(
            ROW_MAJOR, PLAIN, TRANSPOSED, 2, 5, 3, 1.0, at[0], 3, at[1], 3, 0.0, at[2], 5
        )
        blas.function(f"{kind}gemv")(ROW_MAJOR, PLAIN, 2, 3, 1.0, at[0], 3, at[1], 1, 0.0, at[3], 1)
        right &= np.array_equal(c, a @ b.T) and np.array_equal(d, a @ b[0])
    return right
