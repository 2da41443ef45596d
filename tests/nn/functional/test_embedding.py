"""Rows of a table: norms, frequencies and bags."""

import numpy as np
import pytest

import autograd as ag
import nn

f = nn.functional
R = np.random.default_rng(0)


def table(n=4, dim=3):
    return ag.Tensor(R.normal(size=(n, dim)), requires_grad=True)


def test_rows_of_an_embedding():
    w = table()
    out = f.embedding([[1, 1], [3, 0]], w, padding_idx=0)
    np.testing.assert_array_equal(out.data, w.data[[[1, 1], [3, 0]]])
    [g] = ag.gradients(out.sum(), [w])
    np.testing.assert_array_equal(g[:, 0], [0, 2, 0, 1])


@pytest.mark.parametrize("p", [1.0, 2.0, np.inf])
def test_only_rows_that_are_looked_up_are_shortened(p):
    w = ag.Tensor(10.0 * np.ones((4, 3)), requires_grad=True)
    out = f.embedding([1, 3], w, max_norm=1.0, norm_type=p)
    np.testing.assert_allclose(np.linalg.norm(out.data, p, axis=1), 1.0, rtol=1e-6)
    assert (w.data[[0, 2]] == 10.0).all() and (w.data[[1, 3]] < 10.0).all()


def test_frequent_tokens_share_a_gradient():
    w = table()
    out = f.embedding([1, 1, 1, 2], w, scale_grad_by_freq=True)
    np.testing.assert_array_equal(out.data, w.data[[1, 1, 1, 2]])
    [g] = ag.gradients(out.sum(), [w])
    np.testing.assert_allclose(g[:, 0], [0, 1, 1, 0])


REDUCTIONS = {"sum": np.sum, "mean": np.mean, "max": np.max}


@pytest.mark.parametrize("mode", REDUCTIONS)
def test_bags_are_reduced(mode):
    w, tokens = table(), np.array([0, 1, 3, 3, 2, 1])
    rows = w.data[tokens]
    reduce = REDUCTIONS[mode]
    out = f.embedding_bag(tokens, w, [0, 2, 2, 5], mode=mode)
    expected = [reduce(rows[:2], 0), np.zeros(3), reduce(rows[2:5], 0), rows[5]]
    np.testing.assert_allclose(out.data, expected, rtol=1e-14)
    ended = f.embedding_bag(tokens, w, [0, 2, 2, 5], mode=mode, include_last_offset=True)
    np.testing.assert_allclose(ended.data, expected[:3], rtol=1e-14)
    square = f.embedding_bag(tokens.reshape(2, 3), w, mode=mode)
    np.testing.assert_allclose(square.data, reduce(rows.reshape(2, 3, 3), 1), rtol=1e-14)


def test_padding_is_not_counted_and_weights_multiply():
    w = table()
    mean = f.embedding_bag([[0, 1, 1]], w, padding_idx=0)
    np.testing.assert_allclose(mean.data, w.data[[1]])
    weighted = f.embedding_bag([[0, 1]], w, mode="sum", per_sample_weights=[[2.0, -1.0]])
    np.testing.assert_allclose(weighted.data[0], 2.0 * w.data[0] - w.data[1])
    empty = f.embedding_bag([[0, 0]], w, padding_idx=0, mode="max")
    assert empty.tolist() == [[0.0] * 3]


@pytest.mark.parametrize("mode", REDUCTIONS)
def test_gradients_of_bags(mode):
    ag.check_gradients(
        lambda w: ag.tanh(f.embedding_bag([0, 1, 3, 2], w, [0, 0, 3], mode=mode)),
        R.normal(size=(4, 3)),
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: f.embedding([4], np.ones((4, 2))), IndexError, "embedding"),
        (lambda: f.embedding([0], np.ones((4, 2)), max_norm=1.0), TypeError, "expected a Tensor, whose data"),
        (lambda: f.embedding([9], table(), max_norm=1.0), IndexError, "got index 9"),
        (lambda: f.embedding_bag([0, 1], table()), ag.ShapeError, "without offsets; expected"),
        (lambda: f.embedding_bag([[0, 1]], table(), [0]), ag.ShapeError, "with offsets; expected"),
        (lambda: f.embedding_bag([0, 1], table(), [1]), ValueError, r"got offsets=\[1\] for 2 tokens"),
        (lambda: f.embedding_bag([0, 1], table(), [0, 3]), ValueError, "never descend"),
        (lambda: f.embedding_bag([[0]], table(), mode="min"), ValueError, "mode='min'"),
        (lambda: f.embedding_bag([[0]], table(), per_sample_weights=[[1.0]]), ag.ShapeError, "mode='sum'"),
        (lambda: f.embedding_bag([[0]], table(), mode="max", scale_grad_by_freq=True), ValueError, "another mode"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
