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
    recording.note_of_new,
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


def path_inside(attributes: dict[str, Any], module: Any) -> str:
    """The path to a module from the one that has these attributes; "" if it is not inside."""
    paths: dict[int, str]
    counted, paths = attributes["_scope_paths"]
    if counted != registrations:
        paths = {id(m): name for name, m in reversed(attributes["_modules"].items())}
        attributes["_scope_paths"] = (registrations, paths)
    found = paths.get(id(module))
    if found is None:  # most modules call only those that are their own attributes
        for name, child in attributes["_modules"].items():
            if child is not None:
                for path, inner in child.named_modules():
                    paths.setdefault(id(inner), f"{name}.{path}" if path else name)
        found = paths.setdefault(id(module), "")
    return found
