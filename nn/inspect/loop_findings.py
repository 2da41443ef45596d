"""What the ledger of a loop shows: passes without steps, steps without gradients, and so on."""

from __future__ import annotations

import gc
import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from nn.inspect.findings import Finding, listing, median
from nn.inspect.loop import Loop, Weight, parameters_of
from nn.optim.optimizer import Optimizer

FEW_PASSES, MANY_PASSES = 2, 10  # without a step: with gradients reset between them, and without
FEW_CHANGES = 3  # of a parameter, which may be those before it was frozen
DRAWN = 0.5  # a change over the norm of the weights, which keeps little of them
UNDOES = 0.9  # the cosine between a step and what takes it back
LOW = 1e-6  # the norm of an update over the norm of the weights
AGAINST = 0.5  # the cosine between a step and the gradient, which it should oppose
FADED = 1e-3  # of the highest learning rate; a cosine schedule spends 2% of its steps below
SCALED = 1e-2  # the share of a gradient that is left when an optimizer sees it
SHRINKS = 0.01  # the share of its weights that a step takes away: all but a third in 100 steps
ONLY_SHRINKS = 0.5  # the cosine between a step and the weights' own direction towards 0


def common_module(loop: Loop, weights: list[Weight]) -> str:
    """The outermost module around the first of some parameters that has no others."""
    affected = {w.path for w in weights}
    parts = weights[0].path.split(".")
    for depth in range(1 if loop.name else 0, len(parts)):
        module = ".".join(parts[:depth])
        inside = [
            w.path for w in loop.weights if f"{w.path}.".startswith(f"{module}." * bool(module))
        ]
        if set(inside) <= affected:
            return module
    return weights[0].module


def loop_findings(
    loop: Loop, optimizers: list[Any], order: list[str], *, alone: bool = True, sign: float = 1.0
) -> list[Finding]:
    """All that the ledger of one model shows.

    Args:
        loop: the ledger.
        optimizers: those that the user passed.
        order: the paths of the layers in the order of their calls.
        alone: whether nothing else is trained by passes through the model.
        sign: -1 if the loss is maximized.
    """
    found = [*_no_pass(loop), *_membership(loop, optimizers), *_frozen(loop, optimizers, order)]
    found += _no_step(loop, optimizers)
    own = [o for o in optimizers if loop.held_by(o)]
    found += [*_stale(loop), *_zero_updates(loop, own)]
    found += [*_uphill(loop)] if sign > 0.0 else []
    found += [*_thrown_away(loop)] if alone else []
    found += [
        *_replaced(loop),
        *_dampened(loop, own),
        *_made_again(loop),
        *_scaled(loop),
        *_decay(loop, own),
        *_rate_decays(loop),
    ]
    return found


def _no_pass(loop: Loop) -> Iterator[Finding]:
    if loop.calls >= FEW_PASSES and loop.passes == 0 and loop.trainable and not loop.foreign_passes:
        yield Finding(
            "no backward pass",
            loop.name,
            {"calls": loop.calls, "passes": 0},
            f"the model was called {loop.calls} times and no backward pass followed, so no "
            "parameter has a gradient",
            "call loss.backward() before optimizer.step()",
        )


def _membership(loop: Loop, optimizers: list[Any]) -> Iterator[Finding]:
    trainable = loop.trainable
    if not trainable:
        return
    owned = {id(p) for o in optimizers for p in parameters_of(o)}
    outside = [w for w in trainable if id(w.parameter) not in owned]
    if optimizers and len(outside) == len(trainable):
        yield Finding(
            "optimizer of another model",
            loop.name,
            {"outside": len(outside)},
            f"the optimizer holds none of the model's {len(trainable)} parameters, so its steps "
            "change another model",
            "make the optimizer with model.parameters(), after the model is complete",
        )
        return
    if not optimizers:
        changed = max((w.changes for w in trainable), default=0)
        outside = [w for w in trainable if changed >= 2 and not w.changes and w.reached]
    if outside:
        yield Finding(
            "parameters outside the optimizer",
            common_module(loop, outside),
            {"outside": len(outside), "parameters": len(trainable)},
            f"{len(outside)} of {len(trainable)} parameters get gradients but no step changes "
            f"them, because the optimizer does not hold them: {listing(w.path for w in outside)}",
            "make the optimizer with model.parameters(), after the model is complete",
        )


def _frozen(loop: Loop, optimizers: list[Any], order: list[str]) -> Iterator[Finding]:
    # One that was trained is frozen for a while only, as a discriminator while a generator steps.
    still = [w for w in loop.weights if w.changes < FEW_CHANGES]
    frozen = [w for w in still if not w.parameter.requires_grad]
    if not frozen or not (loop.passes or not loop.trainable):
        return
    if optimizers:  # who freezes on purpose leaves them out of the optimizer
        owned = {id(p) for o in optimizers for p in parameters_of(o)}
        frozen = [w for w in frozen if id(w.parameter) in owned]
    else:  # frozen layers that were trained elsewhere come first
        place = {path: i for i, path in enumerate(order)}
        first = min((place.get(w.module, math.inf) for w in loop.trainable), default=math.inf)
        frozen = [w for w in frozen if place.get(w.module, -1) > first]
    if frozen:
        yield Finding(
            "frozen parameters",
            common_module(loop, frozen),
            {"frozen": len(frozen), "parameters": len(loop.weights)},
            f"requires_grad is False for {listing(w.path for w in frozen)}, so no gradient is "
            "computed and no step changes them",
            "call requires_grad_() on the module; to freeze on purpose, leave them out of the "
            "optimizer",
        )


def _no_step(loop: Loop, optimizers: list[Any]) -> Iterator[Finding]:
    enough = (loop.resets and loop.passes >= FEW_PASSES) or loop.passes >= MANY_PASSES
    if loop.erased >= FEW_PASSES and loop.erased > loop.steps:
        yield Finding(
            "gradients erased before the step",
            loop.name,
            {"steps": loop.erased},
            f"the optimizer found no gradient in {loop.erased} of its steps, although a backward "
            "pass had computed them: zero_grad() was called between backward() and step()",
            "call zero_grad() before backward(), and step() after it",
        )
        return
    # A model that serves another's objective is not trained by every pass that reaches it.
    if not enough or loop.steps or not loop.trainable:
        return
    others = optimizers or [o for o in gc.get_objects() if isinstance(o, Optimizer)]
    owned = {id(p) for o in others for p in parameters_of(o)}
    if not optimizers and others and not any(id(w.parameter) in owned for w in loop.trainable):
        yield Finding(
            "optimizer of another model",
            loop.name,
            {"passes": loop.passes, "steps": 0},
            f"{loop.passes} backward passes computed gradients and no parameter changed; no "
            "optimizer that exists holds a parameter of this model",
            "make the optimizer with model.parameters(), after the model is complete",
        )
        return
    if optimizers and not any(id(w.parameter) in owned for w in loop.trainable):
        return  # said above
    yield Finding(
        "no optimizer step",
        loop.name,
        {"passes": loop.passes, "steps": 0},
        f"{loop.passes} backward passes computed gradients, and no parameter changed: the step "
        "was never made",
        "call optimizer.step() after loss.backward()",
    )


def _stale(loop: Loop) -> Iterator[Finding]:
    stale = max((w.stale_changes for w in loop.weights), default=0)
    if stale >= 2 and 2 * stale >= loop.steps:
        yield Finding(
            "gradients not reset",
            loop.name,
            {"stale_steps": stale, "steps": loop.steps},
            f"in {stale} of {loop.steps} steps, the gradient still held that of passes before the "
            "last step, because each backward pass adds to it",
            "call optimizer.zero_grad() before each backward pass, or after each step",
        )


def _zero_updates(loop: Loop, optimizers: list[Any]) -> Iterator[Finding]:
    measured = [w for w in loop.weights if w.ratios and not w.is_zero]
    if loop.steps < 2 or not measured:
        return
    if any(any(w.ratios) for w in measured):
        yield from _zero_groups(loop, optimizers, [w for w in measured if not any(w.ratios)])
        return
    rates = [float(g["lr"]) for o in optimizers for g in getattr(o, "param_groups", ())]
    if rates and max(rates) > 0.0 and (not loop.rates or max(loop.rates) > 0.0):
        return  # so small that rounding swallows the step, which the ratio says
    yield Finding(
        "learning rate is zero",
        loop.name,
        {"steps": loop.steps, "update_ratio": 0.0},
        f"{loop.steps} steps left every weight exactly as it was, although the gradients are not 0"
        + (": lr is 0" if rates else ""),
        "set lr above 0; look at the scheduler if there is one",
    )


def _zero_groups(loop: Loop, optimizers: list[Any], still: list[Weight]) -> Iterator[Finding]:
    """Groups of parameters whose own learning rate is 0."""
    groups = [
        g for o in optimizers for g in getattr(o, "param_groups", ()) if float(g["lr"]) == 0.0
    ]
    held = {id(p) for g in groups for p in g["params"]}
    still = [w for w in still if id(w.parameter) in held]
    if still:
        yield Finding(
            "learning rate is zero",
            common_module(loop, still),
            {"steps": loop.steps, "update_ratio": 0.0},
            f"{loop.steps} steps left {listing(w.path for w in still)} exactly as they were, "
            "although their gradients are not 0: lr of their group is 0",
            "set lr of the group above 0, or leave them out of the optimizer to freeze them",
        )


def uphill(loop: Loop) -> float:
    """The cosine between steps and gradients, their median; nan for fewer than two steps."""
    cosines = []
    for step in zip(*(w.slopes for w in loop.weights if w.slopes), strict=False):
        along, change, slope, *_ = np.sum(step, axis=0)
        if change > 0 and slope > 0:
            cosines.append(along / math.sqrt(change * slope))
    return median(cosines) if len(cosines) >= 2 else math.nan


def _uphill(loop: Loop) -> Iterator[Finding]:
    cosine = uphill(loop)
    if cosine > AGAINST:
        yield Finding(
            "steps uphill",
            loop.name,
            {"cosine": cosine},
            f"the cosine between a step and the gradient is {cosine:.2f}, so the steps "
            "increase the loss; descent has a negative one",
            "subtract lr · gradient, and leave maximize=False",
        )


def _thrown_away(loop: Loop) -> Iterator[Finding]:
    """Passes erased by zero_grad() before a step used them, as in a wrong accumulation."""
    if loop.steps and loop.discarded >= max(2, loop.steps):
        yield Finding(
            "gradients erased before the step",
            loop.name,
            {"passes": loop.passes, "erased": loop.discarded},
            f"zero_grad() erased the gradients of {loop.discarded} of {loop.passes} backward "
            f"passes, and {loop.steps} steps used the others",
            "to accumulate, call zero_grad() after each step only; otherwise step after each pass",
        )


def _replaced(loop: Loop) -> Iterator[Finding]:
    """Weights that are drawn again, or set back, between a step and the next pass."""
    drawn = max((sum(r.change > DRAWN for r in w.replaced) for w in loop.gauges), default=0)
    undone = max(
        (sum(r.share > 0.5 and r.cosine < -UNDOES for r in w.replaced) for w in loop.gauges),
        default=0,
    )
    told = ""
    if drawn >= 2:
        told = f"{drawn} times, weights were replaced by others after an optimizer's step"
        remedy = "initialize the model once, before the loop"
    elif undone >= FEW_PASSES and 2 * undone >= loop.steps:
        told = f"{undone} of {loop.steps} steps were taken back before the next pass"
        remedy = "keep averaged or saved weights in another model, and load them after training"
    if told:
        yield Finding(
            "weights replaced after the step",
            loop.name,
            {"replaced": max(drawn, undone), "steps": loop.steps},
            f"{told}, so what was learned is lost",
            remedy,
        )


def _dampened(loop: Loop, optimizers: list[Any]) -> Iterator[Finding]:
    """A momentum that takes in no gradient but the first."""
    for group in (g for o in optimizers for g in getattr(o, "param_groups", ())):
        if group.get("momentum") and group.get("dampening", 0.0) >= 1.0:
            yield Finding(
                "gradients do not count",
                loop.name,
                {"dampening": float(group["dampening"])},
                f"dampening={group['dampening']:g} multiplies each new gradient by "
                f"{1.0 - group['dampening']:g}, so the momentum stays the first gradient and fades",
                "dampening=0, the default",
            )
            return


def _made_again(loop: Loop) -> Iterator[Finding]:
    """An optimizer for each step, which forgets what it averages."""
    if loop.times_made < 3 or 2 * loop.times_made < loop.steps or not loop.made:
        return
    last = loop.made[-1]
    averages = bool(getattr(last, "state_names", ())) or any(map(momentum_of, last.param_groups))
    if averages:
        yield Finding(
            "optimizer made again in each step",
            loop.name,
            {"made": loop.times_made, "steps": loop.steps},
            f"{loop.times_made} optimizers were made for {loop.steps} steps, and each "
            f"{type(last).__name__} begins without the averages of earlier gradients",
            "make the optimizer once, before the loop",
        )


def _scaled(loop: Loop) -> Iterator[Finding]:
    scales = [s for w in loop.weights for s in w.scales]
    ratio = loop.update_ratio()
    if scales and median(scales) < SCALED and ratio < 10 * LOW:
        yield Finding(
            "gradients scaled down before the step",
            loop.name,
            {"scale": median(scales), "update_ratio": ratio},
            f"between backward() and step(), gradients are multiplied by {median(scales):.2g}, "
            f"so a step changes the weights by {ratio:.2g} of their norm; about 0.001 is usual",
            "clip to a norm of about 1, which leaves ordinary gradients alone",
        )


def _decay(loop: Loop, optimizers: list[Any]) -> Iterator[Finding]:
    shrunk, only = [], []
    for weight in loop.weights:
        for _, change, _, along, size in weight.slopes[:10] if weight.parameter.ndim > 1 else ():
            if size > 0 and change > 0:
                shrunk.append(-along / size)
                only.append(-along / math.sqrt(change * size))
    share, told = median(shrunk), f"{median(only):.0%} of its length does nothing else"
    groups = [g for o in optimizers for g in getattr(o, "param_groups", ())]
    remedy = "weight_decay of 0.01 or less (lr · weight_decay is the share of a step)"
    if groups and not any(g.get("weight_decay") for g in groups):
        remedy = (
            "no optimizer decays weights, so the loss does: make its penalty smaller, or look for "
            "what is best where all outputs are alike"
        )
    # A step that takes more than all overshoots, which is no decay.
    if len(shrunk) < 2 or not SHRINKS < share < 1.0 or median(only) <= ONLY_SHRINKS:
        # Weights that have shrunk to where gradients hold them no longer move.
        share = max((g["lr"] * g.get("weight_decay", 0.0) for g in groups), default=0.0)
        told = "lr · weight_decay is that share"
        if share <= SHRINKS:
            return
    yield Finding(
        "weight decay too strong",
        loop.name,
        {"share": share},
        f"each step takes {share:.1%} of the weights away ({told}), so they go to 0 unless "
        "gradients are as large",
        remedy,
    )


def _rate_decays(loop: Loop) -> Iterator[Finding]:
    rates = loop.rates or loop.effective_rates()
    # Measured lengths depend on gradients too: they must fall, and not swing.
    falls = loop.rates or all(b <= 3.0 * a for a, b in itertools.pairwise(rates))
    if len(rates) < 8 or not falls:
        return
    top = max(rates)
    low = sum(r < FADED * top for r in rates)
    if not top > 0 or low <= len(rates) / 2 or rates.index(top) > len(rates) / 2:
        return
    what = "the learning rate" if loop.rates else "the length of a step per unit of gradient"
    yield Finding(
        "learning rate decays to zero",
        loop.name,
        {"highest": top, "last": rates[-1], "steps": low},
        f"{what} fell from {top:.2g} to {rates[-1]:.2g}: in {low} of {len(rates)} steps it was "
        "below a thousandth of its start",
        "call scheduler.step() once per epoch if it counts epochs, or choose a slower schedule",
    )


def momentum_of(group: Any) -> float:
    """The share of the last average that a group of an optimizer keeps."""
    beta = group.get("betas", (0.0,))[0]
    return float(max(group.get("momentum", 0.0) or 0.0, beta or 0.0))
