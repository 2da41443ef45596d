"""The program: variables and instructions in SSA form, as data, and the interpreter that defines
what they mean. Every pass and every back end is tested against the interpreter."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np


class Variable:
    """A value of the program: assigned once, by an instruction or from outside.

    Attributes:
        shape, dtype: of the array.
        kind: "computed", "input" or "constant".
        name: what people call it, such as "W1"; "" for no name of its own.
        value: the array of a constant.
        weak: whether it is a Python number, which leaves the dtype of an array as it is.
    """

    __slots__ = ("dtype", "kind", "name", "shape", "value", "weak")

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: Any,
        kind: str,
        name: str = "",
        value: Any = None,
        weak: bool = False,
    ) -> None:
        self.shape, self.dtype, self.kind, self.name, self.value = shape, dtype, kind, name, value
        self.weak = weak

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name or 'variable'}: {self.dtype}{list(self.shape)}>"


@dataclass(frozen=True)
class Operation:
    """An operation of NumPy's, or a kernel of this engine's.

    Attributes:
        name: "add", "add.reduce", "numpy.where", "ndarray.reshape", "kernel.fold", "getitem", ...
        compute: its result from plain arrays.
        form: how it prints: "ufunc", "reduce", "function", "method", "kernel" or a form of its own.
        pure: whether equal arguments give equal results, which is false of random draws.
    """

    name: str
    compute: Callable[..., Any]
    form: str
    pure: bool = True

    def __repr__(self) -> str:
        return self.name


class Instruction:
    """`result = operation(*args, **kwargs)`; Variables stand anywhere inside the arguments.

    It never changes: a pass makes another one.
    """

    __slots__ = ("_inputs", "args", "kwargs", "line", "module", "operation", "result")

    _inputs: tuple[Variable, ...] | None

    def __init__(
        self,
        operation: Operation,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Variable,
        line: str = "",
        module: str = "",
    ) -> None:
        self.operation, self.args, self.kwargs, self.result = operation, args, kwargs, result
        self.line, self.module = line, module
        self._inputs = None

    def inputs(self) -> tuple[Variable, ...]:
        """The variables among the arguments, in order, each as often as it stands there."""
        if self._inputs is None:
            self._inputs = tuple(variables((self.args, self.kwargs)))
        return self._inputs

    def replaced(self, by: Callable[[Variable], Variable]) -> Instruction:
        """The same instruction on other variables."""
        if all(by(v) is v for v in self.inputs()):
            return self
        args = tree_map(by, self.args)
        kwargs = tree_map(by, self.kwargs)
        return Instruction(self.operation, args, kwargs, self.result, self.line, self.module)

    def __repr__(self) -> str:
        return f"{self.result!r} = {self.operation}({self.args}, {self.kwargs})"


@dataclass
class Check:
    """What Python looked at: the program holds only while `variable` has this value.

    Attributes:
        own: whether the engine or `nn` looked. They do so only to refuse what is invalid, or for a
            nan in a gradient.
    """

    variable: Variable
    value: Any
    how: str
    line: str
    own: bool = False


def value_in(values: dict[Variable, Any], v: Variable) -> Any:
    """The value of a constant, or of a variable that was computed."""
    return v.value if v.kind == "constant" else values[v]


@dataclass
class Program:
    """Instructions in order, what goes in, and what comes out.

    Attributes:
        inputs, instructions, outputs: variables from outside, what is computed, what is returned.
        checks: what must hold for the program to be the step.
        cotangents: what people call "d of": a variable, and the variables whose cotangent it is.
    """

    inputs: list[Variable]
    instructions: list[Instruction]
    outputs: list[Variable]
    checks: list[Check] = field(default_factory=list)
    cotangents: dict[Variable, tuple[Variable, ...]] = field(default_factory=dict)

    def of(self, instructions: list[Instruction]) -> Program:
        """The same program with other instructions."""
        return Program(self.inputs, instructions, self.outputs, self.checks, self.cotangents)

    def roots(self) -> list[Variable]:
        """Whatever must be computed: outputs, and what is checked."""
        return [*self.outputs, *(check.variable for check in self.checks)]

    def run(self, arrays: list[Any]) -> list[Any]:
        """Interpret the program: the values of `roots()`, given those of the inputs."""
        values: dict[Variable, Any] = dict(zip(self.inputs, arrays, strict=True))

        value_of = partial(value_in, values)
        for i in self.instructions:
            args, kwargs = tree_map(value_of, i.args), tree_map(value_of, i.kwargs)
            values[i.result] = i.operation.compute(*args, **kwargs)
        return [value_of(variable) for variable in self.roots()]


# --- Trees of arguments ---------------------------------------------------------------------------


def tree_map(by: Callable[[Variable], Any], tree: Any) -> Any:
    """The tree with every Variable replaced."""
    kind = type(tree)
    if kind is Variable:
        return by(tree)
    if kind is tuple or kind is list:
        return kind([tree_map(by, x) for x in tree])
    if kind is dict:
        return {key: tree_map(by, x) for key, x in tree.items()}
    if kind is slice:
        return slice(*(tree_map(by, x) for x in (tree.start, tree.stop, tree.step)))
    return tree


def variables(tree: Any) -> list[Variable]:
    """The Variables in a tree, in order."""
    found: list[Variable] = []
    _gather(tree, found)
    return found


def _gather(tree: Any, found: list[Variable]) -> None:
    kind = type(tree)
    if kind is Variable:
        found.append(tree)
    elif kind is tuple or kind is list:
        for x in tree:
            _gather(x, found)
    elif kind is dict:
        for x in tree.values():
            _gather(x, found)
    elif kind is slice:
        _gather((tree.start, tree.stop, tree.step), found)


# --- The table of operations ----------------------------------------------------------------------

OPERATIONS: dict[str, Operation] = {}
OF_OTHERS: dict[Any, Operation] = {}  # those of ufuncs that are not NumPy's


def _own(name: str, pure: bool = True) -> Callable[[Callable[..., Any]], Operation]:
    def enter(compute: Callable[..., Any]) -> Operation:
        return OPERATIONS.setdefault(name, Operation(name, compute, name, pure))

    return enter


@_own("getitem")
def GETITEM(x: Any, index: Any) -> Any:
    """Entries of x."""
    return x[index]


@_own("setitem")
def SETITEM(x: Any, index: Any, value: Any) -> Any:
    """x with other values at an index."""
    out = np.array(x)
    out[index] = value
    return out


@_own("item")
def ITEM(results: Any, i: int) -> Any:
    """One of several results."""
    return results[i]


@_own("copy")
def COPY(x: Any) -> Any:
    """The same numbers in memory of their own."""
    return np.array(x)


@_own("transpose")
def TRANSPOSE(x: Any, axes: tuple[int, ...]) -> Any:
    """x with its axes in another order."""
    return x.transpose(axes)


@_own("reshape")
def RESHAPE(x: Any, shape: tuple[int, ...]) -> Any:
    """The same entries in another shape."""
    return x.reshape(shape)


@_own("broadcast")
def BROADCAST(x: Any, shape: tuple[int, ...]) -> Any:
    """x repeated to a shape."""
    return np.broadcast_to(x, shape)


@_own("astype")
def ASTYPE(x: Any, dtype: Any) -> Any:
    """x in another dtype."""
    return x.astype(dtype)


@_own("add_at")
def ADD_AT(x: Any, index: Any, value: Any) -> Any:
    """x with a value added at an index that names no entry twice."""
    out = np.array(x)
    out[index] += value
    return out


@_own("pieces")
def PIECES(shape: tuple[int, ...], dtype: Any, indices: tuple[Any, ...], *parts: Any) -> Any:
    """Zeros, and parts at places of their own."""
    out = np.zeros(shape, dtype)
    for index, part in zip(indices, parts, strict=True):
        out[index] = part
    return out


@_own("draw", pure=False)
def DRAW(generator: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    """A random draw, in the order of the eager run."""
    return getattr(generator, method)(*args, **kwargs)


@_own("write")
def WRITE(target: Any, value: Any) -> Any:
    """What `target` holds once `value` was written into it."""
    out = np.empty_like(target)
    out[...] = value
    return out


def _power(x: Any, y: Any, **kwargs: Any) -> Any:
    """x ** y; of two scalars by the operator, whose last bit is not that of the ufunc."""
    numbers = (int, float, np.generic)
    if isinstance(x, numbers) and isinstance(y, numbers) and not kwargs:
        return operator.pow(x, y)
    return np.power(x, y, **kwargs)


def of_ufunc(ufunc: np.ufunc, method: str = "__call__") -> Operation:
    """The operation of a ufunc, or of one of its methods."""
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    form = "ufunc" if method == "__call__" else "reduce"
    if getattr(np, ufunc.__name__, None) is not ufunc:  # others may have one name
        other = Operation(f"other.{name}", getattr(ufunc, method), "kernel")
        return OF_OTHERS.setdefault((ufunc, method), other)
    known = OPERATIONS.get(name)
    if known is None:
        compute = _power if name == "power" else getattr(ufunc, method)
        known = OPERATIONS[name] = Operation(name, compute, form)
    return known


def of_function(function: Callable[..., Any]) -> Operation:
    """The operation of a function of NumPy's."""
    module = function.__module__ or "numpy"
    name = f"{module}.{function.__name__}"
    return OPERATIONS.setdefault(name, Operation(name, function, "function"))


def of_method(method: str) -> Operation:
    """The operation of a method of arrays; NumPy's scalars have the same methods."""
    name = f"ndarray.{method}"
    known = OPERATIONS.get(name)
    if known is None:
        attribute = method in ("T", "mT", "real", "imag")

        def compute(x: Any, *args: Any, **kwargs: Any) -> Any:
            found = getattr(x, method)
            return found if attribute else found(*args, **kwargs)

        form = "attribute" if attribute else "method"
        known = OPERATIONS[name] = Operation(name, compute, form)
    return known


def of_operator(function: Callable[..., Any]) -> Operation:
    """An operator of Python's on Python numbers; the result is a Python number."""
    name = f"python.{function.__name__.strip('_')}"
    return OPERATIONS.setdefault(name, Operation(name, function, "python"))


def of_math(function: Callable[..., Any]) -> Operation:
    """The operation of a function of Python's `math` on Python numbers."""
    name = f"math.{function.__name__}"
    return OPERATIONS.setdefault(name, Operation(name, function, "math"))


def of_kernel(kernel: Callable[..., Any]) -> Operation:
    """The operation of a kernel that declares itself, because NumPy's calls do not show it."""
    name = f"kernel.{kernel.__name__.lstrip('_')}"
    return OPERATIONS.setdefault(name, Operation(name, kernel, "kernel"))
