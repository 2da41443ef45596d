"""The engine: order, accumulation, hooks, recording, and what it must withstand."""

import math
import threading

import numpy as np
import pytest

import autograd as ag
import nn

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
def test_no_grad_is_a_context_and_a_decorator(make):
    x = make(3.0)
    with ag.no_grad():
        y = x * x
        with ag.enable_grad():
            z = x * x
        w = x * x
    assert (y.requires_grad, z.requires_grad, w.requires_grad) == (False, True, False)
    assert y.inputs == () and y.op is None

    @ag.no_grad()
    def square(t):
        return t * t if t.data < 2.0 else square(t * 0.5)

    assert not square(x).requires_grad
    assert (x * x).requires_grad


def test_no_grad_ends_with_an_exception():
    with pytest.raises(KeyError), ag.no_grad():
        raise KeyError
    assert ag.is_recording()


def test_recording_is_per_thread():
    seen = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: seen.append((ag.Value(1.0) * 2.0).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


@KINDS
def test_hooks_see_the_whole_gradient_and_may_replace_it(make):
    x = make(2.0)
    y = x * 3.0
    seen = []
    remove = y.register_hook(lambda g: seen.append(float(g)))
    y.register_hook(lambda g: g * 10.0)
    z = y * y + y
    z.backward()
    assert seen == [13.0]
    assert x.grad == 390.0
    remove()
    z.backward()
    assert seen == [13.0]


@KINDS
def test_a_hook_on_a_leaf_is_called_once_even_if_nan_turns_up(make):
    x = make(0.0)
    calls = []
    x.register_hook(lambda g: calls.append(float(g)))
    y = ag.where(x > 0, ag.log(x), 0.0) + x
    y.backward()
    assert calls == [1.0]
    assert x.grad == 1.0


@KINDS
def test_a_hook_on_a_leaf_is_called_in_a_plain_pass(make):
    x = make(2.0)
    x.register_hook(lambda g: g * 10.0)
    (x * x).backward()
    assert x.grad == 40.0


@KINDS
def test_backward_inside_a_hook(make):
    x = make(2.0)
    y = x * x

    def reenter(g):
        (x * 5.0).backward()

    y.register_hook(reenter)
    (y * 3.0).backward()
    assert x.grad == 12.0 + 5.0


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


@KINDS
def test_a_computed_node_cannot_be_assigned(make):
    y = make(2.0) * 3.0
    with pytest.raises(ag.GraphError, match="that mul computed"):
        y.data = 1.0


@KINDS
def test_nothing_to_differentiate(make):
    with pytest.raises(ag.GraphError, match="does not require a gradient"):
        make(2.0).detach().backward()


@KINDS
def test_detach_and_stop_gradient_cut(make):
    x = make(3.0)
    (x * x.detach() * ag.stop_gradient(x)).backward()
    assert x.grad == 9.0


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


@pytest.mark.parametrize("size", [1, 2, 7, 4096, 4097, 5000])
def test_nan_is_found_wherever_it_is(size):
    """Large gradients are searched by halves."""
    g = np.ones((size, 1))
    assert not ag.Tensor._backend.has_nan([g])
    for place in {0, size // 2 - 1, size // 2, (size + 1) // 2, size - 1} & set(range(size)):
        g[place] = np.nan
        assert ag.Tensor._backend.has_nan([np.ones(3), g])
        g[place] = 1.0


def test_infinite_slopes_show():
    for x in (ag.Value(0.0), ag.Tensor(0.0, requires_grad=True)):
        ag.sqrt(x).backward()
        assert x.grad == math.inf


# --- memory ---


def test_a_graph_is_freed_by_reference_counting(no_cycles):
    x = ag.Tensor(np.ones((3, 3)), requires_grad=True)
    y = ag.softmax(x @ x, axis=0).sum()
    y.backward()
    [g] = ag.gradients((x * x).sum(), [x], create_graph=True)
    ag.gradients(g.sum(), [x])
    v = ag.Value(0.5)
    (v.tanh() * v.exp() + v).backward()
    ag.grad(ag.grad(lambda t: t**3))(2.0)
    ag.hessian(lambda t: ag.norm(t) * t.sum())(np.ones(3))
    ag.check_gradients(lambda t: ag.tanh(t), np.ones(2), order=2)
    _ = ag.draw([y, v]).dot
    y.register_hook(lambda g: g * 2.0)
    y.retain_grad()
    y.backward()
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        optimizer.zero_grad()
        nn.cross_entropy(model(np.ones((4, 2))), [0, 1, 1, 0]).backward()
        optimizer.step()


@pytest.mark.parametrize(
    ("make", "length"),
    [(ag.Value, 1_000_000), (lambda x: ag.Tensor(x, requires_grad=True), 100_000)],
)
def test_long_chains(make, length):
    x = make(1.0)
    y = x
    for _ in range(length):
        y = y + 1.0
    y.backward()
    assert x.grad == 1.0
    assert y.data == length + 1.0
    picture = ag.draw(y, max_nodes=20).dot
    assert f"{length + 1:,}" in picture
    del y  # freed without recursion


# --- parts of one array, whose gradients are added in place ---------------------------------------


def test_parts_that_overlap_and_whole_arrays_add_up():
    x = ag.Tensor(np.arange(1.0, 7.0).reshape(2, 3), requires_grad=True)
    y = x[0].sum() + (2.0 * x[:, 1]).sum() + (3.0 * x).sum() + x[0, 1] * 5.0 + x[[0, 0, 1]].sum()
    y.backward()
    assert x.grad.tolist() == [[6.0, 13.0, 6.0], [4.0, 6.0, 4.0]]


def test_an_array_in_place_is_nobody_elses():
    """The gradient of the first part is the start of the sum; hooks and later passes see it unchanged."""
    x = ag.Tensor(np.ones(4), requires_grad=True)
    seen = []
    whole = x * 1.0
    whole.register_hook(lambda g: seen.append(g.copy()))
    parts = [whole[i : i + 2] * float(i + 1) for i in range(3)]
    loss = sum(p.sum() for p in parts)
    loss.backward()
    first = x.grad.copy()
    loss.backward()
    assert first.tolist() == [1.0, 3.0, 5.0, 3.0] == seen[0].tolist() == seen[1].tolist()
    assert (x.grad == 2 * first).all()


def test_add_to_of_a_primitive_of_ones_own():
    def rule(g, out, x, *, at):
        calls.append("rule")
        return np.eye(1, len(x), at)[0] * g

    def add_to(total, g, x, *, at):
        calls.append("add_to")
        total[at] += g

    calls = []
    pick = ag.Primitive("pick", lambda x, *, at: x[at], rule, add_to=add_to)
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    (pick(x, at=0) + 2.0 * pick(x, at=2) + 4.0 * pick(x, at=2)).backward()
    assert x.grad.tolist() == [1.0, 0.0, 6.0]
    assert calls == ["rule", "add_to", "add_to"]


@pytest.mark.parametrize("shape", [(7, 9), (50, 3, 4), (300, 8)])
def test_many_rows_are_added_as_np_add_at_does(shape):
    rng = np.random.default_rng(0)
    index = rng.integers(-shape[0], shape[0], (20, 5))
    x = ag.Tensor(rng.normal(size=shape), requires_grad=True)
    g = rng.normal(size=(20, 5, *shape[1:]))
    x[index].backward(g)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("axis", [(1,), (2, 3), (0, 3), (3,)])
def test_extremes_of_many_small_windows(axis, keepdims):
    """Gone through place by place; NumPy's result, a shared tie, and nan where one is."""
    data = np.random.default_rng(0).integers(0, 3, (64, 4, 4, 4)).astype(float)
    data[3, 2, 1, 0] = np.nan
    for ours, numpys in ((ag.max, np.max), (ag.min, np.min)):
        result = ours(ag.Tensor(data), axis=axis, keepdims=keepdims)
        np.testing.assert_array_equal(result.data, numpys(data, axis=axis, keepdims=keepdims))
    x = ag.Tensor(np.nan_to_num(data), requires_grad=True)
    ag.max(x, axis=axis, keepdims=keepdims).sum().backward()
    winners = x.data == x.data.max(axis=axis, keepdims=True)
    np.testing.assert_allclose(x.grad, winners / winners.sum(axis=axis, keepdims=True))


def test_an_extreme_that_is_nan_has_the_gradient_zero():
    """Nan is not equal to itself, so that there is no winner; nothing may be divided by their number."""
    for function in (ag.max, ag.min):
        x = ag.Tensor([np.nan, 1.0], requires_grad=True)
        function(x).backward()
        assert x.grad.tolist() == [0.0, 0.0]


def test_one_number_is_not_broadcast_to_fewer_axes():
    with pytest.raises(ValueError, match="dimensions"):
        ag.primitives.PRIMITIVES["broadcast_to"](np.ones((1, 1)), shape=(3,))


@pytest.mark.parametrize("use", ["operand", "index"])
def test_a_view_that_is_read_only_may_still_change(use):
    """Nobody can write through it, but whoever has the array that it shows can."""
    base = np.array([1, 2])
    view = base[:]
    view.flags.writeable = False
    x = ag.Tensor([1.0, 10.0, 100.0], requires_grad=True)
    y = x[:2] * view if use == "operand" else x[view]
    base[:] = 0
    y.sum().backward()
    assert x.grad.tolist() == ([1.0, 2.0, 0.0] if use == "operand" else [0.0, 1.0, 1.0])


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


def test_a_value_keeps_what_its_hook_made_of_the_gradient():
    x = ag.Value(3.0)
    y = x * 2.0
    y.register_hook(lambda g: 10.0 * g)
    (y * 5.0).backward()
    assert (y.grad, x.grad) == (50.0, 100.0)
