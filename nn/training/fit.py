"""fit: the training loop that everybody writes, with what everybody adds to it.

The loop itself is five lines; `nn.fit` is for when validation, early stopping and checkpoints hide
them.
"""

from __future__ import annotations

import contextlib
import math
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor, no_grad
from nn.arguments import number, one_of, size
from nn.module.module import Module
from nn.optim import clip_grad_norm_
from nn.training import checkpoint as files
from nn.training.history import History


class NonFiniteLossError(ArithmeticError):
    """The loss became nan or infinite."""


class Epoch(NamedTuple):
    """What a callback is told after each epoch.

    Attributes:
        number: counted from 1.
        logs: the epoch's numbers by name.
        model: the model.
        optimizer: the optimizer.
        history: all epochs so far.
    """

    number: int
    logs: dict[str, float]
    model: Module
    optimizer: Any
    history: History


class EarlyStopping:
    """Stop when a number has not improved for a while, and go back to the best weights.

    Args:
        monitor: which number of the history `fit` hands over.
        patience: how many epochs without improvement are borne.
        min_delta: by how much a number must be better than the best.
        mode: "min" if it should fall, "max" if it should rise.
        restore_best: whether the model gets the best weights back at the end.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> stopper, model = nn.EarlyStopping(patience=1), nn.Linear(1, 1)
        >>> [stopper.update(loss, model) for loss in (3.0, 2.0, 2.5, 2.2)]
        [False, False, False, True]
        >>> stopper.best
        2.0

    Source: Prechelt, Early stopping, but when? (1998).
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str = "min",
        restore_best: bool = True,
    ) -> None:
        self.monitor, self.restore_best = monitor, restore_best
        self.patience = size("EarlyStopping", "patience", patience)
        self.min_delta = number("EarlyStopping", "min_delta", min_delta, 0.0)
        self.mode = one_of("EarlyStopping", "mode", mode, ("min", "max"))
        self.best = math.inf if mode == "min" else -math.inf
        self.waited = 0
        self.weights: dict[str, Any] | None = None

    def update(self, value: float, model: Module) -> bool:
        """Take notice of a number; returns whether to stop. nan is no improvement."""
        better = self.best - value if self.mode == "min" else value - self.best
        if better > self.min_delta:
            self.best, self.waited = float(value), 0
            if self.restore_best:
                self.weights = model.state_dict()
            return False
        self.waited += 1
        return self.waited > self.patience

    def restore(self, model: Module) -> None:
        """Give a model the best weights back, if they were kept."""
        if self.weights is not None:
            model.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, Any]:
        """The best number, how long it has been waited, and the best weights."""
        return {"best": self.best, "waited": self.waited, "weights": self.weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        self.best, self.waited = float(state["best"]), int(state["waited"])
        self.weights = state["weights"]


class Checkpoint:
    """A file to which `fit` writes its whole state, and from which it goes on if the file exists.

    Args:
        path: the file.
        every_steps: after how many batches it is written; by default after each epoch only.

    Raises:
        ValueError: every_steps is no positive integer.
    """

    def __init__(self, path: str | Path, every_steps: int | None = None) -> None:
        self.path = Path(path)
        self.every_steps = (
            None if every_steps is None else size("Checkpoint", "every_steps", every_steps, 1)
        )


def accuracy(output: Any, target: Any) -> float:
    """The share of samples whose largest output is that of their class.

    Args:
        output: shape (N, C).
        target: class numbers of shape (N,).

    Example:
        >>> from nn.training.fit import accuracy
        >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), [1, 1])
        0.5
    """
    classes = np.asarray(target.detach() if isinstance(target, Tensor) else target)
    return float((output.argmax(axis=1) == classes).mean())


Metric = Callable[[Any, Any], Any]
METRICS: dict[str, Metric] = {"accuracy": accuracy}


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
    callbacks: Iterable[Callable[[Epoch], Any]] = (),
    early_stopping: EarlyStopping | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
    clip_norm: float | None = None,
    on_nonfinite: str = "raise",
    progress: bool | None = None,
) -> History:
    """Train a model, epoch after epoch.

    Args:
        model: called with the inputs of a batch.
        data: batches (inputs, ..., target), such as a `nn.data.DataLoader`; iterated once for each
            epoch.
        loss: from (output, target) to one number.
        optimizer: made for the model's parameters.
        epochs: how many there shall be, those of a run that goes on included.
        validation: batches on which loss and metrics are computed after each epoch, in evaluation
            mode and without gradients.
        metrics: functions from (output, target) to a number, by name; or names that are known:
            "accuracy". Means over batches count each sample once.
        scheduler: its `step()` is called; with the validation loss (or the loss, if there is none),
            if it takes a metric.
        scheduler_every: "epoch", or "batch".
        callbacks: functions of an `Epoch`; one that returns True stops the training.
        early_stopping: looks at one number of the history.
        checkpoint: a path, or a `Checkpoint`. If the file exists, training goes on from it, in the
            middle of an epoch if `data` is a DataLoader, and ends with the same bits.
        clip_norm: the largest norm of all gradients together.
        on_nonfinite: what a loss that is nan or infinite does: "raise", "warn" or "ignore".
        progress: whether a bar is shown; by default on a terminal.

    Returns:
        the history: "loss", metrics, "val_..." of both, and "lr", for each epoch.

    Raises:
        NonFiniteLossError: the loss became nan or infinite.
        ValueError: an argument is out of range, or there are no batches.
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
    one_of("fit", "scheduler_every", scheduler_every, ("epoch", "batch"))
    one_of("fit", "on_nonfinite", on_nonfinite, ("raise", "warn", "ignore"))
    run = _Run(model, loss, optimizer, scheduler, _named_metrics(metrics))
    run.by_batch, run.clip_norm, run.on_nonfinite = (
        scheduler_every == "batch",
        clip_norm,
        on_nonfinite,
    )
    run.batches, run.validation, run.early_stopping = data, validation, early_stopping
    run.epochs = size("fit", "epochs", epochs)
    if checkpoint is not None and not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint)
    run.checkpoint = checkpoint
    if checkpoint is not None and checkpoint.path.exists():
        run.resume(checkpoint.path)
    with _modes(model), _bar(progress, run) as show:
        model.train()
        while run.epoch < run.epochs and not run.stopped:
            logs = run.one_epoch(show)
            told = Epoch(run.epoch, logs, model, optimizer, run.history)
            # Every callback is told, also after one has asked to stop.
            wishes = [callback(told) is True for callback in callbacks]
            run.stopped = run.stopped or any(wishes)
            run.save()
    if early_stopping is not None:
        early_stopping.restore(model)
    return run.history


class _Run:
    """A training under way: everything that a checkpoint must hold."""

    def __init__(
        self, model: Module, loss: Any, optimizer: Any, scheduler: Any, metrics: dict[str, Metric]
    ) -> None:
        self.model, self.loss, self.optimizer, self.scheduler = model, loss, optimizer, scheduler
        self.metrics = metrics
        self.history = History()
        self.epoch = self.step = self.seen = 0
        self.sums: dict[str, float] = {}
        self.stopped = self.by_batch = False
        self.batches: Iterable[Any] = ()
        self.validation: Iterable[Any] | None = None
        self.early_stopping: EarlyStopping | None = None
        self.checkpoint: Checkpoint | None = None
        self.clip_norm: float | None = None
        self.on_nonfinite, self.epochs = "raise", 0

    # --- the loop ---

    def one_epoch(self, show: Callable[[_Run], None]) -> dict[str, float]:
        for batch in self.batches:
            self.one_step(*_inputs_and_target(batch))
            show(self)
            often = self.checkpoint.every_steps if self.checkpoint is not None else None
            if often is not None and self.step % often == 0:
                self.save()
        if self.seen == 0:
            raise ValueError(
                "fit: the data gave no batches; an iterator is used up after one epoch"
            )
        logs = {name: total / self.seen for name, total in self.sums.items()}
        if self.validation is not None:
            logs |= {f"val_{name}": x for name, x in self._evaluated(self.validation).items()}
        logs["lr"] = float(self.optimizer.lr)
        self.history.append(logs)
        self.epoch, self.seen, self.sums = self.epoch + 1, 0, {}
        if self.scheduler is not None and not self.by_batch:
            self._schedule(logs.get("val_loss", logs["loss"]))
        if self.early_stopping is not None:
            monitor = self.early_stopping.monitor
            if monitor not in logs:
                raise ValueError(
                    f"fit: early stopping looks at {monitor!r}; there are {', '.join(logs)}"
                )
            self.stopped = self.early_stopping.update(logs[monitor], self.model)
        return logs

    def one_step(self, inputs: Sequence[Any], target: Any) -> None:
        self.optimizer.zero_grad()
        output = self.model(*inputs)
        loss = self.loss(output, target)
        self._check_finite(loss)
        loss.backward()
        if self.clip_norm is not None:
            clip_grad_norm_(self.model.parameters(), self.clip_norm)
        self.optimizer.step()
        self.step += 1
        self._count(self.sums, output, loss, target)
        self.seen += _count_of(target)
        if self.scheduler is not None and self.by_batch:
            self._schedule(loss.item())

    def _schedule(self, metric: float) -> None:
        if getattr(self.scheduler, "takes_metric", False):
            self.scheduler.step(metric)
        else:
            self.scheduler.step()

    def _count(self, sums: dict[str, float], output: Any, loss: Any, target: Any) -> None:
        n = _count_of(target)
        with no_grad():
            numbers = {"loss": _number(loss)}
            numbers |= {name: _number(f(output, target)) for name, f in self.metrics.items()}
        for name, x in numbers.items():
            sums[name] = sums.get(name, 0.0) + n * x

    def _evaluated(self, batches: Iterable[Any]) -> dict[str, float]:
        sums: dict[str, float] = {}
        seen = 0
        with _modes(self.model), no_grad():
            self.model.eval()
            for batch in batches:
                inputs, target = _inputs_and_target(batch)
                output = self.model(*inputs)
                self._count(sums, output, self.loss(output, target), target)
                seen += _count_of(target)
        if seen == 0:
            raise ValueError(
                "fit: validation gave no batches; an iterator is used up after one epoch"
            )
        return {name: total / seen for name, total in sums.items()}

    def _check_finite(self, loss: Any) -> None:
        if self.on_nonfinite == "ignore" or math.isfinite(_number(loss)):
            return
        message = (
            f"fit: the loss is {_number(loss)} in epoch {self.epoch + 1}, batch {self.step + 1} in "
            "all; "
            "try a smaller learning rate, clip_norm=1.0, or look for inputs that are not finite"
        )
        if self.on_nonfinite == "raise":
            raise NonFiniteLossError(message)
        warnings.warn(message, RuntimeWarning, stacklevel=4)

    # --- checkpoints ---

    def _parts(self) -> dict[str, Any]:
        parts = {
            "model": self.model,
            "optimizer": self.optimizer,
            "scheduler": self.scheduler,
            "data": self.batches if hasattr(self.batches, "state_dict") else None,
            "validation": self.validation if hasattr(self.validation, "state_dict") else None,
            "early_stopping": self.early_stopping,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def save(self) -> None:
        if self.checkpoint is not None:
            names = ("epoch", "step", "seen", "sums", "stopped")
            values = {name: getattr(self, name) for name in names}
            values["history"] = self.history.columns
            files.save_training(self.checkpoint.path, **self._parts(), fit=values)

    def resume(self, path: Path) -> None:
        values = files.load_training(path, **self._parts()).get("fit")
        if not isinstance(values, dict):
            raise files.CheckpointError(f"fit: {path} was not written by fit")
        self.history = History(values.pop("history"))
        for name, value in values.items():
            setattr(self, name, value)


def _named_metrics(metrics: Mapping[str, Metric] | Sequence[str]) -> dict[str, Metric]:
    if isinstance(metrics, Mapping):
        return dict(metrics)
    names = [metrics] if isinstance(metrics, str) else metrics
    return {one_of("fit", "metrics", name, tuple(METRICS)): METRICS[name] for name in names}


def _inputs_and_target(batch: Any) -> tuple[Sequence[Any], Any]:
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        raise ValueError(
            f"fit: a batch that is a {type(batch).__name__} came; (inputs, ..., target) is expected"
        )
    return batch[:-1], batch[-1]


def _count_of(target: Any) -> int:
    shape = np.shape(target)
    return shape[0] if shape else 1


def _number(x: Any) -> float:
    return float(x.item() if hasattr(x, "item") else x)


@contextlib.contextmanager
def _modes(model: Module) -> Iterator[None]:
    """Afterwards every module is in the mode in which it was, also on errors."""
    before = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


@contextlib.contextmanager
def _bar(progress: bool | None, run: _Run) -> Iterator[Callable[[_Run], None]]:
    """What shows how far a run is: a bar by rich, or nothing."""
    if not (sys.stderr.isatty() if progress is None else progress):
        yield lambda run: None
        return
    try:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )
    except ImportError:
        if progress:
            raise ImportError("fit: the package rich is missing; run pip install rich") from None
        yield lambda run: None
        return
    console = Console(stderr=True, force_terminal=progress)
    steps = len(run.batches) if isinstance(run.batches, Sized) else None
    columns = TextColumn("epoch {task.fields[epoch]}"), BarColumn(), MofNCompleteColumn()
    last = TextColumn("loss {task.fields[loss]:.4f}"), TimeRemainingColumn()
    with Progress(*columns, *last, console=console, transient=True) as bar:
        total = None if steps is None else steps * run.epochs
        task = bar.add_task(
            "fit", total=total, epoch=run.epoch + 1, loss=math.nan, completed=run.step
        )

        def show(run: _Run) -> None:
            mean = run.sums["loss"] / max(1, run.seen)
            bar.update(task, completed=run.step, epoch=run.epoch + 1, loss=mean)

        yield show
