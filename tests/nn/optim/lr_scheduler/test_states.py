"""States of schedulers: PyTorch's are loaded, and those of something else refused."""

import copy
from collections import Counter

import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr

OWN = {"_step_count": 13, "_is_initial": False, "_get_lr_called_within_step": False}
RATES = {"base_lrs": [0.1, 0.02], "last_epoch": 12}
LAST = {"_last_lr": [0.05, 0.01]}
HALVES = {"step_size": 4, "gamma": 0.5, **RATES, **OWN, **LAST}
FALLS = {"gamma": 0.9, **RATES, **OWN, **LAST}
WAITS = {"T_max": 20, "eta_min": 0.0, **RATES, "last_epoch": -1, **OWN, **LAST}

# What `state_dict()` of PyTorch 2.13 gives after 12 steps.
STATES = {
    "lr.StepLR(o, 4, 0.5)": HALVES,
    "lr.MultiStepLR(o, [5, 11, 30], 0.3)": {"milestones": Counter([5, 11, 30]), "gamma": 0.3, **RATES, **OWN, **LAST},
    "lr.ExponentialLR(o, 0.9)": FALLS,
    "lr.ConstantLR(o, 0.25, 16)": {"factor": 0.25, "total_iters": 16, **RATES, **OWN, **LAST},
    "lr.LinearLR(o, 0.1, 0.8, 13)": {"start_factor": 0.1, "end_factor": 0.8, "total_iters": 13, **RATES, **OWN, **LAST},
    "lr.PolynomialLR(o, 17, 2.0)": {"total_iters": 17, "power": 2.0, **RATES, **OWN, **LAST},
    "lr.CosineAnnealingLR(o, 13, 0.001)": {"T_max": 13, "eta_min": 0.001, **RATES, **OWN, **LAST},
    "lr.CosineAnnealingWarmRestarts(o, 5, 2)": {"T_0": 5, "T_i": 10, "T_mult": 2, "eta_min": 0.0, "T_cur": 7, **RATES, **OWN, "_step_count": 0, **LAST},
    "lr.LambdaLR(o, lambda t: 0.9**t)": {**RATES, **OWN, **LAST, "lr_lambdas": [None]},
    "lr.SequentialLR(o, [lr.ExponentialLR(o, 0.9), lr.CosineAnnealingLR(o, 20)], [14])": {"_milestones": [14], "last_epoch": 12, **LAST, "_schedulers": [FALLS, WAITS]},
    "lr.ChainedScheduler([lr.StepLR(o, 4, 0.5), lr.ExponentialLR(o, 0.9)])": {**LAST, "_schedulers": [HALVES, FALLS]},
}  # fmt: skip


def made(expression):
    groups = [{"params": nn.Parameter([0.0])}, {"params": nn.Parameter([0.0]), "lr": 0.02}]
    o = optim.SGD(groups, lr=0.1)
    return o, eval(expression, {"lr": lr, "o": o})


@pytest.mark.parametrize("expression", STATES)
def test_a_state_of_pytorch_goes_on_as_if_it_were_ours(expression):
    o, scheduler = made(expression)
    other, restored = made(expression)
    for _ in range(12):
        scheduler.step()
    restored.load_state_dict(copy.deepcopy(STATES[expression]))
    for _ in range(9):
        scheduler.step()
        restored.step()
        rates = [[group["lr"] for group in x.param_groups] for x in (o, other)]
        assert rates[0] == pytest.approx(rates[1], rel=1e-12)


def test_options_in_a_state_of_pytorch_are_taken_over():
    _, scheduler = made("lr.StepLR(o, 99, 0.1)")
    scheduler.load_state_dict(HALVES)
    assert (scheduler.step_size, scheduler.gamma) == (4, 0.5)
    _, scheduler = made("lr.MultiStepLR(o, [99])")
    scheduler.load_state_dict(STATES["lr.MultiStepLR(o, [5, 11, 30], 0.3)"])
    assert scheduler.milestones == [5, 11, 30]


@pytest.mark.parametrize(("saved", "loaded"), [(-1, 0), (0, 0), (1, 1), (12, 12)])
def test_a_state_of_pytorch_is_as_many_steps_ahead_as_it_says(saved, loaded):
    """Before its turn in a sequence, a scheduler of PyTorch's has made -1 steps."""
    o, scheduler = made("lr.StepLR(o, 1, 0.5)")
    state = {**HALVES, "step_size": 1, "last_epoch": saved}
    scheduler.load_state_dict(state)
    assert scheduler.last_epoch == loaded
    assert o.lr == pytest.approx(0.1 * 0.5**loaded)


def test_a_plateau_of_pytorch_keeps_its_reductions():
    state = {
        "factor": 0.5, "default_min_lr": 0, "min_lrs": [0, 0], "patience": 3, "cooldown": 2, "eps": 1e-08,
        "last_epoch": 12, "_last_lr": [0.05, 0.01], "mode_worse": float("inf"), "mode": "min", "threshold": 0.0001,
        "threshold_mode": "rel", "best": 0.25, "cooldown_counter": 0, "num_bad_epochs": 3,
    }  # fmt: skip
    o, plateau = made("lr.ReduceLROnPlateau(o)")
    plateau.load_state_dict(state)
    assert plateau.best == 0.25 and plateau.patience == 3
    o.param_groups[0]["lr"], o.param_groups[1]["lr"] = 0.05, 0.01
    plateau.step(1.0)
    assert plateau.get_last_lr() == [0.025, 0.005]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (3, "got an int; expected keys"),
        ([], "got a list; expected keys"),
        ({"last_epoch": 1}, r"got keys \['last_epoch'\]; expected keys \['last_epoch', 'base_lrs'\]"),
        ({"last_epoch": "a", "base_lrs": [0.1, 0.1]}, "got last_epoch='a'; expected an integer"),
        ({"last_epoch": -1, "base_lrs": [0.1, 0.1]}, "got last_epoch=-1; expected an integer"),
        ({"last_epoch": 1, "base_lrs": [0.1]}, "got 1 value of base_lrs; expected 2, one for each"),
        ({"last_epoch": 1, "base_lrs": ["a", 0.1]}, r"got base_lrs\[0\]='a'; expected a number"),
        (HALVES, r"got keys \['step_size', .*; expected some of the keys \['last_epoch', "),
        (optim.SGD([nn.Parameter([1.0])]).state_dict(), r"got keys \['state', 'param_groups'\]"),
    ],
)  # fmt: skip
def test_a_state_of_something_else_is_refused(state, message):
    _, scheduler = made("lr.ExponentialLR(o, 0.9)")
    scheduler.step()
    before = scheduler.state_dict()
    with pytest.raises(ValueError, match=f"^load_state_dict of ExponentialLR: {message}"):
        scheduler.load_state_dict(state)
    assert scheduler.state_dict() == before and scheduler.gamma == 0.9


@pytest.mark.parametrize(
    "state",
    [3, {}, {"schedulers": [{}, {}]}, {"last_epoch": 1, "base_lrs": 3, "schedulers": [{}, {}]}],
)
@pytest.mark.parametrize("expression", [e for e in STATES if "Sequential" in e or "Chained" in e])
def test_a_bad_state_of_several_schedulers_changes_none(expression, state):
    _, scheduler = made(expression)
    scheduler.step()
    before = scheduler.state_dict()
    with pytest.raises(ValueError, match=r"^load_state_dict of .*; expected"):
        scheduler.load_state_dict(state)
    broken = copy.deepcopy(before)
    broken["schedulers"][1]["last_epoch"] = "a"
    broken["schedulers"][0]["last_epoch"] = 7
    with pytest.raises(ValueError, match="got last_epoch='a'"):
        scheduler.load_state_dict(broken)
    assert scheduler.state_dict() == before
