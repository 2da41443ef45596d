"""NumPy's errors become one sentence with the operation and the shapes."""

import numpy as np
import pytest

import autograd as ag
from autograd.backends.kernel_errors import kernel_error
from autograd.primitives import arithmetic as a
from autograd.primitives.contraction import matmul


def test_shapes_that_do_not_broadcast():
    with pytest.raises(ag.ShapeError, match=r"add: got shapes \(2,\) and \(3,\), which do not"):
        a.add(ag.Tensor(np.ones(2)), np.ones(3))


def test_matrices_that_do_not_fit_say_which_lengths():
    error = kernel_error(matmul, ValueError("mismatch"), [np.ones((2, 3)), np.ones((4, 5))])
    assert type(error) is ag.ShapeError and "length of the left, 3, to equal" in str(error)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("why"), ag.ShapeError),
        (np.linalg.LinAlgError("why"), np.linalg.LinAlgError),
        (IndexError("why"), IndexError),
        (TypeError("why"), TypeError),
        (KeyError("why"), RuntimeError),
    ],
)
def test_other_errors_keep_their_kind_and_text(error, kind):
    told = kernel_error(a.neg, error, [np.ones((2, 2))])
    assert type(told) is kind and "got shape (2, 2); " in str(told) and "why" in str(told)
    assert str(told).startswith(a.neg.name)


def test_an_error_of_numpy_s_with_a_constructor_of_its_own_is_told():
    bad = ag.Primitive("bad", lambda x: x + "text", lambda g, out, x: g)
    with pytest.raises(TypeError, match=r"bad: got shape \(1,\); ufunc .add"):
        bad(ag.Tensor([1.0]))
