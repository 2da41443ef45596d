"""Arrays that pretend to be on a device: NumPy computes, and nothing may read their values."""

import numpy as np
import scipy.special
from numpy.lib.mixins import NDArrayOperatorsMixin


class Left(TypeError):
    """Values left the device without being asked to."""


class Remote(NDArrayOperatorsMixin):
    """What CuPy's arrays are to the engine: they dispatch, and refuse to become NumPy's arrays.

    One entry may be asked for by `bool`, `float`, `int` and `item`, as of CuPy's; `looks` counts how
    often. An array of NumPy's may be an index, and no operand, not even without axes.
    """

    __array_priority__ = 100
    looks = 0

    def __init__(self, values):
        self._values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        raise Left("Implicit conversion to a NumPy array is not allowed")

    def get(self):
        return self._values.copy()

    # --- NumPy's protocols ---

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        given = [
            host(x, ufunc.__name__, as_index=method == "at" and k == 1)
            for k, x in enumerate(inputs)
        ]
        if out is not None:
            kwargs["out"] = tuple(host(x, ufunc.__name__) for x in out)
        return (
            remote(getattr(ufunc, method)(*given, **kwargs))
            if out is None
            else (getattr(ufunc, method)(*given, **kwargs), out[0])[1]
        )

    def __array_function__(self, function, types, args, kwargs):
        args, kwargs = host((args, kwargs), function.__name__)
        return remote(function(*args, **kwargs))

    # --- indexing ---

    def __getitem__(self, index):
        return remote(self._values[host(index, "index", as_index=True)])

    def __setitem__(self, index, value):
        self._values[host(index, "index", as_index=True)] = host(value, "an assignment")

    def __len__(self):
        return len(self._values)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    # --- one entry, which CuPy hands out as well ---

    def _look(self, kind):
        Remote.looks += 1
        return kind(self._values)

    def __bool__(self):
        return self._look(bool)

    def __float__(self):
        return self._look(float)

    def __int__(self):
        return self._look(int)

    def item(self):
        return self._look(lambda x: x.item())


def host(x, what, as_index=False):
    """NumPy's arrays inside of arguments, for NumPy to compute; those from the host are refused."""
    if isinstance(x, Remote):
        return x._values
    if isinstance(x, np.ndarray) and not as_index:
        raise Left(f"{what}: an array of NumPy's among arrays of the device")
    if isinstance(x, (tuple, list)):
        return type(x)(host(e, what, as_index) for e in x)
    if isinstance(x, dict):
        return {k: host(e, what, as_index) for k, e in x.items()}
    return x


def remote(x):
    """What NumPy computed, on the device again."""
    if isinstance(x, (np.ndarray, np.generic)):
        return Remote(x)
    if type(x) in (tuple, list) or hasattr(x, "_fields"):
        made = [remote(e) for e in x]
        return type(x)(*made) if hasattr(x, "_fields") else type(x)(made)
    return x


def _method(name):
    def method(self, *args, **kwargs):
        args, kwargs = host((args, kwargs), name)
        return remote(getattr(self._values, name)(*args, **kwargs))

    return method


for _name in ("all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumprod", "cumsum", "diagonal", "dot", "max", "mean", "min", "prod", "ravel", "repeat", "reshape", "squeeze", "sum", "swapaxes", "take", "trace", "transpose"):  # fmt: skip
    setattr(Remote, _name, _method(_name))
for _name in ("T", "mT", "real"):
    setattr(Remote, _name, property(lambda self, name=_name: remote(getattr(self._values, name))))
for _name in ("shape", "ndim", "size", "dtype", "itemsize", "nbytes", "strides"):
    setattr(Remote, _name, property(lambda self, name=_name: getattr(self._values, name)))


class Special:
    """The functions of scipy.special, on remote arrays."""

    def __getattr__(self, name):
        return _by_scipy(name)


def _by_scipy(name):
    def function(*args):
        return remote(getattr(scipy.special, name)(*host(args, name)))

    return function


def to_device(x):
    """From the host, which is allowed when asked for."""
    return x if isinstance(x, Remote) else Remote(np.array(x))
