"""Every kind of index: what is read, written, and where the gradient goes back to."""

import numpy as np
import pytest

import autograd as ag

M = np.random.default_rng(0).permutation(np.linspace(-1.7, 2.3, 12)).reshape(3, 4)
MASK = np.arange(12).reshape(3, 4) % 3 != 0


@pytest.mark.parametrize(
    "index",
    [0, -1, slice(None, None, -1), (slice(None), 1), Ellipsis, None, (Ellipsis, None, 0), [0, 2, 2], ([0, 1], [1, 1]),
     np.array([[0, 1], [2, 2]]), MASK, MASK[:, 0], (slice(1, None), [0, -1]), (np.int64(1), slice(None, None, 2)),
     (MASK[:, 0], slice(1, 3)), [True, False, True], (), [], ag.Tensor([0, 1]), np.array(1), (0, 1), slice(5, 5)],
    ids=str,
)  # fmt: skip
def test_indexing(index):
    t = ag.Tensor(M, requires_grad=True)
    plain = index.data if isinstance(index, ag.Tensor) else index
    plain = np.array([], int) if isinstance(plain, list) and not plain else plain
    expected = M[plain]
    assert t[index].shape == expected.shape
    np.testing.assert_array_equal(t[index].data, expected)
    assert ag.check_gradients(lambda x: x[index] * 2.0, M).passed
    twice = np.zeros_like(M)
    np.add.at(twice, plain, 1.0)
    np.testing.assert_array_equal(ag.gradients(t[index].sum(), [t])[0], twice)
    if expected.size:
        assert ag.check_gradients(
            lambda x, v: (x.at[index].set(v), x.at[index].add(v)), M, expected * 0.5
        ).passed


def test_an_index_changed_later_does_no_harm():
    t, index = ag.Tensor(M, requires_grad=True), np.array([0, 0])
    out = t[index].sum()
    index[:] = 2
    out.backward()
    assert t.grad[0].tolist() == [2.0] * 4 and t.grad[2].tolist() == [0.0] * 4


def test_rows_read_twice_get_the_sum_of_their_gradients():
    w = ag.Tensor(M, requires_grad=True)
    ag.embedding(w, [[0, 0], [2, 0]]).sum().backward()
    assert w.grad[:, 0].tolist() == [3.0, 0.0, 1.0]


BIG = ">i8"
ODD_INDICES = [
    np.array([0, 1], BIG),
    (np.array([0, 1], BIG), np.array([1, 2], ">i4")),
    np.array([3, 2] * 40, BIG),
    np.array([1, 0] * 40, ">u2"),
    ((0, 1),),
    ((0, 1), (1, 2)),
    ((0, 1), slice(None)),
    (..., (0, 2)),
    ((True, False, True, False),),
    (((0, 1), (2, 3)),),
    ((),),
    (None, (0, 1)),
    (0, (1, 2)),
    (range(2),),
    range(3),
]


@pytest.mark.parametrize("index", ODD_INDICES, ids=repr)
def test_tuples_and_other_byte_orders_as_indices(index):
    data = np.arange(12.0).reshape(4, 3)
    t = ag.Tensor(data, requires_grad=True)
    assert np.array_equal(t[index].data, data[index])
    t[index].sum().backward()
    expected = np.zeros_like(data)
    np.add.at(expected, index, 1.0)
    assert np.array_equal(t.grad, expected)
    changed = data.copy()
    changed[index] = 7.0
    assert np.array_equal(t.at[index].set(7.0).data, changed)


@pytest.mark.parametrize("positions", [(0, 1), ((0, 1), (2, 3)), (), [], 1, np.int64(1), range(2), True, np.array([0, 1], BIG)],
                         ids=repr)  # fmt: skip
def test_take_of_positions_of_every_kind(positions):
    t = ag.Tensor(np.arange(12.0).reshape(4, 3), requires_grad=True)
    for axis in (None, 0):
        assert np.array_equal(np.take(t, positions, axis).data, np.take(t.data, positions, axis))


def test_shapes_and_axes_as_arrays():
    t = ag.Tensor(np.arange(12.0).reshape(4, 3))
    assert np.reshape(t, np.array([3, 4])).shape == (3, 4)
    assert np.broadcast_to(t, np.array([2, 4, 3])).shape == (2, 4, 3)
    assert np.take_along_axis(t, np.array([[0, 1, 2]], BIG), 0).shape == (1, 3)


@pytest.mark.parametrize(
    ("name", "ufunc"), [("multiply", np.multiply), ("max", np.maximum), ("min", np.minimum)]
)
@pytest.mark.parametrize(
    "index", [1, slice(0, 2), np.array([0, 2, 0, 0]), (np.array([0, 0]), np.array([1, 1]))]
)
def test_each_mention_of_an_entry_counts(name, ufunc, index):
    x = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.5], [2.0, 4.0, 5.0]])
    v = np.linspace(-1.3, 3.1, x[index].size).reshape(x[index].shape)
    expected = x.copy()
    ufunc.at(expected, index, v)
    f = lambda x, v: getattr(
        ag.Tensor(x).at[index] if not isinstance(x, ag.Node) else x.at[index], name
    )(v)
    np.testing.assert_array_equal(f(x, v).data, expected)
    assert ag.check_gradients(f, x, v)


def test_equal_updates_share_the_gradient_evenly():
    v = ag.Tensor([2.0, 2.0], requires_grad=True)
    x = ag.Tensor([2.0, 0.0], requires_grad=True)
    x.at[[0, 0]].max(v)[0].backward()
    assert v.grad.tolist() == pytest.approx([1 / 3, 1 / 3]) and x.grad.tolist() == pytest.approx(
        [1 / 3, 0]
    )
