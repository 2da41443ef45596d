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


# --- equal eigenvalues and singular values ---

ROTATION = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
EQUAL = [np.eye(3), ROTATION, 2.0 * ROTATION, np.diag([2.0, 2.0, -2.0]), np.stack([np.eye(3), S])]
EQUAL_IDS = ["identity", "rotation", "scaled", "signs", "stack"]


def test_pinv_of_the_identity():
    c = np.array([[0.0, 1.0], [2.0, 3.0]])
    slope = ag.grad(lambda m: ag.sum(ag.linalg.pinv(m) * c))(np.eye(2))
    assert slope.tolist() == [[0.0, -1.0], [-2.0, -3.0]]


@pytest.mark.parametrize("x", [*EQUAL, np.eye(4)[:, :2], np.eye(5)[:2]])
def test_pinv_at_equal_singular_values(x):
    assert ag.check_gradients(np.linalg.pinv, x, order=2).passed


def test_pinv_of_products_of_low_rank():
    product = lambda a, b: np.linalg.pinv(a @ b)
    rng = np.random.default_rng(2)
    for a, b in (
        (rng.normal(size=(4, 2)), rng.normal(size=(2, 5))),
        (np.eye(4)[:, :2], np.eye(5)[:2]),
        (ROTATION[:, :2], ROTATION[:2]),
    ):
        assert ag.check_gradients(product, a, b, order=2).passed


def test_pinv_that_leaves_out_singular_values():
    x = np.diag([3.0, 1.0, 2.0]) + 0.1 * S
    assert ag.check_gradients(lambda x: np.linalg.pinv(x, rcond=0.5), x).passed
    stack, shares = np.stack([x, x]), np.array([0.5, 1e-15])
    expected = np.linalg.pinv(stack, shares)
    np.testing.assert_allclose(np.linalg.pinv(ag.Tensor(stack), shares).data, expected)


SMOOTH = {
    "det": np.linalg.det,
    "log det": lambda x: np.linalg.slogdet(x).logabsdet,
    "inv": np.linalg.inv,
    "power": lambda x: np.linalg.matrix_power(x, 3),
    "nuclear": lambda x: np.linalg.norm(x, "nuc", axis=(-2, -1)),
    "frobenius": lambda x: np.linalg.norm(x, axis=(-2, -1)),
    "singular values": lambda x: (np.linalg.svdvals(x) ** 3).sum(),
    "eigenvalues": lambda x: np.exp(np.linalg.eigvalsh(symmetric(x))).sum(),
    "trace": lambda x: np.linalg.eigvalsh(symmetric(x)).sum(),
}


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("x", EQUAL, ids=EQUAL_IDS)
def test_what_is_smooth_at_equal_singular_values_is_right(name, x):
    report = ag.check_gradients(SMOOTH[name], x)
    assert report.passed and not report.kinks
    if name in ("det", "log det", "inv", "power", "frobenius"):
        assert ag.check_gradients(SMOOTH[name], x, order=2).passed


def test_a_vector_of_a_distinct_value_has_a_gradient_beside_equal_ones():
    first = lambda x: (lambda e: e.U[:, :1] @ e.Vh[:1])(np.linalg.svd(x))
    assert ag.check_gradients(first, np.diag([3.0, 1.0, 1.0])).passed
    last = lambda x: (lambda v: v[:, 2:] @ v[:, 2:].mT)(np.linalg.eigh(symmetric(x)).eigenvectors)
    assert ag.check_gradients(last, np.diag([3.0, 1.0, 1.0])).passed
    assert ag.check_gradients(
        lambda x: np.linalg.norm(x, 2), np.diag([3.0, 1.0, 1.0]), order=2
    ).passed


def test_singular_values_that_are_rounding_have_no_gradient():
    x = np.outer([1.0, 2.0, 3.0], [1.0, 0.0, -1.0])
    u, _, vh = np.linalg.svd(x)
    slope = ag.grad(lambda x: ag.linalg.norm(x, "nuc"))(x)
    np.testing.assert_allclose(slope, np.outer(u[:, 0], vh[0]), atol=1e-14)
    assert not ag.grad(lambda x: ag.linalg.norm(x, -2))(x).any()


def test_the_determinant_of_a_product_of_low_rank():
    a, b = np.random.default_rng(6).normal(size=(2, 3, 2))
    cofactors = np.cross(np.roll(a @ b.T, -1, 0), np.roll(a @ b.T, -2, 0))
    assert abs(np.linalg.det(a @ b.T)) < 1e-14  # rounding, and not 0 on every machine
    np.testing.assert_allclose(ag.grad(ag.linalg.det)(a @ b.T), cofactors, rtol=1e-12)


def rebuilt_symmetric(x):
    w, v = ag.linalg.eigh(symmetric(x))
    return (v * w) @ v.mT


def rebuilt(x):
    u, s, vh = ag.linalg.svd(x, full_matrices=False)
    return (u * s) @ vh


NEARLY_EQUAL = [
    np.eye(3),
    np.diag([1.0, 1.0, 2.0]),
    ROTATION @ np.diag([1.0, 1.0, 2.0]) @ ROTATION.T,
    np.ones((3, 3)) + 1e-5 * np.eye(3),
    1e12 * (np.eye(3) + np.outer([0.48, 0.6, 0.64], [0.48, 0.6, 0.64])),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("f", [rebuilt_symmetric, rebuilt])
@pytest.mark.parametrize(
    "x", NEARLY_EQUAL, ids=["1 1 1", "1 1 2", "rotated", "1e-5 1e-5 3", "large"]
)
def test_vectors_of_equal_values_have_the_gradient_nan_and_no_noise(f, x, dtype):
    slope = ag.grad(lambda x: ag.sum(f(x) * S.astype(dtype)))(x.astype(dtype))
    assert np.isnan(slope).any() and slope.dtype == dtype


@pytest.mark.parametrize("f", [rebuilt_symmetric, rebuilt])
@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_vectors_of_close_values_have_a_gradient_in_any_unit(f, scale):
    x = (np.diag([1.0, 1.0 + 1e-9, 2.0]) + 1e-10 * symmetric(S)) * scale
    slope = ag.grad(lambda x: ag.sum(f(x) * symmetric(S)))(x)
    np.testing.assert_allclose(slope, symmetric(S), rtol=1e-5)


def of_close_values(gap, seed, dtype=float):
    """The gradient of a smooth function that is rebuilt from vectors, and the true one."""
    rng = np.random.default_rng(seed)
    q, c = np.linalg.qr(rng.normal(size=(4, 4)))[0], symmetric(rng.normal(size=(4, 4)))
    x = symmetric((q * [1.0, 1.0 + gap, 2.0, -1.5]) @ q.T).astype(dtype)

    def f(x):
        w, v = ag.linalg.eigh(x)
        return ag.sum((v * ag.exp(w)) @ v.mT * c.astype(dtype))

    w, v = np.linalg.eigh(x.astype(float))
    half = (w[:, None] - w) / 2
    half[half == 0] = 1e-9  # where sinh(h) / h is 1
    quotients = np.exp((w[:, None] + w) / 2) * np.sinh(half) / half
    return ag.grad(f)(x), v @ (quotients * (v.T @ c @ v)) @ v.T


@pytest.mark.parametrize("seed", range(5))
def test_vectors_of_close_values_have_the_gradient_nan_or_one_that_is_right(seed):
    for gap in (0.0, 1e-13, 1e-12, 1e-11, 1e-10, 3e-10):
        assert np.isnan(of_close_values(gap, seed)[0]).any()
    for gap in (4e-10, 1e-9, 1e-8, 1e-6, 1e-3):
        found, true = of_close_values(gap, seed)
        np.testing.assert_allclose(found, true, rtol=0, atol=2e-15 / gap * abs(true).max())
    assert np.isnan(of_close_values(5e-5, seed, "f4")[0]).any()
    found, true = of_close_values(2e-4, seed, "f4")
    np.testing.assert_allclose(found, true, rtol=0, atol=1e-2 * abs(true).max())


def test_second_derivatives_through_equal_values_are_nan():
    squares = lambda x: ag.sum(ag.linalg.eigvalsh(x) ** 2)
    assert np.isnan(ag.hessian(squares)(np.eye(2))).any()
    assert np.isnan(ag.hessian(lambda x: ag.sum(ag.linalg.polar(x).U))(np.eye(2))).any()


NEARLY_SINGULAR = [
    np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
    np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]),
    np.outer([1.0, 2.0, 3.0], [0.3, 0.7, 0.1]),
    1e6 * np.outer([0.1, 0.2, 0.3], [0.3, 0.7, 0.1]),
    np.diag([1.0, 1e-9, 1.0]),
]


@pytest.mark.parametrize("x", NEARLY_SINGULAR)
def test_second_derivatives_of_the_determinant_of_a_nearly_singular_matrix(x):
    """∂²det / ∂x_ij ∂x_kl is ε_ikm ε_jln x_mn."""
    epsilon = np.zeros((3, 3, 3))
    for i in range(3):
        epsilon[i, (i + 1) % 3, (i + 2) % 3], epsilon[i, (i + 2) % 3, (i + 1) % 3] = 1.0, -1.0
    expected = np.einsum("ikm,jln,mn->ijkl", epsilon, epsilon, x)
    found = ag.hessian(ag.linalg.det)(x)
    np.testing.assert_allclose(found, expected, atol=1e-11 * np.abs(x).max())


PARTS = [
    np.diag([2.0, 2.0, 1e-3]),
    ROTATION @ np.diag([2.0, 2.0, 0.5]),
    np.diag([2.0, 2.0, 0.5, 0.5])[:, :3] @ ROTATION,
    ROTATION @ np.diag([2.0, 2.0, 0.5, 0.5])[:3],
    np.stack([np.eye(3), np.diag([3.0, 1.0, 1.0]), np.diag([3.0, 3.0, 1.0])]),
]


@pytest.mark.parametrize("x", PARTS)
def test_pinv_that_leaves_out_values_is_right_where_those_that_stay_are_equal(x):
    assert ag.check_gradients(lambda x: np.linalg.pinv(x, rcond=0.4), x).passed


@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (2, 4), (2, 3, 3)])
def test_second_derivatives_of_pinv_that_leaves_out_values(shape):
    u, s, vh = np.linalg.svd(np.random.default_rng(3).normal(size=shape), full_matrices=False)
    x = (u * np.array([3.0, 2.0, 0.7])[-s.shape[-1] :]) @ vh
    assert ag.check_gradients(lambda x: np.linalg.pinv(x, rcond=0.5), x, order=2).passed


def test_a_singular_matrix_of_a_stack_leaves_the_others_their_gradients():
    stack = np.stack([2.0 * np.eye(2), np.ones((2, 2))])
    slope = ag.grad(lambda x: ag.sum(ag.linalg.slogdet(x).logabsdet))(stack)
    assert slope[0].tolist() == [[0.5, 0.0], [0.0, 0.5]] and np.isnan(slope[1]).all()


def test_pinv_of_nan_says_what_it_expects():
    with pytest.raises(np.linalg.LinAlgError, match=r"pinv: got a matrix .* finite entries"):
        ag.linalg.pinv(ag.Tensor([[np.nan]]))


def test_the_outer_product_of_numpy_linalg_takes_vectors_only():
    t, matrix = ag.Tensor([1.0, 2.0]), np.ones((4, 3))
    assert np.linalg.outer(t, [3.0]).tolist() == [[3.0], [6.0]]
    assert np.outer(ag.Tensor(matrix), matrix).shape == (12, 12)
    for x, y in ((ag.Tensor(matrix), t), (t, ag.Tensor(matrix)), (ag.Tensor(2.0), t)):
        with pytest.raises(ag.ShapeError, match=r"^outer: .*expected two vectors .*ag.outer"):
            np.linalg.outer(x, y)
    with pytest.raises(ag.ShapeError, match=r"^cross: got vectors of 2 and 2 entries"):
        np.linalg.cross(ag.Tensor(np.ones((3, 2))), np.ones((3, 2)))


POLAR = [
    np.eye(3), np.diag([2.0, 2.0, 1.0]), 2 * np.eye(4)[:3], np.eye(4)[:, :2], S[:, :2], S[:2],
    np.stack([np.eye(3), np.diag([1.0, 2.0, 2.0]), S[:3, :3]]),
]  # fmt: skip


def test_the_second_derivative_of_the_nuclear_norm_at_equal_values():
    found = ag.hessian(lambda m: ag.linalg.norm(m, "nuc"))(np.eye(2)).reshape(4, 4)
    expected = [[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.parametrize("x", POLAR)
def test_the_polar_factor_is_smooth_at_equal_values(x):
    assert ag.check_gradients(lambda x: ag.linalg.norm(x, "nuc", (-2, -1)), x, order=2).passed
    assert ag.check_gradients(ag.linalg.polar, x).passed


@pytest.mark.parametrize("x", [*POLAR, np.ones((3, 2)), np.zeros((2, 2)), np.zeros((0, 2))])
def test_the_polar_factors(x):
    u, p = ag.linalg.polar(x)
    np.testing.assert_allclose(u @ p, x, atol=1e-14)
    if x.size:  # NumPy 2.0 has no rank of nothing
        np.testing.assert_allclose(np.linalg.matrix_rank(u), np.linalg.matrix_rank(x))
    np.testing.assert_allclose(u @ np.swapaxes(u, -1, -2) @ u, u, atol=1e-14)
    if x.size:
        assert np.linalg.eigvalsh(p).min() > -1e-14


def test_the_polar_factors_of_integers_and_of_what_is_no_matrix():
    assert ag.linalg.polar(ag.Tensor([[0, -2], [3, 0]])).P.tolist() == [[3.0, 0.0], [0.0, 2.0]]
    assert ag.linalg.polar(ag.Tensor([[1.0]], dtype="f4")).U.dtype == np.float32
    with pytest.raises(ag.ShapeError, match=r"^polar: got shape \(2,\); expected a matrix"):
        ag.linalg.polar(ag.Tensor([1.0, 2.0]))


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 3)])
@pytest.mark.parametrize("mode", ["reduced", "r"])
def test_orthonormal_columns_and_a_triangle(shape, mode):
    x = np.random.default_rng(3).normal(size=shape)
    found, expected = np.linalg.qr(ag.Tensor(x, requires_grad=True), mode), np.linalg.qr(x, mode)
    pairs = [(found, expected)] if mode == "r" else zip(found, expected, strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours.data, theirs, atol=1e-14)
    assert ag.check_gradients(lambda x: ag.linalg.qr(x).Q, x)
    assert ag.check_gradients(lambda x: ag.linalg.qr(x, "r"), x, order=2)


def test_the_factors_of_a_badly_conditioned_matrix_are_exact():
    x = ag.Tensor(1.0 / (1.0 + np.add.outer(np.arange(7.0), np.arange(7.0))), requires_grad=True)
    q, r = ag.linalg.qr(x)  # with a condition number of 5e8
    np.testing.assert_allclose((q.mT @ q).data, np.eye(7), atol=1e-14)
    np.testing.assert_allclose((q @ r).data, x.data, atol=1e-15)
    with pytest.raises(np.linalg.LinAlgError, match="qr: got a matrix whose columns depend"):
        ag.linalg.qr(ag.Tensor(np.zeros((2, 2)), requires_grad=True))


def test_norms_of_vectors_and_matrices_by_name():
    x = np.random.default_rng(3).normal(size=(2, 3, 4))
    for f in (
        lambda x: np.linalg.vector_norm(x), lambda x: np.linalg.vector_norm(x, axis=(0, 2), keepdims=True, ord=3),
        lambda x: np.linalg.matrix_norm(x), lambda x: np.linalg.matrix_norm(x, ord="nuc", keepdims=True),
    ):  # fmt: skip
        np.testing.assert_allclose(f(ag.Tensor(x)).data, f(x), rtol=1e-13)
        assert ag.check_gradients(f, x)
