"""Condition numbers, least squares, symmetric pseudoinverses."""

import numpy as np
import pytest

import autograd as ag

A = np.array([[1.0, 0.5], [-1.0, 2.0], [0.25, 3.0]])
S = np.array([[2.0, 0.5], [0.5, -1.0]])


@pytest.mark.parametrize("p", [None, 2, -2, 1, -1, np.inf, "fro"])
def test_condition_numbers(p):
    np.testing.assert_allclose(
        np.linalg.cond(ag.Tensor(S), p).data, np.linalg.cond(S, p), rtol=1e-13
    )
    assert ag.check_gradients(lambda x: ag.linalg.cond(x, p), S)
    assert ag.linalg.cond(np.ones((2, 2)), 1) == np.inf
    assert ag.linalg.cond(ag.Tensor(np.zeros((2, 2))), p).item() == np.inf
    assert np.isnan(ag.linalg.cond(np.array([[np.nan, 0.0], [0.0, 1.0]]), 1))


@pytest.mark.parametrize("b", [np.array([1.0, 2.0, -1.0]), np.arange(6.0).reshape(3, 2)])
def test_least_squares(b):
    found, expected = np.linalg.lstsq(ag.Tensor(A), b), np.linalg.lstsq(A, b)
    for x, y in zip(found, expected, strict=True):
        np.testing.assert_allclose(ag.data_of(x), y, rtol=1e-12, atol=1e-14)
    assert ag.check_gradients(lambda a, b: ag.linalg.lstsq(a, b).solution, A, b)
    assert ag.check_gradients(lambda a, b: ag.linalg.lstsq(a, b).residuals, A, b)


def test_the_shortest_solution_of_few_equations():
    found = ag.linalg.lstsq(A.T, [1.0, 2.0])
    np.testing.assert_allclose(found.solution, np.linalg.pinv(A.T) @ [1.0, 2.0])
    assert found.residuals.shape == (0,) and found.rank == 2


def test_of_a_symmetric_matrix_the_lower_triangle_is_read():
    lower = np.tril(S)
    np.testing.assert_allclose(ag.linalg.pinv(lower, hermitian=True), np.linalg.inv(S))
    assert ag.check_gradients(lambda x: ag.linalg.pinv(x, hermitian=True), S)
    with pytest.raises(ag.ShapeError, match=r"pinv: got shape \(3, 2\); expected a square matrix"):
        ag.linalg.pinv(A, hermitian=True)
