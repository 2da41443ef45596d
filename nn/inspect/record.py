"""`record`: keeps every node of a training's passes, forward and backward, to compare two runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, overload

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
from nn.arguments import size
from nn.inspect.over_time import over_time
from nn.inspect.reach import Reach
from nn.inspect.timeline import Timeline
from nn.module.module import Module
from nn.training.checkpoint import file_path


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


@overload
def record(
    model: Any, path: None = None, *, every: None = None, sample: None = None
) -> AbstractContextManager[Recording]: ...
@overload
def record(
    model: Any, path: str | os.PathLike[str], *, every: int | None = None, sample: Any = None
) -> AbstractContextManager[Timeline]: ...
def record(model: Any, path: Any = None, *, every: int | None = None, sample: Any = None) -> Any:
    """Keep what a training does: everything of a few steps, or statistics of all of them.

    A backward pass counts if it reaches a parameter of the model that requires a gradient, so of
    several models that are recorded together, each has its own passes and losses.

    Without a path, every node of each such pass is kept, its value, its gradient and its line,
    for `nn.compare`. Arrays are not copied, but they stay in memory as long as the recording:
    record a few steps.

    With a path, the loss and statistics of outputs, gradients, weights and updates go to a file,
    for `nn.viewer`. They are taken from 256 entries of each array. The file holds at most 400
    steps, and fewer for models of more than 100 arrays: when it is full, every second step is
    dropped, and from then on half as many are measured. It is written when the block ends, even
    by an error. A layer that is called several times in a pass is measured in its last call.

    Args:
        model: the module whose outputs and parameters get names.
        path: the file of statistics, such as "run.glass".
        every: with a path, measure every so many backward passes; by default one of two,
            and half as often whenever 32 of them are kept, down to one of sixteen. Which one
            varies, so that each of several micro-batches has its turn.
        sample: with a path, what to call the model with at up to 32 moments of the training, in
            evaluation mode, to show how its activations move: a batch of one, such as `x[:1]`; a
            tuple holds several arguments.

    Returns:
        a context manager, for one block. It yields a `Recording`, which grows with each backward
        pass, or, with a path, a `Timeline`, which is complete when the block ends.

    Raises:
        TypeError: `model` is not a module, `path` is not a path, or `sample` is an empty tuple.
        ValueError: `every` is not a positive integer, or `every` or `sample` was given without a
            path.
        IsADirectoryError: `path` is a folder.
        RuntimeError: the block is entered a second time.
        ShapeError: the model refuses `sample`, or whatever else it raises for it.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
        >>> with nn.record(model) as run:
        ...     model(np.ones((1, 2))).sum().backward()
        >>> run
        Recording(1 pass, 6 nodes)
        >>> list(run.passes[0].values)[:3]
        ['0.weight', '0.bias', '0.out']
        >>> import os, tempfile
        >>> with nn.record(model, os.path.join(tempfile.mkdtemp(), "run.glass")) as timeline:
        ...     model(np.ones((1, 2))).sum().backward()
        >>> timeline
        Timeline(1 step, 2 layers, 10 arrays)
    """
    if not isinstance(model, Module):
        raise TypeError(message("record", kind(model), "a module"))
    if isinstance(sample, tuple) and not sample:
        raise TypeError(message("record", "sample=()", "what the model is called with"))
    if path is not None:
        step = None if every is None else size("record", "every", every, 1)
        file = file_path("record", path, "nn.record(model, path)")
        if file.is_dir():
            raise IsADirectoryError(message("record", f"the folder {file}", "the path of a file"))
        return _Block(lambda: over_time(model, file, step, sample))
    for name, given in (("every", every), ("sample", sample)):
        if given is not None:
            got = f"{name}={given}" if name == "every" else name
            raise ValueError(message("record", f"{got} without a path", "a path for the file"))
    return _Block(lambda: _record(model))


class _Block(AbstractContextManager[Any]):
    """A context manager for one block, which says so when it is entered again."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Any]]) -> None:
        self._begin: Callable[[], AbstractContextManager[Any]] | None = begin

    def __enter__(self) -> Any:
        if self._begin is None:
            hint = "call nn.record again for another one"
            raise RuntimeError(message("record", "a second block", "one block per call", hint))
        self._inner, self._begin = self._begin(), None
        return self._inner.__enter__()

    def __exit__(self, *error: Any) -> bool | None:
        return self._inner.__exit__(*error)


@contextlib.contextmanager
def _record(model: Module) -> Iterator[Recording]:
    run = Recording()
    outputs: dict[str, Any] = {}
    undo, reach = [], Reach(model)
    for path, module in model.named_modules():

        def note(module: Module, inputs: Any, out: Any, path: str = path) -> None:
            out = out[0] if isinstance(out, tuple) else out
            if isinstance(out, Tensor) and is_recording():
                outputs[f"{path}.out" if path else "out"] = out

        undo.append(module.register_forward_hook(note))

    def look(root: Node, seed: Any, adds: bool) -> None:
        if adds and reach.includes(root, outputs.values()):
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
