"""`fit`: the training loop, with validation, schedules, early stopping and checkpoints.

The loop itself is five lines; `nn.fit` helps when everything around it hides them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograd import ShapeError
from autograd.errors import kind, message, one_of
from nn.arguments import array, flags, integers, optional_flags, size
from nn.module.module import Module
from nn.training.callbacks import (
    Checkpoint,
    ClipGradients,
    EarlyStopping,
    Epoch,
    EpochFunction,
    LossCheck,
    ProgressBar,
    StepScheduler,
)
from nn.training.compiled import compile_step
from nn.training.history import History
from nn.training.kinds import check_batches, check_loss, check_optimizer
from nn.training.run import Callback, Metric, Run


def accuracy(output: Any, target: Any) -> float:
    """The share of samples whose largest output belongs to their class.

    Args:
        output: shape (N, C).
        target: class numbers of shape (N,).

    Example:
        >>> from nn.training.fit import accuracy
        >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), [1, 1])
        0.5
    """
    output, classes = array(output), integers(target, "accuracy", "target")
    if output.ndim != 2 or classes.shape != output.shape[:1]:
        got = f"an output of shape {output.shape} and a target of shape {classes.shape}"
        raise ShapeError(message("accuracy", got, "(N, C) and (N,)"))
    return float((output.argmax(axis=1) == classes).mean())


METRICS: dict[str, Metric] = {"accuracy": accuracy}
TAKEN = ("loss", "lr")  # columns of the history that no metric may overwrite


def fit(
    model: Module,
    data: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    epochs: int,
    *,
    validation: Iterable[Any] | None = None,
    metrics: Mapping[str, Metric] | Sequence[str] = (),
    scheduler: Any = None,
    scheduler_every: str = "epoch",
    callbacks: Iterable[Callback | Callable[[Epoch], Any]] = (),
    early_stopping: EarlyStopping | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
    clip_norm: float | None = None,
    on_nonfinite: str = "raise",
    progress: bool | None = None,
    compile: bool | str = False,
) -> History:
    """Train a model for some epochs.

    Args:
        model: called with the inputs of a batch.
        data: batches (inputs, ..., target), such as a `nn.data.DataLoader`; iterated once per
            epoch.
        loss: from (output, target) to one number.
        optimizer: made for the model's parameters.
        epochs: the number of epochs, including those before a checkpoint.
        validation: batches on which loss and metrics are computed after each epoch, in evaluation
            mode and without gradients.
        metrics: functions from (output, target) to a number, by name; or known names: "accuracy".
            Means over an epoch weight batches by their size.
        scheduler: its `step()` is called; one that takes a metric gets the validation loss, or the
            loss if there is no validation.
        scheduler_every: "epoch" or "batch".
        callbacks: each a `Callback`, or a function of an `Epoch` that stops the training by
            returning True.
        early_stopping: watches one value of the history.
        checkpoint: a path, or a `Checkpoint`. If the file exists, training continues from it, in
            the middle of an epoch if `data` is a DataLoader, and ends with the same bits.
        clip_norm: the largest joint norm of all gradients.
        on_nonfinite: what to do about a loss that is nan or infinite: "raise", "warn" or "ignore".
        progress: whether to show a bar; by default, on a terminal.
        compile: whether `ag.compile` makes a program of the step, or with which back end: "numpy"
            gives the bits of a run without it, "native" rounds otherwise. The
            hooks `on_loss` and `on_gradients` of your own callbacks keep the run eager.

    Returns:
        the history: "loss", metrics, "val_..." of both, and "lr", for each epoch.

    Raises:
        NonFiniteLossError: the loss became nan or infinite.
        TypeError: an argument is of another kind.
        ValueError: an argument is out of range, the optimizer belongs to another model, or there
            are no batches.
        CheckpointError: the checkpoint does not fit.

    Example:
        >>> import nn
        >>> ag.random.seed(0)
        >>> x = np.linspace(-1.0, 1.0, 32)[:, None]
        >>> loader = nn.data.DataLoader(nn.data.TensorDataset(x, x**2), batch_size=8, shuffle=True)
        >>> model = nn.MLP([1, 16, 1], "tanh")
        >>> optimizer = nn.optim.Adam(model.parameters(), lr=0.02)
        >>> history = nn.fit(model, loader, nn.MSELoss(), optimizer, epochs=30)
        >>> history["loss"][-1] < 0.1 * history["loss"][0]
        True
    """
    _check_kinds(model, data, loss, optimizer, validation)
    named: dict[str, Callback] = {"loss check": LossCheck(on_nonfinite)}
    one_of("fit", "scheduler_every", scheduler_every, ("epoch", "batch"))
    if clip_norm is not None:
        named["clipping"] = ClipGradients(clip_norm)
    if scheduler is not None:
        named["scheduler"] = StepScheduler(scheduler, scheduler_every)
    if early_stopping is not None:
        if not isinstance(early_stopping, EarlyStopping):
            got, hint = f"{kind(early_stopping)} as early_stopping", "pass nn.EarlyStopping(...)"
            raise TypeError(message("fit", got, "an EarlyStopping", hint))
        named["early_stopping"] = early_stopping
    if isinstance(callbacks, Callback) or not isinstance(callbacks, Iterable):
        got, hint = f"{kind(callbacks)} as callbacks", "pass a list, e.g. callbacks=[callback]"
        raise TypeError(message("fit", got, "a list of them", hint))
    for i, callback in enumerate(callbacks):
        named[f"callback {i}"] = _as_callback(callback)
    optional_flags("fit", progress=progress)
    if not isinstance(compile, str):
        flags("fit", compile=compile)
    if sys.stderr.isatty() if progress is None else progress:
        named["progress"] = ProgressBar(required=progress is True)
    if checkpoint is not None:
        named["checkpoint"] = (
            checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(checkpoint)
        )
    if len(set(map(id, named.values()))) < len(named):
        hint = "pass it once, or it would count every epoch twice"
        raise ValueError(message("fit", "the same callback twice", "each once", hint))
    run = Run(
        model,
        loss,
        optimizer,
        data,
        size("fit", "epochs", epochs),
        validation=validation,
        metrics=_named_metrics(metrics),
        callbacks=named,
    )
    if isinstance(compile, str) or compile:  # "" is no back end, and compile says so
        compile_step(run, "auto" if compile is True else compile)
    for callback in run.callbacks:
        if isinstance(callback, Checkpoint):
            callback.resume(run)
    return run.train()


def _check_kinds(model: Any, data: Any, loss: Any, optimizer: Any, validation: Any) -> None:
    """Raise for arguments of the wrong kind, before anything is trained."""
    if not isinstance(model, Module):
        got, hint = f"{kind(model)} as the model", "wrap a function in nn.Lambda"
        raise TypeError(message("fit", got, "a module", hint))
    check_batches("fit", "data", data)
    if validation is not None:
        check_batches("fit", "validation", validation)
    check_loss("fit", loss)
    check_optimizer("fit", optimizer)
    changed = set(map(id, getattr(getattr(optimizer, "optimizer", optimizer), "parameters", ())))
    trained = [model, loss] if isinstance(loss, Module) else [model]
    owned = {id(p) for module in trained for p in module.parameters()}
    if changed and owned and not changed & owned:
        hint = "make it with model.parameters()"
        raise ValueError(message("fit", "an optimizer of another model", "one of this model", hint))


def _as_callback(callback: Any) -> Callback:
    if isinstance(callback, Callback):
        return callback
    if not callable(callback) or isinstance(callback, type):
        hint = "pass an instance of a subclass of nn.Callback, e.g. nn.EarlyStopping()"
        expected = "a Callback or a function of an Epoch"
        raise TypeError(message("fit", f"{kind(callback)} among the callbacks", expected, hint))
    return EpochFunction(callback)


def _named_metrics(metrics: Mapping[str, Metric] | Sequence[str]) -> dict[str, Metric]:
    if isinstance(metrics, Mapping):
        for name, metric in metrics.items():
            if not isinstance(name, str) or name in TAKEN or name.startswith("val_"):
                expected = "a string other than 'loss' and 'lr' that does not begin with 'val_'"
                raise ValueError(message("fit", f"a metric named {name!r}", expected))
            if not callable(metric):
                got = f"{kind(metric)} as the metric {name!r}"
                raise TypeError(message("fit", got, "a function of (output, target)"))
        return dict(metrics)
    names = [metrics] if isinstance(metrics, str) else metrics
    if not isinstance(names, Iterable) or any(not isinstance(name, str) for name in names):
        hint = "pass e.g. metrics={'accuracy': nn.training.accuracy}"
        raise TypeError(message("fit", f"metrics={metrics!r}", "functions by name", hint))
    return {one_of("fit", "metrics", name, tuple(METRICS)): METRICS[name] for name in names}
