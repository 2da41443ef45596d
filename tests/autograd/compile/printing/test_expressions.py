"""Each operation as an expression that computes it."""

import math
import operator

import numpy as np
import pytest

from autograd.compile import program as ops
from autograd.compile.printing.expressions import expression
from autograd.compile.printing.text import Names
from autograd.compile.program import Instruction, Variable

X, S = np.arange(6.0).reshape(2, 3) + 1, 2.5
CASES = {
    "a * b - 1": (ops.of_ufunc(np.multiply), (X, X), "x * y"),
    "negative": (ops.of_ufunc(np.negative), (X,), "-x"),
    "a reduction": (ops.of_ufunc(np.add, "reduce"), (X, 0), "np.add.reduce(x, 0)"),
    "transpose": (ops.TRANSPOSE, (X, (1, 0)), "x.T"),
    "an entry": (ops.GETITEM, (X, (0, slice(1, None))), "x[0, 1:]"),
    "reshape": (ops.RESHAPE, (X, (2, 3, 1)), "x[:, :, None]"),
    "astype": (ops.ASTYPE, (X, np.dtype("f4")), "x.astype(np.float32)"),
    "a function": (ops.of_function(np.where), (X > 2, X, 0.0), "np.where(x, y, 0.0)"),
    "a power of a sum": (ops.of_operator(operator.pow), (S, -1), "x ** (-1)"),
    "math": (ops.of_math(math.sqrt), (S,), "math.sqrt(x)"),
    "float": (ops.of_operator(float), (3,), "float(3)"),
    "round": (ops.of_operator(round), (S, 1), "round(x, 1)"),
}


@pytest.mark.parametrize("name", CASES)
def test_expressions(name):
    operation, args, text = CASES[name]
    names, given, values = Names(), [], {}
    for x in args:
        if (
            (isinstance(x, (np.ndarray, float)) and x is not args[-1])
            or isinstance(x, np.ndarray)
            or x is S
        ):
            v = Variable(np.shape(x), np.asarray(x).dtype, "input", "x")
            names.names[v] = names.fresh("xyz"[len(values)])
            values[names.names[v]] = x
            x = v
        given.append(x)
    value = operation.compute(*args)
    result = Variable(np.shape(value), np.asarray(value).dtype, "computed")
    made, _ = expression(names, Instruction(operation, tuple(given), {}, result))
    assert made == text
    assert np.array_equal(eval(made, {**names.space, **values}), value)
