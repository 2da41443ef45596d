"""Windows and their transpose."""

import numpy as np
import pytest

import autograd as ag

X = np.arange(30.0).reshape(5, 6)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), ((2, 1), (1, 3))])
def test_fold_is_the_transpose_of_windows(stride, dilation):
    out = ag.windows(X, (2, 2), stride, dilation)
    g = np.random.default_rng(0).normal(size=out.shape)
    folded = ag.fold(g, X.shape, stride, dilation)
    assert np.vdot(out, g) == pytest.approx(np.vdot(X, folded), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.windows(X, 7), r"windows: got windows that reach over \(7,\) entries for shape \(5, 6\)"),
        (lambda: ag.windows(X, 0), "windows: got size=0; expected one or more positive ints"),
        (lambda: ag.windows(X, (2, 2), (1, 1, 1)), r"windows: got stride=\(1, 1, 1\); expected 1 or 2 positive ints"),
        (lambda: ag.fold(X[0], 3), r"fold: got shape \(6,\); expected at least 2 axes"),
        (lambda: ag.fold(X, 3), r"fold: got \(5,\) windows of \(6,\) in \(3,\) with stride"),
        (lambda: ag.sliding_window_view(X, (2, 2), 0), "expected one length for each axis"),
        (lambda: ag.sliding_window_view(X, (2, 2), (0, 0)), "expected each axis once"),
    ],
)  # fmt: skip
def test_messages(call, message):
    with pytest.raises(ag.ShapeError, match=message):
        call()
