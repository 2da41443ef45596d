"""Whether NumPy raises for inf and nan, which a program would not do."""

from __future__ import annotations

from typing import Any

import numpy as np

LOUD = "np.errstate asks for an error where numbers overflow"

# NumPy's own variable, because np.geterr takes a microsecond at each call.
_state: Any = getattr(getattr(np, "_core", None), "umath", None)
_state = getattr(_state, "_extobj_contextvar", None)
_usual = _state.get() if _state is not None else None


def is_calm() -> bool:
    """Whether NumPy does not raise for inf and nan here.

    Example:
        >>> with np.errstate(divide="raise"):
        ...     is_calm()
        False
    """
    if _state is not None and _state.get() is _usual:
        return True
    return {"raise", "call"}.isdisjoint(np.geterr().values())
