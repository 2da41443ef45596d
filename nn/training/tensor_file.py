"""The safetensors format: named arrays after a header in JSON, with a checksum of all that is read.

A file is the length of its header in eight bytes, the header, and the bytes of all arrays without a
gap. The header gives each array's dtype, shape and place, and strings by name as metadata. Whatever
a file contains, reading it yields arrays and strings, or one `CheckpointError` that says where the
file is wrong.

Source: https://github.com/huggingface/safetensors
"""

from __future__ import annotations

import hashlib
import json
import math
import operator
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import counted, kind, message
from autograd.files import write_file

Array = npt.NDArray[Any]

DTYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16",
    "I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8",
    "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8",
    "BOOL": "bool",
}  # fmt: skip
NAMES = {dtype: name for name, dtype in DTYPES.items()}
METADATA, CHECKSUM = "__metadata__", "glassgrad.sha256"  # reserved as a name, and as a key
LONGEST_HEADER = 100_000_000  # bytes, the limit of the format
MOST_ARRAYS = 100_000


class CheckpointError(ValueError):
    """A file cannot be read, is of another kind, or does not fit what it is loaded into."""


class Damaged(Exception):
    """What is wrong with a file, and where."""


# --- writing ---


def write_arrays(
    path: str | os.PathLike[str], arrays: Mapping[str, Array], metadata: Mapping[str, str]
) -> None:
    """Write arrays of the dtypes in `DTYPES`, in the machine's byte order, and strings.

    Raises:
        ValueError: a name is reserved or cannot be written, or there are too many.
    """
    for what, given, reserved in (("array", arrays, METADATA), ("metadata", metadata, CHECKSUM)):
        if reserved in given:
            got = f"{reserved!r} as the name of {what}"
            raise ValueError(message("save", got, "another name, because the file uses this one"))
    near = next(filter(_is_almost_checksum, metadata), None)
    if near is not None:
        expected = f"a name less like {CHECKSUM!r}, with which reading would confuse it"
        raise ValueError(message("save", f"{near!r} as the name of metadata", expected))
    stored = {name: _little_endian(x) for name, x in arrays.items()}
    # Larger entries first, so that every array begins at a multiple of the size of its entries.
    names = sorted(stored, key=lambda name: (-stored[name].itemsize, name))
    header: dict[str, Any] = {METADATA: {**metadata, CHECKSUM: _checksum(stored, metadata)}}
    at = 0
    for name in names:
        x = stored[name]
        header[name] = {
            "dtype": NAMES[x.dtype.name],
            "shape": list(x.shape),
            "data_offsets": [at, at + x.nbytes],
        }
        at += x.nbytes
    text = _encoded(header)
    write_file(path, len(text).to_bytes(8, "little"), text, *(_bytes_of(stored[n]) for n in names))


def _encoded(header: Mapping[str, Any]) -> bytes:
    """The header as JSON, filled up with spaces to a multiple of eight bytes."""
    try:
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        got = f"{error.object[error.start : error.end]!r} in a name or in metadata"
        raise ValueError(message("save", got, "text that can be written as UTF-8")) from None
    text += b" " * (-len(text) % 8)
    if len(text) > LONGEST_HEADER or len(header) - 1 > MOST_ARRAYS:
        got = f"{counted(len(header) - 1, 'array')} with a header of {counted(len(text), 'byte')}"
        expected = f"at most {MOST_ARRAYS:,} arrays and {LONGEST_HEADER:,} bytes"
        raise ValueError(message("save", got, expected, "join arrays, or write several files"))
    return text


def _little_endian(x: Array) -> Array:
    return np.ascontiguousarray(x, x.dtype.newbyteorder("<")).reshape(x.shape)


def _bytes_of(x: Array) -> memoryview:
    entries: Any = x.reshape(-1).view(np.uint8)
    return memoryview(entries)


def _checksum(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> str:
    """A hash of names, dtypes, shapes, entries and metadata, however the file arranges them."""
    names = sorted(arrays)
    facts = [[name, NAMES[arrays[name].dtype.name], *arrays[name].shape] for name in names]
    found = hashlib.sha256(json.dumps([sorted(metadata.items()), facts]).encode())
    for name in names:
        found.update(_bytes_of(arrays[name]))
    return found.hexdigest()


# --- reading ---


def read_arrays(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays of a file by name, and its metadata.

    A file without a checksum, such as one of another program, is read as it is.

    Raises:
        CheckpointError: the file is incomplete, altered, or in another format.
    """
    try:
        # The whole file from one opening: another process may replace it meanwhile.
        with open(path, "rb") as file:
            header = _header(file)
            content = bytearray(os.fstat(file.fileno()).st_size - file.tell())
            if file.readinto(content) != len(content):
                raise Damaged("it became shorter while it was read")
        metadata = _metadata(header.pop(METADATA, {}))
        arrays = _arrays(header, content)
        checksum = metadata.pop(CHECKSUM, None)
        if checksum is not None and checksum != _checksum(arrays, metadata):
            raise Damaged("its content does not have the checksum that was saved with it")
    except Damaged as error:
        got = f"{path}, which cannot be read ({error})"
        hint = "check that it is complete and has no dtype that NumPy lacks, such as bfloat16"
        raise CheckpointError(message("load", got, "a safetensors file", hint)) from error
    return {name: x.astype(x.dtype.newbyteorder("="), copy=False) for name, x in arrays.items()}, (
        metadata
    )


def _header(file: Any) -> dict[str, Any]:
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if length > size - 8:
        raise Damaged(f"a header of {length:,} bytes in a file of {size:,}")
    if length > LONGEST_HEADER:
        raise Damaged(f"a header of {length:,} bytes, and {LONGEST_HEADER:,} are allowed")
    text = file.read(length)
    count = text.count(b'"data_offsets"')  # before anything is made of them
    if count > MOST_ARRAYS:
        raise Damaged(f"{count:,} arrays, and {MOST_ARRAYS:,} are allowed")
    return parsed(text, "the header")


def parsed(text: str | bytes, place: str) -> dict[str, Any]:
    """JSON, in which no name may stand twice.

    Raises:
        Damaged: it is no JSON, or no object.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode()  # or JSON would take UTF-16 as well
        found = json.loads(text, object_pairs_hook=_distinct)
    except RecursionError:
        raise Damaged(f"{place} is nested too deeply") from None
    except ValueError as error:  # no UTF-8, no JSON, a number of thousands of digits
        raise Damaged(f"{place} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Damaged(f"{place} holds {kind(found)} in place of names")
    return found


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _metadata(found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise Damaged("metadata that are not strings by name")
    for name in found:
        if _is_almost_checksum(name):
            raise Damaged(f"metadata {name!r}, which is {CHECKSUM!r} with another letter")
    return found


def _is_almost_checksum(name: str) -> bool:
    """Whether one letter makes it the name of the checksum: then damage made a file one without."""
    return len(name) == len(CHECKSUM) and sum(map(operator.ne, name, CHECKSUM)) == 1


def _arrays(header: Mapping[str, Any], content: bytearray) -> dict[str, Array]:
    """The arrays, which lie one after another and fill the file."""
    if len(header) > MOST_ARRAYS:
        raise Damaged(f"{len(header):,} arrays, and {MOST_ARRAYS:,} are allowed")
    facts = {name: _facts(name, entry) for name, entry in header.items()}
    at, arrays = 0, {}
    for name in sorted(facts, key=lambda name: facts[name][2:]):
        dtype, shape, begin, end = facts[name]
        size = math.prod(shape) * dtype.itemsize
        if begin != at or end - begin != size:
            needs = f"and {size:,} bytes from {at:,} on are what its shape and its place ask for"
            raise Damaged(f"{name!r} at bytes {begin:,} to {end:,}, {needs}")
        try:
            if dtype == np.bool_ and size and max(content[at:end]) > 1:
                raise Damaged(f"{name!r} with a byte that is neither True nor False")
            arrays[name] = np.frombuffer(content, dtype, math.prod(shape), at).reshape(shape)
        except ValueError as error:  # too many axes, or an empty array with endless ones
            raise Damaged(f"{name!r} of shape {shape}: {error}") from None
        at = end
    if at != len(content):
        raise Damaged(f"{len(content):,} bytes of arrays, of which the header lists {at:,}")
    return {name: arrays[name] for name in header}


def _facts(name: str, entry: Any) -> tuple[np.dtype[Any], tuple[int, ...], int, int]:
    """The dtype and shape of an array, and where it begins and ends."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Damaged(f"{name!r} without just a dtype, a shape and offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise Damaged(f"{name!r} with dtype {dtype!r:.40}")
    for what, numbers in (("shape", shape), ("offsets", offsets)):
        fits = isinstance(numbers, list) and all(type(n) is int and n >= 0 for n in numbers)
        if not fits or (what == "offsets" and len(numbers) != 2):
            raise Damaged(f"{name!r} with {what} {numbers!r:.40}")
    little = np.dtype(DTYPES[dtype]).newbyteorder("<")
    return little, tuple(shape), offsets[0], offsets[1]
