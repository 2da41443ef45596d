"""The derivation: complete for everything in `nn`, typeset, and a program that runs by itself."""

import functools
import re
import subprocess
import sys

import numpy as np
import pytest

import autograd as ag
import nn
from tests import cases as primitives
from tests.autograd.derivation.building import (
    EVERY,
    NAMES,
    backward_of,
    errors_of_formulas,
    errors_of_function,
    result_of,
    rounding_of_function,
)


@pytest.mark.parametrize("name", NAMES)
def test_the_program_of_a_module_agrees_with_the_engine(name):
    derivation = ag.derive(result_of(name), max_steps=EVERY)
    assert max(errors_of_function(derivation)) <= 1e-15 + 4.0 * rounding_of_function(derivation)


@pytest.mark.parametrize("name", NAMES)
def test_the_formulas_of_a_module_agree_with_the_engine(name):
    derivation = ag.derive(result_of(name), max_steps=EVERY)
    assert max(errors_of_formulas(derivation)) <= 1e-13
    problem = derivation._problem
    asked = {f"d{problem.names[x]}" for x in problem.by}
    assert asked <= {g.name for step in derivation.steps for g in step.gradients}
    for step in derivation.steps:
        assert f"  {step.equation}" in derivation.text


def is_differentiable(case):
    arguments = case.arguments()
    return bool(case.differentiable()) and any(
        np.asarray(arguments[k]).dtype.kind == "f" for k in case.differentiable()
    )


PRIMITIVES = [case for case in primitives.CASES if is_differentiable(case)]


@pytest.mark.parametrize("n", range(len(PRIMITIVES)))
def test_every_primitive_has_a_derivation(n):
    case = PRIMITIVES[n]
    given = [
        ag.Tensor(x, requires_grad=True)
        if k in case.differentiable() and np.asarray(x).dtype.kind == "f"
        else x
        for k, x in enumerate(case.arguments())
    ]
    derivation = ag.derive(case.primitive(*given, **case.static))
    assert max(errors_of_function(derivation)) <= 1e-15, case.name
    assert max(errors_of_formulas(derivation)) <= 1e-13, case.name
    assert backward_of(derivation)


def rows(latex):
    body = latex.removeprefix("$$\n\\begin{aligned}\n").removesuffix("\n\\end{aligned}\n$$")
    assert body != latex
    return [row.replace("&", "") for row in body.split(" \\\\\n")]


@functools.cache
def read(row):
    """Have Matplotlib read a row, which takes it some milliseconds."""
    mathtext = pytest.importorskip("matplotlib.mathtext").MathTextParser("path")
    mathtext.parse(f"${row.replace('textbf', 'mathbf').replace(chr(92) + '!', '')}$")


@pytest.mark.parametrize("name", NAMES)
def test_its_latex_is_read(name):
    derivation = ag.derive(result_of(name), max_steps=EVERY)
    # Steps of a recurrence differ in their digits only.
    for row in {re.sub(r"\d", "1", row) for row in rows(derivation.latex)}:
        read(row)


def two_layers():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 2])
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    loss = nn.cross_entropy(model(x), y)
    return ag.derive(loss)


def test_a_notebook_shows_it():
    derivation = two_layers()
    assert derivation._repr_latex_() == derivation.latex
    markdown = derivation._repr_markdown_()
    assert derivation.latex in markdown and derivation.source in markdown
    assert r"\mathrm{d}W_{1} &= \mathrm{d}z_{1}^\top \, x" in derivation.latex
    assert repr(derivation) == str(derivation) == derivation.text


def test_the_program_needs_nothing_but_numpy(tmp_path):
    derivation = two_layers()
    np.savez(tmp_path / "given.npz", **derivation.arguments)
    program = f"""{derivation.source}
import sys
given = np.load("given.npz")
print(float(forward_and_backward(**given)[0]).hex(), "autograd" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    value = derivation.function()(**derivation.arguments)[0]
    assert done.stdout.split() == [float(value).hex(), "False"], done.stderr


def test_arguments_are_copies_and_are_not_written_to():
    derivation = two_layers()
    given = derivation.arguments
    before = {name: x.copy() for name, x in given.items()}
    derivation.function()(**given)
    assert all(np.array_equal(given[name], before[name]) for name in given)
    given["W1"][...] = 0.0
    assert derivation.arguments["W1"].any()


def test_scalars_come_with_numbers():
    def neuron(w, x, b):
        z = w * x + b
        return ag.tanh(z)

    derivation = ag.derive(neuron, 0.5, 2.0, -0.3)
    assert "      = 0.5·2 + (−0.3) = 0.7" in derivation.text
    [dw] = [g for s in derivation.steps for g in s.gradients if g.name == "dw"]
    slope = (1 - np.tanh(0.7) ** 2) * 2.0
    assert float(re.split(" = ", dw.value)[-1]) == pytest.approx(
        slope, abs=1e-3
    )  # four digits are shown


def test_equal_gradients_are_said_once_and_named_twice():
    cell = nn.LSTMCell(3, 2)
    x, h, c = np.ones((4, 3)), np.ones((4, 2)), np.ones((4, 2))
    derivation = ag.derive(cell(x, (h, c))[0])
    equations = backward_of(derivation)
    assert "db_ih = Σₙ dz" in equations and "db_hh = db_ih" in equations
    assert equations.index("db_ih = Σₙ dz") < equations.index("db_hh = db_ih")


def test_a_gradient_comes_after_all_that_it_is_computed_from():
    for name in ("lstm_cell", "attention", "encoder layer", "batch_norm2d train"):
        derivation = ag.derive(result_of(name), max_steps=EVERY)
        m = derivation._mathematics
        known = {m.style.name(m.names[v]) for v in m.inputs}
        known |= {step.equation.partition(" = ")[0] for step in derivation.steps}
        lines = {g.equation.partition(" = ")[0] for s in derivation.steps for g in s.gradients}
        for equation in backward_of(derivation):
            left, _, right = equation.partition(" = ")
            words = set(re.findall("\\bd\\w+\u0302?", right)) & lines
            assert words <= known, equation
            known.add(left)


def test_float32_stays_float32():
    w = ag.Tensor(np.ones(3, np.float32), requires_grad=True)
    derivation = ag.derive((w * w).sum(), by=w)
    value, dw = derivation.function()(**derivation.arguments)
    assert value.dtype == dw.dtype == np.float32
    assert "float32" in derivation.source
