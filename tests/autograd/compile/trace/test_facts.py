"""Whether arguments decide a result's shape, and how a copy lies in memory."""

import numpy as np

from autograd.compile import program as ops
from autograd.compile.trace.facts import is_stable, order_of, relaid
from tests.autograd.compile.trace.test_tape import taped

X = np.arange(6.0).reshape(2, 3)


def test_shapes_that_depend_on_values():
    assert is_stable(ops.of_ufunc(np.exp), (X,)) and is_stable(ops.of_method("reshape"), (X, 6))
    assert not is_stable(ops.of_method("nonzero"), (X,)) and not is_stable(
        ops.of_function(np.unique), (X,)
    )
    assert not is_stable(ops.of_function(np.where), (X,))
    assert is_stable(ops.of_function(np.where), (X, X, X))


def test_a_mask_as_an_index():
    tape, _ = taped(lambda x: x[x > 2.0], X)
    assert any(check.how == "shape" and check.value == (3,) for check in tape.checks)
    tape, _ = taped(lambda x: x[1:], X)
    assert not tape.checks


def test_copies_that_lie_otherwise():
    assert relaid(X, X.copy("F")) and not relaid(X, X.copy()) and not relaid(X, X.astype("f4"))
    assert (order_of(X), order_of(X.T), order_of(np.zeros((4, 6))[::2, ::2])) == ("C", "F", "K")
