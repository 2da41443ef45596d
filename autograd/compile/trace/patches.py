"""While a step is traced, names stand for functions that write down what NumPy would not show.

They look at the thread's tape, and in every other thread do what the functions themselves do.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import random
from autograd.backends import numpy as arrays
from autograd.backends.floats import NUMBERS
from autograd.compile.program import of_function
from autograd.compile.trace.functions import CONVERSIONS, MODULE
from autograd.compile.trace.number import Number
from autograd.compile.trace.replacing import Replaced
from autograd.compile.trace.tape import Stand, active, in_library, plain, traces
from autograd.compile.trace.traced import Traced, declared, declared_write, recorded
from autograd.engine import backward
from autograd.engine.backward import walk
from autograd.engine.graph import data_of
from autograd.engine.primitive import Primitive
from autograd.engine.recording import current
from autograd.primitives import (
    arithmetic,
    contraction,
    indexing,
    kernels,
    reduction,
    special,
    window,
)


def of_converted(function: Callable[..., Any]) -> Callable[..., Any]:
    """`np.array` and the like, which ask no protocol but that for the values."""

    def call(x: Any = None, *args: Any, **kwargs: Any) -> Any:
        if active.tape is None:
            return function(x, *args, **kwargs)
        if isinstance(x, arrays.ARRAYS.node) and isinstance(x._data, Stand):
            x = x.__array__()  # raises where a gradient would be lost
        tape = traces(x)
        if tape is None:
            return function(plain(x), *args, **kwargs)
        kwargs.pop("subok", None)
        if type(x) is Traced and isinstance(x._value, np.ndarray):
            out = function(x._value, *args, **kwargs)
            if np.may_share_memory(out, x._value) and out.dtype == x.dtype:
                return x
        return recorded(of_function(function), x, *args, **kwargs)

    call.__name__ = function.__name__
    return call


def of_created(function: Callable[..., Any]) -> Callable[..., Any]:
    """`np.zeros` and the like: user code may write into what it creates, or index it."""

    def call(*args: Any, **kwargs: Any) -> Any:
        tape = active.tape
        if tape is None or tape.lost or in_library(sys._getframe(1).f_globals):
            return function(*args, **kwargs)
        stands = traces(args, kwargs) is not None
        out = function(*plain(args), **plain(kwargs))
        return tape.emit(of_function(function), args, kwargs, out, not stands)

    call.__name__ = function.__name__
    return call


def _isnan(x: Any) -> bool:
    return bool(np.isnan(x)) if type(x) is Traced else math.isnan(x)


def _computed(op: Primitive, args: tuple[Any, ...], static: dict[str, Any]) -> Any:
    """Numbers alone are computed by Python's own functions, which would not show it."""
    if active.tape is not None and all(type(x) is Number or type(x) in NUMBERS for x in args):
        args = tuple(x.seen() if type(x) is Number else x for x in args)
    return arrays.compute(op, args, static)


def _product(x: Any, y: Any) -> Any:
    """Its `dot` is a method, which asks no protocol."""
    tape = traces(y)
    if tape is not None and type(x) is np.ndarray:
        x = tape.stand(x, tape.variable_of(x))
    return kernels.product(x, y)


def _noting(nodes: Any, cotangents: Any, pull: Any, wanted: Any, hooked: Any, careful: bool) -> Any:
    """The engine's walk, which tells the tape each cotangent that is complete."""
    tape = active.tape
    if tape is None or careful:
        return walk(nodes, cotangents, pull, wanted, hooked, careful)

    def noted(node: Any, g: Any, cotangents: Any, owned: Any) -> None:
        tape.note_cotangent(data_of(g), node._data)
        outer = tape.note, tape.backward
        tape.note, tape.backward = node.note, "backward of "
        try:
            (pull or node.op.pull)(node, g, cotangents, owned)
        finally:
            tape.note, tape.backward = outer

    found = walk(nodes, cotangents, noted, wanted, hooked, careful)
    for node, g in zip(*found, strict=True):
        tape.note_cotangent(data_of(g), node._data)
    return found


def _generator(original: Callable[[], Any]) -> Callable[[], Any]:
    def default() -> Any:
        tape = active.tape
        return original() if tape is None or tape.generator is None else tape.generator

    return default


def _replacements() -> list[tuple[Any, str, Any]]:
    found: list[tuple[Any, str, Any]] = [
        (arrays, "isnan", _isnan),
        (backward, "walk", _noting),
        (contraction, "product", _product),
        (Primitive, "compute", staticmethod(_computed)),
        (random, "_default", _generator(random._default)),
    ]
    for name in ("array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray"):
        found.append((np, name, of_converted(getattr(np, name))))
    for name in ("zeros", "ones", "empty", "full", "eye", "identity", "arange", "linspace", "tri"):
        found.append((np, name, of_created(getattr(np, name))))
    for module in (reduction, contraction, arithmetic, indexing, kernels):
        for name in ("reduce_along", "sum_of_rows", "sum_of_few", "largest"):
            if hasattr(module, name):
                found.append((module, name, declared(getattr(module, name))))
    for name in special.KERNELS:
        found.append((special, name, declared(getattr(special, name))))
    for primitive in (window.windows, window.fold, indexing.scatter_add, reduction.broadcast_to):
        found.append((primitive, "kernel", declared(primitive.kernel)))
    add_to: Any = indexing.getitem.add_to
    found.append((indexing.getitem, "add_to", declared_write(add_to)))
    return found


def _of_layers() -> list[tuple[Any, str, Any]]:
    """What `nn` computes with numbers, if it is there: a schedule, a norm, the check of a rate."""
    found: list[tuple[Any, str, Any]] = []
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "nn" and vars(module).get("math") is math:
            found.append((module, "math", MODULE))
        if name == "nn.arguments" and "float" not in vars(module):
            found.append((module, "float", CONVERSIONS["float"]))
    return found


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Put the functions in their places, until the last trace that needs them is over."""
    own: Any = arrays.kernels  # of this thread
    run = own.run

    def noting(kernel: Any, *args: Any, **kwargs: Any) -> Any:
        """Kernels run in a context of their own; the tape has to know the module around it."""
        tape = active.tape
        if tape is not None and not tape.backward:
            tape.note = current.get()
        return run(kernel, *args, **kwargs)

    with REPLACED:
        own.run = noting
        try:
            yield
        finally:
            own.run = run


REPLACED = Replaced(_replacements(), _of_layers)
