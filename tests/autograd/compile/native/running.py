"""What tests of native programs share: how one is made, run, and compared with the interpreter."""

import functools

import numpy as np
import pytest

from autograd.compile import passes
from autograd.compile.api import compile as compile_
from autograd.compile.native import llvm

needs_llvm = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing() or "llvmlite is here")
compiled = functools.partial(compile_, backend="native")


class Machine:
    """A program in machine code, called with the arrays of all its inputs."""

    def __init__(self, program, updates=None):
        from autograd.compile.native.runner import Native

        self.program, _ = passes.simplified(program)
        self.native = Native(self.program, updates or {})
        self.places = [program.inputs.index(v) for v in self.native.inputs]

    def __call__(self, *arrays):
        with np.errstate(all="ignore"):
            results = self.native.early(*(arrays[n] for n in self.places))
        if self.native.late(results):
            self.native.settle(results)
        return results[: len(self.native.plan.outputs) + len(self.native.checks)]

    def by_numpy(self):
        """The operations that are left to NumPy."""
        return sorted({i.operation.name for i in self.native.foreign()})


def assert_close(ours, theirs, rtol=None, about=""):
    """The same dtype, shape, nan and inf; floats to some digits, everything else exactly."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), about
    if ours.dtype.kind != "f":
        np.testing.assert_array_equal(ours, theirs, err_msg=str(about))
        return
    rtol = {2: 1e-3, 4: 2e-5, 8: 1e-12}[ours.dtype.itemsize] if rtol is None else rtol
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol, err_msg=str(about))


def check(build, outputs, rtol=None, by_numpy=()):
    """Run what was built natively, twice, and compare with what NumPy gave; returns the machine."""
    machine = Machine(build.program(*outputs))
    for _ in range(2):  # the second time, the arena is full of the first
        results = machine(*build.arrays())
        for n, (ours, v) in enumerate(zip(results, outputs, strict=True)):
            assert_close(ours, build.values[v], rtol, (n, outputs[n]))
    assert machine.by_numpy() == sorted(by_numpy)
    return machine


def native_of(step):
    """The machine code of a step's last program."""
    last = step._last
    assert last is not None and last.native is not None, step.report()
    return last.native
