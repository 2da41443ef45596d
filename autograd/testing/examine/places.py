"""Where an object keeps its parameters, and where their gradients.

A parameter is an array of floats in an attribute, or in a list, dictionary or object that an
attribute holds. The gradient of `W` is looked for beside it: as `grad_W`, `dW`, `W_grad` or
`grads["W"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

DEPTH = 3
GRADIENT_DICTS = ("grads", "grad", "gradients", "gradient", "dparams", "d", "g", "dgrads")
SHORT = {"bias": "b", "biases": "b", "weight": "W", "weights": "W"}


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
    elif hasattr(x, "__dict__") and not isinstance(x, type):
        for name, value in vars(x).items():
            if not is_gradient_name(name):
                yield "attribute", name, value, f"{path}.{name}" if path else name


def find_gradient(root: Any, place: Place) -> Any:
    """The gradient of a parameter, or None."""
    how, key = place.steps[-1]
    if how == "attribute":
        return _beside(_follow(root, place.steps[:-1]), key)
    # In a dictionary or list: the gradients are in one of their own, beside it.
    if len(place.steps) < 2:
        return None
    holder, (_, container) = _follow(root, place.steps[:-2]), place.steps[-2]
    for found in _candidates(holder, container):
        for spelled in _spellings(key) if isinstance(key, str) else (key,):
            try:
                return _gradient(found[spelled])
            except (KeyError, IndexError, TypeError):
                continue
    return None


def _gradient(x: Any) -> Any:
    return None if x is None else np.asarray(x)


def _beside(owner: Any, name: str) -> Any:
    """An attribute of the owner, or an entry of its dictionary of gradients."""
    for spelled in _spellings(name)[1:]:
        found = getattr(owner, spelled, None)
        if isinstance(found, (np.ndarray, float, np.generic)):
            return np.asarray(found)
    for container in GRADIENT_DICTS:
        found = getattr(owner, container, None)
        if isinstance(found, dict):
            for spelled in _spellings(name):
                if isinstance(found.get(spelled), (np.ndarray, float, np.generic)):
                    return np.asarray(found[spelled])
    return None


def _spellings(name: str) -> list[str]:
    """What the gradient of a parameter may be called; first its own name."""
    found = [name]
    for n in (name, SHORT.get(name, name)):
        found += [f"grad_{n}", f"d{n}", f"{n}_grad", f"d_{n}", f"g{n}", f"grad{n}", f"{n}_gradient"]
        found += [f"gradient_{n}", f"delta_{n}", f"g_{n}", f"d{n.capitalize()}", f"grad_{n}s"]
    return found


def _candidates(holder: Any, container: Any) -> Iterator[Any]:
    """The dictionaries and lists that may hold the gradients of those in `container`."""
    names = [*GRADIENT_DICTS]
    if isinstance(container, str):
        names = [*_spellings(container)[1:], *names]
    for name in names:
        found = holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)
        if isinstance(found, (dict, list, tuple)):
            yield found
