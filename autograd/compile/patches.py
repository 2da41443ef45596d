"""While a step is traced, names stand for functions that write down what NumPy would not show."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import random
from autograd.backends import numpy as arrays
from autograd.compile.trace import active, declared, declared_write, of_created, of_recorded
from autograd.engine import backward
from autograd.engine.backward import walk
from autograd.engine.graph import data_of
from autograd.primitives import arithmetic, contraction, indexing, kernels, reduction, window

_lock = threading.RLock()
_depth = 0


def _isnan(x: Any) -> bool:
    return bool(np.isnan(x))


def _noting(nodes: Any, cotangents: Any, pull: Any, wanted: Any, hooked: Any, careful: bool) -> Any:
    """The engine's walk, which tells the tape each cotangent that is complete."""
    tape = active.tape
    if tape is None or careful:
        return walk(nodes, cotangents, pull, wanted, hooked, careful)

    def noted(node: Any, g: Any, cotangents: Any, owned: Any) -> None:
        tape.note_cotangent(data_of(g), node._data)
        (pull or node.op.pull)(node, g, cotangents, owned)

    found = walk(nodes, cotangents, noted, wanted, hooked, careful)
    for node, g in zip(*found, strict=True):
        tape.note_cotangent(data_of(g), node._data)
    return found


def _replacements() -> list[tuple[Any, str, Any]]:
    found: list[tuple[Any, str, Any]] = [(arrays, "isnan", _isnan), (backward, "walk", _noting)]
    for name in ("array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray"):
        found.append((np, name, of_recorded(getattr(np, name))))
    for name in ("zeros", "ones", "empty", "full"):
        found.append((np, name, of_created(getattr(np, name))))
    for module in (reduction, contraction, arithmetic, indexing, kernels):
        for name in ("reduce_along", "sum_of_rows", "sum_of_few"):
            if hasattr(module, name):
                found.append((module, name, declared(getattr(module, name))))
    for primitive in (window.windows, window.fold, indexing.scatter_add, reduction.broadcast_to):
        found.append((primitive, "kernel", declared(primitive.kernel)))
    add_to: Any = indexing.getitem.add_to
    found.append((indexing.getitem, "add_to", declared_write(add_to)))
    return found


_saved: list[tuple[Any, str, Any]] = []


@contextlib.contextmanager
def installed(generator: Any) -> Iterator[None]:
    """Replace the functions; other threads pass through them unchanged.

    Args:
        generator: what the default random generator is meanwhile.
    """
    global _depth
    with _lock:
        if not _depth:
            _saved[:] = [(owner, n, getattr(owner, n)) for owner, n, _ in REPLACEMENTS]
            for owner, name, new in REPLACEMENTS:
                setattr(owner, name, new)
        _depth += 1
        before = random._default
        random._default = lambda: generator  # type: ignore[assignment]
    try:
        yield
    finally:
        with _lock:
            random._default = before
            _depth -= 1
            if not _depth:
                for owner, name, old in _saved:
                    setattr(owner, name, old)


REPLACEMENTS = _replacements()
