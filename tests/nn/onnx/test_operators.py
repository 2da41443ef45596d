"""The operators that `load` runs, where ONNX says more than our own files use."""

import numpy as np
import pytest

import autograd as ag
from nn.onnx.operators import OPERATORS, scatter_nd
from tests.nn.onnx.running import onnx, reference

R = np.random.default_rng(0)
X = R.normal(size=(2, 3, 4))


def ints(x):
    return np.asarray(x, np.int64)


# kind: (inputs, attributes)
CALLS = [
    ("Reshape", (X, ints([0, -1])), {}),
    ("Expand", (X[:, :1], ints([3, 1])), {}),
    ("ReduceSum", (X,), {}),
    ("ReduceSum", (X,), {"noop_with_empty_axes": 1}),
    ("ReduceProd", (X, ints([0, 2])), {"keepdims": 0}),
    ("ArgMax", (X,), {"axis": 1, "keepdims": 0}),
    ("ArgMin", (X,), {}),
    ("Slice", (X, ints([-1, 3]), ints([-(2**31), 0]), ints([1, 2]), ints([-1, -2])), {}),
    ("Slice", (X, ints([1]), ints([2**31])), {}),
    ("Squeeze", (X[:1],), {}),
    ("Transpose", (X,), {}),
    ("GatherND", (X, ints([[0, -1], [1, 2]])), {}),
    ("Gather", (X, ints([[0, -1]])), {"axis": 2}),
    ("Pad", (X, ints([1, 0]), np.array(2.5), ints([2])), {}),
    ("Shape", (X,), {"start": 1}),
    ("Shape", (X,), {"start": -2, "end": -1}),
    ("ConstantOfShape", (ints([2, 3]),), {}),
    ("Div", (ints([7, -7]), ints([2, 2])), {}),
    ("Mod", (ints([7, -7]), ints([3, 3])), {}),
    ("Max", (X, -X, 0.5 * X), {}),
    ("Range", (ints(1), ints(9), ints(3)), {}),
    ("CumSum", (X, ints(1)), {}),
]


@pytest.mark.parametrize(
    ("kind", "inputs", "attributes"), CALLS, ids=lambda x: x if isinstance(x, str) else ""
)
def test_an_operator_does_what_the_reference_does(kind, inputs, attributes):
    helper = onnx.helper
    names = [f"x{k}" for k in range(len(inputs))]
    if kind == "Pad":
        names[3:] = ["axes"]
    node = helper.make_node(kind, names, ["y"], **attributes)
    infos = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(np.asarray(x).dtype), None) for n, x in zip(names, inputs, strict=True)]  # fmt: skip
    out = helper.make_tensor_value_info("y", onnx.TensorProto.DOUBLE, None)
    model = helper.make_model(
        helper.make_graph([node], "g", infos, [out]), opset_imports=[helper.make_opsetid("", 18)]
    )
    (want,) = reference.ReferenceEvaluator(model).run(None, dict(zip(names, inputs, strict=True)))
    got = ag.data_of(OPERATORS[kind](*inputs, **attributes))
    assert np.asarray(got).shape == want.shape
    np.testing.assert_allclose(got, want, rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "inputs", "attributes", "text"),
    [
        ("GatherND", (X, ints([[0]])), {"batch_dims": 1}, "batch_dims=1"),
        ("ArgMax", (X,), {"select_last_index": 1}, "the last of several"),
        ("Pad", (X, ints([1] * 6)), {"mode": "reflect"}, "mode='reflect'"),
        (
            "ScatterND",
            (X, ints([[0]]), X[:1]),
            {},
            "reduction='none' into an array that is not zero",
        ),
    ],
)
def test_what_is_not_done_is_refused(kind, inputs, attributes, text):
    with pytest.raises(NotImplementedError, match=text):
        OPERATORS[kind](*inputs, **attributes)


def test_updates_that_share_a_place_are_added_and_each_gets_its_gradient():
    at = ints([[1], [1], [-3], [1]])
    updates = ag.Tensor(R.normal(size=(4, 2)), requires_grad=True)
    out = scatter_nd(np.zeros((3, 2)), at, updates, reduction="add")
    want = np.zeros((3, 2))
    np.add.at(want, at[:, 0], updates.data)
    np.testing.assert_allclose(out.data, want, rtol=1e-14)
    g = R.normal(size=(3, 2))
    out.backward(g)
    np.testing.assert_allclose(updates.grad, g[at[:, 0]], rtol=1e-14)
