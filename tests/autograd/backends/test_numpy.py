"""NumPy arrays as the engine sees them: read-only, owned by their nodes, without warnings."""

import numpy as np
import pytest

import autograd as ag
from autograd.backends.numpy import ARRAYS, as_array, frozen, is_locked, lock
from autograd.primitives import arithmetic as a


def test_lock_reaches_every_alias():
    base = np.arange(6.0)
    view = base.reshape(2, 3)[1:]
    assert not is_locked(view)
    assert lock(view) is view
    assert not base.flags.writeable and is_locked(view)


def test_frozen_copies_only_what_somebody_could_write_to():
    mine = np.ones(3)
    copy = frozen(mine)
    assert copy is not mine and not copy.flags.writeable
    assert frozen(copy) is copy and frozen(2.5) == 2.5


def test_frozen_copies_a_read_only_view_of_a_writable_array():
    base = np.ones(3)
    view = base[:2]
    view.setflags(write=False)
    kept = frozen(view)
    base[:] = 7.0
    assert kept.tolist() == [1.0, 1.0]


def test_as_array_copies():
    mine = np.ones(3)
    array = as_array(mine, None, "f")
    mine[:] = 2.0
    assert array.tolist() == [1.0] * 3 and not array.flags.writeable


def test_fit_sums_down_to_the_shape_that_was_broadcast():
    x = ag.Tensor(np.ones((3, 1)), requires_grad=True)
    node = x * np.ones((2, 3, 4))
    fitted = ARRAYS.fit(node, 0, np.ones((2, 3, 4)), x.data)
    assert fitted.tolist() == [[8.0]] * 3


def test_fit_takes_a_plain_number_for_an_array_of_it():
    x = ag.Tensor(np.ones((2, 2)), requires_grad=True)
    assert ARRAYS.fit(a.neg(x), 0, 3.0, x.data).tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_fit_brings_the_dtype_of_the_argument():
    x = ag.Tensor(np.ones(2, np.float32), requires_grad=True)
    assert ARRAYS.fit(a.neg(x), 0, np.ones(2), x.data).dtype == np.float32


def test_zero_cotangents_contribute_zero_entry_by_entry():
    x = ag.Tensor([0.0, 4.0], requires_grad=True)
    node = ag.sqrt(x)
    with np.errstate(all="ignore"):
        c = ARRAYS.safe_rule(node, 0, np.array([0.0, 1.0]), node.data, node.saved)
    assert c.tolist() == [0.0, 0.25]


def test_accumulated_arrays_share_no_memory():
    x, y = (ag.Tensor(np.ones(2), requires_grad=True) for _ in range(2))
    g = np.ones(2)
    ARRAYS.accumulate([x, y], [g, g])
    x.grad[0] = 5.0
    assert y.grad.tolist() == [1.0, 1.0]


def test_plain_numbers_and_object_arrays_of_values_are_computed_too():
    assert a.add(1.0, 2) == 3.0
    both = a.mul(np.array([ag.Value(2.0), ag.Value(3.0)], object), 2.0)
    assert [v.data for v in both] == [4.0, 6.0]


@pytest.mark.parametrize("size", [1, 2, 7, 4096, 4097, 5000])
def test_nan_is_found_wherever_it_is(size):
    """Large gradients are searched by halves."""
    g = np.ones((size, 1))
    assert not ag.Tensor._backend.has_nan([g])
    for place in {0, size // 2 - 1, size // 2, (size + 1) // 2, size - 1} & set(range(size)):
        g[place] = np.nan
        assert ag.Tensor._backend.has_nan([np.ones(3), g])
        g[place] = 1.0


@pytest.mark.parametrize("use", ["operand", "index"])
def test_a_view_that_is_read_only_may_still_change(use):
    """Nobody can write through it, but whoever has the array that it shows can."""
    base = np.array([1, 2])
    view = base[:]
    view.flags.writeable = False
    x = ag.Tensor([1.0, 10.0, 100.0], requires_grad=True)
    y = x[:2] * view if use == "operand" else x[view]
    base[:] = 0
    y.sum().backward()
    assert x.grad.tolist() == ([1.0, 2.0, 0.0] if use == "operand" else [0.0, 1.0, 1.0])


def test_fit_refuses_what_would_be_summed_to_the_right_shape():
    """(2, 3) sums down to (3,), but the result that it is a gradient of has the shape (3,)."""
    x = ag.Tensor(np.ones(3), requires_grad=True)
    with pytest.raises(ag.GraphError, match=r"neg: got a gradient of shape \(2, 3\)"):
        ARRAYS.fit(a.neg(x), 0, np.ones((2, 3)), x.data)


def test_fit_broadcasts_a_gradient_of_fewer_entries_against_its_argument():
    x = ag.Tensor(np.ones((3, 1)), requires_grad=True)
    node = x * np.ones((3, 4))
    assert ARRAYS.fit(node, 0, np.arange(4.0)[None], x.data).tolist() == [[6.0]] * 3


def test_a_gradient_that_a_hook_sees_is_a_copy_unless_nobody_can_write_to_it():
    mine = np.ones(3)
    seen = ARRAYS.read_only(mine)
    assert seen is not mine and not seen.flags.writeable and ARRAYS.read_only(seen) is seen
    assert type(ARRAYS.read_only(np.float64(2.0))) is np.ndarray


def test_separate_copies_what_is_shared():
    g, other = np.ones(2), np.ones(3)
    first, second = ARRAYS.separate([g, other])
    assert first is g and second is other
    first, second = ARRAYS.separate([g, g])
    assert not np.shares_memory(first, second)
    [view] = ARRAYS.separate([other[:2]])
    assert view.base is None
    [one] = ARRAYS.separate([np.float64(2.0)])
    assert type(one) is np.ndarray


@pytest.mark.parametrize("seed", ["text", np.ones(3) * 1j, [None] * 3, object()], ids=type)
def test_a_seed_that_is_no_real_number_is_refused(seed):
    y = ag.Tensor(np.ones(3), requires_grad=True) * 2.0
    with pytest.raises(ag.DTypeError, match=r"backward: got gradient=.*; expected real numbers"):
        y.backward(seed)


@pytest.mark.parametrize("seed", [[1, 2, 3], np.arange(3.0), ag.Tensor([1.0, 2.0, 3.0])], ids=type)
def test_a_seed_is_anything_like_an_array(seed):
    x = ag.Tensor(np.ones(3), requires_grad=True)
    (x * 2.0).backward(seed)
    np.testing.assert_array_equal(x.grad, 2.0 * np.asarray(seed))


@pytest.mark.parametrize("f", [ag.add, ag.maximum, ag.multiply])
def test_none_is_no_number_even_beside_an_empty_array(f):
    for arguments in ((None, np.zeros(0)), (np.zeros(0), None)):
        with pytest.raises(
            TypeError, match=f"{f.__name__}: got .*; NumPy says: None is not a number"
        ):
            f(*arguments)
