"""Linear interpolation: values, slopes, and what lies outside."""

import numpy as np
import pytest

import autograd as ag

XP, FP = np.array([0.0, 1.0, 3.0]), np.array([0.0, 10.0, 30.0])


@pytest.mark.parametrize(
    "options", [{}, {"left": -1.0}, {"right": 7.0}, {"period": 2.5}, {"period": -2.5}]
)
def test_values_are_numpys(options):
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
    found = ag.interp(ag.Tensor(x), XP, FP, **options)
    np.testing.assert_allclose(found.data, np.interp(x, XP, FP, **options))


def test_slopes():
    x, fp = ag.Tensor([0.25, 2.0, 5.0], requires_grad=True), ag.Tensor(FP, requires_grad=True)
    gx, gf = ag.gradients(ag.interp(x, XP, fp).sum(), [x, fp])
    np.testing.assert_allclose(gx, [10.0, 10.0, 0.0])
    np.testing.assert_allclose(gf, [0.75, 0.25 + 0.5, 0.5 + 1.0])
    ag.check_gradients(lambda t: ag.interp(x.data, t, FP), XP)


def test_messages():
    with pytest.raises(
        ag.ShapeError, match="interp: got period=0; expected a finite number other than 0"
    ):
        ag.interp(0.5, XP, FP, period=0)
    with pytest.raises(ag.ShapeError, match="expected vectors of one length"):
        ag.interp(0.5, XP, FP[:2])
