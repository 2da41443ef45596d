"""What the measurements of layers show: units, activations, gradients and updates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd import Tensor, data_of, no_grad
from nn.inspect.findings import Finding, median
from nn.inspect.layers import Layer, LayerReport
from nn.layers.convolution import Conv1d, Conv2d
from nn.layers.linear import Linear
from nn.layers.normalization import GroupNorm, LayerNorm
from nn.layers.running_statistics import (
    BATCH_NORMS,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
)
from nn.module.module import Module

INSTANCE_NORMS = (InstanceNorm1d, InstanceNorm2d, InstanceNorm3d)
DEAD = 0.5  # the share of dead units; deep networks start with a few that no sample reaches
DIED = 0.75  # and of units that died in training; deep networks lose some and go on learning
FLAT = 0.5  # the share of outputs at the ends of a sigmoid
RANGE = 1e3  # the ratio between the gradients, or activations, of two layers
# What each call of a layer that is called again and again does to the gradient: an orthogonal
# matrix keeps it, the usual initializations with tanh halve it.
FADES, SWELLS = 0.1, 1.3


def dead_units(row: LayerReport, layer: Layer, feeding: Layer | None) -> list[Finding]:
    """A rectifier with many units that are 0 for all data, because of bias, weights or inputs."""
    if not row.units or row.dead / row.units < (DEAD if row.dead_since == 1 else DIED):
        return []
    cause, detail = _cause(layer, feeding)
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


def _cause(layer: Layer, feeding: Layer | None) -> tuple[str, str]:
    before = feeding.module if feeding is not None else None
    inputs = feeding.input if feeding is not None else None
    if not isinstance(before, (Linear, Conv1d, Conv2d)) or inputs is None:
        return "weights", "its inputs are never above 0"
    x = np.asarray(inputs, before.weight.dtype)
    if not np.abs(x).max(initial=0.0) > 1e-12:
        return "inputs", "all inputs of the layer before are 0"
    gone = np.flatnonzero(layer.dead_units())
    if before.bias is None:
        return "weights", "the weighted sums are never above 0"
    biases = before.bias.numpy()[gone]
    with no_grad():
        out = np.asarray(data_of(before.forward(x)), float)
    axis = out.ndim - 1 if isinstance(before, Linear) else out.ndim - (before.weight.ndim - 1)
    sums = np.moveaxis(out, axis, -1).reshape(-1, before.weight.shape[0])[:, gone] - biases
    by_bias = (sums.max(axis=0) > 0) & (biases < 0)
    if by_bias.mean() >= 0.5:
        top, low = median(sums.max(axis=0)), median(biases)
        return "bias", f"weighted sums reach {top:.3g}, and biases of {low:.3g} pull them below 0"
    top = median(sums.max(axis=0))
    return "weights", f"the largest weighted sum of such a unit is {top:.3g} without its bias"


def saturation(row: LayerReport) -> list[Finding]:
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


def symmetry(path: str, module: Module, gradient: Any) -> list[Finding]:
    """Units with equal weights and equal gradients, which stay equal forever.

    Args:
        path: the module's path.
        module: the module.
        gradient: the gradient of its weight in one pass, or None.
    """
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.ndim < 2 or weight.shape[0] < 2 or gradient is None:
        return []
    rows = weight.numpy().reshape(weight.shape[0], -1)
    slopes = gradient.reshape(weight.shape[0], -1)
    scale = max(float(np.abs(rows).max()), 1e-300)
    if not np.ptp(rows, axis=0).max() <= 1e-9 * scale:
        return []
    if not np.ptp(slopes, axis=0).max() <= 1e-9 * max(float(np.abs(slopes).max()), 1e-300):
        return []
    return [
        Finding(
            "symmetry not broken",
            path,
            {"units": weight.shape[0]},
            f"all {weight.shape[0]} units have the same weights and the same gradient, so they "
            "stay the same",
            "draw the weights at random, e.g. nn.init.kaiming_normal_(layer.weight); only biases "
            "may be equal",
        )
    ]


def gradients(rows: Sequence[LayerReport]) -> list[Finding]:
    """Gradients that vanish or explode on their way to the first layer."""
    known = [row for row in rows if math.isfinite(row.gradient) and row.gradient > 0]
    if len(known) < 2:
        return []
    first, last = known[0], known[-1]
    silent = [r for r in rows[: rows.index(first)] if r.gradient == 0.0]
    if silent:
        # Underflow, or a layer that passes nothing on, such as a dead one.
        return [
            Finding(
                "vanishing gradients",
                first.path,
                {"ratio": 0.0, "gain": 0.0},
                f"the gradient of {silent[-1].path or silent[-1].kind}'s outputs is exactly 0, "
                f"although that of {first.path}: {first.kind}, the layer after it, is "
                f"{first.gradient:.2g}",
                "look at the findings about the layers between them; Kaiming or Xavier "
                "initialization keeps gradients from underflowing",
            )
        ]
    ratio = first.gradient / last.gradient
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


def over_time(layer: Layer) -> list[Finding]:
    """Gradients that vanish or explode on their way through the calls of a layer."""
    found = layer.gain_over_time()
    return [] if found is None else through_time(*found, layer.path)


def through_time(first: float, last: float, steps: int, path: str) -> list[Finding]:
    """Gradients that vanish or explode on their way through the steps of a sequence.

    Args:
        first: the size of the gradient at the first step.
        last: the one at the last step, where the gradient comes from.
        steps: how many steps there are.
        path: the module.
    """
    if not last > 0.0:
        return []
    ratio = first / last
    gain = ratio ** (1.0 / (steps - 1))
    if not (gain < FADES and ratio < 1.0 / RANGE) and not (gain > SWELLS and ratio > RANGE):
        return []
    kind = "vanishing gradients" if ratio < 1.0 else "exploding gradients"
    remedy = "an orthogonal initialization, a GRU or LSTM"
    if ratio > 1.0:
        remedy = "an orthogonal initialization, nn.optim.clip_grad_norm_, a GRU or LSTM"
    return [
        Finding(
            kind,
            path,
            {"ratio": ratio, "gain": gain},
            f"each step back in time multiplies the gradient by {gain:.2g}: at the first of "
            f"{steps} steps of {path} it is {ratio:.2g} times that at the last",
            remedy,
        )
    ]


def activations(rows: Sequence[LayerReport], sizes: Sequence[int]) -> list[Finding]:
    """Outputs that shrink or grow from layer to layer, and the gain of the initialization.

    Args:
        rows: the layers, in the order of calls.
        sizes: how many numbers each of them returns: one number has no deviation.
    """
    # A layer of zeros is deliberate.
    layers = [r for r, n in zip(rows, sizes, strict=True) if r.predicted_gain > 0 and n > 1]
    if len(layers) < 3 or not layers[0].variance > 0:
        return []
    ratios = [(math.sqrt(row.variance / layers[0].variance), row) for row in layers]
    ratio, row = min(ratios, key=lambda pair: pair[0])
    if ratio >= 1.0 / RANGE:
        ratio, row = max(ratios, key=lambda pair: pair[0])
        if not ratio > RANGE:
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


def single_sample_batch(path: str, module: Module, inputs: Any) -> Iterator[Finding]:
    """Batch normalization that trains on a batch of one sample."""
    if not isinstance(module, BATCH_NORMS) or not module.training or not inputs:
        return
    shape = np.shape(inputs[0])
    if len(shape) == 2 and shape[0] == 2:
        yield Finding(
            "BatchNorm with a batch of two",
            path,
            {"batch": 2},
            f"each feature of a training batch of shape {shape} is normalized to -1 and 1 (or 0), "
            "whatever the two samples are",
            "a larger batch, or GroupNorm or LayerNorm",
        )
    if shape and shape[0] == 1:
        yield Finding(
            "BatchNorm with a batch of one",
            path,
            {"batch": 1},
            f"a training batch of shape {shape} has the statistics of a single sample",
            "a larger batch, drop_last=True in the loader, or GroupNorm or LayerNorm",
        )


def single_numbers(path: str, module: Module, inputs: Any) -> Iterator[Finding]:
    """Normalization of groups of one number, which minus their mean are 0."""
    shape = np.shape(inputs[0]) if inputs else ()
    size = 0
    if isinstance(module, LayerNorm):
        size = math.prod(module.normalized_shape)
    elif isinstance(module, GroupNorm) and len(shape) > 1:
        size = math.prod(shape[1:]) // module.num_groups
    elif isinstance(module, INSTANCE_NORMS) and len(shape) > 2:
        size = math.prod(shape[2:])
    if size == 1:
        yield Finding(
            "normalization of one number",
            path,
            {"size": 1},
            f"{type(module).__name__} of inputs of shape {shape} normalizes each number by itself: "
            "minus its mean it is 0, so the output is the bias, whatever the input",
            "normalize before pooling or before the last layer, with more numbers in a group",
        )


def overflow(largest: float, dtype: Any) -> list[Finding]:
    """Logits so large that their exponentials overflow."""
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
