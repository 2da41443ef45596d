"""Decompositions where they are unique, determinants where the matrix is singular."""

import numpy as np
import pytest

import autograd as ag

S = np.random.default_rng(0).permutation(np.linspace(-1.7, 2.3, 9)).reshape(3, 3) + 3.0 * np.eye(3)
SPD = S @ S.T + np.eye(3)


def symmetric(x):
    return (x + np.swapaxes(x, -1, -2)) * 0.5


def test_eigenvalues():
    f = lambda x: np.linalg.eigh(symmetric(x)).eigenvalues
    assert ag.check_gradients(f, S, order=2).passed
    assert ag.check_gradients(lambda x: np.linalg.eigvalsh(symmetric(x), UPLO="U"), S).passed


def test_the_projector_onto_an_eigenvector_does_not_depend_on_its_sign():
    projector = lambda x: (lambda v: np.einsum("i,j->ij", v[:, 0], v[:, 0]))(
        np.linalg.eigh(symmetric(x)).eigenvectors
    )
    assert ag.check_gradients(projector, S).passed


def test_cholesky():
    assert ag.check_gradients(lambda x: np.linalg.cholesky(symmetric(x)), SPD, order=2).passed
    assert ag.check_gradients(lambda x: np.linalg.cholesky(symmetric(x), upper=True), SPD).passed


SINGULAR = [
    np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]),
    np.zeros((2, 2)),
    np.diag([1.0, 0.0]),
    np.stack([np.eye(2), np.zeros((2, 2))]),
]


@pytest.mark.parametrize("x", SINGULAR, ids=["rank 2", "zero", "diagonal", "stack"])
def test_determinants_of_singular_matrices(x):
    assert ag.check_gradients(np.linalg.det, x).passed
