"""What the experiments of a preflight say: checks, and findings where one fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.errors import counted
from nn.inspect.curve import KNOWS
from nn.inspect.findings import Finding, listing
from nn.inspect.graph import LossGraph
from nn.inspect.kept import Kept
from nn.inspect.loss_findings import dropout_masks
from nn.inspect.modes import moody
from nn.inspect.probes import Trial, effect, is_repeatable, mixing, sees_future, slope_error
from nn.inspect.rates import Overfit, RangeTest, overfit, range_test, ruins, trained_at
from nn.layers.running_statistics import BATCH_NORMS
from nn.optim.lbfgs import LBFGS

LEARNED = 0.9  # the share of the loss that an able model loses on one batch
UNABLE = 0.1  # below which it learns next to nothing
IGNORED = 0.5  # the share of positions that may be without effect, as at the rim of a stride
WRONG = 0.01  # the relative error of a slope; central differences are right to 1e-5
CLIP = 0.25  # a norm to which gradients of recurrent networks are clipped
# A learning rate below the range by this is a mistake: fine-tuning uses a tenth to a hundredth.
FAR_BELOW = 1e3

BY_HEART = "one batch by heart"


class Check(NamedTuple):
    """One check of a preflight: what was looked at, what was found, and whether it is well."""

    name: str
    result: str
    passed: bool = True


Told = Check | RangeTest | Finding


def experiments(
    trial: Trial, state: Kept, optimizers: list[Any], steps: int, constant: float | None
) -> Iterator[Told]:
    """Run all experiments, each from the same start.

    Args:
        trial: the batch.
        state: what to come back to.
        optimizers: those of the training.
        steps: how many steps the attempt to overfit may take.
        constant: the loss of the best constant answer, where it is known.
    """
    yield from _mixed(trial, state)
    yield from _noisy_evaluation(trial, state)
    yield from _ignored(trial, state)
    yield from _future(trial, state)
    state.restore()
    trial.model.train()
    repeatable = is_repeatable(trial, state)
    told = "one seed, one loss" if repeatable else "one seed, several losses"
    yield Check("determinism", told, repeatable)
    state.restore()
    yield from _slopes(trial, state)
    yield from _overfitted(overfit(trial, state, steps))
    first = optimizers[0] if optimizers else None
    test = range_test(trial, state, first)
    yield test
    yield from _rates(test, optimizers)
    if len(optimizers) == 1 and not isinstance(first, LBFGS):
        yield from _own_rate(trial, state, first, test, constant)


def _mixed(trial: Trial, state: Kept) -> Iterator[Told]:
    result = mixing(trial, state)
    state.restore()
    batch_norm = [p for p, m in moody(trial.model) if isinstance(m, BATCH_NORMS)]
    if result is None:
        told = "each output depends on its own sample only"
        if batch_norm:
            told += f"; in training, {listing(batch_norm)} use statistics of the batch"
        yield Check("samples", told)
        return
    yield Check("samples", f"{result.changed} other samples change with one", False)
    yield Finding(
        "samples mixed",
        result.module,
        {"changed": result.changed, "samples": result.samples},
        f"another input for one sample changes the outputs of {result.changed} of the "
        f"{result.samples - 1} others, also in evaluation mode: an axis is taken for another",
        "transpose instead of reshape, pass batch_first=True to recurrent layers, and normalize "
        "along axes of one sample",
    )


def _noisy_evaluation(trial: Trial, state: Kept) -> Iterator[Told]:
    """Dropout that acts in evaluation mode too."""
    trial.model.eval()
    out = trial.output()
    outs = [x for x in (out if isinstance(out, tuple) else (out,)) if isinstance(x, Tensor)]
    masks = list(dropout_masks(LossGraph(outs[0], outs))) if outs else []
    state.restore()
    for node, p in masks[:1]:
        yield Check("evaluation", f"dropout of {p:.0%} acts in evaluation mode too", False)
        yield Finding(
            "dropout in evaluation",
            str(node.module),
            {"p": p, "masks": len(masks)},
            f"dropout zeroes {p:.0%} of the entries in evaluation mode too, so predictions depend "
            "on chance and are worse than they could be",
            "nn.functional.dropout(x, p, training=self.training), or the layer nn.Dropout(p)",
        )


def _ignored(trial: Trial, state: Kept) -> Iterator[Told]:
    try:
        found = effect(trial, state)
    except (TypeError, ValueError, RuntimeError):  # a model that computes with NumPy alone
        found = None
    if found is None:
        return
    well = max(found) <= IGNORED
    yield Check("inputs with effect", f"{1.0 - found.ignored:.0%} of the positions", well)
    if found.ignored > IGNORED:
        yield Finding(
            "inputs without effect",
            "",
            {"share": found.ignored},
            f"no output responds to {found.ignored:.0%} of the positions of the input",
            "look at which steps or features the model reads: the last state of a sequence is "
            "out[:, -1]",
        )
    if found.cut > IGNORED:
        yield Finding(
            "detached branch",
            "",
            {"share": found.cut},
            f"outputs respond to all positions of the input, but no gradient comes from "
            f"{found.cut:.0%} of them: detach(), no_grad() or NumPy cuts the path, as between the "
            "steps of a loop over time",
            "remove it; to cut a long sequence on purpose, detach the state between chunks only",
        )


def _future(trial: Trial, state: Kept) -> Iterator[Told]:
    try:
        found = sees_future(trial, state)
    except (TypeError, ValueError, IndexError):
        found = None
    state.restore()
    if found is None:
        return
    at, later = found
    yield Check("future", f"the output at position {at} depends on the input at {later}", False)
    yield Finding(
        "future in sight",
        "",
        {"output": at, "input": later},
        f"each target is the next input, and the output at position {at} changes with the input at "
        f"position {later}: the model looks the answer up",
        "mask later positions, e.g. attn_mask=np.triu(np.ones((length, length), bool), 1), and use "
        "no bidirectional layers",
    )


def _slopes(trial: Trial, state: Kept) -> Iterator[Told]:
    try:
        graph = LossGraph(trial.value())
    finally:
        state.restore()
    # Where a program leaves the graph on purpose, slopes and differences may disagree.
    cut = any(x.op is None and not x.requires_grad and x.ndim for x in graph.nodes)
    if not graph.root.requires_grad or graph.root.dtype != np.float64:
        return
    errors = list(slope_error(trial, state))
    if not errors:
        return
    worst = max(errors)
    yield Check(
        "gradient check",
        f"relative error {worst:.1g} along {len(errors)} directions",
        worst < WRONG or cut,
    )
    if min(errors) > WRONG and not cut:
        yield Finding(
            "wrong gradient",
            "",
            {"error": worst},
            f"slopes differ from numeric ones by {worst:.2g} of their size, so a rule "
            "is wrong, or a part of the path leaves the graph",
            "ag.check_gradients(model, x, parameters=model) names an operation whose rule is wrong",
        )


def _overfitted(attempt: Overfit) -> Iterator[Told]:
    steps = len(attempt.losses) - 1
    told = f"loss {attempt.losses[0]:.4g} to {min(attempt.losses):.4g} in {counted(steps, 'step')}"
    yield Check(BY_HEART, told, attempt.fall >= LEARNED)
    if attempt.unchanged:
        yield Finding(
            "layer does not change",
            attempt.unchanged[0].rpartition(".")[0],
            {"parameters": len(attempt.unchanged)},
            f"{steps} steps of Adam leave {listing(attempt.unchanged)} exactly as they were, "
            "because their gradient is 0",
            "look at what follows those layers: units that are never active, or a softmax over one "
            "unit",
        )
    if attempt.fall < UNABLE and steps >= 20:
        yield Finding(
            "cannot overfit one batch",
            "",
            {"first": attempt.losses[0], "best": min(attempt.losses), "steps": steps},
            f"{steps} steps of Adam on this one batch lower the loss by {attempt.fall:.0%} only",
            "look at the findings above; if there are none, the model, the loss or the pairing of "
            "inputs and targets has a fault",
        )


def _rates(test: RangeTest, optimizers: list[Any]) -> Iterator[Told]:
    if test.best is None:
        yield Check("learning rate", "no rate made the loss fall", False)
        return
    low, high = test.best
    rates = _rates_of(optimizers)
    own = f"; the optimizer has {max(rates):.2g}" if rates else ""
    yield Check("learning rate", f"{low:.1g} to {high:.1g} makes the loss fall{own}")


def _rates_of(optimizers: list[Any], *names: str) -> list[float]:
    groups = [group for o in optimizers for group in getattr(o, "param_groups", ())]
    return [float(group[name]) for group in groups for name in ("lr", *names) if name in group]


def _own_rate(
    trial: Trial, state: Kept, optimizer: Any, test: RangeTest, constant: float | None
) -> Iterator[Told]:
    """Train the batch as the optimizer would, if all its groups have one learning rate."""
    rates = set(_rates_of([optimizer]))
    if len(rates) != 1:
        return
    [rate] = rates
    advice = "" if test.best is None else f"a rate from {test.best[0]:.1g} to {test.best[1]:.1g}"
    costs = trained_at(trial, state, optimizer, rate)
    # A network that is trained already begins so low that any step may raise its loss.
    knows = constant is not None and max(costs) < KNOWS * constant
    ruined = ruins(costs) and not knows
    if ruined and not ruins(trained_at(trial, state, optimizer, rate, clip_norm=CLIP)):
        told = f"lr of {rate:.2g} ruins the batch, unless gradients are clipped to a norm of {CLIP}"
        yield Check("clipping", told, False)
    elif ruined:
        worst = max(costs, key=abs)
        yield Finding(
            "learning rate too high",
            "",
            {"lr": rate, "first": costs[0], "largest": worst},
            f"lr is {rate:.2g}: trained with it on this one batch, the loss goes from "
            f"{costs[0]:.3g} to {worst:.3g} and does not come back below its start",
            advice or "divide it by ten",
        )
    # A scheduler that begins with a warm-up keeps the rate it aims at beside the present one.
    aim = max(_rates_of([optimizer], "initial_lr"))
    untrained = constant is None or costs[0] > KNOWS * constant
    if test.best is not None and untrained and aim < test.best[0] / FAR_BELOW:
        yield Finding(
            "learning rate too low",
            "",
            {"lr": aim, "lowest": test.best[0]},
            f"lr is {aim:.2g}, and the loss of this batch begins to fall at {test.best[0]:.2g}",
            advice,
        )
