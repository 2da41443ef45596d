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
    ADD_TO,
    SCATTER,
    SUM_OF_FEW,
    SUM_OF_ROWS,
    Build,
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


# --- what turns into what -------------------------------------------------------------------------


def after(b, *outputs, rules=None):
    """The names of the operations that are left."""
    program, _ = passes.simplified(b.program(*outputs), rules)
    return [i.operation.name for i in program.instructions]


def matrix(b, n=4, m=3, dtype=np.float32):
    return b.input(np.random.default_rng(len(b.inputs)).normal(size=(n, m)).astype(dtype))


def test_dead_code_goes_and_draws_stay():
    b = Build()
    x = matrix(b)
    b(np.exp, x)
    generator = b.constant(np.array(0))
    b.values[generator] = np.random.default_rng(0)
    b(ops.DRAW, generator, "normal")
    assert after(b, b(np.tanh, x)) == ["draw", "tanh"]


def test_one_of_two_equal_expressions():
    b = Build()
    x = matrix(b)
    assert after(b, b(np.add, b(np.exp, x), b(np.exp, x))) == ["exp", "add"]


def test_a_zero_of_another_sign_is_another_expression():
    b = Build()
    x = matrix(b)
    a, c = b(np.maximum, x, 0.0), b(np.maximum, x, -0.0)
    assert after(b, a, c) == ["maximum", "maximum"]


@pytest.mark.parametrize(
    "move",
    [
        lambda b, x: b(np.array, b("copy", x)),
        lambda b, x: b("astype", x, np.dtype("f4"), copy=False),
        lambda b, x: b("T", b(np.transpose, x)),
        lambda b, x: b("reshape", b("ravel", x), (4, 3)),
        lambda b, x: b(ops.GETITEM, b(ops.GETITEM, x, (..., None)), (slice(None), slice(None), 0)),
        lambda b, x: b("astype", b("astype", x, np.dtype("f8")), np.dtype("f4")),
        lambda b, x: b(np.multiply, x, 1.0),
        lambda b, x: b(np.divide, x, 1),
        lambda b, x: b(np.subtract, x, 0.0),
        lambda b, x: b(np.add, x, -0.0),
        lambda b, x: b(np.negative, b(np.negative, x)),
        lambda b, x: b(np.maximum, x, x),
        lambda b, x: b(np.maximum, x, -np.inf),
        lambda b, x: b(np.where, b(np.greater, x, 0), x, x),
        lambda b, x: b(np.add, b(np.multiply, x, b(np.ones_like, x)), b.constant(np.float32(-0.0))),
    ],
)  # fmt: skip
def test_what_changes_nothing_goes(move):
    b = Build()
    x = matrix(b)
    assert after(b, b(np.exp, move(b, x))) == ["exp"]


@pytest.mark.parametrize(
    "keep",
    [
        lambda b, x: b(np.add, x, 0.0),  # -0 + 0 is 0
        lambda b, x: b(np.multiply, x, 0.0),  # nan, inf and -0
        lambda b, x: b(np.subtract, x, x),
        lambda b, x: b(np.divide, x, 3.0),
        lambda b, x: b(np.divide, x, x),
        lambda b, x: b(np.maximum, x, 0.0),
        lambda b, x: b("astype", x, np.dtype("f8")),
        lambda b, x: b("astype", b("astype", x, np.dtype("f2")), np.dtype("f4")),
    ],
)
def test_what_may_change_something_stays(keep):
    b = Build()
    x = matrix(b)
    kept = keep(b, x)
    names = [i.operation.name for i in b.instructions]
    assert len(after(b, kept)) == len(names)


def test_signs_move_into_constants_and_differences():
    b = Build()
    x, y = matrix(b), matrix(b)
    assert after(b, b(np.add, x, b(np.negative, y))) == ["subtract"]
    b = Build()
    x, y = matrix(b), matrix(b)
    assert after(b, b(np.subtract, x, b(np.negative, y))) == ["add"]
    b = Build()
    x = matrix(b)
    assert after(b, b(np.negative, b(np.multiply, x, 3.0))) == ["multiply"]


def test_a_division_by_a_power_of_two_is_a_product():
    b = Build()
    assert after(b, b(np.divide, matrix(b), 32)) == ["multiply"]


def test_constants_are_computed_and_shrink():
    b = Build()
    x = matrix(b)
    one = b(np.ones_like, b("sum", x))
    share = b(np.negative, b(np.broadcast_to, b(np.divide, one, 4), (4, 3)))
    program, _ = passes.simplified(b.program(b(np.multiply, share, x)))
    [i] = program.instructions
    [c] = [v for v in i.inputs() if v.kind == "constant"]
    assert (c.shape, c.value) == ((), -0.25)


def test_a_function_of_a_broadcast_is_computed_before():
    b = Build()
    x = b.input(np.ones(3, np.float32))
    wide = b(np.exp, b(np.broadcast_to, x, (4, 3)))
    program, _ = passes.simplified(b.program(b("copy", wide), wide))
    assert [(i.operation.name, i.result.shape) for i in program.instructions] == [
        ("exp", (3,)),
        ("broadcast", (4, 3)),
    ]


def test_one_hot_updates():
    b = Build()
    x = matrix(b)
    rows, y = b.constant(np.arange(4)), b.input(np.array([0, 2, 1, 1]))
    hot = b(SCATTER, b("sum", x, axis=1), index=(rows, y), shape=(4, 3))
    assert after(b, b(np.add, b(np.exp, x), hot)) == ["add.reduce", "exp", "add_at"]
    b = Build()
    x = matrix(b)
    rows, y = b.constant(np.array([0, 1, 1, 3])), b.input(np.array([0, 2, 1, 1]))
    hot = b(SCATTER, b("sum", x, axis=1), index=(rows, y), shape=(4, 3))
    assert "add_at" not in after(b, b(np.add, b(np.exp, x), hot))  # an entry may stand twice


def test_disjoint_pieces_share_a_buffer():
    b = Build()
    x, y = matrix(b), matrix(b)
    total = b(SCATTER, x, index=(slice(0, 4),), shape=(8, 3))
    total = b(ADD_TO, total, y, x, index=(slice(4, 8),))
    assert after(b, total) == ["pieces"]
    b = Build()
    x, y = matrix(b), matrix(b)
    total = b(SCATTER, x, index=(slice(0, 4),), shape=(8, 3))
    total = b(ADD_TO, total, y, x, index=(slice(3, 7),))
    assert after(b, total) == ["pieces", "add_at"]


def test_a_maximum_taken_out_twice():
    b = Build()
    x = matrix(b)
    s = b(np.subtract, x, b(MAXIMUM, x, axis=1, keepdims=True))
    lowest = np.finfo(np.float32).min
    shift = b(np.minimum, b(MAXIMUM, s, axis=(1,), keepdims=True, initial=lowest), -lowest)
    total = b(SUM_OF_FEW, b(np.exp, b(np.subtract, s, shift)), (1,))
    lse = b(np.add, b(np.log, total), b("reshape", shift, (4,)))
    wanted = ["maximum.reduce", "subtract", "exp", "kernel.sum_of_few", "log"]
    assert after(b, lse) == wanted
    bounded = b(np.maximum, lse, lowest)
    assert after(b, bounded) == wanted


def test_for_reading():
    b = Build()
    x = matrix(b)
    total = b(SUM_OF_ROWS, x, 1)
    assert after(b, total, rules=EXACT | READING) == ["add.reduce"]
    b = Build()
    x = b.input(np.ones(3, np.float32))
    wide = b("sum", b(np.broadcast_to, x, (5, 3)), axis=0)
    assert after(b, wide, rules=EXACT | READING) == ["multiply"]
    b = Build()
    x, y = matrix(b), matrix(b)
    product = b("T", b("dot", b("T", x), y))
    assert after(b, product, rules=EXACT | READING) == ["transpose", "matmul"]
    b = Build()
    x = matrix(b)
    product = b(np.multiply, b(np.multiply, x, 2.0), 0.25)
    assert after(b, product, rules=EXACT | READING) == ["multiply"]


def test_a_first_power_reads_as_its_base():
    b = Build()
    x = matrix(b)
    power = b(np.power, b(np.add, b(np.exp, x), 0.0), 1)
    assert after(b, power, rules=EXACT | READING) == ["exp"]
    assert after(b, power) == ["exp", "add", "power"]


def test_outputs_get_memory_of_their_own():
    b = Build()
    x = matrix(b)
    y = b(np.exp, x)
    program = passes.own_outputs(b.program(x, y, y, b("T", y), b("max", x)), 5)
    names = [i.operation.name for i in program.instructions[-5:]]
    assert names == ["ndarray.max", "copy", "copy", "copy", "copy"]
    assert program.outputs[1] is y
    program = passes.own_outputs(b.program(y, y), 2, {1: 0})
    assert program.outputs == [y, y]


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
