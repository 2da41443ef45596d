"""Whether all ranks mean the same: the header of a collective, and lists of arrays.

MPI pairs messages by their order alone. If two ranks send arrays of different lengths, one of them
reads memory that nobody wrote, and no error tells.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd import data_of
from autograd.errors import DTypeError, GraphError, ShapeError, message
from nn.distributed.single import World

HEADER = 128  # bytes
SAME = "the same on every rank"


def header(what: str, x: np.ndarray, root: int | None = None) -> np.ndarray:
    """What a rank is about to do, in as many bytes for every array."""
    text = f"{what}|{x.dtype.str}|{x.shape}|{root}".encode()
    if len(text) > HEADER:  # of many axes
        text = text[: HEADER - 9] + b" %08x" % zlib.crc32(text)
    return np.frombuffer(text.ljust(HEADER), np.uint8)


def check_headers(own: str, headers: np.ndarray) -> None:
    """Raise unless all ranks are about to do the same.

    Args:
        own: the collective of this rank.
        headers: that of each rank, of shape (ranks, HEADER).

    Raises:
        ShapeError: their arrays have different shapes.
        DTypeError: or different dtypes.
        ValueError: or they call different collectives, or name different roots.
    """
    if (headers == headers[0]).all():
        return
    other = int((headers != headers[0]).any(axis=1).argmax())
    texts = [headers[rank].tobytes().decode().strip() for rank in (0, other)]
    first, second = (text.split("|") for text in texts)
    parts = zip(
        ("a call of", "dtype", "shape", "root"),
        (ValueError, DTypeError, ShapeError, ValueError),
        first,
        second,
        strict=False,  # the end of a long one is cut off
    )
    name, error, a, b = next((p for p in parts if p[2] != p[3]), ("", ShapeError, *texts))
    if error is DTypeError:
        a, b = (str(np.dtype(x)) for x in (a, b))
    got = f"{name} {a} on rank 0 and {b} on rank {other}".strip()
    raise error(message(own, got, SAME))


def signature(name: str, x: Any) -> str:
    """One line that tells an array from another one."""
    array = data_of(x)
    return f"{name} of shape {tuple(np.shape(array))} and dtype {getattr(array, 'dtype', '')}"


def check_signatures(what: str, world: World, lines: Iterable[str]) -> None:
    """Raise on every rank unless all ranks have the same lines; every rank calls it.

    Raises:
        ShapeError: the first line that differs.
    """
    first, *others = world.gathered(list(lines))
    for rank, found in enumerate(others, 1):
        if found != first:
            raise ShapeError(message(what, _difference(first, found, rank), SAME))


def check_weights(what: str, world: World, parameters: Sequence[Any]) -> None:
    """Raise on every rank unless all ranks have parameters of the same bits; every rank calls it.

    Raises:
        GraphError: the first one that differs.
    """
    sums = [zlib.crc32(np.ascontiguousarray(data_of(p)).tobytes()) for p in parameters]
    first, *others = world.gathered(sums)
    for rank, found in enumerate(others, 1):
        differ = [p for p, a, b in zip(parameters, first, found, strict=True) if a != b]
        if differ:
            name = differ[-1].name or "a parameter"
            got = f"other weights on rank 0 than on rank {rank}, such as {name}"
            hint = "call nn.distributed.broadcast(model) before the training"
            raise GraphError(message(what, got, SAME, hint))


def _difference(first: Sequence[str], second: Sequence[str], rank: int) -> str:
    """The first line that differs."""
    at = next(
        (k for k, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    a, b = (lines[at] if at < len(lines) else "nothing" for lines in (first, second))
    return f"{a} on rank 0 and {b} on rank {rank}"
