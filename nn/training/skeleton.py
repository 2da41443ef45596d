"""Trees of plain values as JSON, with their arrays beside it.

What JSON lacks is an object with one key: {"tuple": [...]}, {"array": name}, and so on. A
dictionary is a list of pairs, because its keys may be ints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import Tensor, data_of
from autograd.errors import kind, message
from nn.training.tensor_file import METADATA, NAMES, Array, Damaged

DEEPEST = 100  # how deeply a tree may be nested


def encoded(x: Any, path: str, arrays: dict[str, Any], depth: int = 0) -> Any:
    """A tree as JSON can hold it; its arrays go to `arrays`, each under a name of its own.

    Raises:
        TypeError: something in it cannot be saved.
        ValueError: it is nested too deeply, or contains itself.
    """
    if x is None or type(x) in (bool, int, float, str):
        return x
    if depth > DEEPEST:
        got = f"more than {DEEPEST} levels in {path.partition('/')[0]}"
        hint = "look for a container that contains itself"
        raise ValueError(message("save_training", got, "a tree that is less deep", hint))
    if isinstance(x, Mapping):
        for key in x:
            if type(key) not in (str, int):
                got = f"the key {key!r} in {path}"
                raise TypeError(message("save_training", got, "a str or an int"))
        return {"dict": [[k, encoded(v, f"{path}/{k}", arrays, depth + 1)] for k, v in x.items()]}
    if type(x) in (list, tuple):
        entries = [encoded(v, f"{path}/{i}", arrays, depth + 1) for i, v in enumerate(x)]
        return {type(x).__name__: entries}
    if isinstance(x, (np.ndarray, np.generic, Tensor)):
        name = _name(path, arrays)
        arrays[name] = as_stored(path, x)
        return {"scalar" if isinstance(x, np.generic) else "array": name}
    expected = (
        "a number, a string, None, a list, a tuple, a dictionary, an array, or an object with "
        "state_dict()"
    )
    raise TypeError(message("save_training", f"{kind(x)} as {path}", expected))


def _name(path: str, arrays: Mapping[str, Any]) -> str:
    """A free name: {1: a, "1": b} and {"v/l": a, "v": {"l": b}} have arrays at equal paths."""
    path = path.encode(errors="backslashreplace").decode()  # a file cannot hold lone surrogates
    name, n = path, 1
    while name in arrays or name == METADATA:
        n += 1
        name = f"{path} ({n})"
    return name


def decoded(x: Any, arrays: Mapping[str, Any], place: str, depth: int = 0) -> Any:
    """The tree that was encoded.

    Raises:
        Damaged: it is not what `encoded` returns, and where.
    """
    if x is None or type(x) in (bool, int, float, str):
        return x
    if depth > DEEPEST:
        raise Damaged(f"{place[:80]} is nested too deeply")
    if not isinstance(x, dict) or len(x) != 1:
        raise Damaged(f"{place} holds {kind(x)}, and not one kind of value")
    [(form, content)] = x.items()
    if form in ("array", "scalar"):
        if not isinstance(content, str) or content not in arrays:
            raise Damaged(f"{place} is the array {content!r:.80}, which is missing")
        if form == "scalar" and arrays[content].ndim:
            raise Damaged(f"{place} is a number of shape {arrays[content].shape}")
        return arrays[content] if form == "array" else arrays[content][()]
    if form not in ("dict", "list", "tuple") or not isinstance(content, list):
        raise Damaged(f"{place} is of the unknown kind {form!r:.80}")
    if form == "dict":
        return _dictionary(content, arrays, place, depth)
    entries = [decoded(v, arrays, f"{place}/{i}", depth + 1) for i, v in enumerate(content)]
    return entries if form == "list" else tuple(entries)


def _dictionary(pairs: list[Any], arrays: Mapping[str, Any], place: str, depth: int) -> Any:
    found: dict[str | int, Any] = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) not in (str, int):
            raise Damaged(f"{place} has {pair!r:.40} in place of a name and a value")
        if pair[0] in found:
            raise Damaged(f"{place} has the name {pair[0]!r} twice")
        found[pair[0]] = decoded(pair[1], arrays, f"{place}/{pair[0]}", depth + 1)
    return found


def as_stored(name: Any, x: Any) -> Array:
    """A copy as a contiguous array of a dtype that the format supports.

    Raises:
        TypeError: it is of another dtype, or has a mask, which a file cannot hold.
    """
    if isinstance(x, np.ma.MaskedArray):
        got, hint = f"a masked array as {name!r}", "save x.filled(…), or x.data and x.mask"
        raise TypeError(message("save", got, "an array without a mask", hint))
    try:
        array = np.array(data_of(x), order="C")
    except ValueError:  # rows of different lengths
        array = np.array(None)
    if array.dtype.name not in NAMES:
        got = f"{kind(x)} as {name!r}" if array.dtype == object else f"{array.dtype} as {name!r}"
        raise TypeError(message("save", got, "an array of floats, ints or bools"))
    return array.astype(array.dtype.newbyteorder("="), copy=False)
