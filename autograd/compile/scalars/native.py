"""LLVM, by llvmlite, which is optional: from text to machine code in memory."""

from __future__ import annotations

import ctypes
import functools
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from autograd.errors import message

HINT = 'pip install "glassgrad[native]"'


@functools.cache
def _binding() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


def missing() -> str:
    """Why there is no native code here; "" if there is."""
    try:
        _binding()
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        return message("compile", f"{type(error).__name__} when llvmlite is imported", hint=HINT)
    return ""


@functools.cache
def width() -> int:
    """How many float64 are computed at once: registers of eight were measured to be no faster."""
    return 4 if _binding().get_host_cpu_features().get("avx") else 2


class Native:
    """Machine code of a module, which is let go of with this object.

    Args:
        text: LLVM IR.
        symbols: the addresses of functions that the module declares.
        level: how much the code generator optimizes, 0 to 3.
    """

    def __init__(self, text: str, symbols: Mapping[str, int], level: int) -> None:
        llvm = _binding()
        target = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(),
            features=llvm.get_host_cpu_features().flatten(),
            opt=level,
            jit=True,
        )
        module = llvm.parse_assembly(text)
        for name, address in symbols.items():
            llvm.add_symbol(name, address)
        self._engine = llvm.create_mcjit_compiler(module, target)
        self._engine.finalize_object()
        weakref.finalize(self, self._engine.close).atexit = False

    def function(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        """A function of the module, for ctypes."""
        kind = ctypes.CFUNCTYPE(result, *arguments)
        call: Callable[..., Any] = kind(self._engine.get_function_address(name))
        return call
