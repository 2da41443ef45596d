"""What is written out for one input and for two does what the general code does."""

import math
import os
import signal
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd.engine import backward, primitive, unrolled
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e

KINDS = {"Value": ag.Value, "Tensor": lambda x: ag.Tensor(x, requires_grad=True)}
BY_KIND = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
SLOTS = ("_first", "_first_data", "_second", "_second_data", "_rest", "op", "static", "_grad")


def same(x, y):
    """Whether two nodes remember the same."""
    assert type(x) is type(y) and x.requires_grad == y.requires_grad and x.note is y.note
    np.testing.assert_array_equal(x.data, y.data)
    for slot in SLOTS if x.op is not None else ("op", "static", "_grad"):
        mine, other = getattr(x, slot), getattr(y, slot)
        assert mine is other or mine == other, slot
    assert x.inputs == y.inputs and x.saved == y.saved


@BY_KIND
@pytest.mark.parametrize("op", [a.neg, e.exp, a.square, a.sign])
def test_unary_records_what_record_does(make, op):
    x = make(0.5)
    call = unrolled.unary(op, x._backend)
    same(call(x), primitive.record(op, x._backend, (x,), {}))
    with ag.no_grad():
        same(call(x), primitive.record(op, x._backend, (x,), {}))
        with ag.enable_grad():
            same(call(x), primitive.record(op, x._backend, (x,), {}))
            assert call(x).requires_grad
    same(call(x.detach()), primitive.record(op, x._backend, (x.detach(),), {}))


@BY_KIND
@pytest.mark.parametrize("op", [a.add, a.mul, a.div, e.power, a.floor_divide])
def test_binary_records_what_record_does(make, op):
    x, y = make(0.5), make(2.0)
    forward, reflected = unrolled.binary(op, x._backend)
    c, cut = make(1.5).detach(), (x * 1.0).detach()
    for pair in ((x, y), (x, x), (x, 2.0), (x, 3), (2.0, x), (c, 2.0), (c, y), (x, c), (2.0, c), (c, c), (cut, c), (c, cut)):  # fmt: skip
        same(forward(*pair), primitive.record(op, x._backend, pair, {}))
        same(reflected(*pair[::-1]), primitive.record(op, x._backend, pair, {}))
    with ag.no_grad():
        same(forward(x, y), primitive.record(op, x._backend, (x, y), {}))
        with ag.enable_grad():
            same(forward(x, y), primitive.record(op, x._backend, (x, y), {}))
            assert forward(x, y).requires_grad


@BY_KIND
def test_what_is_no_operand_is_left_to_the_other_side(make):
    forward, reflected = unrolled.binary(a.add, make(1.0)._backend)
    x, array_or_object = make(1.0), np.ones(2) if make is ag.Value else object()
    assert forward(x, array_or_object) is reflected(x, array_or_object) is NotImplemented
    for add in (lambda: x + object(), lambda: object() + x):
        with pytest.raises((TypeError, ag.DTypeError)):
            add()


@BY_KIND
def test_operands_of_a_subclass(make):
    kind = type("Weight", (type(make(1.0)),), {})
    w, x = kind(3.0), make(2.0)
    w.requires_grad = True
    for y in (w * x, x * w, a.mul(w, x), a.mul(x, w)):
        assert type(y) is type(x) and ag.gradients(y, [w, x]) == [2.0, 3.0]
    assert ag.gradients(w * w, [w]) == ag.gradients(a.mul(w, w), [w]) == [6.0]


@pytest.mark.parametrize("op", [a.mul, a.div, lambda x, y: x * y, lambda x, y: x / y])
def test_arrays_that_are_written_to_after_the_forward_pass(op):
    x = ag.Tensor([2.0, 4.0], requires_grad=True)
    for pair in ((x, np.array([3.0, 5.0])), (np.array([3.0, 5.0]), x)):
        y = op(*pair)
        expected = ag.gradients(y.sum(), [x])[0].copy()
        for array in pair:
            if array is not x:
                array[:] = 100.0
        assert ag.gradients(y.sum(), [x])[0].tolist() == expected.tolist()


def leaves_and_graph(draws, make):
    """A random program of operators; the same numbers give the same program."""
    leaves = [make(x) for x in (0.7, -1.3, 0.4)]
    nodes = list(leaves)
    for kind, i, j in draws:
        x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
        made = (x + y, x * y, x - 0.5 * y, x.tanh(), x * x, y / 2.0, x.exp() * 0.1)[kind % 7]
        nodes.append(made)
    return leaves, nodes[-1] * 1.0 + nodes[0] * 0.0


programs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(0, 40)), max_size=25)  # fmt: skip


@BY_KIND
@settings(max_examples=60, deadline=None)
@given(draws=programs)
def test_a_pass_over_a_random_program_is_the_general_one(make, draws):
    leaves, root = leaves_and_graph(draws, make)
    cotangents = {}
    nodes = backward.reachable(root, cotangents)
    cotangents[root] = root._backend.seed(root, None, False)
    walked = backward.walk(nodes, cotangents, primitive.pull, None, {}, careful=True)
    general = dict(zip(*walked, strict=True))
    assert not cotangents
    root.backward()
    for leaf in leaves:
        if leaf in general:
            assert leaf.grad == general[leaf]
    if make is ag.Value:
        assert all(node.grad == g for node, g in general.items())


def graph_of_three_inputs(make):
    x, y, frozen = make(0.5), make(2.0), make(3.0).detach()
    z = ag.where(x > 0, x * y, ag.where(y > 0, frozen, y))
    return ag.where(z > 0, z * z + frozen, 1.0) / x


@BY_KIND
@settings(max_examples=60, deadline=None)
@given(draws=programs)
def test_the_same_nodes_are_reachable(make, draws):
    for root in (leaves_and_graph(draws, make)[1], graph_of_three_inputs(make), make(1.0)):
        mine, general = {}, {}
        assert unrolled.reachable(root, mine) == backward.reachable(root, general)
        assert mine == general and set(mine.values()) == {None}
        if make is ag.Value:
            assert unrolled._mark(root, object()) == list(backward.reachable(root, {}))
            unrolled._unmark()


@pytest.mark.parametrize("shapes", [((2, 3), (3,)), ((2, 1), (2, 3)), ((2, 1), (1, 3))])
@pytest.mark.parametrize("op", [e.tanh, a.mul, a.sub])
def test_the_pull_of_arrays_is_the_general_one(op, shapes):
    x, y = (ag.Tensor(np.arange(1.0, np.prod(shape) + 1.0).reshape(shape), requires_grad=True) for shape in shapes)  # fmt: skip
    node = op(*(x, y)[: len(op.rules)])
    g = np.linspace(-1.0, 1.0, node.size).reshape(node.shape)
    for earlier in (None, 2.0):
        found = []
        for pull in (op.pull, primitive.pull):
            cotangents, owned = {}, set()
            for z in (x, y):
                cotangents[z] = None if earlier is None else np.full(z.shape, earlier)
            pull(node, g, cotangents, owned)
            found.append([cotangents[z] for z in (x, y)])
        for mine, other in zip(*found, strict=True):
            np.testing.assert_array_equal(mine, other)
            assert (mine is None) == (other is None)
        assert [np.shape(g) for g in found[0]][: len(op.rules)] == list(shapes)[: len(op.rules)]
    assert op.pull is not primitive.pull


@pytest.mark.parametrize("argument", [0, 1])
@pytest.mark.parametrize("result", [2.0, 2, np.float64(2.0), np.array(2.0), ag.Tensor(2.0)], ids=repr)  # fmt: skip
def test_a_rule_of_two_arguments_may_return_any_real_number(argument, result):
    constant = lambda g, out, x, y: result
    rules = [lambda g, out, x, y: g, lambda g, out, x, y: g]
    rules[argument] = constant
    op = ag.Primitive("op", lambda x, y: x + y, *rules, elementwise=True)
    seen = []
    for shape in ((), (3,)):
        args = [ag.Tensor(np.ones(shape), requires_grad=True) for _ in range(2)]
        args[argument].register_hook(lambda g: seen.append(type(g)))
        op(*args).sum().backward()
        assert type(args[argument].grad) is np.ndarray and seen.pop() is np.ndarray
        np.testing.assert_array_equal(args[argument].grad, np.full(shape, 2.0))


@pytest.mark.parametrize("argument", [0, 1])
def test_a_rule_of_two_arguments_is_named_by_its_argument(argument):
    rules = [lambda g, out, x, y: g, lambda g, out, x, y: g]
    rules[argument] = lambda g, out, x, y: None
    op = ag.Primitive("op", lambda x, y: x + y, *rules, elementwise=True)
    for make in KINDS.values():
        with pytest.raises(ag.GraphError, match=f"None from the rule for argument {argument};"):
            op(make(1.0), make(2.0)).backward()


def walked(root):
    """What the loop over numbers finds, or None if it leaves the pass to the general walk."""
    return unrolled.walk_numbers(root, 1.0, {})


def test_numbers_that_need_care_are_left_to_the_general_walk():
    x = ag.Value(0.0)
    root = x.sqrt() * 0.0
    assert walked(root) is None  # 1 / 0 raises
    assert walked(x * math.nan) is None
    assert not unrolled._marked and not unrolled._alone.locked()
    root.backward()
    assert x.grad == 0.0 and math.isinf(ag.gradients(x.sqrt(), [x])[0])


def test_hooks_and_nodes_of_three_inputs_stay_in_the_loop_over_numbers():
    x, y = ag.Value(2.0), ag.Value(5.0)
    z = ag.where(x > 0, x * y, y)
    z.register_hook(lambda g: 10.0 * g)
    nodes, cotangents = walked(z * 3.0)
    found = dict(zip(nodes, cotangents, strict=True))
    assert (found[z], found[x], found[y]) == (30.0, 150.0, 60.0)


def test_a_hook_before_which_a_nan_comes_up_is_left_to_the_general_walk():
    x, calls = ag.Value(2.0), []
    x.register_hook(calls.append)
    assert walked(x * math.nan) is None and calls == []


def test_a_pass_in_the_middle_of_one_walks_in_general():
    x, inner = ag.Value(2.0), []
    y = x * x
    y.register_hook(lambda g: inner.append(walked(x * 5.0)))
    y.backward()
    assert inner == [None] and x.grad == 4.0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_pass_in_the_middle_of_one_in_a_forked_child():
    pid = os.fork()
    if pid == 0:
        signal.alarm(10)
        x = ag.Value(2.0)
        y = x * x
        y.register_hook(lambda g: (x * 5.0).backward())
        y.backward()
        os._exit(0 if x.grad == 9.0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_lock_that_was_renewed_is_free_and_keeps_no_pass_waiting():
    """As in a forked child, where the thread that held it does not exist."""
    unrolled._alone.acquire()
    backward._renew_locks()
    assert not unrolled._alone.locked()
    x = ag.Value(2.0)
    y = x * x
    y.register_hook(lambda g: (x * 5.0).backward())
    thread = threading.Thread(target=y.backward, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive() and x.grad == 9.0


def test_a_leaf_that_is_younger_than_results_it_is_combined_with():
    x = ag.Value(2.0)
    y = x * x
    w = ag.Value(3.0)
    root = y * w
    nodes, cotangents = walked(root)
    assert dict(zip(nodes, cotangents, strict=True)) == {root: 1.0, w: 4.0, y: 3.0, x: 12.0}


def test_a_constant_that_an_earlier_pass_reached_gets_no_gradient():
    x, y = ag.Value(2.0), ag.Value(3.0)
    (x * y).backward()
    y.requires_grad = False
    (x * y).backward()
    assert (x.grad, y.grad) == (6.0, 2.0)
