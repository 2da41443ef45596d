"""Programs that write into arrays are differentiated as they are written."""

import numpy as np
import pytest

import autograd as ag
from autograd.testing.examine.drafts import Draft, drafting, plain, wrapped


def filled(x):
    out = np.zeros((len(x), 2))
    for i in range(len(x)):
        out[i, 0] = x[i] ** 2
        out[i][1] = np.sin(x[i])
    return out


def masked(x):
    out = x.copy()
    out[out < 0] *= 0.5
    return out


def added(x):
    out = np.zeros(2)
    np.add.at(out, np.array([0, 1, 0]), x)
    out += 1.0
    return np.exp(np.array(out))


def recurrent(x):
    h = np.zeros(4)
    for t in range(3):
        h[t + 1] = np.tanh(h[t] + x[t])
    return h[1:]


@pytest.mark.parametrize("program", [filled, masked, added, recurrent])
def test_gradients_agree_with_differences(program):
    x = np.array([0.3, -0.7, 1.2])
    t = ag.Tensor(x, requires_grad=True)
    with drafting():
        out = plain(program(wrapped(t)))
    weights = np.arange(1.0, 1.0 + np.size(out.data)).reshape(out.shape)
    [g] = ag.gradients((out * weights).sum(), [t])
    expected = ag.numerical_gradient(lambda x: float(np.sum(program(x) * weights)), x)
    np.testing.assert_allclose(g, expected, rtol=1e-6)


def test_numpy_is_put_back_and_libraries_get_arrays():
    zeros = np.zeros
    with drafting():
        assert isinstance(np.zeros(2), Draft) and not isinstance(np.zeros(2, int), Draft)
        assert isinstance(np.pad([1.0], 1), np.ndarray)
    assert np.zeros is zeros


def test_a_draft_behaves_as_its_array():
    d = wrapped(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert d.shape == (2, 2) and len(d) == 2 and [row.shape for row in d] == [(2,), (2,)]
    assert bool(d[0, 0] == 1.0) and np.sum(d) == 10.0
    np.testing.assert_array_equal(plain(d.T), [[1.0, 3.0], [2.0, 4.0]])
    copy = d.copy()
    copy[0] = 9.0
    np.copyto(d, np.zeros((2, 2)))
    assert plain(d).sum() == 0.0 and plain(copy)[0, 0] == 9.0
