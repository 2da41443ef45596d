"""The formula of each operation, and brackets where they are needed."""

import numpy as np
import pytest

import autograd as ag
from autograd.compile.program import OPERATIONS, Program
from autograd.derivation import boxes
from autograd.derivation.formulas import FORMULAS
from autograd.derivation.mathematics import Mathematics

a, b = np.array([1.5, 2.5, 1.7]), np.array([3.0, 0.5, 4.0])
M = np.array([[2.0, 1.0], [0.5, 3.0]])

TEXTS = [
    (lambda a, b: a - (b - a), "a − (b − a)"),
    (lambda a, b: (a + b) * a, "(a + b) ⊙ a"),
    (lambda a, b: a / (b * a), "a / (b ⊙ a)"),
    (lambda a, b: (a + b) ** 3, "(a + b)³"),
    (lambda a, b: 2 * a - 3 * b, "2·a − 3·b"),
    (lambda a, b: np.exp(-a) + np.sqrt(a + b), "exp(−a) + √(a + b)"),
    (lambda a, b: np.log(a + b) * a, "ln(a + b) ⊙ a"),
    (lambda a, b: np.maximum(a, b) - abs(a), "max(a, b) − |a|"),
    (lambda a, b: np.where(a > 1.6, a, 0.0) + b, "a ⊙ [a > 1.6] + b"),
    (lambda a, b: np.where(a > 1.6, a, b * a), "(a where a > 1.6, else b ⊙ a)"),
    (lambda a, b: np.log1p(a) + np.expm1(b), "ln(1 + a) + exp(b) − 1"),
    (lambda a, b: a[0] * b, "a[0]·b"),
    (lambda a, b: np.concatenate([a, b]), "[a | b]"),
    (lambda a, b: a.sum() * b, "(Σₙ a)·b"),
    (lambda a, b: np.tanh(a) / 3 + b / np.sqrt(2), "h1 / 3 + b / √2"),
]


def forward(f, *inputs):
    """The equation of a function alone, where nothing gets a line because a gradient needs it."""
    trace = ag.derive(f, *inputs)._trace
    program = Program(trace.program.inputs, trace.program.instructions, trace.program.outputs[:1])
    mathematics = Mathematics(program, trace.roles[:1])
    name, instruction = mathematics.formulas[-1]
    return mathematics.equation(name, instruction)


@pytest.mark.parametrize("n", range(len(TEXTS)))
def test_it_reads_as_it_was_written(n):
    f, text = TEXTS[n]
    assert forward(f, a, b) == f"out = {text}"


def test_products_of_matrices():
    assert forward(lambda A, B: A @ B.T @ A, M, M) == "out = A Bᵀ A"
    assert forward(lambda A, v: A @ v, M, a[:2]) == "out = A v"
    assert forward(lambda A, B: (A * B) @ A, M, M) == "out = (A ⊙ B) A"
    assert forward(lambda A, B: (A @ B) * A, M, M) == "out = (A B) ⊙ A"


def test_sums_name_their_axes():
    x = np.ones((2, 3, 4))
    assert forward(lambda x: x.sum(axis=0), x) == "out = Σₙ x"
    assert forward(lambda x: x.sum(axis=(0, 2)), x) == "out = Σₙⱼ x"
    assert forward(lambda x: x.mean(axis=1), x) == "out = meanᵢ(x)"


def test_every_entry_is_of_an_operation_that_exists():
    known = {x.name for x in vars(boxes).values() if type(x).__name__ == "Operation"}
    known |= {"box.convolution", "box.convolution by x", "box.convolution by weight"}
    for name in FORMULAS:
        operation = name in OPERATIONS or name in known
        assert operation or hasattr(np, name.split(".")[-1]) or "ndarray." in name, name


def test_every_box_has_an_entry():
    known = {x.name for x in vars(boxes).values() if type(x).__name__ == "Operation"}
    assert known <= FORMULAS.keys()
