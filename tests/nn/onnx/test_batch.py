"""Which function of the batch a constant is."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.onnx.batch import SIZES, check_alike, function_of_size, sizes_for
from nn.onnx.builder import Builder
from tests.nn.onnx.running import check, onnx, reference, written
from tests.nn.onnx.test_elementwise import Of

# What a constant is for n samples.
FUNCTIONS = {
    "a shape": lambda n: np.array([n, 4, 2 * n + 1]),
    "a count": lambda n: np.array(6.0 * n, np.float32),
    "a share": lambda n: np.array(1.0 / n, np.float32),
    "shares": lambda n: np.array([[1.0 / n, 7.0 / n]]),
    "the correction of a variance": lambda n: np.array(4 * n / (4 * n - 1)),
    "row numbers": lambda n: np.arange(n)[:, None] * 3 + np.array([[0, 7]]),
    "places in a flat array": lambda n: np.arange(n * 8).reshape(n, 2, 4),
    "ones": lambda n: np.ones((2, 3 * n), np.float32),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_constant_is_computed_from_the_size(name):
    f = FUNCTIONS[name]
    b = Builder(18)
    out = function_of_size([f(n) for n in SIZES], SIZES, "c")(b, "size")
    for n in (1, 4, 11):
        values = {"size": np.array([n]), **b.constants}
        for node in b.nodes:
            attributes = {
                k: onnx.helper.np_dtype_to_tensor_dtype(v) if k == "to" else v
                for k, v in node.attributes.items()
            }
            made = onnx.helper.make_node(node.kind, node.inputs, [node.output], **attributes)
            (values[node.output],) = reference.ReferenceEvaluator(made).run(
                None, {k: values[k] for k in node.inputs}
            )
        want = f(n)
        assert values[out].dtype == want.dtype and values[out].shape == want.shape
        np.testing.assert_allclose(
            values[out], want, rtol=1e-7 if want.dtype == np.float32 else 1e-15
        )


@pytest.mark.parametrize(
    "f",
    [
        lambda n: np.array(float(n * n)),
        lambda n: np.array([n // 2]),
        lambda n: np.arange(n) ** 2,
        lambda n: np.linspace(0.0, 1.0, n),
        lambda n: np.ones((n, n)),
        lambda n: np.ones([2] * n),
        lambda n: np.array(n % 3 == 0),
    ],
)
def test_any_other_constant_is_refused(f):
    with pytest.raises(
        ag.UnsupportedError,
        match="whose constant c depends on the size of the batch; pass dynamic_batch",
    ):
        function_of_size([f(n) for n in SIZES], SIZES, "c")


def test_graphs_of_other_nodes_are_refused():
    def graph(kinds):
        b = Builder(18)
        for kind in kinds:
            b.node(kind, "x")
        return b

    with pytest.raises(ag.UnsupportedError, match=r"whose node Neg \(Exp for 5 samples\) depends"):
        check_alike(graph(["Abs", "Neg"]), graph(["Abs", "Exp"]), 3, 5)
    with pytest.raises(
        ag.UnsupportedError,
        match="takes 1 operations for 3 samples and 2 for 5; pass dynamic_batch",
    ):
        check_alike(graph(["Abs"]), graph(["Abs", "Abs"]), 3, 5)


@pytest.mark.parametrize(
    ("f", "size"),
    [
        (lambda x: x * 2.0 if len(x) % 2 else x, 4),
        (lambda x: x[:10], 12),
        (lambda x: x * min(len(x), 20), 2),
        (lambda x: x * 2.0 if len(x) > 10 else x, 2),
        (lambda x: x * 2.0 if len(x) == 8 else x, 8),
    ],
)
def test_what_differs_for_even_large_or_the_examples_batches_is_refused(f, size, tmp_path):
    with pytest.raises(ag.UnsupportedError, match=r"takes 0 operations|size of the batch"):
        written(Of(f), [np.ones((size, 4))], tmp_path / "m.onnx")


def test_which_sizes_are_recorded():
    assert sizes_for([(4, 3)]) == (3, 5, 7, 4, 120)
    assert sizes_for([(1, 3), (7,)]) == (3, 5, 7, 120)
    assert sizes_for([(2, 3, 224, 224)]) == (3, 5, 7, 2, 12)


def test_outputs_say_how_they_depend_on_the_batch(tmp_path):
    path = str(tmp_path / "m.onnx")
    x = np.random.default_rng(0).normal(size=(2, 3))
    model = Of(
        lambda x: (
            ag.concatenate([x, x]),
            ag.sum(x, axis=0),
            ag.reshape(x, (-1,)),
            ag.mean(x),
            x[1:],
        )
    )
    file = written(model, [x], path)
    shapes = [
        [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]
        for v in file.graph.output
    ]
    assert shapes == [["2*batch", 3], [3], ["3*batch"], [], ["free", 3]]
    check(model, [np.concatenate([x, x, x])], path, 1e-14)


def test_a_model_that_mixes_samples_is_exported(tmp_path):
    path = str(tmp_path / "m.onnx")
    model = nn.Sequential(
        nn.Linear(3, 4), Of(lambda x: x @ ag.transpose(x) - ag.mean(x, axis=0).sum())
    )
    written(model, [np.ones((1, 3))], path)
    check(model, [np.random.default_rng(0).normal(size=(6, 3))], path, 1e-12)
