"""Files of weights and of whole training states, which are written completely or not at all.

They are in the safetensors format. A training state keeps everything but its arrays as JSON in the
header. Reading a file runs no code from it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd import random
from autograd.errors import kind, message
from nn.module.module import Module
from nn.training.skeleton import as_stored, decoded, encoded
from nn.training.tensor_file import CheckpointError, Damaged, parsed, read_arrays, write_arrays

__all__ = ["CheckpointError", "load", "load_torch", "load_training", "save", "save_training"]

FORMAT = "glassgrad training state 1"


def save(
    path: str | Path, state: Mapping[str, Any], metadata: Mapping[str, str] | None = None
) -> Path:
    """Write arrays by name, such as `model.state_dict()`, as safetensors.

    Args:
        path: the file; if it exists, it is replaced as a whole.
        state: arrays or Tensors by name.
        metadata: strings by name, for the header of the file.

    Returns:
        the path.

    Raises:
        TypeError: an argument is of another kind, or an entry is not an array of floats, ints
            or bools.
        ValueError: two names are equal as strings, or one cannot be written.
        IsADirectoryError: the path is that of a folder.

    Example:
        >>> import nn, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "weights.safetensors"
        >>> _ = nn.checkpoint.save(path, nn.Linear(2, 1).state_dict())
        >>> sorted(nn.checkpoint.load(path))
        ['bias', 'weight']
    """
    path = file_path("save", path, "nn.checkpoint.save(path, model.state_dict())")
    if not isinstance(state, Mapping):
        hint = "pass model.state_dict()" if hasattr(state, "state_dict") else ""
        raise TypeError(message("save", f"{kind(state)} as state", "arrays by name", hint))
    for name in state:
        if type(name) not in (str, int):
            raise TypeError(message("save", f"the name {name!r:.80}", "a str or an int"))
    arrays = {str(name): as_stored(name, x) for name, x in state.items()}
    if len(arrays) < len(state):
        got = f"the names {', '.join(map(repr, state))}"
        raise ValueError(message("save", got, "names that differ as strings"))
    texts = {} if metadata is None else metadata
    if not isinstance(texts, Mapping) or not all(
        isinstance(text, str) for pair in texts.items() for text in pair
    ):
        raise TypeError(message("save", f"metadata={metadata!r}", "strings by name"))
    return _write(path, arrays, texts)


def load(path: str | Path) -> dict[str, Any]:
    """Read the arrays of a safetensors file by name.

    Raises:
        CheckpointError: the file is incomplete, altered, or in another format.
        FileNotFoundError: there is no such file.
        IsADirectoryError: the path is that of a folder.
    """
    return _read(file_path("load", path, "nn.checkpoint.load(path)"))[0]


def load_torch(path: str | Path) -> Any:
    """Read a checkpoint of PyTorch's, without PyTorch, and without executing anything.

    Args:
        path: a file that `torch.save` wrote, in the zip format of PyTorch 1.6 and newer.

    Returns:
        what was saved: usually arrays by name, for `model.load_state_dict`. Tensors and parameters
        become arrays, of float32 where they were of bfloat16; tensors that share a storage share
        memory. Dictionaries, lists, tuples, numbers, strings and None stay what they are.

    Raises:
        CheckpointError: the file is damaged, or holds anything else, such as a whole model; the
            message names it.
        FileNotFoundError: there is no such file.
        IsADirectoryError: the path is that of a folder.

    Example:
        >>> state = nn.checkpoint.load_torch("weights.pt")  # doctest: +SKIP
        >>> model.load_state_dict(state)  # doctest: +SKIP
    """
    path = file_path("load_torch", path, 'nn.checkpoint.load_torch("weights.pt")')
    _check_file("load_torch", path)
    from nn.training.torch_file import read_torch  # here, because few programs read such files

    return read_torch(path)


def save_training(path: str | Path, *unnamed: Any, **parts: Any) -> Path:
    """Write everything that training needs to continue as if it had never stopped.

    Args:
        path: the file; if it exists, it is replaced as a whole.
        unnamed: must be empty, because every part needs a name.
        parts: by name, objects with `state_dict()` (model, optimizer, scheduler, loader, averages),
            NumPy Generators, and plain values: numbers, strings, None, lists, tuples, dictionaries
            and arrays. The default generator of `autograd.random` and the generators in modules
            are always included.

    Returns:
        the path.

    Raises:
        TypeError: a part is neither a plain value nor an object with a state.
        ValueError: a value is nested too deeply.

    Example:
        >>> import nn, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "training.safetensors"
        >>> model = nn.Linear(2, 1)
        >>> optimizer = nn.optim.Adam(model.parameters())
        >>> _ = nn.checkpoint.save_training(path, model=model, optimizer=optimizer, step=7)
        >>> nn.checkpoint.load_training(path, model=model, optimizer=optimizer)
        {'step': 7}
    """
    path = file_path("save_training", path, "nn.checkpoint.save_training(path, model=model)")
    _check_named("save_training", unnamed)
    arrays: dict[str, Any] = {}
    skeleton = {
        "parts": {
            name: [_role(part), encoded(_state_of(part), name, arrays)]
            for name, part in parts.items()
        },
        "generators": {
            name: encoded(g.bit_generator.state, f"generator of {name}", arrays)
            for name, g in generators(parts)
        },
    }
    return _write(path, arrays, {"format": FORMAT, "skeleton": json.dumps(skeleton)})


def load_training(path: str | Path, *unnamed: Any, **parts: Any) -> dict[str, Any]:
    """Restore everything that `save_training` wrote, or nothing.

    Args:
        path: the file.
        unnamed: must be empty, because every part needs a name.
        parts: the objects that get their states back, by the names they were saved under.

    Returns:
        the plain values by name.

    Raises:
        CheckpointError: the file is incomplete, of another kind, or does not fit; nothing changes.
        FileNotFoundError: there is no such file.
    """
    path = file_path("load_training", path, "nn.checkpoint.load_training(path, model=model)")
    _check_named("load_training", unnamed)
    for name, part in parts.items():
        if _role(part) == "value":
            hint = "read plain values from what load_training returns"
            expected = "an object with load_state_dict()"
            raise TypeError(message("load_training", f"{kind(part)} as {name}", expected, hint))
    return restore(path, parts)


def restore(
    path: Path, parts: Mapping[str, Any], accept: Callable[[dict[str, Any]], Any] = lambda _: None
) -> dict[str, Any]:
    """Restore parts, or nothing; `accept` raises for plain values it refuses, before anything."""
    saved, states = _read_training(path)
    objects = {name for name, (role, _) in saved.items() if role != "value"}
    if objects != set(parts):
        got = f"objects for {', '.join(sorted(parts)) or 'nothing'}"
        expected = f"objects for {', '.join(sorted(objects)) or 'nothing'}, as in {path}"
        raise CheckpointError(message("load_training", got, expected))
    streams = dict(generators(parts))
    if set(states) != set(streams):
        got = f"models with random generators {sorted(streams)}"
        expected = f"{sorted(states)}, as in {path}"
        raise CheckpointError(message("load_training", got, expected))
    values = {name: value for name, (role, value) in saved.items() if role == "value"}
    accept(values)
    before = {name: _state_of(part) for name, part in parts.items()}
    drawn = {name: g.bit_generator.state for name, g in streams.items()}
    try:
        for name, part in parts.items():
            _restore(part, saved[name][1])
        for name, generator in streams.items():
            generator.bit_generator.state = states[name]
    except BaseException as error:
        for name, part in parts.items():
            _restore(part, before[name])
        for name, generator in streams.items():
            generator.bit_generator.state = drawn[name]
        if not isinstance(error, Exception):  # Ctrl-C
            raise
        got = f"{path}, which does not fit ({error})"
        expected = "the state of these objects; nothing was changed"
        raise CheckpointError(message("load_training", got, expected)) from error
    return values


def _check_named(what: str, unnamed: tuple[Any, ...]) -> None:
    if unnamed:
        hint = f"write nn.checkpoint.{what}(path, model=model, optimizer=optimizer)"
        raise TypeError(message(what, f"{kind(unnamed[0])} without a name", "parts by name", hint))


def _read_training(path: Path) -> tuple[dict[str, tuple[str, Any]], dict[str, Any]]:
    """The parts in a file, each as its role and its state, and the states of the generators."""
    arrays, metadata = _read(path)
    if metadata.get("format") != FORMAT:
        hint = "read weights with nn.checkpoint.load"
        raise CheckpointError(message("load_training", f"{path}", "a training state", hint))
    try:
        return _parts_in(metadata.get("skeleton", ""), arrays)
    except Damaged as error:
        got = f"{path}, whose header does not fit its arrays ({error})"
        raise CheckpointError(message("load_training", got, "what save_training wrote")) from error


def _parts_in(text: str, arrays: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    skeleton = parsed(text, "skeleton")
    parts, states = skeleton.get("parts"), skeleton.get("generators")
    if not isinstance(parts, dict) or not isinstance(states, dict):
        raise Damaged("skeleton without parts and generators")
    for name, part in parts.items():
        if not isinstance(part, list) or len(part) != 2 or part[0] not in ROLES:
            raise Damaged(f"parts/{name} without a role and a state")
    saved = {name: (role, decoded(x, arrays, f"parts/{name}")) for name, (role, x) in parts.items()}
    return saved, {name: decoded(x, arrays, f"generators/{name}") for name, x in states.items()}


# --- parts ---


ROLES = ("state", "generator", "value")


def _role(part: Any) -> str:
    """How a part is saved and restored."""
    if isinstance(part, np.random.Generator):
        return "generator"
    return "state" if _has_state(part) else "value"


def _has_state(part: Any) -> bool:
    return hasattr(part, "state_dict") and not isinstance(part, type)


def _state_of(part: Any) -> Any:
    if isinstance(part, np.random.Generator):
        return part.bit_generator.state
    return part.state_dict() if _has_state(part) else part


def _restore(part: Any, state: Any) -> None:
    if isinstance(part, np.random.Generator):
        part.bit_generator.state = state
    else:
        part.load_state_dict(state)


def generators(parts: Mapping[str, Any]) -> Iterator[tuple[str, np.random.Generator]]:
    """The default generator and those in modules among the parts by name, each once."""
    default = random.generator()
    yield "autograd.random", default
    seen = {id(default)}
    for name, part in parts.items():
        for path, module in part.named_modules() if isinstance(part, Module) else ():
            for attribute, value in vars(module).items():
                if isinstance(value, np.random.Generator) and id(value) not in seen:
                    seen.add(id(value))
                    yield ".".join(filter(None, (name, path, attribute))), value


# --- files ---


def file_path(what: str, path: Any, call: str) -> Path:
    """The path of a file; raises for anything else, such as the state, PyTorch's first argument."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(message(what, f"{kind(path)} as path", "a path first", f"write {call}"))
    if not str(path):
        raise ValueError(message(what, "an empty path", "the path of a file"))
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:  # lone surrogates
        possible = False
    if not possible:
        raise ValueError(message(what, f"the path {str(path)!r:.80}", "one that a file can have"))
    return Path(path)


def _write(path: Path, arrays: Mapping[str, Any], metadata: Mapping[str, str]) -> Path:
    if path.is_dir():
        raise IsADirectoryError(message("save", f"the folder {path}", "the path of a file"))
    write_arrays(path, arrays, metadata)
    return path


def _check_file(what: str, path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(message(what, f"the folder {path}", "the path of a file"))
    if not path.is_file():
        raise FileNotFoundError(message(what, f"{path}", "a file that exists"))


def _read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    _check_file("load", path)
    return read_arrays(path)
