"""`nn.onnx.export`: every layer beside its file, in two engines; names, gradients, refusals."""

import subprocess
import sys

import numpy as np
import pytest

import autograd as ag
import nn
from tests.nn.onnx.running import REFUSED, check, check_training, layer, reference, written
from tests.nn.signatures.calls import LAYERS, LOSSES

RANDOM = {
    "Dropout", "AlphaDropout", "FeatureAlphaDropout", "Dropout1d", "Dropout2d", "Dropout3d", "RReLU", "RNN",
    "MultiheadAttention", "TransformerEncoderLayer", "TransformerEncoder", "TransformerDecoderLayer",
    "TransformerDecoder", "Transformer",
}  # fmt: skip
# Those whose backward pass is also recorded for three batches: among them a mean, a variance of a
# sample, a sum over windows and an index.
BATCHED = {
    "Linear", "Conv2d", "BatchNorm2d", "LayerNorm", "LSTMCell", "MaxPool2d", "CrossEntropyLoss",
}  # fmt: skip
# Their first axis is time, along which a loop of Python runs or a table is cut.
OVER_TIME = {"RNN", "LSTM", "GRU", "PositionalEncoding"}


NAMES = [name for name in (*LAYERS, *LOSSES) if name not in REFUSED]
# Layers without parameters that are differentiated with respect to their input: one of each kind.
BY_INPUT = [
    "Softplus", "MaxUnpool2d", "ReflectionPad2d", "Fold", "LPPool2d", "LocalResponseNorm", "Upsample",
    "KLDivLoss", "MultiLabelMarginLoss", "SigmoidFocalLoss", "CosineEmbeddingLoss",
]  # fmt: skip


class OfParameter(nn.Module):
    """A layer of a parameter times a number, and of further arrays."""

    def __init__(self, layer, x):
        super().__init__()
        self.layer, self.x = layer, nn.Parameter(x)

    def forward(self, one, *rest):
        return self.layer(self.x * one, *rest)


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_computes_the_same_for_a_batch_of_any_size(name, tmp_path):
    model, arrays = layer(name)
    path = str(tmp_path / "m.onnx")
    if name in OVER_TIME:
        with pytest.raises(
            ag.UnsupportedError, match="size of the batch; pass dynamic_batch=False"
        ):
            written(model, arrays, path)
        written(model, arrays, path, dynamic_batch=False)
        check(model, arrays, path)
        return
    file = written(model, arrays, path)
    assert all(v.type.tensor_type.shape.dim[0].dim_param == "batch" for v in file.graph.input)
    for size in (1, len(arrays[0]) + 9) if name in BATCHED else (len(arrays[0]) + 9,):
        check(model, [x[np.arange(size) % len(x)] for x in arrays], path)


@pytest.mark.parametrize("name", BY_INPUT)
def test_gradients_with_respect_to_an_input(name, tmp_path):
    inner, (x, *rest) = layer(name)
    path, model, given = (
        str(tmp_path / "m.onnx"),
        OfParameter(inner, x),
        [np.ones((), np.float32), *rest],
    )
    written(model, given, path, training=True, dynamic_batch=False)
    check_training(model, given, path)


@pytest.mark.parametrize("name", [n for n in NAMES if n in RANDOM or layer(n)[0].state_dict()])
def test_every_layer_has_the_same_gradients(name, tmp_path):
    model, arrays = layer(name)
    path = str(tmp_path / "m.onnx")
    if name in RANDOM:
        with pytest.raises(ag.UnsupportedError, match=r"draw in .*\w; it draws random numbers"):
            written(model, arrays, path, training=True)
        return
    written(model, arrays, path, training=True, dynamic_batch=name in BATCHED)
    check_training(model, arrays, path)


@pytest.mark.parametrize("name", REFUSED)
def test_a_layer_that_is_refused_is_named_with_the_reason(name, tmp_path):
    model, arrays = layer(name)
    with pytest.raises(ag.UnsupportedError, match=REFUSED[name]):
        written(model, arrays, tmp_path / "m.onnx", dynamic_batch=False)


class OfTexts(nn.Module):
    """CTCLoss of texts that are part of the model."""

    def __init__(self):
        super().__init__()
        self.linear, self.loss = nn.Linear(4, 5, dtype=np.float32), nn.CTCLoss()

    def forward(self, x):
        texts = np.array([[1, 2], [3, 3]])
        logs = nn.functional.log_softmax(self.linear(x), -1)
        return self.loss(logs, texts, np.array([5, 4]), np.array([2, 1]))


def test_ctc_of_texts_that_are_part_of_the_model_is_exported(tmp_path):
    x = np.random.default_rng(0).normal(size=(5, 2, 4)).astype(np.float32)
    path, model = str(tmp_path / "m.onnx"), OfTexts()
    written(model, [x], path, dynamic_batch=False, training=True)
    check_training(model, [x], path)


def test_a_table_with_a_limit_on_its_rows_has_one_output_in_evaluation(tmp_path):
    model = nn.Embedding(4, 3, max_norm=0.5)
    before = np.array(model.weight.data)
    for training, names in ((False, ["output"]), (True, ["new.weight", "output", "grad.weight"])):
        file = written(model, [np.array([1, 2])], tmp_path / "m.onnx", training=training)
        assert sorted(v.name for v in file.graph.output) == sorted(names)
        np.testing.assert_array_equal(model.weight.data, before)


def test_nodes_are_named_by_the_paths_of_modules(tmp_path):
    model = nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 2)))
    file = written(model, [np.ones((2, 4))], str(tmp_path / "m.onnx"))
    names = [node.name for node in file.graph.node]
    assert {name.rpartition("/")[0] for name in names[:-1]} == {"0", "1.0", "1.1"}
    assert {"0/MatMul", "1.0/Max", "1.1/Add"} <= set(names)
    assert {t.name for t in file.graph.initializer} >= {"0.weight", "1.1.bias"}
    assert [v.name for v in file.graph.input] == ["input"]
    back = written(model, [np.ones((2, 4))], str(tmp_path / "t.onnx"), training=True)
    assert "1.0/backward/Mul" in {node.name for node in back.graph.node}


def test_a_training_step_has_the_new_buffers_and_takes_other_parameters(tmp_path):
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Flatten())
    x = np.random.default_rng(0).normal(size=(6, 3))
    path = str(tmp_path / "m.onnx")
    before = {k: np.array(v) for k, v in model.state_dict().items()}
    file = written(model, [x], path, training=True)
    assert all(np.array_equal(v, before[k]) for k, v in model.state_dict().items())
    assert model.training
    names = [v.name for v in file.graph.output]
    new = ["new.1.running_mean", "new.1.running_var", "new.1.num_batches_tracked"]
    assert set(names) == {"output", *(f"grad.{k}" for k, _ in model.named_parameters()), *new}
    weight = np.array(before["0.weight"]) * 2.0
    feed = {"input": x, "cotangent": np.ones((6, 2)), "0.weight": weight}
    got = reference.ReferenceEvaluator(file).run(new, feed)
    model.load_state_dict({**before, "0.weight": weight})
    model(ag.Tensor(x))
    state = model.state_dict()
    for name, value in zip(new, got, strict=True):
        np.testing.assert_allclose(value, state[name.removeprefix("new.")], rtol=1e-12)


class Choosing(nn.Module):
    def forward(self, x):
        return x * 2.0 if x.sum() > 0 else x


class Masked(nn.Module):
    def forward(self, x):
        return ag.where(x > 0, x, 0.1 * x) + np.arange(x.shape[0])[:, None]


class Inverting(nn.Module):
    def forward(self, x):
        return ag.linalg.inv(x)


def test_a_condition_on_values_is_refused_and_its_line_named(tmp_path):
    with pytest.raises(
        ag.UnsupportedError,
        match=r"Choosing, which looks at values at .*test_export.py:\d+; write `where`",
    ):
        written(Choosing(), [np.ones((2, 2))], tmp_path / "m.onnx")


def test_what_is_computed_from_values_outside_of_the_graph_is_exported(tmp_path):
    path = str(tmp_path / "m.onnx")
    written(Masked(), [np.ones((2, 3))], path)
    check(Masked(), [np.random.default_rng(0).normal(size=(6, 3))], path)


def test_an_operation_without_a_form_is_refused_by_name(tmp_path):
    expected = "export: got numpy.linalg.inv in Inverting; ONNX has no operator for it"
    with pytest.raises(ag.UnsupportedError, match=expected):
        written(Inverting(), [np.eye(3)], tmp_path / "m.onnx", dynamic_batch=False)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        ((None, np.ones(2)), {}, TypeError, "got None; expected a Module"),
        ((nn.ReLU(), "x"), {}, TypeError, "expected an array or Tensor of numbers"),
        ((nn.ReLU(), ()), {}, ValueError, "an empty tuple"),
        (
            (nn.ReLU(), np.ones(2)),
            {"opset": 17},
            ValueError,
            "opset=17; expected an int, 18 or more",
        ),
        ((nn.ReLU(), np.ones(2)), {"training": "no"}, TypeError, "training='no'"),
        ((nn.ReLU(), np.ones(())), {}, TypeError, "without a first axis"),
    ],
)
def test_junk_is_refused(arguments, options, error, text, tmp_path):
    with pytest.raises(error, match=text):
        nn.onnx.export(*arguments, tmp_path / "m.onnx", **options)


def test_newer_operators_are_written_too(tmp_path):
    path = str(tmp_path / "m.onnx")
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    model = nn.MLP([4, 3, 2], "gelu").astype(np.float32)
    file = written(model, [x], path, opset=20)
    assert file.opset_import[0].version == 20
    check(model, [x], path)


class Named(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.own = name
        self.register_parameter(name, nn.Parameter(np.full(3, 2.0)))

    def forward(self, x):
        return x * getattr(self, self.own)


class OfCotangent(nn.Module):
    def forward(self, cotangent):
        return cotangent * 2.0


@pytest.mark.parametrize(
    ("name", "inputs", "output"),
    [
        ("x", ["x_2", "cotangent", "x"], "output"),
        ("cotangent", ["x", "cotangent_2", "cotangent"], "output"),
        ("output", ["x", "cotangent", "output"], "output_2"),
    ],
)
def test_parameters_keep_their_names_and_others_give_way(name, inputs, output, tmp_path):
    path, model, x = str(tmp_path / "m.onnx"), Named(name), np.ones((2, 3))
    file = written(model, [x], path)
    assert [t.name for t in file.graph.initializer] == [name]
    assert [v.name for v in file.graph.output] == [output]
    check(model, [x], path)
    file = written(model, [x], path, training=True)
    assert [v.name for v in file.graph.input] == inputs
    assert [v.name for v in file.graph.output] == [f"grad.{name}", output]
    cotangent = written(OfCotangent(), [x], path, training=True)
    assert [v.name for v in cotangent.graph.input] == ["cotangent", "cotangent_2"]


class Product(nn.Module):
    def forward(self, x, w):
        return x @ w


def test_an_input_without_the_batch_is_named_with_what_to_do(tmp_path):
    given = [np.ones((2, 4)), np.ones((4, 3))]
    expected = r"fails if the first axis of every input has length 3 \(matmul: .*; pass dynamic_batch=False"
    with pytest.raises(ag.UnsupportedError, match=expected):
        written(Product(), given, tmp_path / "m.onnx")
    written(Product(), given, tmp_path / "m.onnx", dynamic_batch=False)
    with pytest.raises(ag.ShapeError, match="matmul: got"):
        written(Product(), given[::-1], tmp_path / "m.onnx")


def test_an_opset_newer_than_the_library_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"got opset=99; expected at most [0-9]+, the newest"):
        written(nn.ReLU(), [np.ones(2)], tmp_path / "m.onnx", opset=99)


def test_the_first_median_is_recorded():
    """np.quantile imports numpy.ma at its first call, which says nothing about the model."""
    code = "import numpy as np, autograd as ag; print(ag.program(ag.median, np.ones(4)).roles)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "[('result', '')]\n"
