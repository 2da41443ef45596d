"""How a module learns its path: from the module that calls it.

A call of a module opens a `Scope`, the note of every node created during the call. While the call
runs, the scope knows the attributes of its module; a module called inside looks up its name there.
"""

from __future__ import annotations

from typing import Any

from autograd import recording

OFF = recording.OFF

# Bound once, because every call of a module uses them.
current_note, enter_scope, leave_scope = (
    recording.current.get,
    recording.current.set,
    recording.current.reset,
)

# How many times a module was registered or removed, anywhere. Each module caches the paths of the
# modules inside it together with this count; once the count has moved on, the cache is stale.
registrations = 0
NO_PATHS: tuple[int, dict[int, str]] = (-1, {})


def count_registration() -> None:
    """Make every cache of paths stale."""
    global registrations
    registrations += 1


def cache_paths(attributes: dict[str, Any]) -> None:
    """Look up the path of each module inside the module that has these attributes."""
    paths: dict[int, str] = {}
    for name, module in attributes["_modules"].items():
        if module is not None:
            for path, inner in module.named_modules():
                paths.setdefault(id(inner), f"{name}.{path}" if path else name)
    attributes["_scope_paths"] = (registrations, paths)
