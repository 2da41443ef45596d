"""What is sampled at a pass: the arrays of that pass, and the update that follows it."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect import over_time
from nn.inspect.samples import SAMPLE


def trained(path, steps=6, every=1, lr=0.1, model=None, sample=None):
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)) if model is None else model
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    x = np.random.default_rng(0).normal(size=(8, 3))
    seen = []
    with nn.record(model, path, every=every, sample=sample) as timeline:
        for _ in range(steps):
            optimizer.zero_grad()
            before = model[0].weight.data.copy()
            loss = (model(x) - x[:, :1]).square().mean()
            loss.backward()
            slope = model[0].weight.grad.copy()
            optimizer.step()
            seen.append((loss.item(), before, slope, model[0].weight.data - before))
    return model, timeline, seen


def row(timeline, name):
    return timeline.statistics[:, timeline.names.index(name)]


def test_statistics_are_those_of_each_step(tmp_path):
    _, timeline, seen = trained(tmp_path / "run.glass")
    assert timeline.steps.tolist() == [1, 2, 3, 4, 5, 6] and timeline.layers == ["0", "1", "2"]
    np.testing.assert_allclose(timeline.losses, [loss for loss, *_ in seen])
    for name, place in (("0.weight", 1), ("0.weight.grad", 2), ("0.weight.update", 3)):
        expected = [[x[place].mean(), x[place].std(), x[place].min(), x[place].max()] for x in seen]
        np.testing.assert_allclose(row(timeline, name), expected, rtol=1e-9, atol=1e-15)


def test_outputs_and_their_gradients(tmp_path):
    model, timeline, _ = trained(tmp_path / "run.glass", lr=0.0)
    x = np.random.default_rng(0).normal(size=(8, 3))
    out = model[1](model[0](x)).data
    assert row(timeline, "1.out")[-1, 0] == pytest.approx(out.mean())
    gradient = 2 * (model(x).data - x[:, :1]) / 8
    assert row(timeline, "2.out.grad")[-1, 1] == pytest.approx(gradient.std())
    share = 1.0 - out.any(axis=0).mean()
    assert timeline.dead[-1, 1] == share and np.isnan(timeline.dead[:, [0, 2]]).all()


def test_dead_units_are_seen(tmp_path):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    model[0].bias.data = np.array([-100.0, 100.0, -100.0, -100.0])
    _, timeline, _ = trained(tmp_path / "run.glass", model=model, lr=0.0)
    assert (timeline.dead[:, 1] == 0.75).all()


def test_some_steps_only(tmp_path):
    _, timeline, seen = trained(tmp_path / "run.glass", every=3)
    assert timeline.steps.tolist() == [1, 4] and timeline.losses[1] == pytest.approx(seen[3][0])
    np.testing.assert_allclose(row(timeline, "0.weight.update")[1, 0], seen[3][3].mean(), rtol=1e-9)


def test_a_file_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(over_time, "STEPS", 16)
    _, timeline, _ = trained(tmp_path / "run.glass", steps=100)
    assert 8 <= len(timeline.steps) <= 16 and set(np.diff(timeline.steps)) == {8}


def test_the_cells_of_a_file_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(over_time, "CELLS", 18 * 20)
    _, timeline, _ = trained(tmp_path / "run.glass", steps=60)
    assert len(timeline.names) == 18 and len(timeline.steps) <= 20


def test_nothing_is_left_behind_and_an_error_keeps_what_was_seen(tmp_path):
    model = nn.Linear(2, 1)
    with pytest.raises(KeyError), nn.record(model, tmp_path / "run.glass"):
        model(np.ones((1, 2))).sum().backward()
        raise KeyError
    assert not model._forward_hooks and (tmp_path / "run.glass").exists()
    assert model.weight.note is None or not model.weight.note.hooks


def test_gradients_of_others_do_not_count(tmp_path):
    model = nn.Linear(2, 1)
    with nn.record(model, tmp_path / "run.glass") as timeline:
        model(np.ones((1, 2))).sum().backward()
        ag.gradients(100.0 * model(np.ones((1, 2))).sum(), [model.weight])
    assert row(timeline, "weight.grad")[0, 0] == 1.0 and "out.grad" in timeline.names


def test_a_model_that_is_larger_than_a_sample(tmp_path):
    model = nn.Sequential(nn.Linear(3, 2 * SAMPLE), nn.ReLU(), nn.Linear(2 * SAMPLE, 1))
    _, timeline, seen = trained(tmp_path / "run.glass", model=model, lr=0.01)
    update = row(timeline, "0.weight.update")
    assert (np.abs(update[:, 3]) <= [np.abs(x[3]).max() * (1 + 1e-9) for x in seen]).all()
    assert (update[:, 1] > 0).all()


def test_a_run_without_backward_is_empty(tmp_path):
    with nn.record(nn.Linear(2, 1), tmp_path / "run.glass") as timeline:
        pass
    assert repr(timeline) == "Timeline(0 steps, 0 layers, 0 arrays)"


def test_a_training_that_goes_on_is_measured_less_often(tmp_path):
    _, timeline, _ = trained(tmp_path / "run.glass", steps=100, every=None)
    assert len(timeline.steps) == 50 and set(np.diff(timeline.steps)) == {2}
    _, timeline, _ = trained(tmp_path / "run.glass", steps=400, every=None)
    assert len(timeline.steps) == 50 and set(np.diff(timeline.steps)) == {8}
    _, timeline, _ = trained(tmp_path / "run.glass", steps=900, every=None)
    assert set(np.diff(timeline.steps)) == {8}
