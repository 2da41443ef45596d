"""A function's program as JSON, which the page of a drawing runs in JavaScript."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import Variable
from autograd.compile.written import Written, written
from autograd.errors import UnsupportedError
from autograd.visualize.recompute import NotRecomputed, encoded_array, operations


def in_json(function: Callable[..., Any], arrays: list[Any]) -> dict[str, Any]:
    """The program of a function: "inputs", positions among the arrays, "instructions", "outputs".

    Raises:
        NotRecomputed: the function cannot be written down, or JavaScript lacks an operation.
    """
    try:
        found = written(function, tuple(arrays), {})
    except UnsupportedError as error:
        raise NotRecomputed(str(error)) from error
    seen = {check.how for check in found.looked} - {"shape", "dtype"}
    if seen:  # another value might take another branch
        raise NotRecomputed("the kernel or a rule of an operation looks at values")
    return _encoded(found)


def _encoded(found: Written) -> dict[str, Any]:
    """A program: registers hold its inputs, then the result of each instruction."""
    registers: dict[Variable, int] = {}
    constants: dict[Variable, Any] = {}
    inputs = []
    for v, place, value in zip(found.program.inputs, found.places, found.values, strict=True):
        argument = re.fullmatch(r"args\[(\d+)\]", place)
        if argument:
            registers[v] = len(registers)
            inputs.append(int(argument[1]))
        else:  # an array of a static argument, such as an index
            constants[v] = encoded_array(np.asarray(value))

    def tree(x: Any) -> Any:
        if isinstance(x, Variable):
            if x in registers:
                return {"register": registers[x]}
            return constants[x] if x in constants else encoded_array(np.asarray(x.value))
        return _encoded_argument(x, tree)

    instructions = []
    for i in found.program.instructions:
        if i.operation.name not in operations():
            raise NotRecomputed(f"the page has no kernel for {i.operation.name}")
        instructions.append(
            {
                "name": i.operation.name,
                "args": [tree(x) for x in i.args],
                "kwargs": {key: tree(x) for key, x in i.kwargs.items()},
                "dtype": np.dtype(i.result.dtype).name,
            }
        )
        registers[i.result] = len(registers)
    outputs = [tree(v) for v in found.program.outputs]
    return {"inputs": inputs, "instructions": instructions, "outputs": outputs}


def _encoded_argument(x: Any, tree: Callable[[Any], Any]) -> Any:
    """An argument that is no variable."""
    if isinstance(x, (tuple, list)):
        return [tree(part) for part in x]
    if isinstance(x, slice):
        return {"slice": [tree(x.start), tree(x.stop), tree(x.step)]}
    if x is Ellipsis:
        return "..."
    if isinstance(x, np.ufunc):
        return x.__name__
    if isinstance(x, (type, np.dtype)):
        return np.dtype(x).name
    if isinstance(x, np.ndarray):
        return encoded_array(x)
    if isinstance(x, np.generic):
        return tree(x.item())
    if isinstance(x, float) and not math.isfinite(x):
        return {"number": {math.inf: "Infinity", -math.inf: "-Infinity"}.get(x, "NaN")}
    if x is None or isinstance(x, (bool, int, float, str)):
        return x
    raise NotRecomputed(f"an operation has an argument {x!r}")
