"""Which arrays of a trace may lie in the same memory."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

Entry = tuple[int, Any]  # when it was made, and a weak reference to what stands for the array


class Sharing:
    """The arrays of a trace, by the array that owns their memory.

    Attributes:
        owned: by the owner's identity, which is another array's only once all of them are gone.
        foreign: those whose memory no array owns; any two of them may share it.
    """

    def __init__(self) -> None:
        self.owned: dict[int, list[Entry]] = {}
        self.foreign: list[Entry] = []
        self.count = 0

    def add(self, stand: Any) -> None:
        """Note what stands for an array."""
        owner = owner_of(stand._value)
        entries = self.foreign if owner is None else self.owned.setdefault(id(owner), [])
        entries.append((self.count, weakref.ref(stand)))
        self.count += 1

    def beside(self, array: np.ndarray) -> list[Any]:
        """What stands for an array that may share memory with this one, in the order in which they
        were made."""
        owner = owner_of(array)
        if owner is None:
            entries = [entry for known in self.owned.values() for entry in known]
        else:
            entries = self.owned.get(id(owner), [])
        entries = entries + self.foreign
        stands = [reference() for _, reference in sorted(entries, key=lambda entry: entry[0])]
        return [x for x in stands if x is not None and np.may_share_memory(x._value, array)]


def owner_of(array: np.ndarray) -> np.ndarray | None:
    """The array whose memory this one shows; None if no array owns it.

    Example:
        >>> x = np.zeros((2, 3))
        >>> owner_of(x.T[1:]) is x
        True
    """
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array if array.flags.owndata else None
