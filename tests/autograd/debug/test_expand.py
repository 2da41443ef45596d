"""A Tensor graph opened into Values: the same numbers, the same gradients, entry by entry."""

import collections

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd.debug.expand import ON_VALUES, Expansion, _count, expand
from autograd.engine.graph import ancestors
from autograd.engine.recording import tracing
from autograd.primitives import PRIMITIVES
from tests.cases import CASES, Case

IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]
REFUSED = {
    "inv",
    "det",
    "cofactors",
    "log_abs_det",
    "nuclear",
    "pinv",
    "polar",
    "solve",
    "cholesky",
    "eigh",
    "svd",
    "all_reduce",
    "all_gather",
    "reduce_scatter",
    "broadcast_from",
    "reduce_to",
}


def cases_where(condition):
    chosen = [(case, i) for case, i in zip(CASES, IDS, strict=True) if condition(case)]
    return pytest.mark.parametrize("case", [c for c, _ in chosen], ids=[i for _, i in chosen])


def assert_close(found, expected, tolerance=1e-12, size=0.0):
    """Relative to the largest entry, or to `size`."""
    expected = np.asarray(expected)
    assert found.shape == expected.shape
    size = np.abs(expected).max(initial=size)
    assert np.abs(found - expected).max(initial=0.0) <= tolerance * size


def numbers(array):
    return np.array([v.data for v in np.ravel(array)]).reshape(np.shape(array))


def assert_agrees(root, leaves, tolerance=1e-12, *, cancels=False) -> Expansion:
    """Expanding and back-propagating gives what the Tensor gives, for every entry of every node.

    Where numbers of both signs may nearly cancel, what is left is rounded as they are: then a node
    is compared relative to the largest number that it was computed from.
    """
    opened = expand(root)
    for tensor, array in opened.values.items():
        size = max(np.abs(n.data).max(initial=0.0) for n in ancestors([tensor])) if cancels else 0.0
        assert_close(numbers(array), tensor.data, tolerance, size)
    root.backward()
    opened.value.backward()
    for leaf in leaves:
        assert_close(opened.gradient(leaf), leaf.grad, tolerance)
    assert len(ancestors(np.ravel(opened.value))) <= sum(map(_count, ancestors([root])))
    return opened


def operations(root):
    return collections.Counter(n.op.name for n in ancestors([root]) if n.op is not None)


def weighted(out):
    return (out * (np.cos(np.arange(float(out.size))).reshape(out.shape) + 1.5)).sum()


def leaf(*shape, seed=0, name=None):
    data = np.random.default_rng(seed).normal(size=shape)
    return ag.Tensor(data, requires_grad=True, name=name)


# --- every primitive ------------------------------------------------------------------------------


@cases_where(lambda case: case.name not in REFUSED | {"zeros_like"})
def test_every_primitive(case: Case):
    """With all arguments as leaves, and with each one alone, the others constants."""
    plain = case.arguments()
    everything = case.differentiable()
    for wanted in [everything, *([i] for i in everything if len(everything) > 1)]:
        arguments = [
            ag.Tensor(x, requires_grad=True) if i in wanted else x for i, x in enumerate(plain)
        ]
        out = case.primitive(*arguments, **case.static)
        assert_agrees(weighted(out), [arguments[i] for i in wanted])


@cases_where(lambda case: case.name in REFUSED)
def test_what_is_computed_elsewhere_is_refused_by_name(case: Case):
    arguments = [ag.Tensor(x, requires_grad=True) for x in case.arguments()]
    out = case.primitive(*arguments, **case.static)
    with pytest.raises(
        ag.UnsupportedError, match=f"expand: got {case.name}; (LAPACK computes it|its terms come)"
    ):
        expand(out)


def test_the_refused_are_those_of_linear_algebra():
    assert {op.name for op, entry in ON_VALUES.items() if entry.refused} == REFUSED


def test_every_primitive_that_is_not_elementwise_has_an_entry():
    assert set(ON_VALUES) == {op for op in PRIMITIVES.values() if not op.elementwise}


# --- ties -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduce", [ag.max, ag.min])
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
def test_a_tie_of_three_is_shared_evenly(reduce, axis):
    x = ag.Tensor([[2.0, 2.0, 2.0], [2.0, 5.0, -1.0]], requires_grad=True)
    assert_agrees(weighted(reduce(x, axis=axis)), [x])


def test_the_shares_of_a_tie_of_three():
    x = ag.Tensor([1.0, 1.0, 1.0, 0.0], requires_grad=True)
    opened = expand(x.max())
    opened.value.backward()
    np.testing.assert_array_equal(opened.gradient(x), [1 / 3, 1 / 3, 1 / 3, 0.0])
    assert operations(opened.value) == {"max": 1}
    assert len(opened.value.inputs) == 4


@pytest.mark.parametrize("op", [ag.maximum, ag.minimum])
def test_a_tie_of_two_arrays(op):
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = ag.Tensor([1.0, 3.0, 2.0], requires_grad=True)
    assert_agrees(weighted(op(x, y)), [x, y])


def test_second_derivatives_pass_through_the_largest():
    x = ag.Tensor([1.0, 3.0, 3.0], requires_grad=True)
    opened = expand((x * x).max())
    values = opened.values[x]
    [slope] = ag.gradients(opened.value, [values[2]], create_graph=True)
    assert slope.data == 3.0  # half of 2 x
    assert ag.gradients(slope, [values[2]]) == [1.0]


# --- networks -------------------------------------------------------------------------------------


def test_an_mlp_with_softmax_cross_entropy():
    w1, b1 = leaf(4, 5, seed=1, name="w1"), leaf(5, seed=2, name="b1")
    w2, b2 = leaf(5, 3, seed=3, name="w2"), leaf(3, seed=4, name="b2")
    x = ag.Tensor(np.random.default_rng(5).normal(size=(6, 4)), name="x")
    classes = np.array([0, 2, 1, 1, 0, 2])
    logits = ag.tanh(x @ w1 + b1) @ w2 + b2
    loss = -ag.log_softmax(logits, axis=1)[np.arange(6), classes].mean()
    opened = assert_agrees(loss, [w1, b1, w2, b2])
    assert opened.values[w1][2, 3].name == "w1[2,3]"
    assert operations(opened.value)["tanh"] == 30


def test_a_convolution():
    image, kernel = leaf(2, 5, 6, seed=1), leaf(3, 2, 3, 2, seed=2)
    patches = ag.sliding_window_view(ag.pad(image, ((0, 0), (1, 1), (0, 0))), (3, 2), axis=(1, 2))
    out = ag.einsum("chwij,ocij->ohw", patches, kernel)
    assert out.shape == (3, 5, 5)
    assert_agrees(weighted(ag.relu(out)), [image, kernel])


def test_attention():
    q, k, v = leaf(3, 4, seed=1), leaf(5, 4, seed=2), leaf(5, 2, seed=3)
    weights = ag.softmax(q @ k.T / 2.0, axis=-1)
    assert_agrees(weighted(weights @ v), [q, k, v])


def test_a_dropout_mask_stays_a_constant():
    x = leaf(2, 3)
    mask = np.random.default_rng(1).random((2, 3)) < 0.5
    opened = assert_agrees((x * mask * 2.0).sum(), [x])
    np.testing.assert_array_equal(opened.gradient(x), 2.0 * mask)


def test_statistics_sorting_and_cumulation():
    x = leaf(3, 4)
    normal = (x - x.mean(axis=0)) / ag.sqrt(x.var(axis=0) + 1e-5)
    assert_agrees(weighted(ag.cumsum(ag.sort(normal, axis=1), axis=0)), [x])
    x.zero_grad()
    assert_agrees(weighted(ag.median(x, axis=1)), [x])


def test_single_precision_agrees_to_its_own_precision():
    w = ag.Tensor(np.random.default_rng(0).normal(size=(3, 3)), dtype="float32", requires_grad=True)
    assert_agrees(weighted(ag.tanh(w @ w)), [w], tolerance=1e-6)


# --- random graphs --------------------------------------------------------------------------------

STEPS = [
    lambda x, y: ag.tanh(x + y),
    lambda x, y: ag.sigmoid(x) * y,
    lambda x, y: ag.tanh(x @ y.T @ x),
    lambda x, y: ag.maximum(x, y),
    lambda x, y: x - y.max(axis=1, keepdims=True),
    lambda x, y: ag.softmax(x * y, axis=0),
    lambda x, y: ag.concatenate([x[:1], y[:1]]),
    lambda x, y: ag.where(x.data > y.data, x * 0.5, y),
    lambda x, y: ag.einsum("ij,kj->ik", x, y) @ x / 3.0,
    lambda x, y: ag.tanh(ag.cumprod(x, axis=1) + y.sum(axis=0)),
    lambda x, y: ag.hypot(x, y + 0.1)[::-1],
    lambda x, y: x.T.reshape(2, 3) + y.min(),
]


@settings(max_examples=60, deadline=None)
@given(
    program=st.lists(
        st.tuples(*[st.integers(0, 99)] * 3), min_size=1, max_size=8
    ),  # which step, on which two of the nodes so far
    seed=st.integers(0, 2**32 - 1),
    rounded=st.booleans(),  # small whole numbers, which make ties
)  # fmt: skip
def test_random_graphs(program, seed, rounded):
    data = np.random.default_rng(seed).normal(size=(2, 2, 3))
    leaves = [ag.Tensor(np.round(x) if rounded else x, requires_grad=True) for x in data]
    nodes = list(leaves)
    for which, i, j in program:
        nodes.append(STEPS[which % len(STEPS)](nodes[i % len(nodes)], nodes[j % len(nodes)]))
    assert_agrees(weighted(sum(nodes[1:], nodes[0] * 0.1)), leaves, cancels=True)


# --- what comes out -------------------------------------------------------------------------------


def test_a_matrix_product_is_products_and_sums():
    w, x = leaf(2, 3, name="w"), leaf(3, 2, name="x")
    opened = expand(w @ x)
    assert opened.value.shape == (2, 2)
    assert sum((operations(v) for v in opened.value.flat), collections.Counter()) == {
        "mul": 12,
        "add": 8,
    }
    product = opened.value[1, 0].inputs[1]
    assert [v.name for v in product.inputs] == ["w[1,2]", "x[2,0]"]
    assert "w[1,2]" in ag.draw(opened.value.flat).dot


def test_leaves_keep_their_names_and_kinds():
    w, b = leaf(2, name="w"), ag.Tensor(0.5, name="b")
    opened = expand((w * 3.0).sum() + b)
    assert [v.name for v in opened.values[w]] == ["w[0]", "w[1]"]
    assert opened.values[b][()].name == "b"
    assert not opened.values[b][()].requires_grad
    assert all(v.requires_grad for v in opened.values[w])
    assert expand(leaf(1) + 1.0).value[0].inputs[0].name is None


def test_an_entry_that_the_result_does_not_depend_on_has_gradient_0():
    w = leaf(3)
    opened = expand(w[0] * w[2])
    opened.value.backward()
    np.testing.assert_array_equal(opened.gradient(w), [w.data[2], 0.0, w.data[0]])


def test_an_array_as_result():
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    opened = expand(w * w)
    opened.value.sum().backward()
    np.testing.assert_array_equal(opened.gradient(w), [2.0, 4.0])


def test_a_leaf_and_a_constant_can_be_expanded():
    w = ag.Tensor(2.0, requires_grad=True)
    opened = expand(w)
    opened.value.backward()
    assert opened.gradient(w) == 1.0
    assert not expand(ag.Tensor(2.0)).value.requires_grad


def test_an_empty_array():
    w = ag.Tensor(np.zeros((0, 2)), requires_grad=True)
    opened = expand(w.sum() + 1.0)
    assert opened.value.data == 1.0
    assert opened.gradient(w).shape == (0, 2)


def test_padding_is_constants():
    opened = expand(ag.pad(leaf(1), 1))
    assert [v.requires_grad for v in opened.value] == [False, True, False]


def test_without_recording_it_is_recorded_all_the_same():
    y = (leaf(2) * 2.0).sum()
    with ag.no_grad():
        opened = expand(y)
    assert operations(opened.value) == {"mul": 2, "add": 1}


def test_the_context_is_left_as_it_was():
    failing = ag.Primitive(
        "failing", lambda x: np.array([float(v) for v in x]), lambda g, out, x: g
    )
    expand(leaf(2).sum())
    with pytest.raises(ag.UnsupportedError):
        expand(failing(leaf(2)))
    assert tracing.get() == 0
    assert float(ag.Value(1.0).detach()) == 1.0


def test_repr():
    assert repr(expand(leaf(3).sum())) == "Expansion(2 Tensors, 5 Values)"


# --- a user's own primitives ----------------------------------------------------------------------


def test_an_elementwise_primitive_of_one_s_own():
    swish = ag.Primitive(
        "swish",
        lambda x: x / (1 + np.exp(-x)),
        lambda g, out, x: g * (out + ag.sigmoid(x) * (1 - out)),
        elementwise=True,
    )
    x = leaf(4)
    assert operations(assert_agrees(swish(x).sum(), [x]).value) == {"swish": 4, "add": 3}


def test_a_kernel_that_would_cut_the_graph_is_refused():
    doubled = ag.Primitive(
        "doubled",
        lambda x: np.array([2.0 * float(v) for v in x]),
        lambda g, out, x: 2.0 * g,
    )
    with pytest.raises(
        ag.UnsupportedError, match=r"expand: got doubled, .*a plain number would drop"
    ):
        expand(doubled(leaf(2)))


def test_an_elementwise_primitive_with_static_facts_is_refused():
    scaled = ag.Primitive(
        "scaled",
        lambda x, *, by=1.0: x * by,
        lambda g, out, x, *, by: g * by,
        elementwise=True,
    )
    with pytest.raises(ag.UnsupportedError, match="expand: got scaled"):
        expand(scaled(leaf(2), by=3.0))


# --- refusals -------------------------------------------------------------------------------------


def test_the_size_is_counted_before_anything_is_computed():
    w = leaf(60, 60)
    with pytest.raises(
        ag.GraphError,
        match=r"up to 435,600 Values; expected at most max_values=20,000; .*max_values=435600",
    ):
        expand(w @ w)
    calls = []
    counting = ag.Primitive("counting", lambda x: calls.append(0) or x + 0, lambda g, out, x: g)
    y = counting(leaf(8))
    calls.clear()
    with pytest.raises(ag.GraphError):
        expand(y, max_values=15)
    assert calls == []
    expand(y, max_values=24)
    assert calls == [0]


def test_the_cap_is_the_largest_size_allowed():
    w = leaf(3, 3)
    assert expand(w @ w, max_values=63).value.shape == (3, 3)
    with pytest.raises(ag.GraphError, match="63 Values"):
        expand(w @ w, max_values=62)


def test_a_leaf_that_was_assigned_is_refused():
    w = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
    y = (w * w).sum()
    w.data = np.array([3.0, 2.0])
    with pytest.raises(ag.GraphError, match="w, assigned new data after mul had read it"):
        expand(y)
    w.data = np.array([1.0, 2.0])
    assert expand(y).value.data == 5.0


@pytest.mark.parametrize("thing", [ag.Value(1.0), 1.0, np.ones(2)])
def test_something_else_than_a_tensor(thing):
    with pytest.raises(ag.DTypeError, match=r"expand: got an? .*; expected a Tensor"):
        expand(thing)


def test_complex_numbers():
    with pytest.raises(ag.DTypeError, match="complex128"):
        expand(ag.Tensor([1j]))


def test_a_gradient_that_cannot_be_had():
    w, x = leaf(2), ag.Tensor([1.0, 2.0])
    product = w * x
    opened = expand(product.sum())
    with pytest.raises(ag.GraphError, match=r"no gradient yet; call backward\(\)"):
        opened.gradient(w)
    opened.value.backward()
    with pytest.raises(ag.GraphError, match="computed by mul"):
        opened.gradient(product)
    with pytest.raises(ag.GraphError, match="a constant"):
        opened.gradient(x)
    with pytest.raises(ag.GraphError, match="not in the graph"):
        opened.gradient(leaf(2))


def test_infinities_come_without_warnings():
    x = ag.Tensor([0.0, 800.0, -1.0], requires_grad=True)
    opened = expand(ag.log(x) + ag.exp(x) * 0.5)
    np.testing.assert_array_equal(numbers(opened.value)[:2], [-np.inf, np.inf])
    assert np.isnan(opened.value[2].data)


@pytest.mark.parametrize("values", [None, "abc", {}, [1.0]])
def test_an_expansion_is_made_by_expand(values):
    with pytest.raises(TypeError, match=r"Expansion: got .*; write ag\.expand\(tensor\)"):
        Expansion(ag.Tensor([1.0]), values)
