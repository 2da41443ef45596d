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
