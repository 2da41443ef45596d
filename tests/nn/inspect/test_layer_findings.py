"""Each illness of a layer is made and found, with its cause; a healthy network has none."""

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


def finding(report, kind):
    return next(f for f in report.findings if f.kind == kind)


def test_vanishing_gradients():
    found = finding(watched(deep(nn.Sigmoid)), "vanishing gradients")
    assert found.numbers["ratio"] < 1e-6 and found.numbers["gain"] < 0.5
    assert "the gain is worst in" in found.text


def test_the_layer_where_gradients_vanish_most():
    squeezed = nn.MLP([10, 32, 32, 32, 2], "tanh", "xavier")
    nn.init.values_(squeezed[4].weight, squeezed[4].weight.data * 1e-5)
    found = finding(watched(squeezed, lr=0.0), "vanishing gradients")
    assert found.layer == "4" and found.numbers["gain"] < 1e-4


def test_exploding_gradients_and_activations():
    report = watched(deep(nn.ReLU, 12, init=lambda w: nn.init.normal_(w, std=3.0)), lr=0.0)
    assert {"exploding gradients", "activations grow"} <= set(kinds(report))


def test_shrinking_activations():
    report = watched(deep(nn.Tanh, 12, init=lambda w: nn.init.normal_(w, std=0.01)), lr=0.0)
    found = finding(report, "activations shrink")
    assert found.numbers["fan_in_times_variance"] == pytest.approx(0.001, rel=0.6)


def test_dying_relu_by_its_bias():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 2))
    nn.init.values_(model[0].bias, np.where(np.arange(16) < 10, -50.0, 0.0))
    [finding] = watched(model).findings
    assert (finding.kind, finding.layer, finding.numbers["dead"]) == ("dying ReLU", "1", 10)
    assert "from the first step on; the bias did it" in finding.text
    assert "reset the biases of those units to 0" in finding.remedy


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
    found = finding(report, "dying ReLU")
    assert found.numbers == {"dead": 16, "units": 16, "since": 5}
    assert "since step 5; the weights did it" in found.text


def test_dying_relu_by_its_inputs():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    nn.init.constant_(model[0].bias, -100.0)
    nn.init.constant_(model[2].bias, -0.1)
    by_layer = {f.layer: f for f in watched(model, lr=0.0).findings if f.kind == "dying ReLU"}
    assert "the bias did it" in by_layer["1"].text and "the inputs did it" in by_layer["3"].text


def test_symmetry():
    model = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 2))
    for layer in (model[0], model[2]):
        nn.init.constant_(layer.weight, 0.1)
        nn.init.zeros_(layer.bias)
    finding = next(f for f in watched(model).findings if f.kind == "symmetry not broken")
    assert finding.layer == "0" and finding.numbers["units"] == 8


@pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Tanh])
def test_saturated_units(activation):
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 16), activation(), nn.Linear(16, 2))
    found = finding(watched(model, x=X * 100.0), "saturated units")
    assert found.layer == "1" and found.numbers["saturated"] > 0.8


@pytest.mark.parametrize(
    ("lr", "kind"), [(50.0, "learning rate too high"), (1e-7, "learning rate too low")]
)
def test_learning_rates(lr, kind):
    ag.random.seed(0)
    report = watched(nn.MLP([10, 16, 2], "tanh", "xavier"), lr=lr)
    assert kind in kinds(report)


def test_batch_normalization_that_raises_for_one_sample():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    with pytest.raises(ValueError, match="more than one value"), nn.diagnose(model) as report:
        model(X[:1])
    [found] = [f for f in report.findings if f.kind == "BatchNorm with a batch of one"]
    assert report.findings[0] is found and found.layer == "1"


def test_batch_normalization_of_one_image():
    images = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(16, 2))
    report = watched(images, x=np.random.default_rng(0).normal(size=(1, 1, 4, 4)), y=[0])
    assert "BatchNorm with a batch of one" in kinds(report)


def test_outputs_of_a_regression_are_no_logits():
    ag.random.seed(0)
    model = nn.Linear(10, 1)
    with nn.diagnose(model) as report:
        nn.functional.mse_loss(model(X * 1e4), X[:, :1]).backward()
    assert "logits overflow" not in kinds(report)


def test_the_gradient_of_a_silent_layer_is_not_told_as_a_ratio_of_zero():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    nn.init.constant_(model[2].bias, -100.0)
    found = finding(watched(model), "vanishing gradients")
    assert "is exactly 0, although" in found.text and "0 times" not in found.text


def test_one_number_has_no_deviation():
    ag.random.seed(0)
    model = nn.MLP([10, 8, 8, 1], "tanh")
    with nn.diagnose(model) as report:
        model(X[:1]).sum().backward()
    assert not [k for k in kinds(report) if k.startswith("activations")]


def test_gradients_through_the_steps_of_a_sequence():
    class Model(nn.Module):
        def __init__(self, scale):
            super().__init__()
            self.cell = nn.Linear(4, 4, bias=False)
            nn.init.values_(self.cell.weight, scale * np.eye(4))

        def forward(self, x):
            for _ in range(12):
                x = self.cell(x)
            return x

    for scale, kind in ((0.01, "vanishing gradients"), (2.0, "exploding gradients")):
        model = Model(scale)
        with nn.diagnose(model) as report:
            model(X[:, :4]).sum().backward()
        found = finding(report, kind)
        assert found.layer == "cell" and found.numbers["gain"] == pytest.approx(scale)


def test_logits_that_overflow():
    ag.random.seed(0)
    model = nn.Linear(10, 2)
    assert "logits overflow" not in kinds(watched(model, x=X * 1e4, lr=0.0))
    with nn.diagnose(model) as report:
        odds = ag.exp(model(X * 1e4))
        (odds / odds.sum(axis=1, keepdims=True)).sum().backward()
    assert "logits overflow" in kinds(report)
    assert finding(report, "logits overflow").numbers["limit"] == pytest.approx(709.78, abs=0.01)


@pytest.mark.parametrize("bias", [-100.0, -1.0])
def test_dying_relu_of_a_convolution_by_its_bias(bias):
    ag.random.seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))
    nn.init.constant_(model[0].weight, 0.1)
    nn.init.constant_(model[0].bias, bias)
    x = np.random.default_rng(0).uniform(size=(64, 1, 6, 6))
    found = finding(watched(model, x=x, lr=0.0), "dying ReLU")
    assert "the bias did it: weighted sums reach" in found.text
