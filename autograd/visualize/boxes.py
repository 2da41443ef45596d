"""What is written in the boxes of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.errors import counted
from autograd.visualize import labels
from autograd.visualize.clusters import Closed, held_by, is_parameter
from autograd.visualize.drawn import Drawn, Thing
from autograd.visualize.matrices import grid_of
from autograd.visualize.scene import FAINT, GRADIENT, PLAIN, TITLE, Box, Grid
from autograd.visualize.tree import Group

MANY = 150  # boxes; of more, large arrays have no thumbnails
LONG = 44  # characters of a title of several

Lines = list[tuple[str, str]]


class Boxes:
    """Makes the boxes of a picture."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn, self._rolled, self._clusters = drawn, drawn.rolled, drawn.clusters
        self._results = set(drawn.roots)
        self._values = drawn.options.values
        self._held = held_by(drawn.everything)
        # Before a backward pass every Value has a gradient of 0.0, which says nothing. After one,
        # a zero is worth showing: it may be a dead relu.
        self._grads = drawn.options.grads and any(map(_has_gradient, drawn.everything))

    def box(self, thing: Thing) -> Box:
        """The box of a node, a module or a part."""
        name = f"n{self._drawn.numbers[thing]}"
        if isinstance(thing, Node):
            return self._leaf(thing, name) if thing.op is None else self._node(thing, name)
        return self._part(thing, name) if thing.scope.is_part else self._module(thing, name)

    def stack(self, box: Box, loop: Group) -> None:
        """Make a box stand for all steps of a loop that holds nothing else."""
        first, last = loop.ends
        box.count = loop.count
        title = last.name if last.is_part else last.kind
        paths = labels.span([first.path, last.path])
        kept = [line for line in box.lines if line[1] != TITLE and line[0] != last.kind]
        box.lines = [(f"{title} × {loop.count}", TITLE)]
        box.lines += [(labels.shortened(paths), PLAIN)] if paths else []
        box.lines += kept

    def _leaf(self, leaf: Node, name: str) -> Box:
        copies = self._rolled.copies.get(leaf, [leaf])
        path = self._clusters.path_of.get(leaf, "")
        text = (
            _name_of_several(copies)
            if len(copies) > 1
            else labels.title(leaf, path, self._data(leaf))
        )
        lines = [(text, TITLE)] if text else []
        if leaf.name or np.ndim(leaf._data):  # a number without a name is the title
            lines += self._value(leaf)
        if not np.array_equal(self._data(leaf), leaf._data, equal_nan=_is_float(leaf)):
            lines += [("changed since", FAINT)]
        lines += self._gradient(copies)
        grids = [] if len(copies) > 1 else self._grids(leaf)
        kind = "parameter" if is_parameter(leaf) else "input" if leaf.requires_grad else "constant"
        shown = path if kind == "parameter" else ""
        tooltip = labels.tooltip(leaf, self._drawn.numbers[leaf], shown, self._data(leaf))
        return Box(name, kind, lines, tooltip, grids)

    def _node(self, node: Node, name: str) -> Box:
        copies = self._rolled.copies.get(node, [node])
        lines = [(labels.shortened(node.op.symbol), TITLE)]
        lines += [(labels.shortened(node.name), PLAIN)] if node.name else []
        facts = zip(labels.facts(copies[0]), labels.facts(node), strict=False)
        lines += [(labels.span(both), FAINT) for both in facts]
        lines += self._value(node) + self._gradient([node])
        kind = "result" if node in self._results else "computed"
        serves = len(copies) if not self._rolled.trail(node)[0] else 1
        tooltip = labels.tooltip(node, self._drawn.numbers[node])
        return Box(name, kind, lines, tooltip, self._grids(node), serves)

    def _part(self, part: Closed, name: str) -> Box:
        node = part.outputs[-1] if part.outputs else part.nodes[-1]
        lines = [(labels.shortened(part.scope.name), TITLE)]
        lines += [(labels.shortened(node.name), PLAIN)] if node.name else []
        lines += self._value(node) + self._gradient([node])
        operations = " ".join(n.op.symbol for n in part.nodes if n.op is not None)
        kind = "result" if self._results.intersection(part.nodes) else "part"
        tooltip = f"{part.scope.name}: {operations}"
        return Box(name, kind, lines, tooltip, self._grids(node))

    def _module(self, module: Closed, name: str) -> Box:
        scope = module.scope
        lines = [(scope.name, TITLE), (scope.kind, PLAIN)] if scope.name else [(scope.kind, TITLE)]
        for y in module.outputs[-2:]:
            lines += [line for line in self._value(y) if line not in lines]
        parameters = self._parameters(module)
        count = sum(np.size(p._data) for p in parameters)
        lines += [(counted(int(count), "parameter"), PLAIN)] if count else []
        if self._grads:
            lines += _norm([p.grad for p in parameters if p.grad is not None])
        operations = counted(sum(n.op is not None for n in module.nodes), "operation")
        tooltip = f"{scope.path} {scope.kind}: {operations}".strip()
        return Box(name, "module", [(labels.shortened(t), k) for t, k in lines], tooltip)

    def _parameters(self, module: Closed) -> list[Node]:
        """The parameters of a closed module, and of all steps that it stands for."""
        copies = self._rolled.copies.get(module.nodes[-1], ())
        closed = {self._clusters.box_of[c]: None for c in copies}
        return list({p: None for one in [*closed, module] for p in one.parameters})

    def _value(self, node: Node) -> Lines:
        if not self._values:
            return []
        data = self._data(node)
        if np.ndim(data):
            return [(labels.shape(data), PLAIN)]
        return [(f"value {labels.number(data)}", PLAIN)]

    def _data(self, node: Node) -> Any:
        """What a node held when it was used; a result, what it holds."""
        return self._held.get(node, node._data)

    def _gradient(self, nodes: Sequence[Node]) -> Lines:
        """The gradient of a node, or the norm of those of several."""
        if not self._grads:
            return []
        if len(nodes) > 1:
            return _norm([n.grad for n in nodes if n.grad is not None])
        (node,) = nodes
        shows_zero = node.requires_grad and node.grad is not None
        if shows_zero or _has_gradient(node):
            return [(labels.gradient(node.grad), GRADIENT)]
        return []

    def _grids(self, node: Node) -> list[Grid]:
        if not self._values or not np.ndim(node._data):
            return []
        few = len(self._drawn.numbers) <= MANY
        grids = [grid_of(self._data(node), PLAIN, few)]
        if self._grads and node.grad is not None:
            grids.append(grid_of(node.grad, GRADIENT, few))
        return [grid for grid in grids if grid is not None]


def _name_of_several(leaves: Sequence[Node]) -> str:
    """The name that leaves of equal steps share, with their number; or the first and the last."""
    names = list(dict.fromkeys(leaf.name or "" for leaf in leaves))
    if len(names) == 1:
        return f"{labels.shortened(names[0])} × {len(leaves)}" if names[0] else ""
    return labels.shortened(labels.span(names), LONG)


def _norm(grads: Sequence[Any]) -> Lines:
    if not grads:
        return []
    total = np.sqrt(sum(float(np.square(g).sum()) for g in grads))
    return [(f"‖grad‖ {labels.number(total)}", GRADIENT)]


def _has_gradient(node: Node) -> bool:
    """Whether a pass certainly left a gradient here; a Value's 0.0 may be the initial one."""
    return node.grad is not None and (node._backend.no_gradient is None or node.grad != 0.0)


def _is_float(leaf: Node) -> bool:
    return np.asarray(leaf._data).dtype.kind == "f"
