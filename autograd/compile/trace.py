"""The trace: arrays with real values flow through the plain step and write a program down.

Code that looks at a value sees the right one; that it looked becomes a check of the program. What
cannot be written down is a reason for the step to stay eager: the trace is given up, not the step.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import (
    COPY,
    DRAW,
    GETITEM,
    ITEM,
    SETITEM,
    WRITE,
    Check,
    Instruction,
    Operation,
    Variable,
    of_function,
    of_kernel,
    of_method,
    of_ufunc,
)
from autograd.engine.graph import Node, ancestors
from autograd.engine.recording import OFF, current

LIBRARIES = frozenset({"autograd", "nn", "numpy", *sys.stdlib_module_names}) - {"__main__"}


class _Active(threading.local):
    tape: Tape | None = None


active = _Active()  # the tape of this thread; other threads compute as ever


def in_library(frame_globals: dict[str, Any]) -> bool:
    """Whether code with these globals is the engine's, NumPy's or Python's own."""
    name = frame_globals.get("__name__") or ""
    return name.partition(".")[0] in LIBRARIES


def user_line() -> str:
    """The file and line of the user's code that is running."""
    frame: Any = sys._getframe(1)
    while frame is not None and in_library(frame.f_globals):
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


# --- What is written down -------------------------------------------------------------------------


class Tape:
    """Instructions, inputs and checks, as they come."""

    def __init__(self) -> None:
        self.inputs: list[Variable] = []
        self.instructions: list[Instruction] = []
        self.checks: list[Check] = []
        self.constants: dict[int, tuple[Any, Variable]] = {}
        self.created: list[weakref.ref[Traced]] = []
        self.cotangents: dict[Variable, Variable] = {}  # each with what it is the cotangent of
        self.lost = ""  # why the trace was given up

    def input(self, array: Any, name: str) -> Traced:
        """An array from outside: it shares its memory, so that writes reach the caller."""
        variable = Variable(array.shape, array.dtype, "input", name)
        self.inputs.append(variable)
        return self.traced(array, variable)

    def traced(self, array: Any, variable: Variable) -> Traced:
        """The array that stands for a variable."""
        scalar = isinstance(array, np.generic)
        out: Traced = np.asarray(array).view(Traced)
        out._tape, out._variable, out._scalar = self, variable, scalar
        self.created.append(weakref.ref(out))
        return out

    def lose(self, reason: str) -> None:
        """Give up, for a reason; the step goes on, and nothing more is written down."""
        where = user_line()
        self.lost = self.lost or (f"{reason} ({where})" if where else reason)

    def variable_of(self, x: Any) -> Any:
        """What stands in an instruction for a value: a Variable for arrays, else the value."""
        if isinstance(x, Traced):
            if x._tape is self:
                return x._variable if x._variable is not None else self.recovered(x)
            x = plain(x)
        if type(x) is np.ndarray:
            if isinstance(x.base, Traced) and x.base._tape is self:
                return self.recovered(x, x.base)
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

    def recovered(self, x: Any, source: Any = None) -> Any:
        """The variable of an array that NumPy made from a traced one without telling."""
        source = source if source is not None else getattr(x, "_source", None)
        if source is not None and source._tape is self and source._variable is not None:
            value = plain(source)
            if value.shape == x.shape and same(value.astype(x.dtype), plain(x)):
                made = self.append(COPY, (source,), {}, x.shape, value.dtype)
                if x.dtype != value.dtype:
                    made = self.append(of_method("astype"), (made, x.dtype), {}, x.shape, x.dtype)
                if isinstance(x, Traced):
                    x._variable = made
                return made
        self.lose("an array was made from a traced one in a way that left no trace")
        return plain(x)

    def append(
        self,
        operation: Operation,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        shape: tuple[int, ...] = (),
        dtype: Any = None,
    ) -> Variable:
        """Write an instruction down; returns the variable of its result."""
        variable = Variable(shape, dtype, "computed")
        given, named = tree(self.variable_of, args), tree(self.variable_of, kwargs)
        note: Any = current.get()
        inside = note is not None and note is not OFF and note.scope is not None
        module = note.scope.path if inside else ""
        made = Instruction(operation, given, named, variable, user_line(), module)
        self.instructions.append(made)
        return variable

    def emit(
        self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
    ) -> Any:
        """Write an instruction down; returns its result as traced arrays."""
        if type(result) in (tuple, list):
            whole = self.append(operation, args, kwargs)
            parts = [self.emit(ITEM, (whole, i), {}, x) for i, x in enumerate(result)]
            return type(result)(parts)
        if isinstance(result, tuple):  # a named one
            self.lose(f"the result of {operation}")
            return result
        made = self.append(operation, args, kwargs, np.shape(result), np.asarray(result).dtype)
        return result if self.lost else self.traced(result, made)

    def note_cotangent(self, g: Any, data: Any) -> None:
        """Note which variable is the cotangent of which, for the names in the source."""
        if isinstance(g, Traced) and isinstance(data, Traced) and not self.lost:
            of, variable = data._variable, g._variable
            if of is not None and variable is not None and variable.kind == "computed":
                self.cotangents.setdefault(variable, of)

    def look(self, x: Traced, how: str, value: Any) -> Any:
        """Python looks at a value: the program will hold only where it is the same."""
        if x._tape is self and active.tape is self:
            self.checks.append(Check(self.variable_of(x), value, how, user_line()))
        return value

    # --- in-place writes ---

    def assign(self, target: Traced, made: Variable, values: Any) -> None:
        """`target` takes new values: it, what it is a view of, and other views move on."""
        array = plain(target)
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
        for reference in list(self.created):
            other = reference()
            if other is None or any(other is m for m in moved) or other._scalar:
                continue
            if np.may_share_memory(plain(other), array):
                if other._view is None:
                    self.lose("a write into memory that two arrays share")
                    return
                parent, operation, args, kwargs = other._view
                variable = self.append(operation, (parent, *args), kwargs, other.shape, other.dtype)
                other._variable = variable


def same(x: Any, y: Any) -> bool:
    """Whether two arrays hold the same bits, where nan equals nan."""
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    return bool(np.ascontiguousarray(x).tobytes() == np.ascontiguousarray(y).tobytes())


def plain(x: Any) -> Any:
    """Traced arrays, also inside tuples, lists, dictionaries and slices, as ordinary ones."""
    return tree(_plain, x)


def _plain(x: Any) -> Any:
    if isinstance(x, Traced):
        array = np.ndarray.view(x, np.ndarray)
        return array[()] if x._scalar else array
    return x


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


def leaves(x: Any) -> list[Any]:
    """All leaves of `tree`."""
    found: list[Any] = []
    tree(found.append, x)
    return found


def traces(*trees: Any) -> Tape | None:
    """The active tape, if an array of its own is among the leaves."""
    tape = active.tape
    if tape is not None and not tape.lost:
        for x in leaves(trees):
            if isinstance(x, Traced) and x._tape is tape:
                return tape
    return None


def recorded(operation: Operation, *args: Any, **kwargs: Any) -> Any:
    """Compute, and write down if the arguments are traced."""
    out = operation.compute(*plain(args), **plain(kwargs))
    tape = traces(args, kwargs)
    if tape is None:
        return out
    if isinstance(out, (bool, int, float)) and not isinstance(out, np.generic):
        return tape.look(tape.emit(operation, args, kwargs, out), "value", out)
    made = tape.emit(operation, args, kwargs, out)
    source = args[0] if args else None
    if (
        isinstance(made, Traced)
        and isinstance(source, Traced)
        and not made._scalar
        and np.may_share_memory(plain(made), plain(source))
    ):
        made._view = (source, operation, args[1:], kwargs)
    return made


def unwrap(root: Node) -> None:
    """Put ordinary arrays into a graph that was recorded on traced ones."""
    for node in ancestors([root]):
        node._data, node.grad = plain(node._data), plain(node.grad)
        if node.op is not None:
            node._first_data, node._second_data = plain(node._first_data), plain(node._second_data)
            node._rest, node.static = plain(node._rest), plain(node.static)


# --- The array ------------------------------------------------------------------------------------

QUESTIONS = {
    *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.broadcast_shapes),
    *(np.shares_memory, np.may_share_memory, np.iscomplexobj, np.isrealobj, np.common_type),
    np.min_scalar_type,
}
MUTATORS = {np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}


class Traced(np.ndarray):
    """An array that knows which variable of the program it is."""

    _tape: Tape | None
    _variable: Variable | None
    _source: Any  # the array that NumPy made it from, where it did not tell
    _scalar: bool  # whether NumPy's result was a scalar, not an array
    _view: Any  # the array it is a view of, and how

    def __array_finalize__(self, obj: Any) -> None:
        self._tape = getattr(obj, "_tape", None)
        self._variable, self._source, self._scalar, self._view = None, None, False, None
        if isinstance(obj, Traced):
            self._source = obj

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        if any(isinstance(x, Node) for x in inputs):
            return NotImplemented
        if method == "at":
            _at(ufunc, *inputs)
            return None
        if out is None:
            return recorded(of_ufunc(ufunc, method), *inputs, **kwargs)
        tape = traces(inputs, kwargs, out)
        compute, given, named = getattr(ufunc, method), plain(inputs), plain(kwargs)
        if tape is not None and (len(out) != 1 or "where" in kwargs):
            tape.lose(f"{ufunc.__name__} with several out= or with where=")
        if tape is not None and not isinstance(out[0], Traced):
            tape.lose(f"{ufunc.__name__} writes into an array made outside the trace")
        if tape is None or tape.lost:
            compute(*given, out=plain(out), **named)
            return out[0] if len(out) == 1 else out
        (target,) = out
        values = compute(*given, **named)
        made = tape.append(of_ufunc(ufunc, method), inputs, kwargs, values.shape, values.dtype)
        if values.shape != target.shape or values.dtype != target.dtype:
            if not np.can_cast(values.dtype, target.dtype, "same_kind"):
                compute(*given, out=plain(out), **named)  # raises NumPy's own error
            made = tape.append(WRITE, (target, made), {}, target.shape, target.dtype)
        tape.assign(target, made, values)
        return target

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(issubclass(t, Node) for t in types):
            return NotImplemented
        if func in QUESTIONS:
            return func(*plain(args), **plain(kwargs))
        tape = traces(args, kwargs)
        if func is np.copyto and len(args) == 2 and not kwargs and isinstance(args[0], Traced):
            args[0][...] = args[1]
            return None
        if tape is not None and (func in MUTATORS or func is np.copyto):
            tape.lose(f"np.{func.__name__} writes into its argument")
            return func(*plain(args), **plain(kwargs))
        out = kwargs.pop("out", None)
        made = recorded(of_function(func), *args, **kwargs)
        if out is None:
            return made
        out[...] = made
        return out

    def __getitem__(self, index: Any) -> Any:
        return recorded(GETITEM, self, index)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        tape = traces(self, index, value)
        if tape is None:
            plain(self)[plain(index)] = plain(value)
            return
        values = np.array(plain(self))
        values[plain(index)] = plain(value)
        made = tape.append(SETITEM, (self, index, value), {}, self.shape, self.dtype)
        tape.assign(self, made, values)

    def fill(self, value: Any) -> None:
        """Every entry the same."""
        self[...] = value

    def view(self, *args: Any, **kwargs: Any) -> Any:
        """The same memory; with a dtype, its bits read otherwise."""
        if args and args[0] is Traced:
            return np.ndarray.view(self, Traced)
        return recorded(of_method("view"), self, *args, **kwargs)

    def copy(self, order: Any = "C") -> Any:
        """Memory of its own."""
        return recorded(of_method("copy"), self, order)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    # --- what Python looks at ---

    def _looked(self, how: str, value: Any) -> Any:
        return value if self._tape is None else self._tape.look(self, how, value)

    def __bool__(self) -> bool:
        return self._looked("bool", bool(plain(self)))  # type: ignore[no-any-return]

    def __float__(self) -> float:
        return self._looked("float", float(plain(self)))  # type: ignore[no-any-return]

    def __int__(self) -> int:
        return self._looked("int", int(plain(self)))  # type: ignore[no-any-return]

    def __index__(self) -> int:
        return self._looked("index", plain(self).__index__())  # type: ignore[no-any-return]

    def __complex__(self) -> complex:
        return self._looked("complex", complex(plain(self)))  # type: ignore[no-any-return]

    def __contains__(self, x: Any) -> bool:
        return bool((self == x).any())

    def item(self, *args: Any) -> Any:
        """One entry as a Python number."""
        if args:
            return self[args if len(args) > 1 else args[0]].item()
        return self._looked("item", plain(self).item())

    def tolist(self) -> Any:
        """All entries as Python numbers."""
        return self._looked("tolist", plain(self).tolist())

    def tobytes(self, *args: Any) -> Any:
        """The memory, as bytes."""
        return self._looked("tobytes", plain(self).tobytes(*args))

    def __repr__(self) -> str:
        self._looked("tolist", plain(self).tolist())
        return repr(plain(self))

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        self._looked("tolist", plain(self).tolist())
        return format(plain(self), spec)


def _at(ufunc: np.ufunc, target: Any, *rest: Any) -> None:
    """ufunc.at(target, index, values)."""

    def in_place(x: Any, *args: Any) -> None:
        ufunc.at(x, *args)

    in_place.__name__ = f"ufunc_{ufunc.__name__}_at"
    declared_write(in_place)(target, *rest)


def write(operation: Operation, target: Traced, *args: Any, **kwargs: Any) -> None:
    """An operation whose result replaces its first argument."""
    tape: Any = target._tape
    values = operation.compute(*plain((target, *args)), **plain(kwargs))
    made = tape.append(operation, (target, *args), kwargs, target.shape, target.dtype)
    tape.assign(target, made, values)


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


def _refused(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if traces(self) is not None:
            self._tape.lose(f"the method {name}")
        return getattr(plain(self), name)(*args, **kwargs)

    method.__name__ = name
    return method


for _name in (
    *("all", "any", "argmax", "argmin", "argpartition", "argsort", "astype", "choose", "clip"),
    *("compress", "conj", "conjugate", "cumprod", "cumsum", "diagonal", "dot", "flatten", "max"),
    *("mean", "min", "nonzero", "prod", "ravel", "repeat", "reshape", "round", "searchsorted"),
    *("squeeze", "std", "sum", "swapaxes", "take", "trace", "transpose", "var"),
):
    setattr(Traced, _name, _method(_name))
for _name in ("T", "mT", "real", "imag"):
    setattr(Traced, _name, property(_method(_name)))
for _name in ("sort", "partition", "put", "resize", "byteswap", "tofile", "dump", "dumps"):
    setattr(Traced, _name, _refused(_name))
Traced.flat = property(_refused("__iter__"))  # type: ignore[assignment,method-assign]


# --- Random draws ---------------------------------------------------------------------------------

DRAWS = (
    *("beta", "binomial", "bytes", "chisquare", "choice", "dirichlet", "exponential", "gamma"),
    *("geometric", "gumbel", "integers", "laplace", "logistic", "lognormal", "multinomial"),
    *("multivariate_normal", "normal", "permutation", "permuted", "poisson", "random", "rayleigh"),
    *("standard_cauchy", "standard_exponential", "standard_gamma", "standard_normal"),
    *("standard_t", "triangular", "uniform", "vonmises", "wald", "weibull", "zipf"),
)


def traced_generator(generator: Any, tape: Tape, name: str) -> Any:
    """A generator with the same state, whose draws are written down."""
    variable = Variable((), np.dtype(object), "input", name)
    tape.inputs.append(variable)

    def draw(method: str) -> Any:
        def drawn(self: Any, *args: Any, **kwargs: Any) -> Any:
            out = getattr(generator, method)(*plain(args), **plain(kwargs))
            if active.tape is not tape or tape.lost:
                return out
            return tape.emit(DRAW, (variable, method, *args), kwargs, out)

        return drawn

    def shuffle(self: Any, *args: Any, **kwargs: Any) -> Any:
        tape.lose("a generator's shuffle or spawn")
        return generator.shuffle(*plain(args), **kwargs)

    methods = {m: draw(m) for m in DRAWS} | {"shuffle": shuffle}
    return type("Generator", (np.random.Generator,), methods)(generator.bit_generator)


# --- Kernels that declare themselves --------------------------------------------------------------


def declared(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel as one operation: fast paths on plain arrays, strided tricks, `reduceat`."""
    operation = of_kernel(kernel)

    def call(*args: Any, **kwargs: Any) -> Any:
        if traces(args, kwargs) is None:
            return kernel(*args, **kwargs)
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
            kernel(plain(target), *plain(args), **plain(kwargs))
        else:
            write(operation, target, *args, **kwargs)

    return call


def of_recorded(function: Callable[..., Any]) -> Callable[..., Any]:
    """`np.array` and the like, which ask no protocol."""

    def call(x: Any = None, *args: Any, **kwargs: Any) -> Any:
        tape = traces(x)
        if tape is None:
            return function(x, *args, **kwargs)
        kwargs.pop("subok", None)
        if not isinstance(x, Traced):
            x = recorded(of_function(function), x)
        out = function(plain(x), *args, **kwargs)
        if np.may_share_memory(out, plain(x)) and out.dtype == x.dtype and out.shape == x.shape:
            return x
        return recorded(of_function(function), x, *args, **kwargs)

    call.__name__ = function.__name__
    return call


def of_created(function: Callable[..., Any]) -> Callable[..., Any]:
    """`np.zeros` and the like: what user code creates it may write into later."""

    def call(*args: Any, **kwargs: Any) -> Any:
        tape = active.tape
        if tape is None or tape.lost or in_library(sys._getframe(1).f_globals):
            return function(*args, **kwargs)
        out = function(*plain(args), **plain(kwargs))
        return tape.emit(of_function(function), args, kwargs, out)

    call.__name__ = function.__name__
    return call
