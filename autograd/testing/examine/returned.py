"""What a backward pass returned, by argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import data_of
from autograd.errors import GraphError, counted, described, message
from autograd.testing.examine.spelling import find_spelled

Arrays = dict[str, Any]
WHAT = "check_backward"


def by_name(
    returned: Any, names: Sequence[str], values: Mapping[str, Any], inputs: int | None = None
) -> tuple[Arrays, tuple[str, ...]]:
    """The gradients by argument, and what came under a name that belongs to none.

    Args:
        returned: an array, or a tuple, list or dict of them.
        names: of the arguments.
        values: their values; integers and truth values have no gradient.
        inputs: how many of the arguments are inputs; all.

    Raises:
        GraphError: there are more gradients than arguments, or one is no array of real numbers.
    """
    if isinstance(returned, Mapping):
        return _of_mapping(returned, names)
    is_several = isinstance(returned, (tuple, list)) and not _is_rows(returned, names, values)
    found: Sequence[Any] = returned if is_several else [returned]
    smooth = [name for name in names if _has_gradient(values[name])]
    own = names[:inputs]
    if len(found) == len(own):
        chosen: Sequence[str] = own
    elif len(found) == len([name for name in own if name in smooth]):
        chosen = [name for name in own if name in smooth]
    elif len(found) <= len(own):
        chosen = own if all(name in smooth for name in own[: len(found)]) else smooth
    else:
        chosen = smooth if len(found) <= len(smooth) else names
    if len(found) > len(chosen):
        expected = f"at most {len(chosen)}, one for each argument"
        raise GraphError(message(WHAT, counted(len(found), "gradient"), expected))
    pairs = zip(chosen, found, strict=False)
    return {name: gradient_of(x, name) for name, x in pairs if x is not None}, ()


def _has_gradient(x: Any) -> bool:
    data = data_of(x)
    return isinstance(data, (float, np.floating)) or (
        isinstance(data, np.ndarray) and data.dtype.kind == "f"
    )


def _is_rows(returned: Sequence[Any], names: Sequence[str], values: Mapping[str, Any]) -> bool:
    """Whether a list holds the rows of one gradient, not a gradient for each argument."""
    if isinstance(returned, tuple) or not names:
        return False
    if any(isinstance(x, np.ndarray) and x.ndim for x in returned):
        return False
    try:
        array = np.asarray(returned, float)
    except (TypeError, ValueError):  # of several shapes, or no numbers
        return False
    return array.ndim > 0 and array.shape == np.shape(values[names[0]])


def gradient_of(x: Any, name: str) -> Any:
    """A gradient as an array.

    Raises:
        GraphError: it is none.
    """
    try:
        array = np.array(data_of(x))
    except ValueError:  # lists of several lengths
        array = np.array(None)
    if array.dtype.kind not in "fiub":
        got = f"{described(x)} as the gradient of {name}"
        raise GraphError(message(WHAT, got, "an array of real numbers"))
    return array


def _of_mapping(
    returned: Mapping[Any, Any], names: Sequence[str]
) -> tuple[Arrays, tuple[str, ...]]:
    """The gradient of "W" may be called "W", "dW", "grad_W", "W_grad" or "weights"."""
    found: Arrays = {}
    left = [key for key in returned if returned[key] is not None]
    for number, name in enumerate(names):
        key = find_spelled(name, left)
        if key is None and number in left:
            key = number
        if key is not None:
            found[name] = gradient_of(returned[key], name)
            left.remove(key)
    return found, tuple(str(key) for key in left)
