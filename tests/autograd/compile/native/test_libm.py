"""Functions of the C library by address."""

import ctypes

import numpy as np
import pytest

from autograd.compile.native import libm


@pytest.mark.parametrize("name", ["acos", "sinh", "cbrt", "fmod"])
def test_an_address_is_the_functions(name):
    two = name == "fmod"
    prototype = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * (1 + two))
    function = prototype(libm.address(name))
    expected = {"acos": np.arccos, "sinh": np.sinh, "cbrt": np.cbrt, "fmod": np.fmod}[name]
    arguments = (0.7, 0.2) if two else (0.7,)
    np.testing.assert_allclose(function(*arguments), expected(*arguments), rtol=1e-15)


def test_a_function_that_is_not_there_raises():
    with pytest.raises(AttributeError):
        libm.address("no_such_function")
