"""SciPy's functions, by their dispatch too, and parts of real numbers."""

import numpy as np
import pytest
import scipy.special

import autograd as ag

P = np.array([0.1, 0.5, 0.75])


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *((name, name) for name in ("erf", "erfc", "erfinv", "gammaln", "digamma", "logit", "exp2", "expm1", "log1p", "cbrt")),
        ("psi", "digamma"), ("expit", "sigmoid"),
    ],
)  # fmt: skip
def test_scipys_functions_find_ours(name, ours):
    x = ag.Tensor(P, requires_grad=True)
    found = getattr(scipy.special, name)(x)
    np.testing.assert_allclose(found.data, getattr(scipy.special, name)(P), rtol=1e-14)
    np.testing.assert_allclose(
        ag.gradients(found.sum(), [x])[0], ag.gradients(getattr(ag, ours)(x).sum(), [x])[0]
    )
    assert getattr(scipy.special, name)(ag.Value(0.5)).data == pytest.approx(
        float(getattr(scipy.special, name)(0.5)), rel=1e-14
    )


def test_others_of_scipys_are_refused():
    with pytest.raises(ag.UnsupportedError, match=r"scipy.special.j0: has no derivative here"):
        scipy.special.j0(ag.Tensor(P))


def test_x_ln_y_where_x_is_zero():
    x, y = (
        ag.Tensor([0.0, 0.0, 2.0], requires_grad=True),
        ag.Tensor([0.0, 3.0, 2.0], requires_grad=True),
    )
    found = scipy.special.xlogy(x, y)
    np.testing.assert_array_equal(found.data, scipy.special.xlogy(x.data, y.data))
    found.sum().backward()
    np.testing.assert_allclose(x.grad, [0.0, np.log(3.0), np.log(2.0)])
    assert y.grad.tolist() == [0.0, 0.0, 1.0]


def test_orders_of_polygamma_differ_from_entry_to_entry():
    n = np.array([[0], [1], [3]])
    np.testing.assert_allclose(ag.polygamma(n, P), scipy.special.polygamma(n, P), rtol=1e-13)
    assert ag.check_gradients(lambda x: ag.polygamma(n, x), P, order=2)


def test_angles_and_parts():
    x = ag.Tensor([90.0, 180.0], requires_grad=True)
    np.radians(x).sum().backward()
    np.testing.assert_allclose(x.grad, np.full(2, np.pi / 180))
    assert np.degrees(np.deg2rad(x)).tolist() == pytest.approx([90.0, 180.0])
    assert (
        np.real(x) is x
        and np.imag(x).tolist() == [0.0, 0.0]
        and ag.conj(x).tolist() == [90.0, 180.0]
    )
    with pytest.raises(ag.DTypeError, match="real: got an array of dtype complex128"):
        ag.real(np.ones(2) * 1j)
