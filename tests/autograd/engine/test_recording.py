"""Recording is switched per thread, and back on the way out."""

import contextvars
import threading

import pytest

import autograd as ag

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


@KINDS
def test_no_grad_is_a_context_and_a_decorator(make):
    x = make(3.0)
    with ag.no_grad():
        y = x * x
        with ag.enable_grad():
            z = x * x
        w = x * x
    assert (y.requires_grad, z.requires_grad, w.requires_grad) == (False, True, False)
    assert y.inputs == () and y.op is None

    @ag.no_grad()
    def square(t):
        return t * t if t.data < 2.0 else square(t * 0.5)

    assert not square(x).requires_grad
    assert (x * x).requires_grad


def test_no_grad_ends_with_an_exception():
    with pytest.raises(KeyError), ag.no_grad():
        raise KeyError
    assert ag.is_recording()


def test_recording_is_per_thread():
    seen = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: seen.append((ag.Value(1.0) * 2.0).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


def test_switches_nest_and_can_be_entered_again():
    x, off = ag.Value(3.0), ag.no_grad()
    with off, off:
        assert not ag.is_recording()
        with ag.enable_grad():
            assert (x * x).requires_grad
        assert not ag.is_recording()
    assert ag.is_recording()


def test_enable_grad_outside_changes_nothing():
    with ag.enable_grad():
        assert ag.is_recording()
    assert ag.is_recording()


def test_recording_is_per_context():
    with ag.no_grad():
        context = contextvars.copy_context()
    assert not context.run(ag.is_recording) and ag.is_recording()
