"""What a step tells about itself."""

import numpy as np

from autograd.compile.printing.report import kernels, report, size
from autograd.compile.program import TRANSPOSE
from tests.autograd.compile.building import Build, matrix


def test_counts():
    b = Build()
    x = matrix(b)
    program = b.program(b(TRANSPOSE, b(np.exp, x), (1, 0)))
    assert kernels(program) == 1 and size(program) == 4 * 3 * 4


def test_lines():
    text = report("step", (9, 3, 2), [], {"lr": 1}, {"print() is called": 2})
    assert text.splitlines() == [
        "step: 9 calls, 3 of them eager, 2 of those traced",
        "a guard failed in 1 call: lr",
        "ran eagerly in 2 calls: print() is called",
    ]
