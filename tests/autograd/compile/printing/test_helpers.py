"""Functions that a printed program defines: they do what the kernels do."""

import numpy as np

from autograd.compile.printing.helpers import HELPERS, helper
from autograd.primitives import indexing, window


def defined(name):
    space = {"np": np}
    exec(helper(name), space)
    return space[name]


def test_windows_and_fold():
    x = np.arange(20.0).reshape(1, 4, 5)
    arguments = (2, 2), (1, 2), (2, 1)
    ours = defined("windows")(x, *arguments)
    size, stride, dilation = arguments
    theirs = window.windows.kernel(x, size=size, stride=stride, dilation=dilation)
    assert np.array_equal(ours, theirs)
    back = defined("fold")(ours, x.shape, *arguments)
    assert back.shape == x.shape and back.sum() == ours.sum()


def test_scatter_add_counts_twice():
    index = (np.array([0, 0, 2]),)
    ours = defined("scatter_add")(np.ones(3), index, (4,))
    theirs = indexing.scatter_add.kernel(np.ones(3), index=index, shape=(4,))
    assert ours.tolist() == theirs.tolist() == [2.0, 0.0, 1.0, 0.0]


def test_a_ufunc_at_places():
    target = np.zeros(3)
    made = defined("ufunc_maximum_at")(target, np.array([1, 1]), np.array([2.0, 5.0]))
    assert made.tolist() == [0.0, 5.0, 0.0] and not target.any()


def test_every_helper_is_a_definition():
    assert all(f"def {name}(" in text for name, text in HELPERS.items()) and helper("exp") == ""
