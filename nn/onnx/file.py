"""From a finished graph to a file, by the library `onnx`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nn.onnx.builder import Builder

MISSING = 'nn.onnx: the library onnx is missing; install it by pip install "glassgrad[onnx]"'


def library() -> Any:
    """The library `onnx`.

    Raises:
        ModuleNotFoundError: it is not installed; the message says how to get it.
    """
    try:
        import onnx
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        raise ModuleNotFoundError(MISSING, name="onnx") from None
    return onnx


Signature = tuple[str, Any, Sequence[Any]]  # a name, a dtype, a shape with names for free axes


def model_of(
    graph: Builder,
    inputs: Iterable[Signature],
    outputs: Iterable[Signature],
    arrays: dict[str, Any],
    facts: dict[str, Any],
) -> Any:
    """The model as a message of protocol buffers, checked.

    Args:
        graph: all nodes and constants.
        inputs, outputs: their signatures.
        arrays: parameters and buffers by name.
        facts: what `load` wants to know, kept as JSON with the model.
    """
    onnx = library()
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    nodes = []
    for node in graph.nodes:
        facts_of_node = {k: attribute(onnx, v) for k, v in node.attributes.items()}
        nodes.append(
            helper.make_node(node.kind, node.inputs, [node.output], node.name, **facts_of_node)
        )
    used = {name for node in graph.nodes for name in node.inputs} | {s[0] for s in outputs}
    stored = {**arrays, **{k: v for k, v in graph.constants.items() if k in used}}
    made = helper.make_graph(
        nodes,
        "glassgrad",
        [value_info(onnx, *s) for s in inputs],
        [value_info(onnx, *s) for s in outputs],
        [
            numpy_helper.from_array(np.ascontiguousarray(v).reshape(v.shape), k)
            for k, v in stored.items()
        ],
    )
    opset = [helper.make_opsetid("", graph.opset)]
    model = helper.make_model(
        made,
        producer_name="glassgrad",
        opset_imports=opset,
        ir_version=helper.find_min_ir_version_for(opset),
    )
    helper.set_model_props(model, {"glassgrad": json.dumps(facts, sort_keys=True)})
    onnx.checker.check_model(model, full_check=True)
    return model


def attribute(onnx: Any, value: Any) -> Any:
    """A static fact as ONNX keeps it: dtypes by number, arrays as tensors."""
    if isinstance(value, np.dtype):
        return onnx.helper.np_dtype_to_tensor_dtype(value)
    return onnx.numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value


def value_info(onnx: Any, name: str, dtype: Any, shape: Sequence[Any]) -> Any:
    """The signature of an input or output."""
    number = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return onnx.helper.make_tensor_value_info(name, number, list(shape))
