"""Several schedulers of one optimizer: the rates of PyTorch, or a refusal."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.optim import lr_scheduler as lr

FOLDER = Path(__file__).parent
spec = importlib.util.spec_from_file_location("pair_cases", FOLDER / "make_pairs.py")
pairs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pairs)

# What PyTorch gives from an initial rate of 1, stepping each scheduler in turn.
RATES = {
    "step and exponential": (
        lambda o: [lr.StepLR(o, 2, 0.5), lr.ExponentialLR(o, 0.9)],
        [1.0, 0.9, 0.405, 0.3645, 0.164025, 0.1476225, 0.06643013, 0.05978711],
    ),
    "constant and exponential": (
        lambda o: [lr.ConstantLR(o, 0.1, 2), lr.ExponentialLR(o, 0.9)],
        [0.1, 0.09, 0.81, 0.729, 0.6561, 0.59049, 0.531441, 0.4782969],
    ),
    "linear and milestones": (
        lambda o: [lr.LinearLR(o, 0.25, total_iters=4), lr.MultiStepLR(o, [2, 5], 0.3)],
        [0.25, 0.4375, 0.1875, 0.24375, 0.3, 0.09, 0.09, 0.09],
    ),
    "polynomial and step": (
        lambda o: [lr.PolynomialLR(o, 6, 2.0), lr.StepLR(o, 3)],
        [1.0, 0.69444444, 0.44444444, 0.025, 0.01111111, 0.00277778, 0.0, 0.0],
    ),
    "cosine, exponential and linear": (
        lambda o: [lr.CosineAnnealingLR(o, 8), lr.ExponentialLR(o, 0.9), lr.LinearLR(o)],
        [0.333333, 0.404015, 0.414827, 0.369591, 0.28431, 0.18226, 0.077828, 0.018204],
    ),
}


def optimizer():
    return nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("chained", [False, True])
def test_schedulers_of_one_optimizer_multiply(name, chained):
    make, expected = RATES[name]
    o = optimizer()
    schedulers = make(o)
    steppers = [lr.ChainedScheduler(schedulers)] if chained else schedulers
    rates = []
    for _ in expected:
        rates.append(o.lr)
        for scheduler in steppers:
            scheduler.step()
    np.testing.assert_allclose(rates, expected, atol=1e-6)


def test_a_plateau_keeps_its_reductions_beside_another_scheduler():
    o = optimizer()
    plateau, steps = lr.ReduceLROnPlateau(o, patience=0, factor=0.5), lr.StepLR(o, 2, 0.1)
    rates = []
    for i in range(6):
        plateau.step(i % 3)
        steps.step()
        rates.append(o.lr)
    np.testing.assert_allclose(rates, [1.0, 0.05, 0.025, 1.25e-3, 6.25e-4, 3.125e-5])


@pytest.mark.parametrize(
    "make",
    [
        lambda o: lr.LambdaLR(o, lambda t: 0.5**t),
        lambda o: lr.CosineAnnealingWarmRestarts(o, 5),
        lambda o: lr.OneCycleLR(o, 1.0, 10, cycle_momentum=False),
    ],
)
def test_one_that_sets_the_rate_refuses_to_step_beside_another(make):
    o = optimizer()
    steps, other = lr.StepLR(o, 2, 0.5), make(o)
    for scheduler in (steps, other):
        with pytest.raises(ValueError, match=r"a step beside a.* run one after the other with Seq"):
            scheduler.step()
    with pytest.raises(ValueError, match=r"ChainedScheduler: got .*, which sets the learning rate"):
        lr.ChainedScheduler([steps, other])
    sequence = lr.SequentialLR(o, [other, steps], [3])
    for _ in range(5):
        sequence.step()
    assert o.lr == 0.5
    o = optimizer()
    alone = make(o)
    alone.step()
    assert o.lr == alone.lr_at(1, alone.base_lrs[0])


def test_a_scheduler_goes_on_from_the_rate_that_another_left():
    o = optimizer()
    lr.StepLR(o, 1, 0.1).step()
    assert o.lr == 0.1
    lr.ExponentialLR(o, 0.5).step()
    assert o.lr == pytest.approx(0.05)


def test_a_chain_saves_and_loads_and_says_what_it_cannot_take():
    o = optimizer()
    chain = lr.ChainedScheduler([lr.StepLR(o, 2, 0.5), lr.ExponentialLR(o, 0.9)])
    for _ in range(3):
        chain.step()
    again = lr.ChainedScheduler([lr.StepLR(o, 2, 0.5), lr.ExponentialLR(o, 0.9)], o)
    again.load_state_dict(chain.state_dict())
    del chain
    again.step()
    assert o.lr == pytest.approx(0.25 * 0.9**4)
    with pytest.raises(ValueError, match="got 0 schedulers; expected 2"):
        again.load_state_dict({})
    with pytest.raises(ValueError, match="ChainedScheduler: got no schedulers"):
        lr.ChainedScheduler([])
    with pytest.raises(ValueError, match="belongs to another optimizer"):
        lr.ChainedScheduler(again.schedulers, optimizer())


@pytest.fixture(scope="module")
def reference():
    with np.load(FOLDER / "pairs.npz") as file:
        return {key: file[key] for key in file.files}


def two_groups():
    return nn.optim.SGD([{"params": nn.Parameter([1.0]), "lr": x} for x in (0.5, 0.1)])


@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("pair", pairs.PAIRS, ids="/".join)
def test_every_two_schedulers_give_pytorchs_rates(pair, chained, reference):
    rates = pairs.rates(lr, two_groups(), pair, chained)
    np.testing.assert_allclose(rates, reference["/".join(pair)], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("pair", pairs.PAIRS, ids="/".join)
def test_a_pair_goes_on_from_its_states(pair, reference):
    def made():
        o = two_groups()
        return o, [eval(pairs.KINDS[name], {"lr": lr, "o": o}) for name in pair]

    o, schedulers = made()
    for _ in range(12):
        for scheduler in schedulers:
            scheduler.step()
    states = [o.state_dict(), *(scheduler.state_dict() for scheduler in schedulers)]
    o, schedulers = made()
    for part, state in zip((o, *schedulers), states, strict=True):
        part.load_state_dict(state)
    for expected in reference["/".join(pair)][12:]:
        np.testing.assert_allclose(
            [g["lr"] for g in o.param_groups], expected, rtol=1e-9, atol=1e-12
        )
        for scheduler in schedulers:
            scheduler.step()


def test_a_sequence_composes_while_its_present_scheduler_does():
    o = optimizer()
    sequence = lr.SequentialLR(o, [lr.ConstantLR(o, 0.5, 9), lr.StepLR(o, 1, 0.1)], [2])
    decay = lr.ExponentialLR(o, 0.9)
    rates = []
    for _ in range(4):
        rates.append(o.lr)
        sequence.step()
        decay.step()
    np.testing.assert_allclose(rates, [0.5, 0.45, 0.81, 0.0729])


@pytest.mark.parametrize("name", ["ConstantLR(o, 0.5, 3)", "ExponentialLR(o, 0.9)", "StepLR(o, 2)"])
def test_a_plateau_multiplies_with_every_factor(name):
    o = optimizer()
    other = eval(f"lr.{name}", {"lr": lr, "o": o})
    plateau = lr.ReduceLROnPlateau(o, patience=1, factor=0.5)
    for step in range(9):
        expected = other.lr_at(step, 1.0) * 0.5 ** max(0, (step - 1) // 2)
        assert o.lr == pytest.approx(expected)
        plateau.step(1.0)
        other.step()


def stepped(o, steppers, steps):
    """The rates of the first group after each of some steps."""
    rates = []
    for _ in range(steps):
        for scheduler in steppers:
            scheduler.step()
        rates.append(o.lr)
    return rates


@pytest.mark.parametrize(
    ("make", "steps", "expected"),
    [
        (lambda o: [lr.StepLR(o, 2, 0.5)], 3, [0.025, 0.025, 0.0125]),
        (
            lambda o: [lr.ChainedScheduler([lr.ConstantLR(o, 0.1, 5), lr.ExponentialLR(o, 0.9)])],
            3,
            [6.561e-3, 5.9049e-2, 5.31441e-2],
        ),
        (lambda o: [lr.StepLR(o, 2, 0.5), lr.LinearLR(o, 0.25)], 3, [0.02125, 0.025, 0.0125]),
        (lambda o: [lr.LambdaLR(o, lambda t: 0.5**t)], 3, [0.00625, 0.003125, 0.0015625]),
        (lambda o: [lr.CosineAnnealingLR(o, 4, 0.02)], 5, [0.06, 0.08828427, 0.1]),
    ],
)
def test_a_schedule_that_is_loaded_while_the_old_one_lives_goes_on(make, steps, expected):
    o = nn.optim.SGD([nn.Parameter([1.0])], lr=0.1)
    old = make(o)
    stepped(o, old, steps)
    saved = o.state_dict(), [scheduler.state_dict() for scheduler in old]
    new = make(o)
    for order in (1, -1):
        parts = [(o, saved[0]), *zip(new, saved[1], strict=True)][::order]
        for part, state in parts:
            part.load_state_dict(state)
        assert stepped(o, new, 3) == pytest.approx(expected)


# What PyTorch gives from a rate of 0.1 that is set to 0.02 after the third step, or with a group
# of rate 0.2 added there: after each of the next five steps.
HANDS = {
    "lr.StepLR(o, 2, 0.5)": ([0.01, 0.01, 0.005, 0.005, 0.0025], [0.1, 0.1, 0.05, 0.05, 0.025]),
    "lr.MultiStepLR(o, [4, 5], 0.5)": ([0.01, 0.005, 0.005, 0.005, 0.005], [0.1, 0.05, 0.05, 0.05, 0.05]),
    "lr.ExponentialLR(o, 0.9)": ([0.018, 0.0162, 0.01458, 0.013122, 0.0118098], [0.18, 0.162, 0.1458, 0.13122, 0.118098]),
    "lr.ConstantLR(o, 0.25, 5)": ([0.02, 0.08, 0.08, 0.08, 0.08], [0.2, 0.8, 0.8, 0.8, 0.8]),
    "lr.LinearLR(o, 0.25, 0.8, 7)": (
        [0.0232353, 0.0264706, 0.0297059, 0.0329412, 0.0329412], [0.232353, 0.264706, 0.297059, 0.329412, 0.329412]),
    "lr.PolynomialLR(o, 9, 2.0)": (
        [0.0138889, 0.00888889, 0.005, 0.00222222, 0.000555556], [0.138889, 0.0888889, 0.05, 0.0222222, 0.00555556]),
    "lr.CosineAnnealingLR(o, 9)": (
        [0.0156486, 0.011018, 0.00666667, 0.00311941, 0.000804098], [0.156486, 0.11018, 0.0666667, 0.0311941, 0.00804098]),
    "lr.CosineAnnealingLR(o, 3, 0.01)": ([0.0425, 0.1075, 0.14, 0.1075, 0.0425], None),
    "lr.SequentialLR(o, [lr.ConstantLR(o, 0.5, 9), lr.ExponentialLR(o, 0.9)], [2])": (
        [0.018, 0.0162, 0.01458, 0.013122, 0.0118098], [0.18, 0.162, 0.1458, 0.13122, 0.118098]),
    "lr.ChainedScheduler([lr.ConstantLR(o, 0.25, 5), lr.ExponentialLR(o, 0.9)])": (
        [0.018, 0.0648, 0.05832, 0.052488, 0.0472392], [0.18, 0.648, 0.5832, 0.52488, 0.472392]),
    "lr.LambdaLR(o, lambda t: 0.5**t)": ([0.00625, 0.003125, 0.0015625, 0.00078125, 0.000390625], None),
}  # fmt: skip


@pytest.mark.parametrize("expression", HANDS)
def test_a_rate_set_by_hand_and_a_group_added_later_go_on_as_in_pytorch(expression):
    by_hand, added = HANDS[expression]
    for case in (by_hand, added):
        o = nn.optim.SGD([nn.Parameter([1.0])], lr=0.1)
        scheduler = eval(expression, {"lr": lr, "o": o})
        stepped(o, [scheduler], 3)
        if case is by_hand:
            o.param_groups[0]["lr"] = 0.02
        else:
            o.add_param_group({"params": nn.Parameter([1.0]), "lr": 0.2})
        rates = []
        for _ in range(5):
            scheduler.step()
            rates.append(o.param_groups[-1]["lr"])
        if case is not None:
            np.testing.assert_allclose(rates, case, rtol=1e-5)
        again = eval(expression, {"lr": lr, "o": o})
        again.load_state_dict(scheduler.state_dict())


def test_a_hand_between_two_schedulers_is_followed():
    o = nn.optim.SGD([nn.Parameter([1.0])], lr=0.1)
    both = [lr.StepLR(o, 2, 0.5), lr.ExponentialLR(o, 0.9)]
    stepped(o, both, 2)
    o.param_groups[0]["lr"] = 0.02
    assert stepped(o, both, 2) == pytest.approx([0.018, 0.0081])


@pytest.mark.parametrize(
    "make",
    [
        lambda o: lr.LambdaLR(o, [lambda t: 1.0]),
        lambda o: lr.OneCycleLR(o, 1.0, 9, cycle_momentum=False),
        lambda o: lr.ReduceLROnPlateau(o, min_lr=[0.0]),
    ],
)
def test_a_group_that_is_added_to_one_without_a_rule_for_it_is_refused(make):
    o = optimizer()
    scheduler = make(o)
    o.add_param_group({"params": nn.Parameter([1.0])})
    with pytest.raises(ValueError, match=r"got a group that was added later; expected .*; "):
        scheduler.step(*[1.0] * scheduler.takes_metric)


def test_a_plateau_reduces_a_group_that_was_added_later():
    o = optimizer()
    plateau = lr.ReduceLROnPlateau(o, patience=0, factor=0.5)
    o.add_param_group({"params": nn.Parameter([1.0]), "lr": 0.2})
    for _ in range(3):
        plateau.step(1.0)
    assert plateau.get_last_lr() == [0.25, 0.05]


def test_a_plateau_refuses_at_once_beside_one_that_sets_the_rate():
    made = [lambda o: lr.LambdaLR(o, lambda t: 1.0), lr.ReduceLROnPlateau]
    for order in (1, -1):
        o = optimizer()
        first, second = made[::order]
        kept = first(o)
        with pytest.raises(ValueError, match=r"got an? \w+ of the same optimizer; .*SequentialLR"):
            second(o)
        assert kept.optimizer is o
