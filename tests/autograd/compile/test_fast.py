"""The NumPy back end: its memory, threads, and what many steps add up to."""

import threading

import numpy as np
import pytest

from autograd.compile import passes
from autograd.compile.api import compile as compiled
from autograd.compile.numpy.fast import Fast
from autograd.compile.program import GETITEM, PIECES
from benchmarks.workloads import WORKLOADS
from tests.autograd.compile.building import Build
from tests.autograd.compile.test_steps import BUILDERS


@pytest.mark.parametrize("name", ["mlp-tiny", "hvp"])
def test_a_hundred_steps_end_with_the_bits_of_eager(name):
    """Each pass of a program that runs keeps every bit, so nothing adds up."""
    (eager, read), (plain, compiled_read) = (
        BUILDERS[name](WORKLOADS[name].make()) for _ in range(2)
    )
    step = compiled(plain)
    for _ in range(100):
        eager(), step()
    ours, theirs = compiled_read(), read()
    assert step.programs and all(np.array_equal(ours[key], theirs[key]) for key in theirs)


def chain(n=20, size=1000):
    b = Build()
    x = b.input(np.linspace(0.0, 1.0, size))
    y = x
    for _ in range(n):
        y = b(np.exp, b(np.negative, y))
    return b, b(np.add, y, 1.0)


def test_places_are_used_again():
    b, y = chain()
    fast = Fast(b.program(y))
    assert fast.buffers.memory() <= 2 * 8000  # of 40 results
    [out] = fast.function()(*b.arrays())
    assert np.array_equal(out, b.values[y])


def test_no_call_writes_into_what_another_returned():
    b, y = chain()
    step = Fast(b.program(y)).function()
    first = step(*b.arrays())[0]
    kept = first.copy()
    step(np.zeros(1000))
    assert np.array_equal(first, kept) and first.base is None and first.flags.writeable


def test_threads_do_not_share_a_workspace():
    b, y = chain(60, 20000)
    step = Fast(b.program(y)).function()
    inputs = [np.full(20000, float(k)) for k in range(4)]
    wanted = [step(x)[0] for x in inputs]
    wrong = []

    def work(k):
        for _ in range(30):
            if not np.array_equal(step(inputs[k])[0], wanted[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


def test_a_call_that_raises_spoils_nothing():
    b, y = chain()
    step = Fast(b.program(y)).function()
    wanted = step(*b.arrays())[0]
    with pytest.raises(ValueError, match="broadcast"):
        step(np.zeros(7))
    assert np.array_equal(step(*b.arrays())[0], wanted)


def test_parts_of_a_padded_buffer_leave_its_zeros_alone():
    b = Build()
    x = b.input(np.ones((2, 3)))
    laid = b(PIECES, (4, 5), np.dtype(float), ((slice(1, 3), slice(1, 4)),), b(np.exp, x))
    program = passes.own_outputs(b.program(b(np.multiply, laid, 2.0)), 1)
    step = Fast(program).function()
    for k in range(3):
        [out] = step(np.full((2, 3), float(k)))
        assert np.array_equal(out, 2.0 * np.pad(np.exp(np.full((2, 3), float(k))), 1))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.bool_])
@pytest.mark.parametrize("number", [-1, 0, 300, 2.5, True])
def test_numbers_take_the_dtype_that_numpy_gives_them(dtype, number):
    b = Build()
    x = b.input(np.array([0, 1, 1]).astype(dtype))
    greater = b(np.greater, x, number)
    try:
        total = b(np.add, x, number)
    except OverflowError:
        total = greater
    program = b.program(b(np.logical_not, greater), b(np.multiply, total, 2))
    found, wanted = Fast(program).function()(*b.arrays()), program.run(b.arrays())
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)


def test_a_shape_that_depends_on_values_is_checked():
    b = Build()
    x = b.input(np.array([1.0, -1.0, 2.0]))
    chosen = b(GETITEM, x, b(np.greater, x, 0.0))
    step = Fast(b.program(b(np.multiply, b(np.exp, chosen), 2.0))).function()
    assert len(step(np.array([1.0, -1.0, 2.0]))[0]) == 2
    with pytest.raises(ValueError, match="another shape"):
        step(np.array([1.0, 1.0, 2.0]))
    with pytest.raises(ValueError, match="another shape"):
        step(np.array([1.0, -1.0, -2.0]))  # one entry would broadcast
