"""Errors of layers in a model: their first line names the path of the layer that raised them."""

from __future__ import annotations

from typing import Any

OURS = ("autograd", "nn", "numpy")


def name_path(error: Exception, module: Any) -> None:
    """Put the path from `module` to the layer that raised an error in front of its message.

    Each module that the error leaves calls this, so the path grows until the outermost one. Errors
    that a user's own `forward` raises, and those whose argument is not a string, stay as they are.
    """
    layer, text = getattr(error, "_raised_in", (None, ""))
    if layer is None:
        if len(error.args) != 1 or not isinstance(error.args[0], str) or not _is_ours(error):
            return
        layer, text = module, error.args[0]
        error._raised_in = layer, text  # type: ignore[attr-defined]
    path = next((path for path, inner in module.named_modules() if inner is layer), "")
    if path:
        kind = type(layer).__name__
        operation, _, rest = text.partition(": ")
        if rest and operation.lower().replace("_", "") == kind.lower():
            text = rest
        error.args = (f"{path}: {kind}: {text}",)


def _is_ours(error: Exception) -> bool:
    """Whether the engine, a layer of `nn` or NumPy raised it, judged by the innermost frame."""
    if isinstance(error, KeyError):  # its text is a key
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__", ""))
    return name.split(".")[0] in OURS
