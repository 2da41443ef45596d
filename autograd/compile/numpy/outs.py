"""Which instructions write their results into arrays that are there, for the NumPy back end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import Instruction, Variable
from autograd.primitives.indexing import is_basic


def array_among(i: Instruction) -> Variable | None:
    """The array whose dtype plain numbers take, if all arrays have one dtype."""
    arrays = [x for x in i.args if type(x) is Variable and not x.weak]
    alike = arrays and all(x.dtype == arrays[0].dtype for x in arrays)
    return arrays[0] if alike and i.operation.name not in ("power", "ldexp") else None


def can_write(i: Instruction, made: Any) -> bool:
    """Whether a back end's line writes the result of an instruction into a buffer."""
    test = CAN_WRITE.get(i.operation.name) or CAN_WRITE.get(i.operation.form)
    return test is not None and bool(test(i, made))


def written_over(i: Instruction) -> str:
    """Whether the result may lie over "any" argument, the "first", or "" none."""
    if i.operation.name in ("add_at", "setitem", "kernel.add_at"):
        return "first"
    if i.operation.form != "ufunc" or i.operation.name == "matmul" or mixed(i) is not None:
        return ""
    return "any"


def _ufunc_writes(i: Instruction, made: Any) -> bool:
    return not i.kwargs and made.dtype.kind in "fiub"


def _dot_writes(i: Instruction, made: Any) -> bool:
    return len(i.args) == 2 and not i.kwargs and made.flags.c_contiguous


def _reduce_writes(i: Instruction, made: Any) -> bool:
    return set(i.kwargs) <= {"axis", "keepdims", "initial"} and len(i.args) == 1


def rows_write(i: Instruction, made: Any = None) -> bool:
    """Whether the engine sums rows by a product with ones, which NumPy can write into an array."""
    x = i.args[0]
    n = math.prod(x.shape[: row_axes(i)])
    return type(x) is Variable and x.dtype.char in "fd" and 0 < n <= 65536


def row_axes(i: Instruction) -> int:
    """How many first axes a sum of rows goes along."""
    return int(i.args[1]) if len(i.args) > 1 else int(i.kwargs.get("count", 1))


def _few_write(i: Instruction, made: Any) -> bool:
    x, axis = i.args
    return x.dtype.char in "fd" and tuple(axis) == (len(x.shape) - 1,) and x.shape[-1] <= 128


def _always(i: Instruction, made: Any) -> bool:
    return True


def _basic(i: Instruction, made: Any) -> bool:
    return all(is_basic(index) for index in i.args[2])


def _joins(i: Instruction, made: Any) -> bool:
    return type(i.args[0]) in (tuple, list) and len(i.args) == 1 and set(i.kwargs) <= {"axis"}


CAN_WRITE: dict[str, Callable[[Instruction, Any], bool]] = {
    "ufunc": _ufunc_writes,
    "reduce": _reduce_writes,
    "ndarray.dot": _dot_writes,
    "kernel.sum_of_rows": rows_write,
    "kernel.sum_of_few": _few_write,
    "numpy.concatenate": _joins,
    "pieces": _basic,
    **dict.fromkeys(("copy", "reshape", "astype", "add_at", "setitem", "write"), _always),
    "kernel.add_at": _always,
    "kernel.fold": _always,
}


def mixed(i: Instruction) -> int | None:
    """Which argument of a product is a mask that has to be cast to the other's dtype."""
    if i.operation.name != "multiply" or len(i.args) != 2:
        return None
    for n, x in enumerate(i.args):
        y = i.args[1 - n]
        mask = type(x) is Variable and type(y) is Variable and x.dtype == bool and x.shape
        if mask and y.dtype == i.result.dtype and y.dtype.kind == "f":
            return n
    return None


def spare(i: Instruction) -> Any:
    """What an instruction needs room for besides its result: a mask in the dtype of a product."""
    mask = mixed(i)
    return None if mask is None else np.empty(i.args[mask].shape, i.result.dtype)
