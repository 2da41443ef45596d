"""Passes for formulas: each keeps what a program computes, but for rounding."""

import numpy as np

import autograd as ag
import nn
from autograd.compile.program import Instruction, Program, Variable, of_ufunc
from autograd.derivation.rewriting import for_people
from tests.autograd.derivation.building import errors_of_formulas

F8 = np.dtype(float)


class Writing:
    """A program of ufuncs, instruction by instruction."""

    def __init__(self, *shapes):
        self.inputs = [Variable(shape, F8, "input", f"x{n}") for n, shape in enumerate(shapes)]
        self.instructions = []

    def __call__(self, ufunc, *args, shape=(3,)):
        out = Variable(shape, F8, "computed")
        self.instructions.append(Instruction(of_ufunc(ufunc), args, {}, out))
        return out

    def simplified(self, result, cotangents=None):
        program = Program(self.inputs, self.instructions, [result], [], cotangents or {})
        after = for_people(program)
        data = [np.random.default_rng(n).normal(size=v.shape) for n, v in enumerate(self.inputs)]
        assert np.allclose(program.run(data)[0], after.run(data)[0])
        return [i.operation.name for i in after.instructions]


def test_a_sigmoid_is_one_operation():
    w = Writing((3,))
    e = w(np.exp, w(np.negative, *w.inputs))
    assert w.simplified(w(np.divide, 1.0, w(np.add, 1.0, e))) == ["box.sigmoid"]


def test_squares_and_doubles():
    w = Writing((3,))
    assert w.simplified(w(np.multiply, *w.inputs * 2)) == ["square"]
    w = Writing((3,))
    assert w.simplified(w(np.add, *w.inputs * 2)) == ["multiply"]


def test_numbers_and_signs_come_to_the_front():
    w = Writing((3,), (3,))
    x, y = w.inputs
    product = w(np.multiply, w(np.multiply, x, 0.5), w(np.multiply, y, 2.0))
    assert w.simplified(product) == ["multiply"]  # x y
    w = Writing((3,), (3,))
    x, y = w.inputs
    assert w.simplified(w(np.multiply, w(np.negative, x), y)) == ["multiply", "negative"]


def test_they_stay_inside_of_what_has_a_name():
    w = Writing((3,), (3,))
    x, y = w.inputs
    doubled = w(np.multiply, x, 3.0)
    product = w(np.multiply, doubled, y)
    found = w.simplified(product, {doubled: (x,)})
    assert found == ["multiply", "multiply"]


def test_a_condition_that_always_holds():
    def f(x):
        return ag.std(x, axis=0)

    x = np.random.default_rng(0).normal(size=(4, 3))
    assert "where" not in ag.derive(f, x).text


def test_a_mean_with_a_factor():
    loss = ag.derive(lambda x: 0.5 * (x**2).mean(), np.ones(6))
    assert [g.equation for s in loss.steps for g in s.gradients] == ["dx = x / N"]


def backward(f, *inputs):
    derivation = ag.derive(f, *inputs)
    assert max(errors_of_formulas(derivation)) < 1e-14
    return [g.equation for step in derivation.steps for g in step.gradients]


def test_powers_are_written_without_the_care_for_zeros():
    assert backward(lambda a, b: a**b, 2.0, 3.0) == ["da = b·a^(b − 1)", "db = loss·ln a"]
    assert backward(lambda a: 2.0**a, 3.0) == ["da = loss·ln 2"]
    assert backward(lambda a: a ** (1.5), 3.0) == ["da = 1.5·a^0.5"]
    text = ag.derive(lambda a, b: a**b, 2.0, 3.0).text
    assert "= 3·2^(3 − 1) = 12" in text and "= 8·ln 2 = 5.545" in text


def test_sums_one_after_the_other_are_one():
    layer = nn.Conv2d(2, 3, 2)
    image = np.random.default_rng(0).normal(size=(2, 2, 3, 3))
    derivation = ag.derive(layer, image)
    assert "db = Σₙᵢⱼ dout" in derivation.text
    assert "b is used for every n, i and j: its gradients add up over n, i and j" in derivation.text
    derivation = ag.derive(nn.PReLU(), np.random.default_rng(0).normal(size=(4, 3)))
    assert "dW = Σₙⱼ (dout ⊙ [x ≤ 0]) ⊙ x" in derivation.text
    assert max(errors_of_formulas(derivation)) < 1e-14


def test_signs_stand_before_terms():
    labels = np.array([0, 1, 2, 3])
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    derivation = ag.derive(lambda z, y: loss(z, y), np.eye(4) * 0.3, labels)
    assert "(−" not in [g.equation for s in derivation.steps for g in s.gradients][-1]
