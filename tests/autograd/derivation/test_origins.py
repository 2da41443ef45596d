"""What is plain data in a graph is computed by the program, at every point, or is an argument."""

import subprocess
import sys

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.derivation.origins import Origins, settle
from tests.autograd.derivation.building import errors_of_function
from tests.autograd.derivation.elsewhere import HERE, NAMES, POINTS, Elsewhere

x = np.random.default_rng(0).normal(size=(6, 4))


@pytest.mark.parametrize("name", NAMES)
def test_the_program_of_a_layer_agrees_with_the_engine_at_other_points(name):
    case = Elsewhere(name)
    derivation = case.derivation()
    assert derivation._problem.origins.seen
    for point in POINTS:
        errors = case.errors(derivation, point, 0 if point == HERE else 1)
        assert max(errors) <= 1e-13, point


def at(derivation, **others):
    return derivation.function()(**(derivation.arguments | others))


def chosen(t):
    return ag.where(t > 2, t * t, t)


def between(t):
    inside = (t > -1) & ~(t >= 2)
    return ag.where(inside, t, 0.5 * t)


def indicator(t):
    return t * (t.data > 0.5).astype(float)


def picked(t):
    return t[np.arange(len(t)), t.data.argmax(1)]


def scaled(t):
    return t / t.data.std().item()


def reversed_order(t):
    return t[np.argsort(t.data[:, 0])]


@pytest.mark.parametrize("f", [chosen, between, indicator, picked, scaled, reversed_order])
@pytest.mark.parametrize("start", [0.1 * x, np.abs(x), -np.abs(x)])
def test_conditions_and_positions_follow_the_argument(f, start):
    derivation = ag.derive(f, start)
    assert set(derivation.arguments) == {"t", "dout"}
    for there in (4.0 * x, np.round(x), -4.0 * x):
        t = ag.Tensor(there, requires_grad=True)
        out = f(t)
        [right] = ag.gradients(out, [t], seed=derivation.arguments["dout"])
        found = at(derivation, t=there)
        assert np.array_equal(found[0], out.data) and np.allclose(found[1], right, rtol=1e-14)


def test_numbers_of_the_calling_program_do_not_matter():
    program = """
import numpy as np, autograd as ag, nn
x = np.array([-9., -.1, .1, 9])
{}
print(ag.derive(nn.ReLU6(), x))
"""
    texts = [
        subprocess.run(
            [sys.executable, "-c", program.format(line)], capture_output=True, text=True, check=True
        ).stdout
        for line in ("epochs = 3", "")
    ]
    assert texts[0] == texts[1] and "x ≥ 6" in texts[0]


@pytest.mark.parametrize("name", ["LeakyReLU", "ELU", "CELU", "PReLU", "ReLU6", "Hardswish"])
@pytest.mark.parametrize("start", [np.ones(3), -np.ones(3), np.full(3, 9.0)])
def test_every_branch_is_written_whichever_is_taken(name, start):
    module = getattr(nn, name)()
    equations = "\n".join(step.equation for step in ag.derive(module, start).steps)
    assert equations == "\n".join(s.equation for s in ag.derive(module, np.arange(-1.0, 2.0)).steps)


def test_the_largest_logit_is_computed_by_the_program():
    derivation = ag.derive(nn.Softmax(1), x)
    assert "max(axis=1" in derivation.source
    out, _ = at(derivation, x=x + 1e4)
    assert np.allclose(out, ag.softmax(x))


def test_a_mask_of_dropout_is_an_argument():
    ag.random.seed(0)
    derivation = ag.derive(nn.Dropout(0.5)(ag.Tensor(x, requires_grad=True)))
    assert "mask" in derivation.arguments
    assert max(errors_of_function(derivation)) == 0.0


def test_a_comparison_that_nobody_saw_is_an_argument():
    for start in (x, np.abs(x), -np.abs(x)):
        derivation = ag.derive(chosen(ag.Tensor(start, requires_grad=True, name="t")))
        assert set(derivation.arguments) == {"t", "mask", "dout"}


def test_the_rest_of_targets_is_computed_by_the_program():
    t = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    w = ag.Tensor(np.ones(4), requires_grad=True)
    derivation = ag.derive(nn.functional.binary_cross_entropy_with_logits(x @ w, t))
    assert set(derivation.arguments) == {"x", "t", "w"}


def test_data_from_elsewhere_are_arguments():
    w = ag.Tensor(np.ones(4), requires_grad=True)
    derivation = ag.derive((w * np.array([0.3, -0.2, 0.9, 4.0])).sum())
    [other] = set(derivation.arguments) - {"w"}
    assert derivation.arguments[other][1] == -0.2


def test_arrays_in_reach_of_the_function_are_followed():
    labels = np.array([0, 1, 2, 3, 0, 1])
    derivation = ag.derive(lambda q: nn.MultiMarginLoss()(q, labels), x)
    assert set(derivation.arguments) == {"q", "labels"}
    weighted = nn.CrossEntropyLoss(weight=np.array([1.0, 2.0, 3.0, 4.0]))
    derivation = ag.derive(lambda q, y: weighted(q, y), x, labels)
    assert set(derivation.arguments) == {"q", "y", "weight"}
    other = labels[::-1].copy()
    assert np.isclose(at(derivation, y=other)[0], weighted(x, other))


class Layer:
    def __init__(self):
        self.seen = []

    def __call__(self, t):
        self.mask = t > 0
        self.seen.append(t.data)
        return ag.where(self.mask, t, 0.0)


def test_what_the_function_keeps_are_ordinary_arrays():
    layer = Layer()
    given = ag.Tensor(x, requires_grad=True)
    before = given.data
    ag.derive(layer, given)
    assert type(layer.mask) is np.ndarray and layer.mask.dtype == bool
    assert [type(a) for a in layer.seen] == [np.ndarray] and given.data is before


def test_the_state_of_modules_is_put_back():
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    before = dict(model.state_dict())
    ag.derive(lambda t: model(t).sum(), x)
    for name, array in model.state_dict().items():
        assert type(array) is np.ndarray and np.array_equal(array, before[name])
    assert all(type(p.data) is np.ndarray for p in model.parameters())


def test_a_function_that_no_tape_can_follow_runs_as_it_is():
    calls = []

    def f(t):
        calls.append(type(t._data).__name__)
        if calls[-1] == "Traced":
            raise RuntimeError
        return ag.where(t > 0, t, 0.0).sum()

    derivation = ag.derive(f, x)
    assert calls == ["Traced", "ndarray"] and not derivation._problem.origins.seen
    assert set(derivation.arguments) == {"t", "mask"}


def test_c_code_that_takes_values_is_noticed():
    def f(t, y):
        w = np.array([1.0, 1.0, 1.0, 1.0])
        return (t * w[y][:, None]).sum()

    assert not ag.derive(f, x, np.zeros(6, int))._problem.origins.seen


def test_nothing_is_known_of_an_unseen_array():
    origins = Origins()
    assert origins.of(x) is None
    settle([])
