"""Choosing, rounding and limiting: integers stay integers, as in NumPy."""

import numpy as np
import pytest

import autograd as ag

DTYPES = ("float64", "float32", "float16", "int64", "int32", "uint8", "bool")
X = np.array([0.0, 7.0, 25.0, 115.0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("limits", [(1, 9), (None, 9), (1, None), (None, [9, 9, 9, 8])], ids=str)
def test_clip_keeps_the_dtype(dtype, limits):
    x = X.astype(dtype)
    expected = np.clip(x, *limits)
    for result in (np.clip(ag.Tensor(x), *limits).data, ag.clip(x, *limits)):
        np.testing.assert_array_equal(result, expected, strict=True)


def test_clip_with_one_limit_has_slope_one_at_it():
    x = ag.Tensor([-1.0, 0.0, 1.0], requires_grad=True)
    assert ag.gradients(ag.clip(x, 0.0).sum(), [x])[0].tolist() == [0.0, 1.0, 1.0]
    assert ag.gradients(ag.clip(x, None, 0.0).sum(), [x])[0].tolist() == [1.0, 1.0, 0.0]
    assert ag.clip(ag.Value(3.0), None, 2).item() == 2.0


@pytest.mark.parametrize("dtype", ["float64", "int64", "int32"])
@pytest.mark.parametrize("decimals", [0, 1, -1, -2])
def test_round_keeps_the_dtype(dtype, decimals):
    x = X.astype(dtype)
    expected = np.round(x, decimals)
    for result in (np.round(ag.Tensor(x), decimals).data, ag.round(x, decimals)):
        np.testing.assert_array_equal(result, expected, strict=True)


@pytest.mark.parametrize("condition", [None, "abc", [None], np.array(["a"]), {}])
def test_a_condition_is_made_of_numbers(condition):
    for arguments in ((1.0, 2.0), ()):
        with pytest.raises((TypeError, ValueError), match=r"where: got .*; expected numbers"):
            ag.where(condition, *arguments)


def test_where_of_one_number_has_no_positions():
    with pytest.raises(ag.ShapeError, match="where: got one number; expected an array"):
        ag.where(True)


@pytest.mark.parametrize("x", [None, "abc", {}, np.array([True])], ids=repr)
def test_clip_without_limits_says_what_it_got(x):
    with pytest.raises((TypeError, ValueError), match=r"clip: got .*; expected "):
        ag.clip(x)
