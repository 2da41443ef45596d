"""The file: signatures, what is kept of the model, and the missing library."""

import builtins
import json

import numpy as np
import pytest

import nn
from nn.onnx.file import library
from tests.nn.onnx.running import onnx, written


def test_a_file_says_what_is_a_parameter_and_what_a_buffer(tmp_path):
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    file = written(model, [np.ones((2, 3))], tmp_path / "m.onnx")
    facts = json.loads({p.key: p.value for p in file.metadata_props}["glassgrad"])
    assert set(facts["parameters"]) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert set(facts["buffers"]) == {"1.running_mean", "1.running_var"}
    assert file.producer_name == "glassgrad" and file.opset_import[0].version == 18
    onnx.checker.check_model(file, full_check=True)


def test_without_the_library_the_message_says_how_to_get_it(monkeypatch, tmp_path):
    original = builtins.__import__

    def missing(name, *rest):
        if name == "onnx":
            raise ModuleNotFoundError("No module named 'onnx'", name="onnx")
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    for call in (
        library,
        lambda: nn.onnx.load("x.onnx"),
        lambda: nn.onnx.export(nn.ReLU(), np.ones(2), tmp_path / "x"),
    ):
        with pytest.raises(
            ModuleNotFoundError, match=r'missing; install it by pip install "glassgrad\[onnx\]"'
        ):
            call()
