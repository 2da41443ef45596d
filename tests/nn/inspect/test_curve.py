"""What losses do: fall, rise, swing or stay."""

import numpy as np
import pytest

from nn.inspect.curve import finite, not_falling, outcome, worst_rise

RNG = np.random.default_rng(0)
NOISE = 0.05 * RNG.normal(size=60)
CURVES = {
    "falls": [2.0 * 0.95**i + n for i, n in enumerate(NOISE)],
    "stays": list(1.0 + NOISE),
    "rises": [1.0 + 0.05 * i for i in range(60)],
    "swings": [1.0, *([0.1, 0.9, 5.0, 0.2] * 15)],
    "unknown": [1.0, 0.5],
}


@pytest.mark.parametrize("name", CURVES)
def test_the_course_of_a_loss(name):
    assert outcome(CURVES[name]) == name


def test_one_huge_loss_makes_no_fall():
    assert outcome([1.4, 1e30, *([1.4] * 30)]) != "falls"
    assert outcome([1.4, 1.0, float("nan"), *([1.0] * 8)]) == "rises"


def test_a_slow_but_certain_fall_is_a_fall():
    assert outcome([1.38 - 0.0005 * i for i in range(40)]) == "falls"


def test_only_many_losses_make_a_finding():
    assert not_falling(CURVES["stays"][:30], "") == [] == not_falling(CURVES["falls"], "")
    [found] = not_falling(CURVES["stays"], "generator")
    assert (found.kind, found.layer) == ("loss does not fall", "generator")


def test_the_worst_of_the_first_half():
    assert worst_rise([1.0, 3.0, 0.5, 0.1, 9.0, 0.1]) == 3.0
    assert worst_rise([]) == worst_rise([-1.0, 2.0]) == worst_rise([1.0, 0.5]) == 1.0


def test_batches_that_differ_leave_it_unclear():
    losses = 0.69 + 0.08 * np.random.default_rng(0).normal(size=64)
    assert outcome(list(losses)) == "unclear" and not_falling(list(losses), "") == []


def test_who_knows_already_need_not_learn():
    stays = [0.02] * 50
    assert not_falling(stays, "", constant=1.1) == [] and len(not_falling(stays, "")) == 1
    assert len(not_falling([0.9] * 50, "", constant=1.1)) == 1


def test_what_is_maximized_is_told_with_its_own_sign():
    [found] = not_falling([1.0] * 50, "", None, -1.0)
    assert found.numbers["first"] == -1.0


def test_the_losses_before_the_first_that_is_none():
    assert finite([1.0, 2.0, float("nan"), 3.0]) == [1.0, 2.0]
    assert worst_rise([1.0, 2.0, 9.0], to_the_end=True) == 9.0
