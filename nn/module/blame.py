"""Errors of layers in a model: they name the path of the layer that raised them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograd import Node
from autograd.errors import kind, message

OURS = ("autograd", "nn", "numpy")


def name_path(error: Exception, module: Any, args: tuple[Any, ...] = ()) -> None:
    """Put the path from `module` to the layer that raised an error in front of its message.

    Each module that the error leaves calls this, so the path grows until the outermost one. Errors
    that a user's own `forward` raises, and those whose argument is not one text, keep it: a note
    names the path.

    Args:
        error: the error.
        module: the module that it leaves.
        args: what the module was called with.
    """
    if isinstance(error, RecursionError):
        limit = f"fewer than {sys.getrecursionlimit():,}, Python's limit"
        hint = "put what nested containers hold into one, or raise the limit in sys"
        error.args = (message(type(module).__name__, "calls inside calls", limit, hint),)
        return
    layer, text = getattr(error, "_raised_in", (None, ""))
    if layer is None:
        layer, text = module, None
        if len(error.args) == 1 and isinstance(error.args[0], str) and _is_ours(error):
            text = error.args[0]
            if args and type(module).__module__.partition(".")[0] == "nn" and _is_no_input(args[0]):
                error.args = (text := _of_input(module, args[0]),)
        error._raised_in = layer, text  # type: ignore[attr-defined]
    path = next((path for path, inner in module.named_modules() if inner is layer), "")
    if not path:
        return
    name = type(layer).__name__
    if text is None:
        notes = [n for n in getattr(error, "__notes__", ()) if not isinstance(n, _Note)]
        error.__notes__ = [*notes, _Note(f"raised in {path}: {name}")]
        return
    operation, _, rest = text.partition(": ")
    if rest and operation.lower().replace("_", "") == name.lower():
        text = rest
    error.args = (f"{path}: {name}: {text}",)


class _Note(str):
    """A note with a path, which the next module around replaces."""

    __slots__ = ()


def _is_no_input(x: Any) -> bool:
    """Whether a layer was given something that is neither an array nor like one."""
    if isinstance(x, (list, tuple)):
        return any(isinstance(entry, (Node, np.ndarray)) or _is_no_input(entry) for entry in x)
    return x is None or isinstance(x, (str, bytes, dict, set))


def _of_input(module: Any, x: Any) -> str:
    """The text about an input that no layer takes, whatever failed because of it."""
    hint = ""
    if isinstance(x, (list, tuple)):
        hint = "pass one of its entries; nn.LSTM and its kin return their output and their state"
    return message(type(module).__name__, kind(x), "a Tensor or an array as input", hint)


def _is_ours(error: Exception) -> bool:
    """Whether the engine, a layer of `nn` or NumPy raised it, judged by the innermost frame."""
    if isinstance(error, KeyError):  # its text is a key
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))
    return name.split(".")[0] in OURS
