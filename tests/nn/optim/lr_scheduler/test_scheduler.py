"""The base of all schedulers."""

import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lr.StepLR(nn.Linear(1, 1), 3), TypeError, "StepLR: got a Linear; expected an optimizer"),
        (lambda: lr.StepLR(optim.SGD(P), 3).load_state_dict({}), ValueError, r"load_state_dict of StepLR: got keys \[\]; expected keys \['last_epoch', 'base_lrs'\]"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_subclass_without_lr_at_says_what_to_define():
    class Mine(lr.LRScheduler):
        pass

    hint = r"define lr_at\(self, epoch, base_lr\), which returns the rate"
    with pytest.raises(NotImplementedError, match=f"^Mine: got a class without lr_at; {hint}"):
        Mine(optim.SGD(P))


@pytest.mark.parametrize("make", [lambda o: lr.StepLR(o, 3), lambda o: lr.ReduceLROnPlateau(o)])
def test_a_step_takes_no_epoch(make):
    """PyTorch's argument of that name would skip steps."""
    o = optim.SGD(P, lr=0.5)
    scheduler = make(o)
    arguments = (1.0,) if scheduler.takes_metric else ()
    with pytest.raises(TypeError, match=f"^{type(scheduler).__name__}: got epoch=7; expected None"):
        scheduler.step(*arguments, epoch=7)
    assert scheduler.last_epoch == 0
    scheduler.step(*arguments, epoch=None)
    assert scheduler.last_epoch == 1 and scheduler.state_dict()["last_epoch"] == 1


def test_a_group_that_was_added_is_in_the_state():
    o = optim.SGD(P, lr=0.5)
    scheduler = lr.ExponentialLR(o, 0.5)
    scheduler.step()
    o.add_param_group({"params": nn.Parameter([2.0]), "lr": 4.0})
    assert scheduler.state_dict() == {"last_epoch": 1, "base_lrs": [0.5, 4.0]}
    scheduler.step()
    assert scheduler.get_last_lr() == [0.125, 2.0]
    assert repr(scheduler) == "ExponentialLR(last_epoch=2, lr=[0.125, 2.0])"


def test_a_factor_of_0_is_left_by_the_difference():
    """What comes after it cannot be a multiple of it, even if the rate was set by hand."""
    o = optim.SGD(P, lr=1.0)
    scheduler = lr.ConstantLR(o, 0.0, 1)
    o.lr = 0.25
    scheduler.step()
    assert o.lr == 1.25


def test_a_rate_set_by_hand_is_multiplied_above_the_floor():
    o = optim.SGD(P, lr=1.0)
    scheduler = lr.CosineAnnealingLR(o, 4, eta_min=0.5)
    scheduler.step()
    formula = [scheduler.lr_at(t, 1.0) for t in range(3)]
    o.lr = 0.6
    scheduler.step()
    assert o.lr == pytest.approx(0.5 + 0.1 * (formula[2] - 0.5) / (formula[1] - 0.5))


def test_one_that_sets_the_rate_is_seen_behind_others_that_compose():
    o = optim.SGD(P, lr=1.0)
    first, second = lr.StepLR(o, 2, 0.5), lr.ExponentialLR(o, 0.9)
    third = lr.LambdaLR(o, lambda t: 1.0)
    for scheduler, name in ((first, "StepLR"), (second, "ExponentialLR"), (third, "LambdaLR")):
        with pytest.raises(ValueError, match=f"^{name}: got a step beside a"):
            scheduler.step()
    sequence = lr.SequentialLR(o, [first, second], [2])
    with pytest.raises(ValueError, match=r"^SequentialLR: got a step beside a LambdaLR"):
        sequence.step()


def test_a_member_may_be_stepped_alone():
    """Its sequence is no other scheduler."""
    o = optim.SGD(P, lr=1.0)
    member = lr.LambdaLR(o, lambda t: 0.5**t)
    sequence = lr.SequentialLR(o, [member], [])
    member.step()
    assert o.lr == 0.5 and sequence.last_epoch == 0
    outer = lr.ChainedScheduler([sequence])
    member.step()
    assert o.lr == 0.25 and outer.last_epoch == 0


def test_one_that_sets_the_rate_is_made_but_not_stepped_beside_another():
    """It may become a member of a sequence; a plateau cannot, so it refuses at once."""
    for make in (lambda o: lr.LambdaLR(o, lambda t: 1.0), lambda o: lr.CyclicLR(o, 0.1, 0.5)):
        o = optim.SGD(P, lr=1.0, momentum=0.9)
        other = lr.StepLR(o, 3)
        made = make(o)
        for scheduler in (other, made):
            with pytest.raises(ValueError, match=r"got a step beside a.* of the same optimizer"):
                scheduler.step()
        for order in (1, -1):
            o = optim.SGD(P, lr=1.0, momentum=0.9)
            first, second = (make, lr.ReduceLROnPlateau)[::order]
            kept = first(o)
            with pytest.raises(ValueError, match=r"got an? \w+ of the same optimizer"):
                second(o)
            assert kept.last_epoch == 0


def test_a_group_that_was_added_reaches_every_member():
    for make in (lambda s, o: lr.SequentialLR(o, s, [1]), lambda s, o: lr.ChainedScheduler(s)):
        o = optim.SGD(P, lr=1.0)
        members = [lr.ExponentialLR(o, 0.5), lr.ExponentialLR(o, 0.5)]
        scheduler = make(members, o)
        o.add_param_group({"params": nn.Parameter([2.0]), "lr": 4.0})
        scheduler.step()
        scheduler.step()
        assert [member.base_lrs for member in members] == [[1.0, 4.0]] * 2
        assert o.param_groups[1]["lr"] == pytest.approx(4.0 * o.lr)


def test_one_that_sets_the_rate_takes_over_from_one_that_rests_but_not_beside_it():
    o = optim.SGD(P, lr=1.0)
    first = lr.StepLR(o, 1, 0.5)
    first.step()
    second = lr.LambdaLR(o, lambda t: 0.5**t)
    second.step()
    assert o.lr == 0.5
    with pytest.raises(
        ValueError, match=r"StepLR: got a step beside a LambdaLR .*LambdaLR sets it"
    ):
        first.step()


def test_one_that_sets_the_rate_takes_over_from_a_plateau_that_rests():
    o = optim.SGD(P, lr=1.0)
    plateau = lr.ReduceLROnPlateau(o, patience=0, factor=0.5)
    plateau.step(1.0)
    second = lr.LambdaLR(o, lambda t: 0.25**t)
    second.step()
    assert o.lr == 0.25
    with pytest.raises(ValueError, match="ReduceLROnPlateau: got a step beside a LambdaLR"):
        plateau.step(1.0)


def test_a_rate_set_by_hand_at_the_floor_changes_as_the_formula_does():
    o = optim.SGD(P, lr=1.0)
    scheduler = lr.CosineAnnealingLR(o, 2, eta_min=0.5)
    scheduler.step()
    scheduler.step()
    assert o.lr == 0.5
    o.lr = 0.6
    scheduler.step()
    assert o.lr == pytest.approx(0.6 + 0.25)
