"""Nested tuples, lists and dictionaries as a flat list of leaves, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


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
    """A tree built like `tree`, with the next leaves of `flat`."""
    if isinstance(tree, dict):
        return {key: unflatten(branch, flat) for key, branch in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(unflatten(branch, flat) for branch in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(unflatten(branch, flat) for branch in tree)
    return next(flat)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with every leaf replaced by the function of it."""
    return unflatten(tree, map(function, leaves(tree)))
