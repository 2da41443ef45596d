"""Arrays that are filled in step by step: `out[i] = ...` on a graph whose nodes never change.

A Tensor does not change. A `Draft` stands for one and replaces it by a new one at each assignment,
so that a forward pass that writes into `np.zeros(shape)` or into a copy of its input can be
differentiated as it is written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.nodes.tensor import Tensor
from autograd.primitives.indexing import is_basic

CREATE = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
CONVERT = ("array", "asarray", "asanyarray", "ascontiguousarray", "copy")
LIBRARIES = ("numpy", "autograd", "nn")


class Draft(np.lib.mixins.NDArrayOperatorsMixin):
    """An array, with or without a gradient, that can be written to.

    Args:
        now: the present array or Tensor.
        base: the draft that this one is a view of.
        index: which part of the base it is.
    """

    __hash__ = object.__hash__

    def __init__(self, now: Any, base: Draft | None = None, index: Any = None) -> None:
        self._now, self._base, self._index = now, base, index

    @property
    def now(self) -> Any:
        """The present array or Tensor."""
        return self._now if self._base is None else self._base.now[self._index]

    def assign(self, new: Any) -> None:
        """Replace the present array."""
        if self._base is None:
            self._now = new
        else:
            self._base[self._index] = new

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        if method == "at":
            target, index, *values = inputs
            now = tensor(target.now).at[plain(index)]
            value = plain(values[0]) if ufunc is np.add else -plain(values[0])
            target.assign(now.add(value))
            return None
        result = getattr(ufunc, method)(*plain(inputs), **plain(kwargs))
        if out is None:
            return wrapped(result)
        out[0][...] = result
        return out[0]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.copyto:
            args[0][...] = plain(args[1])
            return None
        return wrapped(function(*plain(args), **plain(kwargs)))

    def __getitem__(self, index: Any) -> Any:
        index = plain(index)
        if is_basic(index):
            view = Draft(None, self, index)
            return view if np.ndim(view.now) else wrapped(view.now)
        return wrapped(self.now[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        value, now = plain(value), self.now
        if isinstance(now, np.ndarray) and not isinstance(value, Tensor):
            new = np.array(now)
            new[plain(index)] = value
        else:
            new = tensor(now).at[plain(index)].set(value)
        self.assign(new)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self.now, name)
        if not callable(found):
            return wrapped(found)
        return lambda *args, **kwargs: wrapped(found(*plain(args), **plain(kwargs)))

    def copy(self) -> Draft:
        """A draft of its own."""
        return Draft(self.now)

    def __len__(self) -> int:
        return len(self.now)

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.now)


def tensor(x: Any) -> Tensor:
    """A Tensor of an array of floats; a Tensor as it is."""
    return x if isinstance(x, Tensor) else Tensor(np.asarray(x, float))


def wrapped(x: Any) -> Any:
    """A draft in place of each Tensor and array of floats."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(wrapped, x))
    is_floats = isinstance(x, np.ndarray) and x.dtype.kind == "f"
    return Draft(x) if isinstance(x, Tensor) or is_floats else x


def plain(x: Any) -> Any:
    """The present array in place of each draft."""
    if isinstance(x, Draft):
        return x.now
    if isinstance(x, (tuple, list)):
        return type(x)(map(plain, x))
    if isinstance(x, dict):
        return {key: plain(value) for key, value in x.items()}
    return x


def _created(function: Callable[..., Any]) -> Callable[..., Any]:
    """What a program creates may be written to; what a library creates stays an array."""

    def create(*args: Any, **kwargs: Any) -> Any:
        found = function(*plain(args), **plain(kwargs))
        home = sys._getframe(1).f_globals.get("__name__", "").split(".")[0]
        if home in LIBRARIES or found.dtype.kind != "f":
            return found
        return Draft(np.array(found))

    return create


def _converted(function: Callable[..., Any]) -> Callable[..., Any]:
    """`np.array` and the like would read a draft entry by entry."""

    def convert(x: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(x, Draft):
            return x.copy()
        return function(x, *args, **kwargs)

    return convert


@contextmanager
def drafting() -> Iterator[None]:
    """A block in which arrays that a program creates are drafts."""
    before = {name: getattr(np, name) for name in (*CREATE, *CONVERT)}
    try:
        for name in CREATE:
            setattr(np, name, _created(before[name]))
        for name in CONVERT:
            setattr(np, name, _converted(before[name]))
        yield
    finally:
        for name, function in before.items():
            setattr(np, name, function)
