"""What the formulas of several optimizers share."""

import numpy as np
import pytest

from nn.optim.formulas import apply_update, count_step, ema, factor_for
from tests.autograd.backends.remote import Remote


def test_an_update_reuses_the_memory_of_its_change_only_if_nobody_keeps_it():
    data, g = np.array([1.0, 2.0]), np.array([0.25, 0.5])
    change = 2.0 * g
    assert apply_update(data, change, g, {}) is change
    for change, state in ((g, {}), (kept := 2.0 * g, {"buffer": kept})):
        before = change.copy()
        new = apply_update(data, change, g, state)
        assert new is not change and (change == before).all() and not new.flags.writeable
        np.testing.assert_array_equal(new, data - before)


def test_an_update_leaves_what_its_change_is_a_view_of():
    data, kept = np.array([1.0, 2.0]), np.array([[0.25, 0.5], [3.0, 4.0]])
    new = apply_update(data, kept[0], np.ones(2), {"both": kept})
    assert new.tolist() == [0.75, 1.5] and kept.tolist() == [[0.25, 0.5], [3.0, 4.0]]


def test_a_change_is_broadcast():
    data = np.array([[1.0, 2.0], [3.0, 4.0]])
    for change in (np.array([0.5, 0.25]), np.array([[0.5, 0.25]]), np.array([[0.5], [0.25]])):
        before = change.copy()
        new = apply_update(data, change, np.ones(2), {})
        np.testing.assert_array_equal(new, data - before)
        np.testing.assert_array_equal(change, before)


def test_without_axes_an_update_and_its_state_are_arrays_too():
    state = {"average": np.float32(0.5)}
    new = apply_update(np.array(2.0, np.float32), np.float64(0.25), np.float32(1.0), state)
    assert new == 1.75 and state["average"] == 0.5
    for x in (new, state["average"]):
        assert type(x) is np.ndarray and x.shape == () and x.dtype == np.float32


def test_an_update_on_a_device_stays_there():
    data, change = Remote(np.array([1.0, 2.0], np.float32)), Remote(np.array([0.25, 0.5]))
    new = apply_update(data, change, change, {})
    assert isinstance(new, Remote) and new.dtype == np.float32
    assert new.get().tolist() == [0.75, 1.5]


def test_an_update_keeps_the_dtype():
    data = np.ones(2, np.float32)
    assert apply_update(data, np.ones(2), np.ones(2), {}).dtype == np.float32


def test_an_average_starts_from_zero():
    average = None
    for x in (1.0, 2.0):
        average = ema(average, x, 0.5)
    assert average == 0.5 * 0.5 + 0.5 * 2.0


@pytest.mark.parametrize("start", [{}, {"step": np.array(3.0)}])
def test_steps_are_counted_in_an_array(start):
    state = dict(start)
    before = float(start.get("step", 0.0))
    assert count_step(state) == before + 1.0
    assert isinstance(state["step"], np.ndarray) and state["step"].shape == ()


@pytest.mark.parametrize("start", [3.0, np.float64(3.0)])
def test_a_count_that_is_no_array_becomes_one(start):
    state = {"step": start}
    assert count_step(state) == 4.0
    assert isinstance(state["step"], np.ndarray) and state["step"] == 4.0


def test_a_factor_does_not_widen():
    for dtype in (np.float32, np.float64):
        x = np.ones(2, dtype)
        assert (factor_for(x, np.float64(0.5)) * x).dtype == dtype
