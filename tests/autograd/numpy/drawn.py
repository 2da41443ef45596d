"""Random calls of every public function that NumPy has too: a table of the kinds of arguments.

Most calls are right, so that values are compared; one argument in twenty is of another kind, so that
refusals are. `tests/autograd/numpy/test_differential.py` runs them.
"""

import operator
import zlib

import numpy as np

import autograd as ag

FLOATS = ("float64", "float64", "float32", "float16")
DTYPES = (*FLOATS, "float64", "int64", "int8", "uint8", "int32", "bool")
SPECIAL = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, 2.0, 1e-30, 3e4)
JUNK = (None, "a", 1.5, -1, 7, True, (0,), (0, 0), [1.0], [[1.0], [2.0, 3.0]], 1j, np.nan, {}, ())


class Draw:
    """Arguments of one call: arrays that mostly broadcast against each other, and what goes along."""

    def __init__(self, name, seed, wild=0.05):
        self.rng = np.random.default_rng([zlib.crc32(name.encode()), seed])
        self.wild = wild
        self.shape = tuple(self.rng.choice([0, 1, 2, 3, 4], self.rng.integers(0, 4), p=[0.05, 0.15, 0.3, 0.3, 0.2]))  # fmt: skip
        self.shape = tuple(map(int, self.shape))
        self.special = self.rng.random() < 0.3

    def chance(self, p):
        return self.rng.random() < p

    def of(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def or_junk(self, value):
        return self.of(*JUNK) if self.chance(self.wild) else value

    def values(self, shape, dtype=None):
        dtype = np.dtype(dtype or self.of(*DTYPES))
        if dtype.kind == "b":
            return self.rng.random(shape) < 0.5
        if dtype.kind in "iu":
            low = 0 if dtype.kind == "u" else -9
            return self.rng.integers(low, 10, shape).astype(dtype)
        x = np.asarray(self.rng.normal(size=shape) * self.of(1.0, 1.0, 3.0, 100.0)).astype(dtype)
        if self.special and x.size:
            hit = self.rng.random(shape) < 0.3
            with np.errstate(all="ignore"):
                x = np.where(hit, self.rng.choice(SPECIAL, shape), x).astype(dtype)
        return np.round(x * 2) / 2 if self.chance(0.15) else x

    def array(self, ndim=None, dtype=None):
        shape = self.shape
        if ndim is not None:
            shape = tuple(int(n) for n in self.rng.integers(1, 4, ndim))
        return self.or_junk(self.values(shape, dtype))

    def other(self):
        """What broadcasts against `array()`: an array of other lengths, a number or a list."""
        if self.chance(0.35):
            return self.number()
        shape = tuple(1 if self.chance(0.2) else n for n in self.shape[self.rng.integers(0, 2) :])
        x = self.values((*shape, 2) if self.chance(0.05) else shape)
        return self.or_junk(x.tolist() if self.chance(0.1) else x)

    def number(self):
        return self.or_junk(self.of(0, 1, 2, -1, 3, 0.5, -1.5, 2.0, True, np.inf, np.nan, np.float32(1.5), np.int8(3), np.float64(0.3), np.True_))  # fmt: skip

    def small(self):
        return self.or_junk(self.of(0, 1, 2, -1, -2, 3))

    def count(self):
        return self.or_junk(self.of(0, 1, 2, 3))

    def axis(self):
        n = len(self.shape)
        return self.or_junk(int(self.rng.integers(-n, n)) if n and not self.chance(0.1) else self.of(0, -1, 1))  # fmt: skip

    def axes(self):
        if self.chance(0.3) and len(self.shape) > 1:
            found = self.rng.permutation(len(self.shape))[
                : self.rng.integers(0, len(self.shape) + 1)
            ]
            return tuple(map(int, found))
        return None if self.chance(0.2) else self.axis()

    def flag(self):
        return self.or_junk(self.of(True, False))

    def mask(self):
        shape = tuple(1 if self.chance(0.2) else n for n in self.shape)
        return self.or_junk(self.values(shape, "bool") if self.chance(0.9) else True)

    def dtype(self):
        return self.or_junk(
            self.of(np.float64, np.float32, "float16", np.int64, "int8", None, bool)
        )

    def arrays(self, most=3):
        n = self.rng.integers(1, most + 1)
        dtype = self.of(None, "float64")
        return [self.values(self.shape, dtype) if self.chance(0.95) else self.array() for _ in range(n)]  # fmt: skip

    def matrix(self, rows=None, columns=None):
        """Well conditioned, in a stack or alone."""
        rows = rows or int(self.rng.integers(1, 4))
        lead = self.of((), (), (), (2,), (0,), (2, 1))
        x = self.rng.normal(size=(*lead, rows, columns or rows))
        if (columns or rows) == rows:
            x = x + 3 * np.eye(rows)
        return self.or_junk(x.astype(self.of(*FLOATS[:3], "int64")))

    def symmetric(self):
        x = self.matrix()
        return x @ np.swapaxes(x, -1, -2) if isinstance(x, np.ndarray) and x.ndim > 1 else x

    def positions(self, n, shape=None):
        if n == 0:
            return np.zeros((0,), int)
        low = -n if self.chance(0.5) else 0
        shape = self.of((), (2,), (3,), (2, 2)) if shape is None else shape
        x = self.rng.integers(low, n, shape)
        if self.chance(0.05):
            x = x + n
        return self.or_junk(x.tolist() if self.chance(0.3) else x)

    def some(self, **kinds):
        return {name: kind() for name, kind in kinds.items() if self.chance(0.3)}


def unary(d):
    return (d.array(),), {}


def binary(d):
    pair = (d.array(), d.other())
    return pair if d.chance(0.7) else pair[::-1], {}


def reduction(*keywords):
    def call(d):
        kinds = {"axis": d.axes, "dtype": d.dtype, "keepdims": d.flag, "initial": d.number, "where": d.mask}  # fmt: skip
        kinds["ddof"] = lambda: d.or_junk(d.of(0, 1, 2, 0.5))
        return (d.array(),), d.some(**{k: kinds[k] for k in ("axis", "keepdims", *keywords)})

    return call


def cumulative(d):
    return (d.array(),), d.some(axis=d.axis, dtype=d.dtype)


def joined(*keywords):
    def call(d):
        kinds = {"axis": d.axis, "dtype": d.dtype}
        return (d.or_junk(d.arrays()),), d.some(**{k: kinds[k] for k in keywords})

    return call


def parts(d):
    sections = d.or_junk(d.of(1, 2, 3, [1], [1, 3], [2, 1], [-1], (0, 2), []))
    return (d.array(), sections), d.some(axis=d.axis)


def with_k(d):
    return (d.array(d.of(None, 1, 2, 2)),), d.some(k=d.small)


def diagonal(d):
    return (d.array(d.of(None, 2, 2, 3)),), d.some(offset=d.small, axis1=d.axis, axis2=d.axis)


def trace(d):
    arguments, keywords = diagonal(d)
    return arguments, {**keywords, **d.some(dtype=d.dtype)}


def quantile(scale):
    def call(d):
        shares = [float(x) for x in np.round(d.rng.random(2), 2)]
        q = d.or_junk(scale * d.of(0.0, 1.0, 0.5, 0.3, np.float64(0.25), np.array(shares), 1.2))
        method = lambda: d.or_junk(d.of("linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased", "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "cubic"))  # fmt: skip
        return (d.array(), q), d.some(axis=d.axes, keepdims=d.flag, method=method)

    return call


def matmul(d):
    n, m, k = (int(x) for x in d.rng.integers(1, 4, 3))
    left, right = (d.values(s) for s in d.of(((n, m), (m, k)), ((m,), (m, k)), ((n, m), (m,)), ((m,), (m,)), ((2, n, m), (m, k)), ((2, n, m), (2, m, k)), ((n, m), (n, k)), ((), (m,))))  # fmt: skip
    return (d.or_junk(left), d.or_junk(right)), {}


def vectors(d):
    n = int(d.rng.integers(1, 4))
    shape = d.of((n,), (2, n))
    return (d.or_junk(d.values(shape)), d.or_junk(d.values(shape))), {}


def tensordot(d):
    axes = d.or_junk(d.of(0, 1, 2, (0, 0), ([0], [0]), ([0, 1], [0, 1]), (1, 0)))
    x = d.array()
    return (x, d.values(np.shape(x) if isinstance(x, np.ndarray) else ())), {"axes": axes}


def cross(d):
    n = d.of(3, 3, 3, 2)
    return (d.or_junk(d.values((2, n))), d.or_junk(d.values(d.of((2, n), (n,))))), {}


def einsum(d):
    text, *ndims = d.of(
        ("ij,jk->ik", 2, 2), ("ij,jk", 2, 2), ("ii", 2), ("ii->i", 2), ("ij->ji", 2), ("i,i", 1, 1), ("...i,i", 2, 1),
        ("ij->", 2), ("i,j->ij", 1, 1), ("b...,bc->c...", 2, 2), ("ij", 2), ("ji", 2), ("i->ii", 1), (".. .", 1), ("i j", 2),
        ("ij,jk - > ik", 2, 2), ("i.j", 2), ("...", 2), ("...->...", 2), ("ij,", 2), ("->", 1), ("i->j", 1), ("i..", 1),
        ("....", 1), ("... i , i", 2, 1), (" ij -> ji ", 2), ("i,i->", 1, 1), ("I,Ij", 1, 2), ("a1", 2), ("...i->i...", 2),
        ("i...,i...", 2, 2), ("ij-ji", 2), ("ij>ji", 2), ("ij->j->i", 2), ("", 0), ("->", 0), (",", 0, 0),
    )  # fmt: skip
    n = int(d.rng.integers(1, 4))
    arrays = [d.or_junk(d.values((n,) * ndim)) for ndim in ndims]
    return (d.or_junk(text), *arrays), d.some(optimize=lambda: d.of(True, False, "greedy"))


def clip(d):
    low, high = (None if d.chance(0.15) else d.other() for _ in range(2))
    return (d.array(), low, high), {}


def where(d):
    return (d.mask(), d.other(), d.other()), {}


def indexed(d):
    x = d.array(d.of(1, 2, 3))
    n = x.shape[0] if isinstance(x, np.ndarray) and x.ndim else 1
    return (x, d.positions(n)), d.some(axis=lambda: d.of(0, 0, None, -1), mode=lambda: d.or_junk(d.of("raise", "wrap", "clip")))  # fmt: skip


def along(d):
    x = d.values(d.shape or (2,))
    axis = int(d.rng.integers(-x.ndim, x.ndim))
    at = d.positions(x.shape[axis], x.shape) if x.size else np.zeros(x.shape, int)
    return (d.or_junk(x), at), {"axis": d.or_junk(axis)}


def interp(d):
    n = int(d.rng.integers(1, 4))
    xp, fp = np.sort(d.values((n,), "float64")), d.values((n,))
    return (d.array(), d.or_junk(xp), d.or_junk(fp)), d.some(left=d.number, right=d.number, period=d.number)  # fmt: skip


def padded(d):
    mode = d.or_junk(d.of("constant", "edge", "reflect", "symmetric", "wrap"))
    width = d.or_junk(d.of(0, 1, 2, (1, 2), [(1, 0)], 5, -1, ((1, 2),), np.array([1, 2])))
    return (d.array(), width, mode), d.some(constant_values=d.number) if mode == "constant" else {}


def reshaped(d):
    size = int(np.prod(d.shape))
    shape = d.of(-1, (-1,), size, (size,), (1, -1), (size, 1), d.shape, d.shape[::-1], (2, -1), (-1, -1), (), [-1, 1], (-2, -1))  # fmt: skip
    return (d.array(), d.or_junk(shape)), d.some(order=lambda: d.or_junk(d.of("C", "F", "A")))


def broadcast(d):
    shape = d.or_junk(d.of((2, *d.shape), d.shape, (), (3,), 3, -1, (2, -1), tuple(2 if n == 1 else n for n in d.shape)))  # fmt: skip
    return (d.array(), shape), {}


def several(d):
    return tuple(d.other() for _ in range(d.rng.integers(1, 4))), {}


def average(d):
    weights = lambda: d.or_junk(d.values(d.shape) if d.chance(0.5) else d.other())
    return (d.array(),), d.some(axis=d.axis, weights=weights, keepdims=d.flag, returned=d.flag)


def diff(d):
    return (d.array(),), d.some(n=d.small, axis=d.axis, prepend=d.number, append=d.number)


def trapezoid(d):
    return (d.array(),), d.some(dx=d.number, axis=d.axis)


def norm(d):
    order = lambda: d.or_junk(d.of(None, 1, 2, -1, -2, 0, 3, np.inf, -np.inf, "fro", "nuc", 0.5, "f"))  # fmt: skip
    return (d.array(),), d.some(ord=order, axis=d.axes, keepdims=d.flag)


def one_matrix(*keywords):
    def call(d):
        kinds = {"UPLO": lambda: d.or_junk(d.of("L", "U", "l")), "hermitian": d.flag, "upper": d.flag}  # fmt: skip
        x = d.symmetric() if keywords[:1] == ("symmetric",) else d.matrix()
        return (x,), d.some(**{k: kinds[k] for k in keywords if k != "symmetric"})

    return call


def svd(d):
    x = d.matrix(d.of(2, 3), d.of(2, 3))
    return (x,), {"full_matrices": False, **d.some(compute_uv=d.flag)}


def solve(d):
    n = int(d.rng.integers(1, 4))
    return (d.matrix(n), d.or_junk(d.values(d.of((n,), (n, 2), (2, n, 2), (n, n))))), {}


def getitem(d):
    x = d.values(d.shape or (3,))
    one = lambda n: d.or_junk(d.of(0, -1, slice(None), slice(None, None, -1), slice(1, None), None, ..., [0, -1], np.array([0, 0]), n, slice(-5, 9, 2), True, np.int8(0), slice(None, None, 0)))  # fmt: skip
    index = tuple(one(n) for n in x.shape[: d.rng.integers(1, x.ndim + 1)])
    if d.chance(0.2):
        index = (d.values(x.shape, "bool"),)
    return (x, index[0] if len(index) == 1 and d.chance(0.5) else index), {}


def pair_of_axes(d):
    return (d.array(), d.axis(), d.axis()), {}


def selected(d):
    masks = [d.values(d.shape, "bool") for _ in range(2)]
    return (d.or_junk(masks), [d.values(d.shape), d.other()]), d.some(default=d.number)


def divided(d):
    x = d.values(d.shape or (2,))
    mask = d.values(x.shape, "bool")
    return (x, d.or_junk([mask]), [lambda x: x + x, d.or_junk(d.of(0, 1.0, lambda x: x))]), {}


def edited(d):
    return (d.array(), d.or_junk(d.of(0, -1, 1, [0, 1], slice(None, None, 2), [0], 5))), d.some(
        axis=d.axis
    )


def inserted(d):
    (x, at), named = edited(d)
    return (x, at, d.number()), named


def weighed(d):
    n = int(d.rng.integers(2, 5))
    x = d.or_junk(d.values((2, n), d.of("float64", "float32", "int64")))
    return (x,), d.some(bias=d.flag, ddof=d.count, fweights=lambda: d.or_junk(d.rng.integers(1, 4, n)), aweights=lambda: d.or_junk(d.rng.random(n)))  # fmt: skip


def sloped(d):
    n = int(d.rng.integers(2, 5))
    spacing = d.of((), (d.number(),), (np.cumsum(d.rng.random(n) + 0.1), 2.0))
    return (d.or_junk(d.values((n, 3), d.of("float64", "float32", "int64"))), *spacing), d.some(
        edge_order=lambda: d.or_junk(d.of(1, 2))
    )


L, window = np.linalg, np.lib.stride_tricks.sliding_window_view
NP = np  # short, for the table
# By name: NumPy's function and how to draw a call of it.
TABLE = {
    **{n: (getattr(np, n), unary) for n in dir(ag) if isinstance(getattr(np, n, None), np.ufunc) and getattr(np, n).nin == 1},
    **{n: (getattr(np, n), binary) for n in dir(ag) if isinstance(getattr(np, n, None), np.ufunc) and getattr(np, n).nin == 2},
    **{f"operator.{n}": (getattr(operator, n), binary) for n in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")},
    "operator.neg": (operator.neg, unary), "operator.pos": (operator.pos, unary), "operator.abs": (operator.abs, unary),
    "operator.matmul": (operator.matmul, matmul),
    "sinc": (np.sinc, unary), "mod": (np.remainder, binary), "abs": (np.abs, unary),
    **{n: (getattr(np, n), reduction("initial", "where")) for n in ("max", "min", "amax", "amin")},
    **{n: (getattr(np, n), reduction("initial", "where", "dtype")) for n in ("sum", "prod", "nansum")},
    "mean": (np.mean, reduction("where", "dtype")), "median": (np.median, reduction()),
    **{n: (getattr(np, n), reduction("where", "dtype", "ddof")) for n in ("var", "std")},
    **{n: (getattr(np, n), reduction("initial", "where")) for n in ("nanmax", "nanmin")},
    "nanprod": (np.nanprod, reduction("initial", "where", "dtype")), "nanmean": (np.nanmean, reduction("where", "dtype")),
    **{n: (getattr(np, n), reduction("where", "dtype", "ddof")) for n in ("nanvar", "nanstd")}, "nanmedian": (np.nanmedian, reduction()),
    "ptp": (np.ptp, reduction()), "cov": (np.cov, weighed), "corrcoef": (np.corrcoef, lambda d: (weighed(d)[0], {})), "gradient": (np.gradient, sloped),
    "append": (np.append, lambda d: ((d.array(), d.array()), d.some(axis=d.axis))), "insert": (np.insert, inserted), "delete": (np.delete, edited),
    "select": (np.select, selected), "piecewise": (np.piecewise, divided),
    "meshgrid": (np.meshgrid, lambda d: (tuple(d.array(1) for _ in range(d.of(1, 2, 3))), d.some(sparse=d.flag, indexing=lambda: d.or_junk(d.of("xy", "ij"))))),
    **{n: (getattr(np, n), lambda d: ((d.or_junk(d.values(d.of((2, 4, 2), (4, 2, 2)))), d.or_junk(d.of(1, 2, [1]))), {})) for n in ("hsplit", "vsplit", "dsplit")},
    **{n: (getattr(np, n), unary) for n in ("real", "imag", "conj")},
    **{n: (getattr(np.fft, n), lambda d: ((d.array(),), d.some(axes=d.axes))) for n in ("fftshift", "ifftshift")},
    "linalg.vector_norm": (L.vector_norm, lambda d: ((d.array(),), d.some(axis=d.axes, keepdims=d.flag, ord=lambda: d.of(2, 1, 0, 3, np.inf, -np.inf)))),
    "linalg.matrix_norm": (L.matrix_norm, lambda d: ((d.matrix(d.of(1, 2, 3), 2),), d.some(keepdims=d.flag, ord=lambda: d.or_junk(d.of("fro", "nuc", 1, -1, 2, -2, np.inf))))),
    "linalg.cond": (L.cond, lambda d: ((d.matrix(),), d.some(p=lambda: d.or_junk(d.of(None, 2, -2, 1, np.inf, "fro"))))),
    "linalg.qr": (L.qr, lambda d: ((d.matrix(d.of(2, 3), 2),), d.some(mode=lambda: d.or_junk(d.of("reduced", "r"))))),
    "linalg.lstsq": (L.lstsq, lambda d: ((d.rng.normal(size=(3, 2)), d.or_junk(d.rng.normal(size=d.of((3,), (3, 2))))), {"rcond": None})),
    "cumsum": (np.cumsum, cumulative), "cumprod": (np.cumprod, cumulative),
    "quantile": (np.quantile, quantile(1.0)), "percentile": (np.percentile, quantile(100.0)),
    "average": (np.average, average), "diff": (np.diff, diff), "trapezoid": (np.trapezoid, trapezoid),
    "concatenate": (np.concatenate, joined("axis", "dtype")), "stack": (np.stack, joined("axis", "dtype")),
    "vstack": (np.vstack, joined("dtype")), "hstack": (np.hstack, joined("dtype")), "dstack": (np.dstack, joined()),
    "column_stack": (np.column_stack, joined()), "split": (np.split, parts), "array_split": (np.array_split, parts),
    "diag": (np.diag, with_k), "diagflat": (np.diagflat, with_k), "tril": (np.tril, with_k), "triu": (np.triu, with_k),
    "diagonal": (np.diagonal, diagonal), "trace": (np.trace, trace), "einsum": (np.einsum, einsum),
    "interp": (np.interp, interp), "take": (np.take, indexed), "take_along_axis": (np.take_along_axis, along),
    "compress": (np.compress, lambda d: ((d.or_junk(d.values((3,), "bool")), d.array()), d.some(axis=d.axis))),
    "sort": (np.sort, lambda d: ((d.array(),), d.some(axis=d.axes, kind=lambda: d.or_junk(d.of("stable", "quicksort", None))))),
    "partition": (np.partition, lambda d: ((d.array(), d.small()), d.some(axis=d.axis))),
    **{n: (getattr(np, n), matmul) for n in ("matmul", "dot")}, "inner": (np.inner, vectors), "vdot": (np.vdot, vectors),
    "vecdot": (np.vecdot, vectors), "outer": (np.outer, vectors), "kron": (np.kron, binary), "tensordot": (np.tensordot, tensordot),
    "cross": (np.cross, cross), "convolve": (np.convolve, lambda d: ((d.array(1), d.array(1)), d.some(mode=lambda: d.or_junk(d.of("full", "same", "valid"))))),
    "flip": (np.flip, lambda d: ((d.array(),), d.some(axis=d.axes))), "fliplr": (np.fliplr, unary), "flipud": (np.flipud, unary),
    "roll": (np.roll, lambda d: ((d.array(), d.or_junk(d.of(0, 1, -2, 7, (1, 2), [1]))), d.some(axis=d.axes))),
    "rot90": (np.rot90, lambda d: ((d.array(),), d.some(k=d.small, axes=lambda: d.or_junk(d.of((0, 1), (1, 0), (-1, 0), (0, 0)))))),
    "tile": (np.tile, lambda d: ((d.array(), d.or_junk(d.of(0, 1, 2, (2, 1), [1, 2, 1], (), -1))), {})),
    "repeat": (np.repeat, lambda d: ((d.array(), d.or_junk(d.of(0, 1, 2, [1, 2], [2], np.array([0, 1, 2]), -1))), d.some(axis=d.axis))),
    "pad": (np.pad, padded), "clip": (np.clip, clip), "where": (np.where, where),
    "round": (np.round, lambda d: ((d.array(),), d.some(decimals=d.small))),
    "nan_to_num": (np.nan_to_num, lambda d: ((d.array(),), d.some(nan=d.number, posinf=d.number, neginf=d.number))),
    "astype": (np.astype, lambda d: ((d.array(), d.dtype()), {})), "atleast_1d": (np.atleast_1d, several),
    "atleast_2d": (np.atleast_2d, several), "atleast_3d": (np.atleast_3d, several),
    "broadcast_arrays": (np.broadcast_arrays, several), "broadcast_to": (np.broadcast_to, broadcast),
    "expand_dims": (np.expand_dims, lambda d: ((d.array(), d.axes()), {})), "moveaxis": (np.moveaxis, lambda d: ((d.array(), d.axes(), d.axes()), {})),
    "ravel": (np.ravel, lambda d: ((d.array(),), d.some(order=lambda: d.or_junk(d.of("C", "F"))))),
    "reshape": (np.reshape, reshaped), "squeeze": (np.squeeze, lambda d: ((d.array(),), d.some(axis=d.axes))),
    "swapaxes": (np.swapaxes, pair_of_axes),
    "transpose": (np.transpose, lambda d: ((d.array(),), d.some(axes=lambda: d.or_junk(tuple(map(int, d.rng.permutation(len(d.shape)))))))),
    "sliding_window_view": (window, lambda d: ((d.array(), d.or_junk(d.of(1, 2, (2,), (1, 2), 0))), d.some(axis=d.axes))),
    "getitem": (lambda x, index: x[index], getitem),
    "norm": (L.norm, norm),
    **{f"linalg.{n}": (getattr(L, n), one_matrix()) for n in ("inv", "det", "slogdet", "svdvals")},
    "linalg.cholesky": (L.cholesky, one_matrix("symmetric", "upper")), "linalg.eigvalsh": (L.eigvalsh, one_matrix("symmetric", "UPLO")),
    "linalg.pinv": (L.pinv, one_matrix("hermitian")), "linalg.solve": (L.solve, solve), "linalg.svd": (L.svd, svd),
    "linalg.matrix_power": (L.matrix_power, lambda d: ((d.matrix(), d.small()), {})), "linalg.norm": (L.norm, norm),
    "linalg.multi_dot": (L.multi_dot, lambda d: ((d.or_junk([d.or_junk(d.rng.normal(size=(2, 2)).astype(d.of(*FLOATS))) for _ in range(3)]),), {})),
    "linalg.eigh": (L.eigh, one_matrix("symmetric", "UPLO")), "linalg.outer": (L.outer, vectors), "linalg.vecdot": (L.vecdot, vectors),
    "linalg.trace": (L.trace, lambda d: ((d.array(d.of(None, 2, 3)),), d.some(offset=d.small, dtype=d.dtype))),
    "linalg.diagonal": (L.diagonal, lambda d: ((d.array(d.of(None, 2, 3)),), d.some(offset=d.small))),
    "linalg.cross": (L.cross, cross), "linalg.matmul": (L.matmul, matmul), "linalg.tensordot": (L.tensordot, tensordot),
}  # fmt: skip
