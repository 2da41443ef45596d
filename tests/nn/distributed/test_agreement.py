"""Headers and lists, compared as if they came from several ranks; test_mpi.py has real ones."""

import numpy as np
import pytest

import autograd as ag
from nn.distributed.agreement import HEADER, check_headers, check_signatures, header, signature
from nn.distributed.single import World

X = np.ones((2, 3), np.float32)


def test_the_same_call_is_no_error():
    check_headers("f", np.stack([header("f", X, 1), header("f", 2 * X, 1)]))
    assert header("f", np.ones((1,) * 32)).shape == (HEADER,)


@pytest.mark.parametrize(
    ("other", "error", "text"),
    [
        (("f", X[:1], 1), ag.ShapeError, r"f: got shape \(2, 3\) on rank 0 and \(1, 3\) on rank 1"),
        (("f", X.astype(float), 1), ag.DTypeError, "got dtype float32 on rank 0 and float64 on"),
        (("f", X, 0), ValueError, "got root 1 on rank 0 and 0 on rank 1; expected the same"),
        (("g", X, 1), ValueError, "got a call of f on rank 0 and g on rank 1"),
        (("f", np.ones((1,) * 60), 1), ag.DTypeError, "float32 on rank 0 and float64"),
    ],
)
def test_another_call_of_another_rank(other, error, text):
    with pytest.raises(error, match=text):
        check_headers("f", np.stack([header("f", X, 1), header(*other)]))


def test_long_headers_differ_by_their_digest():
    shapes = (1,) * 60, (1,) * 59 + (2,)
    with pytest.raises(ag.ShapeError):
        check_headers("f", np.stack([header("f", np.ones(s)) for s in shapes]))


def test_lists_of_arrays():
    check_signatures("f", World(), [signature("a", X)])
    assert signature("a", ag.Tensor(X)) == "a of shape (2, 3) and dtype float32"
