"""Nested tuples, lists and dictionaries as a flat list of leaves, and back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from autograd.errors import ShapeError, kind


def leaves(tree: Any) -> list[Any]:
    """The leaves of a tree, from left to right; dictionaries in their own order."""
    return list(_walk(tree))


def _walk(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, (tuple, list)):
        yield tree
        return
    for branch in tree:
        yield from _walk(branch)


def unflatten(tree: Any, flat: Iterator[Any]) -> Any:
    """A tree of the structure of `tree`, with its leaves taken from `flat`."""
    if isinstance(tree, dict):
        built = copy.copy(tree)  # keeps the class, such as defaultdict, and the order
        for key, branch in tree.items():
            built[key] = unflatten(branch, flat)
        return built
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(unflatten(branch, flat) for branch in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(unflatten(branch, flat) for branch in tree)
    return next(flat)


def leaves_like(tree: Any, model: Any) -> list[Any]:
    """The leaves of `tree`, in the order of the leaves of `model`; dictionaries match by key.

    Raises:
        ShapeError: the structures differ. Its arguments are what was got and what was expected,
            from which the caller writes its `message`.
    """
    if isinstance(model, dict):
        if not isinstance(tree, dict) or tree.keys() != model.keys():
            raise ShapeError(_described(tree), _described(model))
        return [leaf for key in model for leaf in leaves_like(tree[key], model[key])]
    if isinstance(model, (tuple, list)):
        if not isinstance(tree, (tuple, list)) or len(tree) != len(model):
            raise ShapeError(_described(tree), _described(model))
        pairs = zip(tree, model, strict=True)
        return [leaf for branches in pairs for leaf in leaves_like(*branches)]
    if isinstance(tree, (dict, tuple, list)):
        raise ShapeError(_described(tree), "one number or array")
    return [tree]


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"{kind(tree)} with keys {', '.join(map(repr, tree))}"
    return f"{kind(tree)} of {len(tree)}" if isinstance(tree, (tuple, list)) else kind(tree)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with `function` applied to every leaf."""
    return unflatten(tree, map(function, leaves(tree)))
