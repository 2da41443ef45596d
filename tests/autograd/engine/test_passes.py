"""Backward passes that meet: one in the middle of another, after an error, in several threads."""

import sys
import threading

import pytest

import autograd as ag
from autograd.engine import graph

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


def nothing_left_at(root):
    """Whether no pass left cotangents behind, or is thought to be under way."""
    nodes = ag.ancestors([root])
    return all(node._cotangent is None for node in nodes) and not graph._under_way


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
    """Threads take turns: each pass needs the nodes for itself."""
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
