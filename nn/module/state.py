"""The state of a module: reading its arrays, replacing them, and converting their dtype."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd import data_of
from autograd.errors import kind, message
from nn.arguments import floating
from nn.module.parameter import Parameter, UninitializedParameter


class IncompatibleKeys(NamedTuple):
    """The keys that `load_state_dict` did not find, and those it did not know."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def entries(module: Any) -> Iterator[tuple[str, Any, str, Any]]:
    """(path, owner, name, entry) of all parameters and persistent buffers that are not None.

    A module that has several paths has its entries under each, as in PyTorch.
    """
    module._check_containers()
    for path, owner in module.named_modules(remove_duplicate=False):
        for table in (owner._parameters, owner._buffers):
            for name, entry in table.items():
                if entry is not None and name not in owner._transient:
                    yield (f"{path}.{name}" if path else name), owner, name, entry


def state_dict(module: Any, prefix: str, keep_vars: bool) -> dict[str, Any]:
    """Copies of all arrays, or the entries themselves, by path."""
    return {
        prefix + path: entry if keep_vars else np.array(data_of(entry))
        for path, _, _, entry in entries(module)
    }


def load(module: Any, state: Any, strict: bool) -> IncompatibleKeys:
    """Replace the arrays at the paths of `state`: all of them, or none if one does not fit."""
    what = f"load_state_dict of {type(module).__name__}"
    if not isinstance(state, Mapping):
        expected = "a mapping of paths to arrays, such as state_dict() returns"
        raise TypeError(message(what, kind(state), expected))
    places = {path: (owner, name, entry) for path, owner, name, entry in entries(module)}
    keys = IncompatibleKeys(
        [key for key in places if key not in state],
        [key for key in state if key not in places],
    )
    arrays, came, wanted = _fitting(what, state, places)
    lacks: list[str] = []
    if strict:
        lacks += [f"no {key}" for key in keys.missing_keys]
        lacks += [f"an unknown {key}" for key in keys.unexpected_keys]
    if lacks or came:
        hint = "pass strict=False to load the keys that fit" if lacks else ""
        raise ValueError(message(what, ", ".join([*lacks, *came]), ", ".join(wanted), hint))
    for key, array in arrays.items():
        _replace_entry(*places[key], array)
    return keys


def _fitting(
    what: str, state: Mapping[Any, Any], places: Mapping[Any, tuple[Any, str, Any]]
) -> tuple[dict[Any, Any], list[str], list[str]]:
    """The arrays of a state that have a place, what is wrong with some, and what was expected."""
    arrays: dict[Any, Any] = {}
    came: list[str] = []
    wanted: list[str] = []
    for key in (key for key in state if key in places):
        owner, name, entry = places[key]
        try:
            arrays[key] = array = array_of(state[key])
        except TypeError as error:
            raise ValueError(f"{what}: {key}: {error}") from None
        except ValueError:
            came.append(f"{key} with rows of different lengths")
            wanted.append(f"{key} of shape {entry.shape}")
            continue
        if array.shape != entry.shape and name not in owner._any_shape:
            came.append(f"{key} of shape {array.shape}")
            wanted.append(f"{key} of shape {entry.shape}")
        if not np.can_cast(array.dtype, entry.dtype, "same_kind"):
            came.append(f"{key} of dtype {array.dtype}")
            wanted.append(f"{key} of dtype {entry.dtype}")
    return arrays, came, wanted


def _replace_entry(owner: Any, name: str, entry: Any, array: Any) -> None:
    """Put an array in the place of a parameter's or a buffer's."""
    if isinstance(entry, UninitializedParameter):
        entry.materialize(array.shape)
    if isinstance(entry, Parameter):
        entry.data = array.astype(entry.dtype)
    else:
        setattr(owner, name, array.astype(entry.dtype))


def check_state(what: str, state: Any, names: Collection[str]) -> None:
    """Check that a saved state is a mapping with exactly these keys.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(state, Mapping) or set(state) != set(names):
        got = f"keys {list(state)}" if isinstance(state, Mapping) else kind(state)
        raise ValueError(message(f"load_state_dict of {what}", got, f"keys {list(names)}"))


def astype(module: Any, dtype: npt.DTypeLike) -> None:
    """Convert all parameters, their gradients and all floating buffers."""
    dtype = floating(f"astype of {type(module).__name__}", dtype)
    for parameter in module.parameters():
        parameter._convert(dtype)
    for owner in module.modules():
        for name, buffer in owner._buffers.items():
            if buffer is not None and buffer.dtype.kind == "f":
                setattr(owner, name, buffer.astype(dtype))


def replace(tensor: Any, change: Callable[[Any], Any]) -> None:
    """Replace the data of a Tensor by a function of them, without a gradient."""
    tensor.data = np.asanyarray(change(tensor.data))


def array_of(x: Any, dtype: Any = None) -> npt.NDArray[Any]:
    """An entry of a saved state as an array.

    Raises:
        TypeError: it is another library's tensor that NumPy cannot read, such as one of bfloat16.
        ValueError: it is a list whose rows have different lengths.
    """
    try:
        return np.asarray(data_of(x), dtype)
    except (TypeError, RuntimeError) as error:
        if not hasattr(x, "__array__"):
            raise
        dtype = getattr(x, "dtype", "unknown")
        hint = "call .float() on it in PyTorch" if "bfloat16" in str(dtype) else str(error)
        text = f"got {kind(x)} of dtype {dtype}, which NumPy cannot read; {hint}"
        raise TypeError(text) from None
