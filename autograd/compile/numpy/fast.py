"""The NumPy back end: a program as the Python function that runs it fastest.

Results are written into arrays that are made once, and moves of those cost nothing, because they
are views made once. What outlives the call gets memory of its own. It computes what the
interpreter does, to the last bit; a maximum over few entries may return the other of 0 and -0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.compile.numpy.buffers import Buffers, Place
from autograd.compile.numpy.lines import EMITTERS, FORMS, FRESH
from autograd.compile.numpy.outs import array_among, can_write, spare, written_over
from autograd.compile.passes.rewrite import is_constant
from autograd.compile.printing.expressions import expression
from autograd.compile.printing.text import ATOM, SYMBOLS, Names
from autograd.compile.program import Instruction, Program, Variable

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
        if fits and (like.dtype.kind == "f" or 0 <= x < 128):  # -1 is not unsigned
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
                like = array_among(i)
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
