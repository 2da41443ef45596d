"""Training and evaluation mode where the other one belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from nn.inspect.findings import Finding, listing
from nn.inspect.loop import Loop
from nn.layers.dropout import Dropout
from nn.layers.running_statistics import BATCH_NORMS
from nn.module.module import Module

FORGETS = 0.9  # the share of the last batch, from which a running mean is none


def moody(model: Module) -> Iterator[tuple[str, Any]]:
    """The layers that behave differently in training, with their paths."""
    for path, module in model.named_modules():
        if isinstance(module, BATCH_NORMS) or (isinstance(module, Dropout) and module.p > 0):
            yield path, module


def training_findings(loops: Iterable[Loop]) -> Iterator[Finding]:
    """Layers that are in evaluation mode during a pass that trains them."""
    for loop in loops:
        still = [(path, m) for path, m in moody(loop.model) if not m.training]
        # Who freezes batch normalization on purpose does so with statistics that were learned.
        if loop.model.training:
            still = [(path, m) for path, m in still if not _is_kept(m)]
        if not still or not any(w.parameter.requires_grad for w in loop.weights):
            continue
        everything = len(still) == len(list(moody(loop.model))) > 1
        yield Finding(
            "layers in evaluation mode",
            loop.name if everything or not still[0][0] else _joined(loop.name, still[0][0]),
            {"layers": len(still)},
            f"{listing(f'{path}: {type(m).__name__}' for path, m in still)} in evaluation mode "
            "while the model is trained: statistics of the batch are not used, and those that are "
            "used are not learned",
            "call model.train() before training, and again after each evaluation",
        )


def momentum_findings(loops: Iterable[Loop]) -> Iterator[Finding]:
    """Batch normalization whose statistics stand still, or forget all but the last batch."""
    for loop in loops:
        for path, module in loop.model.named_modules():
            if not isinstance(module, BATCH_NORMS) or not module.training:
                continue
            momentum = module.momentum
            if not module.track_running_stats or momentum is None or FORGETS > momentum > 0.0:
                continue
            told = "so they stay what they were at the start, and evaluation normalizes by them"
            if momentum > 0.0:
                told = f"so they are {momentum:.0%} those of the last batch alone"
            yield Finding(
                "running statistics not averaged",
                _joined(loop.name, path),
                {"momentum": float(momentum)},
                f"momentum={momentum:g} is the share of each new batch in the running mean and "
                f"variance, {told}",
                "momentum=0.1; Keras' momentum of 0.99 is 0.01 here",
            )


def _is_kept(module: Any) -> bool:
    if not isinstance(module, BATCH_NORMS) or module.running_mean is None:
        return False
    frozen = module.weight is None or not module.weight.requires_grad
    return frozen or bool(np.any(module.running_mean))


def _joined(name: str, path: str) -> str:
    return f"{name}.{path}" if name else path


def evaluation_findings(loop: Loop, playing: bool) -> Iterator[Finding]:
    """Calls that record nothing, as in an evaluation, while layers are in training mode.

    A model that makes samples for another, as in a game, may do so.
    """
    affected = [path for path, m in moody(loop.model)]
    if loop.unrecorded and affected and loop.steps and not playing:
        yield Finding(
            "evaluation in training mode",
            affected[0],
            {"calls": loop.unrecorded},
            f"{loop.unrecorded} calls under no_grad() ran in training mode, where "
            f"{listing(affected)} add noise or mix samples and learn from them",
            "call model.eval() before an evaluation, and model.train() after it",
        )
