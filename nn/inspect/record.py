"""`record`: keeps every node of a training's passes, forward and backward, to compare two runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import (
    Node,
    SourceLine,
    Tensor,
    ancestors,
    data_of,
    is_recording,
    line_of,
    record_lines,
    replay,
    watch_backward,
)
from autograd.errors import counted, kind, message
from nn.module.module import Module


class Recorded(NamedTuple):
    """One node of a pass.

    Attributes:
        operation: the primitive; "parameter" or "leaf" for a leaf, whose name follows.
        module: the path of the module, "" for none.
        line: the line of the program.
        data: its value.
        given: the plain data among its arguments, by position.
        gradient: its gradient in this pass; None if there is none.
        handed: what it handed to its arguments, by position.
    """

    operation: str
    module: str
    line: SourceLine | None
    data: Any
    given: dict[int, Any]
    gradient: Any
    handed: dict[int, Any]


class Pass(NamedTuple):
    """One backward pass: its nodes, oldest first, and values by the names of modules.

    Attributes:
        nodes: the nodes of the loss's graph.
        values: parameters ("0.weight"), outputs ("0.out"), their gradients ("0.out.grad" and
            "0.weight.grad") and the "loss", in the order in which they come about.
    """

    nodes: list[Recorded]
    values: dict[str, Any]


class Recording:
    """The passes of a run; `nn.compare` compares two of them.

    Attributes:
        passes: the backward passes, in order.
    """

    def __init__(self) -> None:
        self.passes: list[Pass] = []

    def __repr__(self) -> str:
        nodes = sum(len(p.nodes) for p in self.passes)
        return f"Recording({counted(len(self.passes), 'pass')}, {counted(nodes, 'node')})"

    def save(self, path: str | Path, number: int = 0) -> None:
        """Write the named values of one pass to an .npz file, as `compare` reads it.

        Args:
            path: the file.
            number: the pass, from 0.

        Raises:
            IndexError: there is no such pass.
        """
        if not 0 <= number < len(self.passes):
            got = f"pass {number} of {len(self.passes)}"
            raise IndexError(message("Recording.save", got, "a pass that was recorded"))
        np.savez(path, **self.passes[number].values)


@contextlib.contextmanager
def record(model: Any) -> Iterator[Recording]:
    """Keep every node of each backward pass, its value, its gradient and its line.

    Arrays are not copied, but they stay in memory as long as the recording: record a few steps.

    Args:
        model: the module whose outputs and parameters get names.

    Yields:
        a `Recording`, which grows with each backward pass.

    Raises:
        TypeError: `model` is not a module.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
        >>> with nn.record(model) as run:
        ...     model(np.ones((1, 2))).sum().backward()
        >>> run
        Recording(1 pass, 6 nodes)
        >>> list(run.passes[0].values)[:3]
        ['0.weight', '0.bias', '0.out']
    """
    if not isinstance(model, Module):
        raise TypeError(message("record", kind(model), "a module"))
    run = Recording()
    outputs: dict[str, Any] = {}
    undo = []
    for path, module in model.named_modules():

        def note(module: Module, inputs: Any, out: Any, path: str = path) -> None:
            out = out[0] if isinstance(out, tuple) else out
            if isinstance(out, Tensor) and is_recording():
                outputs[f"{path}.out" if path else "out"] = out

        undo.append(module.register_forward_hook(note))

    def look(root: Node, seed: Any, adds: bool) -> None:
        if adds:
            run.passes.append(_pass(model, root, seed, outputs))
            outputs.clear()

    try:
        with record_lines(), watch_backward(look):
            yield run
    finally:
        for handle in undo:
            handle.remove()


def _pass(model: Module, root: Node, seed: Any, outputs: dict[str, Any]) -> Pass:
    names = {id(p): name for name, p in model.named_parameters()}
    found = replay(root, seed)
    steps = {step.node: step for step in found.steps}
    nodes = [_recorded(node, steps.get(node), names) for node in ancestors([root])]
    values = {name: np.asarray(data_of(p)) for name, p in model.named_parameters()}
    values |= {name: np.asarray(data_of(out)) for name, out in outputs.items()}
    values["loss"] = np.asarray(data_of(root))
    named: dict[Node, list[str]] = {}  # the model's output is that of its last layer too
    for name, node in (*outputs.items(), *model.named_parameters()):
        named.setdefault(node, []).append(name)
    for step in found.steps:
        for name in named.get(step.node, ()):
            values[f"{name}.grad"] = np.asarray(step.cotangent)
    return Pass(nodes, values)


def _recorded(node: Node, step: Any, names: dict[int, str]) -> Recorded:
    operation = node.op.name if node.op is not None else f"leaf {node.name or ''}".strip()
    if id(node) in names:
        operation = f"parameter {names[id(node)]}"
    pairs = enumerate(zip(node.inputs, node.saved, strict=True))
    given = {i: d for i, (x, d) in pairs if x is None}
    handed = {} if step is None else {c.argument: c.value for c in step.contributions}
    gradient = None if step is None else step.cotangent
    line = line_of(node)
    return Recorded(operation, node.module, line, data_of(node), given, gradient, handed)
