"""Tensor: a NumPy array as a node, with NumPy's operators, methods and dispatch."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Never, NoReturn

import numpy as np

from autograd import numpy as f
from autograd.backends.numpy import ARRAYS, Array, as_array, check_differentiable, lock
from autograd.engine.graph import become_leaf, detached, label
from autograd.engine.looking import look, note_cut
from autograd.engine.note import noted
from autograd.engine.recording import is_recording, note_positions
from autograd.errors import DTypeError, GraphError, ShapeError, check_flags, message
from autograd.html import array
from autograd.names import INPLACE, METHODS, SCIPY, install
from autograd.nodes.callers import assigned, scipy_caller, unpacked_into, updated
from autograd.nodes.comparing import Comparing
from autograd.nodes.dlpack import capsule
from autograd.nodes.operators import install_operators, no_copy, plain_number
from autograd.numpy.arguments import normalize_one_axis
from autograd.numpy.dispatch import (
    DIFFERENTIABLE,
    POSITIONS,
    WITHOUT_GRADIENT,
    check_dropped,
    counterpart,
    depends,
    name_of,
    unsupported,
)
from autograd.numpy.products import matrix_product
from autograd.numpy.refusals import explained, refused, unknown_keyword
from autograd.tree import tree_map

if TYPE_CHECKING:
    import numpy.typing as npt


class _Count(int):
    """The number of entries of a Tensor: an int that answers PyTorch's call `t.size(0)`."""

    __slots__ = ()

    def __call__(self, axis: Any = None, dim: Any = None) -> NoReturn:
        axis = dim if axis is None else axis
        write = "t.shape" if axis is None else f"t.shape[{axis}]"
        got = f"a call t.size({'' if axis is None else axis})"
        raise TypeError(message("size", got, "t.size, the number of entries", f"write {write}"))

    def __getitem__(self, axis: Any) -> NoReturn:
        expected, write = "t.size, the number of entries", f"write t.shape[{axis}]"
        raise TypeError(message("size", f"t.size[{axis}]", expected, write))


class Tensor(Comparing):
    """A NumPy array as a node of the graph.

    Operators, methods, indexing and NumPy's own functions work on it and are recorded. A Tensor is
    an immutable value: its array is read-only, and an operation makes a new Tensor.

    Args:
        data: array-like of numbers; copied, in the byte order of the machine.
        dtype: a NumPy dtype; by default what NumPy makes of `data` (float64 for Python floats).
        requires_grad: whether `backward()` computes a gradient for it; floating dtypes only.
        name: a label for drawings and messages.

    Raises:
        DTypeError: `data` are not numbers, or are integers or booleans with requires_grad=True.
        ShapeError: rows of different lengths.

    Example:
        >>> import numpy as np
        >>> import autograd as ag
        >>> x = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        >>> y = np.exp(x).sum()
        >>> y.backward()
        >>> x.grad
        array([[ 2.71828183,  7.3890561 ],
               [20.08553692, 54.59815003]])
    """

    __slots__ = ()

    _backend = ARRAYS

    def __init__(
        self,
        data: Any,
        *,
        dtype: npt.DTypeLike | None = None,
        requires_grad: bool = False,
        name: str | None = None,
        **others: Never,
    ) -> None:
        if others:
            raise unknown_keyword(type(self).__name__, next(iter(others)))
        array = as_array(data, dtype, type(self).__name__)
        if array.dtype.kind == "c":
            got = f"data of dtype {array.dtype}"
            hint = "graphs have no complex numbers; keep the real and the imaginary part apart"
            raise DTypeError(message(type(self).__name__, got, "floats, ints or bools", hint))
        become_leaf(self, ARRAYS, array, False)
        if requires_grad is not False:
            check_flags(type(self).__name__, requires_grad=requires_grad)
        if requires_grad:
            check_differentiable(self._data, type(self).__name__)
            self.requires_grad = True
        if name is not None:
            self.name = name

    # --- attributes ---

    # Every function reads these several times; with attrgetter, no Python code runs.
    shape = property(attrgetter("_data.shape"), doc="The lengths of the axes.")
    ndim = property(attrgetter("_data.ndim"), doc="The number of axes.")
    size = property(lambda self: _Count(self._data.size), doc="The number of entries.")
    dtype = property(attrgetter("_data.dtype"), doc="The NumPy dtype of the entries.")

    def __len__(self) -> int:
        if self.ndim == 0:
            got = "a Tensor without axes, which is one number"
            raise TypeError(message("len", got, "at least one axis", "use t.size"))
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim == 0:
            got = "a Tensor without axes, which is one number"
            raise TypeError(message("iteration", got, "at least one axis", "use t.item()"))
        names = unpacked_into()
        if names is not None and names != len(self):
            got = f"a Tensor of {len(self)} entries for {names} names"
            pair = "max and min return values only; write values, places = t.max(1), t.argmax(1)"
            raise ShapeError(message("unpacking", got, "as many", pair if names == 2 else ""))
        return (self[i] for i in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return x in self._data

    def __repr__(self) -> str:
        body = np.array2string(self._data, separator=", ", prefix=f"{self._repr_name()}(")
        facts = [body]
        if self.dtype not in (np.float64, np.int64, np.bool_):
            facts.append(f"dtype={self.dtype}")
        if self.op is not None:
            facts.append(f"op={self.op.name}")
        elif self.requires_grad:
            facts.append("requires_grad=True")
        if self.name is not None:
            facts.append(f"name={self.name!r}")
        return f"{self._repr_name()}({', '.join(facts)})"

    def _repr_html_(self) -> str | None:
        """For notebooks: facts, statistics, and heat maps of the entries and of the gradient."""
        if not isinstance(self._data, np.ndarray):
            return None
        title = self._repr_name() if self.name is None else f"{self._repr_name()} {self.name}"
        made = "" if self.op is None else f"from {self.op.name}"
        return array(title, self._data, self.grad, made or "requires_grad" * self.requires_grad)

    def _repr_name(self) -> str:
        return type(self).__name__

    def __format__(self, spec: str) -> str:
        return format(self._data[()], spec) if spec else repr(self)

    # --- leaving the graph ---

    def detach(self) -> Tensor:
        """A constant with the same data: no gradient flows back through it."""
        note_cut(self)
        return detached(self)  # type: ignore[no-any-return]

    def numpy(self) -> Array:
        """A copy of the data that you may write to; `data` itself is read-only."""
        return self._data.copy()  # type: ignore[no-any-return]

    def item(self) -> Any:
        """The one entry as a Python number, without gradient.

        Raises:
            ShapeError: there is not exactly one entry.
        """
        if self.size != 1:
            got, hint = f"a Tensor of shape {self.shape}", "index it first, or use tolist()"
            raise ShapeError(message("item", got, "one entry", hint))
        return self._data.item()

    def tolist(self) -> Any:
        """The data as nested lists of Python numbers."""
        return self._data.tolist()

    def __index__(self) -> int:
        if self.dtype.kind not in "iub" or self._data.size != 1:
            got = f"a Tensor of shape {self.shape} and dtype {self.dtype}"
            raise TypeError(message("index", got, "one integer", "use int(t.item())"))
        return int(self.item())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self.requires_grad and is_recording():
            if assigned(sys._getframe(1)):
                raise plain_number(self, "", True)
            if (name := scipy_caller(sys._getframe(1))) is not None:
                got = "a Tensor that requires a gradient, which its result would drop"
                raise GraphError(message(f"scipy.special.{name}", got, hint=f"write {SCIPY[name]}"))
            raise GraphError(
                message(
                    "np.array",
                    "a Tensor that requires a gradient, which an array would drop",
                    hint="use ag.stack([t1, t2]) to join tensors, the tensor itself in NumPy "
                    "functions, or tensor.data for an array without gradient",
                )
            )
        if copy is False and dtype is not None and np.dtype(dtype) != self._data.dtype:
            got = f"copy=False for a Tensor of {self._data.dtype} as {np.dtype(dtype)}"
            raise ValueError(message("np.asarray", got, "its own dtype, or copy=None"))
        convert = np.array if copy else np.asanyarray
        return convert(self._data, dtype=dtype)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: Any = None,
        copy: bool | None = None,
    ) -> Any:
        """The numbers for another library: a copy, unless it asks by `copy=False`.

        PyTorch writes to memory even if it is marked as read-only. So after
        `torch.from_dlpack(t, copy=False)`, what changes PyTorch's tensor changes `t`.
        """
        return capsule(self, stream, max_version, dl_device, copy)

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0  # the processor's memory

    # --- gradients ---

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Switch whether gradients are computed for this leaf; returns the tensor itself."""
        if self.op is not None:
            got = f"a Tensor that {self.op.name} computed"
            hint = "detach() gives a leaf with the same data"
            raise GraphError(message("requires_grad_", got, "a leaf", hint))
        check_flags("requires_grad_", requires_grad=requires_grad)
        if requires_grad:
            check_differentiable(self._data, "requires_grad_")
        self.requires_grad = bool(requires_grad)
        return self

    def retain_grad(self) -> None:
        """Let `backward()` keep the gradient of this node, which is not a leaf, in `.grad`."""
        self.note = noted(self.note, retains=True)

    def _replace(self, data: Array) -> None:
        """Replace a leaf's array by one of any shape and dtype, which assignment does not allow."""
        self._data = lock(data)

    def _convert(self, dtype: npt.DTypeLike) -> None:
        """Convert a leaf and its gradient to another dtype."""
        self._replace(self._data.astype(dtype))
        if self._grad is not None:
            self._grad = self._grad.astype(dtype)

    # --- copies ---

    def __reduce__(self) -> Any:
        if self.op is not None:
            raise no_copy(self)
        return _rebuild, (type(self), self._data, self.requires_grad, self.name, self.grad)

    # --- writing: an immutable value says what to do instead ---

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise GraphError(
            message(
                "t[i] = v",
                "an assignment to entries of a Tensor, which does not change",
                hint="use t = t.at[i].set(v) or t = t.at[i].add(v), which return a new one",
            )
        )

    @property
    def at(self) -> f.At:
        """`t.at[i].set(v)` and `t.at[i].add(v)`: a new Tensor, changed at index `i`."""
        return f.At(self)

    def _inplace(self, name: str, result: Any) -> Any:
        """`p -= step`: a new Tensor; under `no_grad()`, a leaf takes the result."""
        if not self.requires_grad or self.op is not None:
            return result
        if is_recording():
            got = f"{label(self)}, a leaf that requires a gradient, which could not be recorded"
            hint = "update it under `with ag.no_grad():`, or write t = t + step for a new Tensor"
            raise GraphError(message(name, got, hint=hint))
        if result.shape != self.shape:
            got = f"a result of shape {result.shape} for {label(self)}"
            raise ShapeError(message(name, got, f"its shape, {self.shape}"))
        self._replace(result._data.astype(self.dtype, copy=False))
        return self

    # --- NumPy's dispatch ---

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            got = "a Tensor to write into an array (out= or +=), which would drop its gradient"
            raise unsupported(ufunc, got, hint="write array = array + tensor")
        if method == "reduce" and ufunc in f.REDUCTIONS:
            return f.REDUCTIONS[ufunc](*inputs, **({"axis": 0} | kwargs))
        if method == "accumulate" and ufunc in f.ACCUMULATIONS:
            return f.ACCUMULATIONS[ufunc](*inputs, **({"axis": 0} | kwargs))
        if method != "__call__":
            raise unsupported(ufunc, f"a call of its method {method}", "a plain call")
        if ufunc in WITHOUT_GRADIENT:
            return _on_data(ufunc, inputs, kwargs)
        function = counterpart(ufunc)
        if function is None:
            raise unsupported(ufunc)
        if kwargs and not (ufunc is np.vecdot and kwargs.keys() == {"axis"}):
            raise unsupported(ufunc, f"{next(iter(kwargs))}=", "the inputs alone", "leave it out")
        return function(*inputs, **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in WITHOUT_GRADIENT:
            return _on_data(function, args, kwargs)
        if function not in DIFFERENTIABLE:
            raise unsupported(function)
        try:
            return DIFFERENTIABLE[function](*args, **kwargs)
        except TypeError as error:
            if "unexpected keyword" in str(error) or "positional argument" in str(error):
                raise unsupported(function, hint=f"{error} on Tensors") from None
            raise

    # --- shaping and reducing; everything else is a function of `ag` ---

    @property
    def T(self) -> Tensor:
        """The tensor with its axes reversed."""
        return f.transpose(self)  # type: ignore[no-any-return]

    @property
    def mT(self) -> Tensor:
        """Each matrix of the stack transposed; the last two axes swapped."""
        return f.swapaxes(self, -1, -2)  # type: ignore[no-any-return]

    def astype(self, dtype: npt.DTypeLike) -> Tensor:
        """The same values in another dtype; the gradient comes back in the original one."""
        return f.astype(self, dtype)  # type: ignore[no-any-return]

    def reshape(self, *shape: Any, order: Any = "C") -> Tensor:
        """The same entries in another shape; -1 stands for what is left."""
        return f.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)  # type: ignore[no-any-return]

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order, by default reversed."""
        if len(axes) == 1 and not isinstance(axes[0], int):
            axes = axes[0]
        return f.transpose(self, axes or None)  # type: ignore[no-any-return]

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """The entries of these axes on one; by default all entries."""
        if self.ndim == 0:
            return f.ravel(self)  # type: ignore[no-any-return]
        i, j = (normalize_one_axis(k, self.ndim, "flatten") for k in (start_dim, end_dim))
        shape = self.shape
        if i > j:
            got = f"start_dim={start_dim} and end_dim={end_dim} for shape {shape}"
            raise ShapeError(message("flatten", got, "the first not after the last"))
        joined = math.prod(shape[i : j + 1])
        return f.reshape(self, (*shape[:i], joined, *shape[j + 1 :]))  # type: ignore[no-any-return]

    @explained
    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """Where the largest entry is, as plain integers."""
        i = None if axis is None else normalize_one_axis(axis, self.ndim, "argmax")
        if self.requires_grad:
            note_positions("argmax")
        return look(self, numbers=True).argmax(i, keepdims=keepdims)

    @explained
    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """Where the smallest entry is, as plain integers."""
        i = None if axis is None else normalize_one_axis(axis, self.ndim, "argmin")
        if self.requires_grad:
            note_positions("argmin")
        return look(self, numbers=True).argmin(i, keepdims=keepdims)

    @explained
    def argsort(
        self, axis: int | None = -1, kind: Any = None, *, stable: bool | None = None
    ) -> Any:
        """The positions of the entries in ascending order, as plain integers."""
        return np.argsort(self, axis, kind, stable=stable)

    @explained
    def nonzero(self) -> Any:
        """Where entries are not 0: an array of plain integers for each axis."""
        return np.nonzero(self)

    @explained
    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Whether all entries along axes are true, or not 0, as plain booleans."""
        return np.all(self, axis, keepdims=keepdims)

    @explained
    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Whether any entry along axes is true, or not 0, as plain booleans."""
        return np.any(self, axis, keepdims=keepdims)

    def copy(self) -> Tensor:
        """A new node with the same entries; the gradient goes through it. See also `numpy()`."""
        return f.positive(self)  # type: ignore[no-any-return]

    # Functions that are methods too, the tensor coming first.
    __getitem__ = f.getitem
    sum = f.sum
    mean = f.mean
    prod = f.prod
    max = f.max
    sort = f.sort
    min = f.min
    var = f.var
    std = f.std
    cumsum = f.cumsum
    cumprod = f.cumprod
    squeeze = f.squeeze
    ravel = f.ravel
    swapaxes = f.swapaxes
    clip = f.clip
    round = f.round
    dot = f.dot
    take = f.take
    repeat = f.repeat
    diagonal = f.diagonal
    trace = f.trace
    exp = f.exp
    log = f.log
    sqrt = f.sqrt
    square = f.square
    tanh = f.tanh
    sigmoid = f.sigmoid
    relu = f.relu

    @property
    def data(self) -> Array:
        """The read-only array. Assign one of the same shape and dtype to replace it; graphs that
        exist keep what they were given. `t.data -= step` does that too.
        """
        if updated(sys._getframe(1)):
            return self._data.copy()  # type: ignore[no-any-return]
        return self._data  # type: ignore[no-any-return]

    @data.setter
    def data(self, data: Any) -> None:
        self._set_data(data)

    def __matmul__(self, other: Any) -> Tensor:
        return matrix_product(self, other)  # type: ignore[no-any-return]

    def __rmatmul__(self, other: Any) -> Tensor:
        return matrix_product(other, self)  # type: ignore[no-any-return]


ARRAYS.node = Tensor
install_operators(Tensor)
install(Tensor, "t", METHODS, INPLACE, {name: f"ag.{name}(t)" for name in vars(f)["__all__"]})


def _on_data(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A NumPy function whose result has no gradient, run on the data."""
    check_dropped(function, args, kwargs)
    if function in POSITIONS and any(map(depends, (*args, *kwargs.values()))):
        note_positions(name_of(function))
    try:
        return function(*tree_map(look, args), **tree_map(look, kwargs))
    except Exception as error:
        better = refused(function.__name__, error, args, kwargs)
        if better is None:
            raise
        raise better from error


def _rebuild(kind: Any, data: Array, requires_grad: bool, name: str | None, grad: Any) -> Any:
    tensor = kind.__new__(kind)
    Tensor.__init__(tensor, data, requires_grad=requires_grad, name=name)
    tensor._grad = grad
    return tensor
