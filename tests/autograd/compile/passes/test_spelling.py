"""One spelling for what NumPy lets people write in several ways."""

import numpy as np
import pytest

from autograd.compile.passes.spelling import spelling
from autograd.compile.program import of_ufunc
from tests.autograd.compile.building import Build, matrix

ADD = of_ufunc(np.add, "reduce")


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        (
            "transpose",
            [("T",), ("mT",), ("swapaxes", 0, 1), ("transpose", 1, 0), (np.transpose, (1, 0))],
        ),
        ("reshape", [("reshape", 12), ("reshape", (12,)), ("ravel",), (np.reshape, (-1,))]),
        ("copy", [("copy",), (np.array,)]),
    ],
)
def test_one_spelling(name, spellings):
    made = []
    for what, *rest in spellings:
        b = Build()
        program = spelling(b.program(b(what, matrix(b), *rest)))
        [i] = program.instructions
        made.append((i.operation.name, i.args[1:]))
        assert np.array_equal(program.run(b.arrays())[0], b.values[b.instructions[-1].result])
    assert made == [made[0]] * len(made) and made[0][0] == name


def test_axes_are_counted_from_the_front():
    b = Build()
    x = matrix(b)
    program = spelling(b.program(b(ADD, x, axis=-1), b("sum", x, axis=1), b(np.sum, x, 1)))
    axes = [i.kwargs.get("axis") for i in program.instructions]
    values = [np.asarray(v) for v in program.run(b.arrays())]
    assert all(np.array_equal(v, values[0]) for v in values)
    assert axes[0] in (1, (1,), -1)
