"""What the installed NumPy can do, for tests that compare with it."""

import numpy as np


def numpy_has(version):
    """Whether NumPy is of this version or newer; older ones do some things otherwise."""
    return tuple(map(int, np.__version__.split(".")[:2])) >= tuple(map(int, version.split(".")))
