"""Means and deviations: masks, corrections, kinks, and entries of any size."""

import numpy as np
import pytest

import autograd as ag

X = np.array([[1.0, 2.0, 6.0], [3.0, -1.0, 0.5]])
MASK = np.array([[True, False, True], [True, True, True]])


@pytest.mark.parametrize("f", [np.mean, np.var, np.std])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
def test_a_mask_leaves_entries_out(f, axis):
    found = f(ag.Tensor(X), axis=axis, where=MASK)
    np.testing.assert_allclose(found.data, f(X, axis=axis, where=MASK))


def test_only_entries_that_count_get_a_gradient():
    x = ag.Tensor(X, requires_grad=True)
    [g] = ag.gradients(ag.mean(x, where=MASK), [x])
    np.testing.assert_allclose(g, MASK / 5)


@pytest.mark.parametrize("options", [{"ddof": 1}, {"correction": 1}, {"mean": 2.0}])
def test_options_are_numpys(options):
    np.testing.assert_allclose(ag.var(ag.Tensor(X), **options).data, np.var(X, **options))


def test_the_deviation_of_equal_entries_has_slope_0():
    x = ag.Tensor([2.0, 2.0, 2.0], requires_grad=True)
    out = ag.std(x)
    assert out.item() == 0.0 and ag.gradients(out, [x])[0].tolist() == [0.0] * 3


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_deviations_neither_overflow_nor_vanish(scale):
    x = ag.Tensor(np.array([1.0, 2.0, 3.0], np.float32) * np.float32(scale), requires_grad=True)
    out = ag.std(x)
    assert out.item() == pytest.approx(scale * np.sqrt(2 / 3), rel=1e-6)
    [g] = ag.gradients(out, [x])
    np.testing.assert_allclose(g, [-np.sqrt(1 / 6), 0.0, np.sqrt(1 / 6)], 1e-5, 1e-6)


def test_means_of_float16_do_not_overflow():
    assert ag.mean(ag.Tensor(np.full(4, 3e4, np.float16))).item() == np.float16(3e4)


@pytest.mark.parametrize("f", [ag.var, ag.std])
def test_two_numbers_to_subtract_are_one_too_many(f):
    x = np.arange(4.0)
    with pytest.raises(ValueError, match="got ddof=2 and correction=0; expected one of the two"):
        f(x, ddof=2, correction=0)
    assert f(x, correction=2) == f(x, ddof=2)
    with pytest.raises(ag.DTypeError, match=f"{f.__name__}: got a Value; expected an array"):
        f(x, mean=ag.Value(1.0))
