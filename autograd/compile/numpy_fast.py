"""The NumPy back end: a program as the Python function that runs it fastest.

Results are written into arrays that are made once, and moves of those cost nothing, because they
are views made once. What outlives the call gets memory of its own. It computes what the
interpreter does, to the last bit; a maximum over few entries may return the other of 0 and -0.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.compile.buffers import Buffers, Place
from autograd.compile.expressions import expression
from autograd.compile.passes.rewrite import is_constant
from autograd.compile.program import Instruction, Program, Variable
from autograd.compile.text import ATOM, SYMBOLS, Names
from autograd.primitives.indexing import _add_at, is_basic
from autograd.primitives.kernels import ones

LARGE = 65536  # bytes; what is larger and no longer needed is let go of
# Results whose shape depends on values: the shape is checked before anything is written.
OPEN_ENDED = frozenset(
    f"{space}.{name}"
    for space in ("numpy", "ndarray")
    for name in ("nonzero", "flatnonzero", "argwhere", "unique", "compress", "extract", "repeat")
)


class Fast(Names):
    """The function of a program, made once and called many times.

    Attributes:
        inputs: the inputs that the function takes, in order: those that are used.
        source: its text.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.numbers: dict[Any, str] = {}
        self.program = program
        used = {v for i in program.instructions for v in i.inputs()} | set(program.roots())
        self.inputs = [v for v in program.inputs if v in used]
        for v in self.inputs:
            self.names[v] = self.fresh("x")
        self.buffers = Buffers(program, can_write, written_over, spare)
        self.arrays: dict[str, Place] = {}
        self.placed: dict[Place, str] = {}
        self.converted: dict[tuple[Variable, Any], str] = {}
        self.head: list[str] = []
        self.lines: list[str] = []
        self.large: dict[str, Variable] = {}
        self.below = bounded(program)
        self.flat: dict[tuple[Variable, int], str] = {}
        for n, i in enumerate(program.instructions):
            self.instruction(n, i)
        results = ", ".join(self.text(v) for v in program.roots())
        head = f"def step({', '.join(self.names[v] for v in self.inputs)}):"
        body = [*self.head, *self.lines, f"return [{results}]"]
        self.source = "\n".join([head, *(f"    {line}" for line in body)]) + "\n"
        self.code = compile(self.source, "<ag.compile>", "exec")
        self.buffers.values.clear()

    def workspace(self) -> Callable[..., list[Any]]:
        """The function with arrays of its own."""
        array = self.buffers.workspace()
        space = self.space | {name: array(place) for name, place in self.arrays.items()}
        exec(self.code, space)
        return space["step"]  # type: ignore[no-any-return]

    def function(self) -> Callable[..., list[Any]]:
        """The program's outputs, and what is checked, from its inputs; for any number of threads.

        A call takes a workspace that no other call has, and gives it back; one that raised is lost.
        """
        idle: list[Callable[..., list[Any]]] = []
        make = self.workspace

        def run(*inputs: Any) -> list[Any]:
            try:
                step = idle.pop()
            except IndexError:
                step = make()
            results = step(*inputs)
            idle.append(step)
            return results

        return run

    # --- values ---

    def variable(self, v: Variable, above: int = 0) -> str:
        """A variable: an array that is there, or what a line named."""
        known = self.names.get(v)
        if known is not None:
            return known
        if v.kind == "constant":
            return self.bind(v.value, "c")
        place = self.buffers.place(v)
        if place is None:
            raise KeyError(v)
        return self.at(place)

    def at(self, place: Place) -> str:
        """The name of an array in the buffers."""
        name = self.placed.get(place)
        if name is None:
            name = self.placed[place] = self.fresh("b")
            self.arrays[name] = place
        return name

    def part(self, v: Variable, index: Any) -> str:
        """The name of a part of an array in the buffers."""
        outer: Any = self.buffers.place(v)
        whole = as_strided(np.empty(1, outer.dtype), outer.shape, outer.strides)  # never read
        cut = whole[index]
        offset = cut.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
        return self.at(Place(outer.block, outer.offset + offset, cut.shape, cut.strides, cut.dtype))

    def operand(self, x: Any, like: Variable | None) -> str:
        """An argument of a ufunc: numbers are arrays already, which saves NumPy the conversion."""
        if isinstance(x, np.generic):
            return self.number(x)
        if like is None or like.dtype.kind not in "fiu":
            return self.text(x)
        if type(x) is Variable and x.weak and x in self.names and like.dtype.kind == "f":
            key = (x, like.dtype)
            if key not in self.converted:
                name = self.converted[key] = self.fresh("n")
                dtype, array = self.bind(like.dtype, "k"), self.bind(np.array, "array")
                self.add(f"{name} = {array}({self.names[x]}, {dtype})", early=x)
            return self.converted[key]
        fits = type(x) is int or (type(x) is float and like.dtype.kind == "f")
        if fits and (like.dtype.kind == "f" or abs(x) < 128):
            return self.number(like.dtype.type(x))
        return self.text(x)

    def number(self, x: np.generic) -> str:
        """The name of an array of one number."""
        key = (x.dtype.str, x.tobytes())
        name = self.numbers.get(key)
        if name is None:
            array = np.array(x)
            array.setflags(write=False)
            name = self.numbers[key] = self.bind(array, "c")
        return name

    def flat_index(self, x: Any, index: Any) -> tuple[str, str] | None:
        """x as one row, and where x[rows, y] stands in it, which is several times as fast.

        Only where the program holds for no y but from 0 up to the length of a row: another y would
        name an entry of another row.
        """
        place = self.buffers.place(x) if type(x) is Variable else None
        if place is None or type(index) is not tuple or len(index) != 2 or len(place.shape) != 2:
            return None
        (n, m), (rows, y) = place.shape, index
        if place.strides != (m * place.dtype.itemsize, place.dtype.itemsize):
            return None
        bound = self.below.get(y, 0) if type(y) is Variable else 0
        if not 0 < bound <= m or y.shape != (n,) or not is_constant(rows):
            return None
        if not np.array_equal(rows.value, np.arange(n)):
            return None
        if (y, m) not in self.flat:
            starts = self.bind(np.arange(n) * m, "starts")
            lines = self.at(self.buffers.placed(np.empty(n, np.intp), True))
            self.lines.append(f"{self.bind(np.add, 'add')}({starts}, {self.text(y)}, {lines})")
            self.flat[y, m] = lines
        row = Place(place.block, place.offset, (n * m,), (place.dtype.itemsize,), place.dtype)
        return self.at(row), self.flat[y, m]

    # --- lines ---

    def add(self, line: str, early: Variable | None = None) -> None:
        """A line of the function; where it needs an input only, before all others."""
        (self.head if early is not None and early.kind == "input" else self.lines).append(line)

    def instruction(self, n: int, i: Instruction) -> None:
        """The lines of an instruction; none for a view of an array that is there."""
        v = i.result
        place = self.buffers.place(v)
        if self.buffers.own(v) is v and place is not None:
            emit = EMITTERS.get(i.operation.name) or FORMS[i.operation.form]
            emit(self, i, self.at(place))
        elif place is None:
            view = self.buffers.values[v]
            owner = self.buffers.own(v)
            if owner.kind == "constant" and type(view) is np.ndarray:
                view.setflags(write=False)
                self.names[v] = self.bind(view, "c")
                return
            name = self.names[v] = self.fresh("t")
            fresh = FRESH.get(i.operation.name)
            text = fresh(self, i) if fresh is not None else None
            self.lines.append(f"{name} = {text or self.plain(i)}")
            self.guard(i, name)
            if getattr(view, "nbytes", 0) >= LARGE:
                self.large[name] = owner
        self.let_go(n)

    def plain(self, i: Instruction) -> str:
        """An instruction as an expression."""
        inputs = i.inputs()
        scalar = not i.result.shape and all(not x.shape for x in inputs)
        if i.operation.form == "ufunc" and not i.kwargs:
            plain = all(x.weak for x in inputs)  # Python's operators raise where NumPy's do not
            if scalar and i.operation.name in SYMBOLS and i.operation.name != "power" and not plain:
                return expression(self, i)[0]
            if scalar and i.operation.name == "isnan":
                x = self.text(i.args[0], ATOM)
                return f"{x} != {x}"
            if not scalar:
                like = _array_among(i)
                args = ", ".join(self.operand(x, like) for x in i.args)
                return f"{self.bind(i.operation.compute, i.operation.name)}({args})"
        return expression(self, i)[0]

    def guard(self, i: Instruction, name: str) -> None:
        """Stop where a shape depends on values and is another one."""
        open_ended = i.operation.name in OPEN_ENDED
        if i.operation.name == "getitem":
            open_ended = any(x.dtype == bool for x in i.inputs()[1:])
        if i.operation.name == "item" and type(i.args[0]) is Variable:
            open_ended = True
        if open_ended and i.result.dtype is not None:
            self.lines += [
                f"if {name}.shape != {i.result.shape}:",
                "    raise ValueError('another shape')",
            ]

    def let_go(self, n: int) -> None:
        """Delete large arrays after the last line that reads them."""
        done = [x for x, owner in self.large.items() if self.buffers.last[owner] == n]
        done = [x for x in done if self.large[x] not in self.buffers.fresh]
        done = [x for x in done if self.large[x].kind == "computed"]
        for x in done:
            del self.large[x]
        if done:
            self.lines.append(f"del {', '.join(done)}")


def bounded(program: Program) -> dict[Variable, int]:
    """Arrays of class numbers, each with what all of them are checked to be below, and not below 0.

    As unsigned numbers the largest is less than the number of classes.
    """
    made = {i.result: i for i in program.instructions}
    found: dict[Variable, int] = {}
    for check in program.checks:
        less = made.get(check.variable)
        if check.value is not True or less is None or less.operation.name != "less":
            continue
        largest, bound = made.get(less.args[0]), less.args[1]
        view = made.get(largest.args[0]) if largest is not None else None
        if largest is None or largest.operation.name != "maximum.reduce" or view is None:
            continue
        y = view.args[0]
        unsigned = view.operation.name == "ndarray.view" and view.args[1:] == (np.uint64,)
        if unsigned and type(bound) is int and y.dtype == np.intp:
            found[y] = bound
    return found


def _array_among(i: Instruction) -> Variable | None:
    """The array whose dtype plain numbers take, if all arrays have one dtype."""
    arrays = [x for x in i.args if type(x) is Variable and not x.weak]
    alike = arrays and all(x.dtype == arrays[0].dtype for x in arrays)
    return arrays[0] if alike and i.operation.name not in ("power", "ldexp") else None


# --- Writing into an array that is there ----------------------------------------------------------


def can_write(i: Instruction, made: Any) -> bool:
    """Whether a back end's line writes the result of an instruction into a buffer."""
    test = CAN_WRITE.get(i.operation.name) or CAN_WRITE.get(i.operation.form)
    return test is not None and bool(test(i, made))


def written_over(i: Instruction) -> str:
    """Whether the result may lie over "any" argument, the "first", or "" none."""
    if i.operation.name in ("add_at", "setitem", "kernel.add_at"):
        return "first"
    if i.operation.form != "ufunc" or i.operation.name == "matmul" or _mixed(i) is not None:
        return ""
    return "any"


def _ufunc_writes(i: Instruction, made: Any) -> bool:
    return not i.kwargs and made.dtype.kind in "fiub"


def _dot_writes(i: Instruction, made: Any) -> bool:
    return len(i.args) == 2 and not i.kwargs and made.flags.c_contiguous


def _reduce_writes(i: Instruction, made: Any) -> bool:
    return set(i.kwargs) <= {"axis", "keepdims", "initial"} and len(i.args) == 1


def _rows_write(i: Instruction, made: Any) -> bool:
    x = i.args[0]
    n = math.prod(x.shape[: _row_axes(i)])
    return type(x) is Variable and x.dtype.char in "fd" and 0 < n <= 65536


def _row_axes(i: Instruction) -> int:
    return int(i.args[1]) if len(i.args) > 1 else int(i.kwargs.get("count", 1))


def _few_write(i: Instruction, made: Any) -> bool:
    x, axis = i.args
    return x.dtype.char in "fd" and tuple(axis) == (len(x.shape) - 1,) and x.shape[-1] <= 128


def _always(i: Instruction, made: Any) -> bool:
    return True


def _where_writes(i: Instruction, made: Any) -> bool:
    return False


def _basic(i: Instruction, made: Any) -> bool:
    return all(is_basic(index) for index in i.args[2])


def _joins(i: Instruction, made: Any) -> bool:
    return type(i.args[0]) in (tuple, list) and len(i.args) == 1 and set(i.kwargs) <= {"axis"}


CAN_WRITE: dict[str, Callable[[Instruction, Any], bool]] = {
    "ufunc": _ufunc_writes,
    "reduce": _reduce_writes,
    "ndarray.dot": _dot_writes,
    "kernel.sum_of_rows": _rows_write,
    "kernel.sum_of_few": _few_write,
    "numpy.concatenate": _joins,
    "pieces": _basic,
    **dict.fromkeys(("copy", "reshape", "astype", "add_at", "setitem", "write"), _always),
    "kernel.add_at": _always,
    "kernel.fold": _always,
}


def _mixed(i: Instruction) -> int | None:
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
    mask = _mixed(i)
    return None if mask is None else np.empty(i.args[mask].shape, i.result.dtype)


def _write_ufunc(f: Fast, i: Instruction, out: str) -> None:
    name, like = i.operation.name, _array_among(i)
    mask = _mixed(i)
    ufunc = f.bind(i.operation.compute, name)
    if name == "power":
        ufunc = f.bind(np.power, name)
    args = [f.operand(x, like) for x in i.args]
    if mask is not None:
        factor = f.at(f.buffers.spare[i.result])
        f.lines.append(f"{f.bind(np.copyto, 'copyto')}({factor}, {args[mask]})")
        args[mask] = factor
    named = "out=" if name in ("maximum", "minimum", "matmul") else ""
    f.lines.append(f"{ufunc}({', '.join(args)}, {named}{out})")


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
    n = math.prod(x.shape[: _row_axes(i)])
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
    """Whether a maximum along a short last axis is faster as one call per entry."""
    x, axis = i.args[0], i.kwargs.get("axis")
    if i.operation.name not in ("maximum.reduce", "minimum.reduce") or "initial" in i.kwargs:
        return False
    if axis != (len(x.shape) - 1,) or f.buffers.place(x) is None:
        return False
    rows = math.prod(x.shape[:-1])
    count = int(x.shape[-1])
    return 2 <= count <= 16 and (count - 1) * 0.5 < 2.5 + 0.05 * rows


def _reduce_in_steps(f: Fast, i: Instruction, out: str, axis: int, keepdims: bool) -> None:
    x = i.args[0]
    ufunc = f.bind(getattr(np, i.operation.name.split(".")[0]), i.operation.name.split(".")[0])
    lead: tuple[Any, ...] = (slice(None),) * axis
    parts = [f.part(x, (*lead, slice(k, k + 1) if keepdims else k)) for k in range(x.shape[axis])]
    so_far = parts[0]
    for part in parts[1:]:
        f.lines.append(f"{ufunc}({so_far}, {part}, out={out})")
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
        like = _array_among(Instruction(i.operation, (i.result, value), {}, i.result))
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
    if not _rows_write(i, None):
        return None
    x = i.args[0]
    n = math.prod(x.shape[: _row_axes(i)])
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
