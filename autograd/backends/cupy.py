"""CuPy's arrays as a backend: data stay on the device, and kernels run there by NumPy's dispatch.

Kernels and rules are written with functions that dispatch on their argument, so they are the same
as for NumPy. What differs stands here: device arrays are not read-only, no constant of the host may
be mixed in, and nothing may ask for their values as a NumPy array, which CuPy refuses.

It has not run on a device. It is tested with arrays of a stand-in type that refuses the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from autograd.backends.kernel_errors import kernel_error
from autograd.backends.numpy import NumPyArrays, check_same, inside, kernels
from autograd.engine.graph import Node, data_of, label
from autograd.engine.primitive import PLAIN, Primitive
from autograd.errors import DTypeError, GraphError, ShapeError, kind, message
from autograd.primitives.arithmetic import where
from autograd.primitives.kernels import DEVICES
from autograd.primitives.special import SPECIAL


class DeviceArrays(NumPyArrays):
    """The data of a Tensor whose entries are on a device.

    Args:
        array: the type of its arrays, such as `cupy.ndarray`.
        asarray: from an array of the host to one of the device, such as `cupy.asarray`.
        special: what has the functions of scipy.special for them, such as `cupyx.scipy.special`.
    """

    def __init__(self, array: type[Any], asarray: Callable[..., Any], special: Any) -> None:
        self.array, self.asarray = array, asarray
        PLAIN.add(array)
        DEVICES[array], SPECIAL[array] = asarray, special

    # --- what goes into a primitive ---

    def operand(self, op: Primitive, x: Any) -> Any:
        """Arrays of the device, numbers, and arrays of the host, which are sent there."""
        if type(x) is self.array:
            return x
        x = super().operand(op, x)
        return self.asarray(x) if isinstance(x, np.ndarray) else x

    def keep(self, datum: Any) -> Any:
        """A copy, because no array of the device is read-only."""
        return datum.copy() if type(datum) is self.array else datum

    def accept(self, node: Any, data: Any) -> Any:
        """A copy of the leaf's shape and dtype."""
        data = data_of(data)
        array = data.copy() if type(data) is self.array else self.asarray(data)
        check_same(f"data of {label(node)}", array, node._data)
        return array

    def gradient(self, operation: str, x: Any, node: Any) -> Any:
        """An array of the device, of the node's shape and dtype."""
        x = x._data.copy() if isinstance(x, self.node) else x
        if isinstance(x, (np.ndarray, np.generic)):
            x = self.asarray(x)
        if type(x) is not self.array:
            data = node._data
            expected = f"an array of shape {data.shape} and dtype {data.dtype}"
            raise DTypeError(message(operation, kind(x), expected))
        check_same(operation, x, node._data)
        return x

    # --- running a kernel ---

    def run(self, op: Primitive, data: Collection[Any], static: dict[str, Any]) -> Any:
        """The kernel's result, on the device."""
        try:
            if inside.get():
                return self.own(op.kernel(*data, **static))
            return self.own(kernels.run(op.kernel, *data, **static))
        except Exception as error:
            raise kernel_error(op, error, data) from error

    def operator(self, op: Primitive) -> Callable[..., Any]:
        """`run`, for a primitive without static facts."""
        return lambda *data: self.run(op, data, {})

    def recover(self, op: Primitive, error: Exception, data: tuple[Any, ...]) -> Any:
        """`run` has said what is wrong."""
        raise error

    def own(self, x: Any) -> Any:
        """What a kernel returned, which may be an array of the host where it made a constant."""
        return x if type(x) is self.array else self.asarray(x)

    # --- the backward pass ---

    def seed(self, node: Any, gradient: Any, create_graph: bool) -> Any:
        """An array of the root's shape and dtype."""
        data = node._data
        if gradient is None:
            if data.size != 1:
                got = f"a Tensor of shape {data.shape}, which has no single derivative"
                hint = "reduce it by sum() or mean(), or pass gradient= of its shape"
                raise GraphError(message("backward", got, "one number", hint))
            return np.ones_like(data)
        array = data_of(gradient)
        array = array if type(array) is self.array else self.asarray(array)
        if array.shape != data.shape:
            got = f"gradient= of shape {array.shape} for a Tensor of shape {data.shape}"
            raise ShapeError(message("backward", got, "the same shape"))
        if isinstance(gradient, self.node) and create_graph:
            return gradient
        return array.astype(data.dtype)

    def _returned(self, node: Any, argument: int, c: Any, datum: Any, on_nodes: bool) -> Any:
        if type(c) is self.array:
            return c
        c = super()._returned(node, argument, c, datum, on_nodes)
        return c if isinstance(c, Node) or type(c) is self.array else self.asarray(c)

    def safe_rule(self, node: Any, argument: int, g: Any, out: Any, saved: Sequence[Any]) -> Any:
        """The rule, and 0 in its place where the cotangent is 0; without looking whether any is."""
        op = node.op
        c = op.rules[argument](g, out, *saved, **(node.static or {}))
        zero = data_of(g) == 0
        return where(zero if op.elementwise else zero.all(), 0.0, c)

    def read_only(self, gradient: Any) -> Any:
        """A copy, which a hook may change without harm."""
        return gradient if isinstance(gradient, Node) else gradient.copy()

    def seen(self, gradient: Any) -> Any:
        """A copy, because no array of a device is read-only."""
        return self.read_only(gradient)

    def has_nan(self, gradients: Collection[Any]) -> bool:
        """Whether any entry is nan: one truth value comes from the device, once for each pass."""
        found = [np.isnan(g).any() for g in gradients if g.size]
        return bool(sum(found) > 0) if found else False

    def separate(self, gradients: Sequence[Any]) -> Sequence[Any]:
        """Copies, which share no memory with each other or with the graph."""
        return [g.copy() for g in gradients]

    def accumulate(self, nodes: Sequence[Any], gradients: Sequence[Any]) -> None:
        """Add to what is there."""
        for node, g in zip(nodes, self.separate(gradients), strict=True):
            node._grad = g if node._grad is None else node._grad + g
