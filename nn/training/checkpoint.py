"""Weights, and whole states of training, in files that are written at once or not at all.

A file is in the safetensors format: arrays, and for a state of training a skeleton of everything
else as JSON in its header. Reading one runs no code from it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Tensor, random
from nn.module.module import Module

FORMAT = "glassgrad training state 1"
KINDS = {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16"}
KINDS |= {"uint32", "uint64", "bool"}


class CheckpointError(ValueError):
    """A file cannot be read as what it should be, or does not fit what it shall be loaded into."""


def save(
    path: str | Path, state: Mapping[str, Any], metadata: Mapping[str, str] | None = None
) -> Path:
    """Write arrays by name, such as `model.state_dict()`, as safetensors; other libraries read it
    too.

    Args:
        path: the file; one that exists is replaced as a whole.
        state: arrays or Tensors by name.
        metadata: words to go with them.

    Returns:
        the path.

    Raises:
        TypeError: an entry is no array of floats, ints or bools.

    Example:
        >>> import nn, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "weights.safetensors"
        >>> _ = nn.checkpoint.save(path, nn.Linear(2, 1).state_dict())
        >>> sorted(nn.checkpoint.load(path))
        ['bias', 'weight']
    """
    arrays = {str(name): _as_stored(name, x) for name, x in state.items()}
    return _write(Path(path), _library().save(arrays, dict(metadata or {}) or None))


def load(path: str | Path) -> dict[str, Any]:
    """Read the arrays of a safetensors file by name.

    Raises:
        CheckpointError: the file is torn, or in another format.
        FileNotFoundError: there is none.
    """
    return _read(Path(path))[0]


def save_training(path: str | Path, **parts: Any) -> Path:
    """Write everything that a training needs to go on as if it had never stopped.

    Args:
        path: the file; one that exists is replaced as a whole.
        parts: by name, what has `state_dict()` (model, optimizer, scheduler, loader, averages),
            NumPy Generators, and plain values: numbers, strings, None, lists, tuples, dictionaries,
            arrays. The default generator of `autograd.random` and those that modules hold are
            always included.

    Returns:
        the path.

    Raises:
        TypeError: a value can be neither saved nor asked for its state.

    Example:
        >>> import nn, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "training.safetensors"
        >>> model = nn.Linear(2, 1)
        >>> optimizer = nn.optim.Adam(model.parameters())
        >>> _ = nn.checkpoint.save_training(path, model=model, optimizer=optimizer, step=7)
        >>> nn.checkpoint.load_training(path, model=model, optimizer=optimizer)
        {'step': 7}
    """
    arrays: dict[str, Any] = {}
    skeleton = {
        "parts": {
            name: [_kind(part), _encoded(_state_of(part), name, arrays)]
            for name, part in parts.items()
        },
        "generators": {
            name: _encoded(g.bit_generator.state, f"generator of {name}", arrays)
            for name, g in _generators(parts)
        },
    }
    metadata = {"format": FORMAT, "skeleton": json.dumps(skeleton)}
    return _write(Path(path), _library().save(arrays, metadata))


def load_training(path: str | Path, **parts: Any) -> dict[str, Any]:
    """Put everything back that `save_training` wrote, or nothing.

    Args:
        path: the file.
        parts: by the names they were saved under, the objects that take their states back.

    Returns:
        the plain values by name.

    Raises:
        CheckpointError: the file is torn, foreign, or does not fit; nothing is changed.
        FileNotFoundError: there is none.
    """
    path = Path(path)
    arrays, metadata = _read(path)
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"load_training: {path} holds no state of training; nn.checkpoint.load reads weights"
        )
    skeleton = json.loads(metadata["skeleton"])
    saved = {name: (kind, _decoded(x, arrays)) for name, (kind, x) in skeleton["parts"].items()}
    asked = {name for name, (kind, _) in saved.items() if kind != "value"}
    if asked != set(parts):
        raise CheckpointError(
            f"load_training: {path} holds {', '.join(sorted(asked)) or 'no objects'}; "
            f"{', '.join(sorted(parts)) or 'none'} came; the same are expected"
        )
    generators = dict(_generators(parts))
    states = {name: _decoded(x, arrays) for name, x in skeleton["generators"].items()}
    if set(states) != set(generators):
        raise CheckpointError(
            f"load_training: {path} holds random generators of {sorted(states)}; the models have "
            f"{sorted(generators)}"
        )
    before = {name: _state_of(part) for name, part in parts.items()}
    streams = {name: g.bit_generator.state for name, g in generators.items()}
    try:
        for name, part in parts.items():
            _restore(part, saved[name][1])
        for name, generator in generators.items():
            generator.bit_generator.state = states[name]
    except Exception as error:
        for name, part in parts.items():
            _restore(part, before[name])
        for name, generator in generators.items():
            generator.bit_generator.state = streams[name]
        raise CheckpointError(f"load_training: {path} does not fit: {error}") from error
    return {name: value for name, (kind, value) in saved.items() if kind == "value"}


# --- parts ---


def _kind(part: Any) -> str:
    if isinstance(part, np.random.Generator):
        return "generator"
    return "state" if hasattr(part, "state_dict") else "value"


def _state_of(part: Any) -> Any:
    if isinstance(part, np.random.Generator):
        return part.bit_generator.state
    return part.state_dict() if hasattr(part, "state_dict") else part


def _restore(part: Any, state: Any) -> None:
    if isinstance(part, np.random.Generator):
        part.bit_generator.state = state
    else:
        part.load_state_dict(state)


def _generators(parts: Mapping[str, Any]) -> Iterator[tuple[str, np.random.Generator]]:
    """The default generator, and those that modules among the parts hold, each once."""
    default = random.generator()
    yield "autograd.random", default
    seen = {id(default)}
    for name, part in parts.items():
        for path, module in part.named_modules() if isinstance(part, Module) else ():
            for attribute, value in vars(module).items():
                if isinstance(value, np.random.Generator) and id(value) not in seen:
                    seen.add(id(value))
                    yield ".".join(filter(None, (name, path, attribute))), value


# --- trees as JSON, their arrays beside it ---


def _encoded(x: Any, path: str, arrays: dict[str, Any]) -> Any:
    if x is None or type(x) in (bool, int, float, str):
        return x
    if isinstance(x, Mapping):
        for key in x:
            if type(key) not in (str, int):
                raise TypeError(
                    f"save_training: {path} has the key {key!r}; a str or int is expected"
                )
        return {"dict": [[k, _encoded(v, f"{path}/{k}", arrays)] for k, v in x.items()]}
    if type(x) in (list, tuple):
        entries = [_encoded(v, f"{path}/{i}", arrays) for i, v in enumerate(x)]
        return {type(x).__name__: entries}
    if isinstance(x, (np.ndarray, np.generic, Tensor)):
        arrays[path] = _as_stored(path, x)
        return {"scalar" if isinstance(x, np.generic) else "array": path}
    raise TypeError(
        f"save_training: {path} is a {type(x).__name__}; numbers, strings, None, lists, tuples, "
        "dictionaries, arrays, or objects with state_dict() are expected"
    )


def _decoded(x: Any, arrays: Mapping[str, Any]) -> Any:
    if not isinstance(x, dict):
        return x
    [(kind, content)] = x.items()
    if kind == "dict":
        return {key: _decoded(value, arrays) for key, value in content}
    if kind in ("list", "tuple"):
        entries = [_decoded(value, arrays) for value in content]
        return entries if kind == "list" else tuple(entries)
    return arrays[content] if kind == "array" else arrays[content][()]


def _as_stored(name: Any, x: Any) -> Any:
    """A contiguous array of a dtype that the format knows."""
    array = np.array(x.data if isinstance(x, Tensor) else x, order="C")
    if array.dtype.name not in KINDS:
        raise TypeError(
            f"save: {name} has dtype {array.dtype}; floats, ints and bools are expected"
        )
    return array.astype(array.dtype.newbyteorder("="), copy=False)


# --- files ---


def _library() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(
            "nn.checkpoint: the package safetensors is missing; run pip install safetensors"
        ) from None
    return safetensors.numpy


def _write(path: Path, content: bytes) -> Path:
    """All of the file or nothing of it, whatever happens: written beside, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the new name must survive a power cut too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return path


def _read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    library = _library()
    import safetensors

    if not path.is_file():
        raise FileNotFoundError(f"load: there is no file {path}")
    try:
        with safetensors.safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
        return library.load_file(path), metadata
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"load: {path} cannot be read as safetensors: {str(error) or type(error).__name__}; it "
            "is "
            "torn, in another format, or holds a dtype that NumPy lacks, such as bfloat16"
        ) from error
