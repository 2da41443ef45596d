"""Each pass: what it turns into what, and that random programs compute the same before and after."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.compile import passes
from autograd.compile import program as ops
from autograd.compile.numpy.fast import Fast
from autograd.compile.passes import EXACT, READING
from autograd.compile.program import Check, Program
from tests.autograd.compile.building import (
    SCATTER,
    Build,
    matrix,
    random_program,
)

SEEDS = st.integers(0, 2**32 - 1)
SIGNLESS = {"one-hot updates", "pieces of a buffer", "pieces read"}  # -0 may stay -0
MAXIMUM, ADD = ops.of_ufunc(np.maximum, "reduce"), ops.of_ufunc(np.add, "reduce")


def results(program, arrays):
    before = [np.array(x) for x in arrays]
    with np.errstate(all="ignore"):
        out = program.run(arrays)
    assert all(np.array_equal(x, y, equal_nan=True) for x, y in zip(before, arrays, strict=True))
    return [np.asarray(x) for x in out]


def same_bits(ours, theirs, signs=True):
    for x, y in zip(ours, theirs, strict=True):
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        assert np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
        if signs and x.dtype.kind == "f":
            number = ~np.isnan(x)
            assert np.array_equal(np.signbit(x[number]), np.signbit(y[number]))


def close(ours, theirs):
    for x, y in zip(ours, theirs, strict=True):
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        if x.dtype.kind == "f":
            tolerance = 1e-4 if x.dtype == np.float32 else 1e-9
            assert np.allclose(x, y, rtol=tolerance, atol=tolerance, equal_nan=True)


@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_a_pass_keeps_every_bit(name, seed):
    signs = name not in SIGNLESS
    program, arrays = random_program(np.random.default_rng(seed), divide=signs)
    program = passes.simplified(program, {"one spelling": EXACT["one spelling"]})[0]
    after = EXACT[name](program)
    same_bits(results(after, arrays), results(program, arrays), signs)


@settings(max_examples=200, deadline=None)
@given(seed=SEEDS)
def test_passes_together_keep_every_bit(seed):
    program, arrays = random_program(np.random.default_rng(seed), 20)
    rules = {name: rule for name, rule in EXACT.items() if name not in SIGNLESS}
    after, _ = passes.simplified(program, rules)
    same_bits(results(after, arrays), results(program, arrays))


@settings(max_examples=200, deadline=None)
@given(seed=SEEDS)
def test_all_passes_keep_every_value_and_come_to_an_end(seed):
    program, arrays = random_program(np.random.default_rng(seed), 20, divide=False)
    after, counts = passes.simplified(program)
    same_bits(results(after, arrays), results(program, arrays), signs=False)
    assert len(after.instructions) <= len(program.instructions)
    assert passes.simplified(after)[1] == []
    assert all(a >= 0 and b >= 0 for _, a, b in counts)


@pytest.mark.parametrize("name", READING)
@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_a_pass_for_reading_is_close(name, seed):
    program, arrays = finite(*random_program(np.random.default_rng(seed)))
    program = passes.simplified(program)[0]
    after = READING[name](program)
    close(results(after, arrays), results(program, arrays))


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_a_readable_program_is_close(seed):
    program, arrays = finite(*random_program(np.random.default_rng(seed)))
    close(results(passes.readable(program), arrays), results(program, arrays))


def finite(program, arrays):
    """With inputs that do not overflow, because another order of sums may overflow elsewhere."""
    arrays = [np.clip(np.nan_to_num(x), -2, 2).astype(x.dtype) for x in arrays]
    with np.errstate(all="ignore"):
        values = program.run(arrays)
    kept = [
        v for v, x in zip(program.outputs, values, strict=True)
        if np.isfinite(x).all() and np.abs(x).max(initial=0) < 1e6
    ]  # fmt: skip
    return Program(program.inputs, program.instructions, kept), arrays


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS)
def test_the_fast_function_computes_what_the_program_does(seed):
    program, arrays = random_program(np.random.default_rng(seed), 20)
    program, _ = passes.simplified(program)
    program = passes.own_outputs(program, len(program.outputs))
    fast = Fast(program)
    place = {v: n for n, v in enumerate(program.inputs)}
    inputs = [arrays[place[v]] for v in fast.inputs]
    step = fast.function()
    with np.errstate(all="ignore"):
        first = [np.array(x) for x in step(*inputs)]
        others = [np.where(np.isfinite(x), x + 1, x).astype(x.dtype) for x in inputs]
        kept = step(*inputs)
        step(*others)  # what was returned must not change
        again = step(*inputs)
    wanted = results(program, arrays)
    for found in (first, kept, again):
        same_bits([np.asarray(x) for x in found], wanted, signs=False)
    arrays_out = [x for x in again if x.ndim]
    for n, x in enumerate(arrays_out):
        others = [*inputs, *kept, *arrays_out[:n]]
        assert not any(np.shares_memory(x, y) for y in others if y is not x)


def test_stages_are_told():
    b = Build()
    x = matrix(b)
    _, counts = passes.simplified(b.program(b("copy", b("copy", x))))
    assert counts[:2] == [("one spelling", 2, 2), ("idle moves", 2, 0)]


@pytest.mark.parametrize("wrong", [-1, 3, 10**6])
def test_class_numbers_out_of_range_are_seen_before_anything_is_committed(wrong):
    b = Build()
    x, y = b.input(np.arange(12.0).reshape(4, 3), "x"), b.input(np.array([0, 2, 1, 2]), "y")
    inside = b(np.less, b(MAXIMUM, b("view", y, np.uint64), axis=(0,), keepdims=False), 3)
    rows = b.constant(np.arange(4))
    s = b(np.exp, x)
    hot = b(SCATTER, b(ops.GETITEM, s, (rows, y)), index=(rows, y), shape=(4, 3))
    total = b(np.add, b(np.negative, s), hot)
    program = b.program(b(np.multiply, total, 2.0))
    program.checks.append(Check(inside, True, "bool", ""))
    program, _ = passes.simplified(program)
    fast = Fast(program)
    assert "starts" in fast.source
    out, check = fast.function()(*b.arrays())
    assert check and np.array_equal(out, program.run(b.arrays())[0])
    labels = np.array([0, 2, wrong, 2])
    with contextlib.suppress(IndexError):
        assert not fast.function()(b.arrays()[0], labels)[1]
