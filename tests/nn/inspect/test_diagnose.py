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


def step(model, optimizer, x=X, y=Y):
    optimizer.zero_grad()
    loss = nn.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


def pair():
    ag.random.seed(0)
    model = nn.MLP([X.shape[1], 16, 3])
    return model, nn.optim.SGD(model.parameters(), lr=0.1)


@pytest.mark.parametrize(
    "models", [{1: nn.Linear(2, 2)}, {"a": nn.Linear(2, 2), 2: nn.Linear(2, 2)}]
)
def test_names_are_texts(models):
    with pytest.raises(TypeError, match="diagnose: got a dict"), nn.diagnose(models):
        pass


def test_an_empty_list_of_optimizers():
    with (
        pytest.raises(TypeError, match="an empty list of optimizers"),
        nn.diagnose(nn.Linear(2, 2), []),
    ):
        pass


def test_a_preflight_inside_is_no_training():
    model, optimizer = pair()
    with nn.diagnose(model, optimizer) as report:
        nn.preflight(model, nn.cross_entropy, optimizer, (X, Y))
        for _ in range(10):
            step(model, optimizer)
    assert report.steps == 10 and len(report.losses) == 10 and report.findings == []


def test_a_diagnosis_inside_another():
    model, optimizer = pair()
    with nn.diagnose(model, optimizer) as outer, nn.diagnose(model, optimizer) as inner:
        for _ in range(4):
            step(model, optimizer)
    assert outer.findings == inner.findings == []


@pytest.mark.parametrize("at", [3, 12, 17])
def test_nan_in_any_batch_is_in_the_data(at):
    model, optimizer = pair()
    with nn.diagnose(model, optimizer) as report:
        for i in range(20):
            step(
                model, optimizer, np.where((np.arange(len(X)) == 2)[:, None] & (i == at), np.nan, X)
            )
    [found] = report.findings
    assert found.kind == "inputs are not finite"


def test_nan_that_ends_a_fit_before_its_pass():
    model, optimizer = pair()
    batches = [(X, Y)] * 9 + [(X * np.nan, Y)]
    with pytest.raises(Exception, match="a loss of nan"), nn.diagnose(model, optimizer) as report:
        nn.fit(model, batches, nn.cross_entropy, optimizer, 1)
    assert [f.kind for f in report.findings] == ["inputs are not finite"]


def test_a_loss_that_divides_by_0_is_no_learning_rate():
    model, optimizer = pair()
    with nn.diagnose(model, optimizer) as report:
        for i in range(16):
            optimizer.zero_grad()
            (nn.cross_entropy(model(X), Y) / (1.0 - (i == 12))).backward()
            optimizer.step()
    [found] = report.findings
    assert found.kind == "loss is not finite" and "div made the first inf" in found.text


def test_a_diagnosis_warns_of_nothing():
    model, optimizer = pair()
    optimizer.lr = 1e200
    with np.errstate(all="raise"), nn.diagnose(model, optimizer) as report:
        for _ in range(3):
            step(model, optimizer)
    assert report.findings


def test_an_average_of_another_model_is_not_trained():
    model, optimizer = pair()
    teacher = nn.MLP([X.shape[1], 16, 3])
    teacher.load_state_dict(model.state_dict())
    with nn.diagnose({"student": model, "teacher": teacher}, optimizer) as report:
        for _ in range(10):
            with ag.no_grad():
                aim = ag.softmax(teacher(X), axis=1)
            optimizer.zero_grad()
            out = model(X)
            (nn.cross_entropy(out, Y) + ((ag.softmax(out, axis=1) - aim) ** 2).mean()).backward()
            optimizer.step()
            for a, b in zip(teacher.parameters(), model.parameters(), strict=True):
                a.data = 0.9 * a.data + 0.1 * b.data
    assert report.findings == []


class MakesLayers(nn.Module):
    """A layer that is made where it is called, or once."""

    def __init__(self, again):
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 3)
        self.middle = None if again else nn.Linear(8, 8)

    def forward(self, x):
        middle = self.middle if self.middle is not None else nn.Linear(8, 8)
        return self.last(ag.relu(middle(ag.relu(self.first(x)))))


@pytest.mark.parametrize("again", [True, False])
def test_a_layer_made_in_each_call(again):
    ag.random.seed(0)
    model = MakesLayers(again)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    rng = np.random.default_rng(0)
    with nn.diagnose(model, optimizer) as report:
        x = rng.normal(size=(16, 4))
        for _ in range(6):
            step(model, optimizer, x, np.arange(16) % 3)
    found = [f for f in report.findings if f.kind == "layer made in each call"]
    assert len(found) == again
    assert all("2 parameters" in f.text and "__init__" in f.remedy for f in found)


def test_a_new_change_of_the_input_is_no_layer():
    ag.random.seed(0)
    model = nn.MLP([4, 8, 3])
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    rng = np.random.default_rng(0)
    with nn.diagnose(model, optimizer) as report:
        for _ in range(6):
            x = rng.normal(size=(16, 4)) + nn.Parameter(np.zeros((16, 4)))
            step(model, optimizer, x, np.arange(16) % 3)
    assert "layer made in each call" not in {f.kind for f in report.findings}


@pytest.mark.parametrize("for_good", [True, False])
def test_a_discriminator_is_frozen_for_a_while_or_for_good(for_good):
    ag.random.seed(0)
    players = {"G": nn.MLP([2, 8, 2]), "D": nn.MLP([2, 8, 1])}
    o = {name: nn.optim.Adam(p.parameters(), lr=1e-3) for name, p in players.items()}
    rng = np.random.default_rng(0)
    softplus = nn.functional.softplus
    with nn.diagnose(players, [*o.values()]) as report:
        for turn in range(12):
            players["D"].requires_grad_(turn == 0 or not for_good)
            fake = players["G"](rng.normal(size=(16, 2)))
            real = rng.normal(size=(16, 2)) + 3.0
            o["D"].zero_grad()
            of_d = softplus(-players["D"](real)) + softplus(players["D"](fake.detach()))
            (of_d.mean() + 0.0 * fake.mean()).backward()
            o["D"].step()
            players["D"].requires_grad_(False)
            o["G"].zero_grad()
            softplus(-players["D"](fake)).mean().backward()
            o["G"].step()
    frozen = [f for f in report.findings if f.kind == "frozen parameters"]
    assert [f.layer for f in frozen] == (["D"] if for_good else [])


def test_a_group_whose_rate_is_zero():
    ag.random.seed(0)
    model = nn.MLP([4, 8, 3])
    groups = [{"params": model[0].parameters(), "lr": 0.0}, {"params": model[2].parameters()}]
    optimizer = nn.optim.Adam(groups, lr=0.01)
    rng = np.random.default_rng(0)
    with nn.diagnose(model, optimizer) as report:
        x = rng.normal(size=(16, 4))
        for _ in range(12):
            step(model, optimizer, x, np.arange(16) % 3)
    first = report.findings[0]
    assert (first.kind, first.layer) == ("learning rate is zero", "0")
    assert "lr of their group is 0" in first.text


def test_a_penalty_that_decays_weights_is_not_the_optimizers():
    ag.random.seed(0)
    model = nn.MLP([4, 8, 3])
    optimizer = nn.optim.SGD(model.parameters(), lr=0.05)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 4)), np.arange(16) % 3
    with nn.diagnose(model, optimizer) as report:
        for _ in range(12):
            optimizer.zero_grad()
            penalty = sum((p * p).sum() for p in model.parameters())
            (nn.cross_entropy(model(x), y) + 2.0 * penalty).backward()
            optimizer.step()
    decay = next(f for f in report.findings if f.kind == "weight decay too strong")
    assert "no optimizer decays weights" in decay.remedy
