"""Elementwise functions give what NumPy gives, at the edges of every dtype and where one is nan."""

import numpy as np
import pytest

import autograd as ag
from autograd.compile import program as ops
from autograd.compile.native.functions import FUNCTIONS, MATH
from tests.autograd.compile.building import Build
from tests.autograd.compile.native.running import check, compiled, native_of, needs_llvm

pytestmark = needs_llvm

WHOLE = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
NO_UFUNC = {"where", "cast", "bits", "erf"}


def edges(dtype):
    """Numbers at which something changes: signs, the smallest and largest, and what is no number."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind != "f":
        limits = np.iinfo(dtype)
        found = {limits.min, limits.max, 0, 1, 2, 3, 7, limits.max // 2}
        if dtype.kind == "i":
            found |= {-1, -2, -5, limits.min + 1}
        return np.array(sorted(found), dtype)
    f = np.finfo(dtype)
    positive = [0.0, f.smallest_subnormal, f.tiny / 2, f.tiny, f.eps, 0.3, 0.5, 1.0, 1.5, 2.0, 2.5]
    positive += [3.25, 1e4, f.max, np.inf]
    return np.array([*positive, *(-x for x in positive), np.nan], dtype)


def pairs(dtype):
    x = edges(dtype)
    return np.repeat(x, len(x)), np.tile(x, len(x))


def same(ours, theirs, signs=True):
    """Equal, where nan is nan, and with the signs of zeros."""
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)
    if signs and ours.dtype.kind == "f":
        number = ~np.isnan(theirs)
        np.testing.assert_array_equal(np.signbit(ours[number]), np.signbit(theirs[number]))


def of_kind(kind):
    return [
        name for name, f in FUNCTIONS.items() if kind in f.kinds and name not in {*NO_UFUNC, *MATH}
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64", *WHOLE, "bool"])
def test_every_function_at_the_edges(dtype):
    b = Build()
    x, y = (b.input(v) for v in pairs(dtype))
    made = []
    for name in of_kind(np.dtype(dtype).kind):
        ufunc = getattr(np, name)
        if dtype.startswith("uint") and name == "negative":
            continue
        made.append((name, b(ufunc, *(x, y)[: ufunc.nin])))
    assert len(made) > 4
    results = check(b, [v for _, v in made])(*b.arrays())
    for (name, v), ours in zip(made, results, strict=True):
        # NumPy itself takes either zero for the larger one.
        same(ours, b.values[v], signs=name not in ("maximum", "minimum", "fmax", "fmin"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_elementary_functions_at_the_edges(dtype):
    """How exact they are in between is measured where each is defined."""
    b = Build()
    x, y = (b.input(v) for v in pairs(dtype))
    made = []
    for name in MATH:
        if name != "erf":
            ufunc = getattr(np, name)
            made.append((name, b(ufunc, *(x, y)[: ufunc.nin])))
    results = check(b, [v for _, v in made], rtol=3e-6 if dtype == "float32" else 1e-13)(
        *b.arrays()
    )
    for (name, v), ours in zip(made, results, strict=True):
        theirs = b.values[v]
        special = ~np.isfinite(theirs) | (theirs == 0)
        assert np.array_equal(ours[special], theirs[special], equal_nan=True), name


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_number_in_the_program_counts_as_one_in_an_array(dtype):
    """A literal takes shortcuts: of one that is known to be no nan, nothing is asked."""
    b = Build()
    x = b.input(edges(dtype))
    made = []
    for number in (0.0, -0.0, 1.0, -2.5, float("inf"), -float("inf"), float("nan")):
        for name in of_kind("f"):
            ufunc = getattr(np, name)
            if ufunc.nin == 2:
                number_ = np.dtype(dtype).type(number)
                made += [(name, b(ufunc, x, number_)), (name, b(ufunc, number_, x))]
    results = check(b, [v for _, v in made])(*b.arrays())
    for (name, v), ours in zip(made, results, strict=True):
        same(ours, b.values[v], signs=name not in ("maximum", "minimum", "fmax", "fmin"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_activations_keep_nan(dtype):
    def f(x):
        relu = ag.relu(x)
        return relu, ag.maximum(x, 0.5), ag.minimum(0.5, x), ag.clip(x, -1.0, 1.0), ag.max(x)

    step, x = compiled(f), edges(dtype)
    for _ in range(4):
        ours, theirs = step(x), f(x)
    for a, b in zip(ours, theirs, strict=True):
        same(np.asarray(a), np.asarray(b))
    assert np.isnan(ours[0][-1]) and not native_of(step).foreign()


CASTS = ["float32", "float64", *WHOLE, "bool"]


@pytest.mark.parametrize("source", CASTS)
def test_casts_to_every_dtype(source):
    b = Build()
    if source.startswith("float"):  # what does not fit has no value that C would promise
        x = b.input(np.array([0.0, -0.0, 0.4, 1.0, 1.6, 2.5, 100.7, 127.0], source))
        wide = b.input(np.array([*edges(source)], source))
    else:
        x = wide = b.input(edges(source))
    made = [b(ops.ASTYPE, x, np.dtype(target)) for target in CASTS if target != source]
    made += [
        b(ops.ASTYPE, wide, np.dtype(t)) for t in ("float32", "float64", "bool") if t != source
    ]
    for v, ours in zip(made, check(b, made)(*b.arrays()), strict=True):
        same(ours, b.values[v])


def test_where_takes_entries_of_either_whatever_the_other_is():
    b = Build()
    x, y = (b.input(v) for v in pairs("float64"))
    masks = [b(np.less, x, y), b(np.isnan, x), b(np.logical_not, b(np.isfinite, y))]
    made = [b(np.where, c, x, y) for c in masks] + [b(np.where, masks[1], 0.0, x)]
    both = b(np.logical_and, masks[0], b(np.logical_or, masks[1], masks[2]))
    made += [both, b(np.where, both, masks[0], masks[2]), b(np.where, masks[0], 1, 2)]
    for v, ours in zip(made, check(b, made)(*b.arrays()), strict=True):
        same(ours, b.values[v])


def test_bits_are_integers_of_another_sign():
    b = Build()
    x = b.input(edges("int32"))
    check(b, [b("view", x, np.dtype("uint32"))])
