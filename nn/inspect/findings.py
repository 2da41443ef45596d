"""What can be wrong with a network: each finding with its evidence and its remedy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from nn.layers.linear import Linear
from nn.layers.running_statistics import BatchNorm1d, BatchNorm2d
from nn.module.module import Module

RECENT = 5  # a unit that was inactive for this many steps counts as dead
DEAD = 0.5  # the share of dead units; deep networks start with a few that no sample reaches
FLAT = 0.5  # the share of outputs at the ends of a sigmoid
RANGE = 1e3  # the ratio between the gradients, or activations, of two layers
HIGH, LOW = 0.1, 1e-6  # the norm of an update over the norm of the weights


class Finding(NamedTuple):
    """Something that is wrong with a network.

    Attributes:
        kind: its name.
        layer: the path of the module; "" for the whole model.
        numbers: the evidence, by name.
        text: what is wrong, in a sentence.
        remedy: what to do about it.
    """

    kind: str
    layer: str
    numbers: dict[str, float]
    text: str
    remedy: str

    def __str__(self) -> str:
        where = f" in {self.layer}" if self.layer else ""
        return f"{self.kind}{where}: {self.text}. Remedy: {self.remedy}."


def dead_units(row: Any, watched: Any, feeding: Any, steps: int) -> list[Finding]:
    """A rectifier with many units that are 0 for all data, because of bias, weights or inputs."""
    if not row.units or row.dead / row.units < DEAD:
        return []
    cause, detail = _cause(watched, feeding, steps)
    since = "from the first step on" if row.dead_since == 1 else f"since step {row.dead_since}"
    remedies = {
        "bias": "reset the biases of those units to 0, and lower the learning rate",
        "weights": "restart with Kaiming initialization and a lower learning rate, or use "
        "LeakyReLU or ELU",
        "inputs": "look at the layers before it, whose outputs are all 0",
    }
    return [
        Finding(
            "dying ReLU",
            row.path,
            {"dead": row.dead, "units": row.units, "since": row.dead_since or 0},
            f"{row.dead} of {row.units} units are never active, {since}; the {cause} did it: "
            f"{detail}",
            remedies[cause],
        )
    ]


def _cause(watched: Any, feeding: Any, steps: int) -> tuple[str, str]:
    layer = feeding.module if feeding is not None else None
    inputs = feeding.input if feeding is not None else None
    if not isinstance(layer, Linear) or inputs is None:
        return "weights", "its inputs are never above 0"
    gone = np.flatnonzero(watched.last_active <= steps - max(1, min(steps, RECENT)))
    x = np.asarray(inputs, float).reshape(-1, layer.in_features)
    if not np.abs(x).max(initial=0.0) > 1e-12:
        return "inputs", "all inputs of the layer before are 0"
    products = x @ layer.weight.numpy()[gone].T
    if layer.bias is None:
        return "weights", "the weighted sums are never above 0"
    biases = layer.bias.numpy()[gone]
    by_bias = (products.max(axis=0) > 0) & (biases < 0)
    if by_bias.mean() >= 0.5:
        top, low = float(np.median(products.max(axis=0))), float(np.median(biases))
        return "bias", f"weighted sums reach {top:.3g}, and biases of {low:.3g} pull them below 0"
    top = float(np.median(products.max(axis=0)))
    return "weights", f"the largest weighted sum of such a unit is {top:.3g} without its bias"


def saturation(row: Any) -> list[Finding]:
    """A sigmoid or tanh most of whose outputs are at its flat ends."""
    if row.saturated is None or row.saturated < FLAT:
        return []
    return [
        Finding(
            "saturated units",
            row.path,
            {"saturated": row.saturated},
            f"{row.saturated:.0%} of the outputs of this {row.kind} are at its ends, where its "
            "slope is nearly 0",
            "scale the inputs to variance 1, use Xavier initialization, or normalize before it",
        )
    ]


def symmetry(row: Any, watched: Any, gradient: Any) -> list[Finding]:
    """Units with equal weights and equal gradients, which stay equal forever."""
    weight = getattr(watched.module, "weight", None)
    if not isinstance(weight, Tensor) or weight.ndim < 2 or weight.shape[0] < 2 or gradient is None:
        return []
    rows, slopes = (
        weight.numpy().reshape(weight.shape[0], -1),
        gradient.reshape(weight.shape[0], -1),
    )
    scale = max(float(np.abs(rows).max()), 1e-300)
    if np.ptp(rows, axis=0).max() > 1e-9 * scale:
        return []
    if np.ptp(slopes, axis=0).max() > 1e-9 * max(float(np.abs(slopes).max()), 1e-300):
        return []
    return [
        Finding(
            "symmetry not broken",
            row.path,
            {"units": weight.shape[0]},
            f"all {weight.shape[0]} units have the same weights and the same gradient, so they "
            "stay the same",
            "draw the weights at random, e.g. nn.init.kaiming_normal_(layer.weight); only biases "
            "may be equal",
        )
    ]


def gradients(rows: Sequence[Any]) -> list[Finding]:
    """Gradients that vanish or explode on their way to the first layer."""
    known = [row for row in rows if row.gradient == row.gradient and row.gradient > 0]
    zero = [row for row in rows if row.gradient == 0.0]
    if len(known) < 2:
        return []
    first, last = known[0], known[-1]
    ratio = (
        0.0 if zero and rows.index(zero[0]) < rows.index(first) else first.gradient / last.gradient
    )
    if 1.0 / RANGE <= ratio <= RANGE:
        return []
    steps = [(b, a.gradient / b.gradient) for a, b in itertools.pairwise(known)]
    kind = "vanishing gradients" if ratio < 1 else "exploding gradients"
    worst = min(steps, key=lambda s: s[1]) if ratio < 1 else max(steps, key=lambda s: s[1])
    remedy = "Kaiming or Xavier initialization, residual connections, normalization layers"
    if ratio > 1:
        remedy = "a smaller initialization, normalization layers, or nn.optim.clip_grad_norm_"
    return [
        Finding(
            kind,
            worst[0].path,
            {"ratio": ratio, "gain": worst[1]},
            f"the gradient of the first layer's outputs is {ratio:.2g} times that of the last "
            f"layer's ({first.gradient:.2g} against {last.gradient:.2g}); the gain is worst in "
            f"{worst[0].path}: {worst[0].kind}, {worst[1]:.2g}",
            remedy,
        )
    ]


def activations(rows: Sequence[Any]) -> list[Finding]:
    """Outputs that shrink or grow from layer to layer, and the gain of the initialization."""
    layers = [row for row in rows if row.predicted_gain > 0]  # a layer of zeros is deliberate
    if len(layers) < 3 or not layers[0].variance > 0:
        return []
    ratios = [(math.sqrt(row.variance / layers[0].variance), row) for row in layers]
    ratio, row = min(ratios, key=lambda pair: pair[0])
    if ratio >= 1.0 / RANGE:
        ratio, row = max(ratios, key=lambda pair: pair[0])
        if ratio <= RANGE:
            return []
    gain = float(np.exp(np.mean([math.log(row.predicted_gain) for row in layers])))
    way = "shrink" if ratio < 1 else "grow"
    return [
        Finding(
            f"activations {way}",
            row.path,
            {"ratio": ratio, "fan_in_times_variance": gain},
            f"the standard deviation of its outputs is {ratio:.2g} times that of the first "
            f"layer's; fan_in · Var(w) is {gain:.2g} on average, where 1 keeps the scale through "
            "tanh, and 2 through ReLU",
            "nn.init.kaiming_normal_ for ReLU, xavier_normal_ for tanh and sigmoid",
        )
    ]


def rates(rows: Sequence[Any]) -> list[Finding]:
    """Steps that are large or tiny compared with the weights."""
    known = [row for row in rows if row.update_ratio == row.update_ratio]
    if not known:
        return []
    middle = float(np.median([row.update_ratio for row in known]))
    numbers = {"update_ratio": middle}
    text = f"a step changes weights by {middle:.2g} of their norm; about 0.001 is usual"
    if middle > HIGH:
        remedy = "divide it by ten, or use warmup"
        return [Finding("learning rate too high", "", numbers, text, remedy)]
    if middle < LOW:
        remedy = "multiply it by ten or more"
        return [Finding("learning rate too low", "", numbers, text, remedy)]
    return []


def single_sample_batch(path: str, module: Module, inputs: Any) -> Finding | None:
    """Batch normalization that trains on a batch of one sample."""
    if not isinstance(module, (BatchNorm1d, BatchNorm2d)) or not module.training or not inputs:
        return None
    shape = np.shape(inputs[0])
    if not shape or shape[0] != 1:
        return None
    return Finding(
        "BatchNorm with a batch of one",
        path,
        {"batch": 1},
        f"a training batch of shape {shape} has the statistics of a single sample",
        "a larger batch, drop_last=True in the loader, or GroupNorm or LayerNorm",
    )


def overflow(output: Any) -> list[Finding]:
    """Outputs so large that their exponentials overflow."""
    if output is None:
        return []
    largest, dtype = output
    limit = math.log(float(np.finfo(dtype).max))
    if not largest > limit:
        return []
    return [
        Finding(
            "logits overflow",
            "",
            {"largest": largest, "limit": limit},
            f"the model's outputs reach {largest:.3g}; in a softmax written by hand, e^x overflows "
            f"{dtype} above {limit:.3g}",
            "use nn.functional.cross_entropy, which takes logits of any size, and a smaller "
            "learning rate or initialization",
        )
    ]


def graphs(rounds: Any) -> list[Finding]:
    """Graphs of earlier steps that the program keeps, so that memory grows with every step."""
    kept, earlier = rounds.kept()
    if not kept or kept < earlier:
        return []
    return [
        Finding(
            "graphs are kept",
            "",
            {"kept": kept, "steps": earlier},
            f"the graphs of {kept} of {earlier} earlier steps are still in memory, because "
            "something that was computed in them is kept, such as the loss",
            "keep loss.item(), or output.detach() for an array",
        )
    ]
