"""Each illness is made and found, with its cause; a healthy network has none."""

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


def kinds(report):
    return [finding.kind for finding in report.findings]


def deep(activation, depth=20, width=10, init=None):
    ag.random.seed(0)
    layers = []
    for i in range(depth):
        layers += [nn.Linear(width if i else 10, width), activation()]
        if init is not None:
            init(layers[-2].weight)
            nn.init.zeros_(layers[-2].bias)
    return nn.Sequential(*layers, nn.Linear(width, 2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.MLP([10, 64, 64, 2], "relu", "kaiming"),
        lambda: nn.MLP([10, 32, 32, 2], "tanh", "xavier"),
        lambda: nn.Sequential(
            nn.Linear(10, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2)
        ),
        lambda: deep(nn.ReLU, 10, 64, init=nn.init.kaiming_normal_),
    ],
)
@pytest.mark.parametrize("optimizer", [nn.optim.SGD, nn.optim.Adam])
def test_a_healthy_network_has_no_findings(make, optimizer):
    ag.random.seed(2)
    report = watched(make(), lr=0.02 if optimizer is nn.optim.SGD else 0.003, optimizer=optimizer)
    assert report.findings == [] and str(report).endswith("6 steps; no findings")


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
    assert model._forward_hooks == () and model[0].weight.note.hooks == ()


def test_dying_relu_by_its_bias():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 2))
    nn.init.values_(model[0].bias, np.where(np.arange(16) < 10, -50.0, 0.0))
    [finding] = watched(model).findings
    assert (finding.kind, finding.layer, finding.numbers["dead"]) == ("dying ReLU", "1", 10)
    assert "from the first step on; the bias did it" in finding.text
    assert "biases of those units back to 0" in finding.remedy


def test_dying_relu_by_its_weights_and_since_when():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.0)
    x = np.abs(X)
    with nn.diagnose(model) as report:
        for step in range(12):
            if step == 4:
                nn.init.values_(model[0].weight, -np.abs(model[0].weight.data))
                nn.init.zeros_(model[0].bias)
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), Y).backward()
            optimizer.step()
    finding = report.findings[0]
    assert finding.numbers == {"dead": 16, "units": 16, "since": 5}
    assert "since step 5; the weights did it" in finding.text


def test_dying_relu_by_its_inputs():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    nn.init.constant_(model[0].bias, -100.0)
    nn.init.constant_(model[2].bias, -0.1)
    by_layer = {f.layer: f for f in watched(model, lr=0.0).findings if f.kind == "dying ReLU"}
    assert "the bias did it" in by_layer["1"].text and "the inputs did it" in by_layer["3"].text


def test_vanishing_gradients_and_the_worst_layer():
    report = watched(deep(nn.Sigmoid))
    finding = next(f for f in report.findings if f.kind == "vanishing gradients")
    assert finding.numbers["ratio"] < 1e-6 and finding.numbers["gain"] < 0.5
    assert "the gain is worst in" in finding.text
    squeezed = nn.MLP([10, 32, 32, 32, 2], "tanh", "xavier")
    nn.init.values_(squeezed[4].weight, squeezed[4].weight.data * 1e-5)
    finding = next(f for f in watched(squeezed, lr=0.0).findings if f.kind == "vanishing gradients")
    assert finding.layer == "4" and finding.numbers["gain"] < 1e-4


def test_exploding_gradients_and_activations():
    report = watched(deep(nn.ReLU, 12, init=lambda w: nn.init.normal_(w, std=3.0)), lr=0.0)
    assert {"exploding gradients", "activations grow"} <= set(kinds(report))
    small = watched(deep(nn.Tanh, 12, init=lambda w: nn.init.normal_(w, std=0.01)), lr=0.0)
    grown = next(f for f in small.findings if f.kind == "activations shrink")
    assert grown.numbers["fan_in_times_variance"] == pytest.approx(0.001, rel=0.6)


def test_symmetry():
    model = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 2))
    for layer in (model[0], model[2]):
        nn.init.constant_(layer.weight, 0.1)
        nn.init.zeros_(layer.bias)
    finding = next(f for f in watched(model).findings if f.kind == "symmetry not broken")
    assert finding.layer == "0" and finding.numbers["units"] == 8


def test_saturated_units():
    ag.random.seed(0)
    for activation in (nn.Sigmoid, nn.Tanh):
        model = nn.Sequential(nn.Linear(10, 16), activation(), nn.Linear(16, 2))
        report = watched(model, x=X * 100.0)
        finding = next(f for f in report.findings if f.kind == "saturated units")
        assert finding.layer == "1" and finding.numbers["saturated"] > 0.8


@pytest.mark.parametrize(
    ("lr", "kind"), [(50.0, "learning rate too high"), (1e-7, "learning rate too low")]
)
def test_learning_rates(lr, kind):
    ag.random.seed(0)
    report = watched(nn.MLP([10, 16, 2], "tanh", "xavier"), lr=lr)
    assert kind in kinds(report)


def test_batch_normalization_with_one_sample():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    with pytest.raises(ValueError, match="more than one value"), nn.diagnose(model) as report:
        model(X[:1])
    assert (report.findings[0].kind, report.findings[0].layer) == (
        "BatchNorm with a batch of one",
        "1",
    )
    images = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(16, 2))
    found = watched(images, x=np.random.default_rng(0).normal(size=(1, 1, 4, 4)), y=[0])
    assert "BatchNorm with a batch of one" in kinds(found)


def test_logits_that_overflow():
    ag.random.seed(0)
    model = nn.Linear(10, 2)
    report = watched(model, x=X * 1e4, lr=0.0)
    assert "logits overflow" in kinds(report)
    assert report.findings[0].numbers["limit"] == pytest.approx(709.78, abs=0.01)


def test_table_and_figure(tmp_path):
    ag.random.seed(0)
    report = watched(nn.MLP([10, 16, 16, 2], "relu", "kaiming"))
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
    figure = report.plot(tmp_path / "diagnosis.png")
    assert [axes.get_xlabel() for axes in figure.axes][1] == "gradient of outputs (rms)"
    assert (tmp_path / "diagnosis.png").stat().st_size > 10_000
    with pytest.raises(TypeError, match="a int came; a module"), nn.diagnose(3):
        pass
