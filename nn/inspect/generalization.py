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
from nn.inspect.layers import part
from nn.module.module import Module
from nn.training.kinds import check_batches, check_loss, inputs_and_target
from nn.training.modes import restored_modes

BINS = 10  # of confidence, between whose accuracy and confidence the calibration error compares
CERTAIN = 4.0  # standard errors between training and validation that are no accident
MEMORIZED = 0.5  # of what chance leaves, the share that a model that memorizes gets right
TELLING = 6.0  # standard errors that all of the skill is worth; half of it must show too
TRANSFERS = 0.2  # of that skill, the share that shows on other data if labels follow from inputs
NOTHING = 0.1  # the variance of other targets that it may explain by accident
SHIFTED = 2.0  # deviations between the means of a feature, from which it is elsewhere
RESCALED = 4.0  # the ratio of its deviations, from which it has another scale
GAP = 0.2  # the difference in accuracy, or in explained variance, that is overfitting
BOLD = 0.15  # how far confidence may exceed accuracy
BY_HEART = 0.1  # the loss of a memorized batch over that of the others
APART = 5.0  # standard deviations of the others' logarithms


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
        agreement: the accuracy of the same answers in any other order: what answers that know
            nothing of the inputs get right, because some classes are frequent.
        explained: the share of the targets' variance that outputs explain; nan for classes.
        distinct: 1, and 1 more for each batch whose inputs are not those of the first.
        inputs: the mean and the deviation of each feature, or of all if they have several axes;
            None for inputs that are no floats.
        batches: the loss of each batch; without a loss function, what the outputs' likelihood or
            squared error gives.
    """

    name: str
    samples: int
    loss: float
    accuracy: float
    confidence: float
    calibration: float
    chance: float
    agreement: float
    explained: float
    batches: list[float]
    inputs: Any = None
    distinct: int = 0


class Generalization:
    """The result of `generalization`; printing it shows a table and the findings.

    Attributes:
        training: the score on the data of training.
        validation: the score on other data.
        findings: what is wrong, causes before symptoms.
    """

    def __init__(self, training: Score, validation: Score) -> None:
        self.training, self.validation = training, validation
        found = [*_scaled(training, validation), *_unrelated(training, validation)]
        self.findings = ranked([*found, *_memorized_batch(training)])
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
    losses, counts, outputs, targets, given = [], [], [], [], []
    for batch in batches:
        inputs, target = inputs_and_target("generalization", batch)
        given.append(np.asarray(data_of(inputs[0])))
        out = model(*inputs)
        losses.append(float(np.sum(data_of(loss(out, target)))) if loss is not None else math.nan)
        out = out[0] if isinstance(out, tuple) else out
        outputs.append(np.asarray(data_of(out)))
        targets.append(np.asarray(data_of(target)))
        counts.append(len(targets[-1]))
    if not counts:
        raise ValueError(message("generalization", f"no batches of {name}", "at least one"))
    mean = float(np.average(losses, weights=counts))
    facts = _facts(outputs, [_known(y, loss) for y in targets])
    if loss is None:
        losses = [_misfit(o, y) for o, y in zip(outputs, targets, strict=True)]
    distinct = 1 + sum(not np.array_equal(given[0], x) for x in given[1:])
    return Score(name, sum(counts), mean, *facts, losses, _moments(given), distinct)


def _known(y: Any, loss: Any) -> Any:
    """Targets of classes, where those that the loss ignores are -1."""
    ignored = getattr(loss, "ignore_index", None)
    return np.where(y == ignored, -1, y) if isinstance(ignored, int) and y.dtype.kind == "i" else y


def _moments(inputs: list[Any]) -> Any:
    """The means and deviations of features."""
    if inputs[0].dtype.kind != "f" or len({x.shape[1:] for x in inputs}) != 1:
        return None
    x = np.concatenate([part(x) for x in inputs])
    x = x if x.ndim == 2 else x.reshape(-1, 1)
    return np.asarray(x.mean(axis=0), float), np.asarray(x.std(axis=0), float)


Facts = tuple[float, float, float, float, float, float]


def _facts(outputs: list[Any], targets: list[Any]) -> Facts:
    """Accuracy, confidence, calibration error, chance, agreement and explained variance."""
    nothing = math.nan, math.nan, math.nan, math.nan, math.nan, math.nan
    if len({o.shape[1:] for o in outputs}) != 1:
        return nothing
    out, y = np.concatenate(outputs), np.concatenate(targets)
    if _are_classes(out, y):
        rows = np.moveaxis(out, 1, -1).reshape(-1, out.shape[1])
        probabilities = _probabilities(rows)
        answers = probabilities.argmax(axis=1)
        return (*_of_answers(answers, y.reshape(-1), probabilities.max(axis=1)), math.nan)
    if y.dtype.kind not in "fb" or out.size != y.size or out.dtype.kind != "f":
        return nothing
    y = np.asarray(y, float).reshape(out.shape)
    if _are_two(y):
        answers, confidence = _of_two(out.ravel(), y.ravel())
        return (*_of_answers(answers, (y.ravel() > 0.5).astype(int), confidence), math.nan)
    left = float(np.square(out - y).mean())
    spread = float(np.square(y - y.mean(axis=0)).mean())
    explained = 1.0 - left / spread if spread else math.nan
    return (math.nan, math.nan, math.nan, 0.0, math.nan, explained)


def _are_classes(out: Any, y: Any) -> bool:
    of_classes = out.ndim == y.ndim + 1 and (*out.shape[:1], *out.shape[2:]) == y.shape
    return bool(y.dtype.kind in "iu" and of_classes)


def _are_two(y: Any) -> bool:
    """Whether targets are two classes written as numbers: 0 and 1, or -1 and 1."""
    values = set(np.unique(y).tolist())
    return bool(values) and (values <= {0.0, 1.0} or values <= {-1.0, 1.0})


def _of_two(out: Any, y: Any) -> tuple[Any, Any]:
    """The answers of a binary classifier, and its confidence where outputs are probabilities.

    Outputs may be logits or margins, cut at 0, or probabilities or fits of 0 and 1, cut at 0.5: the
    cut that suits the targets better is meant.
    """
    right = y > 0.5
    cut = max((0.0, 0.5), key=lambda c: float(((out > c) == right).mean()))
    if out.min() >= 0.0 and out.max() <= 1.0:
        cut, p = 0.5, out
    elif cut == 0.0 and y.min(initial=0.0) >= 0.0:
        p = 1.0 / (1.0 + np.exp(-out))
    else:
        return (out > cut).astype(int), np.full(out.shape, math.nan)
    return (out > cut).astype(int), np.maximum(p, 1.0 - p)


def _of_answers(answers: Any, y: Any, top: Any) -> tuple[float, float, float, float, float]:
    kept = y >= 0  # a target of -100 counts as none
    if not kept.all() and kept.any():
        answers, y, top = answers[kept], y[kept], top[kept]
    right = answers == y
    error = math.nan
    if np.isfinite(top).all():
        bins = np.minimum((top * BINS).astype(int), BINS - 1)
        inside = [bins == b for b in np.unique(bins)]
        error = sum(float(i.mean()) * abs(float(top[i].mean() - right[i].mean())) for i in inside)
    known = y >= 0
    classes = int(max(answers.max(initial=0), y.max(initial=0))) + 1
    shares = [
        np.bincount(a[known], minlength=classes) / max(1, int(known.sum())) for a in (answers, y)
    ]
    agreement = float(shares[0] @ shares[1])
    return float(right.mean()), float(top.mean()), error, float(shares[1].max()), agreement


def _misfit(out: Any, y: Any) -> float:
    """The mean of -ln of the right class's probability, or of squared errors; nan for others."""
    if _are_classes(out, y):
        rows, places = np.moveaxis(out, 1, -1).reshape(-1, out.shape[1]), y.reshape(-1)
        kept = places >= 0
        p = _probabilities(rows)[kept, places[kept]]
        return float(-np.log(np.maximum(p, 1e-300)).mean()) if p.size else math.nan
    if y.dtype.kind == "f" and out.size == y.size and out.dtype.kind == "f" and not _are_two(y):
        return float(np.square(out - y.reshape(out.shape)).mean())
    return math.nan


def _probabilities(rows: Any) -> Any:
    """Outputs as probabilities, whether they are logits, logarithms or probabilities already."""
    if rows.min() >= 0.0 and np.allclose(rows.sum(axis=1), 1.0, atol=1e-4):
        return rows
    weights = np.exp(rows - rows.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


# --- findings ---


def _scaled(training: Score, validation: Score) -> Iterator[Finding]:
    """Inputs that are elsewhere, or of another scale, than those of the training."""
    if training.inputs is None or validation.inputs is None:
        return
    (mean, deviation), (other_mean, other) = training.inputs, validation.inputs
    if mean.shape != other_mean.shape or not np.all(np.isfinite([*other_mean, *other])):
        return
    varies = (deviation > 0.0) & (other > 0.0)
    if not varies.any():
        return
    shift = np.abs(other_mean - mean)[varies] / deviation[varies]
    ratio = np.maximum(other / np.where(varies, deviation, 1.0), 1e-300)[varies]
    apart = (shift > SHIFTED) | (ratio > RESCALED) | (ratio < 1.0 / RESCALED)
    if apart.mean() > 0.5:
        a, b = (np.median(x[varies]) for x in (mean, other_mean))
        c, d = (np.median(x[varies]) for x in (deviation, other))
        yield Finding(
            "inputs scaled otherwise",
            "",
            {"features": int(apart.sum()), "of": int(varies.sum())},
            f"inputs of the training have a mean of {a:.3g} and a deviation of {c:.3g}, those of "
            f"the validation {b:.3g} and {d:.3g} (medians over features), so the model has never "
            "seen the like",
            "scale both with the mean and deviation of the training data",
        )


def _unrelated(training: Score, validation: Score) -> Iterator[Finding]:
    a, b = training, validation
    if a.accuracy == a.accuracy:
        # What a model knows shows in how far its answers beat the same answers in another order:
        # of a rare class, few right answers say much, and of labels of one class, none says any.
        skill = (a.accuracy - a.agreement) / max(1e-12, 1.0 - a.agreement)
        left = 1.0 - b.agreement
        deviation = math.sqrt(b.agreement * left / b.samples) + 1e-12
        could_tell = b.chance < 1.0 and skill * left > TELLING * deviation
        learned = skill > MEMORIZED and a.accuracy - a.chance > MEMORIZED * (1.0 - a.chance)
        gained = b.accuracy - b.agreement
        related = gained > 3.0 * deviation and gained > TRANSFERS * skill * left
        if not (learned and could_tell) or related:
            return
        what = f"{a.accuracy:.0%} of the training labels are right, and {b.accuracy:.0%} of others"
        numbers = {"training": a.accuracy, "validation": b.accuracy, "chance": b.chance}
        chance = f"answers in another order give {b.agreement:.0%}"
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
    if len(training.batches) >= 3 and training.distinct == 1:
        count = len(training.batches)
        yield Finding(
            "memorized batch",
            "",
            {"batches": count, "samples": training.samples // count},
            f"all {count} batches of the training are the same {training.samples // count} samples",
            "iterate over the loader itself: next(iter(loader)) always begins anew",
        )
        return
    losses = training.batches
    if len(losses) < 3 or not all(map(math.isfinite, losses)):
        return
    least = int(np.argmin(losses))
    others = median(np.delete(losses, least))
    second = float(np.partition(losses, 1)[1])
    sizes = np.log(np.maximum(losses, 1e-12))
    rest = np.delete(sizes, least)
    # Beside the spread of the others, it must stand out too.
    apart = rest.mean() - sizes[least] > APART * rest.std()
    if apart and losses[least] < BY_HEART * min(second, others):
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
        # What explains less than nothing of its own data does not fit them at all.
        if seen - other > GAP and seen > 0.0 and validation.samples >= 30:
            yield Finding(
                "overfitting",
                "",
                {"training": seen, "validation": other},
                f"{what} is {seen:.0%} on the data of training and {other:.0%} on others",
                "more data, weight decay, dropout, a smaller model, or fewer epochs",
            )


def _bold(validation: Score) -> Iterator[Finding]:
    v = validation
    if not v.confidence - v.accuracy > BOLD:  # or one is not known
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
