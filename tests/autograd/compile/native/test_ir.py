"""LLVM IR as text: what is written is what LLVM reads, and computes."""

import ctypes
import re

import numpy as np
import pytest

from autograd.compile.native import llvm
from autograd.compile.native.ir import Function, literal, memory_type, symbol, type_of
from tests.autograd.compile.native.running import needs_llvm


def test_types():
    dtypes = ("float32", "float64", "int8", "uint32", "int64", "bool")
    assert [type_of(d) for d in dtypes] == ["float", "double", "i8", "i32", "i64", "i1"]
    assert memory_type(bool) == "i8" and memory_type("float32") == "float"
    assert symbol("exp", np.float32) == "exp.f32"


@pytest.mark.parametrize(
    ("x", "dtype", "text"),
    [
        (1.0, "float64", "0x3FF0000000000000"),
        (-0.0, "float32", "0x8000000000000000"),
        (0.1, "float32", "0x3FB99999A0000000"),  # rounded to float32, and written as a double
        (np.inf, "float32", "0x7FF0000000000000"),
        (1e300, "float32", "0x7FF0000000000000"),
        (-7, "int16", "-7"),
        (2**64 - 1, "uint64", "18446744073709551615"),
        (True, "bool", "1"),
    ],
)
def test_literals(x, dtype, text):
    assert literal(x, dtype) == text


def called(f, *arrays, result="ret void"):
    library = llvm.load(f.text(result), ["f"])
    function = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * len(arrays))
    return function(library.address["f"])(*(a.ctypes.data for a in arrays))


@needs_llvm
def test_loops_addresses_and_room():
    """A matrix, transposed through memory of the function's own."""
    x, y = np.arange(12.0).reshape(3, 4), np.zeros((4, 3))
    f = Function("define i64 @f(ptr %x, ptr %y)")
    room = f.room("double", 12)

    def entry(i, j, source, strides, target, steps):
        value = f.load(float, f.address(source, "double", 0, [i, j], strides))
        f.store(float, value, f.address(target, "double", 0, [i, j], steps))

    f.loop(3, lambda i: f.loop(4, lambda j: entry(i, j, "%x", (4, 1), room, (4, 1))))
    f.loop(4, lambda i: f.loop(3, lambda j: entry(i, j, room, (1, 4), "%y", (3, 1))))
    assert called(f, x, y, result="ret i64 5") == 5
    assert np.array_equal(y, x.T)


@needs_llvm
def test_literals_and_truth_values_keep_their_bits():
    numbers = [0.1, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1.7976931348623157e308]
    singles = np.array([0.1, -0.0, np.inf, np.nan, 1e-45, 3.4e38], np.float32)
    y, z, t = np.zeros(7), np.zeros(6, np.float32), np.full(3, 7, np.uint8)
    f = Function("define void @f(ptr %y, ptr %z, ptr %t)")
    for n, x in enumerate(numbers):
        f.store(float, literal(x, float), f.address("%y", "double", n))
    for n, x in enumerate(singles):
        f.store(np.float32, literal(x, np.float32), f.address("%z", "float", n))
    f.store(bool, "true", f.address("%t", "i8", 0))
    f.store(bool, "false", f.address("%t", "i8", 1))
    known = f.load(bool, f.address("%t", "i8", 0))
    f.store(bool, f.let(f"xor i1 {known}, true"), f.address("%t", "i8", 2))
    called(f, y, z, t)
    assert y.tobytes() == np.array(numbers).tobytes() and z.tobytes() == singles.tobytes()
    assert t.tolist() == [1, 0, 0]


@needs_llvm
def test_an_offset_counts_with_strides_and_a_loop_of_one_is_none():
    x = np.arange(20, dtype=np.int64)
    y = np.zeros(3, np.int64)
    f = Function("define void @f(ptr %x, ptr %y)")

    def body(i):
        value = f.load(np.int64, f.address("%x", "i64", 19, [i, "0"], [-3, 5]))
        f.store(np.int64, value, f.address("%y", "i64", 0, [i], [1]))

    f.loop(1, lambda zero: f.loop(3, body))
    assert len(re.findall("br i1", f.text())) == 1
    called(f, x, y)
    assert y.tolist() == [19, 16, 13]


def test_what_it_calls_is_noted_once():
    f = Function("define void @f()")
    for _ in range(2):
        f.elementary("exp", np.float32, [f.intrinsic("fabs", np.float32, ["%x"])])
        f.integers("smax", "i32", ["%a", "%b"])
    assert list(f.needed) == [
        "declare float @llvm.fabs.f32(float)",
        ("exp", np.dtype(np.float32)),
        "declare i32 @llvm.smax.i32(i32, i32)",
    ]
