"""Arguments of schedulers: what is refused, in which sentence."""

import math

import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr


def made(expression):
    o = optim.SGD([nn.Parameter([1.0])], lr=0.1, momentum=0.9)
    return eval(expression, {"lr": lr, "o": o, "nan": math.nan, "inf": math.inf, "optim": optim})


@pytest.mark.parametrize("optimizer", [3, None, "sgd", nn.Linear(1, 1), optim.SGD])
@pytest.mark.parametrize("make", [
    lambda o: lr.StepLR(o, 3), lambda o: lr.MultiStepLR(o, [3]), lambda o: lr.ExponentialLR(o, 0.9), lr.ConstantLR, lr.LinearLR,
    lr.PolynomialLR, lambda o: lr.CosineAnnealingLR(o, 3), lambda o: lr.CosineAnnealingWarmRestarts(o, 3),
    lambda o: lr.OneCycleLR(o, 1.0, 3), lambda o: lr.LambdaLR(o, lambda t: 1.0), lr.ReduceLROnPlateau, lambda o: lr.LinearWarmup(o, 3),
    lambda o: lr.SequentialLR(o, [], []), lambda o: lr.CyclicLR(o, 0.1, 1.0), lambda o: lr.MultiplicativeLR(o, lambda t: 1.0),
])  # fmt: skip
def test_the_optimizer_is_one(make, optimizer):
    with pytest.raises((TypeError, ValueError), match=r"^\w+: got .*; expected"):
        make(optimizer)


NUMBERS = ["-1", "nan", "inf", "'a'", "None", "[1]"]
COUNTS = ["-1", "1.5", "nan", "'a'", "[1]"]
OPTIONS = {
    "lr.StepLR(o, {})": ("step_size", [*COUNTS, "0", "None"]),
    "lr.StepLR(o, 3, {})": ("gamma", NUMBERS),
    "lr.MultiStepLR(o, [3, {}])": ("milestones", COUNTS),
    "lr.MultiStepLR(o, {})": ("milestones", ["3", "None", "'ab'"]),
    "lr.MultiStepLR(o, [3], {})": ("gamma", NUMBERS),
    "lr.ExponentialLR(o, {})": ("gamma", NUMBERS),
    "lr.ConstantLR(o, {})": ("factor", [*NUMBERS, "1.05"]),
    "lr.ConstantLR(o, 0.5, {})": ("total_iters", COUNTS),
    "lr.LinearLR(o, {})": ("start_factor", [*NUMBERS, "0.0", "1.05"]),
    "lr.LinearLR(o, 0.5, {})": ("end_factor", [*NUMBERS, "1.05"]),
    "lr.LinearLR(o, total_iters={})": ("total_iters", COUNTS),
    "lr.PolynomialLR(o, {})": ("total_iters", [*COUNTS, "0"]),
    "lr.PolynomialLR(o, 3, {})": ("power", NUMBERS),
    "lr.CosineAnnealingLR(o, {})": ("T_max", [*COUNTS, "0", "None"]),
    "lr.CosineAnnealingLR(o, 3, {})": ("eta_min", NUMBERS),
    "lr.CosineAnnealingWarmRestarts(o, {})": ("T_0", [*COUNTS, "0"]),
    "lr.CosineAnnealingWarmRestarts(o, 3, {})": ("T_mult", [*COUNTS, "0"]),
    "lr.CosineAnnealingWarmRestarts(o, 3, 1, {})": ("eta_min", NUMBERS),
    "lr.OneCycleLR(o, {}, 10)": ("max_lr", ["-1", "nan", "inf", "'a'", "None", "[-1]", "[1, 1]"]),
    "lr.OneCycleLR(o, 1.0, {})": ("total_steps", [*COUNTS, "0"]),
    "lr.OneCycleLR(o, 1.0, epochs={}, steps_per_epoch=3)": ("epochs", [*COUNTS, "0"]),
    "lr.OneCycleLR(o, 1.0, epochs=3, steps_per_epoch={})": ("steps_per_epoch", [*COUNTS, "0"]),
    "lr.OneCycleLR(o, 1.0, 10, pct_start={})": ("pct_start", [*NUMBERS, "1.05"]),
    "lr.OneCycleLR(o, 1.0, 10, anneal_strategy={})": ("anneal_strategy", ["'exp'", "3", "None"]),
    "lr.OneCycleLR(o, 1.0, 10, cycle_momentum={})": ("cycle_momentum", ["'yes'", "1", "None"]),
    "lr.OneCycleLR(o, 1.0, 10, base_momentum={})": ("base_momentum", [*NUMBERS, "1.05"]),
    "lr.OneCycleLR(o, 1.0, 10, max_momentum={})": ("max_momentum", [*NUMBERS, "1.05"]),
    "lr.OneCycleLR(o, 1.0, 10, div_factor={})": ("div_factor", [*NUMBERS, "0"]),
    "lr.OneCycleLR(o, 1.0, 10, final_div_factor={})": ("final_div_factor", [*NUMBERS, "0"]),
    "lr.OneCycleLR(o, 1.0, 10, three_phase={})": ("three_phase", ["'yes'", "1"]),
    "lr.CyclicLR(o, {}, 1.0)": ("base_lr", ["-1", "nan", "inf", "'a'", "None", "[-1]", "[1, 1]"]),
    "lr.CyclicLR(o, 0.1, {})": ("max_lr", ["-1", "nan", "inf", "'a'", "None", "[-1]", "[1, 1]"]),
    "lr.CyclicLR(o, 0.1, 1.0, {})": ("step_size_up", [*COUNTS, "0", "None"]),
    "lr.CyclicLR(o, 0.1, 1.0, 3, {})": ("step_size_down", [*COUNTS, "0"]),
    "lr.CyclicLR(o, 0.1, 1.0, mode={})": ("mode", ["'exp'", "3", "None"]),
    "lr.CyclicLR(o, 0.1, 1.0, gamma={})": ("gamma", NUMBERS),
    "lr.CyclicLR(o, 0.1, 1.0, scale_fn={})": ("scale_fn", ["3", "'a'", "[abs]"]),
    "lr.CyclicLR(o, 0.1, 1.0, scale_mode={})": ("scale_mode", ["'steps'", "3", "None"]),
    "lr.CyclicLR(o, 0.1, 1.0, cycle_momentum={})": ("cycle_momentum", ["'yes'", "1", "0", "None"]),
    "lr.CyclicLR(o, 0.1, 1.0, base_momentum={})": ("momentum", ["-1", "nan", "inf", "'a'", "None", "1.05", "[1.05]", "[0, 0]"]),
    "lr.CyclicLR(o, 0.1, 1.0, max_momentum={})": ("momentum", ["-1", "nan", "inf", "'a'", "None", "1.05", "[1.05]", "[0, 0]"]),
    "lr.LambdaLR(o, {})": ("lr_lambda", ["3", "None", "[3]", "'ab'"]),
    "lr.MultiplicativeLR(o, {})": ("lr_lambda", ["3", "None", "[3]", "'ab'"]),
    "lr.MultiplicativeLR(o, lambda t: {}).step()": ("lr_lambda", ["None", "nan", "'a'", "[1]"]),
    "lr.LambdaLR(o, lambda t: {})": ("lr_lambda", ["None", "nan", "'a'", "[1]"]),
    "lr.SequentialLR(o, [lr.StepLR(o, 3), lr.StepLR(o, 3)], [{}])": ("milestones", [*COUNTS, "0"]),
    "lr.SequentialLR(o, [lr.StepLR(o, 3), lr.StepLR(o, 3)], {})": ("milestones", ["3", "[]", "[1, 2]"]),
    "lr.SequentialLR(o, {}, [])": ("schedulers", ["3", "None", "[3]", "[lr.StepLR]"]),
    "lr.ChainedScheduler({})": ("schedulers", ["3", "None", "[]", "[3]", "[lr.StepLR(o, 3)] * 2"]),
    "lr.ReduceLROnPlateau(o, {})": ("mode", ["'up'", "3", "None"]),
    "lr.ReduceLROnPlateau(o, 'min', {})": ("factor", [*NUMBERS, "1.0", "1.05"]),
    "lr.ReduceLROnPlateau(o, patience={})": ("patience", COUNTS),
    "lr.ReduceLROnPlateau(o, threshold={})": ("threshold", NUMBERS),
    "lr.ReduceLROnPlateau(o, threshold_mode={})": ("threshold_mode", ["'up'", "3"]),
    "lr.ReduceLROnPlateau(o, cooldown={})": ("cooldown", COUNTS),
    "lr.ReduceLROnPlateau(o, min_lr={})": ("min_lr", ["-1", "nan", "inf", "'a'", "None", "[1, 1]"]),
    "lr.ReduceLROnPlateau(o, eps={})": ("eps", NUMBERS),
    "lr.ReduceLROnPlateau(o).step({})": ("metric", ["None", "'a'", "[1]"]),
    "lr.LinearWarmup(o, {})": ("steps", [*COUNTS, "0"]),
}  # fmt: skip


@pytest.mark.parametrize("expression", OPTIONS)
def test_options_are_checked(expression):
    name, values = OPTIONS[expression]
    kind = expression.split(".")[1].split("(")[0]
    for value in values:
        with pytest.raises((TypeError, ValueError)) as caught:
            made(expression.format(value))
        text = str(caught.value)
        assert text.startswith(f"{kind}: got ") and "; expected " in text, (value, text)
        assert name in text or name.rstrip("s") in text or "twice" in text, (value, text)


def test_milestones_may_come_in_any_order():
    scheduler = made("lr.MultiStepLR(o, [4, 2, 2], 0.5)")
    assert [scheduler.lr_at(t, 1.0) for t in range(6)] == [1.0, 1.0, 0.25, 0.25, 0.125, 0.125]


@pytest.mark.parametrize("expression", [
    "lr.StepLR(o, 3, 0.1, {})", "lr.MultiStepLR(o, [3], 0.1, {})", "lr.ExponentialLR(o, 0.9, {})", "lr.ConstantLR(o, 0.5, 3, {})",
    "lr.LinearLR(o, 0.5, 1.0, 3, {})", "lr.PolynomialLR(o, 3, 1.0, {})", "lr.CosineAnnealingLR(o, 3, 0.0, {})",
    "lr.CosineAnnealingWarmRestarts(o, 3, 1, 0.0, {})", "lr.OneCycleLR(o, 1.0, 3, None, None, 0.3, 'cos', True, 0.85, 0.95, 25.0, 1e4, False, {})",
    "lr.LambdaLR(o, lambda t: 1.0, {})", "lr.SequentialLR(o, [lr.StepLR(o, 3)], [], {})",
    "lr.CyclicLR(o, 0.1, 1.0, last_epoch={})", "lr.MultiplicativeLR(o, lambda t: 1.0, {})",
])  # fmt: skip
def test_last_epoch_stands_where_pytorch_has_it_and_is_minus_1(expression):
    made(expression.format(-1))
    kind = expression.split(".")[1].split("(")[0]
    with pytest.raises(
        TypeError, match=rf"^{kind}: got last_epoch=5; expected -1; .*load_state_di"
    ):
        made(expression.format(5))


# The least and the largest value that each option may have, and the rates before the first two steps
# of an optimizer whose own is 0.1.
ENDS = {
    "lr.StepLR(o, 1, 0.0)": (0.1, 0.0), "lr.MultiStepLR(o, [0], 0.0)": (0.0, 0.0), "lr.MultiStepLR(o, [], 0.5)": (0.1, 0.1),
    "lr.ExponentialLR(o, 0.0)": (0.1, 0.0), "lr.ExponentialLR(o, 20.0)": (0.1, 2.0), "lr.ConstantLR(o, 0.0, 0)": (0.1, 0.1),
    "lr.ConstantLR(o, 0.0, 1)": (0.0, 0.1), "lr.ConstantLR(o, 1.0, 5)": (0.1, 0.1), "lr.LinearLR(o, 1e-3, 0.0, 1)": (1e-4, 0.0),
    "lr.LinearLR(o, 1.0, 1.0, 1)": (0.1, 0.1), "lr.LinearWarmup(o, 1)": (0.1, 0.1), "lr.LinearWarmup(o, 2)": (0.05, 0.1),
    "lr.PolynomialLR(o, 1, 0.0)": (0.1, 0.1), "lr.PolynomialLR(o, 1, 9.0)": (0.1, 0.0), "lr.CosineAnnealingLR(o, 1, 0.0)": (0.1, 0.0),
    "lr.CosineAnnealingLR(o, 1, 0.3)": (0.1, 0.3), "lr.CosineAnnealingWarmRestarts(o, 1, 1, 0.0)": (0.1, 0.1),
    "lr.CosineAnnealingWarmRestarts(o, 2, 1, 0.05)": (0.1, 0.075), "lr.CyclicLR(o, 0.0, 0.4, 1, 1)": (0.0, 0.4), "lr.CyclicLR(o, 0.2, 0.4, 2, 1)": (0.2, 0.3),
    "lr.OneCycleLR(o, 0.8, 2, pct_start=0.0, div_factor=8.0)": (None, 1e-5), "lr.OneCycleLR(o, 0.0, 2)": (0.0, 0.0),
    "lr.OneCycleLR(o, 0.8, 2, pct_start=1.0, div_factor=8.0)": (0.1, 0.8), "lr.OneCycleLR(o, 0.8, 2, pct_start=0.5, div_factor=0.5)": (0.8, 1.6e-4),
    "lr.OneCycleLR(o, 0.8, 2, final_div_factor=0.05, base_momentum=0.05, max_momentum=0.05)": (None, 0.64),
    "lr.OneCycleLR(o, 0.8, 2, pct_start=0.5, div_factor=0.05)": (0.8, 1.6e-3),
    "lr.OneCycleLR(o, 0.8, 4, pct_start=0.5, div_factor=8.0, anneal_strategy='linear')": (0.1, 0.8), "lr.OneCycleLR(o, 0.8, epochs=1, steps_per_epoch=2, final_div_factor=0.5)": (None, 0.064),
    "lr.OneCycleLR(o, 0.8, epochs=1, steps_per_epoch=4, pct_start=0.75, div_factor=8.0, anneal_strategy='linear')": (0.1, 0.45),
    "lr.OneCycleLR(o, 0.8, 5, pct_start=0.4, three_phase=True, div_factor=8.0, anneal_strategy='linear')": (0.1, 0.8),
    "lr.OneCycleLR(o, 0.8, 3, base_momentum=0.0, max_momentum=1.0, pct_start=0.5, div_factor=8.0, anneal_strategy='linear')": (0.1, (0.8 * 2.0 + 1e-5) / 3.0),
}  # fmt: skip


@pytest.mark.parametrize("expression", ENDS)
def test_the_ends_of_ranges_are_allowed(expression):
    scheduler = made(expression)
    rates = []
    for _ in range(2):
        rates += scheduler.get_last_lr()
        scheduler.step() if len(rates) < 2 else None
    for rate, expected in zip(rates, ENDS[expression], strict=True):
        assert expected is None or rate == pytest.approx(expected, rel=1e-12), rates


@pytest.mark.parametrize("steps", ["1", "epochs=1, steps_per_epoch=1"])
def test_a_cycle_of_one_step_has_the_last_rate(steps):
    scheduler = made(f"lr.OneCycleLR(o, 0.8, {steps}, div_factor=8.0, final_div_factor=4.0)")
    assert scheduler.get_last_lr() == pytest.approx([0.025])


def test_a_plateau_of_zeros_stops_at_once():
    """Patience, threshold, cooldown, the least rate and the factor may all be 0."""
    scheduler = made("lr.ReduceLROnPlateau(o, 'min', 0.0, 0, 0.0, 'abs', 0, 0.0, 0.0)")
    for loss, rate in ((2.0, 0.1), (1.0, 0.1), (1.0, 0.0), (0.5, 0.0)):
        scheduler.step(loss)
        assert scheduler.get_last_lr() == [rate]
