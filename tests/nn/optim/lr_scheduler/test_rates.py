"""The rates and momenta of every scheduler against PyTorch's, and again from a saved state."""

import copy
import importlib.util
from pathlib import Path

import numpy as np
import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr

FOLDER = Path(__file__).parents[1]
spec = importlib.util.spec_from_file_location("optim_cases", FOLDER / "cases.py")
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)


@pytest.fixture(scope="module")
def reference():
    with np.load(FOLDER / "trajectories.npz") as file:
        return {key: file[key] for key in file.files}


def scheduled(name):
    params = [nn.Parameter([0.0]) for _ in range(2)]
    groups = [{"params": params[0]}, {"params": [params[1]], "lr": 0.02}]
    o = optim.SGD(groups, lr=0.1, momentum=0.9)
    return o, eval(cases.SCHEDULERS[name], {"lr": lr, "o": o})


def advance(scheduler, epoch):
    scheduler.step(cases.METRICS[epoch]) if scheduler.takes_metric else scheduler.step()


@pytest.mark.parametrize("name", cases.SCHEDULERS)
def test_rates_and_momenta_are_those_of_pytorch(name, reference):
    o, scheduler = scheduled(name)
    rows = []
    for epoch in range(cases.EPOCHS):
        rows.append([*scheduler.get_last_lr(), o.param_groups[0]["momentum"]])
        advance(scheduler, epoch)
    np.testing.assert_allclose(rows, reference[f"scheduler/{name}"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", cases.SCHEDULERS)
def test_a_saved_and_loaded_scheduler_continues_with_the_same_rates(name):
    o, scheduler = scheduled(name)
    rows = []
    for epoch in range(cases.EPOCHS):
        rows.append(scheduler.get_last_lr())
        if epoch == 23:
            half = copy.deepcopy((scheduler.state_dict(), o.state_dict()))
        advance(scheduler, epoch)
    scheduler.load_state_dict(half[0])
    o.load_state_dict(half[1])
    assert scheduler.get_last_lr() == rows[23]
    for epoch in range(23, 40):
        advance(scheduler, epoch)
    assert scheduler.get_last_lr() == rows[40]
