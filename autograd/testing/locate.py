"""Locate a wrong rule: test each node's rule at the values that the node received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.debug.replay import Contribution, Step, norm_of, replay
from autograd.debug.source_lines import SourceLine, line_of
from autograd.engine.backward import gradients
from autograd.engine.graph import Node
from autograd.testing.differences import Line

DIRECTIONS = 3
RTOL, EPS = 1e-6, 1e-5


class Culprit(NamedTuple):
    """A node whose rule disagrees with differences of its kernel.

    Attributes:
        operation: the primitive.
        argument: the position of the input whose rule is wrong.
        module: the path of the module, "" for none.
        line: the line of the program that made the node.
        error: the relative error, along the worst of the directions tried.
        effect: an estimate of the norm of the error that it causes in the gradients checked.
        autograd: the derivative along that direction by the rule.
        numeric: the derivative along that direction by differences.
        kind: the kind of mistake, as `check_backward` names it; "" if it is not known.
        text: the mistake in one sentence, or "".
    """

    operation: str
    argument: int
    module: str
    line: SourceLine | None
    error: float
    effect: float
    autograd: float
    numeric: float
    kind: str = ""
    text: str = ""

    def __str__(self) -> str:
        where = f" in module {self.module}" if self.module else ""
        line = f", at {self.line}" if self.line is not None else ""
        return (
            f"the rule of {self.operation} for argument {self.argument}{where} is wrong by "
            f"{self.error:.2g}, relatively: it gives {self.autograd:.9g}, differences give "
            f"{self.numeric:.9g}{line}" + (f"; {self.text} ({self.kind})" if self.kind else "")
        )


class Kink(NamedTuple):
    """A node at a kink, where its slope jumps.

    Attributes:
        operation: the primitive.
        argument: the position of the input.
        module: the path of the module, "" for none.
        line: the line of the program that made the node.
        entries: how many entries are at a kink.
        chosen: the slope taken at the first of them.
        left: the slope to the left of it.
        right: the slope to the right of it.
        matters: whether the other slope would change any gradient checked.
    """

    operation: str
    argument: int
    module: str
    line: SourceLine | None
    entries: int
    chosen: float
    left: float
    right: float
    matters: bool

    def __str__(self) -> str:
        where = f" in module {self.module}" if self.module else ""
        line = f", at {self.line}" if self.line is not None else ""
        effect = "would change a gradient" if self.matters else "would change nothing"
        return (
            f"{self.operation}{where}: {self.entries} at a kink, with slope {self.chosen:g} where "
            f"{self.left:g} (left) and {self.right:g} (right) are right too; the other one "
            f"{effect}{line}"
        )


def find_culprits(root: Node, seed: Any, wrt: Sequence[Node]) -> tuple[list[Culprit], list[Kink]]:
    """Test the rule of every node between `root` and `wrt` at the values that it received.

    Args:
        root: the result; build it under `record_lines()` to know the lines.
        seed: the cotangent of the root, or None.
        wrt: the nodes whose gradients are checked.

    Returns:
        the wrong rules, the one with the largest effect first; and the nodes at kinks.

    Example:
        >>> import autograd as ag
        >>> from autograd.testing.locate import find_culprits
        >>> def rule(g, out, x):
        ...     return g * 2.9 * x * x
        >>> wrong = ag.Primitive("cube", lambda x: x**3, rule, elementwise=True)
        >>> x = ag.Tensor([0.5, 1.0], requires_grad=True)
        >>> [culprit], _ = find_culprits(ag.tanh(wrong(x)).sum(), None, [x])
        >>> culprit.operation, round(culprit.error, 3)
        ('cube', 0.033)
    """
    rng = np.random.default_rng(0)
    culprits: list[Culprit] = []
    kinks: list[Kink] = []
    with root._backend.quiet():
        for step in replay(root, seed).steps:
            for c in step.contributions:
                if step.node.op.step or not np.isfinite(np.asarray(c.value)).all():
                    continue
                kink = _kink(step, c, wrt)
                if kink is not None:
                    kinks.append(kink)
                else:
                    culprits += _tested(step, c, wrt, rng)
    culprits.sort(key=lambda culprit: -culprit.effect)
    return culprits, kinks


def _tested(step: Step, c: Contribution, wrt: Sequence[Node], rng: Any) -> list[Culprit]:
    """Compare the rule for one argument with differences of the kernel, in random directions."""
    x = np.asarray(step.node.saved[c.argument], float)
    worst: Any = None
    for _ in range(DIRECTIONS):
        direction = rng.normal(size=x.shape)
        exact = float(np.vdot(c.value, direction))
        found = _line(step, c.argument, x, direction).compare(exact, RTOL, 0.0, 0.0)
        if not found.failed:
            continue
        excess = abs(found.autograd - found.numeric)
        if worst is None or excess > worst[0]:
            size = max(abs(found.numeric), 1e-300)
            worst = excess, excess / size, found, direction
    if worst is None:
        return []
    excess, error, found, direction = worst
    # Hand the error, along this direction, down to the gradients that are checked.
    wrong = direction * (excess / float(np.vdot(direction, direction)))
    arrived = gradients(c.to, list(wrt), seed=wrong)
    effect = sum(norm_of(g) ** 2 for g in arrived if g is not None) ** 0.5
    from autograd.testing.examine.of_rule import mistake_of_rule  # 45 ms, for a wrong rule only

    node = step.node
    place = node.op.name, c.argument, node.module, line_of(node)
    values = error, effect, found.autograd, found.numeric
    return [Culprit(*place, *values, *mistake_of_rule(node, c.argument))]


def _line(step: Step, argument: int, x: Any, direction: Any) -> Line:
    """The results of a node along a line through one input, weighted by its cotangent."""
    node, g = step.node, np.asarray(step.cotangent, float)
    saved, static = list(node.saved), node.static or {}

    def results(t: float) -> Any:
        moved = [*saved]
        moved[argument] = x + t * direction
        return np.ravel(np.asarray(node.op.kernel(*moved, **static), float) * g)

    return Line.along(results, results(0.0), x, direction, EPS)


def _kink(step: Step, c: Contribution, wrt: Sequence[Node]) -> Kink | None:
    """The entries of an elementwise argument where left and right slopes stay apart."""
    node, x = step.node, np.asarray(step.node.saved[c.argument], float)
    if not node.op.elementwise or x.shape != np.shape(node._data):
        return None
    static, slopes = node.static or {}, []
    for h in (1e-6, 1e-8):
        values = []
        for shift in (-h, 0.0, h):
            saved = [*node.saved]
            saved[c.argument] = x + shift
            values.append(np.asarray(node.op.kernel(*saved, **static), float))
        slopes.append(((values[1] - values[0]) / h, (values[2] - values[1]) / h))
    gaps = [np.abs(right - left) for left, right in slopes]
    at = (gaps[0] > 1e-3) & (np.abs(gaps[0] - gaps[1]) < 0.01 * gaps[0])
    if not at.any():
        return None
    left, right = slopes[1]
    g = np.asarray(step.cotangent, float)
    first = tuple(np.argwhere(at)[0])
    weight = float(g[first])
    chosen = float(np.asarray(c.value)[first]) / weight if weight else float("nan")
    other = np.where(at, g * (right - left), 0.0)
    seed = float(other) if not hasattr(c.to, "shape") else other
    arrived = gradients(c.to, list(wrt), seed=seed)
    matters = any(g is not None and norm_of(g) > 1e-12 * norm_of(other) for g in arrived)
    place = node.op.name, c.argument, node.module, line_of(node)
    ends = round(float(left[first]), 6), round(float(right[first]), 6)
    return Kink(*place, int(at.sum()), chosen, *ends, matters)
