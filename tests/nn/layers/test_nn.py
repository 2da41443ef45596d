"""nn: registration, state, layers against NumPy, the law that it holds no derivative, messages."""

import ast
import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn


def model(**options):
    ag.random.seed(3)
    return nn.Sequential(
        nn.Linear(3, 5, **options), nn.Tanh(), nn.Linear(5, 2, **options), nn.ReLU()
    )


def test_no_module_of_nn_contains_a_derivative_or_reads_data_to_compute():
    """Rules live in autograd; `.data` is for initialization, loading and optimizers alone."""
    root = Path(nn.__file__).parent
    may_read_data = {"init", "module", "checkpoint", "optim"}
    paths = sorted(root.rglob("*.py"))
    assert len(paths) > 20
    for path in paths:
        place = path.relative_to(root)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name):
                assert node.id != "Primitive", f"{place} defines a primitive"
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("Primitive", "primitives", "rules", "_data"), place
                if may_read_data.isdisjoint({*place.parts, place.stem}):
                    assert node.attr != "data", f"{place}: {ast.unparse(node)}"
            if isinstance(node, ast.FunctionDef):
                name = node.name.split("_")
                assert "backward" not in name and name[0] not in ("grad", "vjp", "jvp"), place


def test_linear_is_the_formula():
    layer = nn.Linear(3, 2)
    x = np.random.default_rng(0).normal(size=(4, 5, 3))
    np.testing.assert_allclose(layer(x).data, x @ layer.weight.data.T + layer.bias.data, rtol=1e-14)
    assert layer(x[0, 0]).shape == (2,)
    assert nn.Linear(3, 2, bias=False).bias is None
    assert nn.Linear(3, 2, dtype=np.float32)(x.astype(np.float32)).dtype == np.float32


def test_initial_numbers_are_seeded_and_bounded():
    ag.random.seed(7)
    a = nn.Linear(16, 400).weight.data
    ag.random.seed(7)
    assert (a == nn.Linear(16, 400).weight.data).all()
    generator = np.random.default_rng(7)
    assert (nn.Linear(16, 400, generator=generator).weight.data == a).all()
    assert not (nn.Linear(16, 400, generator=generator).weight.data == a).any()
    assert abs(a).max() <= 0.25 and a.var() == pytest.approx(0.25**2 / 3, rel=0.05)


@pytest.mark.parametrize(
    ("fill", "variance"),
    [
        (nn.init.xavier_uniform_, 2.0 / (200 + 300)), (nn.init.kaiming_uniform_, 2.0 / 200),
        (lambda w: nn.init.kaiming_uniform_(w, a=1.0), 1.0 / 200), (nn.init.normal_, 1.0), (nn.init.uniform_, 1 / 12),
    ],
)  # fmt: skip
def test_variances_of_initializers(fill, variance):
    w = fill(ag.Tensor(np.zeros((300, 200))))
    assert w.data.var() == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize(
    "fill", [nn.init.uniform_, nn.init.normal_, nn.init.zeros_, nn.init.xavier_uniform_, nn.init.kaiming_uniform_]
)  # fmt: skip
def test_initializers_keep_the_dtype_and_fill_what_is_empty(fill):
    assert fill(nn.Parameter(np.ones((2, 3)), dtype=np.float32)).dtype == np.float32
    assert fill(ag.Tensor(np.ones((0, 0)))).shape == (0, 0)
    if fill not in (nn.init.xavier_uniform_, nn.init.kaiming_uniform_):
        assert fill(ag.Tensor(1.0)).shape == ()


def test_cross_entropy_of_nothing_is_nan_and_of_plain_numbers_plain():
    assert np.isnan(nn.cross_entropy(ag.Tensor(np.zeros((0, 3))), np.zeros(0, int)).item())
    loss = nn.cross_entropy([[0.0, 0.0]], ag.Tensor([1]))
    assert not isinstance(loss, ag.Tensor) and loss == pytest.approx(np.log(2.0))


def test_cross_entropy_and_its_gradient_p_minus_y():
    rng = np.random.default_rng(0)
    logits = ag.Tensor(rng.normal(size=(6, 4)) * 3.0, requires_grad=True)
    classes = rng.integers(0, 4, 6)
    p = np.exp(logits.data) / np.exp(logits.data).sum(1, keepdims=True)
    loss = nn.cross_entropy(logits, classes)
    assert loss.item() == pytest.approx(-np.log(p[np.arange(6), classes]).mean(), rel=1e-13)
    loss.backward()
    np.testing.assert_allclose(logits.grad, (p - np.eye(4)[classes]) / 6, atol=1e-15)
    assert nn.cross_entropy(logits, classes, reduction="none").shape == (6,)
    assert nn.cross_entropy(logits, classes, reduction="sum").item() == pytest.approx(
        6 * loss.item()
    )
    assert nn.cross_entropy(ag.Tensor([1e4, 0.0]), 1).item() == 1e4


def test_gradients_of_a_model_of_first_and_second_order():
    net = model()
    report = ag.check_gradients(
        lambda x: nn.cross_entropy(net(x), [0, 1]), np.ones((2, 3)) * 0.3, parameters=net, order=2
    )
    assert report.passed and "2.weight" in [row.name for row in report.rows]


def test_state_dict_round_trip():
    a, b = model(), model()
    for p in b.parameters():
        p.data = p.data * 0.0
    state = a.state_dict()
    assert list(state) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    b.load_state_dict(state)
    assert (a(np.ones(3)).data == b(np.ones(3)).data).all()
    state["0.weight"][:] = 9.0  # copies
    assert not (a.state_dict()["0.weight"] == 9.0).any()
    with pytest.raises(
        ValueError, match=r"missing: 2\.bias; unexpected: extra; 0\.bias: got shape \(1,\)"
    ):
        b.load_state_dict(
            {
                **{k: v for k, v in a.state_dict().items() if k != "2.bias"},
                "extra": 1,
                "0.bias": np.ones(1),
            }
        )
    found = b.load_state_dict({"0.bias": np.zeros(5), "extra": 1}, strict=False)
    assert found.missing_keys == ["0.weight", "2.weight", "2.bias"]
    assert found.unexpected_keys == ["extra"]
    assert not b[0].bias.data.any() and (b[0].weight.data == a[0].weight.data).all()
    b.load_state_dict(dict(a.named_parameters()))
    assert (b[2].weight.data == a[2].weight.data).all()


@pytest.mark.parametrize("array", [[1j], ["1.5"], [None]])
def test_loading_what_a_parameter_cannot_hold_changes_nothing(array):
    net = nn.Linear(1, 1)
    before = net.state_dict()
    with pytest.raises(ValueError, match=r"bias: got dtype .*, expected float64"):
        net.load_state_dict({"weight": [[7.0]], "bias": array})
    assert all((before[key] == data).all() for key, data in net.state_dict().items())


def test_loading_keeps_the_dtype():
    net = nn.Linear(2, 1, dtype=np.float32)
    net.load_state_dict(nn.Linear(2, 1).state_dict())
    assert net.weight.dtype == np.float32


def test_a_parameter_that_is_done_without_is_not_asked_for():
    net = nn.Linear(2, 1, bias=False)
    assert list(net.state_dict()) == ["weight"]
    assert net.load_state_dict(net.state_dict()) == ([], [])


def test_named_entries_of_sequential():
    net = nn.Sequential({"first": nn.Linear(2, 3), "act": nn.ReLU(), "last": nn.Linear(3, 1)})
    assert list(net.state_dict()) == ["first.weight", "first.bias", "last.weight", "last.bias"]
    assert net.act is net[1] and net[-1] is net.last
    assert [name for name, _ in net[1:].named_children()] == ["act", "last"]
    x = np.array([1.0, -2.0])
    hidden = np.maximum(net.first.weight.data @ x + net.first.bias.data, 0.0)
    expected = net.last.weight.data @ hidden + net.last.bias.data
    np.testing.assert_allclose(net(x).data, expected, rtol=1e-14)


def test_registration():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(2, 2)
            self.again = self.first
            self.scale = nn.Parameter([1.0])
            self.register_buffer("mean", [0.0])

        def forward(self, x):
            return self.first(x) * self.scale

    net = Net()
    assert [n for n, _ in net.named_parameters()] == ["scale", "first.weight", "first.bias"]
    assert [n for n, _ in net.named_modules()] == ["", "first"]
    assert set(net.state_dict()) >= {"mean", "scale", "first.weight", "first.bias"}
    net.eval()
    assert not net.first.training
    net.mean = np.ones(1)
    assert dict(net.named_buffers())["mean"].tolist() == [1.0]
    net.scale = None
    assert "scale" not in dict(net.named_parameters())
    del net.first
    assert list(dict(net.named_modules())) == ["", "again"]
    with pytest.raises(AttributeError, match="has no attribute 'first'"):
        _ = net.first

    class Forgetful(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(1, 1)

    class AlsoForgetful(nn.Module):
        def __init__(self):
            pass

    with pytest.raises(AttributeError, match=r"__init__ did not call super\(\).__init__\(\)"):
        list(AlsoForgetful().parameters())
    with pytest.raises(
        AttributeError, match=r"call super\(\).__init__\(\) before assigning 'layer'"
    ):
        Forgetful()


def test_parameters_take_the_name_they_are_given_and_keep_their_place():
    net = nn.Linear(1, 1)
    assert (net.weight.name, net.bias.name) == ("weight", "bias")
    net.weight = nn.Parameter([[1.0]], name="slope")
    assert net.weight.name == "slope"
    assert [name for name, _ in net.named_parameters()] == ["weight", "bias"]


def test_what_is_assigned_to_a_registered_name():
    net = nn.Linear(1, 1)
    with pytest.raises(TypeError, match=r"ndarray for the parameter 'weight'.*weight\.data"):
        net.weight = np.ones((1, 1))
    assert [name for name, _ in net.named_parameters()] == ["weight", "bias"]
    net.inner = nn.ReLU()
    with pytest.raises(TypeError, match="got an int for the module 'inner'"):
        net.inner = 3
    net.inner = None
    assert list(net.children()) == [] and net.inner is None
    net.register_buffer("mean", None)
    assert "mean" not in net.state_dict()
    net.mean = [1, 2]
    assert net.state_dict()["mean"].tolist() == [1, 2]
    net.mean = 0.5
    net.load_state_dict(net.state_dict())
    net.mean = ag.Tensor([1.0, 2.0])  # a traced training step replaces buffers by nodes
    assert isinstance(net.mean, ag.Tensor) and net.state_dict()["mean"].tolist() == [1.0, 2.0]
    net.mean = nn.ReLU()
    assert "mean" not in dict(net.named_buffers()) and len(list(net.children())) == 1
    assert {"weight", "mean", "forward", "training"} <= set(dir(net))


def test_a_module_cannot_contain_itself():
    net = model()
    with pytest.raises(ValueError, match="'parent' with which it would contain itself"):
        net[0].parent = net
    assert len(list(net.modules())) == 5


def test_repr_is_that_of_pytorch_where_a_module_has_both_facts_and_children():
    class Scaled(nn.Module):
        def __init__(self, facts):
            super().__init__()
            self.act, self.facts = nn.ReLU(), facts

        def extra_repr(self):
            return self.facts

    assert repr(Scaled("scale=2")) == "Scaled(\n  scale=2\n  (act): ReLU()\n)"
    assert repr(nn.Sequential(Scaled("")).eval()).splitlines()[2] == "    (act): ReLU()"


def test_repr_copies_and_freezing():
    net = model()
    assert repr(net).splitlines()[1] == "  (0): Linear(in_features=3, out_features=5, bias=True)"
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert (other(np.ones(3)).data == net(np.ones(3)).data).all()
        assert other[0].weight is not net[0].weight
    net.requires_grad_(False)
    assert not net(np.ones(3)).requires_grad
    assert len(net[:2]) == 2 and isinstance(net[1], nn.Tanh)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize(
    ("momentum", "dampening"), [(0.0, 0.0), (0.0, 0.5), (0.9, 0.0), (0.9, 0.5)]
)
def test_sgd_follows_its_formula(momentum, dampening, nesterov):
    if nesterov and (momentum == 0 or dampening):
        with pytest.raises(ValueError, match="nesterov"):
            nn.optim.SGD([nn.Parameter([1.0])], 0.1, momentum, dampening, nesterov=True)
        return
    p = nn.Parameter([0.5, -0.7])
    w, v = p.data.copy(), None
    optimizer = nn.optim.SGD([p], 0.1, momentum, dampening, 0.01, nesterov)
    for _ in range(10):
        optimizer.zero_grad()
        (p**4).sum().backward()
        optimizer.step()
        g = 4 * w**3 + 0.01 * w
        v = g if v is None else momentum * v + (1 - dampening) * g
        w = w - 0.1 * ((g + momentum * v if nesterov else v) if momentum else g)
        np.testing.assert_allclose(p.data, w, rtol=1e-12)


def test_a_parameter_without_gradient_is_left_alone():
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    optimizer = nn.optim.SGD([p, q], lr=0.5)
    (p * 2.0).sum().backward()
    optimizer.step()
    assert p.data.tolist() == [0.0] and q.data.tolist() == [1.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Linear(3, 2)(np.ones((4, 2))), ag.ShapeError, r"input of shape \(4, 2\).*in_features = 3"),
        (lambda: nn.cross_entropy(np.ones((2, 3)), [0.5, 1.0]), ag.DTypeError, "targets of dtype float64"),
        (lambda: nn.cross_entropy(np.ones((2, 3)), [0]), ag.ShapeError, r"\(2, 3\) and targets of shape \(1,\)"),
        (lambda: nn.cross_entropy(np.ones((2, 3)), [0, 3]), IndexError, "from 0 to 3; expected numbers of the 3 classes"),
        (lambda: nn.cross_entropy(np.ones((1, 2)), [0], reduction="avg"), ValueError, "reduction='avg'"),
        (lambda: nn.optim.SGD([]), ValueError, "no parameters"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0])], lr=-1), ValueError, "lr=-1"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0])], lr=float("nan")), ValueError, "lr=nan"),
        (lambda: nn.optim.SGD(nn.Parameter([1.0, 2.0])), TypeError, "a Parameter came; pass several"),
        (lambda: nn.optim.SGD(nn.Linear(1, 1)), TypeError, "a Linear came; pass several"),
        (lambda: nn.optim.SGD(model()), TypeError, "entry 0 is a Linear"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0]) * 2.0]), ag.GraphError, "entry 0 was computed by mul"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0])] * 2), ValueError, "entry 1 came before"),
        (lambda: nn.Sequential(3), TypeError, "got an int as entry 0; expected a Module$"),
        (lambda: nn.Sequential(nn.ReLU), TypeError, r"write ReLU\(\)"),
        (lambda: nn.Sequential([nn.ReLU()]), TypeError, r"write Sequential\(\*modules\)"),
        (lambda: nn.Sequential({"a.b": nn.ReLU()}), ValueError, "name 'a.b' for a module; expected a string without dots"),
        (lambda: nn.Sequential({1: nn.ReLU()}), ValueError, "name 1 for a module"),
        (lambda: nn.Sequential({"forward": nn.ReLU()}), ValueError, "'forward' of the class would hide it"),
        (lambda: model()[4], IndexError, "got index 4; expected one of the 4 modules"),
        (lambda: nn.Linear(1, 1).register_buffer("weight", [1.0]), ValueError, "'weight', which is a parameter or module"),
        (lambda: nn.Linear(1, 1).register_parameter("w", ag.Tensor([1.0])), TypeError, "a Tensor for the parameter 'w'"),
        (lambda: model().load_state_dict([1.0]), TypeError, "got a list; expected a mapping"),
        (lambda: nn.Parameter([1]), ag.DTypeError, "int64 cannot have a gradient"),
        (lambda: nn.init.xavier_uniform_(ag.Tensor([1.0])), ag.ShapeError, r"fans: got a Tensor of shape \(1,\)"),
        (lambda: nn.init.zeros_(np.ones(1)), TypeError, "constant_: got a ndarray"),
        (lambda: nn.init.uniform_(ag.Tensor([1])), ag.DTypeError, "uniform_: got a Tensor of dtype int64"),
        (lambda: nn.init.uniform_(ag.Tensor([1.0]), 2.0, 1.0), ValueError, "a=2.0 and b=1.0"),
        (lambda: nn.init.normal_(ag.Tensor([1.0]), std=-1.0), ValueError, "std=-1.0"),
        (lambda: nn.init.normal_(ag.Tensor([1.0]), generator=3), TypeError, "got generator=3"),
        (lambda: nn.Linear(2.0, 1), ValueError, "got in_features=2.0"),
        (lambda: nn.Linear(2, -1), ValueError, "got out_features=-1"),
        (lambda: nn.Module()(1), NotImplementedError, "Module defines no forward"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
