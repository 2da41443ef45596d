"""Products: small ones in registers and large ones by BLAS, however their operands lie."""

import ctypes
import itertools

import numpy as np
import pytest

from autograd.compile import program as ops
from autograd.compile.native import blas, llvm, runner
from autograd.compile.native.products import SMALL, Matrix, Product, small
from autograd.compile.native.terms import Term
from autograd.compile.native.views import View
from tests.autograd.compile.building import Build
from tests.autograd.compile.native.running import check, needs_llvm

pytestmark = needs_llvm

# Widths around those of vectors, a single row, column or step, and both sides of the limit.
SIZES = [
    (1, 1, 1),
    (1, 5, 3),
    (6, 1, 4),
    (3, 4, 1),
    (5, 7, 9),
    (4, 33, 2),
    (8, 65, 5),
    (21, 31, 14),
]


def laid(b, rng, shape, how, dtype):
    """A matrix, or a stack of them, that lies in one of several ways."""
    *stack, m, n = shape
    whole = {
        "rows": (*stack, m, n),
        "columns": (*stack, n, m),
        "part": (*stack, m + 2, n + 3),
        "part of columns": (*stack, n + 1, m + 2),
        "steps": (*stack, m, 2 * n),
        "backwards": (*stack, m, n),
    }[how]
    x = b.input(rng.standard_normal(whole).astype(dtype))
    turned = (*range(len(stack)), len(stack) + 1, len(stack))
    if how == "columns":
        return b(ops.TRANSPOSE, x, turned)
    if how == "part":
        return b(ops.GETITEM, x, (..., slice(1, m + 1), slice(2, n + 2)))
    if how == "part of columns":
        return b(ops.TRANSPOSE, b(ops.GETITEM, x, (..., slice(1, n + 1), slice(0, m))), turned)
    if how == "steps":
        return b(ops.GETITEM, x, (..., slice(None, None, 2)))
    return b(ops.GETITEM, x, (..., slice(None, None, -1), slice(None))) if how == "backwards" else x


WAYS = ("rows", "columns", "part", "part of columns", "steps", "backwards")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("without", [False, True], ids=["blas", "no blas"])
def test_operands_lie_in_every_way(dtype, without, monkeypatch):
    if without:
        monkeypatch.setattr(runner.blas, "find", lambda: None)
    rng = np.random.default_rng(0)
    b = Build()
    ways = list(itertools.product(WAYS, WAYS))
    made = []
    for n, (of_x, of_y) in enumerate(ways):
        m, width, k = SIZES[n % len(SIZES)] if n % 3 else (21, 31, 14)
        made.append(
            b(np.matmul, laid(b, rng, (m, k), of_x, dtype), laid(b, rng, (k, width), of_y, dtype))
        )
    machine = check(b, made, rtol=2e-4 if dtype == "float32" else 1e-11)
    calls = machine.native.module.calls
    assert ("BLAS" in calls) is (not without and blas.find() is not None)
    assert calls["product"] + calls.get("BLAS", 0) == len(ways)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_vectors_stacks_and_stacks_that_broadcast(dtype):
    rng = np.random.default_rng(1)
    b = Build()

    def x(*shape, how="rows"):
        return laid(b, rng, shape, how, dtype)

    row, column = b.input(rng.standard_normal(6).astype(dtype)), b.input(np.ones(5, dtype))
    made = [
        b(np.matmul, row, row),
        b("dot", row, x(6, 4)),
        b(np.matmul, x(5, 6), row),
        b(np.matmul, column, x(2, 5, 6)),
        b(np.matmul, x(2, 3, 5, 6), row),
        b(np.matmul, x(3, 4, 6), x(6, 2)),
        b("dot", x(3, 4, 6), x(6, 2)),
        b(np.matmul, x(4, 6), x(3, 6, 2, how="columns")),
        b(np.matmul, x(3, 1, 4, 6, how="part"), x(2, 6, 5)),
        b(np.matmul, x(1, 1, 4, 6), x(6, 5, how="columns")),
        b(np.matmul, x(2, 32, 40), x(2, 40, 16, how="part of columns")),
        b(np.matmul, b(np.exp, x(3, 4)), b("T", b(np.square, x(5, 4)))),
    ]
    joined = b(np.concatenate, [made[5], b(np.negative, made[6])], axis=1)
    check(b, [*made, joined], rtol=2e-4 if dtype == "float32" else 1e-11)


def test_nan_and_infinity_reach_their_row_and_column_only():
    b = Build()
    x = np.ones((3, 4))
    x[1, 2] = np.nan
    y = np.ones((4, 5))
    y[0, 3], y[1, 4] = np.inf, 0.0
    zero = b.constant(np.zeros((3, 4)))
    x, y = b.input(x), b.input(y)
    check(b, [b(np.matmul, x, y), b(np.matmul, zero, y), b(np.matmul, b("T", x), x)])


def test_integers_are_multiplied_by_numpy():
    b = Build()
    x = b.input(np.arange(6).reshape(2, 3))
    check(b, [b(np.matmul, x, b("T", x))], by_numpy=["matmul"])


def view(shape, strides, dtype=float):
    return View(Term("input", (), (10_000,), dtype), 0, shape, strides)


@pytest.mark.parametrize(
    ("shape", "strides", "found"),
    [
        ((3, 4), (4, 1), Matrix(False, 4)),
        ((3, 4), (9, 1), Matrix(False, 9)),
        ((3, 4), (1, 5), Matrix(True, 5)),
        ((1, 4), (0, 1), Matrix(False, 4)),
        ((1, 4), (0, 7), Matrix(True, 7)),
        ((3, 1), (5, 0), Matrix(False, 5)),
        ((3, 1), (1, 0), Matrix(False, 1)),
        ((1, 1), (0, 0), Matrix(False, 1)),
    ],
)
def test_how_a_matrix_lies(shape, strides, found):
    assert Matrix.of(view(shape, strides)) == found


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (-0.5, 1.0), (2.0, 0.25), (1.0, 1.0)])
@pytest.mark.parametrize("kind", ["float", "double"])
def test_a_small_product_is_added_to_what_is_there(alpha, beta, kind):
    dtype = np.float32 if kind == "float" else np.float64
    rng = np.random.default_rng(0)
    m, n, k = 6, 37, 5
    x, y, out = (rng.standard_normal(s).astype(dtype) for s in ((k, m), (n, k), (m, n + 2)))
    p = Product(kind, m, n, k, Matrix(True, m), Matrix(True, k), n + 2, alpha, beta)
    text = small(p).replace("@NAME", "@f").replace("define internal", "define")
    library = llvm.load(text, ["f"])
    wanted = out.copy()
    wanted[:, :n] = beta * out[:, :n] + alpha * (x.T @ y.T)
    if not beta:
        out[:, :n] = np.nan  # is not read
    ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)(library.address["f"])(
        x.ctypes.data, y.ctypes.data, out.ctypes.data
    )
    np.testing.assert_allclose(out, wanted, rtol=2e-5 if kind == "float" else 1e-13, atol=1e-6)


def test_what_is_small():
    sizes = [(8, 32, SMALL // 256), (8, 32, SMALL // 256 + 1)]
    plain = Matrix(False, 64)
    assert [Product("float", *s, plain, plain, 64).is_small for s in sizes] == [True, False]
