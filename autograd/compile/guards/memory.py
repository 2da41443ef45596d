"""Words of memory: where CPython keeps what guards look at.

Guards ask hundreds of small questions at each call, and nearly always nothing has changed. Native
code that compares the words from which Python would read the answers finds that out in a fraction
of a microsecond. A word is an address and what stands there; it is looked up beside the object
that Python finds, and if that is not what stands there, there is no word, and Python asks.
"""

from __future__ import annotations

import ctypes
import itertools
import struct
import sys
import types
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

Word = tuple[int, int]

# Whose dictionaries are known to keep their entries as read here.
VERSIONS = ((3, 11), (3, 12), (3, 13))
USED, KEYS, VALUES = 16, 32, 40  # of a dictionary: how many entries, and where they are
COUNT, ITEMS = 16, 24  # of a list
OFFSET = 16  # in what describes a slot, after its name and its type
MEMBER = 40  # in a slot's descriptor: where that description is
NDIM, SHAPE, STRIDES, DTYPE, FLAGS = 24, 32, 40, 56, 64  # of NumPy's arrays
SIZE = 8
EMPTY = sys.getsizeof({})  # of which nothing is entries
_probe = object()
# References that getrefcount adds to those that it counts.
COUNTING = sys.getrefcount(_probe) - ctypes.c_int64.from_address(id(_probe)).value


class Unwatched(Exception):
    """Python keeps something where it was not found."""


@cache
def readable() -> bool:
    """Whether this Python's objects can be read: CPython with its global lock, 64 bits."""
    known = sys.implementation.name == "cpython" and sys.version_info[:2] in VERSIONS
    return known and struct.calcsize("P") == SIZE and COUNTING in (0, 1)


def word(address: int) -> int:
    """What stands at an address."""
    return ctypes.c_int64.from_address(address).value


def block(address: int, size: int) -> list[int]:
    """The words from an address on."""
    return list((ctypes.c_int64 * (size // SIZE)).from_address(address))


def expected(address: int, value: int) -> Word:
    """A word, if the value stands there.

    Raises:
        Unwatched: something else does.
    """
    if word(address) != value:
        raise Unwatched
    return address, value


# --- containers ---


def length(x: Any) -> Word:
    """How many entries a list, dictionary or set has."""
    if isinstance(x, dict):
        return expected(id(x) + USED, len(x))
    if isinstance(x, list):
        return expected(id(x) + COUNT, len(x))
    if isinstance(x, set):
        return expected(id(x) + ITEMS, len(x))
    raise Unwatched


def item(x: list[Any], at: int) -> list[Word]:
    """The entry of a list."""
    at = at + len(x) if at < 0 else at
    place = id(x) + ITEMS
    return [length(x), (place, word(place)), expected(word(place) + SIZE * at, id(x[at]))]


def _around(d: dict[Any, Any]) -> tuple[list[Word], int, int]:
    """The words that say where the entries of a dictionary are; where that is, and how long."""
    keys, values = word(id(d) + KEYS), word(id(d) + VALUES)
    size = sys.getsizeof(d) - EMPTY
    return [(id(d) + KEYS, keys), (id(d) + VALUES, values)], values or keys, size


def entry(d: dict[Any, Any], key: Any) -> list[Word]:
    """The entry of a dictionary.

    Where an object's attributes share their keys with its class, only values are in the block; then
    all that are this value are watched, because it cannot be told which of them is meant.
    """
    around, start, size = _around(d)
    words, value = block(start, size), id(d[key])
    if word(id(d) + VALUES):
        found = [n for n, w in enumerate(words) if w == value]
    else:
        name = _stored(d, key)
        pairs = itertools.pairwise(words)
        found = [n + 1 for n, pair in enumerate(pairs) if pair == (name, value)]
    if not found:
        raise Unwatched
    return around + [(start + SIZE * n, value) for n in found]


def _stored(d: dict[Any, Any], key: Any) -> int:
    """The address of the key as the dictionary has it."""
    for k in d:
        if k is key:
            return id(k)
    return next(id(k) for k in d if k == key)


def order(d: dict[Any, Any]) -> list[Word]:
    """The keys of a dictionary and their order: none of them goes, so none can be put last."""
    if type(d) is not dict or word(id(d) + VALUES):
        raise Unwatched
    around, start, size = _around(d)
    at = {w: n for n, w in enumerate(block(start, size))} if d else {}
    if any(id(k) not in at for k in d):
        raise Unwatched
    return [length(d), *around, *((start + SIZE * at[id(k)], id(k)) for k in d)]


# --- attributes ---


def attribute(x: Any, name: str) -> list[Word]:
    """An attribute: a slot, an object's dictionary, the content of a cell, the code of a function.

    Raises:
        Unwatched: it is none of these.
    """
    if name == "__dict__":
        return [_dictionary(x)]
    if isinstance(x, (types.FunctionType, types.CellType)):
        offset = (_of_cells() if isinstance(x, types.CellType) else _of_functions()).get(name)
        if offset is None:
            raise Unwatched
        value = getattr(x, name)
        return [expected(id(x) + offset, 0 if value is None else id(value))]
    slot = next((vars(c)[name] for c in type(x).__mro__ if name in vars(c)), None)
    if type(slot) is not types.MemberDescriptorType:
        raise Unwatched
    return [expected(id(x) + word(word(id(slot) + MEMBER) + OFFSET), id(getattr(x, name)))]


def _dictionary(x: Any) -> Word:
    """Where an object has the address of its dictionary: before it, or in it."""
    if isinstance(x, type) or not hasattr(x, "__dict__"):
        raise Unwatched
    places = range(-4 * SIZE, max(type(x).__basicsize__, SIZE), SIZE)
    found = [n for n in places if word(id(x) + n) == id(x.__dict__)]
    if len(found) != 1 or type(x.__dict__) is not dict:
        raise Unwatched
    return id(x) + found[0], id(x.__dict__)


@cache
def _of_functions() -> dict[str, int]:
    """Where functions have their attributes, found by one whose attributes are known."""
    held = object()

    def sample(x: Any = held, *, y: Any = held) -> Any:
        return held

    return _offsets(sample, "__code__", "__defaults__", "__kwdefaults__", "__closure__")


@cache
def _of_cells() -> dict[str, int]:
    """Where a cell has its content."""
    return _offsets(types.CellType(object()), "cell_contents")


def _offsets(x: Any, *names: str) -> dict[str, int]:
    words = block(id(x), type(x).__basicsize__)
    return {n: SIZE * words.index(id(getattr(x, n))) for n in names if id(getattr(x, n)) in words}


def array(x: np.ndarray) -> Iterator[Word]:
    """The shape, strides, dtype and flags of an array, which its owner may set in place."""
    known = word(id(x) + NDIM) & 0xFFFFFFFF, word(id(x) + FLAGS) & 0xFFFFFFFF
    if known != (x.ndim, x.flags.num & 0xFFFFFFFF):
        raise Unwatched
    yield id(x) + NDIM, word(id(x) + NDIM)
    yield id(x) + FLAGS, word(id(x) + FLAGS)
    yield expected(id(x) + DTYPE, id(x.dtype))
    for offset, numbers in ((SHAPE, x.shape), (STRIDES, x.strides)):
        place = word(id(x) + offset)
        yield id(x) + offset, place
        yield from (expected(place + SIZE * n, k) for n, k in enumerate(numbers))
