"""Formulas in place of functions that ONNX lacks: accurate near 0, and right at the ends."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from tests.nn.onnx.running import reference, written


class Of(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *xs):
        return self.function(*xs)


ENDS = [0.0, 1e-30, -1e-30, 1e-8, -1e-8, 0.3, -0.3, 30.0, np.inf, np.nan]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("function", "more"),
    [(ag.expm1, [-30.0, -np.inf]), (ag.log1p, [-0.999]), (ag.softplus, [-30.0, -np.inf]), (ag.sigmoid, [-50.0, -np.inf])],
)  # fmt: skip
def test_functions_of_one_number(function, more, dtype, tmp_path):
    x = np.array([*ENDS, *more], dtype)
    file = written(Of(function), [x], tmp_path / "m.onnx")
    with np.errstate(all="ignore"):
        (got,) = reference.ReferenceEvaluator(file).run(None, {file.graph.input[0].name: x})
        want = function(x)
    np.testing.assert_allclose(got, want, rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize(
    ("dtype", "low", "high"), [(np.float32, -9.0, 9.3), (np.float64, 0.5, 26.5)]
)
def test_erfc_is_accurate_to_its_last_digits(dtype, low, high, tmp_path):
    """In float64 only above 1/2, because the reference computes Erf in float32."""
    x = np.array([*np.linspace(low, high, 301), 6.28, 6.29, 30.0, np.inf, np.nan], dtype)
    file = written(Of(ag.erfc), [x], tmp_path / "m.onnx")
    with np.errstate(all="ignore"):
        (got,) = reference.ReferenceEvaluator(file).run(None, {file.graph.input[0].name: x})
    want = [math.erfc(v) for v in x]
    np.testing.assert_allclose(got, want, rtol=8 * np.finfo(dtype).eps, atol=np.finfo(dtype).tiny)


@pytest.mark.parametrize("function", [ag.fmax, ag.fmin, ag.copysign], ids=lambda f: f.__name__)
def test_nan_and_signs_of_zero(function, tmp_path):
    ends = [-np.inf, -2.0, -1e-310, -0.0, 0.0, 1.0, np.inf, np.nan]
    x, y = (v.ravel() for v in np.meshgrid(ends, ends))
    file = written(Of(function), [x, y], tmp_path / "m.onnx")
    names = [v.name for v in file.graph.input]
    with np.errstate(all="ignore"):
        (got,) = reference.ReferenceEvaluator(file).run(None, dict(zip(names, (x, y), strict=True)))
    np.testing.assert_array_equal(got, function(x, y))
    if function is ag.copysign:
        known = ~np.isnan(got)
        np.testing.assert_array_equal(np.signbit(got[known]), np.signbit(function(x, y)[known]))


@pytest.mark.parametrize(
    "function",
    [ag.logaddexp, ag.hypot, ag.arctan2, ag.remainder, ag.fmod, ag.floor_divide],
    ids=lambda f: f.__name__,
)
def test_functions_of_two_numbers(function, tmp_path):
    x, y = (
        v.ravel() for v in np.meshgrid([-7.5, -1.0, 0.0, 2.0, 1e-300], [-2.0, 3.0, 0.5, 1e-200])
    )
    file = written(Of(function), [x, y], tmp_path / "m.onnx")
    names = [v.name for v in file.graph.input]
    with np.errstate(all="ignore"):
        (got,) = reference.ReferenceEvaluator(file).run(None, dict(zip(names, (x, y), strict=True)))
    np.testing.assert_allclose(got, function(x, y), rtol=1e-14)


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (lambda x: x // 3 + x % -4, np.arange(-9, 9)),
        (lambda x: (x > 2) | ~(x < -2) & (x != 0), np.arange(-5, 5)),
        (lambda x: x & 6 | ~x, np.arange(8)),
        (lambda x: (x > 0) >= (x < 3), np.arange(-5, 5)),
        (lambda x: np.all(x > 0, axis=1) | np.any(x < -2, axis=1), np.arange(-6, 6).reshape(4, 3)),
        (lambda x: np.isnan(x) | np.isinf(x), np.array([1.0, np.nan, np.inf])),
        (lambda x: np.clip(x, 2, None), np.arange(5)),
        (lambda x: np.fmax(x, 2) - np.fmin(x, 3), np.arange(5)),
    ],
)
def test_whole_numbers_and_truth_values(function, x, tmp_path):
    file = written(Of(function), [x], tmp_path / "m.onnx", dynamic_batch=False)
    (got,) = reference.ReferenceEvaluator(file).run(None, {file.graph.input[0].name: x})
    want = function(x)
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)
