"""NumPy arrays as the engine sees them: read-only, and computed without warnings of inf and nan."""

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
from autograd.engine.backend import Backend
from autograd.engine.graph import Node
from autograd.engine.primitive import PLAIN, Primitive
from autograd.engine.recording import OFF, current
from autograd.errors import DTypeError, GraphError, ShapeError, kind, message
from autograd.primitives.arithmetic import positive, where
from autograd.primitives.contraction import matmul
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
    """A constant to be remembered: as it is if nobody can write to it, else a read-only copy."""
    if not isinstance(datum, np.ndarray):
        return datum
    if datum.flags.writeable or (datum.base is not None and not is_locked(datum)):
        return lock(datum.copy())
    return datum


class Kernels(threading.local):
    """Runs kernels in a context of the thread's own where NumPy does not warn of inf and nan.

    `np.errstate` does the same and costs 0.8 us at each call; running in a context prepared once
    costs nothing. A context cannot be entered twice, so a kernel that calls primitives finds itself
    inside.
    """

    def __init__(self) -> None:
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        context.run(current.set, OFF)
        context.run(inside.set, True)
        self.run = context.run


inside: contextvars.ContextVar[bool] = contextvars.ContextVar("inside a kernel", default=False)
kernels = Kernels()


def explained(op: Primitive, error: Exception, data: Collection[Any]) -> Exception:
    """The kernel's error as one sentence, with the operation and what it was given."""
    shapes = [np.shape(d) for d in data]
    given = " and ".join(map(str, shapes))
    if op.elementwise and isinstance(error, ValueError) and "broadcast" in str(error):
        return ShapeError(
            message(
                op.name,
                f"shapes {given}, which do not broadcast",
                "each pair of lengths, from the right, to be equal or contain a 1",
            )
        )
    if op is matmul and isinstance(error, ValueError):
        left, right = shapes
        return ShapeError(
            message(
                op.name,
                f"shapes {given}",
                f"the last length of the left, {left[-1]}, to equal the last but one of the "
                f"right, {right[-2]}, and the axes before them to broadcast",
            )
        )
    of_kind: Any = RuntimeError
    if isinstance(error, (ValueError, TypeError, IndexError)):
        of_kind = type(error)
    if isinstance(error, np.linalg.LinAlgError):
        of_kind = np.linalg.LinAlgError
    if of_kind is ValueError:
        of_kind = ShapeError
    return of_kind(f"{op.name}: {error} (shapes {given})")  # type: ignore[no-any-return]


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
        # A number of another type, such as one that stands for a float while a step is traced.
        return x if isinstance(x, (float, int)) else NotImplemented

    def type_error(self, op: Primitive, x: Any) -> DTypeError:
        """Something that holds no numbers."""
        expected = "a Tensor, an array or a number"
        return DTypeError(message(op.name, f"a Tensor and {kind(x)}", expected))

    keep = staticmethod(frozen)

    def accept(self, node: Any, data: Any) -> Array:
        """A copy; an array that nobody can write to is taken over."""
        if type(data) is not Array or data.base is not None or data.flags.writeable:
            data = as_array(data, None, "data")
        elif data.dtype is node._data.dtype:
            return data
        elif data.dtype.kind not in "fiub":
            data = as_array(data, None, "data")
        if node.requires_grad:
            check_differentiable(data)
        return data  # type: ignore[no-any-return]

    # --- running a kernel ---

    def run(self, op: Primitive, data: Collection[Any], static: dict[str, Any]) -> Any:
        """The kernel's result, read-only."""
        try:
            if inside.get():
                return lock(op.kernel(*data, **static))
            return lock(kernels.run(op.kernel, *data, **static))
        except Exception as error:
            raise explained(op, error, data) from error

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
        raise explained(op, error, data) from error

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
            gradient = array = np.array(getattr(gradient, "data", gradient), data.dtype)
        if array.shape != data.shape:
            raise ShapeError(
                message(
                    "backward",
                    f"gradient= of shape {array.shape} for a Tensor of shape {data.shape}",
                    "the same shape",
                )
            )
        return gradient

    def fit(self, node: Any, argument: int, gradient: Any, datum: Any) -> Any:
        """Summed down to the argument's shape where NumPy broadcast, and cast to its dtype."""
        c, (shape, dtype) = gradient, (datum.shape, datum.dtype)
        if not hasattr(c, "shape"):  # a rule that returns a plain number
            c = np.asarray(c, dtype)
        if c.shape != shape and node.op.elementwise:
            if c.shape != node._data.shape:  # a rule may return less, such as one number
                c = broadcast_to(c, shape=np.broadcast_shapes(c.shape, shape))
            c = unbroadcast(c, shape)
        if c.shape != shape:
            raise GraphError(
                message(
                    node.op.name,
                    f"a gradient of shape {c.shape} from the rule for argument {argument}",
                    f"the argument's shape, {shape}",
                )
            )
        return c if c.dtype == dtype else cast(c, dtype=dtype)

    def safe_rule(self, node: Any, argument: int, g: Any, out: Any, saved: Sequence[Any]) -> Any:
        """The rule, and 0 in its place where the cotangent is 0."""
        op = node.op
        c = op.rules[argument](g, out, *saved, **(node.static or {}))
        zero = (g._data if isinstance(g, Node) else np.asarray(g)) == 0
        if op.elementwise and zero.any():
            return where(zero, 0.0, c)
        return where(True, 0.0, c) if zero.all() else c

    def quiet(self) -> contextlib.AbstractContextManager[Any]:
        """NumPy does not warn of inf and nan."""
        return np.errstate(all="ignore")

    def has_nan(self, gradients: Collection[Any]) -> bool:
        """By a product of each array with itself, one fast pass: nan if any entry is."""
        for g in gradients:
            flat = g.ravel("K")  # in the order of memory: a transposed one is not copied
            other = flat
            if len(flat) > 4096:  # halves by each other: every entry is read once, not twice
                half = (len(flat) + 1) // 2
                flat, other = flat[:half], flat[-half:]
            if isnan(flat.dot(other)):
                return True
        return False

    def accumulate(self, nodes: Sequence[Any], gradients: Sequence[Any]) -> None:
        """In arrays that share no memory with each other or with the graph: they may be written
        to."""
        seen: set[int] = set()
        for node, g in zip(nodes, gradients, strict=True):
            if node.grad is not None:
                node.grad = node.grad + g
                continue
            if type(g) is not Array or g.base is not None or id(g) in seen or not g.flags.writeable:
                g = np.array(g)
            seen.add(id(g))
            node.grad = g


ARRAYS = NumPyArrays()


def as_array(data: Any, dtype: npt.DTypeLike | None, operation: str) -> Array:
    """A read-only copy of `data` as an array of numbers.

    Raises:
        GraphError: `data` is a Tensor whose gradient would be lost.
        ShapeError: rows of different lengths.
        DTypeError: no numbers.
    """
    if isinstance(data, ARRAYS.node):
        if data.requires_grad and current.get() is not OFF:
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
        raise ShapeError(
            message(operation, "rows that differ in length", hint=str(error))
        ) from None
    if array.dtype.kind not in "biufc":
        hint = "ag.stack joins nodes into one Tensor" if array.dtype == object else ""
        raise DTypeError(
            message(operation, f"data of dtype {array.dtype}", "floats, ints or bools", hint)
        )
    return lock(array)  # type: ignore[no-any-return]


def check_differentiable(array: Array) -> None:
    """Raise DTypeError unless the dtype is floating."""
    if array.dtype.kind != "f":
        raise DTypeError(
            message(
                "requires_grad",
                f"a Tensor of dtype {array.dtype}",
                "a floating dtype",
                "convert it, e.g. Tensor(data, dtype=float, requires_grad=True)",
            )
        )
