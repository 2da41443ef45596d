"""Where an object keeps its parameters, and where their gradients.

A parameter is an array of floats in an attribute or slot, or in a list, dictionary or object that
an attribute holds. The gradient of `W` is looked for beside it: as `grad_W`, `dW`, `W_grad`,
`grads["W"]`, or as the `grad` of an object that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.examine.spelling import GRADIENT, find_spelled, spellings

DEPTH = 3
GRADIENT_DICTS = ("grads", "grad", "gradients", "gradient", "dparams", "d", "g", "dgrads")


class Place(NamedTuple):
    """Where a parameter stands.

    Attributes:
        name: its path, such as "W", "fc1.W", "weights[0]" or, in a dictionary of parameters, "W".
        steps: the attributes, keys and numbers that lead to it.
    """

    name: str
    steps: tuple[tuple[str, Any], ...]

    def get(self, root: Any) -> Any:
        """The parameter of an object."""
        return _follow(root, self.steps)

    def set(self, root: Any, value: Any) -> None:
        """Give an object another parameter."""
        holder = _follow(root, self.steps[:-1])
        how, key = self.steps[-1]
        if how == "attribute":
            setattr(holder, key, value)
        else:
            holder[key] = value


def _follow(x: Any, steps: tuple[tuple[str, Any], ...]) -> Any:
    for how, key in steps:
        x = getattr(x, key) if how == "attribute" else x[key]
    return x


def is_gradient_name(name: str) -> bool:
    """Whether an attribute of that name holds a gradient, not a parameter."""
    lower = name.lower()
    return lower.startswith("grad") or lower.endswith(("grad", "grads"))


def places_of(root: Any) -> Iterator[Place]:
    """The arrays of floats of an object, in the order of its attributes."""
    yield from _search(root, "", (), set())


def _search(x: Any, path: str, steps: Any, seen: set[int]) -> Iterator[Place]:
    if len(steps) > 2 * DEPTH or id(x) in seen:
        return
    seen.add(id(x))
    for how, key, value, name in _parts(x, path):
        further = (*steps, (how, key))
        if isinstance(value, np.ndarray):
            if value.dtype.kind == "f":
                yield Place(name, further)
        else:
            yield from _search(value, name, further, seen)


def _parts(x: Any, path: str) -> Iterator[tuple[str, Any, Any, str]]:
    """(how, key, value, path) of what an object, list or dictionary holds."""
    if isinstance(x, dict):
        for key, value in x.items():
            yield "item", key, value, str(key)
    elif isinstance(x, list):
        for i, value in enumerate(x):
            yield "item", i, value, f"{path}[{i}]"
    elif not isinstance(x, type):
        for name, value in attributes_of(x).items():
            if not is_gradient_name(name):
                yield "attribute", name, value, f"{path}.{name}" if path else name


def attributes_of(x: Any) -> dict[str, Any]:
    """The attributes of an object, in its dictionary or in slots."""
    found = dict(getattr(x, "__dict__", {}))
    for kind in type(x).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            if hasattr(x, name) and not name.startswith("__"):
                found.setdefault(name, getattr(x, name))
    return found


def find_gradient(root: Any, place: Place, number: int = 0) -> Any:
    """The gradient of a parameter, or None.

    Args:
        root: the object.
        place: where the parameter stands.
        number: of the parameter among those of the object, for gradients in a list.
    """
    how, key = place.steps[-1]
    if how == "attribute":
        return _beside(_follow(root, place.steps[:-1]), key, number)
    # In a dictionary or list: the gradients are in one of their own, beside it.
    if len(place.steps) < 2:
        return None
    holder, (_, container) = _follow(root, place.steps[:-2]), place.steps[-2]
    for found in _candidates(holder, container):
        gradient = _entry(found, key, key)
        if gradient is not None:
            return gradient
    return None


def _beside(owner: Any, name: str, number: int) -> Any:
    """An attribute of the owner, or an entry of its dictionary or list of gradients."""
    attributes = attributes_of(owner)
    found = find_spelled(name, attributes, own=False)
    if found is not None and _is_array(attributes[found]):
        return np.asarray(attributes[found])
    for container in (c for n, c in attributes.items() if n in GRADIENT_DICTS):
        gradient = _entry(container, name, number)
        if gradient is not None:
            return gradient
    for container in attributes.values():
        if isinstance(container, dict):  # such as a cache: only what is called a gradient
            found = find_spelled(name, container, own=False)
            if found is not None and _is_array(container[found]):
                return np.asarray(container[found])
    held = [n for n, x in attributes.items() if _is_array(x) and not is_gradient_name(n)]
    only = next((n for n in GRADIENT if n in attributes), None)
    if held == [name] and only is not None and _is_array(attributes[only]):
        return np.asarray(attributes[only])
    return None


def _entry(container: Any, name: Any, number: Any) -> Any:
    """The gradient of a parameter in a dictionary, by its name, or in a list."""
    if isinstance(container, dict):
        key = find_spelled(name, container) if isinstance(name, str) else name
        key = number if key is None else key
        return np.asarray(container[key]) if _is_array(container.get(key)) else None
    if isinstance(container, (list, tuple)) and isinstance(number, int):
        is_there = number < len(container) and _is_array(container[number])
        return np.asarray(container[number]) if is_there else None
    return None


def _is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, float, np.generic))


def _candidates(holder: Any, container: Any) -> Iterator[Any]:
    """The dictionaries and lists that may hold the gradients of those in `container`."""
    names = [*GRADIENT_DICTS]
    if isinstance(container, str):
        names = [*spellings(container)[1:], *names]
    for name in names:
        found = holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)
        if isinstance(found, (dict, list, tuple)):
            yield found
