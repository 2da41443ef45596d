"""Passes over what moves entries without changing them."""

from __future__ import annotations

import math

import numpy as np

from autograd.compile.passes.rewrite import Context, constant, instead, number, rewrite
from autograd.compile.program import (
    BROADCAST,
    RESHAPE,
    TRANSPOSE,
    Instruction,
    Program,
    Variable,
)

SAFE = {("f2", "f4"), ("f2", "f8"), ("f4", "f8")}


def _idle(i: Instruction, context: Context) -> Variable | None:
    x = i.args[0] if i.args else None
    if type(x) is not Variable or x.weak is not i.result.weak:
        return None
    if (x.shape, x.dtype) != (i.result.shape, i.result.dtype):
        return None
    name = i.operation.name
    if name in ("copy", "astype", "reshape", "broadcast"):
        return x
    return x if name == "transpose" and i.args[1] == tuple(range(len(x.shape))) else None


def idle_moves(program: Program) -> Program:
    """A copy, a cast to the dtype there is, a move that moves nothing → what was given.

    No value of a program is ever written to, so copies are for nothing.
    """
    return rewrite(program, _idle)


def _paired(i: Instruction, context: Context) -> Instruction | None:
    name = i.operation.name
    if name == "broadcast" and math.prod(i.args[0].shape) == math.prod(i.args[1]):
        return instead(i, RESHAPE, i.args[0], i.args[1])
    inner = context.maker(i.args[0], name) if i.args else None
    if name == "reshape":
        if inner is not None:
            return instead(i, RESHAPE, inner.args[0], i.args[1])
        inner = context.maker(i.args[0], "transpose")
        if inner is not None and _only_ones_move(inner):
            return instead(i, RESHAPE, inner.args[0], i.args[1])
        inner = context.maker(i.args[0], "broadcast")
        if inner is not None and not inner.args[0].shape:
            return instead(i, BROADCAST, inner.args[0], i.args[1])
        return None
    if inner is None:
        return None
    if name == "transpose":
        axes = tuple(inner.args[1][a] for a in i.args[1])
        return instead(i, TRANSPOSE, inner.args[0], axes)
    if name == "broadcast":
        return instead(i, BROADCAST, inner.args[0], i.args[1])
    x = inner.args[0]
    if name == "astype" and (x.dtype.str[1:], inner.result.dtype.str[1:]) in SAFE:
        return instead(i, i.operation, x, i.args[1])  # widened, then cast: the first lost nothing
    return None


def _only_ones_move(i: Instruction) -> bool:
    axes = [a for a in i.args[1] if i.args[0].shape[a] != 1]
    return axes == sorted(axes)


def paired_moves(program: Program) -> Program:
    """Two transpositions, reshapes, broadcasts or casts in a row → one."""
    return rewrite(program, _paired)


# What broadcasts its arguments itself, and gives each entry by itself.
def _is_elementwise(i: Instruction) -> bool:
    return (i.operation.form == "ufunc" and not i.kwargs) or i.operation.name == "numpy.where"


def _implied(i: Instruction, context: Context) -> Instruction | None:
    if not _is_elementwise(i) or i.operation.name in ("matmul", "vecdot", "matvec", "vecmat"):
        return None
    args = list(i.args)
    for n, x in enumerate(args):
        inner = context.maker(x, "broadcast")
        smaller = inner.args[0] if inner is not None else None
        if smaller is None and type(x) is Variable and x.kind == "constant" and x.shape:
            value = number(x)
            exponent = n == 1 and i.operation.name == "power"  # one for all has paths of its own
            if value is not None and x.dtype.kind in "fiu" and not exponent:
                smaller = constant(x.value.reshape(-1)[0])
        if smaller is None:
            continue
        shapes = [a.shape for a in (*args[:n], smaller, *args[n + 1 :]) if type(a) is Variable]
        if np.broadcast_shapes(*shapes) == i.result.shape:
            args[n] = smaller
    if all(a is b for a, b in zip(args, i.args, strict=True)):
        return None
    return instead(i, i.operation, *args)


def implied_broadcasts(program: Program) -> Program:
    """`x + broadcast(y)` → `x + y`; an array of one repeated number → that number."""
    return rewrite(program, _implied)


def _broadcast_of(i: Instruction, context: Context) -> Instruction | None:
    """f(broadcast(x)) for a function of one argument, or of one and numbers."""
    if i.operation.form != "ufunc" or i.kwargs or i.operation.name == "matmul":
        return None
    inner = [context.maker(x, "broadcast") for x in i.args]
    found = [m for m in inner if m is not None]
    if len(found) != 1 or any(type(x) is Variable and x.shape for x in _others(i, inner)):
        return None
    x = found[0].args[0]
    args = tuple(x if m is not None else a for a, m in zip(i.args, inner, strict=True))
    small = context.call(i.operation, args, {}, x.shape, i)
    return instead(i, BROADCAST, small, i.result.shape)


def _others(i: Instruction, inner: list[Instruction | None]) -> list[object]:
    return [a for a, m in zip(i.args, inner, strict=True) if m is None]


def early_functions(program: Program) -> Program:
    """`f(broadcast(x))` → `broadcast(f(x))`: fewer entries are computed."""
    return rewrite(program, _broadcast_of)
