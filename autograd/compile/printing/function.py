"""The source of a function and of its gradient."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.guards.learned import parameters
from autograd.compile.learning import Learner
from autograd.compile.scalars.steps import compiled
from autograd.compile.step import Step
from autograd.compile.trace.tape import active
from autograd.engine.backward import backward
from autograd.engine.graph import data_of
from autograd.errors import UnsupportedError, message
from autograd.nodes.tensor import Tensor


def source_of(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """What `ag.source` returns."""
    if isinstance(f, Step):
        if not args and not kwargs:
            return f.source
        f = f.plain
    recording, reason = Learner(_with_gradients(f), True).recorded_once(args, kwargs)
    if recording is None:
        raise UnsupportedError(
            message("source", "a function that cannot be written down", hint=reason)
        )
    if recording.result.is_constant and not recording.changes:
        hint = "pass arrays, Tensors or Values, and return what is computed from them"
        raise UnsupportedError(message("source", "a function that computes nothing", hint=hint))
    return compiled(recording, "numpy").source


def _with_gradients(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function, and the gradients for its arguments where it is one number."""

    words = parameters(f)

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        given = [_variable(x) for x in args]
        out = f(*given, **kwargs)
        tape = active.tape
        whole = isinstance(out, Tensor) and out.requires_grad and out._data.size == 1
        if not whole or tape is None or tape.cotangents:  # or the function called backward()
            return data_of(out)
        backward(out)
        grads = {
            f"d{word}": x.grad
            for word, x, y in zip(words, given, args, strict=False)
            if x is not y and x.grad is not None
        }
        return out._data, grads

    return run


def _variable(x: Any) -> Any:
    """An array of floats as a Tensor to differentiate by."""
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return Tensor(x, requires_grad=True)
    return x
