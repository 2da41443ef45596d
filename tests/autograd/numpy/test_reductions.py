"""Reductions where there is little to reduce: nothing, integers, half floats, infinities."""

import numpy as np
import pytest

import autograd as ag

DTYPES = ("float64", "float32", "float16", "int64", "int32", "uint8", "bool")
MASK = np.array([[True, False], [True, True], [False, False]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", [np.max, np.min])
def test_extremes_with_initial_keep_the_dtype(function, dtype):
    x = np.array([[3, 1], [0, 2], [5, 4]]).astype(dtype)
    calls = [
        (x, {"axis": 0}),
        (x, {"axis": 1, "where": MASK}),
        (x[:0], {"axis": 0}),
        (x[:0], {"axis": (0, 1), "keepdims": True}),
    ]
    for data, keywords in calls:
        expected = function(data, initial=2, **keywords)
        result = function(ag.Tensor(data), initial=2, **keywords)
        assert isinstance(result, ag.Tensor)
        np.testing.assert_array_equal(result.data, expected, strict=True)


def test_extremes_with_a_mask_are_exact_on_large_integers():
    x = np.array([2**60 + 1, 2**60 + 3, 7])
    result = np.max(ag.Tensor(x), initial=0, where=[True, False, True])
    assert result.item() == 2**60 + 1


def test_an_extreme_of_nothing_stays_in_the_graph():
    x = ag.Tensor(np.ones((0, 2)), requires_grad=True)
    out = np.max(x, axis=0, initial=2.0)
    assert out.data.tolist() == [2.0, 2.0]
    assert ag.gradients(out.sum(), [x])[0].shape == (0, 2)


def test_a_mean_of_half_floats_does_not_overflow():
    x = np.arange(1000).astype(np.float16)
    t = ag.Tensor(x, requires_grad=True)
    for keywords in ({}, {"where": x > 2}, {"axis": 0, "keepdims": True}):
        result = np.mean(t, **keywords)
        np.testing.assert_array_equal(result.data, np.mean(x, **keywords), strict=True)
    (g,) = ag.gradients(t.mean(), [t])
    assert g.dtype == np.float16 and (g == np.float16(1e-3)).all()


def test_log_sum_exp_of_nothing_and_of_nothing_but_minus_infinity():
    assert ag.logsumexp(ag.Tensor(np.ones((2, 0))), axis=1).data.tolist() == [-np.inf, -np.inf]
    assert ag.log_softmax(ag.Tensor(np.ones((2, 0)))).shape == (2, 0)
    x = ag.Tensor([[-np.inf, -np.inf], [0.0, 0.0]], requires_grad=True)
    out = ag.logsumexp(x, axis=1)
    np.testing.assert_array_equal(out.data, [-np.inf, np.log(2.0)])
    assert ag.gradients(out.sum(), [x])[0].tolist() == [[0.0, 0.0], [0.5, 0.5]]


@pytest.mark.parametrize("name", ["sum", "max", "min", "prod"])
@pytest.mark.parametrize("axis", [0, -1])
def test_one_number_is_reduced_along_no_axis_as_numpy_does(name, axis):
    x = ag.Tensor(3.0, requires_grad=True)
    y = getattr(ag, name)(x, axis=axis)
    assert y.shape == () and y.item() == getattr(np, name)(np.array(3.0), axis=axis)
    y.backward()
    assert x.grad == 1.0
    with pytest.raises(ag.ShapeError, match="got axis 1 for an array of 0 axes"):
        getattr(ag, name)(x, axis=1)


@pytest.mark.parametrize("f", [ag.max, ag.min])
def test_a_mask_of_another_shape_is_refused_where_there_is_nothing(f):
    with pytest.raises(ValueError, match=f"{f.__name__}: got "):
        f(np.zeros(0), initial=-3.0, where=np.ones(3, bool))
