"""The step of a training run, compiled: forward, backward, clipping and optimizer."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import message
from nn.optim import clip_grad_norm_
from nn.training.callbacks import ClipGradients, LossCheck
from nn.training.run import Callback, NonFinite, Run, checked

WITHIN = ("on_loss", "on_gradients")  # hooks that are called in the middle of a step


def compile_step(run: Run, backend: str) -> None:
    """Let a run make its steps by a compiled function, if no callback acts in their middle."""
    clip_norm, stops = None, False
    for callback in run.callbacks:
        if type(callback) is ClipGradients:
            clip_norm = callback.max_norm
        elif type(callback) is LossCheck:
            stops = stops or callback.action == "raise"
        elif any(getattr(type(callback), h) is not getattr(Callback, h) for h in WITHIN):
            got = f"compile=True and a {type(callback).__name__} that acts within a step"
            hint = "use its on_batch_begin or on_batch_end to have steps compiled"
            text = message("fit", got, "callbacks that act between steps", hint)
            warnings.warn(f"{text}; this run stays eager", UserWarning, stacklevel=4)
            return
    model, loss_function, optimizer = run.model, run.loss_function, run.optimizer

    def step(target: Any, *inputs: Any) -> tuple[Any, Any]:
        optimizer.zero_grad()
        output = model(*inputs)
        loss = checked(loss_function(output, target))
        if stops and not np.isfinite(ag.stop_gradient(loss)).all():
            raise NonFinite(output, loss)
        loss.backward()
        if clip_norm is not None:
            clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        return output, loss

    run.compiled = ag.compile(step, backend=backend)
