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
    assert 8 <= len(timeline.steps) <= 16 and blocks(timeline, 8)
    assert timeline.passes == 100


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


def blocks(timeline, size):
    """Whether one pass of each block of so many was measured, not always the same."""
    block, place = np.divmod(timeline.steps - 1, size)
    return block.tolist() == list(range(len(block))) and len(set(place)) > 1


def test_a_training_that_goes_on_is_measured_less_often(tmp_path):
    for steps, kept, every in ((60, 30, 2), (100, 25, 4), (400, 25, 16), (900, 56, 16)):
        _, timeline, _ = trained(tmp_path / "run.glass", steps=steps, every=None)
        assert len(timeline.steps) == kept and blocks(timeline, every)


def steps_of(model, optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def test_two_models_that_are_trained_in_turn_have_their_own_passes(tmp_path):
    ag.random.seed(0)
    models = [nn.Linear(3, 1), nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))]
    optimizers = [nn.optim.SGD(model.parameters(), lr=0.1) for model in models]
    x, losses = np.random.default_rng(0).normal(size=(8, 3)), ([], [])
    first = nn.record(models[0], tmp_path / "a.glass", every=1)
    with first as a, nn.record(models[1], tmp_path / "b.glass", every=1) as b:
        for _ in range(5):
            for model, optimizer, seen in zip(models, optimizers, losses, strict=True):
                seen.append(steps_of(model, optimizer, (model(x) - 7.0).square().mean()))
    assert a.steps.tolist() == b.steps.tolist() == [1, 2, 3, 4, 5] and a.passes == 5
    assert a.losses.tolist() == losses[0] and b.losses.tolist() == losses[1]
    assert a.layers == [""] and b.layers == ["0", "1", "2"]
    assert (
        np.isfinite(row(b, "0.weight.grad")).all() and (row(b, "0.weight.update")[:4, 1] > 0).all()
    )


@pytest.mark.parametrize("way", ["no_grad", "detach", "shared"])
def test_a_generator_is_measured_in_its_own_passes(tmp_path, way):
    ag.random.seed(0)
    generator = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3))
    critic, z = nn.Linear(3, 1), np.random.default_rng(0).normal(size=(8, 2))
    optimizers = [nn.optim.SGD(m.parameters(), lr=0.1) for m in (critic, generator)]
    losses = []
    with nn.record(generator, tmp_path / "run.glass", every=1) as timeline:
        for _ in range(4):
            if way == "no_grad":
                with ag.no_grad():
                    fake = generator(z)
            else:
                fake = generator(z)
            plain = fake if way == "no_grad" else fake.detach()
            steps_of(critic, optimizers[0], critic(plain).mean() - critic(z[:, [0, 1, 1]]).mean())
            fake = fake if way == "shared" else generator(z)
            losses.append(steps_of(generator, optimizers[1], -critic(fake).mean()))
    assert timeline.losses.tolist() == losses and timeline.layers == ["0", "1", "2"]
    assert np.isfinite(row(timeline, "1.out.grad")).all() and np.isfinite(timeline.dead[:, 1]).all()


def test_layers_may_join_later(tmp_path):
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))
    with nn.record(model, tmp_path / "run.glass", every=1) as timeline:
        model[0](np.ones((1, 3))).sum().backward()
        for _ in range(3):
            model(np.ones((1, 3))).sum().backward()
    assert timeline.layers == ["0", "1", "2"] and timeline.kinds == ["Linear", "ReLU", "Linear"]
    late = row(timeline, "2.out")
    assert np.isnan(late[0]).all() and np.isfinite(late[1:]).all()
    assert np.isnan(timeline.dead[0]).all() and np.isfinite(timeline.dead[1:, 1]).all()
    assert timeline.histograms.shape == (4, len(timeline.names), 24)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_each_of_several_micro_batches_has_its_turn(tmp_path, count):
    """Updates are seen too, which follow the last of them."""
    model = nn.Linear(3, 1)
    optimizer = nn.optim.SGD(model.parameters(), lr=1e-3)
    with nn.record(model, tmp_path / "run.glass") as timeline:
        for i in range(240):
            (model(np.ones((1, 3))) - i % count).square().sum().backward()
            if i % count == count - 1:
                optimizer.step()
                optimizer.zero_grad()
    turns = np.bincount(timeline.steps % count, minlength=count)
    assert turns.min() >= len(timeline.steps) // (2 * count)
    share = (row(timeline, "weight.update")[:, 1] > 0).mean()
    assert share >= 0.5 / count
