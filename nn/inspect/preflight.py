"""`preflight`: tries a model, its loss and its optimizer on one batch, before any training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Node, ShapeError, data_of, no_grad
from autograd.errors import counted, kind, message
from autograd.tables import table
from nn.arguments import size
from nn.inspect.chance import chance
from nn.inspect.data import (
    feature_is_target,
    input_findings,
    same_as_inputs,
    value_findings,
)
from nn.inspect.experiments import BY_HEART, Check, experiments
from nn.inspect.findings import Finding, listing, ranked
from nn.inspect.graph import LossGraph
from nn.inspect.kept import Kept, kept
from nn.inspect.loop import ascends
from nn.inspect.pieces import preflight_html
from nn.inspect.plots import range_figure
from nn.inspect.probes import Trial
from nn.inspect.rates import RangeTest
from nn.inspect.verdict import SYMPTOMS, findings_of
from nn.inspect.watch import Watch, begun, undisturbed
from nn.inspect.wiring import normalizes
from nn.module.module import Module
from nn.training.kinds import check_loss, optimizers_of

ABOVE_CHANCE = 2.0  # the initial cross-entropy over ln K, plus 1; logits of deviation 2 give it
FAR = 10.0  # the initial squared error over that of an output of 0
# After these, experiments would only show consequences.
HOPELESS = {
    "loss is not finite",
    "logits overflow",
    "loss is not one number",
    "loss without a graph",
    "no backward pass",
    "loss with the wrong sign",
    "steps uphill",
}


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
    and which learning rates make the loss fall. The model runs some hundred times for that.
    Parameters, gradients, buffers, modes, attributes of modules and of the loss, and random
    generators come back; what the model changes elsewhere, such as a file or what a hook counts,
    does not.

    Args:
        model: a module.
        loss: from (output, target) to one number.
        optimizer: the optimizer of the training, which is not used up; a list of several; or None.
        batch: (inputs, ..., target), as `nn.fit` gets them; 16 to 64 samples are enough.
        steps: how many steps the attempt to overfit the batch may take.

    Raises:
        TypeError: `model` is not a module, `loss` is not a function, `optimizer` is not an
            optimizer or a list of some, or `batch` is not a tuple.
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
    optimizers = _checked(model, loss, optimizer, batch)
    steps = size("preflight", "steps", steps, 1)
    trial = Trial(model, loss, batch, -1.0 if ascends(optimizers) else 1.0)
    report = Preflight()
    with undisturbed(), kept(model, loss) as state, np.errstate(all="ignore"):
        found = [*_tried(report, trial, state, optimizers, steps)]
    if any(c.name == BY_HEART and c.passed for c in report.checks):
        found = [f for f in found if f.kind not in SYMPTOMS]
    report.findings = ranked(found)
    return report


def _tried(
    report: Preflight, trial: Trial, state: Kept, optimizers: list[Any], steps: int
) -> Iterator[Finding]:
    """All findings; what was looked at is written into the report."""
    found = _empty(trial) or _data(report, trial)
    yield from found
    if any(f.kind in ("batch is empty", "inputs are not finite") for f in found):
        return
    try:
        found, constant = _one_pass(report, trial, optimizers)
    except (TypeError, ValueError, IndexError) as error:
        report.checks.append(Check("shapes", str(error), False))
        yield _refused(error)
        return
    yield from found
    if any(f.kind in HOPELESS for f in found):
        return
    for told in experiments(trial, state, optimizers, steps, constant):
        if isinstance(told, Check):
            report.checks.append(told)
        elif isinstance(told, RangeTest):
            report.range_test = told
        else:
            yield told


def _checked(model: Any, loss: Any, optimizer: Any, batch: Any) -> list[Any]:
    """The optimizers; refuses what is none of its kind."""
    if not isinstance(model, Module):
        raise TypeError(message("preflight", f"{kind(model)} as the model", "a module"))
    check_loss("preflight", loss)
    optimizers = optimizers_of("preflight", optimizer)
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        hint = "pass next(iter(loader))"
        got = f"{kind(batch)} as the batch"
        raise TypeError(message("preflight", got, "a tuple (inputs, ..., target)", hint))
    return optimizers


def _add(report: Preflight, name: str, result: str, passed: bool = True) -> None:
    report.checks.append(Check(name, result, passed))


def _empty(trial: Trial) -> list[Finding]:
    shapes = [np.shape(data_of(a)) for a in (trial.inputs[0], trial.target)]
    if all(shape[:1] != (0,) for shape in shapes):
        return []
    told = f"inputs have shape {shapes[0]} and targets {shapes[1]}: there are no samples"
    return [Finding("batch is empty", "", {"samples": 0}, told, "look at how batches are made")]


def _data(report: Preflight, trial: Trial) -> list[Finding]:
    """The scale, balance and finiteness of inputs and targets."""
    x, y = (np.asarray(data_of(a)) for a in (trial.inputs[0], trial.target))
    leaves = [m for m in trial.model.modules() if not list(m.children())]
    found = input_findings([x], normalized=normalizes(leaves))
    what = f"shape {x.shape}, {x.dtype}"
    if x.dtype.kind == "f" and x.size:
        with np.errstate(all="ignore"):
            what += f", mean {x.mean():.3g}, deviation {x.std():.3g}"
        constant = int((np.ptp(x, axis=0) == 0).sum()) if len(x) > 1 else 0
        if constant:
            what += f", {counted(constant, 'feature')} constant"
    _add(report, "inputs", what, not found)
    # What a loss makes of class numbers, its graph tells: it may ignore some, or weigh them.
    target = value_findings([y]) if y.dtype.kind == "f" else []
    target += same_as_inputs(x, y) + feature_is_target(x, y)
    what = f"shape {y.shape}, {y.dtype}"
    if y.size and y.dtype.kind in "iu":
        what += f", {counted(len(np.unique(y)), 'class')} from {y.min()} to {y.max()}"
    elif y.size and y.dtype.kind == "f":
        what += f", mean {y.mean():.3g}, deviation {y.std():.3g}"
    _add(report, "targets", what, not target)
    return [*found, *target]


def _refused(error: Exception) -> Finding:
    told = f"the model or the loss refuses the batch: {error}"
    if isinstance(error, ShapeError):
        remedy = "give outputs and targets the shapes that the loss expects"
        return Finding("shapes do not fit", "", {}, told, remedy)
    remedy = "give inputs and targets the dtypes and the range that are expected"
    return Finding("batch refused", "", {}, told, remedy)


def _one_pass(
    report: Preflight, trial: Trial, optimizers: list[Any]
) -> tuple[list[Finding], float | None]:
    """A forward and a backward pass, watched as `diagnose` does, and the loss against chance.

    Returns:
        the findings, and the loss of the best constant answer, where it is known.
    """
    watch = Watch({"": trial.model}, optimizers, trial.loss)
    for p in trial.model.parameters():
        p.grad = None
    try:
        with begun(watch):
            out = trial.output()
            loss = trial.loss(out, trial.target)
            cut = [*_without_graph(trial, loss)]
            if not cut:
                loss.backward()
    finally:
        watch.end()
    if any(w.reached == 0 and w.module not in watch.called for w in watch.loops[0].trainable):
        watch.elsewhere = _ran_in_evaluation(trial)
    found = cut or findings_of(watch)
    shape = data_of(out[0] if isinstance(out, tuple) else out)
    _add(report, "outputs", f"shape {np.shape(shape)}, {getattr(shape, 'dtype', '')}")
    if cut:
        _add(report, "loss at initialization", cut[0].kind, False)
        return found, None
    value = float(np.sum(data_of(loss)))
    expected = chance(LossGraph(loss))
    told = f"{value:.4g}"
    if expected is not None:
        told += f"; chance gives {expected[0]:.4g} ({expected[1]})"
        above = ABOVE_CHANCE if expected[1].startswith("ln") else FAR
        # What was trained for another task begins with outputs of any size.
        fresh = all(p.requires_grad for p in trial.model.parameters())
        if fresh and value > above * expected[0] + 1.0 and math.isfinite(value):
            found.append(_above_chance(value, *expected))
    _add(report, "loss at initialization", told, not any("initialization" in f.kind for f in found))
    weights = watch.loops[0].weights
    reached = sum(w.reached > 0 for w in weights)
    other = sum(w.reached == 0 and w.module in watch.elsewhere for w in weights)
    told = f"reach {reached} of {len(weights)} parameters"
    told += f"; {other} are of modules that run at other times" if other else ""
    _add(report, "gradients", told, reached + other == len(weights))
    return found, watch.constant


def _ran_in_evaluation(trial: Trial) -> set[str]:
    """The paths of the modules that run in evaluation mode, where nothing is dropped at random."""
    ran: set[str] = set()
    undo = [
        module.register_forward_pre_hook(lambda _module, _inputs, path=path: ran.add(path)).remove
        for path, module in trial.model.named_modules()
    ]
    trial.model.eval()
    try:
        with no_grad():
            trial.output()
    finally:
        trial.model.train()
        for remove in undo:
            remove()
    return ran


def _without_graph(trial: Trial, loss: Any) -> Iterator[Finding]:
    """A loss that cannot be differentiated, or not by anything that could be trained."""
    trainable = [p for p in trial.model.parameters() if p.requires_grad]
    if not trainable:
        names = [name for name, _ in trial.model.named_parameters()]
        how = "the model has no parameters" if not names else "all parameters are frozen: "
        how += f"requires_grad is False for {listing(names)}" if names else ""
        remedy = "call model.requires_grad_(), or train another module"
    elif not isinstance(loss, Node):
        how = f"the loss is {kind(loss)}, a plain number: it left the graph, by item() or NumPy"
        remedy = "return what ag and nn.functional compute, and call item() only to print it"
    elif np.size(data_of(loss)) != 1:
        yield Finding(
            "loss is not one number",
            "",
            {"entries": float(np.size(data_of(loss)))},
            f"the loss has shape {np.shape(data_of(loss))}, and only one number can be made small",
            "take its mean(), or leave reduction='none' out",
        )
        return
    elif not loss.requires_grad:
        how = (
            "the loss requires no gradient: it is constant, or detach(), no_grad() or NumPy cut it"
        )
        remedy = "remove the detach(), no_grad(), .data or NumPy function before the loss"
    elif loss.op is None:
        how = "the loss was made of a number, as by Tensor(loss.data), and remembers no path to it"
        remedy = "return what the loss function computed, as it is"
    else:
        return
    yield Finding(
        "loss without a graph",
        "",
        {"parameters": len(trainable)},
        f"{how}, so nothing can learn",
        remedy,
    )


def _above_chance(value: float, chance: float, what: str) -> Finding:
    return Finding(
        "output scale at initialization",
        "",
        {"loss": value, "chance": chance},
        f"the loss begins at {value:.4g}, although an answer that ignores the input gives "
        f"{chance:.4g} ({what}), so the first steps only undo the initialization",
        "make the weights of the last layer smaller, and set its bias to the mean of the targets",
    )
