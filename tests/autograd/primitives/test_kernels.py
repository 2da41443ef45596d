"""Our kernels compute what NumPy's do, on both sides of the size where they take over."""

import numpy as np
import pytest

from autograd.primitives.kernels import (
    add_rows,
    largest,
    ones,
    product,
    reduce_along,
    sum_of_few,
    sum_of_rows,
)

RNG = np.random.default_rng(0)
SHAPES = [(4, 3), (1, 3), (0, 3), (3, 0), (2, 4, 3), (0, 2, 3), (65537, 2), (5, 200)]


def close(found, expected, dtype):
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    tolerance = 100 * np.finfo(dtype).eps if np.dtype(dtype).kind == "f" else 0
    np.testing.assert_allclose(found, expected, tolerance, tolerance * np.sqrt(1 + expected.size))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
@pytest.mark.parametrize("shape", SHAPES)
def test_sum_of_rows(shape, dtype):
    x = RNG.integers(-3, 4, shape).astype(dtype)
    for count in range(1, len(shape) + 1):
        close(sum_of_rows(x, count), x.sum(axis=tuple(range(count)), dtype=dtype), dtype)
    turned = np.asfortranarray(x)
    close(sum_of_rows(turned), x.sum(axis=0, dtype=dtype), dtype)
    close(sum_of_rows(x[::-1]), x.sum(axis=0, dtype=dtype), dtype)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_sum_of_few(shape, dtype):
    x = RNG.integers(-3, 4, shape).astype(dtype)
    for axis in {(0,), (len(shape) - 1,), tuple(range(len(shape)))}:
        close(sum_of_few(x, axis), x.sum(axis=axis, dtype=dtype), dtype)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_sums_of_what_is_not_finite(bad):
    x = np.array([[1.0, 2.0], [bad, 3.0]])
    np.testing.assert_array_equal(sum_of_rows(x), x.sum(axis=0))
    np.testing.assert_array_equal(sum_of_few(x, (1,)), x.sum(axis=1))


def test_ones_are_shared_and_cannot_be_written_to():
    array = ones(3, np.dtype(float))
    assert array is ones(3, np.dtype(float))
    assert not array.flags.writeable


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [(1,), (1, 3), (0,), (0, 2)])
def test_reduce_along(axis, keepdims):
    x = RNG.normal(size=(40, 2, 30, 3))
    for ufunc in (np.maximum, np.minimum):
        expected = ufunc.reduce(x, axis=axis, keepdims=keepdims)
        np.testing.assert_array_equal(reduce_along(ufunc, x, axis, keepdims), expected)
    counts = reduce_along(np.add, x > 0, axis, keepdims, np.intp)
    np.testing.assert_array_equal(counts, (x > 0).sum(axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("shape", [(0, 3, 2), (2, 0, 3), (4, 3, 2), (128, 2, 128), (129, 2, 128)])
def test_product(shape):
    n, k, m = shape
    x, y = RNG.normal(size=(n, k)), RNG.normal(size=(k, m))
    np.testing.assert_allclose(product(x, y), np.einsum("ik,kj->ij", x, y), 1e-12, 1e-12)
    np.testing.assert_allclose(product(y.T, x.T), np.einsum("ik,kj->ji", x, y), 1e-12, 1e-12)


def test_add_rows():
    total, index = np.zeros((5, 2)), np.array([[4, 0], [-1, 0]])
    add_rows(total, index, np.arange(8.0).reshape(2, 2, 2))
    np.testing.assert_array_equal(total, [[8, 10], [0, 0], [0, 0], [0, 0], [4, 6]])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
@pytest.mark.parametrize("length", [1, 2, 3, 100, 127, 128, 129, 300])
@pytest.mark.parametrize("keepdims", [False, True])
def test_largest(length, dtype, keepdims):
    x = RNG.permutation(5 * 7 * length).reshape(5, 7, length).astype(dtype)
    x[0, 0, length // 2] = x.min() if dtype == np.int64 else np.nan
    for array in (x, x[:, 0], x[0, 0], np.asfortranarray(x), x[::-1, ::2], x[:0]):
        axis = (array.ndim - 1,)
        expected = np.asarray(array.max(-1, keepdims=keepdims))
        close(np.asarray(largest(array, axis, keepdims)), expected, dtype)
    for axis in ((0,), (1,), (0, 2), (0, 1, 2)):
        expected = np.asarray(x.max(axis, keepdims=keepdims))
        close(np.asarray(largest(x, axis, keepdims)), expected, dtype)
