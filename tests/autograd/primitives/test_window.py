"""Windows and folding are adjoint: <windows(x), y> = <x, fold(y)>."""

import numpy as np
import pytest

import autograd as ag
from autograd.primitives import PRIMITIVES
from autograd.primitives.window import fold, windows
from tests.cases import CASES

WINDOWS = [case for case in CASES if case.primitive is windows]


@pytest.mark.parametrize("case", WINDOWS, ids=lambda case: str(case.static))
def test_windows_and_fold_are_adjoint(case):
    [x] = case.arguments()
    t = ag.Tensor(x, requires_grad=True)
    out = windows(t, **case.static)
    y = np.random.default_rng(0).normal(size=out.shape)
    [g] = ag.gradients((out * y).sum(), [t])
    assert np.vdot(out.data, y) == pytest.approx(np.vdot(x, g))


def test_both_are_in_the_registry():
    assert WINDOWS and {windows, fold} <= set(PRIMITIVES.values())
