"""Reductions and products, in the forms that layers do not use."""

import numpy as np
import pytest

import autograd as ag
from tests.nn.onnx.running import check, reference, written
from tests.nn.onnx.test_elementwise import Of

X = np.random.default_rng(0).normal(size=(2, 3, 4))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.maximum.reduce(ag.data_of(x), initial=0.5),
        lambda x: ag.data_of(x).argmax() + ag.data_of(x).argmin(axis=1),
        lambda x: ag.cumsum(x, axis=None),
        lambda x: ag.cumprod(x, axis=1),
        lambda x: ag.sum(x > 0, axis=-1),
        lambda x: ag.dot(x, x[0, 0]),
        lambda x: ag.einsum("ijk,ijl->kl", x, x),
        lambda x: np.ravel(x),
        lambda x: np.logical_and.accumulate(ag.data_of(x) > -0.5, axis=-1),
        lambda x: np.logical_and.accumulate(ag.data_of(x) > -0.5),
    ],
)
def test_a_function_is_exported(function, tmp_path):
    path = str(tmp_path / "m.onnx")
    written(Of(function), [X], path, dynamic_batch=False)
    check(Of(function), [X], path, 1e-12, only="reference")


def test_the_dtype_of_a_count_is_kept(tmp_path):
    file = written(
        Of(lambda x: np.sum(ag.data_of(x) > 0)), [X], tmp_path / "m.onnx", dynamic_batch=False
    )
    (got,) = reference.ReferenceEvaluator(file).run(None, {file.graph.input[0].name: X})
    assert got.dtype == np.int64 and got == np.sum(X > 0)


def test_dot_of_stacks_is_refused(tmp_path):
    with pytest.raises(
        ag.UnsupportedError, match=r"got ndarray\.dot in Of; dot of a stack of matrices"
    ):
        written(
            Of(lambda x: ag.data_of(x).dot(np.ones((2, 4, 2)))),
            [X],
            tmp_path / "m.onnx",
            dynamic_batch=False,
        )
