"""Value: a Python float as a node."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.backends.floats import FLOATS, as_float
from autograd.engine.graph import become_leaf
from autograd.engine.primitive import Primitive
from autograd.engine.recording import is_recording, note_of_new
from autograd.engine.unrolled import unary
from autograd.errors import message
from autograd.html import shown
from autograd.names import SCALARS, install
from autograd.nodes.closures import hand_on, link
from autograd.nodes.operators import Operators, install_operators, no_copy
from autograd.numpy.dispatch import WITHOUT_GRADIENT, counterpart, unsupported
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e

# What micrograd calls the operations in `_op`.
SIGNS = {a.add: "+", a.sub: "-", a.neg: "-", a.mul: "*", a.div: "/", a.relu: "ReLU"}


class Value(Operators):
    """A number as a node of the graph: the smallest thing to differentiate and to look at.

    Arithmetic is IEEE 754: `1 / Value(0)` is inf and `Value(0).log()` is -inf, without an
    exception. `.grad` is 0.0 before a backward pass, and where the result does not depend on the
    Value; `ag.gradients` and `ag.explain` distinguish a missing path from a zero slope.

    Args:
        data: a number; held as a Python float.
        _children: for an operation written as in micrograd, the Values it was computed from; its
            `_backward` is assigned afterwards.
        _op: the name of that operation.
        label: the name, as programs written for micrograd call it.
        name: a label for drawings and messages.

    Raises:
        DTypeError: `data` is not a number.

    Example:
        >>> import autograd as ag
        >>> x = ag.Value(3.0, name="x")
        >>> y = x * x + x
        >>> y.backward()
        >>> y, x
        (Value(12.0, op=add, grad=1.0), Value(3.0, name='x', grad=7.0))
    """

    __slots__ = ()

    _backend = FLOATS

    def __init__(
        self,
        data: float,
        _children: Collection[Value] = (),
        _op: str = "",
        label: str | None = None,
        *,
        name: str | None = None,
    ) -> None:
        data = data if type(data) is float else as_float(data, "Value")
        become_leaf(self, FLOATS, data, True)
        if type(_children) is not tuple or _children:
            link(self, _children, _op)
            if self.requires_grad:
                self.note = note_of_new()
        if name is not None or label is not None:
            self.name = label if name is None else name

    # --- attributes ---

    def __repr__(self) -> str:
        facts = [repr(self._data)]
        if self.op is not None:
            facts.append(f"op={self.op.name}")
        if self.name is not None:
            facts.append(f"name={self.name!r}")
        if self.grad:
            facts.append(f"grad={self.grad!r}")
        return f"Value({', '.join(facts)})"

    def _repr_html_(self) -> str:
        """For notebooks: the number, its name, its operation and its gradient."""
        facts = [] if self.op is None else [f"from {self.op.name}"]
        facts += [f"gradient {self.grad:.6g}"] if isinstance(self.grad, float) else []
        return shown(f"{self.name or 'Value'} = {self._data:.6g}", facts)

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    # --- what micrograd's programs read, such as those that draw a graph ---

    @property
    def label(self) -> str:
        """The name, or "" if there is none."""
        return self.name or ""

    @label.setter
    def label(self, label: str | None) -> None:
        self.name = label

    @property
    def _prev(self) -> set[Value]:
        return {x for x in self.inputs if x is not None}

    @property
    def _op(self) -> str:
        if self.op is None:
            return ""
        return f"**{self.saved[1]:g}" if self.op is e.power else SIGNS.get(self.op, self.op.name)

    @property
    def _backward(self) -> Callable[[], None]:
        return partial(hand_on, self)

    @_backward.setter
    def _backward(self, add: Callable[[], Any]) -> None:
        if self.op is not None:
            link(self, self._prev, self._op, add)

    # --- leaving the graph ---

    def item(self) -> float:
        """The number itself, without gradient."""
        return float(self._data)

    def __index__(self) -> int:
        raise TypeError(message("index", "a Value, which is a float", "an int", "int(v.item())"))

    def __reduce__(self) -> Any:
        if self.op is not None:
            raise no_copy(self)
        return _rebuild, (self._data, self.requires_grad, self.name, self.grad)

    def _inplace(self, name: str, result: Any) -> Any:
        """`p -= step`: a new Value; under `no_grad()`, a leaf takes the result."""
        if self.op is not None or not self.requires_grad or is_recording():
            return result
        self._data = result._data
        return self

    # --- NumPy's dispatch: np.exp(value), np.float64(2) * value, array * value ---

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            got = f"{next(iter(kwargs))}=" if kwargs else f"a call of its method {method}"
            raise unsupported(ufunc, got, "a plain call, because an input is a Value")
        if any(isinstance(x, np.ndarray) and x.ndim > 0 for x in inputs):
            return ufunc(*(_boxed(x) if isinstance(x, Value) else x for x in inputs))
        if ufunc in WITHOUT_GRADIENT:
            return ufunc(*(x._data if isinstance(x, Value) else x for x in inputs))
        function = counterpart(ufunc)
        if function is None:
            raise unsupported(ufunc)
        return function(*inputs)

    # --- the elementary functions, as methods: what NumPy calls on each entry of an object array --

    if TYPE_CHECKING:
        square: Callable[[], Value]
        sqrt: Callable[[], Value]
        cbrt: Callable[[], Value]
        reciprocal: Callable[[], Value]
        sign: Callable[[], Value]
        floor: Callable[[], Value]
        ceil: Callable[[], Value]
        trunc: Callable[[], Value]
        rint: Callable[[], Value]
        relu: Callable[[], Value]
        exp: Callable[[], Value]
        exp2: Callable[[], Value]
        expm1: Callable[[], Value]
        log: Callable[[], Value]
        log2: Callable[[], Value]
        log10: Callable[[], Value]
        log1p: Callable[[], Value]
        sin: Callable[[], Value]
        cos: Callable[[], Value]
        tan: Callable[[], Value]
        arcsin: Callable[[], Value]
        arccos: Callable[[], Value]
        arctan: Callable[[], Value]
        sinh: Callable[[], Value]
        cosh: Callable[[], Value]
        tanh: Callable[[], Value]
        arcsinh: Callable[[], Value]
        arccosh: Callable[[], Value]
        arctanh: Callable[[], Value]
        sigmoid: Callable[[], Value]
        softplus: Callable[[], Value]
        erf: Callable[[], Value]
        erfc: Callable[[], Value]
        erfinv: Callable[[], Value]
        gammaln: Callable[[], Value]
        digamma: Callable[[], Value]
        sinc: Callable[[], Value]


FLOATS.node = Value
install_operators(Value)
for _table in (a, e):
    for _op in vars(_table).values():
        if isinstance(_op, Primitive) and len(_op.rules) == 1:
            setattr(Value, _op.name, unary(_op, FLOATS))
install(Value, "v", SCALARS)


def _boxed(value: Value) -> Any:
    """A Value as a 0-d object array, which NumPy combines entry by entry."""
    box = np.empty((), object)
    box[()] = value
    return box


def _rebuild(data: float, requires_grad: bool, name: str | None, grad: Any) -> Value:
    value = Value(data, name=name)
    value.requires_grad = requires_grad
    value._grad = grad
    return value
