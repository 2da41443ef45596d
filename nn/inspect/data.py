"""What batches show: inputs and targets that a network cannot learn from, or only slowly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nn.inspect.findings import Finding
from nn.inspect.layers import part

LARGE_INPUT, SMALL_INPUT = 10.0, 0.03  # root mean squares; weights are drawn for about 1
SPARSE = 0.3  # the largest entry beyond which a small mean square only says that most are 0
UNLIKE = 1e3  # the ratio between the deviations of two features
LARGE_TARGET = 30.0  # the root mean square of targets; outputs begin at about 1
MAJORITY = 0.9  # the share of one class, beyond which always naming it looks like learning
SOME = 2048  # entries of a batch that are read
PURE = 0.8  # the share of one class in a batch, on average
ENOUGH = 64  # labels, before anything is said about them: of a class of 10%, 32 may have none


def input_findings(
    inputs: Sequence[Any], *, normalized: bool = False, counts: bool = False
) -> list[Finding]:
    """What the inputs of some batches show.

    Args:
        inputs: arrays, the first axis of which is the batch.
        normalized: whether the first layer normalizes them, so that their scale is free.
        counts: whether integers are numbers, such as pixels, and not names, such as tokens.
    """
    arrays = [np.asarray(x) for x in inputs]
    if _are_one_token(arrays):
        return [_same_inputs(sum(map(len, arrays)))]
    kinds = "fiub" if counts else "f"
    arrays = [x for x in arrays if x.dtype.kind in kinds and x.ndim >= 1 and x.size]
    broken = not_finite(arrays)
    if broken:
        return broken
    if not arrays or len({x.shape[1:] for x in arrays}) != 1:
        return []
    x = np.concatenate([np.asarray(part(x, SOME), float) for x in arrays])
    found = [*_constant_inputs(x)]
    return found if found or normalized else [*_input_scale(x)]


def _are_one_token(arrays: Sequence[Any]) -> bool:
    """Whether batches of integers hold nothing but one number."""
    batches = all(x.dtype.kind in "iu" and x.ndim >= 2 and len(x) >= 4 for x in arrays)
    return bool(arrays) and batches and all(np.all(x == arrays[0].flat[0]) for x in arrays)


def not_finite(inputs: Sequence[Any]) -> list[Finding]:
    """The first batch that holds nan or inf."""
    floats = [x for x in map(np.asarray, inputs) if x.dtype.kind == "f" and x.ndim >= 1]
    # A sum is a number if all entries are, unless it overflows.
    suspects = (x for x in floats if not math.isfinite(float(x.sum())))
    x = next((x for x in suspects if not np.isfinite(x).all()), None)
    if x is None:
        return []
    rows = ~np.isfinite(x.reshape(len(x), -1)).all(axis=1)
    nan, inf = int(np.isnan(x).sum()), int(np.isinf(x).sum())
    return [
        Finding(
            "inputs are not finite",
            "",
            {"nan": nan, "inf": inf, "samples": int(rows.sum())},
            f"{int(rows.sum())} of {len(x)} samples of a batch hold nan or inf ({nan} nan, {inf} "
            "inf); they make the loss and all gradients nan",
            "remove those samples, or fill missing values, before training",
        )
    ]


def targets_not_finite(targets: Sequence[Any]) -> list[Finding]:
    """The first batch of targets that holds nan or inf."""
    return [
        f._replace(
            kind="targets are not finite",
            text=f.text.replace("samples of a batch", "targets of a batch"),
            remedy="remove those samples, or fill missing values, before training",
        )
        for f in not_finite(targets)
    ]


def _constant_inputs(x: Any) -> Iterator[Finding]:
    if len(x) >= 4 and not np.ptp(x, axis=0).any():
        yield _same_inputs(len(x))


def _same_inputs(count: int) -> Finding:
    return Finding(
        "inputs do not vary",
        "",
        {"samples": count},
        f"all {count} samples are the same, so every output is the same",
        "look at how batches are made",
    )


def _input_scale(x: Any) -> Iterator[Finding]:
    size = math.sqrt(float(np.square(x).mean()))
    mean, std = float(x.mean()), float(x.std())
    numbers = {"rms": size, "mean": mean, "std": std}
    remedy = "subtract the mean of each feature and divide by its standard deviation"
    if size > LARGE_INPUT or (size < SMALL_INPUT and np.abs(x).max() < SPARSE):
        yield Finding(
            "inputs not scaled",
            "",
            numbers,
            f"inputs go from {x.min():.4g} to {x.max():.4g} (mean {mean:.3g}, standard deviation "
            f"{std:.3g}); weights are drawn for inputs of about 1",
            remedy,
        )
        return
    if x.ndim == 2 and x.shape[1] >= 2 and len(x) >= 8:
        deviations = x.std(axis=0)
        alive = deviations[deviations > 0]
        if alive.size and alive.max() > UNLIKE * alive.min():
            yield Finding(
                "inputs not scaled",
                "",
                {"largest": float(alive.max()), "smallest": float(alive.min())},
                f"standard deviations of features go from {alive.min():.3g} to {alive.max():.3g}, "
                "so the largest drowns the others and sets the learning rate",
                remedy,
            )


def class_findings(labels: Sequence[Any], classes: int) -> list[Finding]:
    """What class numbers of some batches show.

    Args:
        labels: arrays of class numbers, one for each batch.
        classes: the number of classes.
    """
    arrays = [np.ravel(y) for y in labels if np.size(y)]
    if not arrays:
        return []
    every = np.concatenate(arrays)
    counts = np.bincount(every[every >= 0], minlength=classes)
    total, share = int(counts.sum()), float(counts.max() / max(1, counts.sum()))
    if total < ENOUGH or classes < 2:
        return []
    if share == 1.0:
        return [_one_target(f"all {total} labels are class {counts.argmax()}", total)]
    # The share of few labels is uncertain: a class of 8% may be missing from one in twenty batches.
    if share - 2.0 * math.sqrt(share * (1.0 - share) / total) > MAJORITY:
        return [
            Finding(
                "labels out of balance",
                "",
                {"share": share, "labels": total},
                f"{share:.1%} of {total} labels are class {counts.argmax()}, so a network that "
                "ignores its input is almost always right",
                "weight the classes (weight= of cross_entropy) or sample them evenly, and judge by "
                "a metric for each class",
            )
        ]
    return [*_unshuffled(arrays)]


def _unshuffled(labels: list[Any]) -> Iterator[Finding]:
    """Batches of almost one class each, which chance would not make."""
    if len(labels) < 3:
        return
    every = np.unique(np.concatenate(labels), return_inverse=True)[1]  # counted from 0
    ends = np.cumsum([len(y) for y in labels])[:-1]
    found = _purity(np.split(every, ends))
    by_chance = _purity(np.split(np.random.default_rng(0).permutation(every), ends))
    if found > PURE and found - by_chance > 0.5 * (1.0 - by_chance):
        yield Finding(
            "data not shuffled",
            "",
            {"batches": len(labels), "purity": found, "by_chance": by_chance},
            f"in {len(labels)} batches, the most frequent class of a batch has {found:.0%} of its "
            f"labels on average, and {by_chance:.0%} if they are shuffled, so each step unlearns "
            "the other classes",
            "shuffle the data: nn.data.DataLoader(..., shuffle=True)",
        )


def _purity(labels: list[Any]) -> float:
    """The mean share of the most frequent class of a batch; classes are counted from 0."""
    return float(np.mean([np.bincount(y).max() / len(y) for y in labels]))


def _one_target(what: str, count: int) -> Finding:
    return Finding(
        "targets do not vary",
        "",
        {"targets": count},
        f"{what}, so a constant output is the best answer",
        "look at how targets are made",
    )


def one_answer(targets: Sequence[Any]) -> list[Finding]:
    """Targets of a binary cross-entropy that are all the same."""
    y = np.concatenate([np.ravel(t) for t in targets]) if targets else np.zeros(0)
    if y.size < ENOUGH or np.ptp(y):
        return []
    return [_one_target(f"all {y.size} targets are {y[0]:g}", y.size)]


def value_findings(targets: Sequence[Any]) -> list[Finding]:
    """What real-valued targets of some batches show."""
    arrays = [np.asarray(t, float) for t in targets if np.size(t)]
    if not arrays or len({t.shape[1:] for t in arrays}) != 1 or arrays[0].ndim == 0:
        return []
    y = np.concatenate(arrays)
    if not np.isfinite(y).all():
        return []
    if len(y) >= ENOUGH and not np.ptp(y):
        return [_one_target(f"all {len(y)} targets are equal", len(y))]
    size = math.sqrt(float(np.square(y).mean()))
    if size <= LARGE_TARGET:
        return []
    return [
        Finding(
            "targets not scaled",
            "",
            {"rms": size, "mean": float(y.mean()), "std": float(y.std())},
            f"targets go from {y.min():.4g} to {y.max():.4g} (mean {y.mean():.3g}, standard "
            f"deviation {y.std():.3g}), and outputs begin at about 1, so the first gradients are "
            "huge and the last bias has far to go",
            "train on (target - mean) / std, and undo it for predictions",
        )
    ]


def feature_is_target(inputs: Any, targets: Any) -> list[Finding]:
    """Real targets that are among the features of their samples."""
    x, y = np.asarray(inputs), np.asarray(targets)
    if x.dtype.kind != "f" or y.dtype.kind != "f" or x.ndim != 2 or y.size != len(x):
        return []
    if x.shape[1] < 2 or len(x) < ENOUGH or not np.ptp(y):
        return []
    equal = np.flatnonzero((x == y.reshape(-1, 1)).all(axis=0))
    if not equal.size:
        return []
    return [
        Finding(
            "targets are the inputs",
            "",
            {"feature": int(equal[0]), "samples": len(x)},
            f"feature {equal[0]} equals the target in all {len(x)} samples, so a network learns to "
            "copy it and nothing else",
            "remove that feature: it will not be known where the target is not",
        )
    ]


def same_as_inputs(inputs: Any, labels: Any) -> list[Finding]:
    """Class numbers that are the input tokens themselves."""
    x, y = np.ravel(inputs), np.ravel(labels)  # a loss may have flattened them
    if x.dtype.kind not in "iu" or x.shape != y.shape or x.size < ENOUGH or not np.ptp(x):
        return []
    if not np.array_equal(x, y):
        return []
    return [
        Finding(
            "targets are the inputs",
            "",
            {"entries": x.size},
            f"all {x.size} targets equal the input tokens, so a network learns to copy and the "
            "loss says nothing",
            "shift them by one position to predict the next: inputs tokens[:, :-1], targets "
            "tokens[:, 1:]",
        )
    ]
