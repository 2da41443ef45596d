"""The run: modes, hooks and their order, and runs that are stopped and resumed."""

from collections import Counter

import numpy as np
import pytest

import autograd as ag
import nn
from nn import fit
from nn.data import DataLoader, TensorDataset
from nn.training.run import HOOKS

R = np.random.default_rng(0)
X = R.normal(size=(20, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]])


def made(seed=0, lr=0.1):
    ag.random.seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    return model, nn.optim.SGD(model.parameters(), lr=lr)


def loader(batch_size=6, **options):
    return DataLoader(TensorDataset(X, Y), batch_size, **options)


def test_modes_are_those_of_before():
    model = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.5).eval())
    model.eval()
    seen = []
    model.register_forward_hook(lambda m, i, o: seen.append((m.training, o.requires_grad)))
    fit(model, [(X, Y)], nn.MSELoss(), nn.optim.SGD(model.parameters()), 1, validation=[(X, Y)])
    assert seen == [(True, True), (False, False)] and not model.training and not model[0].training


def test_modes_are_those_of_before_also_after_an_error():
    model = nn.Linear(3, 1).eval()
    with pytest.raises(ag.ShapeError):
        fit(model, [(X, Y[:, 0])], nn.MSELoss(), nn.optim.SGD(model.parameters()), 1)
    assert not model.training


class Recorder(nn.Callback):
    """Writes down which hooks were called, in which state."""

    def __init__(self):
        self.told = []


def recorded(hook):
    def record(self, run):
        self.told.append((hook, run.epoch, run.step))

    return record


for hook in HOOKS:
    setattr(Recorder, hook, recorded(hook))


def test_hooks_are_called_in_their_order():
    model, optimizer = made()
    recorder = Recorder()
    fit(model, [(X, Y)] * 2, nn.MSELoss(), optimizer, 2, callbacks=[recorder])
    batch = ["on_batch_begin", "on_loss", "on_gradients", "on_batch_end"]
    epoch = ["on_epoch_begin", *batch, *batch, "on_epoch_end"]
    assert [hook for hook, _, _ in recorder.told] == [
        "on_fit_begin",
        *epoch,
        *epoch,
        "on_fit_end",
    ]


def test_a_step_counts_at_its_end():
    model, optimizer = made()
    recorder = Recorder()
    fit(model, [(X, Y)], nn.MSELoss(), optimizer, 2, callbacks=[recorder])
    told = {(hook, epoch): step for hook, epoch, step in recorder.told}
    assert told["on_gradients", 1] == 1 and told["on_batch_end", 1] == told["on_epoch_end", 2] == 2


def test_hooks_see_the_batch():
    seen = []

    class Watch(nn.Callback):
        def on_loss(self, run):
            [x] = run.inputs
            assert x is X and run.target is Y
            assert all(p.grad is None for p in run.model.parameters())
            seen.append(run.loss.item())

        def on_gradients(self, run):
            assert all(p.grad is not None for p in run.model.parameters())

        def on_batch_end(self, run):
            assert run.mean("loss") == run.loss.item() and run.seen == len(X)

    model, optimizer = made()
    history = fit(model, [(X, Y)], nn.MSELoss(), optimizer, 2, callbacks=[Watch()])
    assert history["loss"] == seen


def test_callbacks_are_closed_after_an_error_too():
    closed = []

    class Closing(nn.Callback):
        def on_fit_end(self, run):
            closed.append("end")

        def close(self):
            closed.append("close")

    model, optimizer = made()
    with pytest.raises(ag.ShapeError):
        fit(model, [(X, Y[:, 0])], nn.MSELoss(), optimizer, 1, callbacks=[Closing()])
    assert closed == ["close"]
    fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, callbacks=[Closing()])
    assert closed == ["close", "end", "close"]


def test_a_request_to_stop_ends_the_epoch_first():
    class Stop(nn.Callback):
        def on_batch_begin(self, run):
            run.request_stop()

    model, optimizer = made()
    recorder = Recorder()
    history = fit(model, loader(), nn.MSELoss(), optimizer, 9, callbacks=[Stop(), recorder])
    told = Counter(hook for hook, _, _ in recorder.told)
    assert history.epochs == 1 and told["on_batch_end"] == 4 and told["on_fit_end"] == 1


@pytest.mark.parametrize("stop", [1, 5, 9, 12])
def test_a_run_that_stops_anywhere_goes_on_to_the_same_bits(tmp_path, stop):
    def start(path, steps=None):
        ag.random.seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.3), nn.Linear(4, 1))
        optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
        data = DataLoader(TensorDataset(X, Y), 6, shuffle=True)
        count = iter(range(10**6))

        def loss(output, target):
            if ag.is_recording() and next(count) == steps:
                raise KeyboardInterrupt
            return nn.functional.mse_loss(output, target)

        history = fit(
            model, data, loss, optimizer, 4, validation=loader(shuffle=True), checkpoint=nn.Checkpoint(path, every_steps=1),
            scheduler=nn.optim.CosineAnnealingLR(optimizer, 4),
        )  # fmt: skip
        return model.state_dict(), history

    expected, history = start(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path / "parts", stop)
    found, resumed = start(tmp_path / "parts")
    assert all((found[key] == expected[key]).all() for key in expected)
    assert resumed.columns == history.columns


def test_a_run_that_is_over_is_not_run_again(tmp_path):
    def trained():
        model, optimizer = made()
        history = fit(model, loader(), nn.MSELoss(), optimizer, 2, checkpoint=tmp_path / "run")
        return model.state_dict(), history

    (first, history), (second, same) = trained(), trained()
    assert same.columns == history.columns
    assert all((first[key] == second[key]).all() for key in first)


def test_callbacks_with_a_state_are_resumed(tmp_path):
    class Count(nn.Callback):
        batches = 0

        def on_batch_end(self, run):
            self.batches += 1

        def state_dict(self):
            return {"batches": self.batches}

        def load_state_dict(self, state):
            self.batches = state["batches"]

    for epochs, expected in ((1, 4), (3, 12)):
        model, optimizer = made()
        count = Count()
        fit(
            model,
            loader(),
            nn.MSELoss(),
            optimizer,
            epochs,
            callbacks=[count],
            checkpoint=tmp_path / "run",
        )
        assert count.batches == expected


def test_a_file_of_something_else_is_refused(tmp_path):
    model, optimizer = made()
    data = loader()
    path = tmp_path / "run"
    nn.checkpoint.save_training(path, model=model, optimizer=optimizer, data=data)
    with pytest.raises(nn.checkpoint.CheckpointError, match="expected a file that fit wrote"):
        fit(model, data, nn.MSELoss(), optimizer, 1, checkpoint=path)


SAVED = {
    "epoch": 1, "step": 4, "seen": 0, "sums": {}, "stop_requested": False,
    "history": {"loss": [0.5], "lr": [0.1]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("fit_", "text"),
    [
        (3, "got an int in place of a run"),
        ({}, "got a dict in place of a run"),
        ({**SAVED, "model": 3}, "got a dict in place of a run"),
        ({**SAVED, "epoch": -1}, "got epoch=-1"),
        ({**SAVED, "step": 1.5}, "got step=1.5"),
        ({**SAVED, "seen": True}, "got seen=True"),
        ({**SAVED, "sums": [1.0]}, r"got sums=\[1.0\]"),
        ({**SAVED, "stop_requested": 1}, "got stop_requested=1"),
        ({**SAVED, "history": [1.0]}, "got a list as the history"),
        ({**SAVED, "history": {"loss": 1.0}}, "got a dict as the history"),
        ({**SAVED, "history": {"loss": ["a"]}}, "got a str in place of a number"),
        ({**SAVED, "sums": {"loss": None}}, "got None in place of a number"),
    ],
    ids=lambda x: repr(x)[:60],
)
def test_a_run_with_other_values_is_refused_and_changes_nothing(tmp_path, fit_, text):
    """A file must not set attributes of a run, and weights must not be loaded beside wrong counters."""
    path = tmp_path / "run"
    (model, optimizer), data = made(), loader()
    nn.checkpoint.save_training(path, model=model, optimizer=optimizer, data=data, fit=fit_)
    other, optimizer = made()
    with ag.no_grad():
        other.load_state_dict({k: v + 1.0 for k, v in other.state_dict().items()})
    before = repr(other.state_dict())
    with pytest.raises(nn.checkpoint.CheckpointError, match=f"fit: {text}; expected a file"):
        fit(other, loader(), nn.MSELoss(), optimizer, 3, checkpoint=path)
    assert repr(other.state_dict()) == before
    nn.checkpoint.save_training(path, model=model, optimizer=optimizer, data=data, fit=SAVED)
    history = fit(other, loader(), nn.MSELoss(), optimizer, 1, checkpoint=path)
    assert history["loss"] == [0.5]
