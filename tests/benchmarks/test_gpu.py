"""The benchmark of the GPU, with the stand-in for its arrays: that it would measure the right thing."""

import importlib.util

import pytest

from benchmarks import gpu
from tests.autograd.backends.remote import Remote
from tests.autograd.backends.test_cupy import on_device


def test_both_runs_train_alike():
    host = gpu.arrays(sizes=[6, 5, 3], batch=8)
    difference = gpu.compared(lambda a, g: on_device(a, g), lambda x: x.get(), host)
    assert difference < 1e-5
    step, layers = gpu.trainer(lambda a, g: on_device(a, g), host)
    assert gpu.seconds(step, lambda: None) > 0 and type(layers[0].data) is Remote


@pytest.mark.skipif(importlib.util.find_spec("cupy") is not None, reason="CuPy is there")
def test_without_cupy_it_says_so(capsys):
    assert gpu.main() == 1
    assert "CuPy is missing" in capsys.readouterr().out
