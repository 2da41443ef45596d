"""Callbacks in two runs with two models: nothing of the first model reaches the second."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import fit

R = np.random.default_rng(0)
X = R.normal(size=(20, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]])


def made(seed, lr=0.1, hidden=4):
    ag.random.seed(seed)
    model = nn.Sequential(nn.Linear(3, hidden), nn.Tanh(), nn.Linear(hidden, 1))
    return model, nn.optim.SGD(model.parameters(), lr=lr)


def weights(model):
    return [p.numpy() for p in model.parameters()]


def same(a, b):
    return all((x == y).all() for x, y in zip(a, b, strict=True))


def train(seed, callbacks, epochs=3, **options):
    model, optimizer = made(seed, **options)
    history = fit(model, [(X, Y)], nn.MSELoss(), optimizer, epochs, callbacks=callbacks)
    return model, history


CALLBACKS = {
    "early stopping": lambda: nn.EarlyStopping("loss", patience=1),
    "early stopping for a rise": lambda: nn.EarlyStopping("loss", patience=1, mode="max"),
    "clipping": lambda: nn.training.callbacks.ClipGradients(0.1),
    "loss check": lambda: nn.training.callbacks.LossCheck(),
    "progress": lambda: nn.training.callbacks.ProgressBar(),
    "a function": lambda: lambda epoch: epoch.number == 2,
}


@pytest.mark.parametrize("name", CALLBACKS)
@pytest.mark.parametrize("hidden", [4, 5])
def test_a_reused_callback_does_what_a_new_one_does(name, hidden):
    reused = CALLBACKS[name]()
    first, _ = train(1, [reused])
    kept = weights(first)
    second, history = train(2, [reused], 5, lr=0.01, hidden=hidden)
    expected, expected_history = train(2, [CALLBACKS[name]()], 5, lr=0.01, hidden=hidden)
    assert same(weights(second), weights(expected)) and same(weights(first), kept)
    assert history.columns == expected_history.columns


def test_the_best_weights_of_the_first_model_stay_with_it():
    stopper = nn.EarlyStopping("loss", patience=0)
    good, _ = train(1, [stopper], epochs=20)
    best = stopper.best
    # The second model never gets that far, so an old `best` would restore the first one's weights.
    bad, history = train(2, [stopper], epochs=2, lr=1e-6)
    assert stopper.best == min(history["loss"]) > best
    assert history.epochs == 2 and not same(weights(bad), weights(good))
    stopper.restore(bad)
    assert not same(weights(bad), weights(good))


def test_a_stopper_that_stopped_waits_again():
    stopper = nn.EarlyStopping("loss", patience=1)
    assert [train(seed, [stopper], 9, lr=0.0)[1].epochs for seed in (1, 2, 3)] == [3, 3, 3]


def test_the_callback_of_an_interrupted_run_begins_anew():
    stopper = nn.EarlyStopping("loss", patience=1)

    def fail(epoch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(1, [stopper, fail])
    model, history = train(2, [stopper], 1, lr=1e-6)
    assert stopper.best == history["loss"][0] and same(stopper.weights.values(), weights(model))


@pytest.mark.parametrize("reused", [False, True])
def test_a_stopper_continues_from_a_checkpoint(tmp_path, reused):
    def run(path, *epochs):
        stopper = nn.EarlyStopping("loss", patience=3)
        for n in epochs:
            if not reused:
                stopper = nn.EarlyStopping("loss", patience=3)
            model, optimizer = made(0, lr=0.0)
            options = {"early_stopping": stopper, "checkpoint": tmp_path / path}
            history = fit(model, [(X, Y)], nn.MSELoss(), optimizer, n, **options)
        return history, stopper

    (whole, one), (parts, two) = run("whole", 9), run("parts", 2, 3, 9)
    assert whole.columns == parts.columns and whole.epochs == 5
    assert one.best == two.best and one.waited == two.waited == 4


def test_a_callback_that_resets_itself_gets_its_state_from_the_checkpoint(tmp_path):
    class Count(nn.Callback):
        def on_fit_begin(self, run):
            self.steps = 0

        def on_batch_end(self, run):
            self.steps += 1

        def state_dict(self):
            return {"steps": getattr(self, "steps", 0)}

        def load_state_dict(self, state):
            self.steps = state["steps"]

    count = Count()
    for epochs, expected in ((2, 2), (5, 5)):
        model, optimizer = made(0)
        options = {"callbacks": [count], "checkpoint": tmp_path / "run"}
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, epochs, **options)
        assert count.steps == expected
    train(1, [count], 4)
    assert count.steps == 4


def test_an_average_of_another_model_is_refused():
    model, _ = made(1)
    average = nn.AverageWeights(nn.optim.ExponentialMovingAverage(model, decay=0.5))
    before = weights(model)
    with pytest.raises(ValueError, match="AverageWeights: got an average of another model"):
        train(2, [average])
    assert same(weights(model), before)


def test_an_average_goes_on_in_a_second_run_of_its_model():
    model, optimizer = made(1)
    ema = nn.optim.ExponentialMovingAverage(model, decay=0.5)
    for updates in (2, 4):
        average = [nn.AverageWeights(ema)]
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, 2, callbacks=average)
        assert ema.updates == updates


def test_a_scheduler_of_another_optimizer_is_refused():
    _, other = made(1)
    model, optimizer = made(2)
    scheduler = nn.optim.StepLR(other, 1)
    with pytest.raises(ValueError, match="fit: got a StepLR of another optimizer; expected"):
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, scheduler=scheduler)
    assert other.lr == 0.1
    proximal = nn.optim.Proximal(optimizer, nn.optim.L1(0.1))
    scheduler = nn.optim.StepLR(optimizer, 1, 0.5)
    history = fit(model, [(X, Y)], nn.MSELoss(), proximal, 2, scheduler=scheduler)
    assert history["lr"] == [0.1, 0.05]


def test_an_optimizer_of_another_model_is_refused():
    model, before = made(1)[0], made(1)[0]
    with pytest.raises(ValueError, match="got an optimizer of another model; expected"):
        fit(model, [(X, Y)], nn.MSELoss(), made(2)[1], 1)
    assert same(weights(model), weights(before))


def test_a_callback_is_passed_once():
    stopper = nn.EarlyStopping("loss")
    model, optimizer = made(1)
    options = {"early_stopping": stopper, "callbacks": [stopper]}
    with pytest.raises(ValueError, match="got the same callback twice; expected each once"):
        fit(model, [(X, Y)], nn.MSELoss(), optimizer, 1, **options)
