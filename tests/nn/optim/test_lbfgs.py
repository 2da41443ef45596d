"""L-BFGS: what the trajectories of PyTorch leave out."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.LBFGS([{"params": P}, {"params": [nn.Parameter([1.0])]}]), ValueError, "got 2 groups; expected one; pass all parameters as one group"),
        (lambda: optim.LBFGS(P).step(), ValueError, "got no closure; expected one"),
        (lambda: optim.LBFGS(P).step(3.0), TypeError, "got a float as closure; expected a function"),
        (lambda: optim.LBFGS(P).step(lambda: None), TypeError, "got None as the loss; expected one number"),
        (lambda: optim.LBFGS(P).step(lambda: np.ones(2)), ag.ShapeError, r"got the loss of shape \(2,\); expected one number"),
        (lambda: optim.SGD(P).step(3.0), TypeError, r"SGD: got a float as closure; .*loss\.backward\(\) before step\(\)"),
        (lambda: optim.LBFGS(P, max_eval=-1), ValueError, "max_eval=-1"),
        (lambda: optim.LBFGS(P, history_size=0), ValueError, "history_size=0"),
        (lambda: optim.LBFGS(P, line_search_fn="armijo"), ValueError, "line_search_fn='armijo'"),
        (lambda: optim.LBFGS(P, max_iter=0), ValueError, "max_iter=0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ["tolerance_grad", "tolerance_change"])
def test_tolerances_are_not_negative(name):
    with pytest.raises(ValueError, match=f"LBFGS: got {name}=-1; expected a number, at least 0"):
        optim.LBFGS([nn.Parameter([1.0])], **{name: -1})
