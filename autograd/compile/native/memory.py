"""Memory: places of buffers in one arena, so that those that live at different times overlap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

ALIGNMENT = 64  # bytes: a line of the cache, and the widest vector

Span = tuple[int, int]  # the first and the last step in which a buffer is used


def aligned(n: int) -> int:
    """The next multiple of the alignment."""
    return -(-n // ALIGNMENT) * ALIGNMENT


class Arenas:
    """The memory of a step's programs, which take turns in it: calls of a step never overlap."""

    def __init__(self) -> None:
        self.largest: Any = np.zeros(0, np.uint8)

    def arena(self, size: int, zeros: int = 0) -> Any:
        """Bytes at a multiple of the alignment.

        Args:
            size: how many.
            zeros: of them, how many at the beginning are 0 and have to stay so, for which a program
                needs an arena of its own.
        """
        if size <= len(self.largest) and not zeros:
            return self.largest[:size]
        room = np.zeros(size + ALIGNMENT, np.uint8)
        at = -room.ctypes.data % ALIGNMENT
        made = room[at : at + size]
        if not zeros:
            self.largest = made
        return made


def placed(sizes: Mapping[Any, int], spans: Mapping[Any, Span]) -> tuple[dict[Any, int], int]:
    """The offset of each buffer, and the size of the arena; large buffers choose first.

    Two buffers overlap only if no step uses both.
    """
    offsets: dict[Any, int] = {}
    end = 0
    for key in sorted(sizes, key=lambda k: (-sizes[k], spans[k])):
        first, last = spans[key]
        taken = sorted(
            (offsets[k], offsets[k] + aligned(sizes[k]))
            for k in offsets
            if spans[k][0] <= last and first <= spans[k][1]
        )
        at = 0
        for start, stop in taken:
            if at + sizes[key] <= start:
                break
            at = max(at, stop)
        offsets[key] = at
        end = max(end, at + aligned(sizes[key]))
    return offsets, end
