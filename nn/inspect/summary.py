"""The summary of a model: output, parameters and multiply-adds of each layer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, Node, ShapeError, Tensor, ancestors, enable_grad, multiply_adds
from autograd.errors import counted, kind, message
from autograd.html import shown
from autograd.html import table as table_of
from autograd.tables import table
from nn.module.module import Module
from nn.training.modes import restored_modes


class Row(NamedTuple):
    """One module of a `Summary`.

    Attributes:
        path: its path, "" for the model itself.
        kind: its class.
        output: the shape of its output, or a tuple or dictionary of shapes; None if it was not
            called.
        parameters: the number of entries of its parameters, those of its submodules included.
        frozen: how many of them require no gradient.
        multiply_adds: the multiply-adds of its contractions, for the input given.
    """

    path: str
    kind: str
    output: Any
    parameters: int
    frozen: int
    multiply_adds: int


class Summary:
    """The result of `summary`; printing it shows a table.

    Attributes:
        rows: one for each module, the model itself first.
        parameter_bytes: the memory of all parameters.
    """

    def __init__(self, rows: list[Row], parameter_bytes: int) -> None:
        self.rows, self.parameter_bytes = rows, parameter_bytes

    @property
    def parameters(self) -> int:
        """The number of entries of the model's parameters."""
        return self.rows[0].parameters

    @property
    def multiply_adds(self) -> int:
        """The multiply-adds of the whole model, for the input given."""
        return self.rows[0].multiply_adds

    def __str__(self) -> str:
        head = ("layer", "output", "parameters", "multiply-adds")
        found = table(head, map(self._cells, self.rows), left=(0, 1), closed=True)
        whole = self.rows[0]
        frozen = f", {whole.frozen:,} of them frozen" if whole.frozen else ""
        return (
            f"{found}\n{whole.parameters:,} parameter{'s' * (whole.parameters != 1)} "
            f"({_memory(self.parameter_bytes)}){frozen}; {whole.multiply_adds:,} multiply-adds"
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """For notebooks: a table that indents modules by their level."""
        head = ("layer", "output", "parameters", "multiply-adds")
        rows = [
            [title.replace(" ", "\u00a0"), *others]
            for title, *others in map(self._cells, self.rows)
        ]
        facts = [counted(self.parameters, "parameter"), _memory(self.parameter_bytes)]
        facts += [f"{self.rows[0].frozen:,} frozen"] * bool(self.rows[0].frozen)
        facts += [f"{self.multiply_adds:,} multiply-adds"]
        return shown(self.rows[0].kind, facts, table_of(head, rows, left=(0, 1)))

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
    """Run a model once on zeros, in evaluation mode, and summarize its layers.

    Args:
        model: any module.
        input_shape: the shape of the input with its batch axis, or a list of shapes.
        dtypes: the dtype of the inputs, or one for each; `int` for tokens.

    Returns:
        a `Summary`. Multiply-adds are counted in the graph, at the engine's contractions, not
        estimated from the options of layers.

    Raises:
        TypeError: `model` is not a module, or takes another number of inputs.
        ShapeError: an input shape is not a tuple of lengths, or a layer cannot take the input.
        DTypeError: a dtype is not one of NumPy's.
        ValueError: the numbers of shapes and dtypes differ.

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
        raise TypeError(message("summary", kind(model), "a module"))
    inputs = _inputs(input_shape, dtypes)
    try:
        inspect.signature(model.forward).bind(*inputs)
    except TypeError:
        got, expected = counted(len(inputs), "input"), f"as many as {type(model).__name__} takes"
        hint = "pass a list of one shape for each"
        raise TypeError(message("summary", got, expected, hint)) from None
    outputs: dict[int, Any] = {}

    def seen(module: Module, _: Any, out: Any) -> None:
        outputs[id(module)] = _shapes(out)

    learns = [(p, p.requires_grad) for p in model.parameters()]
    handles = [module.register_forward_hook(seen) for module in model.modules()]
    try:
        with restored_modes(model), enable_grad():
            model.eval()
            model.requires_grad_(True)  # a frozen layer would leave no graph to count in
            result = model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
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


def _inputs(input_shape: Any, dtypes: Any) -> list[Any]:
    """Zeros of one shape or of several."""
    several = isinstance(input_shape, list) and not all(map(_is_length, input_shape))
    shapes = input_shape if several else [input_shape]
    each = dtypes if isinstance(dtypes, (list, tuple)) else [dtypes] * len(shapes)
    if len(each) != len(shapes):
        got = counted(len(each), "dtype")
        raise ValueError(message("summary", got, f"{len(shapes)}, one for each input"))
    return [_zeros(shape, dtype) for shape, dtype in zip(shapes, each, strict=True)]


def _is_length(n: Any) -> bool:
    return isinstance(n, (int, np.integer)) and int(n) >= 0


def _zeros(shape: Any, dtype: Any) -> Any:
    lengths = shape if isinstance(shape, (tuple, list)) else [shape]
    if not all(map(_is_length, lengths)):
        given = hasattr(shape, "shape")
        got = kind(shape) if given else f"input_shape={shape!r}"
        hint = "pass x.shape" if given else ""
        raise ShapeError(message("summary", got, "a shape, e.g. (1, 64)", hint))
    try:
        zeros = np.zeros(shape, dtype)
    except TypeError:
        expected = "a dtype of NumPy, e.g. float or int"
        raise DTypeError(message("summary", f"dtypes={dtype!r}", expected)) from None
    return Tensor(zeros, requires_grad=True) if zeros.dtype.kind == "f" else zeros


def _shapes(out: Any) -> Any:
    """The shape of an output; of a container, a container of shapes."""
    if isinstance(out, Mapping):
        return {key: _shapes(part) for key, part in out.items() if part is not None}
    if isinstance(out, (tuple, list)):
        return tuple(_shapes(part) for part in out if part is not None)
    return None if out is None else np.shape(out)


def _multiply_adds(result: Any) -> dict[str, int]:
    """The multiply-adds of each module, by its path."""
    counts: dict[str, int] = {}
    for node in ancestors(_nodes(result)):
        if count := multiply_adds(node):
            counts[node.module] = counts.get(node.module, 0) + count
    return counts


def _nodes(result: Any) -> list[Node]:
    if isinstance(result, Node):
        return [result]
    parts = result.values() if isinstance(result, Mapping) else result
    return [x for part in parts for x in _nodes(part)] if isinstance(result, CONTAINERS) else []


CONTAINERS = (tuple, list, Mapping)


def _is_in(place: str, path: str) -> bool:
    return not path or place == path or place.startswith(path + ".")


def _memory(count: int) -> str:
    size, units = float(count), ["B", "kB", "MB", "GB"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:.1f} {units[0]}" if units[0] != "B" else f"{count} B"
