"""Templates: how results and changes are built again from the outputs of a program."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compile.guards.places import SIMPLE
from autograd.compile.program import Variable
from autograd.compile.trace.tape import Stand, Tape
from autograd.compile.trace.traced import unwrap
from autograd.engine.graph import Node, constant, make_node
from autograd.engine.note import PLAIN, QUIET, is_cut
from autograd.engine.primitive import Primitive
from autograd.errors import GraphError, message


def _no_graph(g: Any, out: Any, x: Any) -> Any:
    raise GraphError(
        message(
            "backward",
            "a result of a compiled step, whose graph is not kept",
            hint="call backward() inside the step, or compile a function that does not",
        )
    )


# What computed a result whose graph eager execution would have kept.
OF_PROGRAM = Primitive("compiled", lambda x: x, _no_graph, formula="the result of a compiled step")


class Template:
    """How to build a value from the program's outputs: a tree with variables as leaves.

    Attributes:
        arrays: the variables.
        values: what they hold in this call, until it is released.
        objects: the new lists, dictionaries and nodes in the tree, until they were compared.
        words: names for some of them, by place.
        graph: whether the value has a graph that backward() could walk.
        reason: why the value cannot be built, or "".
        shape: the tree. A leaf is ("constant", value), ("number", place), ("array", place, array,
            whether NumPy's scalar, whether writeable) or ("node", array, backend, place of the
            node, whether it has a graph).
    """

    def __init__(self, value: Any, tape: Tape) -> None:
        self.arrays: list[Variable] = []
        self.values: list[Any] = []
        self.objects: list[Any] = []
        self.words: dict[int, str] = {}  # what some of them are called
        self.nodes: list[Any] = []  # until they are settled
        self.reason = ""
        self.graph = False
        self.tape: Tape | None = tape
        self.original = value  # until it is settled
        self.shape = self._of(value)

    @property
    def is_constant(self) -> bool:
        """Whether no output takes part."""
        return not self.arrays

    def _of(self, x: Any) -> Any:
        if isinstance(x, Stand):
            value = x._value
            if x._tape is not self.tape:
                return ("constant", value)
            self.arrays.append(x._variable)
            self.values.append(value)
            place = len(self.arrays) - 1
            if not isinstance(value, (np.ndarray, np.generic)):
                return ("number", place, value)
            return ("array", place, value, isinstance(value, np.generic), value.flags.writeable)
        if isinstance(x, Node) and isinstance(x._data, Stand):
            return self._node(x)
        if type(x) in (list, dict):
            self.objects.append(x)
        if type(x) in (tuple, list):
            return (type(x).__name__, [self._of(e) for e in x])
        if type(x) is dict:
            return ("dict", {k: self._called(k, e) for k, e in x.items()})
        if isinstance(x, tuple) and hasattr(x, "_fields"):
            return ("named", type(x), [self._of(e) for e in x])
        if type(x) not in SIMPLE and not isinstance(x, (np.generic, type, np.dtype)):
            self._object(x)
        return ("constant", x)

    def _node(self, x: Any) -> Any:
        """A Tensor that the step made."""
        graph = x.requires_grad and x.op is not None
        self.graph = self.graph or graph
        if type(x) is not x._backend.node or (x.requires_grad and x.op is None):
            self.reason = f"a new {type(x).__name__}"
        inner = self._of(x._data)
        self.nodes.append(x)
        self.objects.append(x)
        return ("node", inner, x._backend, len(self.nodes) - 1, graph, is_cut(x))

    def _called(self, key: Any, x: Any) -> Any:
        """The entry of a dictionary, whose key is its name."""
        self.words[len(self.arrays)] = key if isinstance(key, str) else ""
        return self._of(x)

    def _object(self, x: Any) -> None:
        """An object that would be the same at each call: what it holds must not be new."""
        if isinstance(x, Node):
            self.reason = self.reason or "a Tensor that was not computed from traced arrays"
        elif isinstance(x, np.ndarray):
            self.reason = self.reason or "an array that was not computed from traced arrays"
        else:
            self.reason = self.reason or f"an object of type {type(x).__name__}"

    def settled(self) -> Any:
        """The value itself, with ordinary arrays in place of traced ones."""
        for node in self.nodes:
            unwrap(node)
        value, self.nodes, self.original = _settled(self.original), [], None
        return value

    def release(self) -> None:
        """Let go of the arrays of the call: from now on the value is built from outputs only."""
        self.tape = None
        self.values, self.objects = [], []
        self.shape = _without_arrays(self.shape)

    def build(self, values: Any) -> Any:
        """The value, from the program's outputs."""
        return build(self.shape, values)


def _settled(x: Any) -> Any:
    """A value without stands. Lists and dictionaries stay the objects that they are, because others
    may hold them too."""
    if isinstance(x, Stand):
        return x._value
    if type(x) is list:
        x[:] = [_settled(e) for e in x]
    elif type(x) is dict:
        x.update({k: _settled(e) for k, e in x.items()})
    elif type(x) is tuple:
        return tuple([_settled(e) for e in x])
    elif isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*[_settled(e) for e in x])
    return x


def build(shape: Any, values: Any) -> Any:
    """What a template describes, from outputs."""
    kind = shape[0]
    if kind == "constant":
        return shape[1]
    if kind == "number":
        return values[shape[1]]
    if kind == "array":
        return finished(values[shape[1]], shape[3], shape[4])
    if kind == "node":
        data = build(shape[1], values)
        if not shape[4]:
            return constant(shape[2], data, QUIET if shape[5] else PLAIN)
        leaf = constant(shape[2], data)
        leaf.requires_grad = True
        return make_node(shape[2], data, OF_PROGRAM, (leaf,), (data,), None)
    if kind == "dict":
        return {k: build(e, values) for k, e in shape[1].items()}
    if kind == "named":
        return shape[1](*[build(e, values) for e in shape[2]])
    made = [build(e, values) for e in shape[1]]
    return tuple(made) if kind == "tuple" else made


def _without_arrays(shape: Any) -> Any:
    kind = shape[0]
    if kind == "number":
        return (kind, shape[1], None)
    if kind == "array":
        return (kind, shape[1], None, *shape[3:])
    if kind == "node":
        return (kind, _without_arrays(shape[1]), *shape[2:])
    if kind == "dict":
        return (kind, {k: _without_arrays(e) for k, e in shape[1].items()})
    if kind == "constant":
        return shape
    return (*shape[:-1], [_without_arrays(e) for e in shape[-1]])


def finished(value: Any, scalar: bool, writeable: bool) -> Any:
    """An output as eager execution returns it: an array or NumPy's scalar, locked or not."""
    if scalar:
        return value[()]
    if type(value) is not np.ndarray:
        value = np.asarray(value)
    if value.flags.writeable is not writeable:
        value.setflags(write=writeable)
    return value
