"""Checks of what a training is made of: a loss function, an optimizer, batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.errors import kind, message


def check_loss(what: str, loss: Any) -> None:
    """Check that a loss can be called; a class is no loss, although it can be called.

    Raises:
        TypeError: it is something else.
    """
    if not callable(loss) or isinstance(loss, type):
        hint = "pass e.g. nn.MSELoss() or nn.functional.mse_loss"
        raise TypeError(message(what, f"{kind(loss)} as the loss", "a function", hint))


def check_optimizer(what: str, optimizer: Any) -> None:
    """Check that an object has what a training needs of its optimizer.

    Raises:
        TypeError: it has not.
    """
    needed = ("zero_grad", "step", "lr")
    if isinstance(optimizer, type) or not all(hasattr(optimizer, name) for name in needed):
        hint = "pass e.g. nn.optim.SGD(model.parameters(), lr=0.1)"
        raise TypeError(message(what, f"{kind(optimizer)} as optimizer", "an optimizer", hint))


def optimizers_of(what: str, given: Any) -> list[Any]:
    """None, one optimizer or several as a list.

    Raises:
        TypeError: it is something else, or the list is empty.
    """
    if given is None:
        return []
    found = list(given) if isinstance(given, (list, tuple)) else [given]
    if not found:
        hint = "pass None if there is no optimizer"
        raise TypeError(message(what, "an empty list of optimizers", "at least one", hint))
    for optimizer in found:
        check_optimizer(what, optimizer)
    return found


def check_batches(what: str, name: str, batches: Any) -> None:
    """Check that one can iterate over batches.

    Raises:
        TypeError: one cannot.
    """
    # Python also iterates over what has only __getitem__, such as a data set.
    iterable = hasattr(batches, "__iter__") or hasattr(batches, "__getitem__")
    if not iterable or isinstance(batches, type) or getattr(batches, "shape", None) == ():
        hint = "pass a list of tuples (inputs, target) or a DataLoader"
        raise TypeError(message(what, f"{kind(batches)} as {name}", "batches", hint))


def inputs_and_target(what: str, batch: Any) -> tuple[Sequence[Any], Any]:
    """The inputs of a batch, and the target, which comes last.

    Raises:
        ValueError: it is not a tuple or list of two or more.
    """
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        short = isinstance(batch, (tuple, list))
        got = (
            f"a {type(batch).__name__} of {len(batch)} as a batch"
            if short
            else f"{kind(batch)} as a batch"
        )
        hint = "pass a list of batches, or a DataLoader of a TensorDataset(inputs, targets)"
        raise ValueError(message(what, got, "a tuple (inputs, ..., target)", hint))
    return batch[:-1], batch[-1]
