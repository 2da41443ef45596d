"""What a diagnosis measures of each layer, and how it shows that."""

import sys

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(64, 10))
Y = (X[:, 0] > 0).astype(int)


def watched(model, lr=0.02, steps=6, x=X, y=Y, optimizer=nn.optim.SGD):
    o = optimizer(model.parameters(), lr=lr)
    with nn.diagnose(model) as report:
        for _ in range(steps):
            o.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            o.step()
    return report


def test_the_numbers_of_a_layer():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 4), nn.ReLU(), nn.Linear(4, 2))
    before, out = model[0].weight.numpy(), model[1](model[0](X)).data
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    with nn.diagnose(model) as report:
        nn.functional.cross_entropy(model(X), Y).backward()
        gradient = model[0].weight.grad
        optimizer.step()
    linear, relu, _ = report.layers
    assert relu.mean == pytest.approx(out.mean()) and relu.variance == pytest.approx(out.var())
    assert relu.zeros == pytest.approx((out == 0).mean()) and relu.units == 4
    assert linear.update_ratio == pytest.approx(
        0.1 * np.linalg.norm(gradient) / np.linalg.norm(before)
    )
    assert linear.predicted_gain == pytest.approx(10 * before.var())
    assert linear.measured_gain == pytest.approx((X @ before.T).var() / (X**2).mean(), rel=0.3)


def test_hooks_are_removed_at_the_end():
    model = nn.Sequential(nn.Linear(10, 4), nn.ReLU(), nn.Linear(4, 2))
    with nn.diagnose(model):
        nn.functional.cross_entropy(model(X), Y).backward()
    assert not model._forward_hooks and not model[0].weight.note.hooks


@pytest.fixture
def report():
    ag.random.seed(0)
    return watched(nn.MLP([10, 16, 16, 2], "relu", "kaiming"))


def test_the_table(report):
    lines = str(report).splitlines()
    assert lines[0].split() == [
        "layer",
        "mean",
        "variance",
        "zeros",
        "saturated",
        "dead",
        "gradient",
        "gain",
        "update",
    ]
    assert lines[2].startswith("0: Linear") and "0 of 16" in lines[3]


def test_the_figure(report, tmp_path):
    figure = report.plot(tmp_path / "diagnosis.png")
    assert [axes.get_xlabel() for axes in figure.axes][1] == "gradient of outputs (rms)"
    assert (tmp_path / "diagnosis.png").stat().st_size > 10_000


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match="diagnose: got an int; expected a module"), nn.diagnose(3):
        pass


def test_an_optimizer_and_a_loss_of_other_kinds():
    model = nn.Linear(2, 1)
    for given, got in (({"optimizer": "sgd"}, "a str as opt"), ({"loss": nn.MSELoss}, "the class")):
        with pytest.raises(TypeError, match=f"diagnose: got {got}"), nn.diagnose(model, **given):
            pass


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_error_in_the_middle_of_a_call_comes_out_as_it_is(error, monkeypatch):
    """Half a call is too little to judge; the judge's own complaint must not take its place."""
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))

    def complains(watch, report):
        raise ZeroDivisionError("Weights sum to zero")

    monkeypatch.setattr(sys.modules["nn.inspect.diagnose"], "fill", complains)
    with pytest.raises(error), nn.diagnose(model):
        raise error
    hooks = [m._forward_hooks or m._forward_pre_hooks for m in model.modules()]
    assert not any(hooks)
    with pytest.raises(ZeroDivisionError), nn.diagnose(model):
        pass
