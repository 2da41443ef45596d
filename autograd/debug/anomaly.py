"""Where the first nan or inf was born, forward or backward, and what only passed it on."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from autograd.debug.replay import replay
from autograd.debug.source_lines import SourceLine, line_of, record_lines
from autograd.engine.backward import backward_watch
from autograd.engine.graph import Node, ancestors
from autograd.errors import AnomalyError, UnsupportedError


class Anomaly(NamedTuple):
    """A number that is none, and where it was born.

    Attributes:
        phase: "forward" or "backward".
        kind: "nan" or "inf".
        operation: the primitive, or "leaf" where it came in from outside.
        argument: in a backward pass the input whose gradient it is; else None.
        module: the path of the module, "" for none.
        line: the user's line, if lines were recorded.
        statistics: a line for each input of the operation.
        birth: whether it was born here. Otherwise it was masked here, or came in.
        note: what else there is to say.
    """

    phase: str
    kind: str
    operation: str
    argument: int | None
    module: str
    line: SourceLine | None
    statistics: tuple[str, ...]
    birth: bool
    note: str

    def __str__(self) -> str:
        where = f" in module {self.module}" if self.module else ""
        line = f"\n  at {self.line}" if self.line is not None else ""
        inputs = "".join(f"\n  {text}" for text in self.statistics)
        if self.birth and self.phase == "forward":
            what = f"{self.operation} made the first {self.kind}"
        elif self.birth:
            of = f"{self.operation} for argument {self.argument}"
            what = f"the gradient of {of} is the first {self.kind}"
        else:
            what = f"{self.operation}: {self.kind}"
        return f"{self.phase}: {what}{where}; {self.note}{line}{inputs}"


def find_anomalies(root: Node, seed: Any = None) -> list[Anomaly]:
    """Where the nan or inf in a result, or in the gradients of its leaves, was born.

    Args:
        root: the result, such as a loss.
        seed: the cotangent to start from; 1 if the root is one number.

    Returns:
        the births, the oldest first; empty if result and gradients are finite. Then come places
        where a rule gave nan or inf to an entry whose own gradient is 0, such as the branch that a
        `where` does not take; the engine counts that as 0.

    Example:
        >>> x = ag.Tensor([1.0, 0.0], requires_grad=True)
        >>> [found] = ag.find_anomalies((ag.log(x) * x).sum())[:1]
        >>> found.operation, found.kind
        ('mul', 'nan')
    """
    found = _forward(root)
    if root.requires_grad and not found:
        found = _backward(root, seed)
    return found


def _forward(root: Node) -> list[Anomaly]:
    kind = _kind(root._data)
    if kind is None:
        return []
    births: list[Anomaly] = []
    for node in ancestors([root]):
        if not _has(node._data, kind):
            continue
        if node.op is None:
            note = "it was there from the start: a leaf holds it"
            births.append(_anomaly("forward", kind, node, None, False, note))
        elif not any(_has(datum, kind) for datum in node.saved):
            others = [k for k in ("nan", "inf") if any(_has(d, k) for d in node.saved)]
            note = "its inputs were finite"
            if others:
                note = f"an input held {others[0]}, and {_reason(node.op.name)}"
            births.append(_anomaly("forward", kind, node, None, True, note))
        elif any(x is None and _has(d, kind) for x, d in zip(node.inputs, node.saved, strict=True)):
            births.append(_anomaly("forward", kind, node, None, False, "a constant held it"))
        else:
            continue
        if len(births) == 1:
            affected = sum(_has(n._data, kind) for n in ancestors([root]) if n.op is not None)
            births[0] = births[0]._replace(
                note=f"{births[0].note}; {affected} results of the graph hold it"
            )
    return [b for b in births if b.birth][:1] + [b for b in births if not b.birth][:1] or births[:1]


def _backward(root: Node, seed: Any) -> list[Anomaly]:
    births: list[Anomaly] = []
    masked: list[Anomaly] = []
    for step in replay(root, seed).steps:
        for c in step.contributions:
            kind = _kind(c.value)
            if kind is not None and not _has(step.cotangent, kind) and not births:
                note = "the gradient that came to it " + (
                    "was finite"
                    if _kind(step.cotangent) is None
                    else f"held {_kind(step.cotangent)}"
                )
                births.append(_anomaly("backward", kind, step.node, c.argument, True, note))
            elif kind is None and _kind(c.raw) is not None:
                note = (
                    "its slope is infinite or nan where the gradient that came to it is 0, and 0 "
                    f"· {_kind(c.raw)} "
                    "counts as 0: a branch that is not taken, as behind a where"
                )
                masked.append(
                    _anomaly("backward", _kind(c.raw) or "", step.node, c.argument, False, note)
                )
    return births + masked


def _anomaly(
    phase: str, kind: str, node: Node, argument: int | None, birth: bool, note: str
) -> Anomaly:
    operation = node.op.name if node.op is not None else f"leaf {node.name or ''}".strip()
    data = node.saved if node.op is not None else (node._data,)
    names = [x.name if x is not None else None for x in node.inputs] or [None]
    texts = tuple(
        f"input {i}{f' ({name})' if name else ''}: {statistics(datum)}"
        for i, (datum, name) in enumerate(zip(data, names, strict=True))
    )
    return Anomaly(phase, kind, operation, argument, node.module, line_of(node), texts, birth, note)


def statistics(data: Any) -> str:
    """The shape, the range of the finite entries, and how many are not.

    Example:
        >>> from autograd.debug.anomaly import statistics
        >>> statistics(np.array([1.0, -2.0, np.inf]))
        'shape (3,), from -2 to 1, mean -0.5, 0 nan, 1 inf, 0 zero'
    """
    array = np.asarray(data, float)
    finite = array[np.isfinite(array)]
    extent = "no finite entries"
    if finite.size:
        extent = f"from {finite.min():.6g} to {finite.max():.6g}, mean {finite.mean():.6g}"
    counts = f"{np.isnan(array).sum()} nan, {np.isinf(array).sum()} inf, {(array == 0).sum()} zero"
    return f"shape {array.shape}, {extent}, {counts}"


def _has(data: Any, kind: str) -> bool:
    array = np.asarray(data)
    if array.dtype.kind != "f":
        return False
    return bool((np.isnan(array) if kind == "nan" else np.isinf(array)).any())


def _kind(data: Any) -> str | None:
    """nan before inf, for it tells more."""
    return next((kind for kind in ("nan", "inf") if _has(data, kind)), None)


def _reason(op: str) -> str:
    return {
        "sub": "inf - inf is nan",
        "add": "inf + (-inf) is nan",
        "mul": "0 · inf is nan",
        "div": "inf / inf is nan",
        "matmul": "0 · inf and inf - inf are nan",
        "inner": "0 · inf and inf - inf are nan",
    }.get(op, "no number comes of that")


# --- while a program runs ---

MODES = ("raise", "warn", "collect")
_active: ContextVar[bool] = ContextVar("active", default=False)


@contextlib.contextmanager
def detect_anomaly(mode: str = "raise") -> Iterator[list[Anomaly]]:
    """Look at every backward pass for nan and inf, and say where the first was born.

    Before gradients are computed, the result that they are computed of is looked at, and then the
    pass is run with every step kept. That is slow, and for finding the cause; without it nothing is
    paid.

    Args:
        mode: "raise" an AnomalyError, "warn", or "collect" silently.

    Yields:
        a list that fills with what was found; masked places are collected, and neither warned of
        nor raised.

    Raises:
        AnomalyError: something was found, if mode is "raise".
        UnsupportedError: the mode is another.

    Example:
        >>> x = ag.Tensor([4.0, 0.0], requires_grad=True, name="x")
        >>> with ag.detect_anomaly("collect") as found:
        ...     ag.sqrt(x).sum().backward()
        >>> found[0].operation, found[0].phase, found[0].kind
        ('sqrt', 'backward', 'inf')
    """
    if mode not in MODES:
        raise UnsupportedError(f"detect_anomaly: mode={mode!r} came; one of {MODES} is expected")
    found: list[Anomaly] = []

    def look(root: Node, seed: Any) -> None:
        if _active.get():
            return
        token = _active.set(True)
        try:
            new = find_anomalies(root, seed)
        finally:
            _active.reset(token)
        found.extend(new)
        serious = [a for a in new if a.birth or a.phase == "forward"]
        if serious and mode == "raise":
            raise AnomalyError("\n".join(map(str, serious)), serious)
        if serious and mode == "warn":
            warnings.warn("\n".join(map(str, serious)), RuntimeWarning, stacklevel=4)

    token = backward_watch.set(look)
    try:
        with record_lines():
            yield found
    finally:
        backward_watch.reset(token)
