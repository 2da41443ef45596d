"""Nodes: what they remember, what may be assigned to them, and when they are freed."""

import inspect

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.note import PLAIN, is_cut
from benchmarks.anatomy import calls_in

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


@KINDS
def test_a_computed_node_cannot_be_assigned(make):
    y = make(2.0) * 3.0
    with pytest.raises(ag.GraphError, match="that mul computed"):
        y.data = 1.0


@KINDS
def test_detach_and_stop_gradient_cut(make):
    x = make(3.0)
    (x * x.detach() * ag.stop_gradient(x)).backward()
    assert x.grad == 9.0


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
    [(ag.Value, 200_000), (lambda x: ag.Tensor(x, requires_grad=True), 50_000)],
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


# --- assigning `.grad` and `.data` ----------------------------------------------------------------


def parameter(dtype=np.float32):
    return ag.Tensor(np.ones((2, 3)), dtype=dtype, requires_grad=True, name="w")


WRONG_ARRAYS = [
    (
        np.ones((4, 2, 3), np.float32),
        ag.ShapeError,
        r"an array of shape \(4, 2, 3\); expected shape",
    ),
    (np.ones(3, np.float32), ag.ShapeError, r"an array of shape \(3,\); expected shape \(2, 3\)"),
    (np.float32(1.0), ag.ShapeError, r"an array of shape \(\)"),
    (ag.Tensor(np.ones((3, 2), np.float32)), ag.ShapeError, r"an array of shape \(3, 2\)"),
    (np.ones((2, 3)), ag.DTypeError, "dtype float64; expected dtype float32; use astype"),
    (np.ones((2, 3), int), ag.DTypeError, "dtype int64; expected dtype float32"),
    (np.ones((2, 3), bool), ag.DTypeError, "dtype bool"),
    (np.ones((2, 3), complex), ag.DTypeError, "dtype complex128"),
    (np.full((2, 3), None), ag.DTypeError, "dtype object"),
    (ag.Tensor(np.ones((2, 3))), ag.DTypeError, "dtype float64; expected dtype float32"),
    (ag.Value(1.0), ag.DTypeError, ""),
    ("text", ag.DTypeError, ""),
]


@pytest.mark.parametrize(("gradient", "error", "text"), WRONG_ARRAYS)
def test_a_gradient_that_does_not_fit_is_refused(gradient, error, text):
    w = parameter()
    w.sum().backward()
    before = w.grad
    with pytest.raises(error, match=f"grad of w: got .*{text}"):
        w.grad = gradient
    assert w.grad is before


@pytest.mark.parametrize("gradient", [1.0, 0, [[1.0] * 3] * 2], ids=repr)
def test_a_gradient_of_another_kind_is_refused(gradient):
    w = parameter()
    with pytest.raises(ag.DTypeError, match=r"grad of w: got .*; expected an array of shape"):
        w.grad = gradient


def test_a_gradient_that_fits_is_taken_over_as_it_is():
    w = parameter()
    mine = np.full((2, 3), 5.0, np.float32)
    w.grad = mine
    assert w.grad is mine
    w.grad = ag.Tensor(mine)
    assert type(w.grad) is np.ndarray and w.grad.tolist() == mine.tolist()
    w.grad[0, 0] = 1.0
    w.grad = None
    assert w.grad is None


@pytest.mark.parametrize(("data", "error", "text"), WRONG_ARRAYS)
def test_data_that_do_not_fit_are_refused(data, error, text):
    w = parameter()
    before = w.data
    with pytest.raises((error, ag.GraphError), match=f"data of w: got .*{text}"):
        w.data = data
    assert w.data is before


def test_python_numbers_have_no_dtype_of_their_own():
    w, n = parameter(), ag.Tensor([1, 2])
    w.data = [[1, 2.5, 3]] * 2
    assert w.dtype == np.float32 and w.data[0].tolist() == [1.0, 2.5, 3.0]
    n.data = [3, 4]
    assert n.dtype == np.int64
    with pytest.raises(ag.DTypeError, match=r"data of a leaf without a name: .*dtype float64"):
        n.data = [0.5, 1.0]


def test_data_are_copied():
    w = parameter(np.float64)
    mine = np.zeros((2, 3))
    w.data = mine
    mine[:] = 7.0
    assert w.data.tolist() == [[0.0] * 3] * 2 and not w.data.flags.writeable


@pytest.mark.parametrize("x", ["text", [1.0], 1j, np.ones(2), ag.Tensor(1.0), object()], ids=type)
def test_a_value_takes_numbers_only(x):
    v = ag.Value(2.0, name="v")
    with pytest.raises(ag.DTypeError, match=r"grad of v: got .*expected one number"):
        v.grad = x
    with pytest.raises(ag.DTypeError, match=r"data of v: got .*expected one number"):
        v.data = x
    assert (v.data, v.grad) == (2.0, 0.0)


@pytest.mark.parametrize("x", [3, 3.0, np.float32(3.0), np.array(3.0)], ids=type)
def test_a_value_takes_every_kind_of_number_as_a_float(x):
    v = ag.Value(2.0)
    v.data = v.grad = x
    assert (v.data, v.grad) == (float(x), float(x)) and type(v.data) is type(v.grad) is float
    v.grad = None
    assert v.grad == 0.0


@pytest.mark.parametrize("x", [True, np.True_, np.array(True)], ids=type)
def test_a_gradient_is_no_bool_as_for_a_tensor(x):
    for node in (ag.Value(2.0), ag.Tensor(2.0)):
        with pytest.raises(ag.DTypeError, match=r"grad of a leaf without a name: got .*bool"):
            node.grad = x


# --- arrays without axes stay arrays --------------------------------------------------------------


def is_array(x):
    return type(x) is np.ndarray and x.shape == ()


def test_the_gradient_of_one_number_stays_an_array():
    x = ag.Tensor(2.0, requires_grad=True)
    y = x * x
    y.retain_grad()
    for _ in range(3):
        y.backward()
        assert is_array(x.grad) and is_array(y.grad)
    assert x.grad == 12.0
    x.grad = x.grad * 0.5
    assert is_array(x.grad)
    x.grad = 3.0
    assert is_array(x.grad) and x.grad == 3.0
    [g] = ag.gradients(x * x, [x])
    assert is_array(g) and is_array((x * x).data) and is_array(ag.exp(x).saved[0])


def test_one_number_stays_an_array_through_clipping_and_every_optimizer():
    for optimizer in (nn.optim.SGD, nn.optim.Adam, nn.optim.RMSprop, nn.optim.Adagrad):
        p = nn.Parameter(2.0)
        step = optimizer([p], lr=0.1)
        for _ in range(2):
            step.zero_grad()
            (p * p).backward()
            (p * p).backward()
            nn.optim.clip_grad_norm_([p], 1.0)
            assert is_array(p.grad)
            nn.optim.clip_grad_value_([p], 0.5)
            assert is_array(p.grad)
            step.step()
            assert is_array(p.data)
        step.zero_grad(set_to_none=False)
        assert is_array(p.grad)
    with ag.no_grad():
        p -= 0.5
    assert is_array(p.data)


def test_gradients_that_are_returned_share_no_memory():
    x, y = (ag.Tensor(np.ones(3), requires_grad=True) for _ in range(2))
    dx, dy = ag.gradients((x + y).sum(), [x, y])
    dx *= 7.0
    assert dy.tolist() == [1.0, 1.0, 1.0]
    [dx] = ag.gradients((x * y).sum(), [x])
    dx *= 7.0
    assert y.data.tolist() == [1.0, 1.0, 1.0]


# --- names, leaves and what a node came from ------------------------------------------------------


@KINDS
def test_a_name_is_a_text_or_none(make):
    x = make(2.0)
    x.name = "x"
    assert x.name == "x"
    x.name = None
    assert x.name is None
    with pytest.raises(ag.DTypeError, match=r"(Value|Tensor): got name=3; expected a text or None"):
        x.name = 3
    assert x.name is None


@KINDS
def test_what_was_given_is_a_leaf(make):
    x = make(2.0)
    assert x.is_leaf is True and (x * x).is_leaf is False and (x * x).detach().is_leaf is True


def test_help_tells_what_data_and_grad_are():
    value, tensor = type(ag.Value(1.0) * 2.0), type(ag.Tensor(1.0) * 2.0)
    assert inspect.getdoc(value.data).startswith("The number or array. Assign one")
    assert inspect.getdoc(tensor.data).startswith("The read-only array. Assign one")
    for cls in (value, tensor):
        assert inspect.getdoc(cls.grad).startswith("The accumulated gradient, as plain data.")


@KINDS
def test_ancestors_takes_a_list_of_nodes(make):
    x = make(2.0)
    for wrong in (x, x * x, 3.0, None):
        with pytest.raises(
            ag.DTypeError, match=r"a list of nodes; write ag\.ancestors\(\[node\]\)"
        ):
            ag.ancestors(wrong)
    for wrong in ([3.0], [x, None], ["x"]):
        with pytest.raises(ag.DTypeError, match=r"ancestors: got .*; expected Values or Tensors"):
            ag.ancestors(wrong)
    assert ag.ancestors([]) == [] and ag.ancestors(iter([x])) == [x]


@KINDS
def test_ancestors_finds_each_node_once(make):
    """Through `2**12` paths, each node is looked at once."""
    y = make(1.0)
    chain = [y]
    for _ in range(12):
        y = y + y
        chain.append(y)
    found = ag.ancestors([y, chain[6]])
    assert [n.number for n in found] == [n.number for n in chain]
    assert calls_in(lambda: ag.ancestors([y])) < 20 * len(chain)


@pytest.mark.parametrize(
    "compute",
    [lambda x: ag.stack([x, x]), lambda x: ag.where(x.data > 0.0, x, 0.0), lambda x: x[0]],
    ids=["stack", "where", "index"],
)
def test_results_of_many_arguments_have_the_path_of_their_module(compute):
    class Net(nn.Module):
        def forward(self, x):
            return compute(x)

    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert nn.Sequential(Net())(x).module == "0"
    assert compute(x).module == "" and compute(x).name is None


def test_an_operation_of_any_number_of_arguments_keeps_all():
    x, y, z = (ag.Tensor([k], requires_grad=True) for k in (1.0, 2.0, 3.0))
    for given in ([x], [x, y], [x, y, z]):
        joined = ag.concatenate(given)
        assert list(map(id, joined.inputs)) == list(map(id, given))
        assert [d.tolist() for d in joined.saved] == [n.data.tolist() for n in given]


def test_a_removed_hook_is_gone_and_removing_it_again_does_nothing():
    x = ag.Value(3.0, name="x")
    first = x.register_hook(lambda g: g * 10.0)
    x.register_hook(lambda g: g + 1.0)
    for _ in range(2):
        first()
        x.grad = None
        (x * 2.0).backward()
        assert x.grad == 3.0 and x.name == "x"


@pytest.mark.parametrize(
    "compute",
    [
        lambda c: c,
        lambda c: c.detach(),
        lambda c: c * 2.0,
        lambda c: 2.0 * c,
        lambda c: c * c,
        ag.exp,
        lambda c: ag.stack([ag.Tensor([1.0]), c]),
        lambda c: c.sum(axis=0),
    ],
    ids=["itself", "detached", "product", "reflected", "square", "exp", "stack", "sum"],
)
def test_a_constant_knows_whether_a_graph_was_left_behind(compute):
    """A page that computes refuses the one and takes the other as it is."""
    x = ag.Tensor([1.0], requires_grad=True)
    assert is_cut(compute(x.detach())) and not compute(x.detach()).requires_grad
    plain = ag.Tensor([1.0])
    assert not is_cut(compute(plain)) and not is_cut(None)
    assert compute(plain * 2.0).note is PLAIN and plain.detach().note is PLAIN
    with ag.no_grad():
        assert is_cut(compute(x * 2.0))
