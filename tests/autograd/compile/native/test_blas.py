"""Products through the addresses of NumPy's BLAS are `np.matmul`'s, bit by bit."""

import ctypes
import importlib
import itertools
import sys

import numpy as np
import pytest

from autograd.compile.native import blas, llvm

SHAPES = [(1, 1, 1), (2, 3, 5), (7, 1, 9), (33, 65, 17), (64, 64, 64), (100, 300, 200)]


@pytest.fixture
def found():
    return blas.find() or pytest.skip("NumPy's BLAS cannot be called by address here")


def test_numpys_wheels_have_one():
    config = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    if "openblas" not in config:
        pytest.skip(f"NumPy was built with {config}")
    assert blas.find() is not None


def gemm(found, a, b, c, transposed=(False, False), alpha=1.0, beta=0.0):
    """c = alpha a b + beta c; a transposed factor is a view of rows."""
    kind = "s" if a.dtype == np.float32 else "d"
    options = [blas.TRANSPOSED if flag else blas.PLAIN for flag in transposed]
    leading = [len(x) if flag else x.shape[1] for x, flag in zip((a, b), transposed, strict=True)]
    m, n, k = a.shape[0], b.shape[1], a.shape[1]
    found.function(f"{kind}gemm")(
        *(blas.ROW_MAJOR, *options, m, n, k, alpha, a.ctypes.data, leading[0]),
        *(b.ctypes.data, leading[1], beta, c.ctypes.data, n),
    )


def matrix(rng, rows, columns, dtype, transposed):
    x = rng.standard_normal((columns, rows) if transposed else (rows, columns)).astype(dtype)
    return x.T if transposed else x


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_product_is_matmuls_bit_by_bit(found, shape, dtype):
    rng = np.random.default_rng(0)
    m, k, n = shape
    for flags in itertools.product((False, True), repeat=2):
        a, b = matrix(rng, m, k, dtype, flags[0]), matrix(rng, k, n, dtype, flags[1])
        c = np.full((m, n), np.nan, dtype)  # beta = 0 reads nothing
        gemm(found, a, b, c, flags)
        if 1 in shape:  # NumPy then calls gemv
            np.testing.assert_allclose(c, a @ b, rtol=1e-5 if dtype == "float32" else 1e-13)
        else:
            np.testing.assert_array_equal(c, np.matmul(a, b))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_alpha_and_beta_scale_exactly(found, dtype):
    """Powers of two, so that scaling rounds nothing."""
    rng = np.random.default_rng(1)
    a, b = matrix(rng, 20, 30, dtype, False), matrix(rng, 30, 40, dtype, True)
    c = np.zeros((20, 40), dtype)
    gemm(found, a, b, c, (False, True), alpha=0.5)
    np.testing.assert_array_equal(c, (a @ b) * 0.5)
    gemm(found, a, b, c, (False, True), alpha=0.5, beta=1.0)
    np.testing.assert_array_equal(c, a @ b)
    gemm(found, a, b, c, (False, True), alpha=0.0, beta=-2.0)
    np.testing.assert_array_equal(c, (a @ b) * -2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gemv_is_the_product_with_a_vector(found, dtype):
    rng = np.random.default_rng(2)
    a, x = matrix(rng, 20, 30, dtype, False), rng.standard_normal(30).astype(dtype)
    y = np.full(20, np.nan, dtype)
    kind = "s" if dtype == "float32" else "d"
    found.function(f"{kind}gemv")(
        *(blas.ROW_MAJOR, blas.PLAIN, 20, 30, 1.0, a.ctypes.data, 30, x.ctypes.data, 1),
        *(0.0, y.ctypes.data, 1),
    )
    np.testing.assert_array_equal(y, a @ x)


@pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())
@pytest.mark.parametrize("name", ["sgemm", "dgemm"])
def test_native_code_calls_it(found, name):
    real, dtype = ("float", "float32") if name == "sgemm" else ("double", "float64")
    i = found.integer
    text = f"""{found.declaration(name)}
define void @product(ptr %a, ptr %b, ptr %c) {{
  call void @{name}(i32 101, i32 111, i32 112, {i} 3, {i} 5, {i} 4, {real} 1.0, ptr %a, {i} 4, ptr %b, {i} 4, {real} 0.0, ptr %c, {i} 5)
  ret void
}}
"""
    library = llvm.load(text, ["product"], {name: found.address[name]})
    a, b = np.ones((3, 4), dtype) / 3, np.arange(20, dtype=dtype).reshape(5, 4)
    c = np.empty((3, 5), dtype)
    prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)
    prototype(library.address["product"])(a.ctypes.data, b.ctypes.data, c.ctypes.data)
    np.testing.assert_array_equal(c, a @ b.T)


def test_scipys_is_found_where_numpys_cannot_be_called(monkeypatch):
    pytest.importorskip("scipy.linalg.cython_blas")
    real = importlib.import_module
    monkeypatch.setattr(
        blas.importlib, "import_module", lambda n: real("time" if n.startswith("numpy") else n)
    )
    found = blas.find.__wrapped__()
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    c = np.empty((2, 4))
    gemm(found, a, b, c)
    np.testing.assert_array_equal(c, a @ b)


def test_without_any_there_is_none(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(blas.importlib, "import_module", absent)
    assert blas.find.__wrapped__() is None


class Stand:
    """A library with functions of Python under the names of one decoration."""

    def __init__(self, decoration, bits, wrong=False):
        integer = ctypes.c_int32 if bits == 32 else ctypes.c_int64
        pointer, real = ctypes.c_void_p, ctypes.c_float
        asum = ctypes.CFUNCTYPE(real, integer, pointer, integer)
        self.functions = {decoration.format("sasum"): asum(lambda n, x, step: float(max(n, 0)))}
        none = ctypes.CFUNCTYPE(None)
        self.functions |= {decoration.format(name): none(lambda: None) for name in blas.NAMES}

    def __getitem__(self, name):
        try:
            # As a library does: another object at each look-up, with argument types of its own.
            return ctypes.CFUNCTYPE(ctypes.c_float)(
                ctypes.cast(self.functions[name], ctypes.c_void_p).value
            )
        except KeyError:
            raise AttributeError(name) from None


@pytest.mark.skipif(sys.maxsize < 2**32, reason="this Python has 32 bits")
@pytest.mark.parametrize("decoration", blas.DECORATIONS)
@pytest.mark.parametrize("bits", [32, 64])
def test_the_width_of_integers_is_measured_and_not_read_from_names(decoration, bits):
    found = blas._in(Stand(decoration, bits))
    assert found.bits == bits and set(found.address) == set(blas.NAMES)


def test_a_library_without_the_functions_is_passed_over():
    assert blas._in(Stand("another_{}", 32)) is None


def test_functions_that_do_something_else_are_not_used(monkeypatch):
    monkeypatch.setattr(blas, "_libraries", lambda: [Stand("cblas_{}", 32)])
    assert blas.find.__wrapped__() is None


@pytest.mark.parametrize("bits", [32, 64])
def test_a_declaration_has_integers_of_the_width(bits):
    text = blas.Blas(bits, {}).declaration("dgemm")
    assert text.count(f"i{bits}") == 6 + 3 * (bits == 32) and text.count("double") == 2
