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
    allowed = {"init.py", "module.py", "optim.py"}
    for path in Path(nn.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name):
                assert node.id != "Primitive", f"{path.name} defines a primitive"
            if isinstance(node, ast.FunctionDef):
                assert "backward" not in node.name and "grad" not in node.name.split("_")[:1], (
                    path.name
                )
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("data", "_data")
                and path.name not in allowed
            ):
                assert ast.unparse(node) == "targets.data", f"{path.name}: {ast.unparse(node)}"


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
    assert (nn.Linear(16, 400, generator=generator).weight.data == a).sum() in (0, a.size)
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
        ValueError, match=r"missing: 2\.bias; unexpected: extra; 0\.bias: shape \(1,\)"
    ):
        b.load_state_dict(
            {
                **{k: v for k, v in a.state_dict().items() if k != "2.bias"},
                "extra": 1,
                "0.bias": np.ones(1),
            }
        )
    b.load_state_dict({"0.bias": np.zeros(5)}, strict=False)


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

    with pytest.raises(
        AttributeError, match=r"call super\(\).__init__\(\) before assigning 'layer'"
    ):
        Forgetful()


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
@pytest.mark.parametrize(("momentum", "dampening"), [(0.0, 0.0), (0.9, 0.0), (0.9, 0.5)])
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
        (lambda: nn.cross_entropy(np.ones((2, 3)), [0, 3]), IndexError, "the 3 classes are 0 to 2"),
        (lambda: nn.cross_entropy(np.ones((1, 2)), [0], reduction="avg"), ValueError, "reduction='avg'"),
        (lambda: nn.optim.SGD([]), ValueError, "no parameters"),
        (lambda: nn.optim.SGD([nn.Parameter([1.0])], lr=-1), ValueError, "lr=-1"),
        (lambda: nn.Sequential(3), TypeError, "entry 0 is a int"),
        (lambda: nn.Parameter([1]), ag.DTypeError, "int64 cannot have a gradient"),
        (lambda: nn.init.xavier_uniform_(ag.Tensor([1.0])), ag.ShapeError, r"shape of \(1,\)"),
        (lambda: nn.Module()(1), NotImplementedError, "Module defines no forward"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
