"""Where our functions and NumPy's differ on purpose: each reason says it, and finds the calls it covers.

The sentences stand in `docs/from-numpy.md` too, for users. Whatever no reason covers is a fault.
"""

from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd.numpy import elementwise
from tests.versions import numpy_has

RAGGED = "[[1.0], [2.0, 3.0]]"


class Difference(NamedTuple):
    """A random call whose outcomes differ."""

    path: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    kind: str  # "raises": ours does, NumPy's does not; "accepts": the other way; "values" and so on
    ours: Any
    theirs: Any

    @property
    def name(self):
        return self.path.split(".")[-1]


def flat(x):
    """All values in nested lists, tuples and dictionaries."""
    if isinstance(x, dict):
        x = tuple(x.values())
    if isinstance(x, (list, tuple)):
        return [leaf for y in x for leaf in flat(y)]
    return [x]


def is_of_objects(x):
    text = isinstance(x, list) and str(x) == RAGGED
    return x is None or isinstance(x, (str, dict)) or text


def odd(d):
    """Arrays of text and objects, among them None, are refused: data are numbers."""
    holders = [y for x in d.args for y in (x if isinstance(x, list) else [x])]
    return d.kind in ("raises", "error class") and any(map(is_of_objects, [*d.args, *holders]))


def complex_numbers(d):
    """There are no complex numbers."""
    values = flat([*d.args, d.kwargs])
    return any(np.asarray(x).dtype.kind == "c" for x in values if not is_of_objects(x))


def unsupported(d):
    """An argument that would drop a gradient, or has no derivative, is refused by its name."""
    return d.kind == "raises" and isinstance(d.ours, ag.UnsupportedError)


def python_numbers(d):
    """An elementwise function of Python numbers alone returns a Python number."""
    names = (*elementwise.__all__, "sinc")
    return d.name in names and all(type(x) in (bool, int, float) for x in d.args)


LOW = ("var", "std", "mean", "average", "norm", "nanvar", "nanstd", "nanmean")


def low_precision(d):
    """Means, deviations and norms of float16 do not overflow at 65504 on the way."""
    arrays = [x for x in flat([*d.args, d.kwargs]) if isinstance(x, (np.ndarray, np.generic))]
    dtype = d.kwargs.get("dtype")
    half = dtype in (np.float32, "float16") or any(x.dtype == np.float16 for x in arrays)
    return d.kind == "values" and half and d.name in LOW


def bools(d):
    """True and False are no axis, position or count."""
    values = flat([*d.args[1:], d.kwargs])
    return d.kind in ("raises", "error class") and any(type(x) in (bool, np.bool_) for x in values)


def lists(d):
    """`take_along_axis` and `astype` also take lists and numbers."""
    arrays = all(isinstance(x, np.ndarray) for x in d.args[:2])
    return d.kind == "accepts" and d.name in ("take_along_axis", "astype") and not arrays


def vectors_of_two(d):
    """`cross` takes vectors of three entries only."""
    return d.kind == "raises" and d.name == "cross" and "3 entries" in str(d.ours)


def infinite_quantiles(d):
    """Quantiles between infinities are infinite, as medians are, where NumPy's are nan."""
    infinite = np.isinf(np.asarray(d.args[0], float)).any()
    return d.kind == "values" and d.name in ("quantile", "percentile") and infinite


COUNTING = (
    *("take", "array_split", "split", "repeat", "tile", "sliding_window_view", "tril", "triu"),
    *("rot90", "roll", "tensordot"),
)


def counts(d):
    """Positions, counts and shifts are ints; counts are 0 or more, and windows 1 or more."""
    return d.kind == "raises" and d.name in COUNTING and isinstance(d.ours, (ValueError, TypeError))


def signs(d):
    """Eigenvectors may have the other sign."""
    if d.path != "linalg.eigh" or d.kind != "values":
        return False
    pairs = zip(map(ag.data_of, d.ours), d.theirs, strict=True)
    return all(np.allclose(np.abs(a), np.abs(b)) for a, b in pairs)


def flags(d):
    """`keepdims=` and other flags are True, False or an int."""
    return d.kind == "raises" and "expected True or False" in str(d.ours)


def axes(d):
    """An axis is an int, or a tuple or list of them."""
    return d.kind == "raises" and ": got axis " in str(d.ours)


def dx(d):
    """`dx=` of `trapezoid` is a number, also where there is nothing to add up."""
    return d.kind == "raises" and d.name == "trapezoid" and "dx=" in str(d.ours)


def masks(d):
    """`where=` is a mask of booleans, and `ddof=` and `initial=` are numbers."""
    names = ("where=", "ddof=", "initial=")
    return d.kind == "raises" and any(name in str(d.ours) for name in names)


def periods(d):
    """The period of `interp` is finite."""
    return d.kind == "raises" and "period=" in str(d.ours)


def defaults(d):
    """None is the default of `initial=`, `prepend=` and `append=`."""
    names = ("initial", "prepend", "append")
    return d.kind in ("accepts", "shape") and any(d.kwargs.get(n, 0) is None for n in names)


def nothing(d):
    """Without entries, arguments that say which to take are not all checked as NumPy does."""
    x = d.args[-1] if d.name == "compress" else d.args[0]
    empty = not (isinstance(x, np.ndarray) and x.size and x.ndim)
    names = ("median", "quantile", "percentile", "partition", "pad", "compress")
    return d.kind in ("accepts", "raises") and empty and d.name in names


def zero_weights(d):
    """Weights that add up to 0 give inf or nan, as does every division by 0."""
    return d.name == "average" and isinstance(d.theirs, ZeroDivisionError)


def nan_dtype(d):
    """A quantile that is nan has the dtype of any other."""
    quantile = d.kind == "dtype" and d.name in ("quantile", "percentile")
    return quantile and np.isnan(np.asarray(d.theirs)).all()


def infinite_points(d):
    """`interp` through points at infinity or nan may be nan where NumPy finds a limit."""
    points = [np.asarray(x, float) for x in d.args[1:3]] if d.name == "interp" else []
    return d.kind == "values" and any(not np.isfinite(x).all() for x in points)


def unordered(d):
    """What stands on either side of the kth entry of a `partition` has no order."""
    if d.name != "partition" or d.kind != "values":
        return False
    both = (np.sort(ag.data_of(d.ours), axis=None), np.sort(d.theirs, axis=None))
    return np.array_equal(*both, equal_nan=True)


def dtypes(d):
    """A dtype is one of numbers."""
    return d.kind == "raises" and "dtype=" in str(d.ours)


def order_of_checks(d):
    """Of two wrong arguments, another one may be named first."""
    return d.kind == "error class" and isinstance(d.ours, (ValueError, TypeError))


def roots(d):
    """`power` is `**`, of which the square root of -inf is nan."""
    return d.kind == "values" and d.name in ("power", "float_power") and np.isinf(d.args[0]).any()


def older_dtypes(d):
    """Before NumPy 2.3, powers and quantiles have other dtypes in some cases."""
    names = ("pow", "power", "float_power", "quantile", "percentile")
    return d.kind == "dtype" and d.name in names and not numpy_has("2.3")


def undifferenced(d):
    """`diff` with n=0 returns an array, also of a list."""
    return d.name == "diff" and d.kwargs.get("n") == 0 and not isinstance(d.args[0], np.ndarray)


REASONS = (
    odd, complex_numbers, unsupported, python_numbers, low_precision, bools, lists, vectors_of_two,
    infinite_quantiles, counts, signs, flags, axes, dx, masks, periods, defaults, nothing, zero_weights,
    nan_dtype, infinite_points, unordered, dtypes, order_of_checks, undifferenced, older_dtypes, roots,
)  # fmt: skip


def reason_for(difference):
    """The reason for a difference, or None."""
    return next((reason for reason in REASONS if reason(difference)), None)
