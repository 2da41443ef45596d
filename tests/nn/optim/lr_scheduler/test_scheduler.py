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
