"""Contractions against NumPy, at every shape that broadcasts and at those that do not."""

import itertools

import numpy as np
import pytest

import autograd as ag

RNG = np.random.default_rng(0)


def values(*shape):
    return RNG.permutation(np.linspace(-1.9, 2.3, int(np.prod(shape)))).reshape(shape)


def test_einsum_gives_the_gradient_of_repeated_axes():
    a, b = np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([[10.0], [20.0], [30.0], [40.0]])
    da, db = ag.grad(lambda a, b: np.einsum("ij,ij->", a, b), (0, 1))(a, b)
    assert da.tolist() == [[100.0] * 4] and db.tolist() == [[10.0]] * 4
    da, db = ag.grad(lambda a, b: np.einsum("bi,bi->b", a, b).sum(), (0, 1))(
        np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 10.0, 100.0]])
    )
    assert da.tolist() == [[1.0, 10.0, 100.0]] * 2 and db.tolist() == [[5.0, 7.0, 9.0]]


SUBSCRIPTS = (
    "ij,ij->",
    "ij,ij->i",
    "ij,ij->ji",
    "ij,jk->ik",
    "ij,j->i",
    "ij,kj->ik",
    "ii,i->i",
    "ij,j,ik->k",
)
ELLIPSES = ("...i,...i->...", "...i,...i", "i...,...i->i...", "...ij,...jk->...ik", "...,...->...")


def lengths_of(subscripts):
    """Every choice of 1 or its length for each axis of each operand."""
    full = {"i": 2, "j": 3, "k": 4}
    yield from itertools.product(
        *(
            itertools.product(*((1, full[c]) for c in t))
            for t in subscripts.split("->")[0].split(",")
        )
    )


@pytest.mark.parametrize("subscripts", SUBSCRIPTS)
def test_einsum_broadcasts_every_axis_of_length_1(subscripts):
    for shapes in lengths_of(subscripts):
        arrays = [values(*shape) for shape in shapes]
        try:
            expected = np.einsum(subscripts, *arrays)
        except ValueError:  # the two axes of "ii" must be equal
            continue
        np.testing.assert_allclose(np.einsum(subscripts, *map(ag.Tensor, arrays)).data, expected)
        ag.check_gradients(lambda *xs: ag.einsum(subscripts, *xs), *arrays)


@pytest.mark.parametrize("subscripts", ELLIPSES)
@pytest.mark.parametrize("left", [(2, 2), (1, 2), (3, 2, 2), (3, 1, 1)])
@pytest.mark.parametrize("right", [(2, 2), (2, 1), (1, 2, 2)])
def test_einsum_broadcasts_what_an_ellipsis_stands_for(subscripts, left, right):
    arrays = [values(*left), values(*right)]
    try:
        expected = np.einsum(subscripts, *arrays)
    except ValueError:
        with pytest.raises(ValueError, match="einsum"):
            np.einsum(subscripts, *map(ag.Tensor, arrays))
        return
    np.testing.assert_allclose(np.einsum(subscripts, *map(ag.Tensor, arrays)).data, expected)
    ag.check_gradients(lambda *xs: ag.einsum(subscripts, *xs), *arrays, order=2)


SHAPES = ((), (1,), (3,), (1, 1), (1, 3), (3, 1), (3, 3), (2, 3), (2, 1, 3), (1, 3, 3), (2, 3, 1))
CONTRACTIONS = (
    np.matmul, np.inner, np.dot, np.vdot, np.outer, np.kron, np.vecdot, np.linalg.vecdot, np.linalg.matmul,
    np.cross, np.linalg.cross,
    lambda x, y: np.tensordot(x, y, 1), lambda x, y: np.tensordot(x, y, 0), lambda x, y: np.vecdot(x, y, axis=0),
    lambda x, y: np.tensordot(x, y, ([-1], [0])), lambda x, y: np.cross(x, y, axisa=0, axisb=-1),
    lambda x, y: np.linalg.cross(x, y, axis=0), lambda x, y: np.linalg.tensordot(x, y, axes=1),
    np.convolve, lambda x, y: np.linalg.multi_dot([x, y]), lambda x, y: np.linalg.multi_dot([x, y, x]),
)  # fmt: skip


@pytest.mark.parametrize("function", CONTRACTIONS)
def test_contractions_at_every_pair_of_shapes(function):
    for left, right in itertools.product(SHAPES, SHAPES):
        x, y = values(*left), values(*right)
        try:
            expected = function(x, y)
        except (ValueError, IndexError, DeprecationWarning):  # cross of two entries is deprecated
            with pytest.raises((ValueError, IndexError)):
                function(ag.Tensor(x), ag.Tensor(y))
            continue
        result = function(ag.Tensor(x), ag.Tensor(y))
        assert result.shape == np.shape(expected), (left, right)
        np.testing.assert_allclose(result.data, expected, rtol=1e-12, atol=1e-13)
        ag.check_gradients(function, x, y)


@pytest.mark.parametrize(("a", "b"), [((0,), (2, 0)), ((3, 0), (2, 0)), ((2, 3, 0), (4, 0))])
def test_inner_products_of_nothing_are_0(a, b):
    x = ag.Tensor(np.zeros(a), requires_grad=True)
    y = ag.Tensor(np.zeros(b), requires_grad=True)
    z = ag.inner(x, y)
    assert z.shape == np.inner(np.zeros(a), np.zeros(b)).shape and not z.numpy().any()
    z.sum().backward()
    assert x.grad.shape == a and y.grad.shape == b


def test_inner_of_times_is_refused():
    with pytest.raises(TypeError, match=r"inner: got .*; expected numbers"):
        ag.inner(np.datetime64("2000"), 1.0)
