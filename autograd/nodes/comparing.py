"""Comparisons of arrays, which a page that computes can follow."""

from __future__ import annotations

import operator
from typing import Any

from autograd.engine.graph import Node
from autograd.engine.looking import condition
from autograd.nodes.operators import Operators


class Comparing(Operators):
    """A node whose comparisons are plain arrays of booleans, each noted as a condition."""

    __slots__ = ()

    def __eq__(self, other: object) -> Any:
        return condition(operator.eq, self, other)

    def __ne__(self, other: object) -> Any:
        return condition(operator.ne, self, other)

    def __lt__(self, other: Any) -> Any:
        return condition(operator.lt, self, other)

    def __le__(self, other: Any) -> Any:
        return condition(operator.le, self, other)

    def __gt__(self, other: Any) -> Any:
        return condition(operator.gt, self, other)

    def __ge__(self, other: Any) -> Any:
        return condition(operator.ge, self, other)

    __hash__ = Node.__hash__
