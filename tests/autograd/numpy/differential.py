"""Compare every public function with NumPy's: `python -m tests.autograd.numpy.differential 0 500 [NAMES]`.

The same random call is made of NumPy's function on arrays, and of ours on arrays and on Tensors. Both
raise, or both return the same values, shapes and dtypes; then a gradient is taken, which must exist.
"""

import collections
import operator
import sys
import warnings

import numpy as np

import autograd as ag
from tests.autograd.numpy.drawn import TABLE, Draw
from tests.autograd.numpy.known import Difference, reason_for

TOLERANCE = {"float64": 1e-9, "float32": 2e-4, "float16": 2e-2}
BUILTIN = (OverflowError, ZeroDivisionError, ValueError)


def found(path):
    if path.startswith("operator."):
        return getattr(operator, path.removeprefix("operator."))
    place = ag
    for part in path.split("."):
        place = getattr(place, part)
    return place


def nodes_for(x):
    """Arrays of numbers as Tensors, in lists too; floats require a gradient."""
    if isinstance(x, np.ndarray) and x.dtype.kind in "fiub":
        return ag.Tensor(x, requires_grad=x.dtype.kind == "f")
    if type(x) is list and any(isinstance(y, np.ndarray) for y in x):
        return [nodes_for(y) for y in x]
    return x


def outcome(function, args, kwargs):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*args, **kwargs)
        except Exception as error:
            return error


def leaves(x):
    if isinstance(x, (tuple, list)):
        return [leaf for y in x for leaf in leaves(y)]
    return [x]


def data(x):
    return np.asarray(x.data if isinstance(x, ag.Tensor) else x)


def same_values(ours, theirs, precision):
    if theirs.dtype.kind != "f":
        return np.array_equal(ours, theirs)
    # Rounding errors are relative to the largest numbers that were added up.
    finite = theirs[np.isfinite(theirs)]
    most = float(np.abs(finite).max(initial=0.0)) if finite.size else 0.0
    tolerance = max(TOLERANCE[str(theirs.dtype)], precision)
    return np.allclose(ours, theirs, rtol=tolerance, atol=tolerance * most, equal_nan=True)


def precision_of(args):
    """The tolerance for the least precise array among the arguments."""
    dtypes = [str(x.dtype) for x in leaves(list(args)) if isinstance(x, (np.ndarray, np.generic))]
    return max((TOLERANCE[name] for name in dtypes if name in TOLERANCE), default=0.0)


def difference(ours, theirs, precision):
    """What differs in two outcomes, as a word or two; "" for nothing."""
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        if not isinstance(theirs, Exception):
            return "raises"
        if not isinstance(ours, Exception):
            return "accepts"
        # NumPy's TypeError and IndexError often come by accident: it looks for the axis of a None.
        if isinstance(theirs, (TypeError, IndexError)):
            wanted = (ValueError, TypeError, IndexError, ag.UnsupportedError)
        else:
            wanted = next(
                ((kind, ag.UnsupportedError) for kind in BUILTIN if isinstance(theirs, kind)),
                Exception,
            )
        return "" if isinstance(ours, wanted) else "error class"
    ours, theirs = leaves(ours), leaves(theirs)
    if len(ours) != len(theirs):
        return "number of results"
    for a, b in zip(map(data, ours), map(data, theirs), strict=True):
        if a.shape != b.shape:
            return "shape"
        if a.dtype != b.dtype:
            return "dtype"
        if not same_values(a, b, precision):
            return "values"
    return ""


def gradient_fails(result, arguments):
    """The error of a backward pass through a result, or None."""
    wrt = [x for x in leaves(list(arguments)) if isinstance(x, ag.Tensor) and x.requires_grad]
    for leaf in leaves(result):
        if isinstance(leaf, ag.Tensor) and leaf.requires_grad and leaf.dtype.kind == "f":
            try:
                gradients = ag.gradients(leaf.sum(), wrt)
            except Exception as error:
                return error
            for g, x in zip(gradients, wrt, strict=True):
                if g is not None and (g.shape, g.dtype) != (x.shape, x.dtype):
                    return AssertionError(f"a gradient of {g.shape} and {g.dtype}")
    return None


def ways(path, theirs, args, seed):
    """Each way to call our function: its name, the function, and its arguments."""
    ours, tensors = found(path), tuple(map(nodes_for, args))
    if path == "getitem":
        return [("of Tensors", lambda x, i: x[i], tensors)]
    some = (tensors[:1] + args[1:]) if seed % 2 else (args[:1] + tensors[1:])
    calls = [("of arrays", ours, args), ("of Tensors", ours, tensors), ("of both", ours, some)]
    if "operator" not in path and any(isinstance(x, ag.Tensor) for x in leaves(list(tensors))):
        calls.append(("by np", theirs, tensors))
    return calls


def differences(path, seed):
    """The differences in one random call, each with the way to call; those with a reason too."""
    theirs, draw = TABLE[path]
    args, kwargs = draw(Draw(path, seed))
    expected = outcome(theirs, args, kwargs)
    for way, function, given in ways(path, theirs, args, seed):
        result = outcome(function, given, kwargs)
        kind = difference(result, expected, precision_of(args))
        if not kind and not isinstance(result, Exception):
            with np.errstate(all="ignore"):
                result = gradient_fails(result, given)
            kind = "gradient" if result is not None else ""
        if kind:
            yield way, Difference(path, args, kwargs, kind, result, expected)


def faults(path, seed):
    """The differences that have no reason, as texts."""
    return [
        f"{path} [{seed}] {d.kind} {way}: {brief(d.args)} {d.kwargs or ''}\n"
        f"    ours {brief(d.ours)}\n    np   {brief(d.theirs)}"
        for way, d in differences(path, seed)
        if reason_for(d) is None
    ]


def brief(x):
    if isinstance(x, Exception):
        return f"{type(x).__name__}: {str(x)[:200]}"
    return " ".join(repr(x).split())[:160]


def main():
    first, last = int(sys.argv[1]), int(sys.argv[2])
    reasons, count = collections.Counter(), 0
    for path in sys.argv[3:] or TABLE:
        for seed in range(first, last):
            texts = faults(path, seed)
            count += len(texts)
            if texts:
                print(texts[0], flush=True)
            reasons.update(reason_for(d).__name__ for _, d in differences(path, seed) if reason_for(d))  # fmt: skip
    print(count, "faults;", dict(reasons))


if __name__ == "__main__":
    main()
