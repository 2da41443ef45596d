"""Functions that others stand in for while a step is traced."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from typing import Any

from autograd.compile.trace.tape import active

Replacement = tuple[Any, str, Any]  # an object, the name of an attribute, and what it becomes
MISSING = object()


class Replaced(contextlib.AbstractContextManager[None]):
    """A context in which attributes have other values; they get their own back when the last trace
    that needs the others is over.

    Args:
        replacements: what is replaced.
        look_up: finds more of them whenever the first trace begins, as in modules that were loaded
            since.
    """

    def __init__(
        self,
        replacements: list[Replacement],
        look_up: Callable[[], list[Replacement]] = list,
    ) -> None:
        self.replacements, self._look_up = replacements, look_up
        self._lock = threading.RLock()
        self._depth = 0
        self._saved: list[Replacement] = []
        if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
            os.register_at_fork(after_in_child=self._after_fork)

    def __enter__(self) -> None:
        with self._lock:
            if not self._depth:
                found = self.replacements + self._look_up()
                self._saved = [(owner, n, vars(owner).get(n, MISSING)) for owner, n, _ in found]
                try:
                    for owner, name, new in found:
                        setattr(owner, name, new)
                except BaseException:  # such as an interrupt
                    self._restore()
                    raise
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth:
                self._restore()

    def _restore(self) -> None:
        for owner, name, old in self._saved:
            if old is MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, old)

    def _after_fork(self) -> None:
        """In a child that was forked while another thread traced."""
        self._lock = threading.RLock()
        if self._depth and active.tape is None:
            self._depth = 0
            self._restore()
