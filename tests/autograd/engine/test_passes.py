"""Backward passes that meet: one in the middle of another, after an error, in several threads."""

import os
import random
import signal
import sys
import threading

import numpy as np
import pytest

import autograd as ag
from autograd.engine import backward, unrolled

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


def nothing_left_at(root):
    """Whether no pass left cotangents behind, or is thought to be under way."""
    nodes = ag.ancestors([root])
    return all(node._cotangent is None for node in nodes) and not unrolled._marked


@KINDS
def test_a_pass_in_a_hook_over_the_same_nodes_disturbs_neither(make):
    """At `c` the outer pass has handed on a part to `a` and `x` already; the inner one begins anew."""
    x = make(2.0)
    a = x * 3.0
    b = a * a
    c = b * 1.0
    inner = []

    def begin_two(g):
        inner.extend(ag.gradients(b * a, [x, a]))
        inner.extend(ag.gradients(a * a, [x, b]))

    c.register_hook(begin_two)
    (c * a * x).backward()
    assert x.grad == 4 * 27.0 * 2.0**3
    assert inner == [3 * 27.0 * 2.0**2, 3 * 6.0**2, 2 * 9.0 * 2.0, None]


@KINDS
def test_a_pass_in_a_rule_over_the_same_nodes(make):
    x = make(2.0)
    shared = x * x

    def rule(g, out, y):
        [slope] = ag.gradients(shared * x, [x])
        return g * slope

    double = ag.Primitive("double", lambda y: 2.0 * y, rule, elementwise=True)
    y = double(shared) + shared
    [dx] = ag.gradients(y * x, [x])
    assert dx == 2.0 * (3 * 2.0**2) * 2 * 2.0 + 3 * 2.0**2 + 2 * 4.0


@KINDS
def test_after_an_error_in_a_pass_the_next_one_is_right(make):
    x = make(2.0)
    y = x * x
    z = y * x + y
    errors = [True]

    def hook(g):
        if errors:
            raise KeyError("once")

    y.register_hook(hook)
    for attempt in (z.backward, lambda: ag.gradients(z, [x])):
        errors[:] = [True]
        with pytest.raises(KeyError):
            attempt()
        assert x.grad == (0.0 if isinstance(x, ag.Value) else None)
        assert nothing_left_at(z)
    errors.clear()
    [dx] = ag.gradients(z, [x])
    z.backward()
    assert dx == x.grad == 3 * 2.0**2 + 2 * 2.0


@KINDS
def test_after_an_error_in_an_inner_pass_the_outer_goes_on(make):
    x = make(2.0)
    y = x * x
    w = x * 5.0

    def fail(g):
        raise KeyError

    w.register_hook(fail)

    def reenter(g):
        with pytest.raises(KeyError):
            (y * w).backward()

    y.register_hook(reenter)
    (y * x).backward()
    assert x.grad == 3 * 2.0**2


@KINDS
def test_a_pass_leaves_nothing_behind(make):
    x, other = make(2.0), make(3.0)
    y = x * x + other
    z = y * other
    for run in (
        z.backward,
        lambda: ag.gradients(z, [x]),
        lambda: ag.gradients(z, [make(1.0)]),
        lambda: ag.gradients(z, [y], create_graph=True),
    ):
        run()
        assert nothing_left_at(z)


def at_once(*programs):
    """Run programs in threads that begin together and switch as often as Python can."""
    together = threading.Barrier(len(programs))

    def run(program):
        together.wait()
        program()

    threads = [threading.Thread(target=run, args=(program,)) for program in programs]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    finally:
        sys.setswitchinterval(interval)


def test_graphs_with_common_nodes_in_several_threads():
    """Each pass keeps its own cotangents; what they add to `.grad` is added once each."""
    x = ag.Value(1.0)
    y = x
    for _ in range(300):
        y = y * 1.0 + 0.0
    roots = [y * float(k) for k in range(6)]
    found = {}

    def differentiate(k):
        found[k] = [ag.gradients(roots[k], [x])[0] for _ in range(20)]

    at_once(*(lambda k=k: differentiate(k) for k in range(6)))
    assert found == {k: [float(k)] * 20 for k in range(6)}
    at_once(*(lambda r=r: [r.backward() for _ in range(20)] for r in roots))
    assert x.grad == y.grad == 20 * sum(range(6))


def test_a_pass_that_finds_the_marks_of_another_is_right():
    """As after an interrupt: nodes are marked, and some of what was marked has changed since."""
    x, other = ag.Value(2.0), ag.Value(5.0)
    y = x * other
    unrolled._marked.extend([x, other, y])
    x._cotangent, other._cotangent, y._cotangent = 3.0, object(), 1.0
    other.requires_grad = False
    (x * other).backward()
    assert (x.grad, other.grad) == (5.0, 0.0)
    assert nothing_left_at(y)


class Interrupt(BaseException):
    pass


@KINDS
def test_a_pass_interrupted_at_any_line_leaves_the_next_one_right(make):
    """As Ctrl-C does it: an exception from between any two lines of the engine."""
    x = make(2.0)
    y = x * x
    root = y * x + y

    def interrupted(after):
        left = [after]

        def trace(frame, event, argument):
            if "engine" not in frame.f_code.co_filename:
                return None
            left[0] -= 1
            if left[0] < 0:
                raise Interrupt
            return trace

        before = sys.gettrace()
        # A tracer can raise between the end of a `with` block and its exit; a signal cannot. So
        # what these blocks should have put back is put back here.
        errors = np.geterr()
        sys.settrace(trace)
        try:
            ag.gradients(root, [x]) if after % 2 else root.backward()
        except Interrupt:
            return True
        finally:
            sys.settrace(before)
            np.seterr(**errors)
            unrolled._owner = 0
            backward._renew_locks()
        return False

    after = 0
    while interrupted(after) or interrupted(after + 1):
        x.grad = None
        unrelated = make(3.0)
        (unrelated * y).backward()
        assert (x.grad, unrelated.grad) == (12.0, 4.0)
        after += 2
    assert after > 40


@KINDS
def test_a_pass_interrupted_at_any_instruction_leaves_the_next_one_right(make):
    """Whatever changes in between: what requires a gradient, which graph, which kind of pass."""
    x, other = make(2.0), make(5.0)
    y = x * other
    root = y * x + y * y

    def interrupted(after):
        left = [after]

        def trace(frame, event, argument):
            if "engine" not in frame.f_code.co_filename:
                return None
            frame.f_trace_opcodes = True
            left[0] -= event == "opcode"
            if left[0] < 0:
                raise Interrupt
            return trace

        before, errors = sys.gettrace(), np.geterr()
        sys.settrace(trace)
        try:
            [root.backward, lambda: ag.gradients(root, [x])][after % 2]()
        except Interrupt:
            return True
        finally:
            sys.settrace(before)
            np.seterr(**errors)  # as above
            unrolled._owner = 0
            backward._renew_locks()
        return False

    after = 0
    while interrupted(after):
        x.zero_grad()
        other.zero_grad()
        other.requires_grad = bool(after % 3)
        z = x * other * (y if after % 2 else 1.0)
        if after % 5:
            ag.gradients(z, [x])
        z.backward()
        slope = 2.0 * 2.0 * 5.0**2 if after % 2 else 5.0
        assert x.grad == slope and nothing_left_at(root)
        assert other.grad == (
            z.data / 5.0 * (1 + after % 2) if after % 3 else other._backend.no_gradient
        )
        other.requires_grad = True
        after += 7
    assert after > 300


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timers")
def test_signals_leave_no_lock_and_no_mark_behind():
    """Python looks for signals after every call: a lock taken by a call of its own would stay taken."""
    x, moments, hits = ag.Value(2.0), random.Random(0), 0
    y = x * x
    root = y * x + y

    def interrupt(*_):
        raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(3000):
            try:
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(2e-6, 6e-5))
                for _ in range(1000):
                    root.backward()
            except Interrupt:
                hits += 1
            assert not unrolled._alone.locked() and not backward._accumulating._is_owned()
            x.grad = None
            (x * y).backward()
            assert x.grad == 3 * 2.0**2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert hits > 2500
    assert nothing_left_at(root)


@KINDS
def test_passes_of_several_threads_run_side_by_side(make):
    """A hook of each waits for the other's: if one pass kept the other out, neither would end."""
    meeting = threading.Barrier(2, timeout=20)
    met = []

    def program():
        x = make(1.0)
        y = x * 2.0
        y.register_hook(lambda g: met.append(meeting.wait()))
        (y * 3.0).backward()

    at_once(program, program)
    assert sorted(met) == [0, 1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@KINDS
def test_a_child_forked_in_the_middle_of_a_pass_of_another_thread(make):
    inside, done = threading.Event(), threading.Event()
    x = make(1.0)
    waiting = ag.Primitive(
        "waiting", lambda y: y * 1.0, lambda g, out, y: (inside.set(), done.wait(20), g)[2]
    )
    waiting.elementwise = True
    thread = threading.Thread(target=(waiting(x) * 2.0).backward)
    thread.start()
    assert inside.wait(20)
    try:
        pid = os.fork()
        if pid == 0:
            z = make(3.0)
            (z * z).backward()
            os._exit(0 if z.grad == 6.0 and not unrolled._alone.locked() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    finally:
        done.set()
        thread.join()
    assert x.grad == 2.0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@KINDS
def test_a_child_forked_by_a_hook_goes_on_with_the_pass(make):
    """The pass and its lock are the child's own too, and a pass inside it is one of the general kind."""
    x = make(2.0)
    y = x * x
    pids = []

    def fork(g):
        pids.append(os.fork())
        if pids == [0]:
            w = make(3.0)
            (w * w * w).backward()
            assert w.grad == 27.0

    y.register_hook(fork)
    try:
        (y * x).backward()
        right = x.grad == 3 * 2.0**2 and not unrolled._alone.locked()
    except BaseException:
        right = False
    if pids[0] == 0:
        os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pids[0], 0)[1]) == 0 and right


def test_gradients_of_what_is_no_node():
    y = ag.Value(2.0) * 3.0
    for call, text in [
        (lambda: ag.gradients(3), "gradients: got an int as the root; expected a node"),
        (lambda: ag.gradients(3, [y]), "gradients: got an int as the root"),
        (lambda: ag.gradients(y), r"gradients: got no nodes .*write ag.gradients\(y, \[x\]\)"),
        (lambda: ag.gradients(y, y), "gradients: got a Value as wrt; expected a list"),
        (lambda: ag.gradients(y, 3), "gradients: got an int as wrt"),
        (lambda: ag.gradients(y, [y, 3]), "gradients: got an int in the list of nodes"),
    ]:
        with pytest.raises(ag.DTypeError, match=text):
            call()
    assert ag.gradients(y, {y: "name"}) == [1.0] and ag.gradients(y, iter([y])) == [1.0]
