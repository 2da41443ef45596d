"""A model as a table: for each layer its output, its parameters, its multiply-adds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd import Node, Tensor, ancestors, enable_grad
from nn.module.module import Module


class Row(NamedTuple):
    """One module of a `Summary`.

    Attributes:
        path: its path, "" for the model itself.
        kind: its class.
        output: the shape of its output, or several; None if it was not called.
        parameters: how many numbers it can learn, with those of the modules in it.
        frozen: how many of them require no gradient.
        multiply_adds: of matrix products and other contractions, for the input given.
    """

    path: str
    kind: str
    output: Any
    parameters: int
    frozen: int
    multiply_adds: int


class Summary:
    """What `summary` found; printing it shows the table.

    Attributes:
        rows: one for each module, the model itself first.
        parameter_bytes: the memory of all parameters.
    """

    def __init__(self, rows: list[Row], parameter_bytes: int) -> None:
        self.rows, self.parameter_bytes = rows, parameter_bytes

    @property
    def parameters(self) -> int:
        """How many numbers the model can learn."""
        return self.rows[0].parameters

    @property
    def multiply_adds(self) -> int:
        """Of the whole model, for the input given."""
        return self.rows[0].multiply_adds

    def __str__(self) -> str:
        head = ("layer", "output", "parameters", "multiply-adds")
        cells = [head, *(self._cells(row) for row in self.rows)]
        widths = [max(len(line[i]) for line in cells) for i in range(4)]
        lines = [
            f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}"
            for a, b, c, d in cells
        ]
        lines.insert(1, "─" * (sum(widths) + 6))
        whole = self.rows[0]
        frozen = f", {whole.frozen:,} of them frozen" if whole.frozen else ""
        lines += [
            "─" * (sum(widths) + 6),
            f"{whole.parameters:,} parameters ({_memory(self.parameter_bytes)}){frozen}; "
            f"{whole.multiply_adds:,} multiply-adds",
        ]
        return "\n".join(line.rstrip() for line in lines)

    __repr__ = __str__

    @staticmethod
    def _cells(row: Row) -> tuple[str, str, str, str]:
        level = row.path.count(".") + 1 if row.path else 0
        name = row.path.rpartition(".")[2]
        title = f"{name}: {row.kind}" if name else row.kind
        parameters, products = (f"{n:,}" if n else "·" for n in (row.parameters, row.multiply_adds))
        output = "·" if row.output is None else str(row.output)
        return ("  " * level + title, output, parameters, products)


def summary(
    model: Module, input_shape: Any, *, dtypes: npt.DTypeLike | Sequence[npt.DTypeLike] = float
) -> Summary:
    """Run a model once on zeros, in evaluation mode, and tell what its layers do.

    Args:
        model: any module.
        input_shape: the shape of the input with its batch axis, or a list of shapes.
        dtypes: of the inputs; `int` for tokens.

    Returns:
        a table, with its rows as data. Multiply-adds are counted where they happen, in the
        contractions of the engine, not estimated from the layers' options.

    Raises:
        TypeError: the model is no module.

    Example:
        >>> import nn
        >>> print(nn.summary(nn.Sequential(nn.Linear(64, 32), nn.ReLU()), (1, 64)))
        layer        output   parameters  multiply-adds
        ───────────────────────────────────────────────
        Sequential   (1, 32)       2,080          2,048
          0: Linear  (1, 32)       2,080          2,048
          1: ReLU    (1, 32)           ·              ·
        ───────────────────────────────────────────────
        2,080 parameters (16.6 kB); 2,048 multiply-adds
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary: a {type(model).__name__} came; a module is expected")
    shapes = input_shape if isinstance(input_shape, list) else [input_shape]
    kinds = dtypes if isinstance(dtypes, (list, tuple)) else [dtypes] * len(shapes)
    inputs = [_zeros(shape, kind) for shape, kind in zip(shapes, kinds, strict=True)]
    outputs: dict[int, Any] = {}

    def seen(module: Module, _: Any, out: Any) -> None:
        outputs[id(module)] = _shapes(out)

    modes = [(module, module.training) for module in model.modules()]
    learns = [(p, p.requires_grad) for p in model.parameters()]
    handles = [module.register_forward_hook(seen) for module in model.modules()]
    try:
        model.eval()
        model.requires_grad_(True)  # what does not, leaves no graph in which to count
        with enable_grad():
            result = model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
        for p, requires_grad in learns:
            p.requires_grad_(requires_grad)
    counts = _multiply_adds(result)
    rows = [
        Row(
            path,
            type(module).__name__,
            outputs.get(id(module)),
            sum(p.size for p in module.parameters()),
            sum(p.size for p in module.parameters() if not p.requires_grad),
            sum(n for at, n in counts.items() if _is_in(at, path)),
        )
        for path, module in model.named_modules()
    ]
    return Summary(rows, sum(p.size * p.dtype.itemsize for p in model.parameters()))


def _zeros(shape: Any, kind: npt.DTypeLike) -> Any:
    zeros = np.zeros(shape, kind)
    return Tensor(zeros, requires_grad=True) if zeros.dtype.kind == "f" else zeros


def _shapes(out: Any) -> Any:
    if isinstance(out, (tuple, list)):
        return tuple(_shapes(part) for part in out if part is not None)
    return np.shape(out)


def _multiply_adds(result: Any) -> dict[str, int]:
    """How many there were in each module, by its path."""
    counts: dict[str, int] = {}
    for node in ancestors(_nodes(result)):
        n = _products(node)
        if n:
            counts[node.module] = counts.get(node.module, 0) + n
    return counts


def _nodes(result: Any) -> list[Node]:
    if isinstance(result, Node):
        return [result]
    return [x for part in result for x in _nodes(part)] if isinstance(result, (tuple, list)) else []


def _products(node: Any) -> int:
    name = None if node.op is None else node.op.name
    if name in ("matmul", "inner"):
        return int(math.prod(node.shape)) * int(np.shape(node.saved[0])[-1])
    if name == "einsum" and node.static is not None and len(node.saved) > 1:
        letters = node.static["subscripts"].split("->")[0].split(",")
        shapes = map(np.shape, node.saved)
        lengths = {
            c: n
            for term, s in zip(letters, shapes, strict=True)
            for c, n in zip(term, s, strict=True)
        }
        return math.prod(lengths.values())
    return 0


def _is_in(place: str, path: str) -> bool:
    return not path or place == path or place.startswith(path + ".")


def _memory(count: int) -> str:
    size, units = float(count), ["B", "kB", "MB", "GB"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:.1f} {units[0]}" if units[0] != "B" else f"{count} B"
