"""What a user may pass to `compile`."""

import numpy as np
import pytest

from autograd.compile.api import source
from tests.autograd.compile.building import compiled


@pytest.mark.parametrize("backend", ["auto", "numpy"])
def test_with_options_as_a_decorator(backend):
    @compiled(backend=backend, threads=1, keep_gradients=False)
    def step(x):
        """Twice x."""
        return x * 2.0

    assert step.__name__ == "step" and step.__doc__ == "Twice x."
    for k in range(4):
        assert step(np.array(1.0 * k)) == 2.0 * k
    assert "4 calls, 2 of them eager" in step.report()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"backend": "fortran"}, "got backend='fortran'"),
        ({"threads": 0}, "got threads=0; expected a positive int or None"),
        ({"threads": 1.5}, "got threads=1.5"),
        ({"threads": True}, "got threads=True"),
    ],
    ids=["backend", "no threads", "half a thread", "a bool"],
)
def test_options_are_checked(options, says):
    with pytest.raises(ValueError, match=says):
        compiled(**options)


def test_the_source_of_a_function():
    assert "np.exp(x)" in source(lambda x: np.exp(x), np.ones(3))


@pytest.mark.parametrize("f", [None, "abc", 1.0])
def test_source_of_what_is_no_function(f):
    with pytest.raises(TypeError, match=r"source: got .* as f; expected a function"):
        source(f)
