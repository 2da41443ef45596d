"""Find where the first nan or inf was born, forward or backward, and what only passed it on."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from autograd.debug.conventions import DECIDED, choices_met, told
from autograd.debug.replay import check_node, check_seed, replay
from autograd.debug.source_lines import SourceLine, line_of, record_lines
from autograd.engine.backward import backward_watch
from autograd.engine.contexts import context
from autograd.engine.graph import Node, ancestors
from autograd.engine.primitive import Primitive
from autograd.errors import AnomalyError, UnsupportedError, described, message
from autograd.primitives import arithmetic as a
from autograd.primitives import (
    collective,
    contraction,
    indexing,
    linalg,
    reduction,
    shaping,
    window,
)
from autograd.primitives import elementary as e


class Anomaly(NamedTuple):
    """A nan or inf, and where it was born.

    Attributes:
        phase: "forward" or "backward".
        kind: "nan" or "inf"; or "convention", see `detect_anomaly`.
        operation: the primitive, or "leaf" if a leaf or constant held it from the start.
        argument: in a backward pass, the input whose gradient it is; else None.
        module: the path of the module, "" for none.
        line: the user's line, if lines were recorded.
        statistics: one line for each input of the operation.
        birth: whether it was born here; otherwise it came in, or a convention decided here.
        note: the circumstances.
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
            what = self.operation
            what += "" if self.kind == "convention" else f": {self.kind}"
        return f"{self.phase}: {what}{where}; {self.note}{line}{inputs}"


def find_anomalies(root: Node, seed: Any = None) -> list[Anomaly]:
    """Find where the nan or inf in a result, or in the gradients of its leaves, was born.

    Args:
        root: the result, such as a loss.
        seed: the cotangent to start from; 1 if the root is one number.

    Raises:
        DTypeError: `root` is not a node.
        GraphError: `root` is not one number, and there is no seed.
        ShapeError: the seed differs from the root in shape.

    Returns:
        the births, oldest first; empty if result and gradients are finite. A nan that an operation
        made of an inf is traced to the operation that made the inf. Places where a
        convention decided follow: there a rule gave nan or inf for an entry whose own gradient is
        0, such as the branch that a `where` does not take, and the engine counts the product as 0.

    Example:
        >>> x = ag.Tensor([1.0, 0.0], requires_grad=True)
        >>> [found] = ag.find_anomalies((ag.log(x) * x).sum())[:1]
        >>> found.operation, found.kind
        ('log', 'inf')
    """
    check_node("find_anomalies", root)
    if root.requires_grad:
        check_seed("find_anomalies", root, seed)
    with np.errstate(all="ignore"):
        found = _forward(root)
        if root.requires_grad and not found:
            found = _backward(root, seed)
    return found


def _forward(root: Node) -> list[Anomaly]:
    kind = _nonfinite(root._data)
    if kind is None:
        return []
    graph = ancestors([root])
    for node in graph:
        if not _has(node._data, kind):
            continue
        if node.op is None:
            return [
                _anomaly(
                    "forward",
                    kind,
                    node,
                    None,
                    False,
                    "it was there from the start: a leaf holds it",
                )
            ]
        if not any(_has(datum, kind) for datum in node.saved):
            return [_birth(node, kind, graph)]
        if any(x is None and _has(d, kind) for x, d in zip(node.inputs, node.saved, strict=True)):
            return [_anomaly("forward", kind, node, None, False, "a constant held it")]
    return []


def _birth(node: Node, kind: str, graph: list[Node]) -> Anomaly:
    """The anomaly of a node that made the first nan or inf, or of the one whose inf became nan."""
    note = "its inputs were finite"
    if kind == "nan" and any(_has(d, "inf") for d in node.saved):
        note = f"an input held inf, and {REASONS.get(node.op, UNKNOWN)}"
        source = _source_of_inf(node)
        if source is not None:
            made = f"its inputs were finite; {node.op.name}"
            where = f" in module {node.module}" if node.module else ""
            note = f"{made}{where} made nan of it, because {REASONS.get(node.op, UNKNOWN)}"
            node, kind = source, "inf"
    elif any(_has(d, "nan") for d in node.saved):
        note = "an input held nan"
    held = "nan" if kind == "nan" or "made nan" in note else "inf"
    if note.startswith("an input held inf"):
        note += _given_inf(node)
    affected = sum(_has(n._data, held) for n in graph if n.op is not None)
    note = f"{note}; {affected} results of the graph hold {'it' if held == kind else held}"
    return _anomaly("forward", kind, node, None, True, note)


def _given_inf(node: Node) -> str:
    """The leaf or constant whose inf reached a node."""
    for x in ancestors([node]):
        if x.op is None and _has(x._data, "inf"):
            return f"; the inf was in the data of {f'leaf {x.name}' if x.name else 'a leaf'}"
        if any(y is None and _has(d, "inf") for y, d in zip(x.inputs, x.saved, strict=True)):
            return f"; the inf was in a constant of {x.op.name if x.op is not None else 'a leaf'}"
    return ""


def _source_of_inf(node: Node) -> Node | None:
    """The oldest node before `node` that made an inf of finite inputs, on the inf's own path.

    None if the inf was given, as in a mask: then what made nan of it is the birth.
    """
    path, seen = [node], {node}
    for x in path:  # the list grows meanwhile
        for y in x.inputs:
            if y is not None and y not in seen and _has(y._data, "inf"):
                seen.add(y)
                path.append(y)
    born = [x for x in path[1:] if x.op is not None and not any(map(_nonfinite, x.saved))]
    return min(born, key=lambda x: x.number, default=None)


def _backward(root: Node, seed: Any) -> list[Anomaly]:
    births: list[Anomaly] = []
    masked: list[Anomaly] = []
    for step in replay(root, seed).steps:
        for c in step.contributions:
            kind, of_rule = _nonfinite(c.value), _nonfinite(c.raw)
            if kind is not None and not _has(step.cotangent, kind) and not births:
                above = _nonfinite(step.cotangent)
                note = f"its own gradient {'was finite' if above is None else f'held {above}'}"
                births.append(_anomaly("backward", kind, step.node, c.argument, True, note))
            elif kind is None and of_rule is not None:
                note = (
                    f"{DECIDED}: its slope is infinite or nan where its own gradient is 0, and "
                    f"0 · {of_rule} counts as 0: correct behind a where that does not take this "
                    "branch, a choice elsewhere, as in exp(log(x)) at 0"
                )
                masked.append(
                    _anomaly("backward", "convention", step.node, c.argument, False, note)
                )
    return births + masked


def _conventions(root: Node) -> list[Anomaly]:
    """The nodes at a kink or a tie, whose slope is a choice."""
    return [
        _anomaly(
            "backward", "convention", node, None, False, f"{DECIDED}: {told(entries, text)}"
        )._replace(operation=name)
        for node, entries, text, name in choices_met(root)
    ]


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
    """The shape, the range of the finite entries, and how many are nan, inf, and zero.

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


def _nonfinite(data: Any) -> str | None:
    """Whether `data` holds nan or inf; nan first, because it says more."""
    return next((kind for kind in ("nan", "inf") if _has(data, kind)), None)


# --- How a primitive makes nan from inf -----------------------------------------------------------

DIFFERENCE, SUM, PRODUCT = "inf - inf is nan", "inf + (-inf) is nan", "0 · inf is nan"
PRODUCTS = "0 · inf and inf - inf are nan"
MODULO = "the remainder of inf, or of a division by 0, is nan"
NO_LIMIT = "it has no limit at inf"
DOMAIN = "inf or -inf lies outside its domain"
NEVER = "it makes no nan from inf"
LAPACK = "LAPACK expects finite matrices"
UNKNOWN = "its kernel makes nan from inf"  # of a primitive that is not in the tables

REASONS: dict[Primitive, str] = {
    a.add: SUM,
    a.sub: DIFFERENCE,
    a.mul: PRODUCT,
    a.div: "inf / inf is nan",
    **dict.fromkeys((a.fmod, a.remainder, a.floor_divide), MODULO),
    **dict.fromkeys((a.positive, a.neg, a.abs_, a.sign, a.square, a.cbrt, a.reciprocal), NEVER),
    **dict.fromkeys((a.floor, a.ceil, a.rint, a.trunc, a.relu, a.zeros_like), NEVER),
    **dict.fromkeys((a.maximum, a.minimum, a.hypot, a.where, a.clip), NEVER),
    **dict.fromkeys((a.fmax, a.fmin, a.copysign, e.erfc, e.gammaln), NEVER),
    **dict.fromkeys((a.sqrt, e.log, e.log2, e.log10, e.log1p), DOMAIN),
    **dict.fromkeys((e.arcsin, e.arccos, e.arccosh, e.arctanh, e.erfinv), DOMAIN),
    **dict.fromkeys((e.digamma, e.polygamma), "it has no limit at -inf"),
    **dict.fromkeys((e.sin, e.cos, e.tan, e.sinc), NO_LIMIT),
    **dict.fromkeys((e.exp, e.exp2, e.expm1, e.arctan, e.sinh, e.cosh, e.tanh, e.arcsinh), NEVER),
    **dict.fromkeys((e.sigmoid, e.softplus, e.erf, e.power, e.arctan2, e.logaddexp), NEVER),
    **dict.fromkeys((reduction.sum_, reduction.mean, reduction.cumsum), SUM),
    **dict.fromkeys((reduction.prod, reduction.cumprod), PRODUCT),
    **dict.fromkeys((reduction.max_, reduction.min_, reduction.logsumexp), NEVER),
    **dict.fromkeys((reduction.broadcast_to, shaping.reshape, shaping.transpose), NEVER),
    **dict.fromkeys((shaping.cast, shaping.concatenate, indexing.getitem, window.windows), NEVER),
    **dict.fromkeys((indexing.scatter_add, window.fold), SUM),
    **dict.fromkeys((contraction.matmul, contraction.inner, contraction.einsum), PRODUCTS),
    **dict.fromkeys(
        (linalg.inv, linalg.det, linalg.cofactors, linalg.log_abs_det, linalg.pinv, linalg.solve),
        LAPACK,
    ),
    **dict.fromkeys(
        (linalg.cholesky, linalg.eigh, linalg.svd, linalg.nuclear, linalg.polar), LAPACK
    ),
    **dict.fromkeys((collective.all_reduce, collective.reduce_scatter, collective.reduce_to), SUM),
    **dict.fromkeys((collective.all_gather, collective.broadcast_from), NEVER),
}

# --- while a program runs ---

MODES = ("raise", "warn", "collect")
_active: ContextVar[bool] = ContextVar("active", default=False)


@context
def detect_anomaly(mode: str = "raise") -> Iterator[list[Anomaly]]:
    """Search every backward pass for nan and inf, and say where the first was born.

    Each pass is searched before it runs: first the results, then the pass itself, replayed with
    every step kept. That is slow; use it to find a cause. Outside of the block it costs nothing.

    Args:
        mode: "raise" an AnomalyError, "warn", or "collect" silently.

    Yields:
        a list that fills with the anomalies. Places where a convention decided, such as relu at 0
        or 0 · inf, are listed after them, but never warned about or raised. Each has the kind
        "convention" and is listed once.

    Raises:
        AnomalyError: an anomaly was found, and mode is "raise".
        UnsupportedError: there is no such mode.

    Example:
        >>> x = ag.Tensor([4.0, 0.0], requires_grad=True, name="x")
        >>> with ag.detect_anomaly("collect") as found:
        ...     ag.sqrt(x).sum().backward()
        >>> found[0].operation, found[0].phase, found[0].kind
        ('sqrt', 'backward', 'inf')
    """
    if not isinstance(mode, str) or mode not in MODES:  # an array is equal to each, or to none
        got = f"mode={described(mode)}"
        raise UnsupportedError(message("detect_anomaly", got, '"raise", "warn" or "collect"'))
    watch = _Watch(mode)
    backward_watch.set(watch)
    try:
        with record_lines():
            yield watch.found
    finally:
        watch.over = True
        if backward_watch.get() is watch:  # else the call finds out, in its own thread
            backward_watch.set(watch.outer())


class _Watch:
    """What looks at each pass until the block is over, in whatever thread that is."""

    def __init__(self, mode: str) -> None:
        self.mode, self.before, self.over = mode, backward_watch.get(), False
        self.found: list[Anomaly] = []

    def outer(self) -> Any:
        """The next watch outside of this one whose block is not over."""
        before = self.before
        while isinstance(before, _Watch) and before.over:
            before = before.before
        return before

    def __call__(self, root: Node, seed: Any, adds: bool) -> None:
        if self.over:
            outer = self.outer()
            backward_watch.set(outer)
            if outer is not None:
                outer(root, seed, adds)
        elif not _active.get():
            self._look(root, seed, adds)

    def _look(self, root: Node, seed: Any, adds: bool) -> None:
        outer = self.outer()
        if outer is not None:
            outer(root, seed, adds)
        root._backend.seed(root, seed, False)  # which raises in the name of backward
        token = _active.set(True)
        try:
            new = find_anomalies(root, seed)
        finally:
            _active.reset(token)
        # A second derivative passes the nodes of the first again.
        quiet = [a for a in [*new, *_conventions(root)] if a.kind == "convention"]
        self.found.extend([a for a in new if a.kind != "convention"])
        self.found.extend(a for a in dict.fromkeys(quiet) if a not in self.found)
        serious = [a for a in new if a.birth or a.phase == "forward"]
        if serious and self.mode == "raise":
            raise AnomalyError("\n".join(map(str, serious)), serious)
        if serious and self.mode == "warn":
            warnings.warn("\n".join(map(str, serious)), RuntimeWarning, stacklevel=5)
