"""The callbacks that `fit` makes of its arguments; each can be passed in `callbacks` as well."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sized
from pathlib import Path
from typing import Any, NamedTuple

from autograd.errors import described, kind, message, one_of
from nn.arguments import flags, number, one_number, size
from nn.module.module import Module
from nn.module.state import check_state
from nn.optim import ExponentialMovingAverage, clip_grad_norm_
from nn.training import checkpoint
from nn.training.history import History
from nn.training.run import Callback, Run


class NonFiniteLossError(ArithmeticError):
    """The loss became nan or infinite."""


class Epoch(NamedTuple):
    """What a function among the callbacks gets after each epoch.

    Attributes:
        number: the number of the epoch, counted from 1.
        logs: the values of the epoch, by name.
        model: the model.
        optimizer: the optimizer.
        history: the values of all epochs so far.
    """

    number: int
    logs: dict[str, float]
    model: Module
    optimizer: Any
    history: History


class EpochFunction(Callback):
    """Call a function with an `Epoch` after each epoch; if it returns True, training stops."""

    def __init__(self, function: Callable[[Epoch], Any]) -> None:
        self.function = function

    def on_epoch_end(self, run: Run) -> None:
        """Call the function."""
        epoch = Epoch(run.epoch, run.logs, run.model, run.optimizer, run.history)
        if self.function(epoch) is True:
            run.request_stop()


class LossCheck(Callback):
    """Stop or warn when the loss is nan or infinite, before a step spoils the weights.

    Args:
        action: "raise", "warn" or "ignore".
    """

    def __init__(self, action: str = "raise") -> None:
        self.action = one_of("fit", "on_nonfinite", action, ("raise", "warn", "ignore"))

    def on_loss(self, run: Run) -> None:
        """Check the loss."""
        if self.action == "ignore":
            return
        loss = run.loss.item()
        if math.isfinite(loss):
            return
        text = message(
            "fit",
            f"a loss of {loss} in epoch {run.epoch + 1}, step {run.step + 1} in all",
            "a finite one",
            "try a smaller learning rate or clip_norm=1.0, or look for inputs that are not finite",
        )
        if self.action == "raise":
            raise NonFiniteLossError(text)
        warnings.warn(text, RuntimeWarning, stacklevel=7)  # the line that calls fit


class ClipGradients(Callback):
    """Scale all gradients before each step, so that their joint norm is at most max_norm."""

    def __init__(self, max_norm: float) -> None:
        self.max_norm = number("fit", "clip_norm", max_norm, 0.0)

    def on_gradients(self, run: Run) -> None:
        """Clip the gradients."""
        clip_grad_norm_(run.model.parameters(), self.max_norm)


class StepScheduler(Callback):
    """Step a learning-rate scheduler after each epoch or batch.

    Args:
        scheduler: the scheduler; one that takes a metric gets the validation loss, or the loss.
        every: "epoch" or "batch".

    Raises:
        TypeError: `scheduler` has no `step()`.
        ValueError: at the beginning of `fit`, the scheduler belongs to another optimizer.
    """

    def __init__(self, scheduler: Any, every: str = "epoch") -> None:
        if isinstance(scheduler, type) or not callable(getattr(scheduler, "step", None)):
            got = f"{kind(scheduler)} as the scheduler"
            hint = "pass e.g. nn.optim.StepLR(optimizer, 10)"
            raise TypeError(message("fit", got, "one with a method step()", hint))
        self.scheduler = scheduler
        self.every = one_of("fit", "scheduler_every", every, ("epoch", "batch"))

    def on_fit_begin(self, run: Run) -> None:
        """Check that the scheduler sets the rates of this optimizer."""
        ours = (run.optimizer, getattr(run.optimizer, "optimizer", None))
        if not any(getattr(self.scheduler, "optimizer", run.optimizer) is o for o in ours):
            got = f"{kind(self.scheduler)} of another optimizer"
            raise ValueError(message("fit", got, "a scheduler of this optimizer"))

    def on_batch_end(self, run: Run) -> None:
        """Step the scheduler if it goes by batches."""
        if self.every == "batch":
            varies = getattr(self.scheduler, "takes_metric", False)
            self._step(run.world.mean(run.loss.item()) if varies else 0.0)

    def on_epoch_end(self, run: Run) -> None:
        """Step the scheduler if it goes by epochs."""
        if self.every == "epoch":
            self._step(run.logs.get("val_loss", run.logs["loss"]))

    def _step(self, metric: float) -> None:
        if getattr(self.scheduler, "takes_metric", False):
            self.scheduler.step(metric)
        else:
            self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """The state of the scheduler."""
        return self.scheduler.state_dict()  # type: ignore[no-any-return]

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.scheduler.load_state_dict(state)


class EarlyStopping(Callback):
    """Stop when a value stops improving, and restore the best weights.

    Args:
        monitor: the name of the value in the history.
        patience: how many epochs without improvement are tolerated.
        min_delta: by how much a value must beat the best to count as an improvement.
        mode: "min" if the value should fall, "max" if it should rise.
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
        if not isinstance(monitor, str):
            got = f"monitor={described(monitor)}"
            raise TypeError(message("EarlyStopping", got, "a name, such as 'val_loss'"))
        flags("EarlyStopping", restore_best=restore_best)
        self.monitor, self.restore_best = monitor, restore_best
        self.patience = size("EarlyStopping", "patience", patience)
        self.min_delta = number("EarlyStopping", "min_delta", min_delta, 0.0)
        self.mode = one_of("EarlyStopping", "mode", mode, ("min", "max"))
        self.reset()

    def reset(self) -> None:
        """Forget all values and weights, as at the beginning of each `fit`."""
        self.best = math.inf if self.mode == "min" else -math.inf
        self.waited = 0
        self.weights: dict[str, Any] | None = None

    def update(self, value: float, model: Module) -> bool:
        """Compare a value with the best; returns whether to stop. nan is never an improvement."""
        value = one_number("EarlyStopping", "the value", value)
        better = self.best - value if self.mode == "min" else value - self.best
        if better > self.min_delta:
            self.best, self.waited = value, 0
            if self.restore_best:
                self.weights = model.state_dict()
            return False
        self.waited += 1
        return self.waited > self.patience

    def restore(self, model: Module) -> None:
        """Give a model the best weights back, if they were kept."""
        if self.weights is not None:
            model.load_state_dict(self.weights)

    def on_fit_begin(self, run: Run) -> None:
        """Forget an earlier run, whose best weights may be those of another model."""
        self.reset()

    def on_epoch_end(self, run: Run) -> None:
        """Update with the monitored value."""
        if self.monitor not in run.logs:
            expected = f"one of {', '.join(run.logs)}"
            hint = "pass fit(..., validation=...)" if self.monitor.startswith("val_") else ""
            raise ValueError(message("EarlyStopping", f"monitor={self.monitor!r}", expected, hint))
        if self.update(run.logs[self.monitor], run.model):
            run.request_stop()

    def on_fit_end(self, run: Run) -> None:
        """Restore the best weights."""
        self.restore(run.model)

    def state_dict(self) -> dict[str, Any]:
        """The best value, the number of epochs since, and the best weights."""
        return {"best": self.best, "waited": self.waited, "weights": self.weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned.

        Raises:
            ValueError: it is the state of something else.
        """
        check_state("EarlyStopping", state, ("best", "waited", "weights"))
        self.best, self.waited = float(state["best"]), int(state["waited"])
        self.weights = state["weights"]


class AverageWeights(Callback):
    """Update an average of the weights after each step, and replace the weights by it at the end.

    Like the optimizer, the average continues in a second `fit` of the same model.

    Args:
        average: a `nn.optim.ExponentialMovingAverage` of the model.

    Raises:
        TypeError: `average` is something else.
        ValueError: at the beginning of `fit`, the average belongs to another model.

    Example:
        >>> import nn
        >>> model = nn.Linear(1, 1)
        >>> average = nn.optim.ExponentialMovingAverage(model, decay=0.9)
        >>> data = [(np.ones((4, 1)), np.zeros((4, 1)))]
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
        >>> callbacks = [nn.AverageWeights(average)]
        >>> _ = nn.fit(model, data, nn.MSELoss(), optimizer, 5, callbacks=callbacks)
        >>> average.updates, bool((model.weight.data == average.averages[0]).all())
        (5, True)
    """

    def __init__(self, average: ExponentialMovingAverage) -> None:
        if not isinstance(average, ExponentialMovingAverage):
            expected = "an nn.optim.ExponentialMovingAverage of the model"
            raise TypeError(message("AverageWeights", kind(average), expected))
        self.average = average

    def on_fit_begin(self, run: Run) -> None:
        """Check that the average is of this model, because the end of the run changes the model."""
        owned = set(map(id, run.model.parameters()))
        if any(id(p) not in owned for p in self.average._parameters):
            hint = "make an ExponentialMovingAverage of each model"
            raise ValueError(
                message("AverageWeights", "an average of another model", "one of this model", hint)
            )

    def on_batch_end(self, run: Run) -> None:
        """Update the average."""
        self.average.update()

    def on_fit_end(self, run: Run) -> None:
        """Replace the weights by their average."""
        self.average.copy_to_parameters()

    def state_dict(self) -> dict[str, Any]:
        """The state of the average."""
        return self.average.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.average.load_state_dict(state)


class Checkpoint(Callback):
    """A file that holds the whole run; `fit` continues from it if it exists.

    What later callbacks do to the run is not in the file, so pass it last.

    Args:
        path: the file.
        every_steps: after how many steps the file is written; it is written after each epoch too.

    Raises:
        TypeError: `path` is not a path.
        ValueError: every_steps is not a positive integer.
    """

    def __init__(self, path: str | Path, every_steps: int | None = None) -> None:
        self.path = checkpoint.file_path("Checkpoint", path, "nn.Checkpoint(path)")
        self.every_steps = (
            None if every_steps is None else size("Checkpoint", "every_steps", every_steps, 1)
        )

    def resume(self, run: Run) -> None:
        """Continue from the file if it exists."""
        if run.world.gathered(self.path.exists())[0]:
            run.resume(self.path)

    def on_batch_end(self, run: Run) -> None:
        """Write the file after every `every_steps` steps."""
        if self.every_steps is not None and run.step % self.every_steps == 0:
            run.save(self.path)

    def on_epoch_end(self, run: Run) -> None:
        """Write the file."""
        run.save(self.path)


class ProgressBar(Callback):
    """A bar on the terminal that shows epoch, batch and mean loss; needs the package rich.

    Args:
        required: whether to raise if rich is missing, and to draw even if there is no terminal.
    """

    def __init__(self, required: bool = False) -> None:
        flags("ProgressBar", required=required)
        self.required = required
        self._bar: Any = None

    def on_fit_begin(self, run: Run) -> None:
        """Show the bar, of rank 0 only."""
        if run.world.rank > 0:
            return
        try:
            from rich import progress
            from rich.console import Console
        except ImportError:
            if self.required:
                hint = "run pip install rich"
                raise ImportError(message("fit", "no package rich", hint=hint)) from None
            return
        self._bar = progress.Progress(
            progress.TextColumn("epoch {task.fields[epoch]}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("loss {task.fields[loss]:.4f}"),
            progress.TimeRemainingColumn(),
            console=Console(stderr=True, force_terminal=self.required or None),
            transient=True,
        )
        total = len(run.batches) * run.epochs if isinstance(run.batches, Sized) else None
        self._task = self._bar.add_task(
            "fit", total=total, epoch=run.epoch + 1, loss=math.nan, completed=run.step
        )
        self._bar.start()

    def on_batch_end(self, run: Run) -> None:
        """Move the bar."""
        if self._bar is not None:
            loss = run.mean("loss")
            self._bar.update(self._task, completed=run.step, epoch=run.epoch + 1, loss=loss)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
