"""`nn.onnx.load`: what was exported computes the same again, and can be trained; other files."""

import numpy as np
import pytest

import autograd as ag
import nn
from tests.nn.onnx.running import check, layer, onnx, written


# `check` loads the files of all layers with a free batch; here the batch is that of the example.
@pytest.mark.parametrize("name", ["Conv2d", "BatchNorm2d", "EmbeddingBag", "GRUCell", "NLLLoss"])
def test_a_round_trip_gives_the_same_outputs_and_parameters(name, tmp_path):
    model, arrays = layer(name)
    path = str(tmp_path / "m.onnx")
    written(model, arrays, path, dynamic_batch=False)
    check(model, arrays, path)


def test_a_loaded_model_has_the_gradients_of_the_original(tmp_path):
    ag.random.seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 2)
    )
    x = np.random.default_rng(0).normal(size=(4, 1, 6, 6))
    written(model, [x], tmp_path / "m.onnx")
    loaded = nn.onnx.load(str(tmp_path / "m.onnx"))
    for m in (model, loaded):
        nn.cross_entropy(m(ag.Tensor(x)), [0, 1, 1, 0]).backward()
    ours, theirs = dict(model.named_parameters()), dict(loaded.named_parameters())
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_allclose(theirs[name].grad, ours[name].grad, rtol=1e-9, atol=1e-12)


def test_a_training_step_is_loaded_with_its_gradients(tmp_path):
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    x, g = np.random.default_rng(0).normal(size=(5, 3)), np.ones((5, 2))
    written(model, [x], tmp_path / "m.onnx", training=True)
    loaded = nn.onnx.load(tmp_path / "m.onnx")
    *grads, out = loaded(x, g)
    model(ag.Tensor(x)).backward(g)
    np.testing.assert_allclose(ag.data_of(out), ag.data_of(model(ag.Tensor(x))), rtol=1e-12)
    for got, p in zip(grads, model.parameters(), strict=True):
        np.testing.assert_allclose(ag.data_of(got), p.grad, rtol=1e-10)


def foreign(nodes, arrays, shape=("n", 3)):
    """A file as another program would write it."""
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", real, shape)],
        [helper.make_tensor_value_info("y", real, ("n", "m"))],
        [onnx.numpy_helper.from_array(v, k) for k, v in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])


def test_a_file_of_another_program_has_its_arrays_of_floats_as_parameters(tmp_path):
    w = np.ones((3, 2), np.float32)
    nodes = [
        onnx.helper.make_node("MatMul", ["x", "net/w:0"], ["z"]),
        onnx.helper.make_node("Max", ["z", "zero"], ["y"]),
    ]
    onnx.save(foreign(nodes, {"net/w:0": w, "zero": np.float32(0.0)}), tmp_path / "m.onnx")
    loaded = nn.onnx.load(tmp_path / "m.onnx")
    assert [k for k, _ in loaded.named_parameters()] == ["net.w.0"]
    out = loaded(ag.Tensor(np.float32([[1, 2, 3], [-1, -2, -3]])))
    np.testing.assert_array_equal(ag.data_of(out), [[6, 6], [0, 0]])
    with pytest.raises(TypeError, match="got 0 arguments; expected 1: x"):
        loaded()


def test_what_cannot_be_loaded_is_refused(tmp_path):
    path = tmp_path / "m.onnx"
    onnx.save(foreign([onnx.helper.make_node("LRN", ["x"], ["y"], "norm", size=3)], {}), path)
    with pytest.raises(
        ag.UnsupportedError, match=r"got the operator LRN in norm; nn\.onnx\.load knows"
    ):
        nn.onnx.load(path)
    path.write_bytes(b"not a model")
    with pytest.raises(ValueError, match=r"m\.onnx, which is no valid ONNX file"):
        nn.onnx.load(path)
    with pytest.raises(TypeError, match="got None as path; expected a path first"):
        nn.onnx.load(None)
    with pytest.raises(FileNotFoundError):
        nn.onnx.load(tmp_path / "none.onnx")


def test_arrays_whose_paths_meet_are_loaded(tmp_path):
    w = np.ones((3, 3), np.float32)
    names = ["a", "a.b", "c.d", "c", "forward", "_steps"]
    nodes = [
        onnx.helper.make_node("MatMul", [f"x{k}" if k else "x", name], [f"x{k + 1}"])
        for k, name in enumerate(names)
    ]
    nodes[-1].output[0] = "y"
    onnx.save(foreign(nodes, dict.fromkeys(names, w)), tmp_path / "m.onnx")
    loaded = nn.onnx.load(tmp_path / "m.onnx")
    found = {k for k, _ in loaded.named_parameters()}
    assert found == {"a", "a_.b", "c.d", "c_", "forward_", "_steps_"}
    assert ag.data_of(loaded(np.ones((1, 3), np.float32))).tolist() == [[729.0] * 3]


def test_an_array_that_does_not_fit_its_shape(tmp_path):
    file = foreign(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])], {"w": np.ones((3, 3), "f4")}
    )
    file.graph.initializer[0].dims[0] = 5
    (tmp_path / "m.onnx").write_bytes(file.SerializeToString())
    with pytest.raises(ValueError, match=r"load: got .*m\.onnx, which is no valid ONNX file; "):
        nn.onnx.load(tmp_path / "m.onnx")
