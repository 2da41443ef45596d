"""A plan as native code that is ready to be called."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence

from autograd.compile.native import llvm
from autograd.compile.scalars.llvm_source import LlvmSource, effort_of
from autograd.compile.scalars.plan import Plan

RUN = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)


def width() -> int:
    """How many float64 are computed at once: registers of eight were measured to be no faster."""
    return 4 if "+avx" in llvm.host().features.split(",") else 2


def native_function(plan: Plan) -> Callable[[list[float]], Sequence[float] | None]:
    """The function of a plan, which returns None if a check fails."""
    source = LlvmSource(plan, width())
    symbols = {name[1:]: f.address for name, f in source.functions.items()}
    library = llvm.load(source.text, ["run"], symbols, effort=effort_of(plan))
    run = RUN(library.address["run"])
    image = source.memory.image()
    address, view = image.ctypes.data, memoryview(image.data).cast("B")
    write = struct.Struct(f"{source.memory.inputs}d").pack_into
    read = struct.Struct(f"{len(plan.program.outputs)}d").unpack_from
    start = 8 * source.memory.outputs.start
    python = [f for f in source.functions.values() if not f.own]

    def step(x: list[float]) -> Sequence[float] | None:
        write(view, 0, *x)
        if not run(address) or any(f.raised for f in python):
            for f in python:
                f.raised = False
            return None
        return read(view, start)

    step.library = library  # type: ignore[attr-defined]  # lives as long as the function
    return step
