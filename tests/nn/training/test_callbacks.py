"""Each callback of fit: what it does at which moment."""

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


def test_early_stopping_may_wait_for_a_rise():
    up = nn.EarlyStopping(mode="max", patience=0, min_delta=0.5, restore_best=False)
    assert [up.update(x, nn.Linear(1, 1)) for x in (1.0, 1.4, 2.0)] == [False, True, False]


def test_nan_is_no_improvement():
    stopper = nn.EarlyStopping(mode="max", patience=0, restore_best=False)
    assert stopper.update(math.nan, nn.Linear(1, 1)) and stopper.weights is None


def test_early_stopping_needs_the_value_that_it_monitors():
    model, optimizer = made()
    with pytest.raises(
        ValueError, match=r"got monitor='val_loss'; expected one of loss, lr; pass .*validation"
    ):
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, early_stopping=nn.EarlyStopping())


def test_early_stopping_may_be_passed_as_a_callback():
    model, optimizer = made(lr=0.0)
    stopper = nn.EarlyStopping(monitor="loss", patience=1)
    history = fit(model, [(X, Y)], nn.MSELoss(), optimizer, 9, callbacks=[stopper])
    assert history.epochs == 3


def test_a_scheduler_steps_by_epochs():
    model, optimizer = made()
    scheduler = nn.optim.ExponentialLR(optimizer, 0.5)
    history = fit(model, loader(), nn.MSELoss(), optimizer, 3, scheduler=scheduler)
    assert history["lr"] == [0.1, 0.05, 0.025]


def test_a_scheduler_steps_by_batches():
    model, optimizer = made()
    scheduler = nn.optim.ExponentialLR(optimizer, 0.5)
    fit(model, loader(), nn.MSELoss(), optimizer, 2, scheduler=scheduler, scheduler_every="batch")
    assert scheduler.last_epoch == 8


def test_a_scheduler_gets_its_metric():
    model, optimizer = made()
    plateau = nn.optim.ReduceLROnPlateau(optimizer)
    history = fit(
        model, loader(), nn.MSELoss(), optimizer, 2, scheduler=plateau, validation=[(X, Y)]
    )
    assert plateau.best == min(history["val_loss"])


def test_a_scheduler_without_validation_gets_the_loss():
    model, optimizer = made()
    plateau = nn.optim.ReduceLROnPlateau(optimizer)
    history = fit(model, loader(), nn.MSELoss(), optimizer, 2, scheduler=plateau)
    assert plateau.best == min(history["loss"])


def test_a_scheduler_of_batches_gets_the_loss_of_the_batch():
    model, optimizer = made()
    plateau = nn.optim.ReduceLROnPlateau(optimizer)
    fit(model, [(X, Y)], nn.MSELoss(), optimizer, 2, scheduler=plateau, scheduler_every="batch")
    assert plateau.last_epoch == 2 and math.isfinite(plateau.best)


def test_a_function_can_stop():
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


@pytest.mark.parametrize("value", [None, False, 1, "yes"])
def test_only_true_stops(value):
    model, optimizer = made()
    history = fit(model, [(X, Y)], nn.MSELoss(), optimizer, 2, callbacks=[lambda e: value])
    assert history.epochs == 2


BAD = [(X, Y), (X, Y * math.nan)]


def test_a_loss_that_is_not_finite_raises_before_its_step():
    model, optimizer = made()
    with pytest.raises(nn.NonFiniteLossError, match="got a loss of nan in epoch 1, step 2 in all"):
        fit(model, BAD, nn.MSELoss(), optimizer, 1)
    assert all(np.isfinite(p.data).all() for p in model.parameters())


def test_a_loss_that_is_not_finite_may_warn():
    model, optimizer = made()
    with pytest.warns(RuntimeWarning, match="got a loss of nan") as caught:
        fit(model, BAD, nn.MSELoss(), optimizer, 1, on_nonfinite="warn")
    assert caught[0].filename == __file__


def test_a_loss_that_is_not_finite_may_be_ignored():
    model, optimizer = made()
    history = fit(model, BAD, nn.MSELoss(), optimizer, 1, on_nonfinite="ignore")
    assert math.isnan(history["loss"][0])


def test_gradients_are_clipped_before_the_step():
    model, optimizer = made(lr=1.0)
    before = [p.numpy() for p in model.parameters()]
    fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, clip_norm=0.01)
    steps = [p.data - b for p, b in zip(model.parameters(), before, strict=True)]
    assert np.sqrt(sum((s**2).sum() for s in steps)) == pytest.approx(0.01, rel=1e-3)


def test_averaged_weights_are_the_weights_at_the_end():
    model, optimizer = made()
    average = nn.optim.ExponentialMovingAverage(model, decay=0.5)
    fit(model, loader(), nn.MSELoss(), optimizer, 2, callbacks=[nn.AverageWeights(average)])
    assert average.updates == 8
    for p, mean in zip(model.parameters(), average.averages, strict=True):
        assert (p.data == mean).all()


def test_an_average_is_resumed(tmp_path):
    def trained(path, *epochs):
        for n in epochs:
            model, optimizer = made()
            average = nn.optim.ExponentialMovingAverage(model, decay=0.5)
            callbacks = [nn.AverageWeights(average)]
            fit(model, loader(), nn.MSELoss(), optimizer, n, callbacks=callbacks, checkpoint=path)
        return average.averages

    whole, parts = trained(tmp_path / "whole", 4), trained(tmp_path / "parts", 2, 4)
    assert all((a == b).all() for a, b in zip(whole, parts, strict=True))


def test_a_checkpoint_may_be_passed_as_a_callback(tmp_path):
    path = tmp_path / "run"
    for epochs in (2, 3):
        model, optimizer = made()
        callbacks = [nn.Checkpoint(path)]
        history = fit(model, loader(), nn.MSELoss(), optimizer, epochs, callbacks=callbacks)
        assert history.epochs == epochs
    whole, optimizer = made()
    expected = fit(whole, loader(), nn.MSELoss(), optimizer, 3)
    assert history.columns == expected.columns


def test_the_bar_says_where_it_is(capsys):
    model, optimizer = made()
    fit(model, loader(), nn.MSELoss(), optimizer, 2, progress=True)
    assert "8/8" in capsys.readouterr().err


def test_without_a_terminal_there_is_no_bar(capsys):
    model, optimizer = made()
    fit(model, loader(), nn.MSELoss(), optimizer, 2)
    assert capsys.readouterr() == ("", "")
