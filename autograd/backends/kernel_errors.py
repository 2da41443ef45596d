"""What the user reads when NumPy refuses the arrays that a primitive was given."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.errors import ShapeError, message
from autograd.primitives.contraction import matmul


def kernel_error(op: Primitive, error: Exception, data: Collection[Any]) -> Exception:
    """The kernel's error as one sentence, with the operation and what it was given."""
    shapes = [np.shape(d) for d in data]
    given = " and ".join(map(str, shapes))
    if op.elementwise and isinstance(error, ValueError) and "broadcast" in str(error):
        return ShapeError(
            message(
                op.name,
                f"shapes {given}, which do not broadcast",
                "each pair of lengths, from the right, to be equal or contain a 1",
            )
        )
    if op is matmul and isinstance(error, ValueError):
        left, right = shapes
        return ShapeError(
            message(
                op.name,
                f"shapes {given}",
                f"the last length of the left, {left[-1]}, to equal the last but one of the "
                f"right, {right[-2]}, and the axes before them to broadcast",
            )
        )
    of_kind: Any
    if isinstance(error, (ValueError, IndexError)):
        of_kind = ShapeError if type(error) is ValueError else type(error)
    else:  # NumPy's own subclasses take arguments other than a text
        kinds = (TypeError, OverflowError)
        of_kind = next((kind for kind in kinds if isinstance(error, kind)), RuntimeError)
    got = f"{'shape' if len(shapes) == 1 else 'shapes'} {given}"
    return of_kind(message(op.name, got, hint=str(error)))  # type: ignore[no-any-return]
