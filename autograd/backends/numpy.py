"""NumPy arrays as a backend: read-only, and computed without warnings about inf and nan."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Collection, Sequence
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.backends.floats import NUMBERS, on_floats
from autograd.backends.kernel_errors import kernel_error
from autograd.engine.backend import Backend, rule_error
from autograd.engine.graph import Node, data_of, label
from autograd.engine.looking import conditions, kept
from autograd.engine.primitive import PLAIN, Primitive
from autograd.engine.recording import is_recording, never_record
from autograd.errors import DTypeError, GraphError, ShapeError, described, kind, message
from autograd.primitives.arithmetic import mul, positive, where
from autograd.primitives.reduction import broadcast_to, unbroadcast
from autograd.primitives.shaping import cast

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]
else:
    Array = np.ndarray

# By position: by keyword it takes 0.17 us more, at every node.
set_writeable: Callable[..., None] = np.ndarray.setflags


def lock(array: Any) -> Any:
    """Make an array that a kernel returned read-only, through every alias."""
    if type(array) is not Array:
        array = np.asanyarray(array)
    if array.base is None:
        array.setflags(False)
        return array
    view = array
    while isinstance(view, np.ndarray):
        if view.flags.writeable:
            view.setflags(write=False)
        view = view.base
    return array


def is_locked(array: Array) -> bool:
    """Whether nobody can write to the array, through any alias."""
    view: Any = array
    while isinstance(view, np.ndarray):
        if view.flags.writeable:
            return False
        view = view.base
    return view is None


def frozen(datum: Any) -> Any:
    """A constant for a node to keep: itself if nobody can write to it, else a read-only copy."""
    if not isinstance(datum, np.ndarray):
        return datum
    if datum.flags.writeable or (datum.base is not None and not is_locked(datum)):
        copy = lock(datum.copy())
        return kept(copy, datum) if conditions and copy.dtype.kind == "b" else copy
    return datum


class Kernels(threading.local):
    """Runs kernels in a context of the thread's own where NumPy does not warn about inf and nan.

    `np.errstate` does the same and costs 0.8 us at each call; running in a context prepared once
    costs nothing. A context cannot be entered twice, so a kernel that calls primitives finds itself
    inside.
    """

    def __init__(self) -> None:
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        context.run(never_record)
        context.run(inside.set, True)
        self.run = context.run


inside: contextvars.ContextVar[bool] = contextvars.ContextVar("inside a kernel", default=False)
kernels = Kernels()


def compute(op: Primitive, args: tuple[Any, ...], static: dict[str, Any]) -> Any:
    """The result of a primitive on plain data of any kind, numbers and object arrays included."""
    for x in args:
        if type(x) not in NUMBERS:
            break
    else:
        if not static:
            return on_floats(op, *args)
    if op.elementwise:
        for x in args:
            if x is None:  # with an empty array, NumPy makes an empty object array of it
                raise TypeError("None is not a number")
            if type(x) is Array and x.dtype.hasobject:
                return np.frompyfunc(partial(op, **static), len(args), 1)(*args)
    return op.kernel(*args, **static)


Primitive.compute = staticmethod(compute)
PLAIN.add(Array)


class NumPyArrays(Backend):
    """The data of a Tensor."""

    identity = positive
    no_gradient = None
    keeps_every_grad = False
    has_shape = True

    # --- what goes into a primitive ---

    def operand(self, op: Primitive, x: Any) -> Any:
        """Numbers, arrays, and lists of numbers."""
        of_kind = type(x)
        if of_kind in NUMBERS or (of_kind is Array and x.dtype.kind in "fiub"):
            return x
        if isinstance(x, (list, tuple)):
            x = np.array(x)
        if isinstance(x, (np.ndarray, np.generic)):
            if x.dtype.kind in "biufc":
                return x
            raise DTypeError(
                message(op.name, f"a Tensor and an array of dtype {x.dtype}", "numbers")
            )
        if isinstance(x, Node):
            raise DTypeError(
                message(
                    op.name,
                    f"a Tensor and {kind(x)}",
                    "one kind of node",
                    "ag.Tensor(value.data) is a constant; or use Values throughout",
                )
            )
        if op is mul and isinstance(x, (str, bytes)):  # which Python would repeat so often
            raise self.type_error(op, x)
        # A number of another type, such as one that stands for a float while a step is traced.
        return x if isinstance(x, (float, int)) else NotImplemented

    def type_error(self, op: Primitive, x: Any) -> DTypeError:
        """Something that holds no numbers."""
        expected = "a Tensor, an array or a number"
        return DTypeError(message(op.name, f"a Tensor and {kind(x)}", expected))

    keep = staticmethod(frozen)

    def accept(self, node: Any, data: Any) -> Array:
        """A copy of the leaf's shape and dtype; an array that nobody can write to is kept."""
        old = node._data
        if type(data) is Array and data.dtype is old.dtype and data.shape == old.shape:
            if data.base is not None or data.flags.writeable:
                data = data.copy("K")
                set_writeable(data, False)
            return data  # type: ignore[no-any-return]
        operation = f"data of {label(node)}"
        array = as_array(data, None, operation)
        # Python's numbers have no dtype of their own: 1 may become 1.0, and 0.5 a float32.
        if not isinstance(data, (np.ndarray, np.generic, Node)) and (
            np.can_cast(array.dtype, old.dtype, "same_kind")
        ):
            array = lock(array.astype(old.dtype, copy=False))
        check_same(operation, array, old)
        return array

    def gradient(self, operation: str, x: Any, node: Any) -> Array:
        """An array of the node's shape and dtype; a number where the node is one number."""
        data = node._data
        if isinstance(x, self.node):
            x = x._data.copy()
        elif isinstance(x, np.generic) or (type(x) in (float, int) and not data.shape):
            x = np.asarray(x, None if isinstance(x, np.generic) else data.dtype)
        elif not isinstance(x, np.ndarray):
            expected = f"an array of shape {data.shape} and dtype {data.dtype}"
            raise DTypeError(message(operation, kind(x), expected))
        x = native(x)
        check_same(operation, x, data)
        return x  # type: ignore[no-any-return]

    # --- running a kernel ---

    def run(self, op: Primitive, data: Collection[Any], static: dict[str, Any]) -> Any:
        """The kernel's result, read-only."""
        try:
            if inside.get():
                return lock(op.kernel(*data, **static))
            return lock(kernels.run(op.kernel, *data, **static))
        except Exception as error:
            raise kernel_error(op, error, data) from error

    def operator(self, op: Primitive) -> Callable[..., Any]:
        """`run`, unrolled; inside a kernel it raises, and `recover` runs it again."""
        kernel = op.kernel

        def of_one(a: Any) -> Any:
            out = kernels.run(kernel, a)
            if type(out) is Array and out.base is None:
                set_writeable(out, False)
                return out
            return lock(out)

        def of_two(a: Any, b: Any) -> Any:
            out = kernels.run(kernel, a, b)
            if type(out) is Array and out.base is None:
                set_writeable(out, False)
                return out
            return lock(out)

        return of_one if len(op.rules) == 1 else of_two

    def recover(self, op: Primitive, error: Exception, data: tuple[Any, ...]) -> Any:
        """The result of a kernel that calls primitives, where `kernels.run` cannot be entered."""
        if inside.get():
            return self.run(op, data, {})
        raise kernel_error(op, error, data) from error

    # --- the backward pass ---

    def seed(self, node: Any, gradient: Any, create_graph: bool) -> Any:
        """An array of the root's shape and dtype."""
        data = node._data
        if gradient is None:
            if data.size != 1:
                raise GraphError(
                    message(
                        "backward",
                        f"a Tensor of shape {data.shape}, which has no single derivative",
                        "one number",
                        "reduce it by sum() or mean(), or pass gradient= of its shape",
                    )
                )
            if type(data) is Array:  # NumPy's ones_like takes twice as long
                return np.array(1, data.dtype).reshape(data.shape)
            return np.ones_like(data)
        if isinstance(gradient, self.node) and create_graph:
            array = gradient._data
        else:
            try:
                given = np.asanyarray(data_of(gradient))
            except ValueError:
                got = "gradient= with rows that differ in length"
                raise ShapeError(message("backward", got, f"shape {data.shape}")) from None
            if given.dtype.kind not in "fiub":
                got = f"gradient= of dtype {given.dtype}"
                raise DTypeError(message("backward", got, "real numbers"))
            gradient = array = np.array(given, data.dtype)
        if array.shape != data.shape:
            raise ShapeError(
                message(
                    "backward",
                    f"gradient= of shape {array.shape} for a Tensor of shape {data.shape}",
                    "the same shape",
                )
            )
        return gradient

    def fit(
        self, node: Any, argument: int, gradient: Any, datum: Any, on_nodes: bool = False
    ) -> Any:
        """Summed down to the argument's shape where NumPy broadcast, and cast to its dtype."""
        c, (shape, dtype) = gradient, (datum.shape, datum.dtype)
        if type(c) is not Array:
            c = self._returned(node, argument, c, datum, on_nodes)
        if c.shape != shape and node.op.elementwise:
            if c.shape != node._data.shape:  # a rule may return less, such as one number
                c = self._broadcast(node, argument, c, shape)
            c = unbroadcast(c, shape)
        if c.shape != shape:
            got, expected = f"a gradient of shape {c.shape}", f"the argument's shape, {shape}"
            raise rule_error(node, argument, got, expected)
        if c.dtype == dtype:
            return c
        if c.dtype.kind not in "fiub":
            got, expected = f"a gradient of dtype {c.dtype}", f"the argument's dtype, {dtype}"
            raise rule_error(node, argument, got, expected)
        return cast(c, dtype=dtype)

    def _returned(self, node: Any, argument: int, c: Any, datum: Any, on_nodes: bool) -> Any:
        """What a rule returned instead of an array, as an array or a node."""
        if isinstance(c, self.node):
            return c if on_nodes else c._data
        if isinstance(c, (np.ndarray, np.generic)):
            return c
        if type(c) in NUMBERS:
            return np.asarray(c, datum.dtype)
        raise rule_error(node, argument, kind(c), f"a gradient of shape {datum.shape}")

    def _broadcast(self, node: Any, argument: int, c: Any, shape: tuple[int, ...]) -> Any:
        """A gradient of fewer entries than the result, broadcast against its argument."""
        out = node._data.shape
        try:
            wide = np.broadcast_shapes(c.shape, shape)
            fits = np.broadcast_shapes(wide, out) == out
        except ValueError:
            fits = False
        if not fits:
            result = f", or the result's, {out}" if out != shape else ""
            got, expected = f"a gradient of shape {c.shape}", f"the argument's shape, {shape}"
            raise rule_error(node, argument, got, expected + result)
        return broadcast_to(c, shape=wide)

    def safe_rule(self, node: Any, argument: int, g: Any, out: Any, saved: Sequence[Any]) -> Any:
        """The rule, and 0 in its place where the cotangent is 0."""
        op = node.op
        c = op.rules[argument](g, out, *saved, **(node.static or {}))
        zero = (g._data if isinstance(g, Node) else np.asarray(g)) == 0
        if op.elementwise and zero.any():
            return where(zero, 0.0, c)
        return where(True, 0.0, c) if zero.all() else c

    def read_only(self, gradient: Any) -> Any:
        """The array itself if nobody can write to it, else a copy."""
        return gradient if isinstance(gradient, Node) else frozen(np.asanyarray(gradient))

    def seen(self, gradient: Any) -> Any:
        """The array itself behind a view that is read-only, because a copy may take long."""
        if isinstance(gradient, Node):
            return gradient
        view = np.asanyarray(gradient).view()
        set_writeable(view, False)
        return view

    def quiet(self) -> contextlib.AbstractContextManager[Any]:
        """NumPy does not warn about inf and nan."""
        return np.errstate(all="ignore")

    def has_nan(self, gradients: Collection[Any]) -> bool:
        """By a product of each array with itself, one fast pass: nan if any entry is."""
        for g in gradients:
            # In memory order, so that a transposed array is not copied.
            flat = other = g if g.ndim == 1 else g.ravel("K")
            if g.size > 4096:  # one half times the other: every entry is read once, not twice
                half = (g.size + 1) // 2
                flat, other = flat[:half], flat[-half:]
            if isnan(flat.dot(other)):
                return True
        return False

    def separate(self, gradients: Sequence[Any]) -> Sequence[Any]:
        """Arrays that share no memory with each other or with the graph."""
        if len(set(map(id, gradients))) < len(gradients):
            return [np.array(g) for g in gradients]
        return [
            g if type(g) is Array and g.base is None and g.flags.writeable else np.array(g)
            for g in gradients
        ]

    def accumulate(self, nodes: Sequence[Any], gradients: Sequence[Any]) -> None:
        """Add to writable arrays, even those without axes."""
        for node, g in zip(nodes, self.separate(gradients), strict=True):
            node._grad = g if node._grad is None else np.asanyarray(node._grad + g)


ARRAYS = NumPyArrays()


def as_array(data: Any, dtype: npt.DTypeLike | None, operation: str) -> Array:
    """A read-only copy of `data` as an array of numbers.

    Raises:
        GraphError: `data` is a Tensor whose gradient would be lost.
        ShapeError: rows of different lengths.
        DTypeError: `data` holds no numbers.
    """
    if isinstance(data, ARRAYS.node):
        if data.requires_grad and is_recording():
            raise GraphError(
                message(
                    operation,
                    "a Tensor that requires a gradient, which the new one would lose",
                    hint="use the tensor itself, tensor.astype(dtype), or tensor.detach() to cut "
                    "it off on purpose",
                )
            )
        data = data._data
    try:
        array = np.array(data, dtype=dtype, order="K")
    except ValueError as error:
        if "inhomogeneous" not in str(error):  # np.array(["a"], float)
            got = "data that are not numbers"
            raise DTypeError(message(operation, got, "floats, ints or bools", str(error))) from None
        got, expected = "rows that differ in length", "rows of one length"
        raise ShapeError(message(operation, got, expected)) from None
    except TypeError as error:
        got = "these data" if dtype is None else f"dtype={described(dtype)} for these data"
        raise DTypeError(message(operation, got, "numbers and their dtype", str(error))) from None
    if array.dtype.kind not in "biufc":
        hint = "ag.stack joins nodes into one Tensor" if array.dtype == object else ""
        raise DTypeError(
            message(operation, f"data of dtype {array.dtype}", "floats, ints or bools", hint)
        )
    return lock(native(array))  # type: ignore[no-any-return]


def native(array: Any) -> Any:
    """The array in the machine's byte order, which every Tensor and gradient has."""
    return array if array.dtype.isnative else array.astype(array.dtype.type)


def check_same(operation: str, array: Array, like: Array) -> None:
    """Raise ShapeError or DTypeError unless the arrays have the same shape and dtype."""
    if array.shape != like.shape:
        got, expected = f"an array of shape {array.shape}", f"shape {like.shape}"
        raise ShapeError(message(operation, got, expected))
    if array.dtype != like.dtype:
        got, expected = f"an array of dtype {array.dtype}", f"dtype {like.dtype}"
        raise DTypeError(message(operation, got, expected, f"use astype({str(like.dtype)!r})"))


def check_differentiable(array: Array, operation: str) -> None:
    """Raise DTypeError unless the dtype is floating."""
    if array.dtype.kind != "f":
        raise DTypeError(
            message(
                operation,
                f"requires_grad=True for data of dtype {array.dtype}",
                "a floating dtype",
                "convert the data, for example by dtype=float",
            )
        )
