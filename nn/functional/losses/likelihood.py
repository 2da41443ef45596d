"""Losses that are negative logarithms of a probability: of Gauss's, of Poisson's, of alignments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import message, one_of
from nn.arguments import flags, floats, floats_like, integer, integers, number
from nn.functional.losses.reduction import (
    REDUCTIONS,
    check_same_shape,
    reduce_loss,
    refuse_old_names,
)


def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """(ln v + (target - input)² / v) / 2, where the variance v is at least eps.

    Args:
        input: means of any shape (..., n).
        target: values of the same shape.
        var: variances of the same shape, or of that with one axis of length 1, such as (..., 1); or
            of shape (...,), or one number.
        full: whether to add the constant ln(2π) / 2.
        eps: what smaller variances are raised to; their gradient is that at eps.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: a variance is negative.

    Example:
        >>> import nn
        >>> mean, variance = ag.Tensor([1.0, 2.0]), ag.Tensor([1.0, 2.0])
        >>> nn.functional.gaussian_nll_loss(mean, [1.0, 4.0], variance)
        Tensor(0.6732868)

    Source: Nix and Weigend, Estimating the mean and variance of the target probability distribution
        (1994).
    """
    what = "gaussian_nll_loss"
    flags(what, full=full)
    eps = number(what, "eps", eps, 0.0, open_low=True)
    input, target = check_same_shape(what, input, target)
    var = floats_like(var, input)
    if var.shape == input.shape[:-1] and var.ndim < input.ndim:
        var = ag.expand_dims(var, -1)
    shared = [(*input.shape[:i], 1, *input.shape[i + 1 :]) for i in range(input.ndim)]
    if var.shape not in ((), input.shape, *shared):
        got = f"var of shape {var.shape} for an input of shape {input.shape}"
        expected = "one for each entry, for each line along one axis, or one number"
        raise ShapeError(message(what, got, expected))
    if (var < 0).any():
        raise ValueError(message(what, "a negative variance", "0 or more"))
    raised = ag.where(var < eps, eps + (var - ag.stop_gradient(var)), var)
    losses = 0.5 * (ag.log(raised) + ag.square(input - target) / raised)
    if full:
        losses = losses + 0.5 * math.log(2.0 * math.pi)
    return reduce_loss(what, losses, reduction)


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """e^x - target · x for a logarithmic rate x, or x - target · ln(x + eps) for a rate.

    Args:
        input: logarithms of expected counts, of any shape, or the expected counts.
        target: counts of the same shape.
        log_input: whether the input is logarithms.
        full: whether to add ln(target!) by Stirling's formula where the target is above 1.
        size_average: only None; `reduction` replaces it.
        eps: added to a rate before its logarithm.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.poisson_nll_loss(ag.Tensor([0.0, 0.0]), [1.0, 3.0])
        Tensor(1.)
    """
    what = "poisson_nll_loss"
    refuse_old_names(what, size_average, reduce)
    flags(what, log_input=log_input, full=full)
    eps = number(what, "eps", eps, 0.0)
    x, counts = check_same_shape(what, input, target)
    losses = ag.exp(x) - counts * x if log_input else x - counts * ag.log(x + eps)
    if full:
        above = counts > 1
        n = ag.where(above, counts, 1.0)
        stirling = n * ag.log(n) - n + 0.5 * ag.log((2.0 * math.pi) * n)
        losses = losses + ag.where(above, stirling, 0.0)
    return reduce_loss(what, losses, reduction)


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-ln of the probability of a text, summed over all its alignments with the steps.

    An alignment gives each step a letter or the blank; repeated letters count once unless a blank
    is between them. The derivative is that of this formula for any `log_probs`; behind a
    `log_softmax` it is PyTorch's.

    Args:
        log_probs: logarithms of probabilities, shape (T, N, C) or (T, C).
        targets: class numbers of the letters, shape (N, S) or (S,), or all texts of the batch on
            one axis, shape (Σ target_lengths,).
        input_lengths: how many steps count, shape (N,) or one number.
        target_lengths: how many letters count, shape (N,) or one number.
        blank: the class number of the blank.
        reduction: "mean", which divides each loss by the length of its text first, "sum" or "none".
        zero_infinity: whether the loss of a text that is too long for its steps is 0, not inf.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: a length is out of range.
        IndexError: a target is not a class, or is the blank.

    Example:
        >>> import nn
        >>> even = ag.Tensor(np.full((3, 1, 2), np.log(0.5)))  # 6 of 8 alignments say "a"
        >>> nn.functional.ctc_loss(even, [[1]], [3], [1])
        Tensor(0.28768207)

    Source: Graves, Fernández, Gomez and Schmidhuber, Connectionist temporal classification (2006).
    """
    what = "ctc_loss"
    flags(what, zero_infinity=zero_infinity)
    one_of(what, "reduction", reduction, REDUCTIONS)
    logs = floats(log_probs)
    if logs.ndim not in (2, 3):
        raise ShapeError(message(what, f"log_probs of shape {logs.shape}", "(T, N, C) or (T, C)"))
    batched = logs.ndim == 3
    logs = logs if batched else ag.expand_dims(logs, 1)
    steps, count, classes = logs.shape
    blank = integer(what, "blank", blank)
    if not 0 <= blank < classes:
        raise ValueError(message(what, f"blank={blank}", f"a class, 0 to {classes - 1}"))
    ends = _lengths(what, "input_lengths", input_lengths, count, steps)
    sizes = _lengths(what, "target_lengths", target_lengths, count, None)
    letters = _letters(what, targets, sizes, blank, classes)
    with np.errstate(all="ignore"):  # of plain data: states that nothing reaches are -inf
        losses = -_log_likelihood(logs, letters, ends, sizes, blank)
    if zero_infinity:
        losses = ag.where(np.isinf(losses), 0.0, losses)
    if reduction == "mean":
        losses = losses / np.maximum(sizes, 1).astype(losses.dtype)
    return reduce_loss(what, losses if batched else losses[0], reduction)


def _lengths(what: str, name: str, lengths: Any, count: int, most: int | None) -> Any:
    found = np.atleast_1d(integers(lengths, what, name))
    if found.shape != (count,):
        got = f"{name} of shape {found.shape} for a batch of {count}"
        raise ShapeError(message(what, got, "one length for each"))
    if (found < 0).any() or (most is not None and (found > most).any()):
        upper = "" if most is None else f", at most {most}"
        raise ValueError(message(what, f"{name}={found.tolist()}", f"0 or more{upper}"))
    return found


def _letters(what: str, targets: Any, sizes: Any, blank: int, classes: int) -> Any:
    """The letters of each text in a row, padded with blanks."""
    given = integers(targets, what, "targets")
    longest = int(sizes.max(initial=0))
    if given.ndim == 1 and given.size == sizes.sum():
        starts = np.cumsum(sizes) - sizes
        places = np.minimum(starts[:, None] + np.arange(longest), max(given.size - 1, 0))
        rows = given[places] if given.size else np.zeros((len(sizes), longest), np.intp)
    elif given.ndim == 2 and len(given) == len(sizes) and given.shape[1] >= longest:
        rows = given[:, :longest]
    else:
        got = f"targets of shape {given.shape} for target_lengths {sizes.tolist()}"
        expected = f"({len(sizes)}, {longest}) or longer, or ({sizes.sum()},)"
        raise ShapeError(message(what, got, expected))
    used = np.arange(longest) < sizes[:, None]
    if (used & ((rows < 0) | (rows >= classes) | (rows == blank))).any():
        expected = f"classes, 0 to {classes - 1}, but for the blank {blank}"
        raise IndexError(message(what, "a target that is not a letter", expected))
    return np.where(used, rows, blank)


def _log_likelihood(logs: Any, letters: Any, ends: Any, sizes: Any, blank: int) -> Any:
    """ln of the sum over alignments, step by step, for each text of the batch."""
    count, longest = letters.shape
    states = np.full((count, 2 * longest + 1), blank)  # blanks between, before and after letters
    states[:, 1::2] = letters
    skips = np.zeros(states.shape, bool)  # from a letter to another one, past the blank
    skips[:, 3::2] = letters[:, 1:] != letters[:, :-1]
    emitted = ag.take_along_axis(logs, np.broadcast_to(states, (len(logs), *states.shape)), -1)
    before = np.where(np.arange(states.shape[1]) < 2, 0.0, np.full(states.shape, -np.inf))
    before = before.astype(logs.dtype)
    reached = before + emitted[0] if len(logs) else before
    for t in range(1, len(logs)):
        one, two = _moved_on(reached, 1), _moved_on(reached, 2)
        ways = ag.stack([reached, one, ag.where(skips, two, -np.inf)])
        following = ag.logsumexp(ways, 0) + emitted[t]
        reached = ag.where((t < ends)[:, None], following, reached)
    last = np.arange(states.shape[1])
    final = (last == 2 * sizes[:, None]) | ((last == 2 * sizes[:, None] - 1) & (sizes[:, None] > 0))
    none = np.where(sizes == 0, 0.0, -np.inf).astype(
        logs.dtype
    )  # without steps, only the empty text is certain
    return ag.where(ends == 0, none, ag.logsumexp(ag.where(final, reached, -np.inf), -1))


def _moved_on(reached: Any, places: int) -> Any:
    """Each state's value in the place of a later one; -inf where none comes."""
    kept = reached[:, : max(reached.shape[1] - places, 0)]
    missing = np.full((len(reached), reached.shape[1] - kept.shape[1]), -np.inf, reached.dtype)
    return ag.concatenate([missing, kept], 1)
