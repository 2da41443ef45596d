"""The picture of a graph: which boxes there are, what is written in them, and how they are joined."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import Node, ancestors
from autograd.errors import counted
from autograd.visualize import labels
from autograd.visualize.clusters import Closed, Clusters, common, is_input, is_parameter
from autograd.visualize.matrices import grid_of
from autograd.visualize.parts import find_parts
from autograd.visualize.rolled import Rolled
from autograd.visualize.scene import FAINT, GRADIENT, PLAIN, TITLE, Box, Edge, Frame, Grid, Scene
from autograd.visualize.tree import Group, groups_of, tree

MANY = 150  # boxes; of more, large arrays have no thumbnails
SHOWN_TERMS = 12  # of a long sum
LONG = 44  # characters of a title of several

Thing = Node | Closed  # what a box is drawn for


class Options(NamedTuple):
    """How to draw: the arguments of `draw`."""

    values: bool = True
    grads: bool = True
    direction: str = "LR"
    max_nodes: int = 500
    depth: int | None = None
    fold: bool = True
    parts: bool = True


class _Arrow(NamedTuple):
    """An arrow between things, before there are boxes."""

    source: Thing
    target: Thing
    label: str
    loop: Group | None


class Drawn:
    """A graph while it is drawn.

    Args:
        roots: the results.
        options: how to draw.
    """

    def __init__(self, roots: Sequence[Node], options: Options) -> None:
        self.roots, self.options = roots, options
        self.everything = everything = ancestors(roots)
        self._results = set(roots)
        # Before a backward pass every Value has a gradient of 0.0, which says nothing. After one,
        # a zero is worth showing: it may be a dead relu.
        self._grads = options.grads and any(map(_has_gradient, everything))
        plain = Clusters(everything, roots, None)
        found = find_parts(everything, plain.consumers, roots)
        self.clusters = Clusters(everything, roots, options.depth, options.parts, found)
        self._root = tree(everything, self.clusters)
        self.rolled = Rolled(self._root, self.clusters.consumers, roots, options.fold)
        self._arrows = self._find_arrows()
        self._things = self._find_things()
        self.total = len(self._things)
        self._hidden_terms = self._shorten_sums() if options.fold else {}
        numbers = {thing: i for i, thing in enumerate(self._things, 1)}
        self.numbers = {thing: numbers[thing] for thing in self._nearest(options.max_nodes)}
        self._boxes: dict[Thing, Box] = {}

    @property
    def ids(self) -> dict[Node, str]:
        """The name of each node's box; nodes left out have none."""
        names = {}
        for node in self.everything:
            thing = self._thing(node)
            if thing in self.numbers:
                names[node] = f"n{self.numbers[thing]}"
        return names

    # --- what is drawn ---

    def _thing(self, node: Node) -> Thing:
        """What is drawn for a node: a node, or a closed box."""
        drawn = self.rolled.drawn(node)
        return self.clusters.box_of.get(drawn, drawn)

    def _find_arrows(self) -> dict[tuple[Any, ...], _Arrow]:
        arrows: dict[tuple[Any, ...], _Arrow] = {}
        for node in self.everything:
            if node.op is None:
                continue
            target = self._thing(node)
            inside = isinstance(target, Closed)
            names = node.op.labels if not inside and len(node.saved) > 1 else ()
            for argument, x in enumerate(node.inputs):
                if x is None or (x.op is None and self._is_hidden(x, target)):
                    continue
                source = self._thing(x)
                loop = self.rolled.loop_of(x, node)
                if source is target and (loop is None or inside):
                    continue
                label = names[argument] if argument < len(names) else ""
                if (inside or isinstance(source, Closed)) and not label and self.options.values:
                    module = any(
                        isinstance(t, Closed) and not t.scope.is_part for t in (source, target)
                    )
                    label = str(np.shape(x._data)) if module and np.ndim(x._data) else ""
                key = (source, target, None if inside else argument, loop)
                arrows.setdefault(key, _Arrow(source, target, label, loop))
        return arrows

    def _is_hidden(self, x: Node, target: Thing) -> bool:
        """Whether a leaf is inside a closed box, so that no arrow shows it."""
        drawn = self.rolled.drawn(x)
        return drawn in self.clusters.box_of or (x in self.clusters.box_of)

    def _find_things(self) -> list[Thing]:
        """All that is drawn, in an order of computation: of a box, that of its last node."""
        order: dict[Thing, int] = {}
        for i, node in enumerate(self.everything):
            thing = self._thing(node)
            if isinstance(thing, Closed) and node.op is None:
                continue
            if isinstance(thing, Closed) or thing is node or thing not in order:
                order[thing] = i
        return sorted(order, key=order.__getitem__)

    def _shorten_sums(self) -> dict[Thing, int]:
        """Leave out most terms of very long sums; returns how many of each."""
        sums: dict[Thing, list[tuple[Any, ...]]] = {}
        for key, arrow in self._arrows.items():
            target = arrow.target
            if isinstance(target, Closed) and target.scope.name.startswith("Σ "):
                sums.setdefault(target, []).append(key)
        hidden: dict[Thing, int] = {}
        for target, keys in sums.items():
            if target.scope.is_part and len(keys) > SHOWN_TERMS:  # type: ignore[union-attr]
                hidden[target] = len(keys) - SHOWN_TERMS // 2
                for key in keys[SHOWN_TERMS // 2 - 1 : -1]:
                    del self._arrows[key]
        if hidden:
            sources: dict[Thing, list[Thing]] = {}
            for arrow in self._arrows.values():
                sources.setdefault(arrow.target, []).append(arrow.source)
            stack = [self._thing(root) for root in self.roots]
            seen = set(stack)
            while stack:
                for x in sources.get(stack.pop(), ()):
                    if x not in seen:
                        seen.add(x)
                        stack.append(x)
            self._things = [thing for thing in self._things if thing in seen]
        return hidden

    def _nearest(self, count: int) -> list[Thing]:
        """The youngest things that can be reached through younger ones, oldest first."""
        if len(self._things) <= count:
            return self._things
        place = {thing: i for i, thing in enumerate(self._things)}
        sources: dict[Thing, list[Thing]] = {}
        for arrow in self._arrows.values():
            sources.setdefault(arrow.target, []).append(arrow.source)
        heap = [-place[thing] for thing in {self._thing(root): None for root in self.roots}]
        heapq.heapify(heap)
        seen = {-i for i in heap}
        chosen = []
        while heap and len(chosen) < count:
            at = -heapq.heappop(heap)
            chosen.append(at)
            for x in sources.get(self._things[at], ()):
                if place[x] not in seen:
                    seen.add(place[x])
                    heapq.heappush(heap, -place[x])
        return [self._things[i] for i in sorted(chosen)]

    # --- the scene ---

    def scene(self) -> Scene:
        """The picture."""
        frames: dict[Group, Frame] = {}
        around: dict[Thing, list[Group]] = {}
        for group in groups_of(self._root):
            for child in group.children:
                if not isinstance(child, Group):
                    around[child] = [group]
        parents = {
            c: g for g in groups_of(self._root) for c in g.children if isinstance(c, Group)
        }
        for thing in around:
            chain = around[thing]
            while chain[-1] in parents:
                chain.append(parents[chain[-1]])
            chain.reverse()
        leaves = self._places_of_leaves(around)
        scene = Scene(Frame("root", ""), direction=self.options.direction)
        first: dict[Thing, int] = {}
        for arrow in self._arrows.values():
            if arrow.target in self.numbers and arrow.loop is None:
                at = self.numbers[arrow.target]
                first[arrow.source] = min(first.get(arrow.source, at), at)
        order = {t: float(n) for t, n in self.numbers.items()}
        order |= {t: first[t] - 0.5 for t in self.numbers if _is_leaf(t) and t in first}
        finished: dict[Any, float] = {}

        def frame(group: Group) -> Frame:
            if group is self._root:
                return scene.root
            if group not in frames:
                frames[group] = self._frame(group, len(frames))
                frame(parents[group]).children.append(frames[group])
            return frames[group]

        for thing in self.numbers:
            box = self._boxes[thing] = self._box(thing)
            chain = around.get(thing) or leaves.get(thing) or [self._root]
            if len(chain) > 1 and self._is_stack(chain[-1]):
                self._stack(box, chain[-1])
                chain = chain[:-1]
            frame(chain[-1]).children.append(box)
            finished[box] = order[thing]
            if not _is_leaf(thing):
                for group in chain[1:]:
                    finished[frames[group]] = max(finished.get(frames[group], 0.0), order[thing])
        self._connect(scene, frames, finished, around)
        for found in [scene.root, *scene.root.frames()]:
            found.children.sort(key=lambda child: finished.get(child, 0.0))
        if len(self.numbers) < len(self._things):
            scene.notice = self._notice()
        return scene

    def _notice(self) -> str:
        text = (
            f"showing {len(self.numbers):,} of {counted(len(self._things), 'node')}; "
            f"draw(..., max_nodes={len(self._things)}) shows all"
        )
        if any(isinstance(t, Node) and t.module for t in self.numbers):
            text += ", draw(..., depth=1) one box for each module"
        return text

    def _places_of_leaves(self, around: dict[Thing, list[Group]]) -> dict[Thing, list[Group]]:
        """The groups around each leaf: those that all its users stand in."""
        scopes: dict[Any, list[Group]] = {}
        for chain in around.values():
            for i, group in enumerate(chain):
                if group.scope is not None:
                    scopes[group.scope] = chain[: i + 1]
        places: dict[Thing, list[Group]] = {}
        for node in self.everything:
            if node.op is not None or self.rolled.drawn(node) is not node:
                continue
            copies = self.rolled.copies.get(node, [node])
            if is_input(node) and len(copies) == 1:
                continue
            users = [u for c in copies for u in self.clusters.consumers[c]]
            chains = [around[t] for u in users if (t := self._thing(u)) in around]
            if not chains:
                continue
            shared: list[Any] = list(common([tuple(chain) for chain in chains]))  # type: ignore[arg-type, misc]
            if len(copies) == 1:  # one for all steps stands outside of the loop
                steps = [dict(self.rolled.trail(u)[0]) for u in self.clusters.consumers[node]]
                for i, group in enumerate(shared):
                    if group.is_loop and len({s.get(group) for s in steps}) > 1:
                        shared = shared[:i]
                        break
            limit = self.clusters.frame_of.get(node)
            if limit in scopes and len(scopes[limit]) < len(shared) and len(copies) == 1:
                shared = scopes[limit]
            places[node] = shared
        return places

    def _is_stack(self, group: Group) -> bool:
        """Whether a loop holds nothing but one closed box, which is then drawn as a stack."""
        return group.is_loop and len(group.children) == 1 and isinstance(group.children[0], Closed)

    def _stack(self, box: Box, loop: Group) -> None:
        first, last = loop.ends
        box.count = loop.count
        box.lines = [
            (f"{last.name if last.is_part else last.kind} × {loop.count}", TITLE),
            *([(labels.shortened(labels.span([first.path, last.path])), PLAIN)] if last.path else []),
            *[line for line in box.lines if line[1] != TITLE and line[0] != last.kind],
        ]

    def _frame(self, group: Group, number: int) -> Frame:
        name = f"cluster_{number}"
        if group.scope is None:
            title = f"× {group.count}"
            first, last = group.ends
            if first is not None and last is not None and first.path != last.path:
                title += f"   {labels.shortened(labels.span([first.path, last.path]))}"
            return Frame(name, title, "loop")
        title = labels.shortened(labels.scope_title(group.scope))
        return Frame(name, title, "part" if group.scope.is_part else "module")

    # --- boxes ---

    def _box(self, thing: Thing) -> Box:
        name = f"n{self.numbers[thing]}"
        if isinstance(thing, Closed):
            return self._part(thing, name) if thing.scope.is_part else self._module(thing, name)
        copies = self.rolled.copies.get(thing, [thing])
        leaf = thing.op is None
        path = self.clusters.path_of.get(thing, "")
        text = labels.title(thing, path)
        if leaf and len(copies) > 1:
            names = [labels.title(c, self.clusters.path_of.get(c, "")) for c in copies]
            text = labels.shortened(labels.span(names), LONG)
        lines = [(text, TITLE)] if text else []
        if not leaf:
            lines += [(labels.shortened(thing.name), PLAIN)] if thing.name else []
            if len(copies) == 1 or thing.op.name != "getitem":
                lines += [(fact, FAINT) for fact in labels.facts(thing)]
            elif not self.rolled.trail(thing)[0]:
                lines.append((f"one for each of {len(copies)} steps", FAINT))
        joined = leaf and len(copies) > 1
        lines += self._values(thing, leaf and not thing.name)
        lines += self._gradients(copies if joined else [thing])
        tooltip = labels.tooltip(thing, self.numbers[thing])
        grids = [] if joined else self._grids(thing)
        return Box(name, self._role(thing), lines, tooltip, grids)

    def _values(self, node: Node, is_number: bool) -> list[tuple[str, str]]:
        if not self.options.values:
            return []
        if np.ndim(node._data):
            return [(labels.shape(node._data), PLAIN)]
        return [] if is_number else [(f"value {labels.number(node._data)}", PLAIN)]

    def _gradients(self, nodes: Sequence[Node]) -> list[tuple[str, str]]:
        """The gradient of a node, or the norm of those of several."""
        if not self._grads:
            return []
        node = nodes[-1]
        if len(nodes) == 1:
            shows_zero = node.requires_grad and node.grad is not None
            if shows_zero or _has_gradient(node):
                return [(labels.gradient(node.grad), GRADIENT)]
            return []
        return _norm([n.grad for n in nodes if n.grad is not None])

    def _grids(self, node: Node) -> list[Grid]:
        if not self.options.values or node._backend.no_gradient is not None:
            return []
        few = len(self.numbers) <= MANY
        grids = [grid_of(node._data, PLAIN, few)]
        if self._grads and node.grad is not None:
            grids.append(grid_of(node.grad, GRADIENT, few))
        return [grid for grid in grids if grid is not None]

    def _part(self, box: Closed, name: str) -> Box:
        node = box.outputs[-1] if box.outputs else box.nodes[-1]
        lines = [(labels.shortened(box.scope.name), TITLE)]
        lines += [(labels.shortened(node.name), PLAIN)] if node.name else []
        lines += self._values(node, False) + self._gradients([node])
        operations = " ".join(n.op.symbol for n in box.nodes if n.op is not None)
        kind = "result" if self._results.intersection(box.nodes) else "part"
        return Box(name, kind, lines, f"{box.scope.name}: {operations}", self._grids(node))

    def _module(self, box: Closed, name: str) -> Box:
        first = box.scope
        lines = [(first.name, TITLE), (first.kind, PLAIN)] if first.name else [(first.kind, TITLE)]
        if self.options.values:
            shapes = (
                labels.shape(y._data) if np.ndim(y._data) else f"value {labels.number(y._data)}"
                for y in box.outputs[-2:]
            )
            lines += [(shape, PLAIN) for shape in dict.fromkeys(shapes)]
        parameters = self._parameters(box)
        count = sum(np.size(p._data) for p in parameters)
        lines += [(counted(int(count), "parameter"), PLAIN)] if count else []
        if self._grads:
            lines += _norm([p.grad for p in parameters if p.grad is not None])
        operations = counted(sum(n.op is not None for n in box.nodes), "operation")
        tooltip = f"{box.scope.path} {box.scope.kind}: {operations}"
        return Box(name, "module", [(labels.shortened(t), k) for t, k in lines], tooltip)

    def _parameters(self, box: Closed) -> list[Node]:
        """The parameters of a closed box, and of all steps that it stands for."""
        boxes = {self.clusters.box_of[c]: None for c in self.rolled.copies.get(box.nodes[-1], ())}
        return list({p: None for b in [*boxes, box] for p in b.parameters})

    def _role(self, node: Node) -> str:
        if is_parameter(node):
            return "parameter"
        if node.op is None:
            return "input" if node.requires_grad else "constant"
        return "result" if node in self._results else "computed"

    # --- arrows ---

    def _connect(
        self,
        scene: Scene,
        frames: dict[Group, Frame],
        finished: dict[Any, float],
        around: dict[Thing, list[Group]],
    ) -> None:
        def extra(target: Thing, suffix: str, text: str, place: Frame, tooltip: str) -> Box:
            box = Box(self._boxes[target].name + suffix, "constant", [(text, PLAIN)], tooltip)
            place.children.append(box)
            finished[box] = self.numbers[target] - 0.5
            return box

        def home(thing: Thing) -> Frame:
            group = around.get(thing, [self._root])[-1]
            return frames.get(group, scene.root)

        cut: dict[Thing, None] = {}
        reached = set()
        for arrow in self._arrows.values():
            if arrow.target not in self.numbers:
                continue
            reached.add(arrow.target)
            if arrow.source not in self.numbers:
                cut[arrow.target] = None
                continue
            loop = frames.get(arrow.loop) if arrow.loop is not None else None
            if arrow.loop is not None and loop is None:
                continue  # a stack shows by its count that it repeats
            ends = self._boxes[arrow.source], self._boxes[arrow.target]
            scene.edges.append(Edge(*ends, arrow.label, loop=loop))
        for target in self.numbers:
            box = self._boxes[target]
            if isinstance(target, Closed):
                if target not in reached:
                    for i, text in enumerate(self._given(target)):
                        given = extra(target, f"d{i}", text, scene.root, "data")
                        scene.edges.append(Edge(given, box))
            elif target.op is not None:
                for argument, (x, datum) in enumerate(_inputs(target)):
                    if x is None:
                        text = labels.number(datum) if np.ndim(datum) == 0 else labels.shape(datum)
                        given = extra(target, f"c{argument}", text, home(target), "constant")
                        names = target.op.labels if len(target.saved) > 1 else ()
                        label = names[argument] if argument < len(names) else ""
                        scene.edges.append(Edge(given, box, label))
            if target in self._hidden_terms:
                text = f"… {counted(self._hidden_terms[target], 'more term')}"
                more = extra(target, "more", text, home(target), "fold=False shows them")
                scene.edges.append(Edge(more, box, dashed=True))
        for target in cut:
            more = extra(target, "cut", "…", home(target), "left out")
            scene.edges.append(Edge(more, self._boxes[target], dashed=True))

    def _given(self, box: Closed) -> list[str]:
        """The shapes of the arrays that a closed box was given, if no arrow leads to it."""
        root = box.scope.chain[0]
        if root.given:
            return [
                f"{shape}" if dtype == np.float64 else f"{shape} {dtype}"
                for shape, dtype in root.given
            ]
        arrays = (datum for datum in _plain_data(box) if np.ndim(datum))
        return list(dict.fromkeys(map(labels.shape, arrays)))[:2]


def _is_leaf(thing: Thing) -> bool:
    return isinstance(thing, Node) and thing.op is None


def _inputs(node: Node) -> Iterable[tuple[Any, Any]]:
    return zip(node.inputs, node.saved, strict=True)


def _plain_data(box: Closed) -> Iterator[Any]:
    """The constants that a box computed with, in the order of its nodes."""
    for node in box.nodes:
        for x, datum in _inputs(node):
            if x is None or (x.op is None and not x.requires_grad):
                yield datum


def _norm(grads: Sequence[Any]) -> list[tuple[str, str]]:
    if not grads:
        return []
    total = np.sqrt(sum(float(np.square(g).sum()) for g in grads))
    return [(f"‖grad‖ {labels.number(total)}", GRADIENT)]


def _has_gradient(node: Node) -> bool:
    """Whether a pass certainly left a gradient here; a Value's 0.0 may be the initial one."""
    return node.grad is not None and (node._backend.no_gradient is None or node.grad != 0.0)
