"""Values without a name are written as an expression, if it is short."""

import numpy as np

import autograd as ag
from autograd.testing.examine.expressions import expression_of

NAMES = ("x", "mu", "var")


def written(function):
    leaves = {n: ag.Tensor(np.ones((2, 2)), requires_grad=True) for n in NAMES}
    known = {leaf: name for name, leaf in leaves.items()}
    return expression_of(function(*leaves.values()), lambda node: known.get(node, ""))


def test_expressions():
    assert written(lambda x, mu, var: (x - mu) / ag.sqrt(var + 1.0)) == "(x - mu) / sqrt(var + 1)"
    assert written(lambda x, mu, var: x @ mu.T) == "x @ mu.T"
    assert written(lambda x, mu, var: -x[0]) == "-x[...]"
    assert written(lambda x, mu, var: (x - mu) ** 2) == "(x - mu) ** 2"
    assert written(lambda x, mu, var: (x * mu).sum()) == "sum(x * mu)"


def test_what_is_too_long_or_has_no_words():
    assert written(lambda x, mu, var: x * np.ones((2, 2))) == ""
    assert written(lambda x, mu, var: ag.exp(ag.exp(ag.exp(ag.exp(x))))) == ""
    assert written(lambda x, mu, var: x) == ""
