"""Where a slope is a convention is found, at the nodes and entries where it is one, nowhere else."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.debug import conventions
from autograd.debug.conventions import find_conventions
from autograd.primitives import PRIMITIVES


def test_every_primitive_says_whether_it_has_a_choice():
    assert set(conventions.CHOICES) == set(PRIMITIVES.values())


@pytest.mark.parametrize(
    ("f", "x", "operation", "entries"),
    [
        (ag.abs, [0.0, 1.0, -0.0], "abs", 2), (ag.relu, [0.0, 1.0, -1.0], "relu", 1), (ag.sign, [0.0, 1.0], "sign", 1),
        (ag.floor, [1.0, 1.5], "floor", 1), (ag.ceil, [0.0, 1.5], "ceil", 1), (ag.trunc, [0.0, 0.5, 2.0], "trunc", 1),
        (lambda x: ag.round(x), [0.5, 1.5, 1.0], "rint", 2), (lambda x: x // 2.0, [2.0, 3.0], "floor_divide", 1),
        (lambda x: x % 2.0, [4.0, 3.0], "remainder", 1), (lambda x: np.fmod(x, 2.0), [4.0, 3.0], "fmod", 1),
        (lambda x: ag.maximum(x, 1.0), [1.0, 2.0], "maximum", 1), (lambda x: ag.minimum(x, x), [1.0, 2.0], "minimum", 2),
        (lambda x: ag.clip(x, 0.0, 1.0), [0.0, 0.5, 1.0, 2.0], "clip", 2), (lambda x: ag.max(x), [2.0, 1.0, 2.0], "max", 2),
        (lambda x: ag.min(x, axis=0), [[2.0, 1.0], [2.0, 3.0]], "min", 2), (lambda x: np.hypot(x, 0.0), [0.0, 1.0], "hypot", 1),
        (lambda x: np.arctan2(x, 0.0), [0.0, 1.0], "arctan2", 1), (lambda x: x**0.0, [0.0, 1.0], "pow", 1), (lambda x: 0.0**x, [2.0], "pow", 1), (ag.norm, [0.0, 0.0], "norm", 1),
        (lambda x: ag.std(x), [1.0, 1.0], "std", 1), (nn.functional.leaky_relu, [0.0, -0.5, 1.0], "where", 1),
        (nn.functional.elu, [0.0, -0.5], "where", 1), (nn.functional.hardtanh, [1.0, 0.5], "where", 1),
        (lambda x: ag.exp(ag.log(x)), [0.0, 1.0], "log", 1), (lambda x: ag.cbrt(x) ** 3, [0.0], "cbrt", 1),
        (lambda x: ag.sqrt(x) * ag.sqrt(x), [0.0], "sqrt", 1),
    ],
)  # fmt: skip
def test_conventions(f, x, operation, entries):
    [found] = find_conventions(ag.sum(f(ag.Tensor(x, requires_grad=True))))
    assert (found.operation, found.entries) == (operation, entries)
    assert str(found).startswith(f"a convention decided here: {operation}, {entries} entr")


@pytest.mark.parametrize(
    "f",
    [lambda x: abs(x) + ag.relu(x) + ag.clip(x, -1.0, 1.0) + ag.sign(x) + ag.floor(x), lambda x: ag.max(x), ag.norm,
     lambda x: ag.where(x > 0, ag.log(x), 0.0), lambda x: ag.where(np.array([True, False]), x, -np.inf)[0],
     lambda x: x**2 + x**-1.0 + ag.sqrt(x * x), lambda x: ag.std(x)],
)  # fmt: skip
def test_elsewhere_nothing_is_found(f):
    assert find_conventions(ag.sum(f(ag.Tensor([0.3, -0.7], requires_grad=True)))) == []


def test_values_and_constants():
    [found] = find_conventions(ag.relu(ag.Value(0.0)) + ag.relu(ag.Value(1.0)))
    assert found.operation == "relu"
    assert find_conventions(ag.relu(ag.Tensor([0.0]))) == []


def test_the_module_and_the_line():
    class Root(nn.Module):
        def forward(self, x):
            return abs(x)

    model = nn.Sequential(nn.Identity(), Root())
    with ag.record_lines():
        y = model(ag.Tensor([0.0], requires_grad=True)).sum()
    [found] = find_conventions(y)
    assert found.module == "1" and found.line.text == "return abs(x)"
    assert "abs in module 1, 1 entry: the slope at 0 is 0, at test_conventions.py" in str(found)


def test_second_derivatives_name_the_corner():
    x = ag.Tensor([0.0], requires_grad=True)
    [slope] = ag.gradients(ag.sum(abs(x) ** 2), [x], create_graph=True)
    assert ag.gradients(slope.sum(), [x])[0].tolist() == [0.0]
    assert [c.operation for c in find_conventions(slope.sum())] == ["abs", "sign"]
