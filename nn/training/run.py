"""A training run: its state, the loop over epochs and batches, and the hooks of callbacks."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd import ShapeError, no_grad
from autograd.errors import is_number, kind, message
from nn.arguments import one_number
from nn.distributed.launch import world_of_optimizer
from nn.module.module import Module
from nn.training import checkpoint, ranks
from nn.training.history import History
from nn.training.kinds import inputs_and_target
from nn.training.modes import restored_modes

Metric = Callable[[Any, Any], Any]


class Callback:
    """The base of the callbacks of `fit`; override the hooks that you need.

    Keep numbers, such as `run.loss.item()`, and not `run.loss`, which keeps the graph of its step.

    Every hook gets the `Run`, and may read and change it: its `logs`, its model, its `step`, and so
    on; `run.request_stop()` ends the training after the epoch. The hooks of one moment are called
    in the order of the callbacks: those of `fit`'s own arguments, then those passed as `callbacks`,
    then the progress bar and the checkpoint. A callback with `state_dict()` and
    `load_state_dict(state)` is saved in checkpoints.

    Example:
        >>> import nn
        >>> class LargestGradient(nn.Callback):
        ...     def on_epoch_begin(self, run):
        ...         self.largest = 0.0
        ...     def on_gradients(self, run):
        ...         norms = [np.abs(p.grad).max() for p in run.model.parameters()]
        ...         self.largest = max(self.largest, *norms)
        ...     def on_epoch_end(self, run):
        ...         print(f"epoch {run.epoch} of {run.epochs}: {self.largest:.1f}")
        ...         if self.largest < 1.0:
        ...             run.request_stop()
        >>> model = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.constant_(model.weight, 0.0)
        >>> data = [(np.ones((4, 1)), np.full((4, 1), 2.0))]
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.25)
        >>> _ = nn.fit(model, data, nn.MSELoss(), optimizer, 9, callbacks=[LargestGradient()])
        epoch 1 of 9: 4.0
        epoch 2 of 9: 2.0
        epoch 3 of 9: 1.0
        epoch 4 of 9: 0.5
    """

    def on_fit_begin(self, run: Run) -> None:
        """Called before the first epoch: forget here what an earlier run left.

        A run that continues from a checkpoint already has its `epoch` and `step`; callbacks get
        their states back after this hook.
        """

    def on_epoch_begin(self, run: Run) -> None:
        """Called before the batches of an epoch."""

    def on_batch_begin(self, run: Run) -> None:
        """Called before the forward pass; `run.inputs` and `run.target` are set."""

    def on_loss(self, run: Run) -> None:
        """Called between the forward and the backward pass; `run.output` and `run.loss` are set."""

    def on_gradients(self, run: Run) -> None:
        """Called between the backward pass and the optimizer's step."""

    def on_batch_end(self, run: Run) -> None:
        """Called after the optimizer's step; `run.step` counts it."""

    def on_epoch_end(self, run: Run) -> None:
        """Called after validation; `run.epoch` counts the epoch, `run.logs` has its values."""

    def on_fit_end(self, run: Run) -> None:
        """Called after the last epoch, but not after an error."""

    def close(self) -> None:
        """Called at the very end, also after an error: close files and displays here."""


class NonFinite(Exception):
    """What a compiled step raises in place of a step with a loss that is not finite."""


HOOKS = [name for name in vars(Callback) if name.startswith("on_")]


class Run:
    """A training run in progress. `fit` makes one and passes it to the callbacks.

    Attributes:
        model: the model.
        loss_function: from (output, target) to one number.
        optimizer: the optimizer.
        batches: the batches of training.
        validation: the batches of validation, or None.
        metrics: functions from (output, target) to a number, by name.
        callbacks: whose hooks are called, in this order.
        epochs: how many epochs there will be.
        epoch: how many are complete.
        step: how many steps the optimizer has made.
        inputs: the inputs of the current batch.
        target: the target of the current batch.
        output: the model's output for the current batch; keep `output.detach()`.
        loss: the loss of the current batch, a Tensor with its graph; keep `loss.item()`.
        seen: how many samples of the current epoch were used.
        sums: the sums of loss and metrics over those samples, by name.
        logs: the values of the last complete epoch, by name.
        history: the values of all epochs.
        stop_requested: whether the training ends after the current epoch.
        parts: the objects that a checkpoint saves, by name.
        world: the ranks that train together, those of the optimizer.
        compiled: the compiled step, from (target, *inputs) to (output, loss); None without one.
    """

    def __init__(
        self,
        model: Module,
        loss_function: Callable[[Any, Any], Any],
        optimizer: Any,
        batches: Iterable[Any],
        epochs: int,
        *,
        validation: Iterable[Any] | None = None,
        metrics: Mapping[str, Metric] | None = None,
        callbacks: Mapping[str, Callback] | None = None,
    ) -> None:
        self.model, self.loss_function, self.optimizer = model, loss_function, optimizer
        self.batches, self.validation, self.epochs = batches, validation, epochs
        self.world = world_of_optimizer(optimizer)
        self.metrics = dict(metrics or {})
        named = dict(callbacks or {})
        self.callbacks = list(named.values())
        self._stateful: dict[str, Any] = {
            name: x for name, x in named.items() if hasattr(x, "state_dict")
        }
        self.epoch = self.step = self.seen = 0
        self.sums: dict[str, float] = {}
        self.logs: dict[str, float] = {}
        self.history = History()
        self.stop_requested = False
        self._resumed: dict[str, Any] = {}  # the states of callbacks in the checkpoint
        self.inputs: Sequence[Any] = ()
        self.target: Any = None
        self.output: Any = None
        self.loss: Any = None
        self.compiled: Any = None
        self.parts: dict[str, Any] = {"model": model, "optimizer": optimizer}
        loaders = {"data": batches, "validation": validation}
        self.parts |= self._stateful
        self.parts |= {name: x for name, x in loaders.items() if hasattr(x, "state_dict")}
        # Most callbacks leave most hooks empty, and a batch should not pay for those.
        self._hooks: dict[str, list[Callable[[Run], None]]] = {
            hook: [
                getattr(callback, hook)
                for callback in self.callbacks
                if getattr(type(callback), hook) is not getattr(Callback, hook)
            ]
            for hook in HOOKS
        }

    def request_stop(self) -> None:
        """End the training after the current epoch."""
        self.stop_requested = True

    def mean(self, name: str) -> float:
        """The mean of the loss or a metric over the samples of the current epoch so far."""
        return self.sums[name] / max(1, self.seen)

    # --- the loop ---

    def train(self) -> History:
        """Train until all epochs are complete or a callback requests a stop."""
        with restored_modes(self.model), contextlib.ExitStack() as stack:
            for callback in self.callbacks:
                stack.callback(callback.close)
            self.model.train()
            self._call("on_fit_begin")
            for name, state in self._resumed.items():
                self._stateful[name].load_state_dict(state)
            while self.epoch < self.epochs and not any(self.world.gathered(self.stop_requested)):
                self._train_epoch()
            self._call("on_fit_end")
        return self.history

    def _call(self, hook: str) -> None:
        for function in self._hooks[hook]:
            function(self)

    def _train_epoch(self) -> None:
        self._call("on_epoch_begin")
        for batch in self.batches:
            self._train_batch(batch)
        if self.seen == 0:
            raise ValueError(_no_batches("data"))
        sums, seen = ranks.totals(self.world, self.sums, self.seen)
        self.logs = {name: total / seen for name, total in sums.items()}
        if self.validation is not None:
            found = self._evaluated(self.validation)
            self.logs |= {f"val_{name}": value for name, value in found.items()}
        self.logs["lr"] = float(self.optimizer.lr)
        self.history.append(self.logs)
        self.epoch, self.seen, self.sums = self.epoch + 1, 0, {}
        self._call("on_epoch_end")

    def _train_batch(self, batch: Any) -> None:
        self.inputs, self.target = inputs_and_target("fit", batch)
        self._call("on_batch_begin")
        if self.compiled is None:
            self.optimizer.zero_grad()
            self.output = self.model(*self.inputs)
            self.loss = checked(self.loss_function(self.output, self.target))
            self._call("on_loss")
            self.loss.backward()
            self._call("on_gradients")
            self.optimizer.step()
        else:
            try:
                self.output, self.loss = self.compiled(self.target, *self.inputs)
            except NonFinite as stop:
                self.output, self.loss = stop.args
            self._call("on_loss")
        self.step += 1
        self.seen += self._add_to(self.sums, self.output, self.loss, self.target)
        self._call("on_batch_end")
        self.output = self.loss = None  # or this graph would stay in memory beside the next one

    def _add_to(self, sums: dict[str, float], output: Any, loss: Any, target: Any) -> int:
        """Add the values of a batch to the sums over samples; returns the number of samples."""
        shape = np.shape(target)
        count = shape[0] if shape else 1
        with no_grad():
            values = {"loss": one_number("fit", "the loss", loss)}
            for name, metric in self.metrics.items():
                value = metric(output, target)
                values[name] = one_number("fit", f"the metric {name!r}", value)
        for name, value in values.items():
            sums[name] = sums.get(name, 0.0) + count * value
        return count

    def _evaluated(self, batches: Iterable[Any]) -> dict[str, float]:
        """The means of loss and metrics, in evaluation mode and without a graph."""
        sums: dict[str, float] = {}
        seen = 0
        with restored_modes(self.model), no_grad():
            self.model.eval()
            for batch in batches:
                inputs, target = inputs_and_target("fit", batch)
                output = self.model(*inputs)
                seen += self._add_to(sums, output, self.loss_function(output, target), target)
        if seen == 0:
            raise ValueError(_no_batches("validation"))
        sums, seen = ranks.totals(self.world, sums, seen)
        return {name: total / seen for name, total in sums.items()}

    # --- checkpoints ---

    def save(self, path: str | Path) -> None:
        """Write the whole run to a file, in the middle of an epoch too.

        With several ranks, every rank calls it, and rank 0 writes the file.
        """
        values = {name: getattr(self, name) for name in COUNTERS}
        values["history"] = self.history.columns
        values["ranks"] = ranks.states(self.world, self.parts, self.sums, self.seen)
        if self.world.rank == 0:
            checkpoint.save_training(path, **self.parts, fit=values)
        self.world.barrier()  # no rank reads the file, or ends, before it is written

    def resume(self, path: str | Path) -> None:
        """Continue where `save` was called.

        Raises:
            CheckpointError: the file is not a run, or belongs to another model or optimizer.
        """
        values = checkpoint.restore(Path(path), self.parts, _check_resumed)["fit"]
        self._resumed = {name: x.state_dict() for name, x in self._stateful.items()}
        self.history = History(values["history"])
        for name in COUNTERS:
            setattr(self, name, values[name])
        self.sums, self.seen = ranks.restore(self.world, self.parts, values)


# What `save` writes of a run, beside its history, and the type of each.
COUNTERS = {"epoch": int, "step": int, "seen": int, "sums": dict, "stop_requested": bool}


def _check_resumed(values: Mapping[str, Any]) -> None:
    """Raise unless these are the values that `save` writes."""
    found = values.get("fit")
    if not isinstance(found, dict) or set(found) - {"ranks"} != {*COUNTERS, "history"}:
        raise _no_run(f"{kind(found)} in place of a run")
    for name, type_ in COUNTERS.items():
        if type(found[name]) is not type_ or (type_ is int and found[name] < 0):
            raise _no_run(f"{name}={found[name]!r:.40}")
    if not ranks.are_states(found.get("ranks", [])):
        raise _no_run(f"{kind(found['ranks'])} as the states of ranks")
    history = found["history"]
    if not isinstance(history, dict) or not all(isinstance(x, list) for x in history.values()):
        raise _no_run(f"{kind(history)} as the history")
    for number in [*found["sums"].values(), *itertools.chain(*history.values())]:
        if not is_number(number):
            raise _no_run(f"{kind(number)} in place of a number")


def _no_run(got: str) -> checkpoint.CheckpointError:
    return checkpoint.CheckpointError(message("fit", got, "a file that fit wrote"))


def checked(loss: Any) -> Any:
    """The loss, which must be a node of one number.

    Raises:
        ShapeError: it has more numbers.
        TypeError: it is not a node.
    """
    hint = "return e.g. nn.functional.mse_loss(output, target)"
    if not hasattr(loss, "backward"):
        got = f"{kind(loss)} as the loss"
        raise TypeError(message("fit", got, "a Tensor of one number", hint))
    if getattr(loss, "size", 1) != 1:
        raise ShapeError(message("fit", f"a loss of shape {loss.shape}", "one number", hint))
    return loss


def _no_batches(name: str) -> str:
    hint = "pass a list or a DataLoader, because an iterator is exhausted after one epoch"
    return message("fit", f"no batches from {name}", "at least one in each epoch", hint)
