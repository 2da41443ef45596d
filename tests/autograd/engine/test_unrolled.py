"""What is written out for one input and for two does what the general code does."""

import math

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
    same(call(x.detach()), primitive.record(op, x._backend, (x.detach(),), {}))


@BY_KIND
@pytest.mark.parametrize("op", [a.add, a.mul, a.div, e.power, a.floor_divide])
def test_binary_records_what_record_does(make, op):
    x, y = make(0.5), make(2.0)
    forward, reflected = unrolled.binary(op, x._backend)
    for pair in ((x, y), (x, x), (x, 2.0), (x, 3), (2.0, x), (x.detach(), 2.0), (x.detach(), y)):
        same(forward(*pair), primitive.record(op, x._backend, pair, {}))
        same(reflected(*pair[::-1]), primitive.record(op, x._backend, pair, {}))
    with ag.no_grad():
        same(forward(x, y), primitive.record(op, x._backend, (x, y), {}))


@BY_KIND
def test_what_is_no_operand_is_left_to_the_other_side(make):
    forward, _ = unrolled.binary(a.add, make(1.0)._backend)
    array_or_object = np.ones(2) if make is ag.Value else object()
    assert forward(make(1.0), array_or_object) is NotImplemented


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


@pytest.mark.parametrize("op", [e.tanh, a.mul, a.sub])
def test_the_pull_of_arrays_is_the_general_one(op):
    x = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    y = ag.Tensor(np.arange(3.0), requires_grad=True)
    node = op(*(x, y)[: len(op.rules)])
    g = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
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
    assert op.pull is not primitive.pull


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
