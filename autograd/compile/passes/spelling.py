"""One spelling for each operation: what NumPy and the engine call by several names.

`x.T`, `np.transpose(x)` and `x.swapaxes(0, 1)` all become `transpose(x, axes)`, so that the other
passes, the printers and the back ends know one. All of it keeps every bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.passes.rewrite import Context, instead, number, rewrite
from autograd.compile.program import (
    ADD_AT,
    ASTYPE,
    BROADCAST,
    COPY,
    RESHAPE,
    TRANSPOSE,
    Instruction,
    Operation,
    Program,
    Variable,
    of_ufunc,
)
from autograd.primitives.indexing import is_basic

Spelling = Callable[[Instruction], Instruction | None]


def given(i: Instruction, names: tuple[str, ...]) -> dict[str, Any] | None:
    """The arguments of an instruction by name; None where it has others."""
    if len(i.args) > len(names) or not set(i.kwargs) <= set(names):
        return None
    return dict(zip(names, i.args, strict=False)) | i.kwargs


def _is_array(x: Any) -> bool:
    return type(x) is Variable


# --- moves ----------------------------------------------------------------------------------------


def _reshaped(i: Instruction) -> Instruction | None:
    """A reshape in NumPy's order, whatever it was called."""
    if not _is_array(i.args[0]) or i.kwargs.get("order") or "order" in i.kwargs:
        return None
    as_in_memory = i.operation.name.endswith("ravel") and len(i.args) > 1
    if as_in_memory and (i.args[1:] != ("K",) or len(i.args[0].shape) != 1):
        return None
    return instead(i, RESHAPE, i.args[0], i.result.shape)


def _transposed(axes_of: Callable[[int, tuple[Any, ...]], Any]) -> Spelling:
    def spell(i: Instruction) -> Instruction | None:
        if not _is_array(i.args[0]) or i.kwargs:
            return None
        n = len(i.args[0].shape)
        axes = axes_of(n, i.args[1:])
        if axes is None:
            return None
        return instead(i, TRANSPOSE, i.args[0], tuple(int(a) % n for a in axes))

    return spell


def _axes(n: int, args: tuple[Any, ...]) -> Any:
    if not args or args == (None,):
        return range(n)[::-1]
    return args[0] if len(args) == 1 and type(args[0]) in (tuple, list) else args


def _swapped(n: int, args: tuple[Any, ...]) -> Any:
    if len(args) != 2:
        return None
    axes = list(range(n))
    a, b = args
    axes[a], axes[b] = axes[b], axes[a]
    return axes


def _last_two(n: int, args: tuple[Any, ...]) -> Any:
    return [*range(n - 2), n - 1, n - 2]


def _broadcast(i: Instruction) -> Instruction | None:
    return instead(i, BROADCAST, i.args[0], i.result.shape) if _is_array(i.args[0]) else None


def _cast(i: Instruction) -> Instruction | None:
    if not _is_array(i.args[0]) or not set(i.kwargs) <= {"copy"} or len(i.args) != 2:
        return None
    return instead(i, ASTYPE, i.args[0], i.result.dtype)


def _copied(i: Instruction) -> Instruction | None:
    """`np.array(x)` and kin: a copy, or a cast where the dtype is another."""
    x = i.args[0]
    if not _is_array(x) or x.shape != i.result.shape:
        return None
    if x.dtype == i.result.dtype:
        return instead(i, COPY, x)
    return instead(i, ASTYPE, x, i.result.dtype)


def _indexed(i: Instruction) -> Instruction | None:
    """`x[:, None]` only gives axes of length 1: a reshape."""
    x, index = i.args
    if not _is_array(x) or not is_basic(index) or math.prod(x.shape) != math.prod(i.result.shape):
        return None
    entries = index if type(index) is tuple else (index,)
    steps = [e.step for e in entries if type(e) is slice]
    if any(step not in (None, 1) for step in steps) or not math.prod(x.shape):
        return None
    return instead(i, RESHAPE, x, i.result.shape)


def _added_at(i: Instruction) -> Instruction | None:
    """total[index] += g by a slice, which names no entry twice."""
    if len(i.args) != 3 or not is_basic(i.kwargs["index"]):
        return None
    return instead(i, ADD_AT, i.args[0], i.kwargs["index"], i.args[1])


# --- sums -----------------------------------------------------------------------------------------


def _neutral(operation: Operation, initial: Any, dtype: Any) -> bool:
    """Whether starting from a value changes no result of one entry or more."""
    value = number(initial)
    if value is None or operation is ADD:
        return initial is None
    largest = operation is MINIMUM
    if dtype.kind == "f":
        return bool(value == (math.inf if largest else -math.inf))
    if dtype.kind not in "iu":
        return False
    limits = np.iinfo(dtype)
    return bool(value == (limits.max if largest else limits.min))


REDUCTION = ("x", "axis", "dtype", "out", "keepdims", "initial", "where")


def _reduction(operation: Operation, names: tuple[str, ...], axis: Any) -> Spelling:
    def spell(i: Instruction) -> Instruction | None:
        facts = given(i, names)
        if facts is None or not _is_array(facts["x"]):
            return None
        x = facts["x"]
        axes = facts.get("axis", axis)
        n = len(x.shape)
        axes = range(n) if axes is None else axes if type(axes) is tuple else (axes,)
        if not all(type(a) is int for a in axes):
            return None
        where = tuple(sorted(a % n for a in axes))
        kwargs: dict[str, Any] = {"axis": where, "keepdims": bool(facts.get("keepdims", False))}
        if facts.get("out") is not None or facts.get("where", True) is not True:
            return None
        if facts.get("dtype") is not None:
            kwargs["dtype"] = facts["dtype"]
        initial = facts.get("initial")
        counts = math.prod(x.shape[a] for a in where)
        if "initial" in facts and not (counts and _neutral(operation, initial, x.dtype)):
            kwargs["initial"] = initial
        if i.operation is operation and i.args == (x,) and i.kwargs == kwargs:
            return None
        return instead(i, operation, x, **kwargs)

    return spell


ADD, MAXIMUM, MINIMUM = (of_ufunc(u, "reduce") for u in (np.add, np.maximum, np.minimum))
METHOD = ("x", "axis", "dtype", "out", "keepdims", "initial", "where")
EXTREMUM = ("x", "axis", "out", "keepdims", "initial", "where")

SPELLINGS: dict[str, Spelling] = {
    **dict.fromkeys(
        (
            *("ndarray.reshape", "numpy.reshape", "ndarray.ravel", "numpy.ravel"),
            *("ndarray.squeeze", "numpy.squeeze", "numpy.expand_dims", "ndarray.flatten"),
        ),
        _reshaped,
    ),
    **dict.fromkeys(("ndarray.T", "numpy.transpose", "ndarray.transpose"), _transposed(_axes)),
    **dict.fromkeys(("ndarray.mT", "numpy.matrix_transpose"), _transposed(_last_two)),
    **dict.fromkeys(("ndarray.swapaxes", "numpy.swapaxes"), _transposed(_swapped)),
    **dict.fromkeys(("kernel.broadcast_to", "numpy.broadcast_to"), _broadcast),
    **dict.fromkeys(("ndarray.astype", "numpy.astype"), _cast),
    **dict.fromkeys(
        (
            *("ndarray.copy", "numpy.array", "numpy.asarray", "numpy.asanyarray", "numpy.copy"),
            *("numpy.ascontiguousarray", "numpy.asfortranarray", "positive"),
        ),
        _copied,
    ),
    "getitem": _indexed,
    "kernel.add_at": _added_at,
    "add.reduce": _reduction(ADD, REDUCTION, 0),
    "maximum.reduce": _reduction(MAXIMUM, REDUCTION, 0),
    "minimum.reduce": _reduction(MINIMUM, REDUCTION, 0),
    **dict.fromkeys(("ndarray.sum", "numpy.sum"), _reduction(ADD, METHOD, None)),
    **dict.fromkeys(("ndarray.max", "numpy.max"), _reduction(MAXIMUM, EXTREMUM, None)),
    **dict.fromkeys(("ndarray.min", "numpy.min"), _reduction(MINIMUM, EXTREMUM, None)),
}


def _spell(i: Instruction, context: Context) -> Instruction | None:
    rule = SPELLINGS.get(i.operation.name)
    return rule(i) if rule is not None and (i.args or i.kwargs) else None


def spelling(program: Program) -> Program:
    """`x.T`, `np.transpose(x)` → `transpose(x, axes)`; `x.sum()` → `add.reduce(x, axis)`."""
    return rewrite(program, _spell)
