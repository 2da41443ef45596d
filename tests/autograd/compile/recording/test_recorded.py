"""What is left of a traced call: two of one step have one signature, and can be aligned."""

import numpy as np

from autograd.compile.passes import matches
from autograd.compile.recording.recorded import Recording, aligned
from tests.autograd.compile.recording.test_session import session_of


def recording(f, *args):
    session = session_of(f, *args)
    result, _ = session.record(f)
    result.settled()
    made = Recording(session, result, True)
    session.undo()
    return made


def stepping():
    state = {"a": np.ones(3), "b": np.zeros(3), "unused": np.ones(5)}

    def f(x):
        state["b"] = state["b"] * 0.5 + x
        state["a"] = state["a"] - state["b"]
        return state["a"]

    return f


def test_signatures():
    f = stepping()
    one, two, other = (recording(f, np.ones(n)) for n in (3, 3, 1))
    assert one.signature == two.signature and hash(one.signature) == hash(two.signature)
    assert one.signature != other.signature
    assert matches(one.program, two.program) == ""


def test_two_walks_in_another_order_are_aligned():
    f = stepping()
    one, two = recording(f, np.ones(3)), recording(f, np.ones(3))
    one.program.inputs.reverse()
    assert matches(one.program, two.program) != ""
    program = aligned(one, two)
    assert program is not None and matches(program, two.program) == ""
    assert aligned(recording(stepping(), np.ones(3)), two) is None  # another state


def test_results_that_are_one_array():
    f = stepping()
    made = recording(f, np.ones(3))
    assert made.shared  # state["a"], which is returned too
    made = recording(lambda x: (x, x * 2.0), np.ones(3))
    assert made.given == {0: "args[0]"}
