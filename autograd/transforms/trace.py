"""One run of a function on nodes of its own, and what all transforms share.

What goes in comes out: floats give floats, arrays give arrays, and nodes give nodes, which can be
differentiated again. The function itself sees nodes; a float becomes a Tensor without axes. Inside
a function that is being differentiated, nodes come out, so transforms nest to any depth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.backward import gradients
from autograd.engine.graph import Node, constant, data_of, make_node
from autograd.engine.recording import enable_grad, positions_of, tracing
from autograd.errors import (
    DTypeError,
    GraphError,
    ShapeError,
    counted,
    described,
    is_int,
    kind,
    message,
)
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.tree import leaves, tree_map, unflatten

Function = Callable[..., Any]


def check_function(f: Any, what: str, call: str = "") -> None:
    """Raise for what is not a function, such as a result that was computed already.

    Args:
        f: what should be a function.
        what: the operation, for the message.
        call: how the operation is called, such as "(lambda x: ..., x)"; by default as `grad` is.
    """
    if callable(f):
        return
    hint = f"write ag.{what}(f)(x), with a function f that computes the result from x"
    if call:
        hint = f"write ag.{what}{call}"
    elif isinstance(f, Node):
        hint = "y.backward() and ag.gradients(y, [x]) differentiate a result y"
    elif what in ("vjp", "jvp", "hvp"):
        hint = f"write ag.{what}(f, ...), with a function f that computes the result"
    raise DTypeError(message(what, kind(f), "a function", hint))


class Trace:
    """One run of a function: its inputs as nodes of this level, and its output.

    Attributes:
        given: the leaves of the differentiated arguments, as the caller passed them.
        inputs: a node for each of them.
        output: what the function returned.
        nested: whether results are nodes, because another transform runs or nodes were given.
    """

    def __init__(self, f: Function, args: Sequence[Any], wrt: Sequence[int], what: str) -> None:
        given = leaves([args[i] for i in wrt])
        self.what = what
        self.given = given
        self.nested = tracing.get() > 0 or any(isinstance(x, Node) for x in given)
        with enable_grad():
            self.inputs = [_variable(x, what) for x in given]
            flat = iter(self.inputs)
            full = list(args)
            for i in wrt:
                full[i] = unflatten(args[i], flat)
            token, positions = tracing.set(tracing.get() + 1), positions_of.set([])
            try:
                self.output = f(*full)
                taken = positions_of.get()
            finally:
                tracing.reset(token)
                positions_of.reset(positions)
        results = leaves(self.output)
        for y in results:
            _check_result(y, what)
        if taken and not any(isinstance(y, Node) for y in results):
            raise _no_derivative(what, f"plain floats, after {taken[0]} gave positions,")

    def pull(self, cotangents: Sequence[Any], create_graph: bool | None = None) -> list[Any]:
        """The gradients of the inputs, given one cotangent for each leaf of the output."""
        create = self.nested if create_graph is None else create_graph
        totals: list[Any] = [None] * len(self.inputs)
        for y, cotangent in zip(leaves(self.output), cotangents, strict=True):
            if cotangent is None or not isinstance(y, Node):
                continue
            with enable_grad():
                parts = gradients(y, self.inputs, seed=cotangent, create_graph=create)
                totals = [add_parts(total, part) for total, part in zip(totals, parts, strict=True)]
        pairs = zip(self.inputs, totals, strict=True)
        return [zero_like(x, create) if t is None else t for x, t in pairs]

    def number(self) -> Node | None:
        """The output, which must be one number; None if it depends on no node."""
        y = self.output
        if not isinstance(y, Node):
            tree = isinstance(y, (tuple, list, dict))
            if tree or np.size(y) != 1 or np.asanyarray(y).dtype.kind != "f":
                hint = "ag.vjp and ag.jacobian take any tree of results"
                if isinstance(y, tuple) and len(y) > 1:
                    hint = f"return the number alone, and keep the rest elsewhere; {hint}"
                got = f"{kind(y)} from the function"
                raise GraphError(message(self.what, got, "one number", hint))
            return None
        if np.size(y.data) != 1:
            got = f"a result of shape {np.shape(y.data)} from the function"
            hint = "reduce it by sum() or mean(), or use ag.jacobian"
            raise ShapeError(message(self.what, got, "one number", hint))
        return y

    def returned(self, results: Sequence[Any]) -> list[Any]:
        """Each result as the kind of data that was given: a float, an array or a node."""
        return [
            r if self.nested else like_given(x, r) for x, r in zip(self.given, results, strict=True)
        ]

    def returned_output(self) -> Any:
        """The output as the caller sees it: nodes inside another transform, else plain data."""
        return self.output if self.nested else tree_map(data_copy, self.output)


def _check_result(y: Any, what: str) -> None:
    """Raise for a result that does not depend on any argument differentiably.

    A constant float is a result like any other, with a derivative of 0.
    """
    data = np.asanyarray(data_of(y))
    if data.dtype.kind in "biu":
        shape = f" of shape {data.shape}" if data.ndim else ""
        raise _no_derivative(what, f"a result{shape} of dtype {data.dtype}")
    if data.dtype.kind not in "fO" or (data.dtype.hasobject and not data.ndim):
        dtype = f" of dtype {data.dtype}" if data.dtype.kind == "c" else ""
        hint = "end the function with return" if y is None else "return numbers, arrays or nodes"
        got = f"{kind(y)}{dtype} from the function"
        raise GraphError(message(what, got, "floats, or trees of them", hint))
    if data.dtype.hasobject and any(isinstance(entry, Node) for entry in data.flat):
        got = f"an object array of Values, of shape {data.shape}, from the function"
        raise GraphError(message(what, got, "Values in lists", "return array.tolist()"))


def _no_derivative(what: str, got: str) -> GraphError:
    return GraphError(
        message(
            what,
            f"{got} from the function, which has no derivative",
            "floats",
            "argmax, comparisons and np.allclose give positions and truth values; return what they "
            "pick from, such as x.max() or ag.where(x > 0, x, 0.0)",
        )
    )


def _variable(x: Any, what: str) -> Any:
    """A node of this level for an input, so that its gradient follows no other path to `x`."""
    if isinstance(x, Node):
        if x.requires_grad:
            return make_node(x._backend, x._data, x._backend.identity, (x,), (x._data,), None)
        x = x if isinstance(x, Value) else x._data
    if isinstance(x, Value):
        return Value(x.data)
    array = np.asanyarray(x)
    if isinstance(x, (int, float)) and not isinstance(x, bool):
        array = array.astype(float)
    if array.dtype.kind != "f":
        got = f"an argument, {kind(x)} of dtype {array.dtype}"
        hint = "convert it by .astype(float), or leave it out of argnums"
        if array.dtype.kind not in "biuc":
            got = f"{kind(x)} as an argument"
            hint = "pass floats, arrays, nodes, or trees of them"
        raise DTypeError(message(what, got, "floats", hint))
    return Tensor(array, requires_grad=True)


def add_parts(total: Any, part: Any) -> Any:
    """The sum of two gradients, where None stands for no gradient."""
    if total is None or part is None:
        return part if total is None else total
    return total + part


def zero_like(x: Any, as_node: bool) -> Any:
    """The gradient of a node that nothing depends on."""
    zero = x._data * 0.0 if isinstance(x, Value) else np.zeros_like(x._data)
    return constant(x._backend, zero) if as_node else zero


def data_copy(x: Any) -> Any:
    """The data of a node, as an array of the caller's own or a Python number."""
    data = data_of(x)
    if isinstance(data, np.ndarray):
        return data.copy() if data.ndim else data.item()
    return data


def like_given(given: Any, result: Any) -> Any:
    """A gradient as the kind of data that was given: a float, a NumPy scalar or an array.

    A block of a Jacobian by a float has the axes of the function's result.
    """
    if (
        isinstance(given, (int, float))
        and not isinstance(given, np.generic)
        and not np.ndim(result)
    ):
        return float(result)
    return np.array(result)[()] if isinstance(given, np.generic) else np.array(result)


def positions(argnums: Any, args: Sequence[Any], what: str) -> tuple[list[int], bool]:
    """`argnums` as a list of non-negative ints, and whether it was a single int."""
    single = is_int(argnums)
    numbers = [argnums] if single else argnums
    if not isinstance(numbers, Sequence) or not all(map(is_int, numbers)):
        raise DTypeError(
            message(what, f"argnums={described(argnums)}", "an int or a tuple of ints")
        )
    if numbers and not args:
        hint = "pass differentiated arguments by position; keywords reach the function unchanged"
        raise ShapeError(message(what, "no positional argument", "at least one", hint))
    for i in numbers:
        if not -len(args) <= i < len(args):
            got = f"argnums={described(argnums)} for {counted(len(args), 'argument')}"
            expected = "0" if len(args) == 1 else f"ints from {-len(args)} to {len(args) - 1}"
            raise ShapeError(message(what, got, expected))
    wrt = [int(i) % len(args) for i in numbers]
    if len(set(wrt)) < len(wrt):
        raise ShapeError(message(what, f"argnums={described(argnums)}", "each argument once"))
    return wrt, single


def arranged(args: Sequence[Any], wrt: Sequence[int], single: bool, flat: Sequence[Any]) -> Any:
    """Flat gradients as a tuple of trees like the arguments `wrt`; a single one stands alone."""
    result = unflatten(tuple(args[i] for i in wrt), iter(flat))
    return result[0] if single else result
