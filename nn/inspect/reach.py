"""Whose pass a backward pass is: it belongs to the models whose parameters it reaches."""

from __future__ import annotations

from collections.abc import Collection

from autograd import Node
from nn.module.module import Module


class Reach:
    """Tells which passes belong to a model.

    A pass belongs to it if it reaches a parameter that requires a gradient. Of a model that had
    none at the start, such as a frozen one, it belongs if it goes through an output.

    Args:
        model: the model.
    """

    def __init__(self, model: Module) -> None:
        self._parameters = list(model.parameters())
        self._learns = any(p.requires_grad for p in self._parameters)

    def includes(self, root: Node, outputs: Collection[Node]) -> bool:
        """Whether a pass from `root` belongs to the model, which computed these outputs."""
        targets = {p for p in self._parameters if p.requires_grad} if self._learns else {*outputs}
        return reaches(root, targets)


def reaches(root: Node, targets: Collection[Node]) -> bool:
    """Whether a pass from `root` comes to one of some nodes; the walk ends at the first of them.

    Example:
        >>> import autograd as ag
        >>> from nn.inspect.reach import reaches
        >>> x, y = ag.Value(1.0), ag.Value(2.0)
        >>> reaches(x * x + 1.0, {x}), reaches(x * x + 1.0, {y})
        (True, False)
    """
    if root in targets:
        return True
    seen, stack = {root}, [root]
    while stack:
        for x in stack.pop().inputs:
            if x is None or not x.requires_grad or x in seen:
                continue
            if x in targets:
                return True
            seen.add(x)
            stack.append(x)
    return False
