"""Arrays as expressions that make the same array."""

import numpy as np
import pytest

from autograd.compile.printing.literals import literal

ARRAYS = {
    "one number": np.full((2, 3), 0.5, np.float32),
    "minus zero": np.full(3, -0.0),
    "a range": np.arange(5),
    "a triangle": np.tri(4, 5),
    "not a triangle": ~np.tri(4, 4, dtype=bool).reshape(1, 4, 4),
    "a diagonal": np.eye(3),
    "few": np.array([[1.5, np.nan], [np.inf, -np.inf]]),
    "bools": np.array([True, False, True]),
    "many": np.random.default_rng(0).normal(size=(20, 30)),
    "none": np.zeros((0, 3)),
    "a scalar": np.array(2.5),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_the_text_makes_the_array(name):
    x = ARRAYS[name]
    made = np.asarray(eval(literal(x), {"np": np}))
    assert made.dtype == x.dtype and made.shape == x.shape
    assert np.ascontiguousarray(made).tobytes() == np.ascontiguousarray(x).tobytes()
