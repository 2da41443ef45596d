"""Reading the arrays of a module, and taking over others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from nn.module.parameter import Parameter


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` did not find, and what it did not know."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def entries(module: Any) -> Iterator[tuple[str, Any, str, Any]]:
    """(path, owner, name, entry) of all parameters and persistent buffers that are not None."""
    for path, owner in module.named_modules():
        for table in (owner._parameters, owner._buffers):
            for name, entry in table.items():
                if entry is not None and name not in owner._transient:
                    yield (f"{path}.{name}" if path else name), owner, name, entry


def read(module: Any) -> dict[str, Any]:
    """Copies of all arrays, by path."""
    return {
        path: np.array(entry.data if isinstance(entry, Tensor) else entry)
        for path, _, _, entry in entries(module)
    }


def load(module: Any, state: Any, strict: bool) -> IncompatibleKeys:
    """Take over arrays by path, all or none."""
    what = f"load_state_dict of {type(module).__name__}"
    if not isinstance(state, Mapping):
        raise TypeError(
            f"{what}: a {type(state).__name__} came; a mapping of paths to arrays is expected, "
            "such "
            "as state_dict() returns"
        )
    places = {path: (owner, name, entry) for path, owner, name, entry in entries(module)}
    keys = IncompatibleKeys(
        [key for key in places if key not in state],
        [key for key in state if key not in places],
    )
    problems = []
    if strict:
        problems += [f"missing: {key}" for key in keys.missing_keys]
        problems += [f"unexpected: {key}" for key in keys.unexpected_keys]
    arrays = {
        key: np.asarray(value.data if isinstance(value, Tensor) else value)
        for key, value in state.items()
        if key in places
    }
    for key, array in arrays.items():
        entry = places[key][2]
        if array.shape != entry.shape:
            problems.append(f"{key}: shape {array.shape} came, {entry.shape} is expected")
        if not np.can_cast(array.dtype, entry.dtype, "same_kind"):
            problems.append(f"{key}: dtype {array.dtype} came, {entry.dtype} is expected")
    if problems:
        raise ValueError(f"{what}: {'; '.join(problems)}")
    for key, array in arrays.items():
        owner, name, entry = places[key]
        if isinstance(entry, Parameter):
            entry.data = array.astype(entry.dtype)
        else:
            setattr(owner, name, array.astype(entry.dtype))
    return keys
