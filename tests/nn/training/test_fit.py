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
        (
            {"data": (X, Y)},
            r"got an ndarray as a batch; .*; pass a list of batches, or a DataLoader",
        ),
        (
            {"data": [(X,)]},
            r"got a tuple of 1 as a batch; expected a tuple \(inputs, ..., target\)",
        ),
        ({"validation": [(X,)]}, "got a tuple of 1 as a batch"),
        ({"validation": {"x": X}}, "got a str as a batch"),
    ],
)
def test_messages(options, message):
    model, optimizer = made()
    given = {"data": [(X, Y)], "epochs": 1} | options
    with pytest.raises(ValueError, match=message):
        fit(model, given.pop("data"), nn.MSELoss(), optimizer, **given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"callbacks": 3}, "got an int as callbacks; expected a list"),
        ({"callbacks": nn.EarlyStopping()}, "got an EarlyStopping as callbacks; expected a list"),
        ({"data": 3}, r"got an int as data; expected batches; pass a list of tuples \(inputs"),
        ({"data": None}, "got None as data"),
        ({"data": nn.data.DataLoader}, "got the class DataLoader as data"),
        ({"validation": 3}, "got an int as validation; expected batches"),
        ({"optimizer": 3}, r"got an int as optimizer; .*nn\.optim\.SGD\(model\.parameters\(\)"),
        ({"optimizer": "adam"}, "got a str as optimizer"),
        ({"optimizer": nn.optim.SGD}, "got the class SGD as optimizer"),
        ({"scheduler": 3}, r"got an int as the scheduler; expected one with a method step\(\)"),
        ({"scheduler": nn.optim.StepLR}, "got the class StepLR as the scheduler"),
        ({"loss": "mse"}, r"got a str as the loss; expected a function; pass e\.g\. nn\.MSELoss"),
        ({"loss": nn.MSELoss}, "got the class MSELoss as the loss"),
        ({"loss": lambda output, target: 3.0}, "got a float as the loss; expected a Tensor"),
        ({"loss": lambda output, target: None}, "got None as the loss; expected a Tensor"),
        ({"model": 3}, r"got an int as the model; expected a module; wrap .* nn\.Lambda"),
        ({"model": nn.Linear}, "got the class Linear as the model"),
        ({"metrics": 3}, "got metrics=3; expected functions by name"),
        ({"metrics": [nn.MSELoss()]}, r"got metrics=\[MSELoss.*; expected functions by name"),
        ({"metrics": {"a": 3}}, r"got an int as the metric 'a'; expected a function of \(output"),
        ({"metrics": {"a": lambda o, t: None}}, "got None as the metric 'a'; expected one number"),
        ({"early_stopping": 3}, r"got an int as early_stopping; .* pass nn\.EarlyStopping"),
        ({"early_stopping": nn.EarlyStopping}, "got the class EarlyStopping as early_stopping"),
        ({"checkpoint": 3}, "got an int as path; expected a path"),
    ],
)
def test_arguments_of_another_kind_are_refused(options, message):
    model, optimizer = made()
    before = model.state_dict()
    given = {"model": model, "data": [(X, Y)], "loss": nn.MSELoss(), "optimizer": optimizer}
    with pytest.raises(TypeError, match=message):
        fit(**(given | {"epochs": 1} | options))
    # A metric is called only after the first step.
    if "metrics" not in options:
        assert all((model.state_dict()[name] == x).all() for name, x in before.items())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": lambda output, target: output}, r"fit: got a loss of shape \(20, 1\); expected one"),
        ({"metrics": {"a": lambda o, t: o}}, r"the metric 'a' of shape \(20, 1\); expected one number"),
    ],
)  # fmt: skip
def test_a_loss_and_a_metric_are_one_number(options, message):
    model, optimizer = made()
    given = {"loss": nn.MSELoss()} | options
    with pytest.raises(ag.ShapeError, match=message):
        fit(model, [(X, Y)], given.pop("loss"), optimizer, 1, **given)


@pytest.mark.parametrize("name", ["loss", "lr", "val_loss", 3])
def test_a_metric_cannot_take_the_name_of_another_column(name):
    model, optimizer = made()
    with pytest.raises(ValueError, match=f"got a metric named {name!r}; expected a string"):
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, metrics={name: lambda o, t: 1.0})


@pytest.mark.parametrize("epochs", [-1, 1.5, "a", None])
def test_epochs_are_a_count(epochs):
    model, optimizer = made()
    with pytest.raises(ValueError, match=r"fit: got epochs=.*; expected an integer of at least 0"):
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, epochs)


@pytest.mark.parametrize("callback", [3, nn.EarlyStopping])
def test_callbacks_are_instances_or_functions(callback):
    model, optimizer = made()
    with pytest.raises(TypeError, match="among the callbacks; expected a Callback or a function"):
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, callbacks=[callback])
