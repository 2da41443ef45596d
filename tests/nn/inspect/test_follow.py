"""A sample's path: what each layer makes of it, while nothing of the training changes."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect import follow
from nn.inspect.follow import Follower
from nn.inspect.timeline import UNITS, load_timeline

X = np.random.default_rng(0).normal(size=(8, 3))


@pytest.fixture(autouse=True)
def always(monkeypatch):
    monkeypatch.setattr(follow, "STRIDE", 1)


def network():
    ag.random.seed(0)
    return nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 1)
    )


def trained(path, steps=6, sample=X[:1], model=None, lr=0.1):
    model = network() if model is None else model
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    seen = []
    with nn.record(model, path, sample=sample) as timeline:
        for _ in range(steps):
            model.eval()
            with ag.no_grad():
                seen.append(model(X[:1]).numpy().ravel())
            model.train()
            optimizer.zero_grad()
            (model(X) - X[:, :1]).square().mean().backward()
            optimizer.step()
    return model, timeline, seen


def test_the_path_is_what_the_layers_compute_before_each_pass(tmp_path):
    # Statistics of a batch are updated by its forward pass, so a model without them is looked at.
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 1))
    _, timeline, seen = trained(tmp_path / "run.glass", model=model)
    assert timeline.sample_steps.tolist() == [1, 2, 3, 4, 5, 6]
    assert timeline.sample_layers == ["0", "1", "2", "3"]
    np.testing.assert_allclose(timeline.sample[:, 3, :1], seen, rtol=1e-6)
    assert np.isnan(timeline.sample[:, 3, 1:]).all()
    hidden = timeline.sample[:, 0, :4]
    np.testing.assert_array_equal(timeline.sample[:, 1, :4], np.maximum(hidden, 0.0))
    loaded = load_timeline("viewer", tmp_path / "run.glass")
    np.testing.assert_array_equal(loaded.sample, timeline.sample)


def test_the_training_is_the_same_to_the_last_bit(tmp_path):
    with_path, *_ = trained(tmp_path / "a.glass")
    without, *_ = trained(tmp_path / "b.glass", sample=None)
    for name, p in with_path.state_dict().items():
        np.testing.assert_array_equal(p, without.state_dict()[name])
    assert with_path.training and not with_path[0]._forward_hooks
    assert "output (8, 1)" in with_path._repr_html_()


def test_a_path_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(follow, "MOMENTS", 8)
    model = nn.Sequential(nn.Linear(3, 2 * UNITS), nn.Linear(2 * UNITS, 1))
    _, timeline, _ = trained(tmp_path / "run.glass", steps=50, model=model, lr=0.001)
    steps = timeline.sample_steps
    assert len(steps) < 8 and steps[0] == 1 and set(np.diff(steps)) == {8}
    assert timeline.sample.shape == (len(steps), 2, UNITS)
    assert np.isfinite(timeline.sample[:, 0]).all()


def test_a_training_that_diverges_is_followed_to_the_end(tmp_path):
    _, timeline, _ = trained(tmp_path / "run.glass", model=nn.Sequential(nn.Linear(3, 1)), lr=1e30)
    assert len(timeline.sample) == 6 and not np.isfinite(timeline.sample[-1, 0, 0])


def test_several_arguments_and_what_is_refused(tmp_path):
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 1)

        def forward(self, a, b):
            return self.layer(a * b)

    follower = Follower(Both(), (X[:1], X[1:2]))
    follower.stop()
    model = network()
    with pytest.raises(ag.ShapeError), nn.record(model, tmp_path / "x", sample=X[:1, :2]):
        pass
    assert not model[0]._forward_hooks and model.training
    with pytest.raises(TypeError, match=r"record: got sample=\(\); expected what the model"):
        nn.record(model, tmp_path / "x", sample=())
    with pytest.raises(ValueError, match="record: got sample without a path; expected a path"):
        nn.record(model, sample=X[:1])
