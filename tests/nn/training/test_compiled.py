"""`fit` with a compiled step: the same bits as without."""

import numpy as np
import pytest

import autograd as ag
import nn


def trained(compile, **options):
    ag.random.seed(0)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 5))
    y = (x.sum(axis=1) > 0).astype(int)
    loader = nn.data.DataLoader(nn.data.TensorDataset(x, y), batch_size=8, shuffle=True)
    model = nn.Sequential(
        nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 2)
    )
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.02)
    if "scheduler" in options:
        options["scheduler"] = options["scheduler"](optimizer)
    history = nn.fit(
        model, loader, nn.CrossEntropyLoss(), optimizer, 5, compile=compile, metrics=["accuracy"],
        validation=[(x, y)], **options,
    )  # fmt: skip
    return history, model.state_dict()


SCHEDULES = {
    "none": {},
    "by epochs": {"scheduler": lambda o: nn.optim.lr_scheduler.ExponentialLR(o, 0.9)},
    "by batches": {
        "scheduler": lambda o: nn.optim.lr_scheduler.OneCycleLR(o, 0.05, total_steps=30),
        "scheduler_every": "batch",
    },
    "clipping": {"clip_norm": 0.5, "on_nonfinite": "warn"},
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_numpy_back_end_gives_the_same_bits(name):
    eager, state = trained(False, **SCHEDULES[name])
    ours, compiled_state = trained("numpy", **SCHEDULES[name])
    assert ours.columns == eager.columns
    assert all(np.array_equal(compiled_state[key], x) for key, x in state.items())


@pytest.mark.parametrize("name", SCHEDULES)
def test_machine_code_gives_the_same_numbers_to_rounding(name):
    eager, state = trained(False, **SCHEDULES[name])
    ours, compiled_state = trained(True, **SCHEDULES[name])
    for key, column in eager.columns.items():
        np.testing.assert_allclose(ours.columns[key], column, rtol=1e-8)
    for key, x in state.items():
        np.testing.assert_allclose(compiled_state[key], x, rtol=1e-8, atol=1e-9)


def test_the_step_is_a_program():
    steps = []

    class Look(nn.Callback):
        def on_fit_end(self, run):
            steps.append(run.compiled)

    trained(True, callbacks=[Look()])
    assert steps[0].programs, steps[0].report()


def test_a_loss_that_is_not_finite_stops_before_the_step():
    for compile in (False, True):
        model = nn.Linear(1, 1)
        data = [(np.ones((4, 1)), np.ones((4, 1)))] * 6 + [
            (np.full((4, 1), np.inf), np.ones((4, 1)))
        ]
        optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
        with pytest.raises(nn.NonFiniteLossError, match="step 7 in all"), np.errstate(all="ignore"):
            nn.fit(model, data, nn.MSELoss(), optimizer, 2, compile=compile)
        assert np.isfinite(model.weight.data).all()


def test_callbacks_within_a_step_keep_it_eager():
    class Count(nn.Callback):
        count = 0

        def on_gradients(self, run):
            self.count += 1

    counter = Count()
    model = nn.Linear(1, 1)
    data = [(np.ones((4, 1)), np.ones((4, 1)))]
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    with pytest.warns(UserWarning, match="a Count that acts within a step"):
        nn.fit(model, data, nn.MSELoss(), optimizer, 6, callbacks=[counter], compile=True)
    assert counter.count == 6


def test_a_loss_of_several_numbers_is_refused_as_without():
    x, y = np.ones((8, 5)), np.zeros(8, int)
    for compile in (False, True):
        model = nn.Linear(5, 2)
        optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
        loss = nn.CrossEntropyLoss(reduction="none")
        with pytest.raises(ag.ShapeError, match=r"fit: got a loss of shape \(8,\)"):
            nn.fit(model, [(x, y)], loss, optimizer, 3, compile=compile)
