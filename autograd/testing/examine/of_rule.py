"""The rule of a primitive as a backward pass to examine, with its kernel as the forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.primitives import PRIMITIVES
from autograd.testing.examine.examination import Examination
from autograd.testing.examine.flow import Flow
from autograd.testing.examine.signature import Plan
from autograd.testing.examine.subject import Answer, Call, Subject, own_copy


class Rule(Subject):
    """A primitive at the values that a node received, and its rule for one argument."""

    def __init__(self, node: Node, argument: int) -> None:
        self.node, self.argument = node, argument
        labels = node.op.labels or [f"argument {i}" for i in range(len(node.saved))]
        self.names = list(labels)
        self.given = dict(zip(self.names, map(np.asarray, node.saved), strict=True))
        self.name = f"the rule of {node.op.name}"
        self.plan = Plan(1, ())

    def compute(self, values: Mapping[str, Any], after: Sequence[Call] = ()) -> list[Any]:
        """Run the kernel."""
        given = [values[name] for name in self.names]
        return [self.node.op.kernel(*given, **(self.node.static or {}))]

    def answers(self, calls: Sequence[Call]) -> list[Answer]:
        """Run the kernel and the rule."""
        return [self._answer(values, cotangents) for values, cotangents in calls]

    def _answer(self, values: Mapping[str, Any], cotangents: Any) -> Answer:
        op, static = self.node.op, self.node.static or {}
        given = [own_copy(values[name]) for name in self.names]
        out = np.asarray(op.kernel(*given, **static))
        [g] = cotangents([out]) if callable(cotangents) else cotangents
        gradient = np.asarray(op.rules[self.argument](g, out, *given, **static))
        name = self.names[self.argument]
        shape = np.shape(values[name])
        if op.elementwise and gradient.shape != shape:
            fitted = np.broadcast_to(gradient, out.shape)
            extra = tuple(range(fitted.ndim - len(shape)))
            ones = tuple(
                i + len(extra)
                for i, n in enumerate(shape)
                if n == 1 != fitted.shape[i + len(extra)]
            )
            gradient = fitted.sum(axis=(*extra, *ones), keepdims=True).reshape(shape)
        return Answer([out], {name: gradient})

    def trusts(self, flow: Flow) -> bool:
        """A kernel that calls the primitive itself would be differentiated by the wrong rule."""
        return all(node.op is not self.node.op for node in flow.nodes)

    def restore(self) -> None:
        """A kernel keeps nothing."""


def mistake_of_rule(node: Node, argument: int) -> tuple[str, str]:
    """The kind of mistake in a rule, and a sentence; ("", "") for a primitive of this library.

    Those are checked by the tests, and their kernels run on the primitives themselves.
    """
    if PRIMITIVES.get(node.op.name) is node.op:
        return "", ""
    try:
        verdict = Examination(Rule(node, argument), 0).verdict()
    except Exception:  # a kernel or a rule may raise at other points than the one that was checked
        return "", ""
    for _, kind, _, text, _ in verdict.mistakes:
        if kind != "kink only":
            return kind, text
    return "", ""
