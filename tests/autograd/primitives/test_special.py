"""Kernels of SciPy's: dtypes, values against mpmath, and when SciPy is imported."""

import subprocess
import sys

import mpmath as mp
import numpy as np
import pytest

from autograd.primitives import special


def test_importing_the_engine_does_not_import_scipy():
    code = "import sys, autograd as ag, nn; assert 'scipy' not in sys.modules; ag.erf(np.ones(2)); assert 'scipy.special' in sys.modules"
    subprocess.run([sys.executable, "-c", f"import numpy as np; {code}"], check=True)


def test_a_compiled_step_may_be_the_first_to_import_scipy():
    """The trace has replaced NumPy's functions then, which SciPy must not notice."""
    code = """
import numpy as np, autograd as ag
f = ag.compile(lambda x: ag.sum(ag.erfc(x) + ag.gammaln(x)))
x = ag.Tensor([0.5, 1.5])
first = f(x).item()
import scipy.special as s
expected = (s.erfc(x.data) + s.gammaln(x.data)).sum()
assert abs(first - expected) < 1e-14 and abs(f(x).item() - expected) < 1e-14
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble"])
@pytest.mark.parametrize("name", special.KERNELS)
def test_the_dtype_of_floats_is_kept(name, dtype):
    x = np.array([0.25, 0.5], dtype)
    args = (np.array([0, 2]), x) if name == "polygamma_of_entries" else (x,)
    assert getattr(special, name)(*args).dtype == dtype
    integers = getattr(special, name)(*args[:-1], np.array([1, 1], np.int8))
    assert integers.dtype == np.float64


def test_values_far_out():
    assert special.erfc_of_entries(np.array(20.0)) == pytest.approx(float(mp.erfc(20)), rel=1e-13)
    assert special.erfinv_of_entries(np.array(1 - 2**-50)) == pytest.approx(
        float(mp.erfinv(mp.mpf(1) - mp.mpf(2) ** -50)), rel=1e-12
    )
    assert special.gammaln_of_entries(np.array(1e5)) == pytest.approx(
        float(mp.loggamma(1e5)), rel=1e-14
    )
    found = special.polygamma_of_entries(np.array([1, 2]), np.array([-0.5, -1.5]))
    assert found.tolist() == pytest.approx(
        [float(mp.psi(1, -0.5)), float(mp.psi(2, -1.5))], rel=1e-12
    )
