"""The array that flows through a traced step: it computes, and every operation is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd.compile.program import (
    GETITEM,
    SETITEM,
    WRITE,
    Operation,
    of_function,
    of_kernel,
    of_method,
    of_ufunc,
)
from autograd.compile.trace.facts import COPIES, RELAID, is_stable, order_of, relaid
from autograd.compile.trace.tape import Stand, active, plain, traces
from autograd.engine.graph import Node, ancestors

# Functions that ask for shapes and dtypes only.
QUESTIONS = {
    *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.broadcast_shapes),
    *(np.shares_memory, np.may_share_memory, np.iscomplexobj, np.isrealobj, np.common_type),
    np.min_scalar_type,
}
MUTATORS = {np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}


def recorded(operation: Operation, *args: Any, **kwargs: Any) -> Any:
    """Compute, and write down if the arguments are traced."""
    tape = traces(args, kwargs)
    outer, active.tape = active.tape, None  # what a kernel makes for itself is not traced
    try:
        out = operation.compute(*plain(args), **plain(kwargs))
    finally:
        active.tape = outer
    if tape is None:
        return out
    if operation.name in COPIES and isinstance(args[0], Traced) and relaid(args[0]._value, out):
        operation, args, kwargs = RELAID, (args[0], out.dtype, order_of(out)), {}
    made = tape.emit(operation, args, kwargs, out, is_stable(operation, args))
    if isinstance(made, Stand) and not isinstance(made, Traced) and isinstance(out, bool):
        return tape.look(made, "bool", out)
    source = args[0] if args else None
    if (
        isinstance(made, Traced)
        and isinstance(source, Traced)
        and isinstance(made._value, np.ndarray)
        and np.may_share_memory(made._value, source._value)
    ):
        made._view = (source, operation, args[1:], kwargs)
    return made


def unwrap(root: Node) -> None:
    """Put ordinary arrays into a graph that was recorded on traced ones."""
    for node in ancestors([root]):
        node._data, node._grad = plain(node._data), plain(node._grad)
        if node.op is not None:
            node._first_data, node._second_data = plain(node._first_data), plain(node._second_data)
            node._rest, node.static = plain(node._rest), plain(node.static)


class Recording(Stand):
    """A stand whose NumPy calls are written down."""

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        return on_ufunc(ufunc, method, *inputs, out=out, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return on_function(func, types, args, kwargs)


class Traced(Recording, NDArrayOperatorsMixin):
    """An array, or NumPy's scalar, that knows which variable of the program it is."""

    __slots__ = ()

    __class__ = property(lambda self: type(self._value))

    # --- NumPy's protocols ---

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """For C code, which may do anything with the values: all of them are looked at."""
        self._looked("values", self._value.tobytes())
        return np.ndarray.astype(np.array(self._value), dtype or self._value.dtype)

    # --- indexing and iterating ---

    def __getitem__(self, index: Any) -> Any:
        return recorded(GETITEM, self, index)

    def __len__(self) -> int:
        return len(self._value)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        tape = traces(self, index, value)
        if tape is None:
            self._tape.save(self._value)
            self._value[plain(index)] = plain(value)
            return
        values = np.array(self._value)
        values[plain(index)] = plain(value)
        made = tape.append(SETITEM, (self, index, value), {}, self.shape, self.dtype)
        tape.assign(self, made, values)

    def fill(self, value: Any) -> None:
        """Every entry the same."""
        self[...] = value

    def copy(self, order: Any = "C") -> Any:
        """Memory of its own."""
        return recorded(of_method("copy"), self, order)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    # --- what Python looks at ---

    def _looked(self, how: str, value: Any) -> Any:
        return self._tape.look(self, how, value)

    def __bool__(self) -> bool:
        return self._looked("bool", bool(self._value))  # type: ignore[no-any-return]

    def __float__(self) -> float:
        return self._looked("float", float(self._value))  # type: ignore[no-any-return]

    def __int__(self) -> int:
        return self._looked("int", int(self._value))  # type: ignore[no-any-return]

    def __index__(self) -> int:
        return self._looked("index", self._value.__index__())  # type: ignore[no-any-return]

    def __complex__(self) -> complex:
        return self._looked("complex", complex(self._value))  # type: ignore[no-any-return]

    def __hash__(self) -> int:
        if isinstance(self._value, np.ndarray):
            raise TypeError("unhashable type: 'numpy.ndarray'")
        return hash(self._looked("item", self._value.item()))

    def __contains__(self, x: Any) -> bool:
        return bool((self == x).any())

    def item(self, *args: Any) -> Any:
        """One entry as a Python number, which is written down too."""
        if args:
            return self[args if len(args) > 1 else args[0]].item()
        value = self._value.item()
        tape = traces(self)
        if tape is None or type(value) not in (int, float):
            return self._looked("item", value)
        return tape.emit(of_method("item"), (self,), {}, value)

    def tolist(self) -> Any:
        """All entries as Python numbers."""
        if not self.shape:
            return self.item()
        return self._looked("tolist", self._value.tolist())

    def tobytes(self, *args: Any) -> Any:
        """The memory, as bytes."""
        self._looked("tobytes", self._value.tobytes())
        return self._value.tobytes(*args)

    def __repr__(self) -> str:
        self._looked("text", self._value.tobytes())
        return repr(self._value)

    def __str__(self) -> str:
        self._looked("text", self._value.tobytes())
        return str(self._value)

    def __format__(self, spec: str) -> str:
        self._looked("text", self._value.tobytes())
        return format(self._value, spec)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self._looked("values", self._value.tobytes())
        return self._value.__reduce_ex__(protocol)

    def __round__(self, digits: int | None = None) -> Any:
        if isinstance(self._value, np.ndarray):
            raise TypeError("type numpy.ndarray doesn't define __round__ method")
        return round(self.item()) if digits is None else self.round(digits)

    # --- what does not depend on values ---

    base = None  # what shares memory with what is the tape's business

    def setflags(self, *args: Any, **kwargs: Any) -> None:
        """NumPy's own."""
        self._value.setflags(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # above all NumPy's ways to the memory
            raise AttributeError(name)
        found = getattr(self._value, name)
        self._tape.save(np.asarray(self._value))
        self._tape.lose(f"the attribute {name} of an array")
        return found


# --- NumPy's calls --------------------------------------------------------------------------------


def on_ufunc(ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
    """A ufunc, or one of its methods, of traced arrays."""
    if any(isinstance(x, Node) for x in inputs):
        return NotImplemented
    if method == "at":
        _at(ufunc, *inputs)
        return None
    if out is None:
        return recorded(of_ufunc(ufunc, method), *inputs, **kwargs)
    if len(out) == 1 and isinstance(plain(out[0]), np.generic):  # x += y of a scalar
        return recorded(of_ufunc(ufunc, method), *inputs, **kwargs)
    tape = traces(inputs, kwargs, out)
    compute, given, named = getattr(ufunc, method), plain(inputs), plain(kwargs)
    if tape is not None and (len(out) != 1 or "where" in kwargs):
        tape.lose(f"{ufunc.__name__} with several out= or with where=")
    if tape is not None and not isinstance(out[0], Traced):
        tape.lose(f"{ufunc.__name__} writes into an array made outside the trace")
    if tape is None or tape.lost:
        for target in out:
            if isinstance(target, Traced):
                target._tape.save(target._value)
        compute(*given, out=plain(out), **named)
        return out[0] if len(out) == 1 else out
    (target,) = out
    values = compute(*given, **named)
    made = tape.append(of_ufunc(ufunc, method), inputs, kwargs, np.shape(values), values.dtype)
    if np.shape(values) != target.shape or values.dtype != target.dtype:
        if not np.can_cast(values.dtype, target.dtype, "same_kind"):
            compute(*given, out=plain(out), **named)  # raises NumPy's own error
        np.broadcast_to(values, target.shape)  # raises as well
        made = tape.append(WRITE, (target, made), {}, target.shape, target.dtype)
    tape.assign(target, made, values)
    return target


def on_function(func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """A function of NumPy's, of traced arrays."""
    if any(issubclass(t, Node) for t in types):
        return NotImplemented
    if func in QUESTIONS:
        return func(*plain(args), **plain(kwargs))
    tape = traces(args, kwargs)
    if func is np.copyto and len(args) == 2 and not kwargs and isinstance(args[0], Traced):
        args[0][...] = args[1]
        return None
    if func in MUTATORS or func is np.copyto:
        if tape is not None:
            tape.lose(f"np.{func.__name__} writes into its argument")
        for x in args:
            if isinstance(x, Traced):
                x._tape.save(np.asarray(x._value))
        return func(*plain(args), **plain(kwargs))
    out = kwargs.pop("out", None)
    made = recorded(of_function(func), *args, **kwargs)
    if out is None:
        return made
    out[...] = made
    return out


def _at(ufunc: np.ufunc, target: Any, *rest: Any) -> None:
    """ufunc.at(target, index, values)."""
    tape = traces(target, rest)
    if tape is not None and getattr(np, ufunc.__name__, None) is not ufunc:
        tape.lose(f"{ufunc.__name__}.at of a ufunc that is not NumPy's")

    def in_place(x: Any, *args: Any) -> None:
        ufunc.at(x, *args)

    in_place.__name__ = f"ufunc_{ufunc.__name__}_at"
    declared_write(in_place)(target, *rest)


# --- Methods --------------------------------------------------------------------------------------


def _method(name: str) -> Any:
    operation = of_method(name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        made = recorded(operation, self, *args, **kwargs)
        if out is None:
            return made
        out[...] = made
        return out

    method.__name__ = name
    return method


for _name in (
    *("all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "choose", "clip"),
    *("compress", "conj", "conjugate", "cumprod", "cumsum", "diagonal", "dot", "flatten", "max"),
    *("mean", "min", "nonzero", "prod", "ravel", "repeat", "reshape", "round", "searchsorted"),
    *("squeeze", "std", "sum", "swapaxes", "take", "trace", "transpose", "var", "view"),
):
    setattr(Traced, _name, _method(_name))
for _name in ("T", "mT", "real", "imag"):
    setattr(Traced, _name, property(_method(_name)))
for _name in ("shape", "ndim", "size", "dtype", "itemsize", "nbytes", "strides", "flags"):

    def _fact(self: Any, name: str = _name) -> Any:
        return getattr(self._value, name)

    setattr(Traced, _name, property(_fact))


# --- Kernels that declare themselves --------------------------------------------------------------


def declared(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel as one operation: fast paths on plain arrays, strided tricks, `reduceat`."""
    operation = of_kernel(kernel)

    def call(*args: Any, **kwargs: Any) -> Any:
        if traces(args, kwargs) is None:
            return kernel(*plain(args), **plain(kwargs))
        return recorded(operation, *args, **kwargs)

    call.__name__ = kernel.__name__
    return call


def declared_write(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that writes into its first argument."""

    def functional(target: Any, *args: Any, **kwargs: Any) -> Any:
        out = np.array(target)
        kernel(out, *args, **kwargs)
        return out

    functional.__name__ = kernel.__name__
    operation = of_kernel(functional)

    def call(target: Any, *args: Any, **kwargs: Any) -> None:
        tape = traces(target, args, kwargs)
        if tape is not None and not isinstance(target, Traced):
            tape.lose(f"{kernel.__name__} writes into an array made outside the trace")
        if tape is None or tape.lost:
            if isinstance(target, Traced):
                target._tape.save(target._value)
            kernel(plain(target), *plain(args), **plain(kwargs))
            return
        values = operation.compute(*plain((target, *args)), **plain(kwargs))
        made = tape.append(operation, (target, *args), kwargs, target.shape, target.dtype)
        tape.assign(target, made, values)

    call.__name__ = kernel.__name__
    return call
