"""What a trained model knows of data that it has not seen."""

import numpy as np
import pytest

import autograd as ag
import nn
from tests.faults.data import blobs, curve

RNG = np.random.default_rng(0)


def trained(data, sizes, epochs=150, loss=nn.cross_entropy):
    ag.random.seed(0)
    model = nn.MLP(sizes)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    nn.fit(model, [data], loss, optimizer, epochs, progress=False)
    return model


def kinds(report):
    return [f.kind for f in report.findings]


def test_what_was_learned_holds_elsewhere():
    data = blobs(256)
    report = nn.generalization(
        trained(data, [8, 32, 4], 60), [data], [blobs(128, seed=1)], nn.cross_entropy
    )
    assert report.findings == [] and report.validation.accuracy > 0.9
    assert report.training.samples == 256 and 0.0 < report.validation.calibration < 0.1
    assert "no findings" in str(report) and "validation" in str(report)


def test_shuffled_labels_are_memorized_and_not_predicted():
    x, y = blobs(128)
    data = x, RNG.permutation(y)
    report = nn.generalization(trained(data, [8, 256, 4]), [data], [blobs(128, seed=1)])
    assert kinds(report) == ["labels unrelated to inputs"]


def test_shuffled_targets_of_a_regression():
    x, y = curve(64)
    data = x, RNG.permutation(y)[:, None]
    x_val, y_val = curve(128, seed=1)
    model = trained(data, [3, 128, 128, 1], 400, nn.functional.mse_loss)
    assert kinds(nn.generalization(model, [data], [(x_val, y_val[:, None])])) == [
        "labels unrelated to inputs"
    ]


def test_few_samples_and_a_large_model_overfit():
    data = blobs(24, spread=2.0)
    report = nn.generalization(
        trained(data, [8, 256, 4], 300), [data], [blobs(256, spread=2.0, seed=1)]
    )
    assert "overfitting" in kinds(report) and report.training.accuracy == 1.0


def test_confidence_without_accuracy():
    class Sure(nn.Module):
        def forward(self, x):
            return 50.0 * np.eye(2)[(x[:, 0] > 0).astype(int)]

    x = RNG.normal(size=(200, 2))
    y = np.where(RNG.random(200) < 0.5, RNG.integers(0, 2, 200), (x[:, 0] > 0).astype(int))
    report = nn.generalization(Sure(), [(x, y)], [(x, y)])
    assert kinds(report) == ["overconfidence"] and report.validation.confidence == pytest.approx(
        1.0
    )
    assert report.validation.calibration == pytest.approx(
        1.0 - report.validation.accuracy, abs=1e-6
    )


def test_one_batch_by_heart():
    x, y = RNG.normal(size=(128, 8)), RNG.integers(0, 4, 128)
    batches = [(x[i : i + 32], y[i : i + 32]) for i in range(0, 128, 32)]
    report = nn.generalization(
        trained(batches[0], [8, 128, 4], 300), batches, [blobs(64)], nn.cross_entropy
    )
    assert "memorized batch" in kinds(report)


def test_probabilities_and_images_of_classes():
    class Probabilities(nn.Module):
        def forward(self, x):
            return np.full((len(x), 4), 0.25)

    x, y = blobs(64)
    assert nn.generalization(Probabilities(), [(x, y)], [(x, y)]).training.confidence == 0.25

    class Pixels(nn.Module):
        def forward(self, x):
            return np.stack([-x, x], axis=1)

    x = RNG.normal(size=(8, 5, 5))
    assert (
        nn.generalization(
            Pixels(), [(x, (x > 0).astype(int))], [(x, (x > 0).astype(int))]
        ).training.accuracy
        == 1.0
    )


def test_other_targets_have_a_loss_only():
    class Pair(nn.Module):
        def forward(self, x):
            return x

    x = RNG.normal(size=(8, 3))
    score = nn.generalization(
        Pair(), [(x, x[:, :2])], [(x, x[:, :2])], lambda out, y: (out[:, :2] - y).sum()
    )
    assert score.training.loss == 0.0 and np.isnan(score.training.accuracy) and score.findings == []


def test_modes_and_gradients_are_left_alone():
    model = nn.Sequential(nn.Linear(8, 4), nn.Dropout(0.5))
    nn.generalization(model, [blobs(32)], [blobs(32)])
    assert model.training and model[0].weight.grad is None


def test_what_is_refused():
    with pytest.raises(
        TypeError, match="generalization: got an int as the model; expected a module"
    ):
        nn.generalization(3, [], [])
    with pytest.raises(
        ValueError, match="generalization: got no batches of training; expected at least one"
    ):
        nn.generalization(nn.Linear(8, 4), [], [blobs(32)])


def test_data_and_losses_of_other_kinds():
    model, good = nn.Linear(2, 1), [(np.ones((3, 2)), np.ones((3, 1)))]
    with pytest.raises(TypeError, match="generalization: got None as training; expected batches"):
        nn.generalization(model, None, good)
    with pytest.raises(ValueError, match="generalization: got an int as a batch; expected a tuple"):
        nn.generalization(model, good, [1, 2])
    with pytest.raises(TypeError, match="generalization: got a str as the loss"):
        nn.generalization(model, good, good, "mse")


def known(make, loss, labels, width=1):
    """A model that was trained on a rule of its inputs, examined on others."""
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    x, other = rng.normal(size=(2, 256, 4))
    model = nn.Sequential(nn.MLP([4, 16, width]), *make)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    _ = nn.fit(model, [(x, labels(x))], loss, optimizer, 150)
    return nn.generalization(model, [(x, labels(x))], [(other, labels(other))])


def test_a_rare_class_is_not_memorized():
    report = known([], nn.cross_entropy, lambda x: (x[:, 0] > 1.8).astype(int), 2)
    assert report.findings == [] and report.validation.chance > 0.9


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_two_classes_as_numbers_have_an_accuracy(low):
    def loss(out, y):
        if low:
            return ag.maximum(1.0 - y * out, 0.0).mean()
        return nn.functional.binary_cross_entropy_with_logits(out, y)

    report = known([], loss, lambda x: np.where(x[:, :1] > x[:, 1:2], 1.0, low))
    assert report.findings == [] and report.validation.accuracy > 0.9
    assert np.isnan(report.validation.explained)
    assert np.isnan(report.validation.confidence) == bool(low)


def test_labels_of_one_class_say_nothing():
    ag.random.seed(0)
    x = np.random.default_rng(0).normal(size=(256, 4))
    y = (x[:, 0] > 0).astype(int)
    model = nn.MLP([4, 16, 2])
    _ = nn.fit(model, [(x, y)], nn.cross_entropy, nn.optim.Adam(model.parameters(), lr=0.01), 100)
    assert nn.generalization(model, [(x, y)], [(x[y == 1] * 1.1, y[y == 1])]).findings == []
    assert nn.generalization(model, [(x, y)], [(x[:1], y[:1])]).findings == []
