"""Recording is switched off and on for a block, for this thread and this task only."""

import _thread
import asyncio
import contextvars
import gc
import threading

import pytest

import autograd as ag
import nn
from tests.interrupts import interrupted_at

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


def test_blocks_nest_and_errors_leave_them():
    seen = [ag.is_recording()]
    with ag.no_grad():
        seen.append(ag.is_recording())
        with ag.no_grad(), ag.enable_grad():
            seen.append(ag.is_recording())
        seen.append(ag.is_recording())
    with pytest.raises(KeyError), ag.no_grad():
        raise KeyError
    assert [*seen, ag.is_recording()] == [True, False, True, False, True]


def test_one_object_may_be_entered_within_itself():
    off = ag.no_grad()
    with off, off:
        assert not ag.is_recording()
    assert ag.is_recording()


def test_other_threads_keep_recording():
    seen = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: seen.append(ag.is_recording()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_other_tasks_keep_recording():
    async def off():
        with ag.no_grad():
            await asyncio.sleep(0.01)
            return ag.is_recording()

    async def other():
        await asyncio.sleep(0)
        return ag.is_recording()

    async def both():
        return await asyncio.gather(off(), other())

    assert asyncio.run(both()) == [False, True]


@pytest.mark.parametrize("switch", [ag.no_grad, ag.enable_grad])
def test_a_flag_is_refused(switch):
    with pytest.raises(
        ag.DTypeError,
        match=rf"{switch.__name__}: got an int; expected no argument or a function; write",
    ):
        switch(0)


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


def test_enable_grad_outside_changes_nothing():
    with ag.enable_grad():
        assert ag.is_recording()
    assert ag.is_recording()


def test_recording_is_per_context():
    with ag.no_grad():
        context = contextvars.copy_context()
    assert not context.run(ag.is_recording) and ag.is_recording()


@pytest.mark.parametrize("around", [ag.no_grad, ag.enable_grad])
@pytest.mark.parametrize("make", [ag.no_grad, ag.enable_grad])
def test_an_interrupt_at_the_beginning_or_end_of_a_block_leaves_nothing_behind(around, make):
    x = ag.Value(2.0)

    def block():
        with make():
            pass

    with around():
        n = 1
        while interrupted_at(n, block):
            assert (x * x).requires_grad is (around is ag.enable_grad)
            assert ag.is_recording() is (around is ag.enable_grad)
            n += 1
    assert n > 12 and (x * x).requires_grad
    n = 1
    while interrupted_at(n, block):
        assert (x * x).requires_grad and ag.is_recording()
        n += 1


def test_an_interrupt_before_the_end_of_an_operation_without_recording():
    """The block that an interrupt ended is tidied up by the next look, which may be one as well."""
    x = ag.Value(2.0)

    def block():
        with ag.no_grad():
            pass

    for n in range(1, 30):
        for m in range(1, 30):
            if interrupted_at(n, block):
                interrupted_at(m, ag.is_recording)
                assert (x * x).requires_grad and ag.exp(x).requires_grad


def test_a_switch_is_left_through_its_class_and_twice_is_too_often():
    switch = ag.no_grad()
    switch.__enter__()
    type(switch).__exit__(switch, None, None, None)
    assert ag.is_recording()
    with pytest.raises(IndexError):
        switch.__exit__(None, None, None)
    assert ag.is_recording()


def test_a_context_that_was_copied_in_a_block_outlives_it():
    with ag.no_grad():
        inside = contextvars.copy_context()
        deeper = inside.run(contextvars.copy_context)
    assert ag.is_recording()
    assert not inside.run(ag.is_recording) and not deeper.run(ag.is_recording)
    with ag.no_grad():
        assert not ag.is_recording()
    assert ag.is_recording()


def elsewhere(function):
    """Call a function in another thread, and wait for it."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def left(switch):
    switch.__exit__(None, None, None)


def test_a_block_that_another_thread_ends_is_over():
    switch = ag.no_grad()
    switch.__enter__()
    elsewhere(lambda: left(switch))
    assert ag.is_recording()


def test_a_block_that_another_thread_ends_in_one_that_goes_on():
    switch = ag.no_grad()
    with ag.no_grad():
        switch.__enter__()
        elsewhere(lambda: left(switch))
        assert not ag.is_recording()
    assert ag.is_recording()


def test_a_switch_that_threads_share_ends_the_block_of_the_thread_that_leaves():
    """Also where yet another thread has ended one of the blocks before."""
    switch, seen = ag.no_grad(), []
    entered, ended = threading.Event(), threading.Event()

    def work():
        switch.__enter__()
        entered.set()
        ended.wait(10)
        seen.append(ag.is_recording())

    switch.__enter__()
    switch.__enter__()
    elsewhere(lambda: left(switch))
    thread = threading.Thread(target=work)
    thread.start()
    assert entered.wait(10)
    left(switch)
    ended.set()
    thread.join()
    assert ag.is_recording() and seen == [False]


def test_a_block_ends_in_a_module_that_was_called_in_it():
    on = ag.enable_grad()

    class Leaving(nn.Module):
        def forward(self, x):
            before = (x * x).requires_grad
            left(on)
            return before, (x * x).requires_grad, ag.is_recording()

    with ag.no_grad():
        on.__enter__()
        assert Leaving()(ag.Value(2.0)) == (True, False, False)
        assert not ag.is_recording()
    assert ag.is_recording()


def test_a_function_may_begin_a_block_and_return():
    switch = ag.no_grad()
    begin = lambda: switch.__enter__()
    begin()
    assert not ag.is_recording()
    left(switch)
    assert ag.is_recording()


def test_a_block_whose_switch_is_dropped_goes_on():
    def dropped():
        ag.no_grad().__enter__()
        gc.collect()
        return ag.is_recording()

    assert contextvars.copy_context().run(dropped) is False


def test_a_switch_is_collected_like_any_object():
    """It is no file, which would be closed."""
    closed = []
    for switch in (ag.no_grad(), ag.enable_grad()):
        with switch:
            pass
        switch.close = lambda: closed.append(1)
    del switch
    gc.collect()
    assert ag.is_recording() and not closed


def test_a_block_in_a_function_that_nothing_called():
    """As in the outermost lines of a program, whose frame is the first."""
    seen, done = [], threading.Event()

    def work():
        try:
            with ag.no_grad():
                seen.append(ag.is_recording())
            seen.append(ag.is_recording())
        finally:
            done.set()

    work()
    done.clear()
    _thread.start_new_thread(work, ())
    assert done.wait(10) and seen == [False, True] * 2


@pytest.mark.parametrize("result", [lambda x: x * x, ag.exp, lambda x: ag.stack([x, x])])
def test_a_block_of_a_suspended_generator_hides_no_part(result):
    def silent():
        with ag.no_grad():
            yield

    x = ag.Tensor([1.0], requires_grad=True)
    with ag.part("p"):
        held = silent()
        next(held)
        assert result(x).note.scope.name == "p"
        held.close()
    held = silent()
    next(held)
    assert result(x).note is None


def test_positions_need_no_transform_around():
    x = ag.Tensor([1.0, 3.0, 2.0], requires_grad=True)
    assert contextvars.Context().run(x.argmax) == 1


def test_the_kernels_of_a_new_thread_record_nothing():
    seen = []
    x = ag.Tensor([1.0], requires_grad=True)
    probe = ag.Primitive(
        "probe", lambda a: seen.append(ag.is_recording()) or a + 0.0, lambda g, out, a: g
    )
    elsewhere(lambda: probe(x))
    probe(x)
    assert seen == [False, False]
