"""The lines that run an instruction: one entry per operation, or per form of operation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compile.numpy.buffers import Place
from autograd.compile.numpy.outs import array_among, mixed, row_axes, rows_write
from autograd.compile.printing.text import ATOM
from autograd.compile.program import Instruction, Variable
from autograd.primitives.indexing import _add_at, is_basic
from autograd.primitives.kernels import ones

if TYPE_CHECKING:
    from autograd.compile.numpy.fast import Fast


CALL = 0.5  # microseconds that a call takes however small its arrays are
# Reductions that can be one call per entry of a row, and the longest row. NumPy adds up to seven
# numbers one after the other; of more it makes sums that it adds in the end.
IN_STEPS = {"maximum.reduce": 16, "minimum.reduce": 16, "add.reduce": 7}


def _write_ufunc(f: Fast, i: Instruction, out: str) -> None:
    name, like = i.operation.name, array_among(i)
    mask = mixed(i)
    if _is_by_columns(f, i):
        return _write_columns(f, i)
    ufunc = f.bind(i.operation.compute, name)
    if name == "power":
        ufunc = f.bind(np.power, name)
    args = [f.operand(x, like) for x in i.args]
    if mask is not None:
        factor = f.at(f.buffers.spare[i.result])
        f.lines.append(f"{f.bind(np.copyto, 'copyto')}({factor}, {args[mask]})")
        args[mask] = factor
    f.lines.append(f"{ufunc}({', '.join(args)}, {_out_of(name)}{out})")


def _out_of(name: str) -> str:
    """How a ufunc is told where to write; NumPy deprecates the short way for some."""
    return "out=" if name in ("maximum", "minimum", "matmul") else ""


def _is_by_columns(f: Fast, i: Instruction) -> bool:
    """Whether a column is spread over a few others, which is faster as one call for each of them:
    NumPy starts anew in every row, and rows are short."""
    shape = i.result.shape
    if len(i.args) != 2 or len(shape) < 2 or not 2 <= shape[-1] <= 8:
        return False
    alike = all(type(x) is Variable and x.dtype == i.result.dtype for x in i.args)
    if not alike or any(f.buffers.place(x) is None for x in i.args):
        return False
    shapes = [x.shape for x in i.args]
    if sorted(shapes) != sorted([shape, (*shape[:-1], 1)]):
        return False
    return shape[-1] * CALL < 2 * CALL + 0.012 * math.prod(shape[:-1])


def _write_columns(f: Fast, i: Instruction) -> None:
    name, count = i.operation.name, i.result.shape[-1]
    ufunc, named = f.bind(i.operation.compute, name), _out_of(name)
    for k in range(count):
        x, y = (f.part(x, (..., k if x.shape[-1] == count else 0)) for x in i.args)
        f.lines.append(f"{ufunc}({x}, {y}, {named}{f.part(i.result, (..., k))})")


def _write_product(f: Fast, i: Instruction, out: str) -> None:
    """matmul of small matrices as dot, which starts sooner."""
    x, y = i.args
    matrices = len(x.shape) == len(y.shape) == 2 and x.dtype == y.dtype
    matrices = matrices and min(*x.shape, *y.shape) > 1  # of a vector dot may take inf · 0 as 0
    small = math.prod(i.result.shape) <= 16384 and f.buffers.values[i.result].flags.c_contiguous
    (_write_dot if matrices and small else _write_ufunc)(f, i, out)


def _write_dot(f: Fast, i: Instruction, out: str) -> None:
    x, y = i.args
    f.lines.append(f"{f.text(x, ATOM)}.dot({f.text(y)}, {out})")


def _write_rows(f: Fast, i: Instruction, out: str) -> None:
    x = i.args[0]
    n = math.prod(x.shape[: row_axes(i)])
    one = f.bind(ones(n, x.dtype), "ones")
    if len(x.shape) == 2:
        f.lines.append(f"{one}.dot({f.text(x)}, {out})")
        return
    flat = f"{f.text(x, ATOM)}.reshape({n}, -1)"
    f.lines.append(f"{one}.dot({flat}, {out}.reshape(-1))")


def _write_few(f: Fast, i: Instruction, out: str) -> None:
    x = i.args[0]
    one = f.bind(ones(x.shape[-1], x.dtype), "ones")
    f.lines.append(f"{f.text(x, ATOM)}.dot({one}, {out})")


def _write_reduce(f: Fast, i: Instruction, out: str) -> None:
    x, facts = i.args[0], i.kwargs
    axis, keepdims = facts.get("axis", 0), facts.get("keepdims", False)
    if _in_few_steps(f, i) and type(axis) is tuple:
        return _reduce_in_steps(f, i, out, axis[0], keepdims)
    reduce = f.bind(i.operation.compute, i.operation.name.replace(".", "_"))
    if type(axis) is tuple and len(axis) == 1:
        axis = axis[0]
    more = f", {f.text(facts['initial'])}" if "initial" in facts else ""
    f.lines.append(f"{reduce}({f.text(x)}, {f.text(axis)}, None, {out}, {keepdims}{more})")


def _in_few_steps(f: Fast, i: Instruction) -> bool:
    """Whether a reduction along a short last axis is faster as one call per entry."""
    x, axis = i.args[0], i.kwargs.get("axis")
    most = IN_STEPS.get(i.operation.name, 0)
    if "initial" in i.kwargs or axis != (len(x.shape) - 1,) or f.buffers.place(x) is None:
        return False
    if x.dtype != i.result.dtype:
        return False
    rows = math.prod(x.shape[:-1])
    count = int(x.shape[-1])
    return 2 <= count <= most and (count - 1) * CALL < 4 * CALL + 0.04 * rows


def _reduce_in_steps(f: Fast, i: Instruction, out: str, axis: int, keepdims: bool) -> None:
    x = i.args[0]
    name = i.operation.name.split(".")[0]
    ufunc, named = f.bind(getattr(np, name).__call__, name), _out_of(name)
    lead: tuple[Any, ...] = (slice(None),) * axis
    parts = [f.part(x, (*lead, slice(k, k + 1) if keepdims else k)) for k in range(x.shape[axis])]
    so_far = parts[0]
    for part in parts[1:]:
        f.lines.append(f"{ufunc}({so_far}, {part}, {named}{out})")
        so_far = out


def _write_copy(f: Fast, i: Instruction, out: str) -> None:
    f.lines.append(f"{f.bind(np.copyto, 'copyto')}({out}, {f.text(i.args[0])})")


def _write_cast(f: Fast, i: Instruction, out: str) -> None:
    copyto = f.bind(np.copyto, "copyto")
    f.lines.append(f"{copyto}({out}, {f.text(i.args[0])}, 'unsafe')")


def _write_reshaped(f: Fast, i: Instruction, out: str) -> None:
    """A reshape that had to copy: into the same memory in the shape of what is read."""
    x = i.args[0]
    outer: Any = f.buffers.place(i.result)
    inner = np.empty(x.shape, outer.dtype)
    turned = Place(outer.block, outer.offset, inner.shape, inner.strides, outer.dtype)
    f.lines.append(f"{f.bind(np.copyto, 'copyto')}({f.at(turned)}, {f.text(x)})")


def _started(f: Fast, i: Instruction, out: str) -> None:
    """The first argument, unless the result lies where it lay."""
    first = i.args[0]
    if type(first) is not Variable or f.buffers.place(first) != f.buffers.place(i.result):
        f.lines.append(f"{f.bind(np.copyto, 'copyto')}({out}, {f.text(first)})")


def _write_added(f: Fast, i: Instruction, out: str) -> None:
    _started(f, i, out)
    _, index, value = i.args
    if is_basic(index):
        part = f.part(i.result, index)
        like = array_among(Instruction(i.operation, (i.result, value), {}, i.result))
        f.lines.append(f"{f.bind(np.add, 'add')}({part}, {f.operand(value, like)}, {part})")
        return
    by, value = ("subtract", -value.value.reshape(-1)[0]) if _is_negative(value) else ("add", value)
    flat = f.flat_index(i.result, index)
    if flat is not None:
        row, entries = flat
        part = f.fresh("part")
        f.lines += [
            f"{part} = {row}[{entries}]",
            f"{f.bind(getattr(np, by), by)}({part}, {f.operand(value, i.result)}, {part})",
            f"{row}[{entries}] = {part}",
        ]
    elif by == "subtract":
        f.lines.append(f"{out}[{f.index(index)}] -= {f.operand(value, i.result)}")
    else:
        f.lines.append(f"{out}[{f.index(index)}] += {f.text(value)}")


def _is_negative(x: Any) -> bool:
    one = type(x) is Variable and x.kind == "constant" and x.value.size == 1
    return bool(one and x.value < 0)


def _write_set(f: Fast, i: Instruction, out: str) -> None:
    _started(f, i, out)
    f.lines.append(f"{out}[{f.index(i.args[1])}] = {f.text(i.args[2])}")


def _write_scattered(f: Fast, i: Instruction, out: str) -> None:
    """The engine's addition to entries, which writes into its first argument."""
    _started(f, i, out)
    kernel = f.bind(_add_at, "add_at")
    index = f.text(i.kwargs["index"])
    f.lines.append(f"{kernel}({out}, {f.text(i.args[1])}, {out}, index={index})")


def _write_value(f: Fast, i: Instruction, out: str) -> None:
    f.lines.append(f"{out}[...] = {f.text(i.args[1])}")


def _write_pieces(f: Fast, i: Instruction, out: str) -> None:
    _, _, indices, *parts = i.args
    for index, part in zip(indices, parts, strict=True):
        f.lines.append(f"{f.bind(np.copyto, 'copyto')}({f.part(i.result, index)}, {f.text(part)})")


def _write_joined(f: Fast, i: Instruction, out: str) -> None:
    axis = i.kwargs.get("axis", 0)
    join = f.bind(np.concatenate, "concatenate")
    f.lines.append(f"{join}({f.text(i.args[0])}, {f.text(axis)}, {out})")


def _write_folded(f: Fast, i: Instruction, out: str) -> None:
    """Windows added back to their places, one strided addition for each place in a window."""
    x, facts = i.args[0], i.kwargs
    k = len(facts["size"])
    counts = x.shape[-2 * k : -k]
    add = f.bind(np.add, "add")
    f.lines.append(f"{out}.fill(0)")
    here = f.buffers.place(x) is not None
    for place in itertools.product(*map(range, facts["size"])):
        starts = [p * d for p, d in zip(place, facts["dilation"], strict=True)]
        target = tuple(
            slice(a, a + s * (n - 1) + 1, s)
            for a, s, n in zip(starts, facts["stride"], counts, strict=True)
        )
        part = f.part(i.result, (..., *target))
        given = (
            f.part(x, (..., *place)) if here else f"{f.text(x)}[..., {', '.join(map(str, place))}]"
        )
        f.lines.append(f"{add}({part}, {given}, {part})")


EMITTERS: dict[str, Callable[[Fast, Instruction, str], None]] = {
    "matmul": _write_product,
    "ndarray.dot": _write_dot,
    "kernel.sum_of_rows": _write_rows,
    "kernel.sum_of_few": _write_few,
    "kernel.add_at": _write_scattered,
    "kernel.fold": _write_folded,
    "numpy.concatenate": _write_joined,
    "reshape": _write_reshaped,
}
FORMS: dict[str, Callable[[Fast, Instruction, str], None]] = {
    "ufunc": _write_ufunc,
    "reduce": _write_reduce,
    "copy": _write_copy,
    "astype": _write_cast,
    "add_at": _write_added,
    "setitem": _write_set,
    "write": _write_value,
    "pieces": _write_pieces,
}


# --- Results that outlive the call ----------------------------------------------------------------


def _fresh_rows(f: Fast, i: Instruction) -> str | None:
    if not rows_write(i):
        return None
    x = i.args[0]
    n = math.prod(x.shape[: row_axes(i)])
    one = f.bind(ones(n, x.dtype), "ones")
    if len(x.shape) == 2:
        return f"{one}.dot({f.text(x)})"
    return f"{one}.dot({f.text(x, ATOM)}.reshape({n}, -1)).reshape({i.result.shape})"


def _fresh_entries(f: Fast, i: Instruction) -> str | None:
    flat = f.flat_index(*i.args)
    return f"{flat[0]}[{flat[1]}]" if flat is not None else None


def _fresh_total(f: Fast, i: Instruction) -> str | None:
    """A reduction to one number; by position, which NumPy reads faster."""
    axis = i.kwargs.get("axis")
    if set(i.kwargs) - {"axis", "keepdims"} or i.result.shape or type(axis) is not tuple:
        return None
    reduce = f.bind(i.operation.compute, i.operation.name.replace(".", "_"))
    return f"{reduce}({f.text(i.args[0])}, {f.text(axis[0] if len(axis) == 1 else None)})"


FRESH: dict[str, Callable[[Fast, Instruction], str | None]] = {
    "kernel.sum_of_rows": _fresh_rows,
    "getitem": _fresh_entries,
    **dict.fromkeys(("add.reduce", "maximum.reduce", "minimum.reduce"), _fresh_total),
}
