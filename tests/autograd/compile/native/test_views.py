"""Views: strides and offsets are those that NumPy finds for the same moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from autograd.compile.native.lower import Lowering
from autograd.compile.native.terms import Term, broadcast, moved, reshaped, root, transposed
from autograd.compile.native.views import View, contiguous


class Plain:
    """What `Lowering.sliced` asks of a lowering, without copies."""

    def seen(self, op, term, shape, **static):
        return moved(op, term, shape, **static)


def shown(view, buffer):
    """The entries that a view shows of a buffer, checked to lie inside it."""
    reach = [view.offset]
    for n, s in zip(view.shape, view.strides, strict=True):
        reach += [at + s * (n - 1) for at in reach]
    assert min(reach) >= 0 and max(reach) < buffer.size
    return as_strided(buffer[view.offset :], view.shape, [8 * s for s in view.strides])


def random_move(draw, term, array):
    """A move of a term, and of the array."""
    n = array.ndim
    kind = draw(st.sampled_from(["reshape", "transpose", "broadcast", "slice", "windows"]))
    if kind == "transpose":
        axes = tuple(draw(st.permutations(range(n))))
        return transposed(term, axes), array.transpose(axes)
    if kind == "broadcast" and array.size < 200:
        shape = [draw(st.integers(1, 3)) if k == 1 else k for k in array.shape]
        shape = (*draw(st.lists(st.integers(1, 3), max_size=1)), *shape)
        return broadcast(term, shape), np.broadcast_to(array, shape)
    if kind == "slice":
        index = tuple(draw(cuts(k)) for k in array.shape)
        if draw(st.booleans()):
            index = (*index[: n // 2], None, *index[n // 2 :])
        return Lowering.sliced(Plain(), term, (*index, ...)), array[(*index, ...)]
    if kind == "windows" and n:
        size = draw(st.integers(1, array.shape[-1]))
        stride, room = draw(st.integers(1, 3)), array.shape[-1]
        dilation = draw(st.integers(1, 1 + (room - size) // max(size - 1, 1) if size > 1 else 1))
        reach = dilation * (size - 1) + 1
        if reach <= room:
            out = sliding_window_view(array, reach, -1)[..., ::stride, ::dilation]
            facts = {"size": (size,), "stride": (stride,), "dilation": (dilation,)}
            return moved("windows", term, out.shape, **facts), out
    shape = draw(st.sampled_from(shapes_of(array.size)))
    return reshaped(term, shape), array.reshape(shape)


def cuts(n):
    some = st.tuples(st.integers(-n, n - 1), st.sampled_from([1, 2, -1, -2]))
    by_step = some.map(lambda at: slice(at[0], None, at[1]))
    return st.one_of(st.integers(-n, n - 1), st.just(slice(None)), by_step)


def shapes_of(size):
    found = [(size,), (1, size), (size, 1)]
    found += [(k, size // k) for k in range(2, size) if size % k == 0]
    return found + [(2, 1, size // 4, 2) for _ in range(size % 4 == 0)]


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_a_chain_of_moves_shows_what_numpy_shows(data):
    shape = data.draw(st.lists(st.integers(1, 4), max_size=3))
    buffer = np.arange(float(np.prod(shape)))
    term, array = Term("input", (), shape, float), buffer.reshape(shape)
    view = View.whole(term)
    for _ in range(data.draw(st.integers(1, 5))):
        move, array = random_move(data.draw, term, array)
        if array.size > 400:
            return
        assert move.shape == array.shape and root(move) is root(term)
        if move is term:
            continue
        after = view.of(move)
        copied = move.op == "reshape" and not np.shares_memory(array, buffer)
        assert (after is None) is copied
        if after is None:  # entries in memory of their own, as lowering then puts them
            term, buffer = Term("input", (), array.shape, float), array.ravel().copy()
            array, view = buffer.reshape(array.shape), None
            view = View.whole(term)
            continue
        term, view = move, after
        assert np.array_equal(shown(view, buffer), array)
        assert view.size() == array.size
        assert view.is_contiguous() == array.flags.c_contiguous


def test_strides_in_c_order():
    assert contiguous((2, 3, 4)) == (12, 4, 1) and contiguous(()) == ()


@pytest.mark.parametrize(
    ("shape", "strides", "fits"),
    [
        ((3, 4), (4, 1), True),
        ((3, 4), (9, 1), True),
        ((3, 4), (1, 3), True),
        ((3, 4), (1, 7), True),
        ((3, 4), (2, 1), False),
        ((3, 4), (8, 2), False),
        ((3, 4), (0, 1), False),
        ((3, 4), (-4, 1), False),
        ((3, 4), (4, -1), False),
        ((3, 4), (1, 0), False),
        ((1, 4), (0, 1), True),
        ((1, 4), (0, 3), True),
        ((3, 1), (5, 0), True),
        ((3, 1), (1, 0), True),
        ((1, 1), (0, 0), True),
        ((5, 3, 4), (0, 4, 1), True),
    ],
)
def test_what_blas_takes(shape, strides, fits):
    term = Term("input", (), (1000,), float)
    assert View(term, 100, shape, strides).fits_product() is fits
