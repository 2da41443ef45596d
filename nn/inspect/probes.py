"""The experiments of a preflight on inputs and slopes: what happens if one of them changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, ancestors, data_of, gradients, no_grad
from nn.inspect.kept import Kept
from nn.module.module import Module

LONGEST = 64  # positions of a sequence that are tried
SAME = 1e-7  # of the scale of the outputs: sums of other rows round differently in one product


class Trial:
    """One batch on which a model is tried.

    Args:
        model: the model.
        loss: from (output, target) to one number.
        batch: (inputs, ..., target).
        sign: -1 if the loss is to grow, such as a log-likelihood.
    """

    def __init__(
        self, model: Module, loss: Callable[[Any, Any], Any], batch: Any, sign: float = 1.0
    ) -> None:
        self.model, self.loss, self.sign = model, loss, sign
        *self.inputs, self.target = batch

    def output(self) -> Any:
        """The model's output for the batch."""
        return self.model(*self.inputs)

    def value(self) -> Any:
        """The loss of the batch, a node."""
        return self.loss(self.output(), self.target)

    def cost(self, loss: Any) -> float:
        """What training makes smaller: the number of a loss, negated if it is maximized."""
        return self.sign * float(np.sum(data_of(loss)))

    def number(self) -> float:
        """The loss of the batch, without a graph."""
        with no_grad():
            return float(np.sum(data_of(self.value())))


class Mixing(NamedTuple):
    """How far one sample's input reached.

    Attributes:
        module: the path of the first module that mixes samples.
        changed: how many other samples' outputs changed.
        samples: how many there are.
    """

    module: str
    changed: int
    samples: int


def mixing(trial: Trial, kept: Kept) -> Mixing | None:
    """Change one sample's input and see whether other samples' outputs change too.

    In evaluation mode, because batch normalization mixes samples on purpose in training.

    Where the same input gives other outputs each time, the gradient of the other outputs by that
    sample's input tells.

    Returns:
        None if the outputs have no axis for the batch, or nothing was mixed.
    """
    count = _count(trial.target)
    axis = _axis(trial.inputs[0], count)
    if count < 3 or axis is None:
        return None
    j = count // 2
    changed = _with_other_sample(np.asarray(data_of(trial.inputs[0])), axis, j, 0 if j else 1)
    if changed is None:
        return None
    trial.model.eval()
    plain = _outputs(trial, trial.inputs[0], kept)
    again = _outputs(trial, trial.inputs[0], kept)
    if not all(
        np.array_equal(x, again.get(path, 0.0), equal_nan=True) for path, x in plain.items()
    ):
        return _mixing_by_gradient(trial, axis, j, count)
    if _compares_samples(trial, axis, plain, kept):
        return None
    other = _outputs(trial, changed, kept)
    for path, before in plain.items():
        after = other.get(path)
        if after is None or before.shape != after.shape or before.shape[:1] != (count,):
            continue
        rows = np.delete(np.abs(before - after).reshape(count, -1).max(axis=1), j)
        moved = int((rows > SAME * max(1e-30, float(np.abs(before).max()))).sum())
        if path == "" and moved:
            return Mixing(_first_mixing(plain, other, count, j), moved, count)
    return None


def _compares_samples(trial: Trial, axis: int, plain: dict[str, Any], kept: Kept) -> bool:
    """Whether outputs are of each sample with each other, as similarities are: a batch with a
    sample less has a row less and a column less."""
    whole, given = plain.get(""), np.asarray(data_of(trial.inputs[0]))
    count = given.shape[axis]
    if whole is None or len(trial.inputs) > 1 or whole.shape[:1] != (count,):
        return False
    if count not in whole.shape[1:]:
        return False
    try:
        fewer = _outputs(trial, np.delete(given, -1, axis), kept).get("")
    except Exception:  # a model for batches of one size
        return False
    smaller = tuple(n - (n == count) for n in whole.shape)
    return fewer is not None and fewer.shape == smaller


def _mixing_by_gradient(trial: Trial, axis: int, j: int, count: int) -> Mixing | None:
    slope = _slope(trial, lambda shape: _all_rows_but(shape, j), count)
    mixed = slope is not None and bool(np.any(np.take(slope, j, axis=axis)))
    return Mixing("", count - 1, count) if mixed else None


def _all_rows_but(shape: tuple[int, ...], j: int) -> Any:
    weights = np.random.default_rng(0).normal(size=shape)
    weights[j] = 0.0
    return weights


def _slope(trial: Trial, weights: Callable[[tuple[int, ...]], Any], count: int = 0) -> Any:
    """The gradient of a weighted sum of outputs by the input; of the first, if there are several.

    None for inputs that are no floats, for models that do not take a Tensor, and if the outputs
    are not as many as `count`, where that is given.
    """
    x = np.asarray(data_of(trial.inputs[0]))
    if x.dtype.kind != "f":
        return None
    leaf = Tensor(x, requires_grad=True)
    outs = trial.model(leaf, *trial.inputs[1:])
    outs = outs if isinstance(outs, tuple) else (outs,)
    out = outs[0]
    if not isinstance(out, Tensor) or not out.requires_grad or not out.ndim:
        return None
    if count and len(out) != count:
        return None
    slope = gradients((out * weights(out.shape).astype(out.dtype)).sum(), [leaf])[0]
    if slope is None and leaf in set(ancestors([o for o in outs if isinstance(o, Tensor)])):
        return np.zeros(x.shape)  # other outputs depend on it
    return slope if slope is not None and np.isfinite(slope).all() else None


def _first_mixing(plain: Any, other: Any, count: int, j: int) -> str:
    for path, before in plain.items():
        after = other.get(path)
        if path and after is not None and before.shape == after.shape and before.shape[0] == count:
            rows = np.delete(np.abs(before - after).reshape(count, -1).max(axis=1), j)
            if (rows > SAME * max(1e-30, float(np.abs(before).max()))).any():
                return str(path)
    return ""


def _count(target: Any) -> int:
    shape = np.shape(data_of(target))
    return shape[0] if shape else 0


def _axis(x: Any, count: int) -> int | None:
    """The axis of the batch: the first with as many entries as there are targets."""
    return next((a for a, n in enumerate(np.shape(data_of(x))) if n == count), None)


def _with_other_sample(x: Any, axis: int, j: int, i: int) -> Any:
    """A copy in which sample j is replaced by sample i; by noise if they are equal."""
    moved = np.moveaxis(np.array(x), axis, 0)
    if np.array_equal(moved[i], moved[j]):
        if moved.dtype.kind != "f":
            return None
        moved[j] = moved[j] + 1.0
    else:
        moved[j] = moved[i]
    return np.ascontiguousarray(np.moveaxis(moved, 0, axis))


def _outputs(trial: Trial, x: Any, kept: Kept) -> dict[str, Any]:
    """What each module returned for an input, by path, in the order in which they finished."""
    found: dict[str, Any] = {}
    undo = []
    for path, module in trial.model.named_modules():

        def note(module: Any, inputs: Any, out: Any, path: str = path) -> None:
            out = out[0] if isinstance(out, tuple) else out
            if getattr(data_of(out), "ndim", 0):
                found[path] = np.asarray(data_of(out), float)

        undo.append(module.register_forward_hook(note))
    kept.rewind()
    try:
        with no_grad():
            trial.model(x, *trial.inputs[1:])
    finally:
        for handle in undo:
            handle.remove()
    return found


class Effect(NamedTuple):
    """What outputs know of the positions of an input.

    Attributes:
        ignored: the share of positions, of those that vary, to which no output responds.
        cut: the share of positions to which outputs respond although no gradient reaches them.
    """

    ignored: float
    cut: float


def effect(trial: Trial, kept: Kept) -> Effect | None:
    """Which positions of the input have an effect on outputs, and on gradients.

    Returns:
        None if the inputs are neither floats nor rows of tokens, or the model does not take a
        Tensor for them.
    """
    x = np.asarray(data_of(trial.inputs[0]))
    if x.ndim < 2 or len(x) < 2:
        return None
    if x.dtype.kind in "iu" and x.ndim == 2:
        return _effect_of_tokens(trial, x, kept)
    axis = _axis(x, _count(trial.target)) or 0
    varies = np.ptp(x, axis=axis) > 0
    trial.model.eval()
    slope = _seeded_slope(trial, kept)
    if slope is None or not varies.any():
        return None
    silent = varies & ~np.any(slope, axis=axis)
    if silent.any():  # a straight path for gradients may be there in training only
        trial.model.train()
        also = _seeded_slope(trial, kept)
        trial.model.eval()
        silent = silent & ~np.any(also, axis=axis) if also is not None else silent
    if not silent.any():
        return Effect(0.0, 0.0)
    return _of_silent(
        trial, kept, x, axis, silent, bool(np.any(slope)), float(silent.sum() / varies.sum())
    )


def _seeded_slope(trial: Trial, kept: Kept) -> Any:
    kept.rewind()
    return _slope(trial, lambda shape: np.random.default_rng(0).normal(size=shape))


def _of_silent(
    trial: Trial, kept: Kept, x: Any, axis: int, silent: Any, others: bool, share: float
) -> Effect | None:
    """Whether positions without a gradient have an effect nevertheless: the path is cut.

    Args:
        trial, kept: as for `effect`.
        x: the input.
        axis: that of the batch.
        silent: a mask of the positions.
        others: whether other positions have a gradient.
        share: the share of the silent ones.
    """
    rows = np.moveaxis(x, axis, 0)
    moved = np.where(silent, np.roll(rows, 1, axis=0), rows)
    moved = np.ascontiguousarray(np.moveaxis(moved, 0, axis))
    outs: list[Any] = [_outputs(trial, given, kept).get("") for given in (x, x, moved)]
    plain, again, other = outs
    if plain is None or other is None or not np.array_equal(plain, again):
        return Effect(share, 0.0) if others else None
    responds = np.abs(plain - other).max() > SAME * np.abs(plain).max()
    if not responds and not others:  # all units are dead, or all weights are 0
        return None
    return Effect(0.0, share) if responds else Effect(share, 0.0)


def _effect_of_tokens(trial: Trial, x: Any, kept: Kept) -> Effect | None:
    """The share of positions whose tokens can be exchanged between samples without any effect."""
    trial.model.eval()
    outs: list[Any] = [_outputs(trial, given, kept).get("") for given in (x, x)]
    plain, again = outs
    varies = np.flatnonzero(np.ptp(x, axis=0) > 0)[:LONGEST]
    if plain is None or not np.array_equal(plain, again, equal_nan=True) or not varies.size:
        return None
    silent = 0
    for position in varies:
        moved = np.array(x)
        moved[:, position] = np.roll(x[:, position], 1)
        other = _outputs(trial, moved, kept).get("")
        if other is None or other.shape != plain.shape:
            return None
        silent += np.array_equal(other, plain, equal_nan=True)
    return Effect(silent / varies.size, 0.0) if silent < varies.size else None


def sees_future(trial: Trial, kept: Kept) -> tuple[int, int] | None:
    """For sequences whose targets are the next inputs: whether an output depends on later inputs.

    Returns:
        the position of an output that changes, and that of the input that was changed; None if
        nothing does, or targets are something else.
    """
    x, y = (np.asarray(data_of(a)) for a in (trial.inputs[0], trial.target))
    if x.shape != y.shape or x.ndim < 2 or x.shape[1] < 3:
        return None
    if not np.array_equal(x[:, 1:], y[:, :-1]):
        return None
    trial.model.eval()
    at = x.shape[1] - 1
    other = np.array(x)
    other[:, at] = np.roll(x[:, at], 1, axis=0)
    if np.array_equal(other, x):
        return None
    outs: list[Any] = [_outputs(trial, given, kept).get("") for given in (x, x, other)]
    plain, again, changed = outs
    if plain is None or changed is None or plain.shape[:2] != x.shape[:2]:
        return None
    if not np.array_equal(plain, again):
        return None
    moved = np.abs(plain - changed)[:, :at].reshape(len(x), at, -1).max(axis=(0, 2))
    early = np.flatnonzero(moved > SAME * np.abs(plain).max())
    return (int(early[0]), at) if early.size else None


def is_repeatable(trial: Trial, kept: Kept) -> bool:
    """Whether the same seed gives the same loss."""
    kept.rewind()
    first = trial.number()
    kept.rewind()
    return first == trial.number() or first != first


def slope_error(trial: Trial, kept: Kept) -> Iterator[float]:
    """The relative difference between slopes along random directions and numeric ones."""
    trainable = [p for p in trial.model.parameters() if p.requires_grad]
    kept.rewind()
    slopes = gradients(trial.value(), trainable)
    # What no gradient reaches has another fault, or none.
    reached = [(p, g) for p, g in zip(trainable, slopes, strict=True) if g is not None]
    trainable, slopes = [p for p, _ in reached], [g for _, g in reached]
    source = np.random.default_rng(0)
    for _ in range(3):
        directions = [source.normal(size=p.shape) for p in trainable]
        directions = [d.astype(p.dtype) for d, p in zip(directions, trainable, strict=True)]
        along = sum(float(np.sum(g * d)) for g, d in zip(slopes, directions, strict=True))
        numeric = [_numeric(trial, kept, trainable, directions, eps) for eps in (1e-5, 3e-6)]
        scale = max(abs(along), abs(numeric[0]), 1e-8)
        # Two steps that disagree met a kink or rounding, and prove nothing.
        if abs(numeric[0] - numeric[1]) < 1e-3 * scale:
            yield abs(numeric[0] - along) / scale


def _numeric(trial: Trial, kept: Kept, trainable: Any, directions: Any, eps: float) -> float:
    values = []
    for sign in (1.0, -1.0):
        kept.restore()
        for p, d in zip(trainable, directions, strict=True):
            p.data = data_of(p) + (sign * eps) * d
        values.append(trial.number())
    kept.restore()
    return (values[0] - values[1]) / (2.0 * eps)
