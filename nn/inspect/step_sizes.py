"""Steps that are large or tiny compared with the weights, and why."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import data_of
from nn.inspect.curve import learns
from nn.inspect.findings import Finding, median
from nn.inspect.loop import Loop
from nn.inspect.loop_findings import LOW, momentum_of

HIGH = 0.1  # the norm of an update over the norm of the weights
PLAYING = 0.25  # where the loss tells nothing, as in a game, in which large steps may be right
FIRST, THROWN = 5, 0.5  # steps at the beginning, and the ratio that ruins an initialization
RISE = 1.25  # the largest loss over the first; batches alone differ by less
ENOUGH = 30  # losses, before steps are called too small to change them
UNMOVED = 1e-3  # of the weights in all steps: what one usual step does
MOMENTUM = 0.99  # beyond it, a step adds up more than a hundred gradients
SQUARES = ("exp_avg_sq", "square_avg")  # what optimizers call the mean square of gradients
DROWNS = 10.0  # eps over the root mean square of any gradient, from which eps alone sets the step
WARMING = 0.02  # of the rate that is aimed at; a warmup that is of use has passed that soon


class Steps(NamedTuple):
    """What is known of a model's steps.

    Attributes:
        loop: the ledger.
        optimizers: those that the user passed.
        outcome: what the loss did: see `nn.inspect.curve.outcome`.
        rise: the largest loss over the first.
        losses: the losses.
        constant: the loss of the best constant answer, where that is known.
        ratios: the norms of measured steps over those of the weights.
    """

    loop: Loop
    optimizers: list[Any]
    outcome: str
    rise: float
    losses: Sequence[float]
    constant: float | None
    ratios: list[float]

    @property
    def middle(self) -> float:
        """The ratio of a usual step."""
        return median(self.ratios)

    @property
    def groups(self) -> list[Any]:
        """The groups of the optimizers."""
        return [g for o in self.optimizers for g in getattr(o, "param_groups", ())]

    @property
    def is_bad(self) -> bool:
        """Whether the loss certainly does not fall."""
        return self.outcome in ("rises", "swings", "stays")

    def found(self, kind: str, told: str, remedy: str, **numbers: float) -> Finding:
        """A finding about these steps."""
        both = {"update_ratio": self.middle, "largest": max(self.ratios), **numbers}
        return Finding(kind, self.loop.name, both, told, remedy)

    def changes(self) -> str:
        """How much a step changes, in words."""
        return f"a step changes weights by {self.middle:.2g} of their norm; about 0.001 is usual"


def rate_findings(
    loop: Loop,
    optimizers: list[Any],
    outcome: str,
    rise: float,
    *,
    losses: Sequence[float] = (),
    constant: float | None = None,
) -> Iterator[Finding]:
    """The first reason why steps are too large or too small; see `Steps` for the arguments."""
    ratios = loop.update_ratios()
    if ratios:
        steps = Steps(loop, optimizers, outcome, rise, losses, constant, ratios)
        reasons = (_momentum, _large, _drowned, _warming_up, _tiny, _standing_still)
        every = itertools.chain.from_iterable(reason(steps) for reason in reasons)
        yield from itertools.islice(every, 1)


def _momentum(steps: Steps) -> Iterator[Finding]:
    loop, momentum = steps.loop, max(map(momentum_of, steps.groups), default=0.0)
    horizon = math.inf if momentum >= 1.0 else 1.0 / (1.0 - momentum)
    # Before a step has added up as many gradients as it keeps, the loss may still fall.
    if momentum > MOMENTUM and (steps.is_bad or horizon > loop.steps):
        told = f"about {horizon:.0f} gradients" if horizon < math.inf else "all gradients"
        yield steps.found(
            "momentum too high",
            f"momentum={momentum:g} adds up {told}, so a step grows to as many times the learning "
            "rate, and steps go on long after the slope has turned; the loss "
            f"{steps.outcome} in {loop.steps} steps",
            "momentum=0.9, or divide the learning rate by as much",
            momentum=momentum,
        )


def _large(steps: Steps) -> Iterator[Finding]:
    unknown, first = steps.outcome == "unknown", max(steps.ratios[:FIRST])
    usual = steps.middle > (PLAYING if unknown else HIGH) and (steps.is_bad or unknown)
    early = first > THROWN and steps.rise > RISE
    if not usual and not early and not (max(steps.ratios) > THROWN and steps.is_bad):
        return
    text = steps.changes()
    if first > steps.middle:
        text = f"one of the first steps changes weights by {first:.2g} of their norm; about "
        text += "0.001 is usual"
    told = "" if unknown else f"; the loss {steps.outcome}"
    if steps.rise > RISE:
        told = f"; the loss reaches {steps.rise:.3g} times its start"
    yield steps.found("learning rate too high", text + told, "divide it by ten, or use warmup")


def _drowned(steps: Steps) -> Iterator[Finding]:
    """An eps far above what it is added to."""
    if learns(steps.losses):
        return
    for optimizer in steps.optimizers:
        for group in getattr(optimizer, "param_groups", ()):
            states = [optimizer.state.get(p, {}) for p in group["params"]]
            squares = [s[name] for s in states for name in SQUARES if name in s]
            size = max((math.sqrt(float(np.mean(data_of(v)))) for v in squares), default=math.inf)
            eps = group.get("eps")
            if isinstance(eps, float) and eps > DROWNS * size:
                yield steps.found(
                    "eps too large",
                    f"{steps.changes()}; eps={eps:g} is added to the root mean square of "
                    f"gradients, which is {size:.2g}",
                    "eps=1e-8, the default, or a learning rate that makes up for it",
                    eps=eps,
                    rms=size,
                )
                return


def _warming_up(steps: Steps) -> Iterator[Finding]:
    """Steps all of which are far below the rate that a scheduler aims at."""
    rates = steps.loop.rates
    aim = max((float(g.get("initial_lr", 0.0)) for g in steps.groups), default=0.0)
    if steps.outcome in ("swings", "falls", "unknown") or len(rates) < ENOUGH:
        return
    if max(rates) < WARMING * aim:
        yield steps.found(
            "learning rate too low",
            f"the learning rate has reached {max(rates):.2g} of {aim:.2g} in {steps.loop.steps} "
            f"steps, and the loss {steps.outcome}: warmup takes longer than what was watched",
            "warm up for some hundred steps, or less than a tenth of the training",
        )


def _tiny(steps: Steps) -> Iterator[Finding]:
    if max(steps.ratios) < LOW:
        yield steps.found("learning rate too low", steps.changes(), "multiply it by ten or more")


def _standing_still(steps: Steps) -> Iterator[Finding]:
    """Steps that together hardly move the weights of a network that knows nothing yet.

    One that is trained already, and continues with small steps, knows more than a constant answer.
    """
    losses, constant = steps.losses, steps.constant
    if len(losses) < ENOUGH or constant is None:
        return
    first, last = median(losses[: ENOUGH // 4]), median(losses[-(ENOUGH // 4) :])
    moved, falls = steps.loop.steps * steps.middle, first - last > UNMOVED * constant
    if moved < UNMOVED and last > 0.5 * constant and not falls:
        yield steps.found(
            "learning rate too low",
            f"{steps.changes()}; {steps.loop.steps} steps move them by {moved:.2g} at most, and "
            f"the loss is still {last:.3g}, where a constant answer gives {constant:.3g}",
            "multiply it by ten or more, and look at the scheduler if there is one",
        )
