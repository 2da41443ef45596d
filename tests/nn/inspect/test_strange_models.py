"""Summary and diagnosis of models that lack what most models have: no raw error, no warning."""

import numpy as np
import pytest

import autograd as ag
import nn


class Model(nn.Module):
    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def shared():
    layer = nn.Linear(2, 2)
    return nn.Sequential(layer, nn.ReLU(), layer)


def tied():
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    second.weight = first.weight
    return nn.Sequential(first, second)


MODELS = {
    "no parameters": (lambda: nn.Sequential(nn.ReLU(), nn.Tanh()), 0, (4, 2)),
    "no layers": (lambda: nn.Sequential(), 0, (4, 2)),
    "a shared layer": (shared, 6, (4, 2)),
    "a shared weight": (tied, 8, (4, 2)),
    "a frozen layer": (lambda: nn.Sequential(nn.Linear(2, 2).requires_grad_(False)), 6, (4, 2)),
    "a parameter without axes": (lambda: Model(lambda m, x: x * m.a, a=nn.Parameter(2.0)), 1, (4, 2)),
    "a weight without axes": (lambda: Model(lambda m, x: x * m.weight, weight=nn.Parameter(2.0)), 1, (4, 2)),
    "a layer that is not called": (lambda: Model(lambda m, x: x, layer=nn.Linear(2, 3)), 9, (4, 2)),
    "a dictionary": (lambda: Model(lambda m, x: {"a": m.l(x), "b": None}, l=nn.Linear(2, 3)), 9, {"a": (4, 3)}),
    "a tuple": (lambda: Model(lambda m, x: (m.l(x), None, [x]), l=nn.Linear(2, 3)), 9, ((4, 3), ((4, 2),))),
    "nothing": (lambda: Model(lambda m, x: None, l=nn.Linear(2, 3)), 9, None),
    "a number": (lambda: Model(lambda m, x: 3.0), 0, ()),
    "a sum": (lambda: nn.Sequential(Model(lambda m, x: x.sum()), nn.ReLU()), 0, ()),
    "no samples": (lambda: nn.Sequential(Model(lambda m, x: x[:0]), nn.ReLU(), nn.Linear(2, 2)), 6, (0, 2)),
    "integers": (lambda: Model(lambda m, x: np.zeros(3, int)), 0, (3,)),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_summary(name):
    make, parameters, output = MODELS[name]
    found = nn.summary(make(), (4, 2))
    assert found.parameters == parameters and found.rows[0].output == output
    assert f"{parameters:,} parameter{'' if parameters == 1 else 's'} (" in str(found)


def total(output):
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, (tuple, list)):
        return sum(map(total, output))
    return output.sum() if isinstance(output, ag.Tensor) else 0.0


@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.parametrize("name", MODELS)
def test_a_diagnosis(name, steps):
    model = MODELS[name][0]()
    with nn.diagnose(model) as report:
        for _ in range(steps):
            loss = total(model(np.ones((4, 2))))
            if isinstance(loss, ag.Tensor) and loss.requires_grad:
                loss.backward()
            for p in model.parameters():
                p.grad = None
    assert report.calls == steps and report.steps == 0 and "0 steps; " in str(report)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308])
def test_a_network_that_overflows_is_diagnosed(value):
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1), nn.Sigmoid())
    with nn.diagnose(model) as report:
        model(np.full((4, 2), value)).sum().backward()
    assert len(report.layers) == 4 and "0 steps; findings:" in str(report)
    expected = "inputs do not vary" if np.isfinite(value) else "inputs are not finite"
    assert report.findings[0].kind == expected


def test_an_error_in_the_block_comes_out():
    model = nn.Linear(2, 2)
    with pytest.raises(KeyError, match="mine"), nn.diagnose(model):
        raise KeyError("mine")
    assert not model._forward_hooks


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("a",), ag.ShapeError, r"got input_shape='a'; expected a shape, e\.g\. \(1, 64\)"),
        ((None,), ag.ShapeError, "got input_shape=None; expected a shape"),
        (((-1, 2),), ag.ShapeError, r"got input_shape=\(-1, 2\); expected a shape"),
        (((1.5, 2),), ag.ShapeError, r"got input_shape=\(1\.5, 2\); expected a shape"),
        ((np.ones((1, 2)),), ag.ShapeError, r"got an ndarray; expected a shape.*pass x\.shape"),
        (([(1, 2), (1, 2)],), TypeError, "got 2 inputs; expected as many as Linear takes; pass a list"),
        (([],), ag.ShapeError, r"expected in_features = 2"),
        (((1, 2), 3), TypeError, "takes 2 positional arguments"),
    ],
)  # fmt: skip
def test_shapes_of_inputs_are_checked(arguments, error, message):
    with pytest.raises(error, match=message):
        nn.summary(nn.Linear(2, 2), *arguments)


def test_dtypes_of_inputs_are_checked():
    with pytest.raises(ag.DTypeError, match="got dtypes='x'; expected a dtype of NumPy"):
        nn.summary(nn.Linear(2, 2), (1, 2), dtypes="x")
    with pytest.raises(ValueError, match="got 2 dtypes; expected 1, one for each input"):
        nn.summary(nn.Linear(2, 2), (1, 2), dtypes=[float, int])


def test_a_list_of_lengths_is_one_shape():
    assert nn.summary(nn.Linear(2, 3), [4, 2]).rows[0].output == (4, 3)
