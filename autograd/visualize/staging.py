"""The scene of a graph: every box in its frame, and arrows between boxes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.errors import counted
from autograd.visualize import labels
from autograd.visualize.boxes import LONG, Boxes
from autograd.visualize.clusters import Closed, common, inputs_of, is_input, is_leaf
from autograd.visualize.drawn import Arrow, Beginning, Drawn, Thing
from autograd.visualize.parts import PRODUCTS
from autograd.visualize.scene import PLAIN, REST, Box, Edge, Frame, Scene
from autograd.visualize.tree import Group, groups_of

Chain = tuple[Group, ...]  # the groups around something, from the root


def scene_of(drawn: Drawn) -> Scene:
    """The picture of what is drawn."""
    return _Stage(drawn).scene


class _Stage:
    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._root = drawn.root
        self.scene = Scene(Frame("root", ""), direction=drawn.options.direction)
        self._frames: dict[Group, Frame] = {drawn.root: self.scene.root}
        self._finished: dict[Any, float] = {}  # the order of what stands in one frame
        self._boxes: dict[Thing, Box] = {}
        self._around = self._chains()
        self._set_boxes()
        self._joined: dict[tuple[Box, Group], Box] = {}
        self._begun: dict[Any, Box] = {}
        self._multiplied: dict[int, Box] = {}  # plain arrays that parts take products with
        self._connect()
        for frame in [self.scene.root, *self.scene.root.frames()]:
            frame.children.sort(key=lambda child: self._finished.get(child, 0.0))
        if len(drawn.numbers) < drawn.total:
            self.scene.notice = self._notice()

    def _notice(self) -> str:
        numbers, total = self._drawn.numbers, self._drawn.total
        text = (
            f"showing {len(numbers):,} of {counted(total, 'node')}; "
            f"draw(..., max_nodes={total}) shows all"
        )
        if any(isinstance(t, Node) and t.module for t in numbers):
            text += ", draw(..., depth=1) one box for each module"
        return text

    # --- where things stand ---

    def _chains(self) -> dict[Thing, Chain]:
        """The groups around everything that is drawn."""
        around: dict[Any, Chain] = {self._root: ()}
        for group in groups_of(self._root):
            for child in group.children:
                around[child] = (*around[group], group)
        return around | self._chains_of_leaves(around)

    def _chains_of_leaves(self, around: dict[Any, Chain]) -> dict[Thing, Chain]:
        """A leaf stands where all that use it stand; inside a loop only if each step has one."""
        drawn = self._drawn
        chains: dict[Thing, Chain] = {}
        for leaf in drawn.numbers:
            if not isinstance(leaf, Node) or leaf.op is not None:
                continue
            copies = drawn.rolled.copies.get(leaf, [leaf])
            if is_input(leaf) and len(copies) == 1:
                continue
            users = {drawn.thing(u) for c in copies for u in drawn.clusters.consumers[c]}
            found = [around[user] for user in users if user in around]
            if not found:
                continue
            shared: Chain = common(found)  # type: ignore[assignment, arg-type]
            if len(copies) == 1:
                shared = tuple(
                    group
                    for i, group in enumerate(shared)
                    if not any(outer.is_loop for outer in shared[: i + 1])
                )
            chains[leaf] = shared
        return chains

    def _set_boxes(self) -> None:
        drawn, boxes = self._drawn, Boxes(self._drawn)
        order = {thing: float(number) for thing, number in drawn.numbers.items()}
        for arrow in drawn.arrows.values():  # a leaf stands before what first uses it
            if is_leaf(arrow.source) and arrow.target in order and arrow.source in order:
                before = order[arrow.target] - 0.5
                known = self._finished.get(arrow.source, before)
                self._finished[arrow.source] = min(known, before)
        for thing, number in order.items():
            box = self._boxes[thing] = boxes.box(thing)
            self._finished[box] = self._finished.get(thing, number)
            chain = self._around.get(thing) or (self._root,)
            if _is_stack(chain[-1]):
                boxes.stack(box, chain[-1])
                chain = chain[:-1]
            self._frame(chain).children.append(box)
            if not is_leaf(thing):
                for group in chain:
                    self._finished[self._frames[group]] = number

    def _frame(self, chain: Chain) -> Frame:
        """The frame of the innermost group, with those around it."""
        for outer, group in itertools.pairwise(chain):
            if group not in self._frames:
                self._frames[group] = frame = self._new_frame(group)
                self._frames[outer].children.append(frame)
        return self._frames[chain[-1]]

    def _new_frame(self, group: Group) -> Frame:
        name = f"cluster_{len(self._frames) - 1}"
        if group.scope is not None:
            title = labels.shortened(labels.scope_title(group.scope), LONG)
            return Frame(name, title, "part" if group.scope.is_part else "module")
        first, last = group.ends
        title = f"× {group.count}"
        if first is not None and last is not None and first.path != last.path:
            title += f":  {labels.shortened(labels.span([first.path, last.path]), LONG)}"
        return Frame(name, title, "loop")

    def _extra(
        self,
        target: Thing,
        suffix: str,
        text: str,
        frame: Frame,
        tooltip: str,
        kind: str = "constant",
    ) -> Box:
        """A box that no node stands for, such as a constant."""
        box = Box(self._boxes[target].name + suffix, kind, [(text, PLAIN)], tooltip)
        frame.children.append(box)
        self._finished[box] = self._drawn.numbers[target] - 0.5
        return box

    def _home(self, thing: Thing) -> Frame:
        chain = self._around.get(thing) or (self._root,)
        return self._frames.get(chain[-1], self.scene.root)

    # --- arrows ---

    def _connect(self) -> None:
        drawn = self._drawn
        cut: dict[Thing, None] = {}
        reached = set()
        for arrow in drawn.arrows.values():
            if arrow.target not in drawn.numbers:
                continue
            reached.add(arrow.target)
            if arrow.source not in drawn.numbers:
                cut[arrow.target] = None
            elif arrow.loop is None:
                self._edge(self._boxes[arrow.source], arrow.target, arrow.label)
        self._begin()
        for arrow in drawn.arrows.values():
            if arrow.loop in self._frames and arrow.target in drawn.numbers:
                self._return(arrow)
        for target in drawn.numbers:
            self._give(target, target in reached)
        for target in cut:
            self._edge(
                self._extra(target, "cut", "…", self._home(target), "left out", REST),
                target,
                "",
                True,
            )

    def _edge(self, source: Box, target: Thing, label: str = "", dashed: bool = False) -> None:
        self.scene.edges.append(Edge(source, self._boxes[target], label, dashed))

    def _begin(self) -> None:
        """Draw the plain arrays that steps begin with."""
        drawn = self._drawn
        for (node, argument), (loop, begin) in drawn.beginnings.items():
            target = drawn.thing(node)
            if begin.thing is not None or not np.ndim(begin.data) or target not in drawn.numbers:
                continue
            key = self._key(loop, begin, drawn.thing(node.inputs[argument]))
            if loop in self._frames and key not in self._begun:
                shape = labels.shape(begin.data)
                text = shape if np.any(begin.data) else f"zeros {shape}"
                outside = self._outside(loop)
                tooltip = "what the first step begins with"
                self._begun[key] = self._extra(target, f"b{argument}", text, outside, tooltip)
            if key in self._begun:
                self._edge(self._begun[key], target)

    @staticmethod
    def _key(loop: Group, begin: Beginning, source: Thing) -> Any:
        data = np.asarray(begin.data)
        return loop, source, data.shape, data.tobytes()

    def _outside(self, loop: Group) -> Frame:
        inside = self._frames[loop]
        return next(f for f in self._frames.values() if any(c is inside for c in f.children))

    def _return(self, arrow: Arrow) -> None:
        """Draw an arrow from a step to the next: to where what the first step begins with enters,
        if that takes the same way."""
        drawn, loop = self._drawn, arrow.loop
        source, target = self._boxes[arrow.source], self._boxes[arrow.target]
        assert loop is not None
        joins = self._joins(arrow)
        if joins is not None and self._joined.get((joins, loop), source) is source:
            if (joins, loop) not in self._joined:
                self._joined[joins, loop] = source
                edge = Edge(source, target, loop=self._frames[loop], joins=joins)
                self.scene.edges.append(edge)
            return
        label = arrow.label if drawn.options.values else ""
        self.scene.edges.append(Edge(source, target, label, loop=self._frames[loop]))

    def _joins(self, arrow: Arrow) -> Box | None:
        """The one box that the first step begins with, in place of what the arrow brings."""
        drawn, loop = self._drawn, arrow.loop
        assert loop is not None
        found: set[Box | None] = set()
        for place in drawn.returns[arrow.source, arrow.target, loop]:
            _, begin = drawn.beginnings.get(place, (loop, Beginning(None, None)))
            if begin.thing is None:
                found.add(self._begun.get(self._key(loop, begin, arrow.source)))
            else:
                found.add(self._boxes.get(begin.thing))
        joins = found.pop() if len(found) == 1 else None
        inside = joins is not None and any(b is joins for b in self._frames[loop].boxes())
        return None if inside else joins

    def _give(self, target: Thing, reached: bool) -> None:
        """Draw the plain data that something computes with."""
        if isinstance(target, Closed):
            if reached and target.scope.is_part:
                self._multiply(target)
            elif not reached:
                for i, text in enumerate(_given(target)):
                    self._edge(self._extra(target, f"d{i}", text, self.scene.root, "data"), target)
        elif target.op is not None:
            for argument, (x, datum) in enumerate(inputs_of(target)):
                if x is None:
                    copies = self._drawn.rolled.copies.get(target, [target])
                    data = [n.saved[argument] for n in copies if n.inputs[argument] is None]
                    shape = [labels.shape(datum)] if np.ndim(datum) else None
                    text = labels.span(shape or list(map(labels.number, data)))
                    box = self._extra(target, f"c{argument}", text, self._home(target), "constant")
                    self._edge(box, target, self._drawn.label(target, target, argument))
        if target in self._drawn.hidden_terms:
            text = f"… {counted(self._drawn.hidden_terms[target], 'more term')}"
            tooltip = "fold=False shows them"
            box = self._extra(target, "more", text, self._home(target), tooltip, REST)
            self._edge(box, target, dashed=True)

    def _multiply(self, part: Closed) -> None:
        """Draw the array that a part takes a product with, as the data of a first layer are."""
        for node in part.nodes:
            for x, datum in inputs_of(node) if node.op.name in PRODUCTS else ():
                if x is None and np.ndim(datum) >= 2:
                    if id(datum) not in self._multiplied:
                        text, home = labels.shape(datum), self._home(part)
                        self._multiplied[id(datum)] = self._extra(part, "d", text, home, "data")
                    self._edge(self._multiplied[id(datum)], part)


def _is_stack(group: Group) -> bool:
    """Whether a loop holds nothing but one closed box, which is then drawn as a stack."""
    return group.is_loop and len(group.children) == 1 and isinstance(group.children[0], Closed)


def _given(box: Closed) -> list[str]:
    """The shapes of the arrays that a closed box was given, if no arrow leads to it."""
    given = box.scope.chain[0].given
    if given:
        return [f"{s}" if dtype == np.float64 else f"{s} {dtype}" for s, dtype in given]
    arrays = (datum for datum in _plain_data(box) if np.ndim(datum))
    return list(dict.fromkeys(map(labels.shape, arrays)))[:2]


def _plain_data(box: Closed) -> Iterator[Any]:
    """The constants that a box computed with, in the order of its nodes."""
    for node in box.nodes:
        for x, datum in inputs_of(node):
            if x is None or (x.op is None and not x.requires_grad):
                yield datum
