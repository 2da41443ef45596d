"""The end of a diagnosis: what was noted becomes rows of a table and findings, causes first."""

from __future__ import annotations

import math
from typing import Any

from autograd import ancestors, data_of
from nn.inspect import layer_findings as of_layers
from nn.inspect.curve import finite, learns, not_falling, outcome, worst_rise
from nn.inspect.data import (
    class_findings,
    input_findings,
    not_finite,
    one_answer,
    value_findings,
)
from nn.inspect.findings import Finding, later, median, ranked
from nn.inspect.layers import LayerReport
from nn.inspect.loop import Loop, ascends
from nn.inspect.loop_findings import AGAINST, loop_findings, uphill
from nn.inspect.modes import evaluation_findings
from nn.inspect.step_sizes import rate_findings
from nn.inspect.watch import LASTING, Watch, watching
from nn.inspect.wiring import normalizes, not_registered, unreached

# Findings that explain why nothing moves, or that everything does.
STILL = {
    "no backward pass",
    "no optimizer step",
    "gradients erased before the step",
    "optimizer of another model",
    "learning rate is zero",
    "gradients scaled down before the step",
    "learning rate decays to zero",
    "weight decay too strong",
    "steps uphill",
    "gradients not reset",
}
# What layers look like when a network does not learn; if it does, they are no finding.
SYMPTOMS = {"dying ReLU", "activations shrink", "vanishing gradients"}
# And those that can drive a loss from a number to none.
DIVERGES = {
    "gradients not reset",
    "steps uphill",
    "loss with the wrong sign",
    "inputs not scaled",
    "targets not scaled",
    "activations grow",
    "exploding gradients",
    "momentum too high",
    "learning rate too high",
}


def fill(watch: Watch, report: Any) -> None:
    """Write the measurements and findings into a Diagnosis."""
    report.steps = max(loop.steps for loop in watch.loops)
    report.calls = sum(loop.calls for loop in watch.loops)
    if len(watch.loops) == 1:
        [loop] = watch.loops
        report.losses = [*loop.losses, *([sum(loop.values)] if loop.values else [])]
        report.noise = loop.noise()
    report.layers = _with_ratios(watch, _rows(watch, None))
    report.findings = findings_of(watch)
    # Only then: what the watch holds itself would count as kept.
    watch.root, watch.roots, watch.outputs, watch.calls = None, [], [], []
    around = ancestors([root for outer in watching.get() for root in outer.roots])
    report.findings += watch.rounds.findings({id(data_of(x)) for x in around})


def findings_of(watch: Watch) -> list[Finding]:
    """What was found, causes first."""
    return ranked(_findings(watch))


def _rows(watch: Watch, first: int | None) -> list[LayerReport]:
    rows, before = [], math.nan
    for layer in watch.order:
        row = layer.report(before, first)
        rows.append(row)
        before = row.gradient if row.gradient == row.gradient else before
    return rows


def _with_ratios(watch: Watch, rows: list[LayerReport]) -> list[LayerReport]:
    """The rows of layers with the update ratios of their weights."""
    ratios = {w.module: w.ratios for loop in watch.loops for w in loop.weights if w.is_weight}
    return [row._replace(update_ratio=median(ratios.get(row.path, ()))) for row in rows]


def _findings(watch: Watch) -> list[Finding]:
    broken = not_finite(watch.inputs) or watch.broken_data
    if broken:
        step = {} if watch.not_finite is None else {"step": float(watch.not_finite[0])}
        return [f._replace(numbers={**f.numbers, **step}) for f in broken]
    playing = watch.foreign or len(watch.loops) > 1 or watch.loops[0].discarded >= 2
    place = {layer.path: i for i, layer in enumerate(watch.order)}
    found = [
        f
        for loop in watch.loops
        if not _follows(watch, loop)
        for f in _of_loop(watch, loop, playing)
    ]
    of_rows = _of_layers(watch, _rows(watch, None))
    if not playing and learns(_costs(watch, watch.loops[0])):
        of_rows = [f for f in of_rows if f.kind not in SYMPTOMS]
    found += sorted(_noted(watch, playing), key=lambda f: place.get(f.layer, -1))
    found += [*_of_data(watch), *of_rows, *watch.game.findings()]
    return found if watch.not_finite is None else _not_finite(watch, found)


def _noted(watch: Watch, playing: bool) -> list[Finding]:
    """What was found while the program ran, and still holds."""
    noted = [
        f for f in watch.noted if f.kind not in LASTING or all(f.kind in k for k in watch.read)
    ]
    if not playing and direction(watch) < 0.0:
        noted = [f for f in noted if f.kind != "loss with the wrong sign"]
    return noted


def _of_loop(watch: Watch, loop: Loop, playing: bool) -> list[Finding]:
    order = [layer.path for layer in watch.order]
    alone = not watch.foreign and len(watch.loops) == 1
    sign = direction(watch)
    found = loop_findings(loop, watch.optimizers, order, alone=alone, sign=sign)
    found += unreached(loop, watch.called, watch.roots, watch.elsewhere)
    found += not_registered(loop.held, [*watch.optimizers, *loop.made])
    found += evaluation_findings(loop, playing)
    # Who plays against another model has a loss that need not fall.
    costs = _costs(watch, loop)
    course = "unknown" if playing else outcome(costs)
    if not any(f.kind in STILL for f in found):
        rise = 1.0 if playing else worst_rise(costs, loop.is_broken)
        own = [o for o in watch.optimizers if loop.held_by(o)]
        known = None if playing else watch.constant
        found += rate_findings(loop, own, course, rise, losses=costs, constant=known)
    if not playing:
        found += () if watch.compares else loop.spread.findings(loop.name)
        found += not_falling(costs, loop.name, watch.constant, sign)
    return found


def _follows(watch: Watch, loop: Loop) -> bool:
    """Whether one of several models is moved without gradients, as the average of another is."""
    return len(watch.loops) > 1 and not loop.calls and not loop.passes and loop.steps > 0


def direction(watch: Watch) -> float:
    """1 if the training minimizes its loss, -1 if it maximizes it, as a log-likelihood.

    Steps uphill on a loss with the wrong sign are right, whoever makes them.
    """
    if ascends(watch.optimizers):
        return -1.0
    wrong = any(f.kind == "loss with the wrong sign" for f in watch.noted)
    return -1.0 if wrong and uphill(watch.loops[0]) > AGAINST else 1.0


def _costs(watch: Watch, loop: Loop) -> list[float]:
    """The losses that are numbers, with a minus sign if they are maximized."""
    sign = direction(watch)
    return [sign * x for x in finite(loop.losses)]


def _not_finite(watch: Watch, found: list[Finding]) -> list[Finding]:
    """The one finding that a loss without a number leaves: its cause."""
    assert watch.not_finite is not None
    step, what, births = watch.not_finite
    told = f"{what} is nan or inf from step {step} on"
    causes = [f for f in ranked(found) if f.kind in DIVERGES] if step > 1 else []
    if births and births[0].operation == "exp":
        causes = [f for f in found if f.kind == "logits overflow"] or causes
    if causes:
        return [causes[0]._replace(text=f"{causes[0].text}; {told}")]
    birth = births[0] if births else None
    remedy = (
        "ag.detect_anomaly() names the line; use functions that cannot overflow (cross_entropy, "
        "logsumexp), a smaller learning rate or clip_grad_norm_"
    )
    if birth is not None and birth.phase == "forward" and not birth.birth:
        remedy = "look at the data that this operation is given"
    how = f": {birth}".split("\n")[0] if birth is not None else ""
    return [
        Finding(
            "loss is not finite",
            birth.module if birth is not None else "",
            {"step": step},
            f"{told}{how}",
            remedy,
        )
    ]


def _of_data(watch: Watch) -> list[Finding]:
    layers = [layer.module for layer in watch.order]
    found = input_findings(watch.inputs, normalized=normalizes(layers), counts=watch.counts)
    if not watch.balanced:
        found += class_findings(watch.classes, watch.class_count)
    if len(watch.loops) > 1:
        return found
    found += [*watch.pairs.findings(), *value_findings(watch.values)]
    return found if watch.foreign else found + one_answer(watch.binary)


def _of_layers(watch: Watch, rows: list[LayerReport]) -> list[Finding]:
    found: list[Finding] = []
    order = watch.order
    initial = _rows(watch, min((layer.calls[0].step for layer in order), default=1))
    for i, (row, layer) in enumerate(zip(rows, order, strict=True)):
        found += of_layers.dead_units(row, layer, order[i - 1] if i else None)
        found += of_layers.saturation(initial[i]) or later(of_layers.saturation(row))
    through_time = [layer for layer in order if layer.path in watch.recurrent]
    fading = [f for layer in through_time for f in of_layers.over_time(layer)]
    if fading or len(watch.loops) > 1:
        return found + fading
    sizes = [layer.calls[0].size for layer in order]
    found += of_layers.gradients(initial) or later(of_layers.gradients(rows))
    grown = of_layers.activations(rows, sizes)
    return found + (of_layers.activations(initial, sizes) or later(grown))
