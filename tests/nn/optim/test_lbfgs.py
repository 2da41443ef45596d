"""L-BFGS: what the trajectories of PyTorch leave out."""

import pytest

import nn
from nn import optim

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.LBFGS([{"params": P}, {"params": [nn.Parameter([1.0])]}]), ValueError, "got 2 groups; expected one; pass all parameters as one group"),
        (lambda: optim.LBFGS(P).step(), ValueError, "got no closure; expected one"),
        (lambda: optim.LBFGS(P, line_search_fn="armijo"), ValueError, "line_search_fn='armijo'"),
        (lambda: optim.LBFGS(P, max_iter=0), ValueError, "max_iter=0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
