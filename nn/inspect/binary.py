"""What a binary cross-entropy shows: targets out of range, and terms that are missing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import data_of
from nn.inspect.findings import Finding
from nn.inspect.graph import VIEWS, LossGraph, attached, name


def binary_targets(graph: LossGraph) -> Iterator[Finding]:
    """Targets of a binary cross-entropy beyond 0 and 1, where it has no lower bound."""
    terms = [data for _, data in weighted_terms(graph)]
    for a, b in itertools.pairwise(terms):
        if a.shape != b.shape or not a.size or not np.allclose(a + b, 1.0):
            continue
        if a.min() < 0.0 or a.max() > 1.0:
            yield Finding(
                "targets out of range",
                "",
                {"least": float(a.min()), "largest": float(a.max())},
                f"the targets of a binary cross-entropy go from {a.min():.4g} to {a.max():.4g}, "
                "and beyond 0 and 1 it has no lower bound: outputs grow without end",
                "use targets of 0 and 1, such as (target > 0).astype(float)",
            )


def one_sided(graph: LossGraph) -> Iterator[Finding]:
    """A loss of probabilities that targets of 0 leave out, so that 1 is always the best answer."""
    terms = list(weighted_terms(graph))
    if len(terms) != 1:
        return
    [(node, target)] = terms
    logits = _logits_of_probability(node)
    if logits is None or not np.array_equal(np.unique(target), [0.0, 1.0]):
        return
    slopes = np.asarray(graph.gradient(logits))
    if slopes.shape != target.shape or np.any(slopes[target == 0.0]):
        return
    if slopes.any() and (slopes.max() <= 0.0 or slopes.min() >= 0.0):
        left = int((target == 0.0).sum())
        yield Finding(
            "loss lacks a term",
            "",
            {"left_out": left, "targets": target.size},
            f"the gradient of {left} of {target.size} targets, all that are 0, is exactly 0, and "
            "the others pull in one direction: the same answer for every input is the best",
            "add the term of the other class, (1 - y) log(1 - p), or use "
            "nn.functional.binary_cross_entropy",
        )


def competing_labels(graph: LossGraph) -> Iterator[Finding]:
    """A binary cross-entropy of a softmax, whose probabilities share 1, for labels that do not."""
    softmaxes = {softmax.node: softmax.axes for softmax in graph.softmaxes()}
    for node in graph.loss if softmaxes else ():
        if name(node) != "log1p":  # log(1 - p), which only a binary cross-entropy has
            continue
        source = attached(node)
        while source is not None and source not in softmaxes:
            source = attached(source)
        if source is None:
            continue
        for user in _factors(graph, node):
            absent = np.asarray(user, float)
            if absent.shape != source.shape or len(softmaxes[source]) != 1:
                continue
            labels = (1.0 - absent).sum(axis=softmaxes[source])
            shares = float(np.mean(np.abs(labels - 1.0) > 1e-3))
            if shares > 0.0 and np.isin(absent, (0.0, 1.0)).all():
                yield Finding(
                    "output activation does not fit",
                    graph.place(source),
                    {"samples": shares},
                    f"{shares:.0%} of the samples have no label or several, and the probabilities "
                    "of a softmax sum to 1, so they cannot all be right",
                    "use a sigmoid for each label: binary_cross_entropy_with_logits on logits",
                )
                return


def _factors(graph: LossGraph, node: Any) -> Iterator[Any]:
    """The plain data that a logarithm is multiplied with, behind a floor against log(0)."""
    while len(graph.users.get(node, ())) == 1:
        [user] = graph.users[node]
        if name(user) == "mul":
            yield from (d for x, d in zip(user.inputs, user.saved, strict=True) if x is None)
            yield from (x.data for x in user.inputs if x is not None and not x.requires_grad)
            return
        if name(user) not in {*VIEWS, "where", "neg"}:
            return
        node = user


def weighted_terms(graph: LossGraph) -> Iterator[tuple[Any, Any]]:
    """Logarithms of binary probabilities, and the plain data that they are multiplied with."""
    for node in graph.loss:
        if name(node) != "mul" or not node.requires_grad:
            continue
        source = attached(node)
        plain = [d for x, d in zip(node.inputs, node.saved, strict=True) if x is not source]
        while name(source) in {*VIEWS, "where", "neg"} and attached(source) is not None:
            source = attached(source)
        if name(source) == "where":  # one branch of which is a line below the smallest number
            source = next((x for x in source.inputs if name(x) in {"log", "log1p"}), source)
        if name(source) == "softplus" or (
            name(source) in {"log", "log1p"} and is_probability(source)
        ):
            data = np.asarray(data_of(plain[0]), float) if plain else np.zeros(())
            if data.ndim:
                yield source, data


def _logits_of_probability(node: Any) -> Any:
    """What went into the sigmoid whose logarithm a node is; None for a softplus."""
    while name(node) not in {"sigmoid", "softplus", ""} and attached(node) is not None:
        node = attached(node)
    return node.inputs[0] if name(node) == "sigmoid" else None


def is_probability(node: Any) -> bool:
    """Whether a logarithm is one of a sigmoid's output, or of 1 minus it."""
    source = attached(node)
    while name(source) in {*VIEWS, "where", "add", "neg", "sub"}:
        source = attached(source)
    return name(source) == "sigmoid"
