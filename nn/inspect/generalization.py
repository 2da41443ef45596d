"""`generalization`: what a trained model knows of data that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd import data_of, no_grad
from autograd.errors import kind, message
from autograd.tables import table
from nn.inspect.findings import Finding, median, ranked
from nn.module.module import Module
from nn.training.kinds import check_batches, check_loss, inputs_and_target
from nn.training.modes import restored_modes

BINS = 10  # of confidence, between whose accuracy and confidence the calibration error compares
CERTAIN = 4.0  # standard errors between training and validation that are no accident
MEMORIZED = 0.5  # of what chance leaves, the share that a model that memorizes gets right
NOTHING = 0.1  # the variance of other targets that it may explain by accident
GAP = 0.2  # the difference in accuracy, or in explained variance, that is overfitting
BOLD = 0.15  # how far confidence may exceed accuracy
BY_HEART = 0.1  # the loss of a memorized batch over that of the others


class Score(NamedTuple):
    """How well outputs fit one set of batches.

    Attributes:
        name: "training" or "validation".
        samples: the number of samples.
        loss: the mean loss over samples; nan without a loss function.
        accuracy: the share of right classes; nan for other targets.
        confidence: the mean of the largest probability; nan for other targets.
        calibration: the mean difference between confidence and accuracy over bins of confidence.
        chance: the accuracy of always naming the most frequent class, or 0.
        explained: the share of the targets' variance that outputs explain; nan for classes.
        batches: the loss of each batch.
    """

    name: str
    samples: int
    loss: float
    accuracy: float
    confidence: float
    calibration: float
    chance: float
    explained: float
    batches: list[float]


class Generalization:
    """The result of `generalization`; printing it shows a table and the findings.

    Attributes:
        training: the score on the data of training.
        validation: the score on other data.
        findings: what is wrong, causes before symptoms.
    """

    def __init__(self, training: Score, validation: Score) -> None:
        self.training, self.validation = training, validation
        self.findings = ranked([*_unrelated(training, validation), *_memorized_batch(training)])
        if not self.findings:
            self.findings = ranked([*_overfitting(training, validation), *_bold(validation)])

    def __str__(self) -> str:
        columns = ("loss", "accuracy", "confidence", "calibration", "explained")
        rows = []
        for score in (self.training, self.validation):
            numbers = [getattr(score, name) for name in columns]
            shown = ["·" if x != x else f"{x:.4g}" for x in numbers]
            rows.append([score.name, str(score.samples), *shown])
        verdict = "findings:" if self.findings else "no findings"
        shown_table = table(("data", "samples", *columns), rows)
        return "\n".join([shown_table, verdict, *(f"- {f}" for f in self.findings)])

    __repr__ = __str__


def generalization(
    model: Any,
    training: Iterable[Any],
    validation: Iterable[Any],
    loss: Callable[[Any, Any], Any] | None = None,
) -> Generalization:
    """Compare a trained model on the data of its training and on data that it has not seen.

    The model is called in evaluation mode and without a graph.

    Args:
        model: a module.
        training: batches (inputs, ..., target) of the training; some are enough.
        validation: other batches.
        loss: the loss function, if there is to be a loss in the table.

    Raises:
        TypeError: `model` is not a module, `loss` is not a function, or one cannot iterate over the
            batches.
        ValueError: there are no batches, or one is not a tuple (inputs, ..., target).

    Example:
        >>> import nn
        >>> ag.random.seed(0)
        >>> rng = np.random.default_rng(0)
        >>> x, y = rng.normal(size=(64, 8)), rng.integers(0, 2, 64)  # labels without a reason
        >>> model = nn.MLP([8, 64, 2])
        >>> optimizer = nn.optim.Adam(model.parameters(), lr=0.02)
        >>> _ = nn.fit(model, [(x, y)], nn.cross_entropy, optimizer, 100)
        >>> other = rng.normal(size=(64, 8)), rng.integers(0, 2, 64)
        >>> nn.generalization(model, [(x, y)], [other]).findings[0].kind
        'labels unrelated to inputs'

    Source: Zhang, Bengio, Hardt, Recht and Vinyals, Understanding deep learning requires rethinking
        generalization (2017); Guo, Pleiss, Sun and Weinberger, On calibration of modern neural
        networks (2017), for the calibration error.
    """
    if not isinstance(model, Module):
        raise TypeError(message("generalization", f"{kind(model)} as the model", "a module"))
    check_batches("generalization", "training", training)
    check_batches("generalization", "validation", validation)
    if loss is not None:
        check_loss("generalization", loss)
    with restored_modes(model), no_grad(), np.errstate(all="ignore"):
        model.eval()
        return Generalization(
            _score("training", model, training, loss), _score("validation", model, validation, loss)
        )


def _score(name: str, model: Module, batches: Iterable[Any], loss: Any) -> Score:
    losses, counts, outputs, targets = [], [], [], []
    for batch in batches:
        inputs, target = inputs_and_target("generalization", batch)
        out = model(*inputs)
        losses.append(float(np.sum(data_of(loss(out, target)))) if loss is not None else math.nan)
        out = out[0] if isinstance(out, tuple) else out
        outputs.append(np.asarray(data_of(out)))
        targets.append(np.asarray(data_of(target)))
        counts.append(len(targets[-1]))
    if not counts:
        raise ValueError(message("generalization", f"no batches of {name}", "at least one"))
    mean = float(np.average(losses, weights=counts))
    facts = _facts(outputs, targets)
    return Score(name, sum(counts), mean, *facts, losses)


def _facts(outputs: list[Any], targets: list[Any]) -> tuple[float, float, float, float, float]:
    """Accuracy, confidence, calibration error, chance and explained variance."""
    nothing = (math.nan,) * 4
    shapes = {o.shape[1:] for o in outputs}
    if len(shapes) != 1:
        return (*nothing, math.nan)
    out, y = np.concatenate(outputs), np.concatenate(targets)
    of_classes = out.ndim == y.ndim + 1 and (*out.shape[:1], *out.shape[2:]) == y.shape
    if y.dtype.kind in "iu" and of_classes:
        rows = np.moveaxis(out, 1, -1).reshape(-1, out.shape[1])
        return (*_of_classes(rows, y.reshape(-1)), math.nan)
    if y.dtype.kind == "f" and out.size == y.size and out.dtype.kind == "f":
        y = y.reshape(out.shape)
        left = float(np.square(out - y).mean())
        spread = float(np.square(y - y.mean(axis=0)).mean())
        return (math.nan, math.nan, math.nan, 0.0, 1.0 - left / spread if spread else math.nan)
    return (*nothing, math.nan)


def _of_classes(rows: Any, y: Any) -> tuple[float, float, float, float]:
    right = rows.argmax(axis=1) == y
    top = _probabilities(rows).max(axis=1)
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    error = 0.0
    for b in np.unique(bins):
        inside = bins == b
        error += float(inside.mean()) * abs(float(top[inside].mean() - right[inside].mean()))
    chance = float(np.bincount(y[y >= 0]).max() / len(y)) if (y >= 0).any() else 0.0
    return float(right.mean()), float(top.mean()), error, chance


def _probabilities(rows: Any) -> Any:
    """Outputs as probabilities, whether they are logits, logarithms or probabilities already."""
    if rows.min() >= 0.0 and np.allclose(rows.sum(axis=1), 1.0, atol=1e-4):
        return rows
    weights = np.exp(rows - rows.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


# --- findings ---


def _unrelated(training: Score, validation: Score) -> Iterator[Finding]:
    a, b = training, validation
    if a.accuracy == a.accuracy:
        deviation = math.sqrt(b.chance * (1.0 - b.chance) / b.samples) + 1e-12
        learned = a.accuracy - a.chance > MEMORIZED * (1.0 - a.chance)
        if not learned or b.accuracy > b.chance + 2.0 * deviation:
            return
        what = f"{a.accuracy:.0%} of the training labels are right, and {b.accuracy:.0%} of others"
        numbers = {"training": a.accuracy, "validation": b.accuracy, "chance": b.chance}
        chance = f"naming the most frequent class always gives {b.chance:.0%}"
    elif a.explained == a.explained:
        by_heart = a.explained > MEMORIZED and b.explained < NOTHING
        # Worse than the mean: what was learned of some says the opposite about others.
        if not by_heart and not (a.explained > NOTHING and b.explained < 0.0):
            return
        what = f"outputs explain {a.explained:.0%} of the variance of the training targets, and "
        what += f"{b.explained:.0%} of that of others"
        numbers = {"training": a.explained, "validation": b.explained}
        chance = "their mean alone explains 0%"
    else:
        return
    yield Finding(
        "labels unrelated to inputs",
        "",
        numbers,
        f"{what}; {chance}: the model memorized targets that inputs do not tell, as after a "
        "shuffle of one without the other",
        "check that inputs and targets are shuffled and sorted together",
    )


def _memorized_batch(training: Score) -> Iterator[Finding]:
    losses = training.batches
    if len(losses) < 3 or not all(map(math.isfinite, losses)):
        return
    least = int(np.argmin(losses))
    others = median(np.delete(losses, least))
    second = float(np.partition(losses, 1)[1])
    if (
        losses[least] < BY_HEART * second
        and losses[least] < BY_HEART * others
        and second > 0.5 * others
    ):
        yield Finding(
            "memorized batch",
            "",
            {"batch": least, "loss": losses[least], "others": others},
            f"the loss of batch {least} is {losses[least]:.3g}, and that of the others "
            f"{others:.3g}: training saw one batch only",
            "iterate over the loader inside the loop over epochs",
        )


def _overfitting(training: Score, validation: Score) -> Iterator[Finding]:
    for name, what in (("accuracy", "accuracy"), ("explained", "explained variance")):
        seen, other = getattr(training, name), getattr(validation, name)
        if seen - other > GAP and validation.samples >= 30:
            yield Finding(
                "overfitting",
                "",
                {"training": seen, "validation": other},
                f"{what} is {seen:.0%} on the data of training and {other:.0%} on others",
                "more data, weight decay, dropout, a smaller model, or fewer epochs",
            )


def _bold(validation: Score) -> Iterator[Finding]:
    v = validation
    if not v.confidence - v.accuracy > BOLD:
        return
    error = math.sqrt(max(v.accuracy * (1.0 - v.accuracy), 0.01) / v.samples)
    if (v.confidence - v.accuracy) / error > CERTAIN:
        yield Finding(
            "overconfidence",
            "",
            {"confidence": v.confidence, "accuracy": v.accuracy, "calibration": v.calibration},
            f"on data that it has not seen, the model is sure of {v.confidence:.0%} on average and "
            f"right in {v.accuracy:.0%}",
            "label smoothing, fewer epochs, or a temperature fitted on validation data",
        )
