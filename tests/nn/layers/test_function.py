"""Modules that are a function and its options."""

import numpy as np

from nn.layers.function import FunctionModule, WithOptions


def scaled(x, by=1.0, shift=0.0):
    return x * by + shift


def test_options_are_attributes_that_may_change():
    module = FunctionModule(scaled, by=2.0)
    assert module(3.0) == 6.0 and module.by == 2.0
    module.by = 5.0
    assert module(3.0) == 15.0 and repr(module) == "FunctionModule(by=5.0)"
    assert FunctionModule(abs)(-2.0) == 2.0


def test_arrays_are_buffers():
    class Shifted(WithOptions):
        def forward(self, x):
            return self._apply(x)

    module = Shifted(scaled, by=2.0, shift=np.ones(2))
    assert list(module.state_dict()) == ["shift"] and repr(module) == "Shifted(by=2.0)"
    assert module(np.zeros(2)).tolist() == [1.0, 1.0]
