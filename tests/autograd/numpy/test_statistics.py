"""Statistics by NumPy's dtypes and at the points where a derivative is a matter of convention."""

import numpy as np
import pytest

import autograd as ag
from tests.versions import numpy_has

X = np.array([[3.0, 1.0, 7.0, 2.0], [0.0, 2.0, 9.0, 4.0], [5.0, 4.0, 1.0, 6.0]])
METHODS = ("linear", "inverted_cdf", "nearest", "midpoint", "averaged_inverted_cdf", "hazen")


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "uint8"])
@pytest.mark.parametrize("q", [0.3, [0.1, 0.8], np.float64(0.5), [[0.5]]], ids=str)
@pytest.mark.parametrize("method", METHODS)
def test_quantiles_have_numpy_s_dtype(dtype, q, method):
    x = X.astype(dtype)
    for function, shares in ((np.quantile, q), (np.percentile, np.multiply(q, 100.0))):
        expected = function(x, shares, axis=1, method=method)
        result = function(ag.Tensor(x), shares, axis=1, method=method).data
        if numpy_has("2.3"):  # earlier ones interpolate float32 in float64
            assert result.dtype == expected.dtype
        np.testing.assert_allclose(result, expected, rtol=1e-3 if dtype == "float16" else 1e-6)


def test_shares_may_be_tensors_without_a_gradient():
    x = ag.Tensor(X, requires_grad=True)
    for function, q in ((np.quantile, 0.5), (np.percentile, 50.0)):
        assert function(x, ag.Tensor([q])).data.tolist() == [3.5]
        for data in (x, X):
            with pytest.raises(
                ag.UnsupportedError, match="got q that requires a gradient; expected plain"
            ):
                function(data, ag.Tensor([q], requires_grad=True))


def test_quantiles_of_nothing_and_of_booleans():
    with pytest.raises(
        ag.ShapeError, match=r"quantile: got no entries \(shape \(0,\), axis None\)"
    ):
        ag.quantile(ag.Tensor([]), 0.5)
    assert np.isnan(ag.median(ag.Tensor([])).item())
    assert np.median(ag.Tensor(np.ones((0, 3))), axis=1).shape == (0,)
    assert np.median(ag.Tensor([True, False])).item() == 0.5
    assert np.diff(ag.Tensor([True, False, False])).tolist() == [True, False]


def gradient(f, x):
    x = ag.Tensor(x, requires_grad=True)
    return ag.gradients(f(x), [x])[0]


def test_equal_singular_values_share_and_zero_has_no_gradient():
    eye = np.eye(2)
    np.testing.assert_allclose(gradient(lambda x: ag.norm(x, ord="nuc"), eye), eye)
    np.testing.assert_allclose(gradient(lambda x: ag.norm(x, ord=2), eye), eye / 2)
    np.testing.assert_allclose(gradient(lambda x: ag.norm(x, ord=-2), eye), eye / 2)
    for shape in ((2, 2), (3, 2), (2, 3)):
        assert not gradient(lambda x: ag.norm(x, ord="nuc"), np.zeros(shape)).any()


def test_sums_over_equal_eigenvalues_are_smooth():
    """Σ λ² = ‖x‖² although the vectors of equal values have no derivative."""
    x = np.diag([2.0, 2.0, 5.0])
    symmetric = lambda x: (x + x.T) * 0.5
    f = lambda x: (np.linalg.eigvalsh(symmetric(x)) ** 2).sum()
    np.testing.assert_allclose(gradient(f, x), 2 * x)
    np.testing.assert_allclose(gradient(lambda x: (np.linalg.svdvals(x) ** 2).sum(), x), 2 * x)


def test_the_count_of_entries_that_are_not_zero():
    x = np.array([0.0, np.inf, np.nan, -2.0])
    assert np.linalg.norm(ag.Tensor(x), 0).item() == np.linalg.norm(x, 0) == 3.0
    assert gradient(lambda x: ag.norm(x, ord=0), [0.0, -2.0]).tolist() == [0.0, 0.0]


def test_average_of_infinities_and_with_axes_out_of_order():
    x = np.array([[np.inf, 1.0], [2.0, 3.0]])
    for result, expected in zip(
        np.average(ag.Tensor(x), axis=1, weights=[1.0, 3.0], returned=True),
        np.average(x, axis=1, weights=[1.0, 3.0], returned=True),
        strict=True,
    ):
        np.testing.assert_array_equal(getattr(result, "data", result), expected)
    w = np.arange(12.0).reshape(4, 3)
    assert np.average(ag.Tensor(X), (1, 0), w).item() == pytest.approx(np.average(X, (1, 0), w))
    count = np.average(ag.Tensor(X, dtype=np.float32), returned=True)[1]
    assert count == 12.0 and count.dtype == np.float32


KINKS = [
    ag.norm,
    ag.std,
    lambda x: ag.norm(x, ord=3),
    lambda x: ag.norm(x.reshape(2, 2), ord="fro"),
]


@pytest.mark.parametrize("f", KINKS, ids=["norm", "std", "norm 3", "fro"])
def test_a_norm_or_deviation_of_equal_numbers_has_gradient_zero(f):
    assert gradient(f, np.zeros(4)).tolist() == [0.0] * 4


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wrap", [np.asarray, ag.Tensor], ids=["array", "Tensor"])
def test_a_quantile_that_is_an_entry_may_be_infinite(wrap):
    x = [1.0, np.inf, np.inf]
    assert ag.median(wrap(x)) == np.inf
    assert ag.quantile(wrap(x), 0.0) == 1.0


def test_a_large_integer_quantile_is_exact():
    x = np.array([2**60 + 1, 2**60 + 3])
    assert ag.quantile(ag.Tensor(x), 0.5, method="lower").item() == 2**60 + 1


def test_no_differences_leave_the_margins_out():
    x = np.array([1.0, 4.0, 9.0])
    for margins in ({"prepend": 0.0}, {"append": [1.0]}, {}):
        assert np.diff(ag.Tensor(x), n=0, **margins).tolist() == np.diff(x, n=0, **margins).tolist()


@pytest.mark.parametrize("ord", [-3, -0.5, 0.5, 3])
@pytest.mark.parametrize("x", [[np.inf, np.inf], [np.inf, 2.0], [0.0, 2.0], [0.0, 0.0], [3.0, 2.0]])
def test_norms_of_any_order_at_the_limits(x, ord):
    with np.errstate(divide="ignore"):
        expected = np.linalg.norm(x, ord)
    assert ag.norm(ag.Tensor(x), ord=ord).item() == pytest.approx(expected, rel=1e-14)
