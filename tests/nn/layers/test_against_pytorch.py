"""Every layer and loss against numbers that PyTorch computed: outputs, gradients, state dictionaries."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn

FOLDER = Path(__file__).with_name("reference")
spec = importlib.util.spec_from_file_location("reference_cases", FOLDER / "cases.py")
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)

# The loss weights are written as torch tensors; here they are arrays.
TORCH = SimpleNamespace(
    tensor=lambda numbers, dtype: np.array(numbers, dtype), float64=float, int64=np.int64
)

# PyTorch computes these gradients with constants in single precision.
SINGLE = {"Hardsigmoid", "CELU alpha"}


@pytest.fixture(scope="module")
def reference():
    with np.load(FOLDER / "modules.npz") as file:
        found = {}
        for key in file.files:
            name, part, rest = key.split("/", 2)
            found.setdefault(name, {}).setdefault(part, {})[rest] = file[key]
    return found


def flat(outputs):
    if isinstance(outputs, tuple):
        return [x for part in outputs for x in flat(part)]
    return [] if outputs is None else [outputs]


def agree(ours, theirs, what, rtol=1e-9):
    assert ours.shape == theirs.shape, what
    scale = max(1.0, abs(theirs).max(initial=0.0))
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-12 * scale, err_msg=what)


def test_there_is_a_reference_for_every_case(reference):
    assert set(reference) == set(cases.MODULES)


@pytest.mark.parametrize("name", cases.MODULES)
def test_module(name, reference):
    case, kept = cases.MODULES[name], reference[name]
    module = eval(case.module, {"nn": nn, "torch": TORCH, "utils": nn.utils})
    module.train(case.training)
    state = kept.get("state", {})
    assert list(module.state_dict()) == list(state)
    assert module.load_state_dict(state) == ([], [])
    assert all(module.state_dict()[key].dtype == value.dtype for key, value in state.items())
    inputs = {
        key: ag.Tensor(array, requires_grad=True)
        if f"{key}" in kept.get("gradients", {})
        else array
        for key, array in kept["inputs"].items()
    }
    outputs = flat(
        eval(case.call, {"module": module, "F": nn.functional, "torch": TORCH, **inputs})
    )
    assert len(outputs) == len(kept["outputs"])
    total = 0.0
    for i, output in enumerate(outputs):
        agree(output.data, kept["outputs"][str(i)], f"output {i}")
        total = total + (output * kept["cotangents"][str(i)]).sum()
    total.backward()
    leaves = dict(module.named_parameters()) | inputs
    for key, gradient in kept.get("gradients", {}).items():
        rtol = 1e-7 if name in SINGLE else 1e-9
        agree(leaves[key].grad, gradient, f"gradient of {key}", rtol)
    for key, buffer in kept.get("after", {}).items():
        agree(np.asarray(dict(module.named_buffers())[key]), buffer, f"buffer {key}")
