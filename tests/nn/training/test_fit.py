"""fit is the loop that one writes, and its metrics are means over samples."""

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


def test_a_metric_may_be_passed_by_name():
    classes = (X[:, 0] > 0).astype(int)
    model = nn.Linear(3, 2)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.0)
    history = fit(model, [(X, classes)], nn.CrossEntropyLoss(), optimizer, 1, metrics=["accuracy"])
    right = (model(X).argmax(axis=1) == classes).mean()
    assert history["accuracy"] == [pytest.approx(right)]


def test_several_inputs():
    model = nn.Bilinear(3, 3, 1)
    history = fit(model, [(X, X, Y)], nn.MSELoss(), nn.optim.Adam(model.parameters(), 0.1), 20)
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scheduler_every": "step"}, "scheduler_every='step'"),
        ({"on_nonfinite": "stop"}, "on_nonfinite='stop'"),
        ({"metrics": ["auc"]}, "metrics='auc'.*'accuracy'"),
        ({"epochs": -1}, "epochs=-1"),
        ({"data": []}, "got no batches from data; expected at least one"),
        ({"validation": []}, "got no batches from validation; expected at least one"),
        ({"data": [X]}, r"got an ndarray as a batch; expected a tuple \(inputs, ..., target\)"),
    ],
)
def test_messages(options, message):
    model, optimizer = made()
    given = {"data": [(X, Y)], "epochs": 1} | options
    with pytest.raises(ValueError, match=message):
        fit(model, given.pop("data"), nn.MSELoss(), optimizer, **given)


@pytest.mark.parametrize("callback", [3, nn.EarlyStopping])
def test_callbacks_are_instances_or_functions(callback):
    model, optimizer = made()
    with pytest.raises(TypeError, match="among the callbacks; expected a Callback or a function"):
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, callbacks=[callback])
