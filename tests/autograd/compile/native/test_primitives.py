"""Every primitive, its value and its gradient, natively: the table says what is left to NumPy."""

import numpy as np
import pytest

import autograd as ag
from autograd.compile import passes
from autograd.compile.learning import Learner
from autograd.compile.native.lower import Lowering
from autograd.compile.native.terms import in_order
from autograd.primitives import PRIMITIVES
from tests.autograd.compile.native.running import compiled, native_of, needs_llvm
from tests.cases import CASES

pytestmark = needs_llvm

# The calls that stay NumPy's, of a primitive and of its derivatives. What is missing here is
# native throughout.
LEFT_TO_NUMPY = {
    "cholesky": ["numpy.linalg.cholesky", "numpy.linalg.solve"],
    "cofactors": ["item", "ndarray.prod", "numpy.linalg.det", "numpy.linalg.svd", "numpy.prod"],
    "cumprod": ["numpy.cumprod"],
    "cumsum": ["numpy.cumsum"],
    "det": ["item", "ndarray.prod", "numpy.linalg.det", "numpy.linalg.inv", "numpy.linalg.svd"],
    "digamma": ["kernel.digamma_of_entries", "kernel.polygamma_of_entries"],
    "eigh": ["item", "numpy.linalg.eigh"],
    "einsum": ["kernel.scatter_add", "numpy.einsum"],
    "erfc": ["kernel.erfc_of_entries"],
    "erfinv": ["kernel.erfinv_of_entries"],
    "floor_divide": ["floor_divide"],
    "fmod": ["fmod"],
    "gammaln": ["kernel.digamma_of_entries", "kernel.gammaln_of_entries"],
    "getitem": ["getitem", "kernel.scatter_add"],
    "inv": ["numpy.linalg.inv"],
    "log_abs_det": ["item", "numpy.linalg.inv", "numpy.linalg.slogdet"],
    "nuclear": ["item", "numpy.linalg.svd"],
    "pinv": ["item", "numpy.linalg.pinv", "numpy.linalg.svd"],
    "polar": ["item", "numpy.linalg.svd"],
    "polygamma": ["kernel.polygamma_of_entries"],
    "prod": ["numpy.cumprod", "numpy.prod"],
    "remainder": ["floor_divide", "remainder"],
    "sinc": ["numpy.sinc"],
    "solve": ["numpy.linalg.solve"],
    "svd": ["item", "numpy.linalg.svd"],
}  # fmt: skip

BY_NAME = {name: [c for c in CASES if c.name == name] for name in sorted(PRIMITIVES)}


def weighted(case):
    """A case with what a step needs of it: arguments that have a rule, and weights of the result."""
    given = case.arguments()
    shape = np.shape(case.primitive(*given, **case.static))
    weights = np.cos(np.arange(float(np.prod(shape)))).reshape(shape)
    return case.primitive, case.static, len(given), case.differentiable(), weights


def step_of(cases):
    """The values of some cases, and the gradients of their weighted sum."""
    table = [weighted(case) for case in cases]

    def step(*arrays):
        arrays, values, leaves, total = list(arrays), [], [], 0.0
        for primitive, static, count, live, weights in table:
            given = [
                ag.Tensor(x, requires_grad=True) if i in live else x
                for i, x in enumerate(arrays[:count])
            ]
            del arrays[:count]
            out = primitive(*given, **static)
            values.append(ag.stop_gradient(out))
            if live:
                total = total + ag.sum(out * weights)
                leaves += [given[i] for i in live]
        if leaves:
            total.backward()
        return values, [leaf.grad for leaf in leaves]

    return step


def arguments(cases):
    return [np.array(x) for case in cases for x in case.arguments()]


def flat(results):
    return [np.asarray(ag.stop_gradient(x)) for part in results for x in part if x is not None]


def left_to_numpy(cases):
    step = step_of(cases)
    step(*arguments(cases))
    recording, reason = Learner(step, True).recorded_once(tuple(arguments(cases)), {})
    assert recording is not None, reason
    program, _ = passes.simplified(recording.program)
    low = Lowering(program)
    made = in_order(t for v in program.outputs if (t := low.of.get(v) or low.holders.get(v)))
    return sorted({t.static["instruction"].operation.name for t in made if t.op == "foreign"})


WITH_ENTRIES = {
    name: [c for c in cases if all(np.prod(shape) for shape in c.shapes)]
    for name, cases in BY_NAME.items()
}


@pytest.mark.parametrize("name", BY_NAME)
def test_what_is_left_to_numpy_is_in_the_table(name):
    assert left_to_numpy(WITH_ENTRIES[name]) == LEFT_TO_NUMPY.get(name, [])


@pytest.mark.parametrize("part", range(8))
def test_values_and_gradients(part):
    cases = [c for n, name in enumerate(BY_NAME) if n % 8 == part for c in BY_NAME[name]]
    f = step_of(cases)
    step = compiled(f)
    for _ in range(3):
        ours, theirs = (flat(g(*arguments(cases))) for g in (step, f))
        assert len(ours) == len(theirs) > 8
        for n, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            assert a.dtype == b.dtype and a.shape == b.shape
            np.testing.assert_allclose(a, b, 1e-9, 1e-11, err_msg=str(n))
    assert native_of(step).module.calls["nest"] and step._last.calls == 1
