"""Norms and deviations whose squares leave the range of the dtype, but not they themselves."""

import numpy as np
import pytest

import autograd as ag

FUNCTIONS = {
    "norm": ag.norm,
    "norm of a matrix": lambda x: ag.norm(x[None], "fro"),
    "norm along an axis": lambda x: ag.norm(x[None], axis=1)[0],
    "norm 2": lambda x: ag.norm(x, 2),
    "norm 3": lambda x: ag.norm(x, 3),
    "norm 1.5, kept": lambda x: ag.norm(x, 1.5, axis=0, keepdims=True)[0],
    "std": ag.std,
    "std, kept": lambda x: ag.std(x, keepdims=True, ddof=1)[0],
    "std of a mean": lambda x: ag.std(x, mean=ag.mean(x, keepdims=True)),
    "std of some": lambda x: ag.std(x, where=np.array([True, True, False])),
    "hypot": lambda x: ag.hypot(x[0], x[1]),
    "logsumexp": ag.logsumexp,
    "logaddexp": lambda x: ag.logaddexp(x[0], x[1]),
}
X = np.array([3.0, -4.0, 1.0])
CASES = [(np.float32, s) for s in (1e30, 1e-30, 5e37, 1e-37)] + [(np.float64, s) for s in (1e300, 1e-300)]  # fmt: skip
EXPONENTIAL = ("logsumexp", "logaddexp")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("dtype", "scale"), CASES)
def test_values_and_gradients(name, dtype, scale):
    f = FUNCTIONS[name]
    one = ag.Tensor(X, requires_grad=True)
    x = ag.Tensor((X * scale).astype(dtype), requires_grad=True)
    y, expected = f(x), f(one)
    if name in EXPONENTIAL:
        assert np.isfinite(y.data)
        return
    tolerance = 1e-5 if dtype is np.float32 else 1e-13
    assert y.dtype == dtype
    assert float(y.data) / scale == pytest.approx(float(expected.data), rel=tolerance)
    [g], [right] = ag.gradients(y, [x]), ag.gradients(expected, [one])
    np.testing.assert_allclose(g, right, rtol=tolerance, atol=tolerance)
    [g] = ag.gradients(y * 100.0, [x])
    np.testing.assert_allclose(g, 100.0 * right, rtol=tolerance, atol=100.0 * tolerance)


def test_each_row_has_a_scale_of_its_own():
    rows = np.array([[3.0, 4.0]] * 4, np.float32) * np.float32([[1e30], [1e-30], [1.0], [0.0]])
    x = ag.Tensor(rows, requires_grad=True)
    y = ag.norm(x, axis=1)
    np.testing.assert_allclose(y.data, np.float32([5e30, 5e-30, 5.0, 0.0]), rtol=1e-6)
    y.sum().backward()
    np.testing.assert_allclose(x.grad, [[0.6, 0.8]] * 3 + [[0.0, 0.0]], rtol=1e-6)
    [g] = ag.gradients(ag.std(x, axis=1).sum(), [x])
    np.testing.assert_allclose(g[:3], [[-0.5, 0.5]] * 3, rtol=1e-6)


@pytest.mark.parametrize("x", [[np.inf, 1.0], [np.nan, 1.0], [0.0, 0.0], [], [np.inf, np.nan]], ids=str)  # fmt: skip
def test_what_is_not_finite_or_empty_is_as_in_numpy(x):
    x = np.array(x)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(ag.norm(x), np.linalg.norm(x))
        if x.size:
            np.testing.assert_array_equal(ag.std(x), np.std(x))
        assert np.isinf(ag.norm(np.full(4, 3e38, np.float32)))  # it truly overflows


def test_ordinary_results_keep_every_bit():
    x = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32)
    for axis in (None, 0, 1):
        np.testing.assert_array_equal(ag.norm(x, axis=axis), np.sqrt((x * x).sum(axis)))
        tiny = x * np.float32(2.0**-70)
        np.testing.assert_array_equal(ag.norm(tiny, axis=axis), ag.norm(x, axis=axis) * np.float32(2.0**-70))  # fmt: skip


def test_plain_arrays_give_no_warning():
    x = np.float32([3e30, 4e30])
    assert ag.norm(x) == np.float32(5e30) and ag.norm(x, 3) > 4e30 and ag.std(x) > 0


def test_a_norm_of_large_entries_passes_the_check():
    x = np.array([3e200, -4e200])
    assert ag.check_gradients(lambda v: ag.norm(v * x), np.array([1.0, 2.0])).passed
