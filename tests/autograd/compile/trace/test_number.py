"""Python numbers that flow through a step: arithmetic is written down, looks are noted."""

import numpy as np
import pytest

from tests.autograd.compile.trace.test_tape import taped

FUNCTIONS = {
    "arithmetic": lambda n: (n + 1) * 2 - n / 3 + 5 // n - n % 2 + 2**n - (-n) + abs(-n),
    "rounding": lambda n: round(n / 3, 1) + round(n * 0.7),
    "quotient and rest": lambda n: divmod(n, 2)[0] + divmod(7.5, n)[1],
    "with arrays": lambda n: (np.ones(2) * n + n / np.ones(2)).sum(),
    "with NumPy's scalars": lambda n: np.float32(2.0) * n + n * np.float64(3.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("n", [3, 2.5])
def test_what_is_computed(name, n):
    tape, out = taped(FUNCTIONS[name], n)
    wanted = FUNCTIONS[name](n)
    assert out._value == wanted and type(out._value) is type(wanted)
    assert not tape.checks and tape.instructions


LOOKS = {
    "a comparison": lambda n: n > 2,
    "float": lambda n: float(n),
    "text": lambda n: f"{n:.2f}" + str(n) + repr(n),
    "a key": lambda n: {3: 1}.get(n),
    "an index": lambda n: [0, 1, 2, 3][n],
    "a range": lambda n: list(range(n)),
    "truth": lambda n: not n,
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_is_looked_at(name):
    tape, out = taped(LOOKS[name], 3)
    assert out == LOOKS[name](3) and tape.checks


def test_it_says_what_it_stands_for():
    assert taped(lambda n: (isinstance(n, int), n.bit_length()), 3)[1] == (True, 2)
    assert taped(lambda n: isinstance(n, float), 3)[1] is False
    with pytest.raises(AttributeError, match="'int' has no attribute"):
        taped(lambda n: n.nothing, 3)
