"""Reading the caller's instruction: idioms that no method can tell apart, and nothing else."""

import contextlib
import math
import struct
import sys

import numpy as np
import pytest

import autograd as ag
from autograd.nodes.callers import scipy_caller

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


@KINDS
def test_formatting_by_percent_works(make):
    x = make(2.5)
    assert "%.2f" % x == "2.50" and "%d of %.1f" % (x, x) == "2 of 2.5"  # noqa: UP031
    text = "loss %g"
    text %= x
    assert text == "loss 2.5"
    assert b"%.1f" % x == b"2.5"
    assert f"{x:.2f}" == f"{x:.2f}" == "2.50"
    with pytest.raises(ag.GraphError, match=r"^float, math or an array's element: got"):
        "%.2f" % float(x)  # noqa: UP031


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger traces")
@pytest.mark.parametrize(
    "write",
    [
        lambda array, x: array.__setitem__(0, x),
        lambda array, x: array.fill(x),
        lambda array, x: np.fromiter([x], float),
    ],
)
def test_numpy_s_own_error_says_what_ours_says(write):
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(
        ValueError, match=r"element: got a Tensor that requires a gradient.*item\(\)"
    ):
        write(np.zeros(2), x[0] * 3.0)
    assert sys.gettrace() is None


@pytest.mark.parametrize(
    "statement",
    [
        "o[0] = t[0] * 3",
        "o[0] = t[0]",
        "o.flat[0] = t[0]",
        "o[[0]] = t[0]",
        "o[:] = t",
        "o[:] = [t[0], t[1]]",
        "o[1] = v",
        "o.flat[1] = v",
    ],
)
@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger traces")
def test_an_assignment_into_an_array_says_so_and_names_its_cure(statement):
    t, v = ag.Tensor([1.0, 2.0], requires_grad=True), ag.Value(2.0)
    with pytest.raises((ValueError, ag.GraphError)) as caught:
        exec(statement, {"o": np.zeros(2), "t": t, "v": v})
    text = str(caught.value)
    assert text.startswith("array[i] = t: got an assignment of a")
    assert "ag.stack" in text and "t.at[i].set" in text


def test_math_is_named():
    with pytest.raises(ag.GraphError, match=r"^float, math or an array's element: got a Tensor"):
        math.exp(ag.Tensor(1.0, requires_grad=True))


@KINDS
def test_writing_a_node_into_an_array_names_the_way_out(make):
    array, x = np.zeros(2), make(2.0)
    with pytest.raises((ValueError, ag.GraphError)) as caught:
        array[0] = x * 3.0
    if sys.gettrace() is None:
        assert "requires a gradient" in str(caught.value) and "item()" in str(caught.value)
    for index in (slice(0, 1), [0], ..., np.array([True, False])):
        with pytest.raises(ag.GraphError, match="requires a gradient"):
            array[index] = x * 3.0
    assert array.tolist() == [0.0, 0.0]
    array[0] = (x * 3.0).item()
    array[1] = x.detach()
    assert array.tolist() == [6.0, 2.0]


def test_a_tracer_of_somebody_else_is_left_alone():
    x, events = ag.Tensor(1.0, requires_grad=True), []

    def mine(frame, event, argument):
        events.append(event)

    before = sys.gettrace()
    sys.settrace(mine)
    try:
        with pytest.raises(ag.GraphError):
            float(x)
        assert sys.gettrace() is mine
    finally:
        sys.settrace(before)


def test_an_error_that_is_caught_leaves_no_tracer():
    x = ag.Tensor(1.0, requires_grad=True)
    before = sys.gettrace()
    for _ in range(3):
        with contextlib.suppress(ag.GraphError):
            float(x)
    assert sys.gettrace() is before


def test_many_names_are_unpacked():
    """More than 255 names take an instruction with a long argument, which is not looked at."""
    names = ", ".join(f"n{i}" for i in range(300))
    found = {}
    exec(f"{names} = t", {"t": ag.Tensor(np.arange(300.0))}, found)
    assert found["n299"].item() == 299.0


def test_a_refused_conversion_leaves_no_cycle(no_cycles):
    x, array = ag.Tensor([1.0, 2.0], requires_grad=True), np.zeros(2)
    for use in (float, math.exp, lambda y: array.__setitem__(0, y)):
        with contextlib.suppress(ag.GraphError, ValueError):
            use(x[0])


def test_an_update_is_seen_beside_many_names():
    """The index of the name needs an instruction of its own, which stands in between."""
    names = "; ".join(f"w.a{i}" for i in range(600))
    lines = f"def f(w, g):\n    if False: {names}\n    w.data -= g\n    return 0 < w.data.sum() < 9"
    space = {}
    exec(lines, space)
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert space["f"](w, np.array([0.5, 0.5])) and w.data.tolist() == [0.5, 1.5]
    assert not w.data.flags.writeable


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda special, t: special.softmax(t, axis=0), "softmax: .*; write ag.softmax"),
        (lambda special, t: special.log_softmax(t), "log_softmax: .*; write ag.log_softmax"),
        (lambda special, t: special.logsumexp(t), "logsumexp: .*; write ag.logsumexp"),
        (lambda special, t: special.polygamma(1, t), "polygamma: .*; write ag.polygamma"),
    ],
)
def test_scipys_functions_in_python_name_ours(call, advice):
    special = pytest.importorskip("scipy.special")
    t = ag.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ag.GraphError, match=rf"^scipy\.special\.{advice}"):
        call(special, t)
    call(special, t.detach())
    with pytest.raises(ag.GraphError, match=r"^np\.array: "):
        special.multigammaln(t, 1)  # which has no other form here


@KINDS
def test_six_arguments_are_no_percent_sign(make):
    """The instruction of such a call has the same argument as that of the operator."""
    x = make(3.0)
    with pytest.raises(ag.GraphError, match="that requires a gradient, which a plain number would"):
        math.hypot(x, 1.0, 1.0, 1.0, 1.0, 1.0)


def test_no_names_are_unpacked():
    with pytest.raises(ag.ShapeError, match="got a Tensor of 2 entries for 0 names"):
        () = ag.Tensor([1.0, 2.0])
    () = ag.Tensor(np.ones(0))


@KINDS
def test_an_error_of_another_library_keeps_its_words(make):
    with pytest.raises(struct.error, match=r"^required argument is not a float$"):
        struct.pack("d", make(2.0))
    assert sys.gettrace() is None


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger traces")
def test_a_frame_is_traced_no_longer_than_the_error_takes():
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    with contextlib.suppress(ag.GraphError, ValueError):
        np.zeros(2)[0] = x[0]
    assert sys._getframe().f_trace is None


def test_only_functions_of_scipys_are_named_as_such():
    def softmax(t):
        return np.asarray(t)

    with pytest.raises(ag.GraphError, match=r"^np\.array: "):
        softmax(ag.Tensor([1.0, 2.0], requires_grad=True))
    assert scipy_caller(None) is None
