"""`nn.onnx.load`: a module that runs an ONNX file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import UnsupportedError, message
from nn.module.module import Module
from nn.module.parameter import Parameter
from nn.onnx.file import library
from nn.onnx.operators import OPERATORS
from nn.training.checkpoint import file_path


def load(path: Any) -> Module:
    """A module that computes what an ONNX file says, and can be trained.

    It knows the operators that `export` writes. Parameters and buffers have the names that they had
    in the model. Only those that the run reads are in the file: not the count of batches of
    `BatchNorm1d` in evaluation, nor a layer that is never called, and a tied parameter is there
    once. So `model.load_state_dict(loaded.state_dict(), strict=False)` gives the model trained
    weights back. In a file by another program, every array of floats is a parameter; one whose name
    is taken (`a` beside `a.b`) gets an underscore.

    Args:
        path: the file. Reading it runs no code from it.

    Returns:
        a Module. Its arguments are the inputs of the file in their order, without those that have
        a default value; it returns the output, or a tuple of several.

    Raises:
        ModuleNotFoundError: the library onnx is not installed.
        UnsupportedError: the file has an operator that is not among these.
        ValueError: it is no ONNX file, or not a valid one.

    Example:
        >>> import nn
        >>> model = nn.onnx.load("model.onnx")  # doctest: +SKIP
        >>> model(np.ones((1, 4)))  # doctest: +SKIP
        Tensor([[0.2, 0. , 0.1]])
    """
    file = file_path("load", path, 'nn.onnx.load("model.onnx")')
    onnx = library()
    if not file.is_file():
        raise FileNotFoundError(message("load", f"{path}", "a file that exists"))
    data = file.read_bytes()
    try:
        model = onnx.load_model_from_string(data)
        onnx.checker.check_model(model)
    except Exception as error:  # of protocol buffers, or of the checker, by the version
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            message("load", f"{path}, which is no valid ONNX file", hint=reason)
        ) from None
    try:
        return Graph(onnx, model)
    except UnsupportedError:
        raise
    except Exception as error:  # an array of another size than its shape says, or the like
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            message("load", f"{path}, which is no valid ONNX file", hint=reason)
        ) from None


class Part(Module):
    """A place for parameters and for further places, under one name of a path."""


class Graph(Module):
    """The graph of a file as a module."""

    def __init__(self, onnx: Any, model: Any) -> None:
        super().__init__()
        graph = model.graph
        facts = facts_of(model)
        self._inputs: list[str] = []  # all attributes first, because parameters avoid their names
        self._outputs = [v.name for v in graph.output]
        self._steps = [step_of(onnx, node) for node in graph.node]
        self._constants: dict[str, Any] = {}
        self._state: dict[str, tuple[Module, str]] = {}
        for tensor in graph.initializer:
            self._keep(tensor.name, onnx.numpy_helper.to_array(tensor), facts)
        self._inputs = [v.name for v in graph.input if not self._has(v.name)]

    def _has(self, name: str) -> bool:
        return name in self._constants or name in self._state

    def _keep(self, name: str, array: Any, facts: dict[str, Any] | None) -> None:
        """An array of the file: a parameter, a buffer or a constant."""
        if facts is None:
            kind_of = "parameters" if array.dtype.kind == "f" and array.ndim else ""
        else:
            kind_of = next((k for k in ("parameters", "buffers") if name in facts[k]), "")
        if not kind_of:
            self._constants[name] = array
            return
        path = [p for p in name.replace("/", ".").replace(":", ".").split(".") if p]
        *parts, last = path or ["array"]
        home: Module = self
        for part in parts:
            while part not in dict(home.named_children()) and hasattr(home, part):
                part += "_"  # after `a`, `a.b` becomes `a_.b`
            if part not in dict(home.named_children()):
                home.register_module(part, Part())
            home = dict(home.named_children())[part]
        while hasattr(home, last):
            last += "_"
        if kind_of == "parameters":
            home.register_parameter(last, Parameter(array))
        else:
            home.register_buffer(last, array)
        self._state[name] = (home, last)

    def forward(self, *inputs: Any) -> Any:
        """Run the graph."""
        if len(inputs) != len(self._inputs):
            expected = f"{len(self._inputs)}: {', '.join(self._inputs)}"
            raise TypeError(message("forward", f"{len(inputs)} arguments", expected))
        given = [x if isinstance(x, ag.Tensor) else np.asanyarray(x) for x in inputs]
        values: dict[str, Any] = dict(self._constants)
        values |= {name: getattr(home, last) for name, (home, last) in self._state.items()}
        values |= zip(self._inputs, given, strict=True)
        for kind_, name, taken, made, facts in self._steps:
            run = OPERATORS[kind_]
            try:
                values[made] = run(*(values[x] if x else None for x in taken), **facts)
            except NotImplementedError as error:
                raise UnsupportedError(message(f"{name}: {kind_}", str(error))) from None
        found = tuple(values[name] for name in self._outputs)
        return found[0] if len(found) == 1 else found


def facts_of(model: Any) -> dict[str, Any] | None:
    """What `export` noted about the arrays; None in a file by another program."""
    for entry in model.metadata_props:
        if entry.key == "glassgrad":
            try:
                facts = json.loads(entry.value)
                return {k: set(facts[k]) for k in ("parameters", "buffers")}
            except (ValueError, TypeError, KeyError, RecursionError):
                return None
    return None


Step = tuple[str, str, list[str], str, dict[str, Any]]


def step_of(onnx: Any, node: Any) -> Step:
    """A node as what runs it needs it.

    Raises:
        UnsupportedError: the operator is none of those that are known.
    """
    if node.op_type not in OPERATORS or node.domain not in ("", "ai.onnx"):
        got = f"the operator {node.op_type} in {node.name or 'a node without a name'}"
        hint = "nn.onnx.load knows the operators that nn.onnx.export writes"
        raise UnsupportedError(message("load", got, hint=hint))
    if len(node.output) != 1:
        raise UnsupportedError(message("load", f"{node.op_type} with {len(node.output)} outputs"))
    facts = {a.name: fact(onnx, a) for a in node.attribute}
    return node.op_type, node.name, list(node.input), node.output[0], facts


def fact(onnx: Any, a: Any) -> Any:
    """A static fact of a node: text as str, a tensor as an array, a dtype as NumPy's."""
    value = onnx.helper.get_attribute_value(a)
    if a.name == "to":
        return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(value))
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, onnx.TensorProto):
        return onnx.numpy_helper.to_array(value)
    return list(value) if a.type == onnx.AttributeProto.INTS else value
