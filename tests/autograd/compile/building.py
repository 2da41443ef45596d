"""Programs made by hand and at random, and what tests of compiled steps compare by."""

import functools

import numpy as np

from autograd.compile import passes
from autograd.compile import program as ops
from autograd.compile.api import compile as compile_
from autograd.compile.program import Instruction, Program, Variable, tree_map
from autograd.primitives import indexing, kernels

# Most tests compare bits with the eager run, which the NumPy back end promises.
compiled = functools.partial(compile_, backend="numpy")

SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 2.0, -0.5, np.inf, -np.inf, np.nan, -3.25, 7.0])


class Build:
    """A program in the making; every variable has a value, so shapes and dtypes are NumPy's."""

    def __init__(self):
        self.inputs, self.instructions, self.values = [], [], {}

    def input(self, value, name="x"):
        value = np.asarray(value)
        v = Variable(value.shape, value.dtype, "input", name)
        self.inputs.append(v)
        self.values[v] = value
        return v

    def constant(self, value):
        value = np.asarray(value)
        value.setflags(write=False)
        v = Variable(value.shape, value.dtype, "constant", value=value)
        self.values[v] = value
        return v

    def __call__(self, operation, *args, **kwargs):
        if isinstance(operation, np.ufunc):
            operation = ops.of_ufunc(operation)
        elif isinstance(operation, str):
            operation = ops.of_method(operation)
        elif not isinstance(operation, ops.Operation):
            operation = ops.of_function(operation)
        given = tree_map(self.values.get, args), tree_map(self.values.get, kwargs)
        with np.errstate(all="ignore"):
            value = operation.compute(*given[0], **given[1])
        v = Variable(np.shape(value), np.asarray(value).dtype, "computed")
        self.instructions.append(Instruction(operation, args, kwargs, v))
        self.values[v] = value
        return v

    def program(self, *outputs):
        return Program(self.inputs, self.instructions, list(outputs))

    def arrays(self):
        return [self.values[v] for v in self.inputs]


SCATTER = ops.of_kernel(indexing.scatter_add.kernel)


def _add_at(total, g, x, *, index):
    out = np.array(total)
    indexing._add_at(out, g, out, index=index)
    return out


ADD_TO = ops.of_kernel(_add_at)
SUM_OF_ROWS, SUM_OF_FEW = ops.of_kernel(kernels.sum_of_rows), ops.of_kernel(kernels.sum_of_few)
REDUCE_ALONG = ops.of_kernel(kernels.reduce_along)
UNARY = (np.negative, np.exp, np.square, np.absolute, np.sqrt, np.log, np.tanh, np.positive)
BINARY = (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum)
COMPARED = (np.greater, np.less_equal, np.equal)
NUMBERS = (0, 1, 0.0, -0.0, 1.0, 2.0, -4.0, 0.25, 3.0, float("inf"), -float("inf"))


def random_program(rng, steps=14, divide=True):
    """A program of random operations on small arrays full of special values.

    Without `divide`, nothing shows the sign of a zero but the zero itself.
    """
    b = Build()
    dtype = np.float32 if rng.random() < 0.5 else np.float64

    def values(shape):
        plain = rng.integers(-12, 13, shape) / 4
        return np.where(rng.random(shape) < 0.3, rng.choice(SPECIAL, shape), plain).astype(dtype)

    n, m = rng.integers(1, 5, 2)
    pool = [b.input(values(s), f"x{k}") for k, s in enumerate([(n, m), (n, m), (m,), (n, 1), ()])]
    pool.append(b.constant(values((n, m))))
    pool.append(b.constant(np.full((n, m), rng.choice(SPECIAL), dtype)))
    pool.append(b.constant(np.array(rng.choice([1.0, 0.0, -0.0, 8.0, 3.0]), dtype)))
    for _ in range(steps):
        make = MAKERS[rng.integers(len(MAKERS))]
        made = make(b, pool, rng)
        if made is None:
            continue
        if divide or b.instructions[-1].operation.name != "divide":
            pool.append(made)
    outputs = [pool[k] for k in rng.integers(0, len(pool), 4)] + pool[-2:]
    return b.program(*[v for v in outputs if v.dtype is not None]), b.arrays()


def pick(pool, rng, test=lambda v: True):
    found = [v for v in pool if test(v)]
    recent = found[-6:]
    chosen = recent if rng.random() < 0.7 else found
    return chosen[rng.integers(len(chosen))] if chosen else None


def is_float(v):
    return v.dtype.kind == "f"


def adds_up(b, axes, bits=9):
    """Whether sums of the entries are exact, so that layouts, which decide their order, do not show.

    Products of infinite entries are left out too: of those BLAS makes what its order makes.
    """

    def test(v):
        x = b.values[v]
        small = np.abs(x) < 2.0**bits
        whole = np.where(small, x, 0) * 2.0**bits % 1 == 0
        known = small if bits < 9 else small | ~np.isfinite(x)
        return is_float(v) and len(v.shape) in axes and bool((known & whole).all())

    return test


def unary(b, pool, rng):
    return b(UNARY[rng.integers(len(UNARY))], pick(pool, rng, is_float))


def binary(b, pool, rng):
    x, y = pick(pool, rng, is_float), pick(pool, rng)
    if rng.random() < 0.4:
        y = NUMBERS[rng.integers(len(NUMBERS))]
    elif y.dtype != x.dtype and y.dtype != bool:
        return None
    args = (x, y) if rng.random() < 0.5 else (y, x)
    try:
        np.broadcast_shapes(x.shape, getattr(y, "shape", ()))
    except ValueError:
        return None
    table = COMPARED if rng.random() < 0.2 else BINARY
    ufunc = table[rng.integers(len(table))]
    if y is not x and getattr(y, "dtype", np.dtype(float)).kind == "b":
        ufunc = np.multiply
    return b(ufunc, *args)


def turned(b, pool, rng):
    x = pick(pool, rng, lambda v: len(v.shape) == 2)
    kind = rng.integers(4)
    if kind == 0:
        return b("T", x)
    if kind == 1:
        return b(np.transpose, x, (1, 0))
    return b("swapaxes", x, 0, 1) if kind == 2 else b("mT", x)


def shaped(b, pool, rng):
    x = pick(pool, rng)
    kind = rng.integers(5)
    size = int(np.prod(x.shape))
    if kind == 0:
        return b("reshape", x, (-1,))
    if kind == 1:
        return b(np.reshape, x, (size, 1))
    if kind == 2:
        return b(ops.GETITEM, x, (..., None))
    if kind == 3:
        return b(np.broadcast_to, x, (2, *x.shape)) if size < 40 else None
    return b("ravel", x) if len(x.shape) else None


def copied(b, pool, rng):
    x = pick(pool, rng, is_float)
    kind = rng.integers(4)
    if kind == 0:
        return b("astype", x, np.dtype(float if rng.random() < 0.3 else x.dtype), copy=False)
    return b(np.array, x) if kind == 1 else b("copy", x) if kind == 2 else b(np.asarray, x)


def reduced(b, pool, rng):
    x = pick(pool, rng, adds_up(b, (1, 2, 3)))
    if x is None:
        return None
    axis = int(rng.integers(len(x.shape)))
    keepdims = bool(rng.random() < 0.5)
    kind = rng.integers(6)
    if kind == 0:
        return b("sum", x, axis=axis, keepdims=keepdims)
    if kind == 1:
        return b(
            ops.of_ufunc(np.maximum, "reduce"), x, axis=axis, keepdims=keepdims, initial=-np.inf
        )
    if kind == 2:
        return b(ops.of_ufunc(np.add, "reduce"), x, axis=(axis,), keepdims=keepdims)
    if kind == 3:
        return b(SUM_OF_ROWS, x, 1)
    if kind == 4:
        return b(SUM_OF_FEW, x, (len(x.shape) - 1,))
    return b("max", x)


def softmax(b, pool, rng):
    x = pick(pool, rng, lambda v: is_float(v) and len(v.shape) == 2 and v.shape[1] < 3)
    if x is None:
        return None
    peak = ops.of_ufunc(np.maximum, "reduce")
    s = b(np.subtract, x, b(peak, x, axis=1, keepdims=True, initial=-np.inf))
    lowest = np.finfo(x.dtype).min
    shift = b(np.minimum, b(peak, s, axis=(1,), keepdims=True, initial=lowest), -lowest)
    total = b(SUM_OF_FEW, b(np.exp, b(np.subtract, s, shift)), (1,))
    lse = b(np.add, b(np.log, total), b("reshape", shift, (x.shape[0],)))
    column = b("reshape", lse, (x.shape[0], 1))
    return b(np.exp, b(np.subtract, s, b(np.maximum, column, lowest)))


def one_hot(b, pool, rng):
    x = pick(pool, rng, adds_up(b, (2,)))
    if x is None:
        return None
    n, m = x.shape
    rows = b.constant(np.arange(n))
    y = b.constant(rng.integers(0, m, n))
    value = b.constant(np.full(n, -0.25, x.dtype)) if rng.random() < 0.5 else None
    if value is None:
        value = b("sum", x, axis=1)
    return b(np.add, x, b(SCATTER, value, index=(rows, y), shape=(n, m)))


def laid(b, pool, rng):
    x = pick(pool, rng, lambda v: is_float(v) and len(v.shape) == 2)
    n, m = x.shape
    total = b(SCATTER, x, index=(slice(0, n), slice(0, m)), shape=(2 * n, m + 1))
    overlap = int(rng.random() < 0.3)
    start = n - overlap
    index = (slice(start, start + n), slice(1, m + 1))
    total = b(ADD_TO, total, b(np.negative, x), x, index=index)
    return b(ops.GETITEM, total, index) if rng.random() < 0.3 else total


def multiplied(b, pool, rng):
    exact = adds_up(b, (2,), 4)
    x = pick(pool, rng, exact)
    if x is None:
        return None
    y = pick(pool, rng, lambda v: v.dtype == x.dtype and exact(v) and v.shape[0] == x.shape[1])
    if y is None:
        y = b("T", x)
    return b("dot", x, y) if rng.random() < 0.5 else b(np.matmul, x, y)


def chosen(b, pool, rng):
    c = pick(pool, rng, lambda v: v.dtype == bool)
    if c is None:
        return None
    x = pick(pool, rng, lambda v: is_float(v) and v.shape == c.shape)
    return None if x is None else b(np.where, c, x, 0.0 if rng.random() < 0.5 else x)


def cut(b, pool, rng):
    x = pick(pool, rng, lambda v: len(v.shape) == 2)
    stop = int(rng.integers(1, x.shape[0] + 1))
    kinds = ((slice(0, stop), slice(None)), (0,), (slice(None, None, -1),), (slice(None), -1))
    index = kinds[rng.integers(4)]
    if rng.random() < 0.3 and is_float(x):
        return b(ops.SETITEM, x, index, 2.0)
    return b(ops.GETITEM, x, index)


def filled(b, pool, rng):
    return b(np.ones_like if rng.random() < 0.5 else np.zeros_like, pick(pool, rng, is_float))


MAKERS = (
    *(
        unary,
        unary,
        binary,
        binary,
        binary,
        binary,
        turned,
        shaped,
        shaped,
        copied,
        reduced,
        reduced,
    ),
    *(softmax, one_hot, laid, multiplied, chosen, cut, filled),
)


def the_same(a, b):
    """Whether two arrays agree in every bit."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def after(b, *outputs, rules=None):
    """The names of the operations that are left."""
    program, _ = passes.simplified(b.program(*outputs), rules)
    return [i.operation.name for i in program.instructions]


def matrix(b, n=4, m=3, dtype=np.float32):
    return b.input(np.random.default_rng(len(b.inputs)).normal(size=(n, m)).astype(dtype))
