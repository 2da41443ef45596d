"""`preflight`: tries a model, its loss and its optimizer on one batch, before any training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, data_of, watch_backward
from autograd.errors import counted, kind, message
from autograd.tables import table
from nn.arguments import size
from nn.inspect.data import class_findings, input_findings, same_as_inputs, value_findings
from nn.inspect.findings import Finding, listing, ranked
from nn.inspect.graph import LossGraph
from nn.inspect.kept import Kept, kept
from nn.inspect.modes import moody
from nn.inspect.pieces import preflight_html
from nn.inspect.plots import range_figure
from nn.inspect.probes import (
    Overfit,
    RangeTest,
    Trial,
    is_repeatable,
    mixing,
    overfit,
    range_test,
    slope_error,
    without_effect,
)
from nn.inspect.verdict import SYMPTOMS, findings_of
from nn.inspect.watch import Watch
from nn.layers.running_statistics import BATCH_NORMS
from nn.module.module import Module
from nn.training.kinds import check_loss, check_optimizer

ABOVE_CHANCE = 2.0  # the initial cross-entropy over ln K, plus 1; logits of deviation 2 give it
LEARNED = 0.9  # the share of the loss that an able model loses on one batch
UNABLE = 0.1  # below which it learns next to nothing
IGNORED = 0.5  # the share of positions that may be without effect, as at the rim of a stride
FAR = 10.0  # a squared error over that of 0; a learning rate over the largest that was tried
WRONG = 0.01  # the relative error of a slope; central differences are right to 1e-5


BY_HEART = "one batch by heart"


class Check(NamedTuple):
    """One check of a preflight: what was looked at, what was found, and whether it is well."""

    name: str
    result: str
    passed: bool


class Preflight:
    """The result of `preflight`; printing it shows all checks and the findings.

    Attributes:
        checks: what was looked at, in order.
        findings: what is wrong, with evidence and remedy, causes before symptoms.
        range_test: the loss under growing learning rates; None if it could not be run.
        suggested_lr: the range of learning rates in which the loss falls; None if there is none.
    """

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.findings: list[Finding] = []
        self.range_test: RangeTest | None = None

    @property
    def suggested_lr(self) -> tuple[float, float] | None:
        """The range of learning rates in which the loss falls; None if there is none."""
        return None if self.range_test is None else self.range_test.best

    def __str__(self) -> str:
        rows = [[c.name, c.result, "" if c.passed else "✗"] for c in self.checks]
        verdict = counted(len(self.findings), "finding") if self.findings else "no findings"
        shown = table(("check", "result", ""), rows, left=(0, 1))
        return "\n".join([shown, verdict, *(f"- {f}" for f in self.findings)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """For notebooks: the checks, the findings, and the range test as a curve."""
        return preflight_html(self)

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw the range test: the loss of the batch over the learning rate.

        Args:
            path: the file to save to; its suffix decides the format.

        Returns:
            a matplotlib Figure.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: no range test was run.
        """
        if self.range_test is None:
            raise ValueError(message("Preflight.plot", "a preflight without a range test"))
        test = self.range_test
        return range_figure(test.rates, test.losses, test.best, path)


def preflight(
    model: Any, loss: Callable[[Any, Any], Any], optimizer: Any, batch: Any, *, steps: int = 60
) -> Preflight:
    """Try a model on one batch, in seconds, and leave everything as it was.

    It looks at the data, the shapes, the loss at initialization, the graph of the loss and the
    optimizer; it tries whether samples are mixed, whether the model can learn the batch by heart,
    and which learning rates make the loss fall.

    Args:
        model: a module.
        loss: from (output, target) to one number.
        optimizer: the optimizer of the training, which is not used up; or None.
        batch: (inputs, ..., target), as `nn.fit` gets them; 16 to 64 samples are enough.
        steps: how many steps the attempt to overfit the batch may take.

    Raises:
        TypeError: `model` is not a module, `loss` is not a function, `optimizer` is not an
            optimizer, or `batch` is not a tuple.
        ValueError: `steps` is not a positive integer.

    Example:
        >>> import nn
        >>> ag.random.seed(0)
        >>> x = np.random.default_rng(0).normal(size=(32, 4))
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(dim=1))
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
        >>> report = nn.preflight(model, nn.cross_entropy, optimizer, (x, x[:, :3].argmax(axis=1)))
        >>> report.findings[0].kind, report.findings[0].layer
        ('softmax twice', '3')
    """
    _check(model, loss, optimizer, batch)
    steps = size("preflight", "steps", steps, 1)
    report, trial = Preflight(), Trial(model, loss, batch)
    found = _data(report, trial)
    with kept(model) as state, np.errstate(all="ignore"):
        if any(f.kind == "inputs are not finite" for f in found):
            report.findings = found
            return report
        try:
            found += _one_pass(report, trial, optimizer)
        except (TypeError, ValueError, IndexError) as error:
            found.append(_refused(error))
            _add(report, "shapes", str(error), False)
            report.findings = ranked(found)
            return report
        if not any(f.kind in _HOPELESS for f in found):
            found += _experiments(report, trial, state, optimizer, steps)
        if any(c.name == BY_HEART and c.passed for c in report.checks):
            found = [f for f in found if f.kind not in SYMPTOMS]
    report.findings = ranked(found)
    return report


# After these, experiments would only show consequences.
_HOPELESS = {"loss is not finite", "no backward pass", "loss with the wrong sign"}


def _check(model: Any, loss: Any, optimizer: Any, batch: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(message("preflight", f"{kind(model)} as the model", "a module"))
    check_loss("preflight", loss)
    if optimizer is not None:
        check_optimizer("preflight", optimizer)
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        hint = "pass next(iter(loader))"
        got = f"{kind(batch)} as the batch"
        raise TypeError(message("preflight", got, "a tuple (inputs, ..., target)", hint))


def _add(report: Preflight, name: str, result: str, passed: bool = True) -> None:
    report.checks.append(Check(name, result, passed))


def _data(report: Preflight, trial: Trial) -> list[Finding]:
    """The scale, balance and finiteness of inputs and targets."""
    x, y = (np.asarray(data_of(a)) for a in (trial.inputs[0], trial.target))
    found = input_findings([x], normalized=_normalizes(trial.model))
    what = f"shape {x.shape}, {x.dtype}"
    if x.dtype.kind == "f" and x.size:
        with np.errstate(all="ignore"):
            what += f", mean {x.mean():.3g}, deviation {x.std():.3g}"
        constant = int((np.ptp(x, axis=0) == 0).sum()) if len(x) > 1 else 0
        if constant:
            what += f", {counted(constant, 'feature')} constant"
    _add(report, "inputs", what, not found)
    target = _target_findings(y) + same_as_inputs(x, y)
    what = f"shape {y.shape}, {y.dtype}"
    if y.size and y.dtype.kind in "iu":
        what += f", {counted(len(np.unique(y)), 'class')} from {y.min()} to {y.max()}"
    elif y.size and y.dtype.kind == "f":
        what += f", mean {y.mean():.3g}, deviation {y.std():.3g}"
    _add(report, "targets", what, not target)
    return [*found, *target]


def _target_findings(y: Any) -> list[Finding]:
    if y.dtype.kind in "iu":
        return class_findings([y], max(2, int(y.max(initial=0)) + 1))
    return value_findings([y]) if y.dtype.kind == "f" else []


def _normalizes(model: Module) -> bool:
    first = next((m for m in model.modules() if not list(m.children())), None)
    return isinstance(first, BATCH_NORMS)


def _refused(error: Exception) -> Finding:
    return Finding(
        "shapes do not fit",
        "",
        {},
        f"the model or the loss refuses the batch: {error}",
        "give outputs and targets the shapes that the loss expects",
    )


def _one_pass(report: Preflight, trial: Trial, optimizer: Any) -> list[Finding]:
    """A forward and a backward pass, watched as `diagnose` does, and the loss against chance."""
    watch = Watch({"": trial.model}, [] if optimizer is None else [optimizer], trial.loss)
    for p in trial.model.parameters():
        p.grad = None
    try:
        with watch_backward(watch.passes):
            out = trial.output()
            loss = trial.loss(out, trial.target)
            if getattr(loss, "requires_grad", False):
                loss.backward()
    finally:
        watch.end()
    found = findings_of(watch)
    value = float(np.sum(data_of(loss)))
    shape = data_of(out[0] if isinstance(out, tuple) else out)
    _add(report, "outputs", f"shape {np.shape(shape)}, {getattr(shape, 'dtype', '')}")
    chance = _chance(loss) if isinstance(loss, Tensor) and loss.requires_grad else None
    told = f"{value:.4g}"
    if chance is not None:
        told += f"; chance gives {chance[0]:.4g} ({chance[1]})"
        above = ABOVE_CHANCE if chance[1].startswith("ln") else FAR
        if value > above * chance[0] + 1.0 and math.isfinite(value):
            found.append(_above_chance(value, *chance))
    _add(report, "loss at initialization", told, not any("initialization" in f.kind for f in found))
    reached = sum(w.reached > 0 for loop in watch.loops for w in loop.weights)
    total = sum(len(loop.weights) for loop in watch.loops)
    _add(report, "gradients", f"reach {reached} of {total} parameters", reached == total)
    return found


def _chance(loss: Any) -> tuple[float, str] | None:
    """The loss of an answer that ignores the input, for the losses that are recognized."""
    if loss.op.name != "mean":  # a sum, or a loss of several terms
        return None
    graph = LossGraph(loss)
    pick = next(graph.picks(), None)
    if pick is not None and next(graph.normalizers(), None) is not None:
        classes = pick.of.shape[pick.axis]
        return math.log(classes), f"ln {classes}"
    error = next(graph.errors(), None)
    if error is None or error.node.shape != np.shape(error.target) or np.size(error.target) < 2:
        return None
    measure = loss.inputs[0]
    if measure.op.name not in {"square", "pow"} or measure.inputs[0] is not error.node:
        return None
    return float(np.mean(np.square(error.target))), "an output of 0"


def _above_chance(value: float, chance: float, what: str) -> Finding:
    return Finding(
        "output scale at initialization",
        "",
        {"loss": value, "chance": chance},
        f"the loss begins at {value:.4g}, although an answer that ignores the input gives "
        f"{chance:.4g} ({what}), so the first steps only undo the initialization",
        "make the weights of the last layer smaller, and set its bias to the mean of the targets",
    )


# --- experiments ---


def _experiments(
    report: Preflight, trial: Trial, state: Kept, optimizer: Any, steps: int
) -> list[Finding]:
    found = [*_mixed(report, trial, state), *_ignored(report, trial, state)]
    state.restore()
    trial.model.train()
    repeatable = is_repeatable(trial, state)
    told = "one seed, one loss" if repeatable else "one seed, several losses"
    _add(report, "determinism", told, repeatable)
    state.restore()
    found += _slopes(report, trial, state)
    if any(p.requires_grad for p in trial.model.parameters()):
        attempt = overfit(trial, state, steps)
        found += _overfitted(report, attempt)
        report.range_test = range_test(trial, state, optimizer)
        found += _rates(report, optimizer)
    return found


def _mixed(report: Preflight, trial: Trial, state: Kept) -> Iterator[Finding]:
    result = mixing(trial, state)
    state.restore()
    batch_norm = [p for p, m in moody(trial.model) if isinstance(m, BATCH_NORMS)]
    if result is None:
        told = "each output depends on its own sample only"
        if batch_norm:
            told += f"; in training, {listing(batch_norm)} use statistics of the batch"
        _add(report, "samples", told)
        return
    _add(report, "samples", f"{result.changed} other samples change with one", False)
    yield Finding(
        "samples mixed",
        result.module,
        {"changed": result.changed, "samples": result.samples},
        f"another input for one sample changes the outputs of {result.changed} of the "
        f"{result.samples - 1} others, also in evaluation mode: an axis is taken for another",
        "transpose instead of reshape, pass batch_first=True to recurrent layers, and normalize "
        "along axes of one sample",
    )


def _ignored(report: Preflight, trial: Trial, state: Kept) -> Iterator[Finding]:
    try:
        share = without_effect(trial, state)
    except (TypeError, ValueError, RuntimeError):  # a model that computes with NumPy alone
        share = None
    if share is None:
        return
    _add(report, "inputs with effect", f"{1.0 - share:.0%} of the positions", share <= IGNORED)
    if share > IGNORED:
        yield Finding(
            "inputs without effect",
            "",
            {"share": share},
            f"no output responds to {share:.0%} of the positions of the input",
            "look at which steps or features the model reads: the last state of a sequence is "
            "out[:, -1]",
        )


def _slopes(report: Preflight, trial: Trial, state: Kept) -> Iterator[Finding]:
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
    _add(
        report,
        "gradient check",
        f"relative error {worst:.1g} along {len(errors)} directions",
        worst < WRONG or cut,
    )
    if min(errors) > WRONG and not cut:
        yield Finding(
            "wrong gradient",
            "",
            {"error": worst},
            f"slopes differ from numeric ones by {worst:.2g} of their size, so a rule is wrong",
            "ag.check_gradients(model, x, parameters=model) names the operation",
        )


def _overfitted(report: Preflight, attempt: Overfit) -> Iterator[Finding]:
    steps = len(attempt.losses) - 1
    told = f"loss {attempt.losses[0]:.4g} to {min(attempt.losses):.4g} in {counted(steps, 'step')}"
    _add(report, BY_HEART, told, attempt.fall >= LEARNED)
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


def _rates(report: Preflight, optimizer: Any) -> Iterator[Finding]:
    test = report.range_test
    if test is None or test.best is None:
        _add(report, "learning rate", "no rate made the loss fall", False)
        return
    low, high = test.best
    rates = [float(g["lr"]) for g in getattr(optimizer, "param_groups", ())]
    own = f"; the optimizer has {max(rates):.2g}" if rates else ""
    _add(report, "learning rate", f"{low:.1g} to {high:.1g} makes the loss fall{own}")
    top = test.rates[-1]
    grows = not test.losses[-1] <= 2.0 * abs(test.losses[0])
    if rates and max(rates) > FAR * top:
        told = f"grows at {top:.2g}" if grows else f"was tried up to {top:.2g} only"
        yield Finding(
            "learning rate too high",
            "",
            {"lr": max(rates), "tried": top},
            f"lr is {max(rates):.2g}, and the loss of this batch {told}",
            f"a rate from {low:.1g} to {high:.1g}",
        )
