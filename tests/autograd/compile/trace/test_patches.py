"""Functions that stand for others during a trace, and not a moment longer."""

import math
import sys
import threading

import numpy as np
import pytest

import nn
from autograd.compile.trace import patches
from autograd.compile.trace.tape import active
from tests.autograd.compile.trace.test_tape import taped


def places():
    layers = [vars(m).get("math") for name, m in sys.modules.items() if name.startswith("nn.")]
    return [vars(owner)[name] for owner, name, _ in patches.REPLACED.replacements] + layers


def test_everything_is_put_back_also_after_an_error_and_nested():
    before = places()
    with patches.installed(), patches.installed():
        assert np.array is not before[0] or places() != before
    with pytest.raises(KeyError), patches.installed():
        raise KeyError
    assert all(x is y for x, y in zip(places(), before, strict=True))
    assert "float" not in vars(sys.modules["nn.arguments"])


def test_another_thread_computes_as_usual():
    found = []

    def work():
        found.append((type(np.array([1.0])), type(np.zeros(2)), nn.init.math.sqrt(4.0)))

    def f(x):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return np.array(x)

    with patches.installed():
        tape, out = taped(f, np.ones(2))
    assert found == [(np.ndarray, np.ndarray, 2.0)]
    assert type(out) is not np.ndarray and tape.instructions and active.tape is None


def test_created_arrays_are_written_down():
    with patches.installed():
        tape, out = taped(lambda x: np.zeros(3) + np.asarray(x) + math.pi, np.ones(3))
    assert np.array_equal(out._value, np.full(3, 1.0 + math.pi)) and tape.instructions
