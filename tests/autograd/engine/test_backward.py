"""The backward pass: order, accumulation, seeds, and zero cotangents."""

import math
import os
import signal
import threading
import types
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd.engine import backward

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


def has_no_gradient(x):
    return x.grad == 0.0 if isinstance(x, ag.Value) else x.grad is None


@KINDS
def test_backward_twice_accumulates(make):
    x = make(3.0)
    y = x * x + x
    y.backward()
    assert x.grad == 7.0
    y.backward()
    assert x.grad == 14.0
    x.zero_grad()
    assert has_no_gradient(x)


@KINDS
def test_shared_subexpressions(make):
    x = make(2.0)
    y = x * x
    z = y * y + y
    z.backward()
    assert x.grad == 4 * 2.0**3 + 2 * 2.0


@KINDS
def test_many_consumers_of_one_node(make):
    x = make(2.0)
    total = x * 1.0
    for k in range(2, 6):
        total = total + x * float(k)
    total.backward()
    assert x.grad == 15.0


@KINDS
def test_a_root_that_is_a_leaf(make):
    x = make(2.0)
    x.backward()
    assert x.grad == 1.0


@KINDS
def test_an_unused_input_has_no_gradient(make):
    x, unused = make(2.0), make(5.0)
    y = x * 3.0
    y.backward()
    assert has_no_gradient(unused)
    assert ag.gradients(y, [unused, x]) == [None, 3.0]


@KINDS
def test_a_consumed_branch_off_the_path_does_no_harm(make):
    x = make(2.0)
    y = x * x
    _ = y.exp() * x  # never part of what is differentiated
    y.backward()
    assert x.grad == 4.0


@KINDS
def test_gradients_by_an_interior_node(make):
    x = make(2.0)
    y = x * x
    z = y * y
    assert ag.gradients(z, [y, x]) == [8.0, 32.0]
    assert has_no_gradient(x) and has_no_gradient(y)


@KINDS
def test_third_order(make):
    x = make(2.0)
    [d1] = ag.gradients(x * x * x * x, [x], create_graph=True)
    [d2] = ag.gradients(d1, [x], create_graph=True)
    [d3] = ag.gradients(d2, [x])
    assert (d1.data, d2.data, d3) == (32.0, 48.0, 48.0)


@KINDS
def test_a_seed(make):
    x = make(3.0)
    (x * x).backward(10.0)
    assert x.grad == 60.0


@KINDS
def test_reassigning_between_forward_and_backward_changes_no_gradient(make):
    x = make(3.0)
    y = x * x * x
    x.data = 100.0
    y.backward()
    assert x.grad == 27.0
    with ag.no_grad():
        x -= 50.0
    assert x.data == 50.0
    [d1] = ag.gradients(y, [x], create_graph=True)
    assert d1.data == 27.0
    assert ag.gradients(d1, [x]) == [18.0]


@KINDS
def test_nothing_to_differentiate(make):
    with pytest.raises(ag.GraphError, match="does not require a gradient"):
        make(2.0).detach().backward()


@KINDS
def test_backward_from_several_threads(make):
    x = make(1.0)
    roots = [x * float(k) for k in range(40)]
    threads = [
        threading.Thread(target=lambda r=r: [r.backward() for _ in range(25)]) for r in roots
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert x.grad == 25 * sum(range(40))


# --- zero cotangents: the branch not taken ---

UNTAKEN = {
    "log": lambda x: ag.log(x),
    "sqrt": lambda x: ag.sqrt(x),
    "division": lambda x: 1.0 / x,
    "power": lambda x: x**-1.5,
    "power of a power": lambda x: (x**0.5) ** 0.5,
    "log of sqrt": lambda x: ag.log(ag.sqrt(x)),
    "arcsin far out": lambda x: ag.arcsin(x + 5.0),
    "exp overflow": lambda x: ag.exp(1e4 - x),
    "product with inf": lambda x: x * (1.0 / x),
}


@pytest.mark.parametrize("branch", UNTAKEN)
@pytest.mark.parametrize("at", [0.0, -1.0])
def test_where_keeps_the_branch_not_taken_out(branch, at):
    f = UNTAKEN[branch]
    v = ag.Value(at)
    ag.where(v > 0, f(v), 0.0).backward()
    assert v.grad == 0.0
    t = ag.Tensor([at, 2.0], requires_grad=True)
    taken = ag.Tensor(2.0, requires_grad=True)
    ag.where(t > 0, f(t), 0.0).sum().backward()
    f(taken).backward()
    np.testing.assert_array_equal(t.grad, [0.0, taken.grad])
    (d,) = ag.gradients(ag.where(t > 0, f(t), 0.0).sum(), [t], create_graph=True)
    assert d.data[0] == 0.0
    (dd,) = ag.gradients(d.sum(), [t])
    assert dd[0] == 0.0


def test_where_through_a_sum_and_a_reshape():
    t = ag.Tensor([[0.0, 4.0]], requires_grad=True)
    ag.where(t > 0, ag.sqrt(t.reshape(2)).reshape(1, 2), 0.0).sum(axis=1).sum().backward()
    np.testing.assert_array_equal(t.grad, [[0.0, 0.25]])


def test_a_true_nan_still_shows():
    t = ag.Tensor([-1.0, 4.0], requires_grad=True)
    ag.sqrt(t).sum().backward()
    assert math.isnan(t.grad[0]) and t.grad[1] == 0.25
    v = ag.Value(math.nan)
    (v * v).backward()
    assert math.isnan(v.grad)


def test_infinite_slopes_show():
    for x in (ag.Value(0.0), ag.Tensor(0.0, requires_grad=True)):
        ag.sqrt(x).backward()
        assert x.grad == math.inf


same_as_input = ag.Primitive("same_as_input", np.copy, lambda g, out, x: x)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: (x + y).sum(),
        lambda x, y: (x + y) * np.ones(6),
        lambda x, y: x.reshape(2, 3).reshape(6) + y,
        lambda x, y: same_as_input(x) + same_as_input(y),
        lambda x, y: ag.concatenate([x, y]),
    ],
)
def test_gradients_are_arrays_of_their_own(function):
    """Rules hand the same array on, and views of it, and saved ones: whoever writes to a gradient
    changes nothing else."""
    x, y = (ag.Tensor(np.arange(6.0), requires_grad=True) for _ in range(2))
    out = function(x, y)
    seed = np.ones(out.shape)
    out.backward(seed)
    expected = y.grad.copy()
    x.grad[:] = -7.0
    np.testing.assert_array_equal(y.grad, expected)
    y.grad[:] = -7.0
    assert (seed == 1.0).all() and x.data.tolist() == list(range(6))
    assert not np.shares_memory(x.grad, y.grad)


def test_constants_get_no_gradient_whichever_argument_they_are():
    """A constant node has no turn, so nothing is accumulated in it."""
    three = ag.Primitive(
        "three", lambda x, y, z: x * y * z,
        lambda g, out, x, y, z: g * y * z, lambda g, out, x, y, z: g * x * z,
        lambda g, out, x, y, z: g * x * y, elementwise=True,
    )  # fmt: skip
    for kind in (ag.Tensor, lambda x: ag.Value(x).detach()):
        for place in range(3):
            for op in (three, lambda *args: (args[0] * args[1]) + args[2]):
                args = [kind(2.0) for _ in range(3)]
                args[place] = ag.Value(3.0) if isinstance(args[0], ag.Value) else ag.Tensor(3.0, requires_grad=True)  # fmt: skip
                op(*args).backward()
                grads = [x.grad for x in args]
                assert grads.pop(place) and not any(grads)


@KINDS
def test_one_node_as_several_arguments_has_one_turn(make):
    x = make(2.0)
    three = ag.Primitive(
        "three", lambda x, y, z: x * y * z,
        lambda g, out, x, y, z: g * y * z, lambda g, out, x, y, z: g * x * z,
        lambda g, out, x, y, z: g * x * y, elementwise=True,
    )  # fmt: skip
    y = x * 1.0
    for args in ((y, y, y), (x, y, y), (y, x, y), (y, y, x), (x, x, x)):
        x.zero_grad()
        (three(*args) * 1.0).backward()
        assert x.grad == 12.0
        assert ag.gradients(three(*args), [x]) == [12.0]


def test_a_true_nan_goes_through_a_hook():
    """The careful pass meets it again, and must not begin for a third time."""
    x, seen = ag.Tensor([1.0, 2.0], requires_grad=True), []
    y = x * 1.0
    y.register_hook(seen.append)
    (y * np.array([np.nan, 3.0])).sum().backward()
    assert np.isnan(x.grad[0]) and x.grad[1] == 3.0 and len(seen) == 1


def test_a_part_is_added_in_place_without_static_facts():
    def first(total, g, x):
        total[0] += g

    op = ag.Primitive(
        "first",
        lambda x: x[0],
        lambda g, out, x: np.array([g, *np.zeros(len(x) - 1)]),
        add_to=first,
    )
    x = ag.Tensor([3.0, 4.0], requires_grad=True)
    (op(x) * 2.0 + op(x) * 5.0 + op(x)).backward()
    assert x.grad.tolist() == [8.0, 0.0]


@KINDS
def test_rules_and_hooks_off_the_path_to_what_is_wanted_do_not_run(make):
    def fails(*args):
        raise AssertionError("nobody wants this gradient")

    half = ag.Primitive("half", lambda x, y: x * y, lambda g, out, x, y: g * y, fails, elementwise=True)  # fmt: skip
    x, y = make(2.0), make(3.0)
    z = y * 1.0
    z.register_hook(fails)
    assert ag.gradients(half(x, z), [x]) == [3.0]
    assert ag.gradients(half(x, z) * x, [x]) == [12.0]
    assert ag.gradients(half(x, z), []) == []


@KINDS
def test_a_constant_depends_on_nothing(make):
    """Whatever its shape, which would ask for a seed."""
    x = make(2.0)
    constant = (x * (1.0 if make is ag.Value else np.ones(3))).detach()
    assert ag.gradients(constant, [x, x]) == [None, None] and ag.gradients(constant, []) == []


@KINDS
def test_a_rule_runs_once_in_a_pass_with_hooks(make):
    calls = []
    op = ag.Primitive(
        "op", lambda x: 2.0 * x, lambda g, out, x: (calls.append(g), 2.0 * g)[1], elementwise=True
    )
    x = make(3.0)
    x.register_hook(lambda g: None)
    assert ag.gradients(op(x), [x]) == [2.0] and len(calls) == 1
    op(x).backward()
    assert x.grad == 2.0 and len(calls) == 2


@KINDS
def test_gradients_by_a_seed_that_is_a_node(make):
    x, seed = make(3.0), make(5.0)
    [dx] = ag.gradients(x * x, [x], seed=seed, create_graph=True)
    assert dx.data == 30.0 and ag.gradients(dx, [seed, x]) == [6.0, 10.0]


@KINDS
def test_the_root_by_itself_is_a_constant_node_with_create_graph(make):
    x = make(3.0)
    [one] = ag.gradients(x, [x], create_graph=True)
    assert type(one) is type(x) and one.data == 1.0 and not one.requires_grad


@KINDS
def test_where_a_factor_is_0_the_gradient_still_has_its_graph(make):
    x, zero = make(3.0), make(0.0)
    [dx] = ag.gradients(x * x * zero, [x], create_graph=True)
    assert dx.data == 0.0 and ag.gradients(dx, [zero, x]) == [6.0, 0.0]


@KINDS
def test_a_slope_that_is_a_constant_stays_one_when_that_is_reassigned(make):
    x, c = make(2.0), make(3.0).detach()
    y = x * c
    c.data = 5.0
    [dx] = ag.gradients(y, [x], create_graph=True)
    assert dx.data == 3.0 and not dx.requires_grad


def test_a_cotangent_that_was_handed_on_is_freed():
    seen, left = [], []

    def rule(g, out, x):
        left.append(sum(reference() is not None for reference in seen))
        seen.append(weakref.ref(g))
        return 2.0 * g

    op = ag.Primitive("op", lambda x: 2.0 * x, rule, elementwise=True)
    x = ag.Tensor(np.ones(3), requires_grad=True)
    op(op(op(op(x)))).sum().backward()
    assert x.grad.tolist() == [16.0] * 3 and left == [0] * 4


@KINDS
def test_what_watches_sees_the_root_the_seed_and_whether_the_pass_adds(make):
    x, seen = make(2.0), []
    y = x * x
    with ag.watch_backward(lambda *args: seen.append(args)):
        y.backward()
        y.backward(3.0)
        ag.gradients(y, [x])
    assert seen == [(y, None, True), (y, 3.0, True), (y, None, False)]


def test_what_gradients_refuses():
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    with pytest.raises(ag.DTypeError, match="gradients: got a Tensor as wrt; expected a list"):
        ag.gradients(y, x)
    for flag in ("yes", None):
        with pytest.raises(ag.DTypeError, match="create_graph"):
            ag.gradients(y, [x], create_graph=flag)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@KINDS
def test_a_child_forked_while_another_thread_adds_to_grad(make):
    inside, done = threading.Event(), threading.Event()

    def hold():
        with backward._accumulating:
            inside.set()
            done.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(20)
    try:
        pid = os.fork()
        if pid == 0:
            signal.alarm(10)
            x = make(3.0)
            (x * x).backward()
            os._exit(0 if x.grad == 6.0 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("argument", [0, 1])
def test_a_gradient_of_another_dtype_is_converted(argument):
    narrow = lambda g, out, x, y: (g * 2.0).astype(np.float32)
    op = ag.Primitive("op", lambda x, y: 2.0 * (x + y), narrow, narrow, elementwise=True)
    args = [ag.Tensor([1.0, 2.0], requires_grad=True) for _ in range(2)]
    op(*args).sum().backward()
    assert args[argument].grad.dtype == np.float64 and args[argument].grad.tolist() == [2.0, 2.0]


# --- collectors -----------------------------------------------------------------------------------


class Doubling:
    def __init__(self, leaves):
        self.leaves, self.calls = set(leaves), []

    def begin(self):
        self.calls.append("begin")

    def finish(self, gradients):
        self.calls.append("finish")
        return {x: 2.0 * gradients[x] for x in self.leaves & gradients.keys()}


def test_a_collector_sees_leaves_early_and_replaces_their_gradients():
    x, w, v = (ag.Tensor(np.ones(2), requires_grad=True) for _ in range(3))
    hidden = ag.tanh(x * w)
    out = ag.sum(hidden * v)
    order = []
    for name, node in (("v", v), ("hidden", hidden), ("w", w)):
        node.register_hook(lambda g, name=name: order.append(name))
    collector = Doubling([v])
    ag.collect_gradients(collector)
    expected = [g.copy() for g in ag.gradients(out, [v, w])]
    assert collector.calls == []  # a pass that adds to no `.grad`
    order.clear()
    out.backward()
    assert order.index("v") < order.index("hidden") and collector.calls == ["begin", "finish"]
    assert v.grad.tolist() == (2.0 * expected[0]).tolist()
    assert w.grad.tolist() == expected[1].tolist()
    ag.sum(x * w).backward()  # reaches none of its leaves
    assert collector.calls == ["begin", "finish"]
    v.sum().backward()
    assert len(collector.calls) == 4
    del collector
    v.grad = None
    v.sum().backward()
    assert v.grad.tolist() == [1.0, 1.0]


def test_other_leaves_have_their_turn_at_the_end():
    u, v, w = (ag.Tensor(np.ones(2), requires_grad=True) for _ in range(3))
    hidden = w * 2.0
    order = []
    for name, node in (("u", u), ("v", v), ("hidden", hidden), ("w", w)):
        node.register_hook(lambda g, name=name: order.append(name))
    collector = Doubling([v])
    ag.collect_gradients(collector)
    (hidden * v * u).sum().backward()
    assert order == ["v", "hidden", "w", "u"]
    assert (u.grad[0], v.grad[0], w.grad[0]) == (2.0, 4.0, 2.0)


def test_a_result_among_a_collectors_leaves_has_its_turn_in_its_place():
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    root = (x * x).sum()
    collector = Doubling([x, root])
    ag.collect_gradients(collector)
    root.backward()
    assert x.grad.tolist() == [4.0, 8.0]


def test_collectors_that_are_deleted_are_forgotten():
    class Deleting:
        begin = finish = lambda self, *args: {}

        @property
        def leaves(self):
            others.clear()
            return frozenset()

    before, others = len(backward._collectors), []
    first = Deleting()
    ag.collect_gradients(first)
    others.append(Doubling([]))
    ag.collect_gradients(others[0])
    assert len(backward._collectors) == before + 2
    x = ag.Tensor(2.0, requires_grad=True)
    x.backward()  # in the midst of it, the second is deleted
    assert x.grad == 1.0 and len(backward._collectors) == before + 1
    del first
    assert len(backward._collectors) == before


@pytest.mark.parametrize(
    "junk",
    [
        None,
        3,
        Doubling,
        object(),
        types.SimpleNamespace(leaves=set(), begin=print),
        types.SimpleNamespace(leaves=set(), finish=print),
        types.SimpleNamespace(leaves=[], begin=print, finish=print),
        types.SimpleNamespace(begin=print, finish=print),
        type("Class", (Doubling,), {"leaves": frozenset()}),
    ],
)
def test_what_is_no_collector_is_refused(junk):
    with pytest.raises(TypeError, match="expected an object with a set of leaves"):
        ag.collect_gradients(junk)


class Taker:
    """Notes what it is handed, in turn."""

    def __init__(self, *leaves):
        self.leaves, self.seen = set(leaves), []

    def begin(self):
        self.seen.append("begin")

    def ready(self, leaf, gradient):
        self.seen.append((leaf.name, np.asarray(gradient).tolist()))

    def finish(self, gradients):
        self.seen.append("finish")
        return {}

    def abandon(self):
        self.seen.append("abandon")


def leaves_named(*names):
    return [ag.Tensor([1.0, 2.0], requires_grad=True, name=name) for name in names]


def test_a_collector_gets_each_gradient_as_soon_as_it_is_complete():
    a, b = leaves_named("a", "b")
    taker, order = Taker(a, b), []
    ag.collect_gradients(taker)
    h = a * 2.0
    h.register_hook(lambda g: order.append(len(taker.seen)))
    b.register_hook(lambda g: 3.0 * g)
    (h * b).sum().backward()
    assert taker.seen == ["begin", ("b", [6.0, 12.0]), ("a", [2.0, 4.0]), "finish"]
    assert order == [2] and b.grad.tolist() == [6.0, 12.0]  # h's turn comes after b is complete


def test_other_passes_hand_a_collector_nothing():
    a, b = leaves_named("a", "b")
    taker = Taker(a)
    ag.collect_gradients(taker)
    ag.gradients((a * a).sum(), [a])
    (b * b).sum().backward()
    assert taker.seen == []


def test_a_collector_hears_of_a_pass_that_ends_by_an_error():
    a, b = leaves_named("a", "b")
    taker = Taker(a, b)
    ag.collect_gradients(taker)

    def stops(g):
        raise RuntimeError("stop")

    h = a * 2.0
    h.register_hook(stops)
    with pytest.raises(RuntimeError, match="stop"):
        (h * b).sum().backward()
    assert taker.seen == ["begin", ("b", [2.0, 4.0]), "abandon"]


def test_a_pass_that_runs_again_with_care_hands_nothing_on_twice():
    """The branch that `where` leaves out makes a nan in the first attempt, after b's turn."""
    a, b = leaves_named("a", "b")
    taker = Taker(a, b)
    ag.collect_gradients(taker)
    zero = a - ag.Tensor([1.0, 0.0])
    h = ag.where(np.array([False, True]), ag.log(zero), a)
    (h * b).sum().backward()
    handed = [seen for seen in taker.seen if isinstance(seen, tuple)]
    assert [name for name, _ in handed] == ["b", "a"] and np.isfinite(handed[1][1]).all()
    assert taker.seen.count("begin") == 1
    assert a.grad.tolist() == handed[1][1] == [1.0, 1.0]


def test_what_a_collector_is_handed_cannot_be_written_to():
    [a] = leaves_named("a")
    taker = Taker(a)
    taker.ready = lambda leaf, gradient: taker.seen.append(gradient.flags.writeable)
    ag.collect_gradients(taker)
    (a * a).sum().backward()
    assert taker.seen == ["begin", False, "finish"]


def test_a_gradient_that_is_nan_is_handed_on_too():
    [a] = leaves_named("a")
    taker = Taker(a)
    ag.collect_gradients(taker)
    (a * np.nan).sum().backward()
    assert [np.isnan(g).all() for _, g in taker.seen[1:2]] == [True] and np.isnan(a.grad).all()


def test_a_pass_with_a_collector_runs_once_if_nothing_is_nan():
    [a] = leaves_named("a")
    runs = []

    def rule(g, out, x):
        runs.append(1)
        return 2.0 * g

    taker = Taker(a)
    ag.collect_gradients(taker)
    ag.Primitive("double", lambda x: 2.0 * x, rule)(a * 1.0).sum().backward()
    assert runs == [1] and taker.seen == ["begin", ("a", [2.0, 2.0]), "finish"]
