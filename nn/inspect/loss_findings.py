"""What the graph of a loss shows: outputs, activations and targets that do not belong together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import data_of
from nn.inspect.binary import binary_targets, competing_labels, one_sided
from nn.inspect.findings import Finding
from nn.inspect.graph import (
    VIEWS,
    LossGraph,
    Pick,
    Softmax,
    attached,
    behind,
    is_distribution,
    name,
)
from nn.inspect.signs import wrong_sign
from nn.inspect.terms import rewarded

# What an activation cannot leave: its ends.
RANGES = {"relu": (0.0, math.inf), "sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
BEYOND = 0.02  # the share of targets out of reach; noise may put a few beyond an end
REACHABLE = 0.1  # the share of ln K that a loss may keep although every answer is right
OVER_BATCH = "the batch: the samples compete, and no row sums to 1"
OVER_QUERIES = "the queries, but the product sums over the last axis"
MANY = 16  # labels of a batch, from which they tell frequencies
TWOFOLD = math.log(2.0)  # the range of logarithms of weights, and of frequencies, that counts
ALIGNED = 0.9  # the correlation between them
SIGNS = {"neg", "sub", "add", "where"}
NOISE = 4.0  # the variance of dropout's noise over the squared signal, p / (1 - p); 4 is p = 0.8


def loss_findings(graph: LossGraph, *, sign: float = 1.0) -> list[Finding]:
    """All that the graph of one loss shows.

    Args:
        graph: the graph.
        sign: 1 if the loss is minimized, -1 if the optimizer maximizes it, and 0 if it need not
            measure an error, as that of a player in a game.
    """
    found = [*_self_comparison(graph), *_one_unit(graph), *_steps(graph), *_broadcast(graph)]
    found += [*_wrong_axis(graph), *_twice(graph), *_log_missing(graph), *_output_range(graph)]
    found += [*_bounded_logits(graph), *_dropout(graph), *binary_targets(graph)]
    found += [*one_sided(graph), *competing_labels(graph), *_class_weights(graph)]
    if sign:
        found += [*wrong_sign(graph, sign), *rewarded(graph, sign)]
    return found


def _self_comparison(graph: LossGraph) -> Iterator[Finding]:
    for error in graph.errors():
        same = not np.any(error.node.data)
        same = same and data_of(error.output).shape == np.shape(error.target)
        # Beside another term, such as an anchor to where training began, it is no fault.
        if same and not np.any(graph.gradient(error.output)):
            yield Finding(
                "loss compares the output with itself",
                "",
                {"entries": np.size(error.target)},
                f"all {np.size(error.target)} differences between output and target are exactly 0, "
                "because the target is a copy of the output, so the gradient is 0",
                "compare the output with the targets of the batch",
            )


def _one_unit(graph: LossGraph) -> Iterator[Finding]:
    for softmax in graph.softmaxes():
        shape = softmax.node.shape
        if all(shape[a] == 1 for a in softmax.axes if a < len(shape)):
            yield Finding(
                "softmax over one unit",
                graph.place(softmax.node),
                {"units": 1},
                f"a softmax over an axis of length 1, of shape {shape}, is 1 for any input, so its "
                "gradient is 0",
                "use a sigmoid for one output, or two outputs with cross_entropy",
            )


def _steps(graph: LossGraph) -> Iterator[Finding]:
    for node in graph.nodes:
        if node.op is not None and node.requires_grad and node.op.step:
            given = [x for x in node.inputs if x is not None and x.requires_grad]
            if given and not any(np.any(graph.gradient(x)) for x in given):
                yield Finding(
                    "step function in the path",
                    graph.place(node),
                    {"entries": float(np.size(node.data))},
                    f"{node.op.name} is a step function, whose slope is 0 wherever it has one, so "
                    "no gradient passes it",
                    "leave it out of training, or let gradients pass as if it were not there: "
                    "x + ag.stop_gradient(ag.round(x) - x)",
                )


def _broadcast(graph: LossGraph) -> Iterator[Finding]:
    for node in graph.loss:
        if node.op is None or not node.op.elementwise or len(node.saved) != 2:
            continue
        a, b = (np.shape(d) for d in node.saved)
        short, long = sorted((a, b), key=len)
        if len(long) != len(short) + 1 or not short or short[0] < 2:
            continue
        # (N, 1) against (N,): each of N outputs meets each of N targets.
        if long[-1] == 1 and long[:-1] == short:
            yield Finding(
                "loss broadcast",
                "",
                {"entries": float(np.size(node.data)), "samples": short[0]},
                f"{node.op.name} of shapes {a} and {b} gives {node.shape}: each output is compared "
                "with every target, and the loss is smallest where all outputs are equal",
                f"give both the shape {short}, e.g. output.squeeze(-1), or use "
                "nn.functional.mse_loss, which refuses such shapes",
            )


def _wrong_axis(graph: LossGraph) -> Iterator[Finding]:
    """Softmaxes over the batch, and over the queries of attention."""
    picks = graph.picks()
    if any(pick.of.ndim == 2 and pick.axis == 1 for pick in picks):
        for softmax in filter(_is_over_batch, graph.normalizers()):
            yield _axis_finding(graph, softmax.source, 0, OVER_BATCH)
    ends = {_before_log(pick.of) for pick in picks} | set(graph.outputs)
    ends |= {behind(e.output, VIEWS) for e in graph.errors()}
    for softmax in graph.softmaxes():
        node, ndim = softmax.node, softmax.node.ndim
        if _is_over_batch(softmax) and node in ends:
            yield _axis_finding(graph, node, 0, OVER_BATCH)
        if ndim < 2 or softmax.axes != (ndim - 2,) or is_distribution(node.data, (-1,)):
            continue
        for user in graph.users.get(node, ()):
            if name(user) == "matmul" and user.inputs[0] is node:
                yield _axis_finding(graph, node, ndim - 2, OVER_QUERIES)


def _is_over_batch(softmax: Softmax) -> bool:
    shape = softmax.source.shape
    return softmax.axes == (0,) and len(shape) == 2 and shape[0] > 1


def _before_log(node: Any) -> Any:
    """What a logarithm was taken of, before a constant was added against log(0)."""
    node = behind(node, VIEWS)
    while name(node) in {*VIEWS, "log", "add", "clip", "maximum"} and attached(node) is not None:
        node = attached(node)
    return node


def _axis_finding(graph: LossGraph, node: Any, axis: int, what: str) -> Finding:
    return Finding(
        "softmax over the wrong axis",
        graph.place(node),
        {"axis": axis},
        f"the softmax of shape {node.shape} is normalized over axis {axis}, {what}",
        "pass dim=-1, the axis of the classes or keys",
    )


def _twice(graph: LossGraph) -> Iterator[Finding]:
    by_node = {softmax.node: softmax for softmax in graph.softmaxes()}
    outer = [*graph.normalizers(), *by_node.values()]
    for softmax in outer:
        source = behind(softmax.source, VIEWS)
        if source in by_node or (name(source) and is_distribution(source, softmax.axes)):
            shape = source.shape
            count = int(np.prod([shape[a] for a in softmax.axes]))
            least = math.log1p((count - 1) * math.exp(-1.0))
            yield Finding(
                "softmax twice",
                graph.place(source),
                {"classes": count, "least_loss": least},
                f"the logits of the softmax in the loss are probabilities themselves, of shape "
                f"{shape}; even if all answers are right, cross_entropy cannot fall below "
                f"{least:.3g}, and its gradients are small",
                "remove the softmax: cross_entropy takes logits and applies log-softmax itself",
            )
    for node in graph.nodes:
        if name(node) in {"sigmoid", "softplus"}:
            source = node.inputs[0]
            source = behind(source, {*VIEWS, "neg"})
            if name(source) == "sigmoid":
                yield Finding(
                    "sigmoid twice",
                    graph.place(source),
                    {"largest": float(np.max(source.data))},
                    "the input of the sigmoid in the loss is the output of a sigmoid, so all its "
                    "probabilities lie between 0.5 and 0.73",
                    "remove the last sigmoid: binary_cross_entropy_with_logits takes logits",
                )


def _log_missing(graph: LossGraph) -> Iterator[Finding]:
    for pick in graph.picks():
        of, axis = pick.of, pick.axis
        if not graph.is_linear_to_root(pick.node):
            continue
        shifted = [u for u in graph.users.get(of, ()) if name(u) in {"exp", "logsumexp"}]
        data = np.asarray(of.data, float)
        top = data.max(axis, keepdims=True)
        with np.errstate(all="ignore"):
            total = np.log(np.exp(data - top).sum(axis, keepdims=True)) + top
        if shifted or not np.abs(total).max(initial=0.0) > 1e-3:
            continue
        what = "probabilities" if is_distribution(data, (axis,)) else "logits"
        yield Finding(
            "log-softmax missing",
            graph.place(behind(of, VIEWS)),
            {"total": float(np.exp(total).mean())},
            f"the loss is the mean of the targets' {what} with a minus sign, which has no lower "
            f"bound for logits and a weak slope for probabilities; e^x sums to "
            f"{np.exp(total).mean():.3g} in a row, and to 1 for log-probabilities",
            "use cross_entropy on logits, or nll_loss on log_softmax(logits)",
        )
    yield from _soft_log_missing(graph)


def _soft_log_missing(graph: LossGraph) -> Iterator[Finding]:
    """Probabilities times probabilities, where the logarithm of one should stand."""
    by_node = {softmax.node: softmax for softmax in graph.softmaxes()}
    for node in graph.loss:
        source: Any = attached(node) if name(node) == "mul" else None
        while source is not None and source not in by_node and name(source) in {*VIEWS, *SIGNS}:
            source = attached(source)
        if source not in by_node:
            continue
        others = [
            np.asarray(d)
            for x, d in zip(node.inputs, node.saved, strict=True)
            if x is None or not x.requires_grad
        ]
        axes = by_node[source].axes
        if len(others) != 1 or not is_distribution(others[0], axes):
            continue
        # The slope of a logarithm would be the target over the probability.
        if others[0].shape == source.shape and _proportional(graph.gradient(source), -others[0]):
            yield Finding(
                "log-softmax missing",
                graph.place(source),
                {"total": 1.0},
                "the loss is a sum of the targets' probabilities times the model's probabilities, "
                "where their logarithms belong: it falls by less than 1 and has a weak slope",
                "use log_softmax in place of softmax, e.g. kl_div(log_softmax(logits), target)",
            )
            return


def _proportional(a: Any, b: Any) -> bool:
    """Whether one array is the other times a positive number."""
    scale = float(np.vdot(a, b)) / max(float(np.vdot(b, b)), 1e-300)
    return scale > 0.0 and bool(np.allclose(a, scale * b, atol=1e-6 * scale))


def label_weights(graph: LossGraph, pick: Pick) -> Any:
    """What a sample of each class that occurs weighs in a cross-entropy; None for another loss.

    Who weighs single samples, as by rewards or by how hard they are, gives a class several weights.
    """
    labels, slopes = np.ravel(pick.classes), np.ravel(graph.gradient(pick.node))
    if not graph.normalizers() or labels.size != slopes.size or not labels.size:
        return None
    groups = [-slopes[labels == c] for c in np.unique(labels)]
    if any(np.ptp(g) > 1e-6 * np.abs(g).max() or not g.min() > 0.0 for g in groups):
        return None
    return np.array([g[0] for g in groups])


def _class_weights(graph: LossGraph) -> Iterator[Finding]:
    """Weights of classes that are larger the more frequent a class is."""
    for pick in graph.picks():
        weights = label_weights(graph, pick)
        if weights is None or len(weights) < 2 or np.size(pick.classes) < MANY:
            continue
        counts = np.unique(np.ravel(pick.classes), return_counts=True)[1]
        if min(np.ptp(np.log(x)) for x in (weights, counts)) < TWOFOLD:
            continue
        if np.corrcoef(np.log(weights), np.log(counts))[0, 1] > ALIGNED:
            most = int(counts.argmax())
            yield Finding(
                "class weights favour frequent classes",
                "",
                {"largest": float(weights.max()), "smallest": float(weights.min())},
                f"a sample of class {np.unique(pick.classes)[most]}, the most frequent one, weighs "
                f"{weights[most] / weights.min():.2g} times as much as one of the class with the "
                "smallest weight, so rare classes are ignored",
                "weight classes by 1 / frequency",
            )
            return


def _output_range(graph: LossGraph) -> Iterator[Finding]:
    for error in graph.errors():
        source = behind(error.output, VIEWS)
        if name(source) not in RANGES:
            continue
        low, high = RANGES[name(source)]
        target = np.asarray(error.target, float)
        outside = float(np.mean((target < low - 1e-6) | (target > high + 1e-6)))
        if outside > BEYOND:
            ends = f"[{low:g}, {high:g}]" if high < math.inf else "0 and above"
            yield Finding(
                "output activation does not fit",
                graph.place(source),
                {"outside": outside},
                f"{outside:.0%} of the targets, which go from {target.min():.3g} to "
                f"{target.max():.3g}, lie outside of {ends}, the range of {name(source)}",
                "remove the last activation, or scale the targets into its range",
            )


def _bounded_logits(graph: LossGraph) -> Iterator[Finding]:
    inside = set(graph.model)
    picked = {behind(pick.of, VIEWS) for pick in graph.picks()}
    by_hand = [s for s in graph.softmaxes() if s.node in picked]
    for softmax in (*graph.normalizers(), *by_hand):
        source = behind(softmax.source, VIEWS)
        if name(source) not in RANGES or source not in inside:
            continue
        low, high = RANGES[name(source)]
        count = int(np.prod([source.shape[a] for a in softmax.axes]))
        least = math.log1p((count - 1) * math.exp(low - high)) if high < math.inf else 0.0
        if high < math.inf and least < REACHABLE * math.log(count):
            continue
        zero = float(np.mean(np.asarray(source.data) == 0.0))
        limits = f"cross_entropy cannot fall below {least:.3g}"
        if high == math.inf:
            limits = f"no logit can be negative, and {zero:.0%} are exactly 0 without a gradient"
        yield _logits_finding(graph, source, limits, {"least_loss": least, "zeros": zero})
    for node in graph.loss:
        source = behind(node.inputs[0], {*VIEWS, "neg"}) if name(node) == "softplus" else None
        if name(source) in {"relu", "tanh"} and source in inside:
            bounds = "no probability can fall below 0.5"
            if name(source) == "tanh":
                bounds = "all probabilities lie between 0.27 and 0.73"
            yield _logits_finding(graph, source, bounds, {"least_loss": 0.0})


def _logits_finding(
    graph: LossGraph, source: Any, limits: str, numbers: dict[str, float]
) -> Finding:
    return Finding(
        "output activation does not fit",
        graph.place(source),
        numbers,
        f"the logits are outputs of {name(source)}: {limits}",
        "remove the last activation: the loss takes logits of any size and sign",
    )


def dropout_masks(graph: LossGraph) -> Iterator[tuple[Any, float]]:
    """Products with a mask of zeros and 1 / (1 - p), and that p."""
    for node in graph.nodes:
        plain = [d for x, d in zip(node.inputs, node.saved, strict=True) if x is None]
        if name(node) != "mul" or len(plain) != 1 or not node.requires_grad:
            continue
        mask = np.asarray(plain[0])
        if mask.dtype.kind != "f" or mask.size < 2 or mask.shape == ():
            continue
        scale = float(mask.max())
        zeros = mask == 0.0
        if not zeros.any() or scale <= 1.0 or not np.all(zeros | (mask == scale)):
            continue
        p = 1.0 - 1.0 / scale
        # A mask of dropout tells its probability twice: by its scale and by its zeros.
        if abs(float(zeros.mean()) - p) < 4.0 * math.sqrt(p * (1.0 - p) / mask.size) + 1e-9:
            yield node, p


def _dropout(graph: LossGraph) -> Iterator[Finding]:
    ends = {behind(x, VIEWS) for x in graph.outputs}
    for node, p in dropout_masks(graph):
        if p / (1.0 - p) >= NOISE - 1e-9:
            yield Finding(
                "dropout too high",
                graph.place(node),
                {"p": p, "noise": p / (1.0 - p)},
                f"dropout zeroes {p:.0%} of the entries; the variance of its noise is "
                f"{p / (1.0 - p):.3g} times the squared signal",
                "p = 0.1 to 0.5",
            )
        elif node in ends:
            yield Finding(
                "dropout on the output",
                graph.place(node),
                {"p": p},
                f"dropout sets {p:.0%} of the model's outputs themselves to 0, whatever the input",
                "put dropout before the last layer, not after it",
            )
