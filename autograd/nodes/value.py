"""Value: a Python float as a node."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd.engine.graph import Node, next_number
from autograd.engine.primitive import NUMBERS, Primitive, unary
from autograd.engine.recording import OFF, current, tracing
from autograd.errors import DTypeError, GraphError
from autograd.nodes.operators import Operators, install_operators
from autograd.numpy.dispatch import DIFFERENTIABLE, WITHOUT_GRADIENT, unsupported
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e


def _as_float(data: Any, what: str) -> float:
    if type(data) in NUMBERS or (
        isinstance(data, (np.generic, np.ndarray)) and data.ndim == 0 and data.dtype.kind in "biuf"
    ):
        return float(data)
    if isinstance(data, Node):
        raise DTypeError(
            f"{what}: a {type(data).__name__} came, a number is expected; use one kind of node "
            "throughout, or the other's .data for a constant"
        )
    if isinstance(data, np.ndarray):
        raise DTypeError(
            f"{what}: an array of shape {data.shape} and dtype {data.dtype} came, one number is "
            "expected; ag.Tensor holds arrays"
        )
    raise DTypeError(f"{what}: {type(data).__name__} {data!r} came, a number is expected")


class Value(Operators):
    """A number as a node of the graph: the smallest thing to differentiate by, and to look at.

    Arithmetic is IEEE 754: `1 / Value(0)` is inf and `Value(0).log()` is -inf, without an
    exception. `.grad` is 0.0 before a backward pass, and where the result does not depend on the
    Value; `ag.gradients` and `ag.explain` tell no path from a zero slope.

    Args:
        data: a number; held as a Python float.
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

    _keeps_every_grad: ClassVar[bool] = True
    _has_shape: ClassVar[bool] = False
    _initial_grad: ClassVar[float] = 0.0  # as in micrograd, where `.grad` is always a number
    _identity = a.positive

    def __init__(self, data: float, *, name: str | None = None) -> None:
        self._data = data if type(data) is float else _as_float(data, "Value")
        self.grad, self._cotangent = 0.0, None
        self.requires_grad = True
        self.op = None
        self._x = self._y = self._a = self._b = None
        self.static = None
        self.number = next_number()
        self.note = None
        if name is not None:
            self.name = name

    # --- what the engine asks ---

    def _accept(self, data: Any) -> float:
        return _as_float(data, "data")

    @staticmethod
    def _admit(op: Primitive, x: Any) -> Any:
        if type(x) is float:
            return x
        if type(x) is int:
            return float(x)
        if isinstance(x, np.ndarray) and x.ndim > 0:
            return NotImplemented
        return _as_float(x, f"{op.name} of a Value")

    @staticmethod
    def _foreign(op: Primitive, x: Any) -> DTypeError:
        return DTypeError(
            f"{op.name}: a Value and an array of shape {x.shape} came; use a Tensor for arrays, or "
            "an object array of Values"
        )

    @staticmethod
    def _keep(datum: Any) -> Any:
        return datum

    @staticmethod
    def _run(op: Primitive, data: Collection[float], static: dict[str, Any]) -> float:
        if not op.elementwise or static:
            raise DTypeError(f"{op.name}: a Value came, an array is expected; use ag.Tensor")
        return op.on_floats(*data)

    @staticmethod
    def _operator(op: Primitive) -> Callable[..., float]:
        return op.scalar or op.on_floats

    @staticmethod
    def _rescue(op: Primitive, error: Exception, data: tuple[float, ...]) -> float:
        return op.on_floats(*data)

    def _seed(self, gradient: Any, create_graph: bool) -> Any:
        if gradient is None:
            return 1.0
        if isinstance(gradient, Value):
            return gradient if create_graph else gradient._data
        return _as_float(gradient, "backward")

    @staticmethod
    def _any_nan(gradients: Collection[Any]) -> bool:
        total = sum(gradients)
        return bool(total != total)

    @staticmethod
    def _carefully(
        op: Primitive,
        argument: int,
        g: Any,
        out: Any,
        saved: tuple[Any, ...],
        static: dict[str, Any],
    ) -> Any:
        """The rule in IEEE arithmetic, where a Python float would raise; zero where the cotangent
        is."""
        if isinstance(g, Node):
            return op.rules[argument](g, out, *saved) if g._data != 0 else g._constant(0.0)
        if g == 0:
            return 0.0
        with np.errstate(all="ignore"):
            return float(op.rules[argument](np.float64(g), *map(np.float64, (out, *saved))))

    # --- what it is ---

    def __repr__(self) -> str:
        facts = [repr(self._data)]
        if self.op is not None:
            facts.append(f"op={self.op.name}")
        if self.name is not None:
            facts.append(f"name={self.name!r}")
        if self.grad:
            facts.append(f"grad={self.grad!r}")
        return f"Value({', '.join(facts)})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __bool__(self) -> bool:
        return bool(self._data)

    # --- leaving the graph ---

    def item(self) -> float:
        """The number itself."""
        return float(self._data)

    def __float__(self) -> float:
        if tracing.get():
            raise GraphError(
                "float: inside a function being differentiated this would drop the gradient; use "
                "ag functions instead of those of math, or item() for a number without gradient"
            )
        return float(self._data)

    def __reduce__(self) -> Any:
        if self.op is not None:
            raise GraphError(
                f"copy: a Value computed by {self.op.name} is part of a graph and cannot be copied "
                "or pickled; take detach() first"
            )
        return _rebuild, (self._data, self.requires_grad, self.name, self.grad)

    def _inplace(self, name: str, result: Any) -> Any:
        """`p -= step`: a new Value; with recording off, a leaf takes the result."""
        if self.op is not None or not self.requires_grad or current.get() is not OFF:
            return result
        self._data = result._data
        return self

    # --- NumPy's dispatch: np.exp(value), np.float64(2) * value, array * value ---

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            raise unsupported(ufunc, "on Values only the plain call is supported")
        if any(isinstance(x, np.ndarray) and x.ndim > 0 for x in inputs):
            return ufunc(*(_boxed(x) if isinstance(x, Value) else x for x in inputs), dtype=object)
        if ufunc in WITHOUT_GRADIENT:
            return ufunc(*(x._data if isinstance(x, Value) else x for x in inputs))
        if ufunc not in DIFFERENTIABLE:
            raise unsupported(ufunc)
        return DIFFERENTIABLE[ufunc](*inputs)

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
        sinc: Callable[[], Value]


Value._kind = Value
install_operators(Value)
for _table in (a, e):
    for _op in vars(_table).values():
        if isinstance(_op, Primitive) and len(_op.rules) == 1 and not hasattr(Value, _op.name):
            setattr(Value, _op.name, unary(_op, Value))


def _boxed(value: Value) -> Any:
    """A Value as a 0-d object array, which NumPy combines entry by entry."""
    box = np.empty((), object)
    box[()] = value
    return box


def _rebuild(data: float, requires_grad: bool, name: str | None, grad: Any) -> Value:
    value = Value(data, name=name)
    value.requires_grad = requires_grad
    value.grad = grad
    return value
