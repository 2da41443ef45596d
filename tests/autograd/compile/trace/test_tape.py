"""The tape: what is written down, what is looked at, and when it gives up."""

import threading

import numpy as np

from autograd.compile.program import Program
from autograd.compile.trace.number import Number
from autograd.compile.trace.tape import Tape, active, plain, same, traces, tree
from autograd.compile.trace.traced import Traced


def taped(f, *arrays):
    """Run a function on stands; the tape, and its plain result."""
    tape = Tape(Traced, Number)
    given = [tape.input(x, f"x{n}") for n, x in enumerate(arrays)]
    active.tape = tape
    try:
        out = f(*given)
    finally:
        active.tape = None
    return tape, out


def test_instructions_are_in_order_and_run_again():
    tape, out = taped(lambda x, y: np.exp(x) @ y, np.ones((2, 3)), np.full(3, 2.0))
    assert [i.operation.name for i in tape.instructions] == ["exp", "matmul"]
    program = Program(tape.inputs, tape.instructions, [out._variable])
    assert np.array_equal(program.run([np.zeros((2, 3)), np.ones(3)])[0], [3.0, 3.0])


def test_writes_reach_views_and_what_they_are_views_of():
    def f(x):
        row = x[1]
        row += 1.0
        return x.sum() + row[0]

    x = np.zeros((2, 2))
    tape, out = taped(f, x)
    assert x.tolist() == [[0.0, 0.0], [1.0, 1.0]] and out._value == 3.0
    program = Program(tape.inputs, tape.instructions, [out._variable])
    assert program.run([np.full((2, 2), 2.0)])[0] == 2 + 2 + 3 + 3 + 3


def test_looks_are_checks_with_their_lines():
    tape, _ = taped(lambda x: bool(x.sum() > 0), np.ones(2))
    [check] = tape.checks
    assert check.how == "bool" and check.value is True and "test_tape.py" in check.line


def test_another_thread_that_looks_ends_the_trace():
    def f(x):
        thread = threading.Thread(target=x.tolist)
        thread.start()
        thread.join()
        return x

    tape, _ = taped(f, np.ones(2))
    assert "another thread" in tape.lost and not tape.checks


def test_trees():
    assert tree(lambda x: x + 1, {"a": (1, [2]), "b": slice(0, 1, 2)}) == {
        "a": (2, [3]),
        "b": slice(1, 2, 3),
    }
    _, out = taped(lambda x: (x, [x * 2]), np.ones(1))
    assert [type(x) for x in (plain(out)[0], plain(out)[1][0])] == [np.ndarray, np.ndarray]
    assert traces(out) is None  # the tape is not active any more
    assert same(np.array([np.nan]), np.array([np.nan])) and not same(np.zeros(1), -np.zeros(1))
