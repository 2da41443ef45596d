"""Losses that fall as outputs get worse, because of a sign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nn.inspect.binary import is_probability
from nn.inspect.findings import Finding
from nn.inspect.graph import VIEWS, LossGraph, attached, behind, is_distribution, name


def wrong_sign(graph: LossGraph, sign: float) -> list[Finding]:
    """What a loss measures must fall as outputs approach their targets, for each sample.

    If it is maximized, it must grow.
    """
    for slopes, what in _slopes(graph):
        slopes = sign * np.asarray(slopes)
        # A policy is rewarded for some samples and punished for others.
        if np.min(slopes, initial=0.0) >= 0.0 and np.sum(slopes) > 0.0:
            if sign < 0.0:
                return [_error_maximized(what)]
            return [
                Finding(
                    "loss with the wrong sign",
                    "",
                    {"slope": float(np.sum(slopes)), "loss": float(np.sum(graph.root.data))},
                    f"the loss falls as {what}, so training makes the outputs worse",
                    "remove the minus sign, or add the one that is missing: a loss is minimized",
                )
            ]
    return []


def _error_maximized(what: str) -> Finding:
    return Finding(
        "steps uphill",
        "",
        {"maximize": 1.0},
        f"the optimizer maximizes a loss that grows as {what}",
        "leave maximize=False for a loss; maximize=True is for what should grow, such as a "
        "log-likelihood",
    )


def _slopes(graph: LossGraph) -> Iterator[tuple[Any, str]]:
    """Derivatives of the loss that must not be positive, and what positive ones would mean."""
    for error in graph.errors():
        inward = -np.asarray(graph.gradient(error.node)) * np.asarray(error.node.data)
        yield inward, "outputs move away from their targets"
    normalized = {behind(s.source, VIEWS) for s in graph.normalizers()}
    for pick in graph.picks():
        source = behind(pick.of, VIEWS)
        logits = source if source in normalized else pick.of
        while name(logits) == "sub" and logits.inputs[0] is not None and logits not in normalized:
            logits = behind(logits.inputs[0], VIEWS)
        if logits.shape == pick.of.shape:
            yield graph.gradient(logits)[pick.places], "the scores of the true classes fall"
    for node in graph.loss:
        found = _weighted_logarithms(node)
        if found is not None:
            yield graph.gradient(node)[found > 0.0], "the probabilities of the likely answers fall"
    less = "the probabilities of the true answers fall"
    for node in graph.loss:
        if name(node) in {"log", "log1p"} and is_probability(node):
            yield graph.gradient(node), less
        elif name(node) == "softplus":
            yield -np.asarray(graph.gradient(node)), less


def _weighted_logarithms(node: Any) -> Any:
    """The targets' probabilities that log-probabilities are multiplied with, one-hot or soft."""
    source = attached(node) if name(node) == "mul" else None
    if source is None or not source.ndim:
        return None
    for x, weights in zip(node.inputs, node.saved, strict=True):
        plain = x is None or not x.requires_grad
        if plain and np.shape(weights) == source.shape and is_distribution(weights, (-1,)):
            with np.errstate(all="ignore"):
                logarithms = is_distribution(np.exp(np.asarray(source.data, float)), (-1,))
            return np.asarray(weights) if logarithms else None
    return None
