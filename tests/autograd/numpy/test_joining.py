"""Splitting: the pieces are NumPy's, and each gets its own gradient."""

import numpy as np
import pytest

import autograd as ag

V = np.linspace(-1.9, 2.1, 6)
C = np.linspace(-1.5, 2.2, 24).reshape(2, 3, 4)


@pytest.mark.parametrize(("name", "arguments"), [("split", (2, 2)), ("array_split", (3, 2))])
def test_splits_are_numpy_s(name, arguments):
    t = ag.Tensor(C, requires_grad=True)
    pieces = getattr(np, name)(t, *arguments)
    for piece, reference in zip(pieces, getattr(np, name)(C, *arguments), strict=True):
        np.testing.assert_array_equal(piece.data, reference)
    weighted = sum(p.sum() * (k + 1.0) for k, p in enumerate(pieces))
    assert ag.gradients(weighted, [t])[0].min() == 1.0


def test_splits_at_indices():
    pieces = np.split(ag.Tensor(V, requires_grad=True), [1, 3])
    assert [p.shape for p in pieces] == [(1,), (2,), (3,)]


@pytest.mark.parametrize("join", ["concatenate", "stack", "hstack", "vstack"])
def test_integers_are_joined_in_a_dtype_without_a_detour_through_floats(join):
    """What int64 and uint64 have in common is float64, which holds 53 bits."""
    a, b = np.array([2**53 + 1]), np.array([2**64 - 3], np.uint64)
    for dtype, arrays in ((np.int64, [a, b]), (np.uint64, [b, np.array([1], np.uint8)])):
        ours, theirs = (getattr(m, join)(arrays, dtype=dtype) for m in (ag, np))
        assert ours.dtype == theirs.dtype == dtype and ours.tolist() == theirs.tolist()
    with pytest.raises(TypeError, match="dtype=int64 for arrays of dtype float64"):
        getattr(ag, join)([a, np.array([1.5])], dtype=int)
