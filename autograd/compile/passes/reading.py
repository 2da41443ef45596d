"""Passes for people: they may round differently, within an ulp or the order of a sum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.compile.passes.algebra import MULTIPLY, by, like, neutral_second
from autograd.compile.passes.rewrite import (
    Context,
    complement,
    constant,
    instead,
    is_constant,
    number,
    rewrite,
    weak,
)
from autograd.compile.program import (
    ASTYPE,
    BROADCAST,
    RESHAPE,
    TRANSPOSE,
    Instruction,
    Program,
    Variable,
    of_ufunc,
)

SUM, MAXIMUM = of_ufunc(np.add, "reduce"), of_ufunc(np.maximum, "reduce")
DIVIDE, MATMUL = of_ufunc(np.divide), of_ufunc(np.matmul)
ORDER: tuple[str, ...] = ("ndarray.dot", "matmul")


def _plain_sum(i: Instruction, context: Context) -> Instruction | None:
    name, args = i.operation.name, i.args
    if name == "kernel.relaid":
        return instead(i, ASTYPE, args[0], i.result.dtype)
    if name == "kernel.sum_of_rows":
        count = args[1] if len(args) > 1 else i.kwargs.get("count", 1)
        return instead(i, SUM, args[0], axis=tuple(range(count)), keepdims=False)
    if name == "kernel.sum_of_few":
        return instead(i, SUM, args[0], axis=tuple(args[1]), keepdims=False)
    if name == "kernel.largest":
        x, axis, keepdims = args
        return instead(i, MAXIMUM, x, axis=tuple(axis), keepdims=bool(keepdims))
    if name == "kernel.reduce_along" and len(args) >= 4:
        kwargs: dict[str, Any] = {"axis": tuple(args[2]), "keepdims": bool(args[3])}
        if len(args) == 5 and args[4] is not None:
            kwargs["dtype"] = args[4]
        return instead(i, of_ufunc(args[0], "reduce"), args[1], **kwargs)
    lengths = [len(x.shape) for x in args if type(x) is Variable]
    if name == "ndarray.dot" and lengths in ([2, 2], [2, 1]):
        return instead(i, MATMUL, *args)
    return None


def plain_sums(program: Program) -> Program:
    """The engine's fast sums and products → `sum`, `max` and `@` (another order of additions)."""
    return rewrite(program, _plain_sum)


def _sum_of_broadcast(i: Instruction, context: Context) -> Variable | Instruction | None:
    if i.operation.name != "add.reduce" or "initial" in i.kwargs or "dtype" in i.kwargs:
        return None
    x, axis = i.args[0], i.kwargs["axis"]
    if all(x.shape[a] == 1 for a in axis):
        return instead(i, RESHAPE, x, i.result.shape)
    inner = context.maker(x, "broadcast")
    source = inner.args[0] if inner is not None else x
    if not (inner is not None or is_constant(x)) or x.dtype.kind != "f":
        return None
    if inner is None:
        value = number(x)
        if value is None:
            return None
        source = constant(x.dtype.type(value))
    padded = (1,) * (len(x.shape) - len(source.shape)) + source.shape
    if any(padded[a] != 1 for a in axis):
        return None
    count = math.prod(x.shape[a] for a in axis)
    times = context.call(MULTIPLY, (source, float(count)), {}, source.shape, i)
    kept = tuple(1 if a in axis else n for a, n in enumerate(x.shape))
    whole = context.call(BROADCAST, (times, kept), {}, kept, i)
    return instead(i, RESHAPE, whole, i.result.shape)


def sums_of_broadcasts(program: Program) -> Program:
    """`broadcast(x).sum(axis)` → `x · n` (rounded once)."""
    return rewrite(program, _sum_of_broadcast)


# --- factors --------------------------------------------------------------------------------------


def _factor(i: Instruction | None) -> tuple[Any, Any] | None:
    """(x, c) where a product is x · c with a number c."""
    if i is None or i.operation.name != "multiply" or i.kwargs:
        return None
    for x, y in (i.args, i.args[::-1]):
        if type(number(y)) is float and type(x) is Variable and number(x) is None:
            return x, y
    return None


def _numbers_together(i: Instruction, context: Context) -> Instruction | None:
    """(x · a) · b → x · (a·b)."""
    outer = _factor(i)
    inner = _factor(context.maker(outer[0], "multiply")) if outer is not None else None
    if outer is None or inner is None or not context.once(outer[0]):
        return None
    if (inner[0].shape, inner[0].dtype) != (i.result.shape, i.result.dtype):
        return None
    return instead(i, MULTIPLY, inner[0], number(outer[1]) * number(inner[1]))


def _divisor(i: Instruction, context: Context) -> Instruction | None:
    """x · 0.03125 → x / 32."""
    found = _factor(i)
    if found is None:
        return None
    x, c = found
    if (x.shape, x.dtype) != (i.result.shape, i.result.dtype):
        return None
    value = number(c)
    if not 0 < abs(value) < 1 or not math.isfinite(1 / value):
        return None
    whole = round(1 / value)
    near = abs(whole * value - 1) <= 2 * float(np.finfo(i.result.dtype).eps)
    short = weak(c) and str(abs(value)) == f"{abs(value):.2g}"  # such as a learning rate
    if not near or abs(whole) > 2**20 or short or (weak(c) and complement(value) is not None):
        return None
    return instead(i, DIVIDE, x, whole) if value > 0 else None


def _share(i: Instruction, context: Context) -> Instruction | None:
    """(c / t) · e → (e / t) · c, where c is a number."""
    for x, e in (i.args, i.args[::-1]):
        moved = context.maker(x, "reshape")
        quotient = context.maker(moved.args[0] if moved is not None else x, "divide")
        if quotient is None or type(e) is not Variable or e.shape != i.result.shape:
            continue
        c, total = quotient.args
        if number(c) is None or not context.once(x) or e.dtype != i.result.dtype:
            continue
        if moved is not None:
            if not context.once(moved.args[0]):
                continue
            total = context.call(RESHAPE, (total, x.shape), {}, x.shape, i)
        share = context.call(DIVIDE, (e, total), {}, i.result.shape, i)
        return instead(i, MULTIPLY, share, number(c))
    return None


_shared = by({"multiply": (_share,)})
_together = by({"multiply": (_numbers_together,)})
_divided = by({"multiply": (_divisor,)})


def shares(program: Program) -> Program:
    """`(c / t) · e` → `e / t · c`: a share of a total, such as a probability."""
    return _shared(program)


def factors_together(program: Program) -> Program:
    """`(x · a) · b` → `x · ab`."""
    return _together(program)


def divisors(program: Program) -> Program:
    """`x · 0.03125` → `x / 32`."""
    return _divided(program)


# --- products -------------------------------------------------------------------------------------


def _matrices(i: Instruction | None) -> bool:
    return i is not None and i.operation.name in ORDER and all(
        type(x) is Variable and len(x.shape) == 2 for x in i.args
    )  # fmt: skip


def _turned_product(i: Instruction, context: Context) -> Instruction | None:
    if i.operation.name != "transpose" or i.args[1] != (1, 0):
        return None
    inner = context.maker(i.args[0])
    if inner is None or not _matrices(inner) or not context.once(i.args[0]):
        return None
    x, y = inner.args
    turned = [context.call(TRANSPOSE, (m, (1, 0)), {}, m.shape[::-1], i, m.dtype) for m in (y, x)]
    return instead(i, MATMUL, *turned)


def turned_products(program: Program) -> Program:
    """`(x @ y).T` → `y.T @ x.T`."""
    return rewrite(program, _turned_product)


def _added_zero(i: Instruction, context: Context) -> Instruction | Variable | None:
    """0 + x → x, which differs where x is -0."""
    for x, y in (i.args, i.args[::-1]):
        if number(y) == 0:
            return like(x, i)
    return None


_zeros = by({"add": (_added_zero,), "power": (neutral_second,)})


def added_zeros(program: Program) -> Program:
    """`x + 0` → `x`, a -0 included; `x ** 1` → `x`."""
    return _zeros(program)
