"""Formulas in Python's operators become LLVM IR that computes them."""

import ctypes

import numpy as np
import pytest

from autograd.compile.native import llvm
from autograd.compile.native.scalar import (
    Function,
    constant,
    copysign,
    fma,
    muladd,
    polynomial,
    sqrt,
    where,
)

needs_llvm = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())

FORMULAS = {
    "add": (lambda x, y: x + y, lambda x, y: x + y),
    "constant first": (lambda x, y: 1.5 - x, lambda x, y: 1.5 - x),
    "times": (lambda x, y: 2.0 * x * y, lambda x, y: 2.0 * x * y),
    "sum of constants": (lambda x, y: 0.5 + x, lambda x, y: x + 0.5),
    "quotient": (lambda x, y: x / y, lambda x, y: x / y),
    "reciprocal": (lambda x, y: 1.0 / x, lambda x, y: 1.0 / x),
    "minus": (lambda x, y: -x, lambda x, y: -x),
    "abs": (lambda x, y: abs(x), lambda x, y: abs(x)),
    "less": (lambda x, y: where(x < y, x, y), lambda x, y: min(x, y)),
    "at most": (lambda x, y: where(x <= x, x, y), lambda x, y: x),
    "greater": (lambda x, y: where(x > y, x, 0.0), lambda x, y: x if x > y else 0.0),
    "at least": (lambda x, y: where(x >= x, x, 0.0), lambda x, y: x),
    "equal": (lambda x, y: where(x == 3.0, x, y), lambda x, y: x if x == 3.0 else y),
    "other": (lambda x, y: where(x != 3.0, x, y), lambda x, y: x if x != 3.0 else y),
    "not": (lambda x, y: where(~(x < y), x, y), lambda x, y: max(x, y)),
    "both": (lambda x, y: where((x < y) & (x > 0.0), x, 7.0), lambda x, y: x if 0 < x < y else 7.0),
    "muladd": (lambda x, y: muladd(x, y, 1.0), lambda x, y: x * y + 1),
    "fma": (lambda x, y: fma(x, 2.0, y), lambda x, y: x * 2 + y),
    "polynomial": (lambda x, y: polynomial(x, (1.0, 2.0, 3.0)), lambda x, y: 1 + 2 * x + 3 * x * x),
    "sqrt": (lambda x, y: sqrt(abs(x)), lambda x, y: np.sqrt(abs(x))),
    "copysign": (lambda x, y: copysign(x, y), lambda x, y: np.copysign(x, y)),
}


def run(kind, formula, x, y):
    function = Function("f", [kind, kind])
    found = function.definition(formula(*function.arguments))
    text = "\n".join([*found.declarations, found.text])
    text += f"define void @run(ptr %x, ptr %y, ptr %z) {{\n  %a = load {kind}, ptr %x\n  %b = load {kind}, ptr %y\n"
    text += (
        f"  %c = call {kind} @f({kind} %a, {kind} %b)\n  store {kind} %c, ptr %z\n  ret void\n}}\n"
    )
    library = llvm.load(text, ["run"])
    out = np.empty_like(x)
    prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)
    prototype(library.address["run"])(x.ctypes.data, y.ctypes.data, out.ctypes.data)
    return out[()]


@needs_llvm
@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("kind", ["float", "double"])
def test_a_formula_computes_what_it_says(kind, name):
    dtype = np.float32 if kind == "float" else np.float64
    native, expected = FORMULAS[name]
    for x, y in ((3.0, 5.0), (5.0, 3.0), (-3.0, 0.5)):
        found = run(kind, native, np.array(x, dtype), np.array(y, dtype))
        assert found == dtype(expected(dtype(x), dtype(y)))


@needs_llvm
def test_bits_and_integers():
    def exponent(x, y):
        field = (x.bits() >> 23) & 255
        return ((((field - 127) * 2 + 100) << 23) | (field ^ field)).real()

    found = run("float", exponent, np.array(8.0, np.float32), np.array(0.0, np.float32))
    assert found.view(np.int32) >> 23 == 106


@needs_llvm
def test_a_float_as_a_double_and_back():
    formula = lambda x, y: (x.double() / 3.0).float()
    x = np.array(1.0, np.float32)
    assert run("float", formula, x, x) == np.float32(1 / 3)


@needs_llvm
def test_comparisons_with_nan_are_false_but_for_unequal():
    nan = np.array(np.nan)
    for compare in (lambda x: x < x, lambda x: x <= x, lambda x: x == x, lambda x: x >= x):
        assert run("double", lambda x, y, c=compare: where(c(x), x.like(1.0), 0.0), nan, nan) == 0
    assert run("double", lambda x, y: where(x != x, x.like(1.0), 0.0), nan, nan) == 1


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("double", 0.1, "0x3FB999999999999A"),
        ("float", 0.1, "0x3FB99999A0000000"),
        ("double", -0.0, "0x8000000000000000"),
        ("float", float("inf"), "0x7FF0000000000000"),
        ("i32", 7, "7"),
    ],
)
def test_constants_are_written_exactly(kind, value, text):
    assert constant(Function("f", []), kind, value).text == text
