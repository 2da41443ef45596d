"""fit: losses and metrics by hand, stopping, resuming, schedulers, callbacks, and the history's curves."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import fit
from nn.data import DataLoader, TensorDataset

R = np.random.default_rng(0)
X = R.normal(size=(20, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]])


def made(seed=0, lr=0.1):
    ag.random.seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    return model, nn.optim.SGD(model.parameters(), lr=lr)


def loader(batch_size=6, **options):
    return DataLoader(TensorDataset(X, Y), batch_size, **options)


def test_it_is_the_loop_that_one_writes():
    model, optimizer = made()
    history = fit(model, loader(), nn.MSELoss(), optimizer, 3, validation=[(X, Y)], clip_norm=0.5)
    other, optimizer = made()
    for epoch in range(3):
        total = 0.0
        for x, y in loader():
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(other(x), y)
            loss.backward()
            nn.optim.clip_grad_norm_(other.parameters(), 0.5)
            optimizer.step()
            total += loss.item() * len(x)
        assert history["loss"][epoch] == pytest.approx(total / 20, rel=1e-12)
    assert all(
        (a.data == b.data).all()
        for a, b in zip(model.parameters(), other.parameters(), strict=True)
    )
    assert history["val_loss"][-1] == pytest.approx(nn.functional.mse_loss(model(X), Y).item())
    assert history["lr"] == [0.1] * 3 and history.epochs == 3


def test_metrics_are_means_over_samples():
    classes = (X[:, 0] > 0).astype(int)
    model = nn.Linear(3, 2)
    history = fit(
        model, DataLoader(TensorDataset(X, classes), 6), nn.CrossEntropyLoss(), nn.optim.SGD(model.parameters(), lr=0.0), 1,
        metrics={"accuracy": nn.training.accuracy, "first": lambda out, y: float(y[0])},
    )  # fmt: skip
    right = (model(X).argmax(axis=1) == classes).mean()
    assert history["accuracy"] == [pytest.approx(right)]
    sizes, firsts = [6, 6, 6, 2], classes[[0, 6, 12, 18]]
    assert history["first"] == [pytest.approx(np.average(firsts, weights=sizes))]
    named = fit(
        model,
        [(X, classes)],
        nn.CrossEntropyLoss(),
        nn.optim.SGD(model.parameters()),
        1,
        metrics=["accuracy"],
    )
    assert named["accuracy"] == [pytest.approx(right)]


def test_several_inputs():
    model = nn.Bilinear(3, 3, 1)
    history = fit(model, [(X, X, Y)], nn.MSELoss(), nn.optim.Adam(model.parameters(), 0.1), 20)
    assert history["loss"][-1] < history["loss"][0]


def test_modes_are_those_of_before_also_after_an_error():
    model = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.5).eval())
    model.eval()
    seen = []
    model.register_forward_hook(lambda m, i, o: seen.append((m.training, o.requires_grad)))
    fit(model, [(X, Y)], nn.MSELoss(), nn.optim.SGD(model.parameters()), 1, validation=[(X, Y)])
    assert seen == [(True, True), (False, False)] and not model.training and not model[0].training
    with pytest.raises(ag.ShapeError):
        fit(model, [(X, Y[:, 0])], nn.MSELoss(), nn.optim.SGD(model.parameters()), 1)
    assert not model.training


def test_early_stopping_restores_the_best_weights():
    model, optimizer = made(lr=0.0)
    script = iter([3.0, 1.0, 2.0, 1.5, 1.2, 0.1])
    seen = []

    def loss(output, target):
        if not ag.is_recording():
            return next(script)
        return output.mean() * 0.0

    def drift(epoch):
        seen.append(epoch.model[0].bias.data.copy())
        epoch.model[0].bias.data = epoch.model[0].bias.data + 1.0

    stopper = nn.EarlyStopping(patience=2)
    history = fit(
        model,
        [(X, Y)],
        loss,
        optimizer,
        10,
        validation=[(X, Y)],
        early_stopping=stopper,
        callbacks=[drift],
    )
    assert history["val_loss"] == [3.0, 1.0, 2.0, 1.5, 1.2] and stopper.best == 1.0
    assert (model[0].bias.data == seen[1]).all()
    up = nn.EarlyStopping(mode="max", patience=0, min_delta=0.5, restore_best=False)
    assert [up.update(x, model) for x in (1.0, 1.4, 2.0)] == [False, True, False]
    assert up.update(math.nan, model) and up.weights is None
    with pytest.raises(ValueError, match=r"looks at 'val_loss'; there are loss, lr"):
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, early_stopping=nn.EarlyStopping())


def test_schedulers_step_by_epoch_or_batch_and_get_their_metric():
    model, optimizer = made()
    history = fit(
        model,
        loader(),
        nn.MSELoss(),
        optimizer,
        3,
        scheduler=nn.optim.ExponentialLR(optimizer, 0.5),
    )
    assert history["lr"] == [0.1, 0.05, 0.025]
    model, optimizer = made()
    scheduler = nn.optim.ExponentialLR(optimizer, 0.5)
    fit(model, loader(), nn.MSELoss(), optimizer, 2, scheduler=scheduler, scheduler_every="batch")
    assert scheduler.last_epoch == 8
    plateau = nn.optim.ReduceLROnPlateau(optimizer)
    history = fit(
        model, loader(), nn.MSELoss(), optimizer, 2, scheduler=plateau, validation=[(X, Y)]
    )
    assert plateau.best == min(history["val_loss"])


def test_a_callback_can_stop():
    model, optimizer = made()
    told = []
    history = fit(
        model,
        loader(),
        nn.MSELoss(),
        optimizer,
        9,
        callbacks=[lambda e: e.number == 2, told.append],
    )
    assert history.epochs == 2 and [e.number for e in told] == [1, 2]
    assert told[1].logs["loss"] == history["loss"][1]


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
    again, same = start(tmp_path / "parts")  # it is over: nothing happens
    assert same.columns == history.columns and (again["0.weight"] == found["0.weight"]).all()


def test_a_loss_that_is_not_finite():
    model, optimizer = made()
    bad = [(X, Y), (X, Y * math.nan)]
    with pytest.raises(nn.NonFiniteLossError, match="the loss is nan in epoch 1, batch 2 in all"):
        fit(model, bad, nn.MSELoss(), optimizer, 1)
    with pytest.warns(RuntimeWarning, match="the loss is nan"):
        fit(model, bad, nn.MSELoss(), optimizer, 1, on_nonfinite="warn")
    assert math.isnan(fit(model, bad, nn.MSELoss(), optimizer, 1, on_nonfinite="ignore")["loss"][0])


def test_the_bar_says_where_it_is(capsys):
    model, optimizer = made()
    fit(model, loader(), nn.MSELoss(), optimizer, 2, progress=True)
    assert "8/8" in capsys.readouterr().err
    fit(model, loader(), nn.MSELoss(), optimizer, 2)
    assert capsys.readouterr() == ("", "")


def test_history_as_table_and_curves(tmp_path):
    model, optimizer = made()
    scheduler = nn.optim.ExponentialLR(optimizer, 0.9)
    history = fit(
        model, loader(), nn.MSELoss(), optimizer, 4, validation=[(X, Y)], scheduler=scheduler
    )
    lines = repr(history).splitlines()
    assert lines[0].split() == ["epoch", "loss", "val_loss", "lr"] and len(lines) == 5
    figure = history.plot(tmp_path / "curves.png")
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "learning rate"]
    training, validation = figure.axes[0].lines
    assert training.get_ydata().tolist() == history["loss"]
    assert validation.get_ydata().tolist() == history["val_loss"]
    assert (tmp_path / "curves.png").stat().st_size > 10_000
    with pytest.raises(KeyError, match="'accuracy' came; there are loss, val_loss, lr"):
        history["accuracy"]
    with pytest.raises(ValueError, match="there are no epochs to draw"):
        nn.History().plot()
    with pytest.raises(ValueError, match="loss, val_loss, lr are expected"):
        history.append({"loss": 1.0})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scheduler_every": "step"}, "scheduler_every='step'"),
        ({"on_nonfinite": "stop"}, "on_nonfinite='stop'"),
        ({"metrics": ["auc"]}, "got metrics='auc'; expected one of 'accuracy'"),
        ({"epochs": -1}, "epochs=-1"),
        ({"data": []}, "the data gave no batches"),
        ({"validation": []}, "validation gave no batches"),
        ({"data": [X]}, r"a batch that is a ndarray came; \(inputs, ..., target\)"),
    ],
)
def test_messages(options, message):
    model, optimizer = made()
    given = {"data": [(X, Y)], "epochs": 1} | options
    with pytest.raises(ValueError, match=message):
        fit(model, given.pop("data"), nn.MSELoss(), optimizer, **given)
