"""The tape: what a traced step does, written down as it happens."""

from __future__ import annotations

import functools
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from autograd.compile.program import (
    GETITEM,
    ITEM,
    SETITEM,
    Check,
    Instruction,
    Operation,
    Variable,
)
from autograd.compile.trace.calm import LOUD, is_calm
from autograd.compile.trace.sharing import Sharing
from autograd.engine.graph import Node
from autograd.engine.recording import OFF, current

LIBRARIES = frozenset({"autograd", "nn", "numpy", *sys.stdlib_module_names}) - {"__main__"}


class _Active(threading.local):
    tape: Tape | None = None


active = _Active()  # the tape of this thread; other threads compute as usual


class Stand:
    """What stands for a value while a step is traced: `Traced` for arrays, `Number` for numbers.

    Neither is an array or a float to C code, which therefore has to ask for the value, and so is
    seen. To Python code each says that it is what it stands for.
    """

    __slots__ = ("__weakref__", "_tape", "_value", "_variable", "_view")

    _tape: Tape
    _value: Any  # the real array or number
    _variable: Variable
    _view: Any  # the array that it is a view of, and how

    def __init__(self, tape: Tape, value: Any, variable: Variable) -> None:
        self._tape, self._value, self._variable, self._view = tape, value, variable, None


def in_library(frame_globals: dict[str, Any]) -> bool:
    """Whether code with these globals is the engine's, NumPy's or Python's own."""
    return _is_library(frame_globals.get("__name__") or "")


@functools.cache
def _is_library(name: str) -> bool:
    return name.partition(".")[0] in LIBRARIES


def user_line() -> str:
    """The file and line of the user's code that is running."""
    frame: Any = sys._getframe(1)
    while frame is not None and in_library(frame.f_globals):
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def looks_itself() -> bool:
    """Whether the code that looks at a value is the engine's or that of `nn`."""
    name, frame = __name__, sys._getframe(1)
    while name.startswith("autograd.compile.") and frame.f_back is not None:
        frame = frame.f_back
        name = frame.f_globals.get("__name__") or ""
    return name.partition(".")[0] in ("autograd", "nn")


def clipping() -> str:
    """The function that is running, if it is one of those that limit gradients."""
    frame: Any = sys._getframe(2)
    while frame is not None and in_library(frame.f_globals):
        name = frame.f_code.co_name
        if frame.f_globals.get("__name__") == "nn.optim.clipping" and name.startswith("clip_"):
            return str(name)
        frame = frame.f_back
    return ""


class Tape:
    """Instructions, inputs and checks, as they come.

    Attributes:
        array, number: the classes of what stands for an array and for a Python number.
        generator: the generator that stands for the default one.
        lost: why nothing more is written down; "" while it is.
        replaced: what else stands in for the engine's functions while this tape is written.
        overwritten: the arrays from outside that were written into, and copies from before.
    """

    def __init__(self, array: type[Stand], number: type[Stand]) -> None:
        self.array, self.number = array, number
        self.inputs: list[Variable] = []
        self.instructions: list[Instruction] = []
        self.checks: list[Check] = []
        self.constants: dict[int, tuple[Any, Variable]] = {}
        self.created: list[weakref.ref[Stand]] = []
        self.sharing = Sharing()
        self.cotangents: dict[Variable, tuple[Variable, ...]] = {}  # of what each is the cotangent
        self.note: Any = None  # the scope of the node whose kernel or rule runs
        self.backward = ""  # what stands before the module's name in a backward pass
        self.generator: Any = None
        self.lost = ""
        self.overwritten: list[tuple[Any, Any]] = []
        self.replaced: AbstractContextManager[None] = nullcontext()

    def lose(self, reason: str) -> None:
        """Give up, for a reason: the step goes on, and nothing more is written down."""
        where = user_line()
        self.lost = self.lost or (f"{reason} ({where})" if where else reason)

    # --- making variables ---

    def input(self, value: Any, name: str) -> Any:
        """What stands for a value from outside. An array shares its memory: writes reach it."""
        weak = not isinstance(value, (np.ndarray, np.generic))
        dtype = np.asarray(value).dtype
        variable = Variable(np.shape(value), dtype, "input", name, weak=weak)
        self.inputs.append(variable)
        return self.stand(value, variable)

    def stand(self, value: Any, variable: Variable) -> Any:
        """What stands for a variable."""
        if isinstance(value, (np.ndarray, np.generic)):
            out = self.array(self, value, variable)
        else:
            out = self.number(self, value, variable)
        self.created.append(weakref.ref(out))
        if isinstance(value, np.ndarray):
            self.sharing.add(out)
        return out

    def variable_of(self, x: Any) -> Any:
        """What stands in an instruction for a value: a Variable for arrays, else the value."""
        if isinstance(x, Stand):
            if x._tape is self:
                return x._variable
            x = x._value
        if isinstance(x, np.ndarray):
            known = self.constants.get(id(x))
            if known is None or not same(known[1].value, x):
                copy = np.array(x)
                copy.setflags(write=False)
                variable = Variable(x.shape, x.dtype, "constant", value=copy)
                known = self.constants[id(x)] = (x, variable)
            return known[1]
        if isinstance(x, Node):
            self.lose("a node inside the arguments of a NumPy function")
        return x

    def append(
        self,
        operation: Operation,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        shape: tuple[int, ...] = (),
        dtype: Any = None,
        weak: bool = False,
    ) -> Variable:
        """Write an instruction down; returns the variable of its result."""
        if not is_calm():
            self.lose(LOUD)
        variable = Variable(shape, dtype, "computed", weak=weak)
        given, named = tree(self.variable_of, args), tree(self.variable_of, kwargs)
        made = Instruction(operation, given, named, variable, user_line(), self.module())
        self.instructions.append(made)
        return variable

    def emit(
        self,
        operation: Operation,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Any,
        stable: bool = True,
    ) -> Any:
        """Write an instruction down; returns what stands for its result.

        Args:
            operation, args, kwargs: the instruction.
            result: its plain result.
            stable: whether the shapes of the arguments decide shape and dtype of the result. If
                not, they are checked, because Python may look at them.
        """
        if type(result) in (tuple, list) or hasattr(result, "_fields"):
            whole = self.append(operation, args, kwargs, (), np.dtype(object))
            parts = [self.emit(ITEM, (whole, i), {}, x, stable) for i, x in enumerate(result)]
            return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
        if not isinstance(result, (np.ndarray, np.generic, bool, int, float)):
            self.lose(f"{operation} returns {type(result).__name__}")
            return result
        weak = not isinstance(result, (np.ndarray, np.generic))
        made = self.append(
            operation, args, kwargs, np.shape(result), np.asarray(result).dtype, weak
        )
        if self.lost:
            return result
        out = self.stand(result, made)
        if not stable and isinstance(result, (np.ndarray, np.generic)):
            self.look(out, "shape", result.shape)
            self.look(out, "dtype", result.dtype)
        return out

    def followed(self, function: Callable[..., Any], args: list[Any]) -> Any:
        """A function of Python's on numbers, whose stands are asked for their values."""
        return function(*args)

    def spread(self, marks: dict[Any, int]) -> dict[Any, int]:
        """The marks of variables, bits of an int, on all that is computed from them."""
        found = dict(marks)
        for i in self.instructions:
            bits = found.get(i.result, 0)
            for v in i.inputs():
                bits |= found.get(v, 0)
            if bits:
                found[i.result] = bits
        return found

    def alive(self) -> list[Stand]:
        """The stands that something still holds."""
        return [x for x in (reference() for reference in self.created) if x is not None]

    def module(self) -> str:
        """The module that is running, or whose derivative is: "conv1: Conv2d"."""
        note: Any = current.get()
        if note is OFF or self.backward:
            note = self.note  # kernels and rules run in a context of their own
        if note is None or note is OFF or note.scope is None:
            return "backward" if self.backward else clipping()
        path, kind = note.scope.path, note.scope.kind
        return self.backward + (f"{path}: {kind}" if path else kind)

    def note_cotangent(self, g: Any, data: Any) -> None:
        """Note which variable is the cotangent of which, for the names in the source."""
        if isinstance(g, Stand) and isinstance(data, Stand) and not self.lost:
            of, known = data._variable, self.cotangents.get(g._variable, ())
            if g._variable.kind == "computed" and of not in known:
                self.cotangents[g._variable] = (*known, of)

    def look(self, x: Stand, how: str, value: Any) -> Any:
        """Python looks at a value: the program will hold only where it is the same."""
        if x._tape is self and not self.lost:
            if active.tape is self:
                self.checks.append(Check(x._variable, value, how, user_line(), looks_itself()))
            else:
                self.lose("another thread looks at an array of the step")
        return value

    # --- in-place writes ---

    def assign(self, target: Any, made: Variable, values: Any) -> None:
        """`target` takes new values: it, what it is a view of, and other views move on."""
        array = target._value
        self.save(array)
        array[...] = values  # raises for a read-only array, as eager does
        if self.lost:
            return
        target._variable = made
        moved = [target]
        while moved[-1]._view is not None:
            child = moved[-1]
            parent, operation, args, _ = child._view
            if operation is not GETITEM:
                self.lose("a write into a view that is no slice")
                return
            given = (parent, args[0], child)
            parent._variable = self.append(SETITEM, given, {}, parent.shape, parent.dtype)
            moved.append(parent)
        for other in self.sharing.beside(array):
            if not any(other is m for m in moved):
                self.follow(other)

    def follow(self, view: Any) -> None:
        """A view of what was written to shows the new values."""
        if view._view is None:
            self.lose("a write into memory that two arrays share")
            return
        parent, operation, args, kwargs = view._view
        view._variable = self.append(operation, (parent, *args), kwargs, view.shape, view.dtype)

    def save(self, array: Any) -> None:
        """Remember what an array holds before it is written to, so that the step can be undone."""
        while isinstance(array.base, np.ndarray):
            array = array.base
        if not any(array is known for known, _ in self.overwritten):
            self.overwritten.append((array, np.array(array)))


# --- Trees of values ------------------------------------------------------------------------------


def tree(by: Callable[[Any], Any], x: Any) -> Any:
    """`by` at every leaf of tuples, lists, dictionaries and slices."""
    kind = type(x)
    if kind is tuple or kind is list:
        return kind([tree(by, e) for e in x])
    if kind is dict:
        return {k: tree(by, e) for k, e in x.items()}
    if kind is slice:
        return slice(by(x.start), by(x.stop), by(x.step))
    return by(x)


def plain(x: Any) -> Any:
    """The values themselves, also inside tuples, lists, dictionaries and slices."""
    return tree(_plain, x)


def _plain(x: Any) -> Any:
    return x._value if isinstance(x, Stand) else x


def traces(*trees: Any) -> Tape | None:
    """The active tape, if what stands for one of its values is among the leaves."""
    tape = active.tape
    if tape is None or tape.lost:
        return None
    found: list[Any] = []
    tree(found.append, trees)
    return tape if any(isinstance(x, Stand) and x._tape is tape for x in found) else None


def same(x: Any, y: Any) -> bool:
    """Whether two arrays hold the same bits, where nan equals nan."""
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    return bool(np.ascontiguousarray(x).tobytes() == np.ascontiguousarray(y).tobytes())
