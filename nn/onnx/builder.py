"""The graph under construction: nodes, constants and names, one instruction of a program at a time.

It knows nothing of the library `onnx`; `file.py` turns what is built into a model.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Node:
    """One operator of ONNX: what it is, what goes in and comes out, and its static facts."""

    kind: str
    name: str
    inputs: list[str]
    output: str
    attributes: dict[str, Any]


class Builder:
    """Nodes in order, and the values that they are given.

    Attributes:
        nodes: so far.
        constants: arrays by name.
        names: what the variables of the program are called in the graph.
        opset: the version of the operators.
    """

    def __init__(self, opset: int) -> None:
        self.opset = opset
        self.nodes: list[Node] = []
        self.constants: dict[str, Any] = {}
        self.names: dict[Any, str] = {}
        self.path = ""
        self._used: Counter[str] = Counter()

    def unique(self, name: str) -> str:
        """The name, with a number if it is taken."""
        self._used[name] += 1
        return name if self._used[name] == 1 else self.unique(f"{name}_{self._used[name]}")

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node of the module that is being written; returns the name of its result."""
        name = self.unique(f"{self.path}/{kind}" if self.path else kind)
        self.nodes.append(Node(kind, name, list(inputs), name, attributes))
        return name

    def constant(self, array: Any, name: str = "constant") -> str:
        """An array that is part of the file."""
        found = self.unique(f"{self.path}/{name}" if self.path else name)
        self.constants[found] = np.array(array)
        return found

    def ints(self, *numbers: int) -> str:
        """A shape, axes or the like, as one array of integers."""
        return self.constant(np.array(numbers, np.int64))

    def value(self, x: Any, dtype: Any = None) -> str:
        """A variable of the program or a number, converted where it has another dtype."""
        if not hasattr(x, "kind"):
            array = np.asarray(x, dtype)
            return self.constant(array)
        if x.kind == "constant":
            return self.constant(x.value if dtype is None else x.value.astype(dtype))
        name = self.names[x]
        return name if dtype is None else self.cast(name, x.dtype, dtype)

    def cast(self, name: str, old: Any, new: Any) -> str:
        """A value in another dtype."""
        if np.dtype(old) == np.dtype(new):
            return name
        return self.node("Cast", name, to=np.dtype(new))

    # --- what several operations are written with ---

    def reshape(self, x: str, shape: Iterable[int]) -> str:
        """The same entries in another shape."""
        return self.node("Reshape", x, self.ints(*shape), allowzero=1)

    def transpose(self, x: str, axes: Iterable[int]) -> str:
        """The axes in another order."""
        order = [int(axis) for axis in axes]
        return x if order == sorted(order) else self.node("Transpose", x, perm=order)

    def expand(self, x: str, shape: Iterable[int]) -> str:
        """Repeated to a shape."""
        return self.node("Expand", x, self.ints(*shape))

    def filled(self, shape: Iterable[int], value: Any, dtype: Any) -> str:
        """An array of equal entries."""
        return self.node("ConstantOfShape", self.ints(*shape), value=np.array([value], dtype))


def is_variable(x: Any) -> bool:
    """Whether an argument of an instruction is an array of the program."""
    return hasattr(x, "kind") and hasattr(x, "weak")


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of an argument."""
    return tuple(x.shape) if is_variable(x) else np.shape(x)


def dtype_of(x: Any) -> Any:
    """The dtype of an argument."""
    return np.dtype(x.dtype) if is_variable(x) else np.asarray(x).dtype


def common(*arguments: Any) -> Any:
    """The dtype in which NumPy computes with some arguments, of which numbers do not decide."""
    weak = {"b": False, "i": 0, "u": 0, "f": 0.0}
    kinds = []
    for x in arguments:
        is_weak = x.weak if is_variable(x) else not isinstance(x, (np.ndarray, np.generic))
        kinds.append(weak[dtype_of(x).kind] if is_weak else dtype_of(x))
    return np.result_type(*kinds)


def bound(i: Any, *names: str, **defaults: Any) -> list[Any]:
    """The arguments of an instruction in the order of their names; missing ones by their defaults.

    Raises:
        NotImplementedError: there is an argument of another name.
    """
    empty = inspect.Parameter.empty
    parameters = [
        inspect.Parameter(
            n, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=defaults.get(n, empty)
        )
        for n in names
    ]
    try:
        found = inspect.Signature(parameters).bind(*i.args, **i.kwargs)
    except TypeError as error:
        raise NotImplementedError(f"{i.operation.name} with {error}") from None
    found.apply_defaults()
    return list(found.arguments.values())
