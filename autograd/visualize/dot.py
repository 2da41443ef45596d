"""A graph as DOT, the language of Graphviz."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import Node, ancestors
from autograd.engine.note import Scope
from autograd.errors import counted
from autograd.visualize import labels
from autograd.visualize.clusters import Box, Clusters

INK, FAINT, GRADIENT = "#1f2933", "#6b7680", "#a23b00"
# Kinds of nodes differ in border as well as in colour, and the colours suit colour-blind eyes.
KINDS: dict[str, dict[str, str]] = {
    "input": {"style": "rounded,filled", "fillcolor": "#dcecf9", "color": "#0067a5"},
    "parameter": {"style": "filled", "fillcolor": "#fdeccb", "color": "#9a6200", "penwidth": "1.6"},
    "constant": {"style": "rounded,dashed", "color": "#8a949e"},
    "computed": {"style": "rounded,filled", "fillcolor": "#ffffff", "color": "#52606d"},
    "result": {"style": "rounded,filled,bold", "fillcolor": "#eef1f4", "color": "#1f2933",
    "penwidth": "2.2"},
    "module": {"style": "rounded,filled", "fillcolor": "#ece8f6", "color": "#5b4b8a", "penwidth":
    "1.4", "margin": "0.2,0.06"},
}  # fmt: skip
FRAME = {"style": "rounded,filled", "color": "#b9b3cf", "fontcolor": "#5b4b8a", "fontsize": "10",
         "labeljust": "l", "margin": "10"}  # fmt: skip
TINTS = ("#faf9fd", "#f3f1f9")  # of nested frames, alternating


class DotSource:
    """The DOT source of one drawing, while it is written; arguments as for `draw`."""

    def __init__(
        self,
        roots: Sequence[Node],
        values: bool,
        grads: bool,
        direction: str,
        max_nodes: int,
        depth: int | None,
        fold: bool,
    ) -> None:
        self.roots, self.values = roots, values
        self.kinds: set[str] = set()
        self.everything = everything = ancestors(roots)
        # Before a backward pass every Value has a gradient of 0.0, which says nothing. After one,
        # a zero is worth showing: it may be a dead relu.
        self.grads = grads and any(map(_has_gradient, everything))
        self.clusters = Clusters(everything, roots, depth)
        if fold and self.clusters.boxes:
            self._fold(everything)
        drawn = [node for node in everything if self._is_drawn(node)]
        self.shown = drawn
        if len(drawn) > max_nodes:
            # With boxes closed, keep the youngest nodes, of which each box has one.
            near = _nearest(roots, max_nodes) if depth is None else drawn[-max_nodes:]
            self.shown = near
        self.left_out = len(drawn) - len(self.shown)
        self.total = len(drawn)
        first = {node: i for i, node in enumerate(self.shown, 1 + self.left_out)}
        self.numbers = first if self.left_out == 0 and len(drawn) == len(everything) else {
            node: i for i, node in enumerate(everything, 1) if node in first
        }  # fmt: skip
        self.graph = styled("glassgrad", direction)
        self.frames: dict[Scope, Any] = {}
        self.linked: set[tuple[str, str]] = set()
        self.fed: set[Scope] = set()  # outermost calls whose inputs have been drawn

    def _is_drawn(self, node: Node) -> bool:
        """Whether a node is drawn itself, or is the last of a closed box and stands for it."""
        box = self.clusters.box_of.get(node)
        return box is None or (bool(box.nodes) and box.nodes[-1] is node)

    def _thing(self, node: Node) -> Any:
        """What is drawn for a node: the closed box that it is in, or the node itself."""
        return self.clusters.box_of.get(node, node)

    def _fold(self, everything: Sequence[Node]) -> None:
        links: dict[Any, list[Any]] = {}
        given: dict[Any, list[Any]] = {}
        for node in everything:
            here = self._thing(node)
            for x, datum in zip(node.inputs, node.saved, strict=True):
                if x is None or not _is_hidden(x, self.clusters):
                    if x is None or self._thing(x) is not here:
                        given.setdefault(here, []).append(np.shape(datum))
                    if x is not None and self._thing(x) is not here:
                        links.setdefault(self._thing(x), []).append(here)
        look = {
            box: (
                box.scope.kind,
                [node.op.name for node in box.nodes],
                [np.shape(node._data) for node in box.outputs],
                [np.shape(p._data) for p in box.parameters],
                sorted(given.get(box, [])),
            )
            for box in self.clusters.boxes.values()
        }
        self.clusters.fold(links, look)

    def source(self) -> str:
        """The DOT text."""
        for node in self.shown:
            box = self.clusters.box_of.get(node)
            if box is None:
                self._node(node)
            else:
                self._box(box)
        for node in self.shown:
            box = self.clusters.box_of.get(node)
            for inner in [node] if box is None else box.nodes:
                self._edges(inner)
            if box is not None:
                self._given(box)
        if self.left_out:
            text = (
                f"showing {len(self.shown):,} of {counted(self.total, 'node')}; "
                f"draw(..., max_nodes={self.total}) shows all"
            )
            if any(node.module for node in self.shown):
                text += ", draw(..., depth=1) one box for each module"
            self.graph.attr(label=text, labelloc="t", fontsize="12", fontcolor=GRADIENT)
        self._close_frames()
        self._legend()
        return self.graph.source  # type: ignore[no-any-return]

    @property
    def ids(self) -> dict[Node, str]:
        """The name of each drawn node, or of its closed box; nodes left out have none."""
        return {node: self._name(node) for node in self.everything if self._is_shown(node)}

    # --- frames around what a module computed ---

    def _within(self, scope: Scope | None) -> Any:
        """The subgraph of a frame, made on first use; `_close_frames` puts it into its parent."""
        if scope is None:
            return self.graph
        if scope not in self.frames:
            self._within(scope.parent)
            self.frames[scope] = _digraph(f"cluster_{len(self.frames)}")
            self.frames[scope].attr(
                label=_verbatim(labels.escaped(labels.shortened(labels.scope_title(scope)))),
                fillcolor=TINTS[(len(scope.chain) - 1) % len(TINTS)],
                **FRAME,
            )
        return self.frames[scope]

    def _close_frames(self, parent: Scope | None = None) -> None:
        for scope, frame in self.frames.items():
            if scope.parent is parent:
                self._close_frames(scope)
                self._within(parent).subgraph(frame)

    # --- boxes ---

    def _node(self, node: Node) -> None:
        kind = _role(node, self.roots)
        self.kinds.add(kind)
        scope = self.clusters.frame_of.get(node)
        lines = [labels.title(node, self.clusters.path_of.get(node, ""))]
        if node.op is not None:
            lines += [labels.shortened(node.name)] if node.name else []
            lines += [
                labels.shortened(f"{k}={labels.static(v)}") for k, v in (node.static or {}).items()
            ]
        if self.values and np.ndim(node._data):
            lines.append(labels.shape(node._data))
        elif self.values and (node.op is not None or node.name):
            lines.append(f"value {labels.number(node._data)}")
        shows_zero = node.requires_grad and node.grad is not None
        if self.grads and (shows_zero or _has_gradient(node)):
            lines.append(labels.gradient(node.grad))
        number = self.numbers[node]
        self._within(scope).node(
            f"n{number}",
            box_text(lines),
            tooltip=_verbatim(labels.escaped(labels.tooltip(node, number))),
            **KINDS[kind],
        )

    def _box(self, box: Box) -> None:
        self.kinds.add("module")
        name, kind = box.scope.name, box.scope.kind
        lines = [name, kind] if name else [kind]
        if box.last is not None:
            first, last = box.scope.path, box.last.path
            lines = [f"{kind} × {box.count}", f"{first} … {last}" if last != first else first]
        if self.values:
            shapes = (
                labels.shape(y._data) if np.ndim(y._data) else f"value {labels.number(y._data)}"
                for y in box.outputs[-2:]
            )
            lines += dict.fromkeys(shapes)
        count = sum(np.size(p._data) for p in box.parameters)
        lines += [counted(int(count), "parameter")] if count else []
        grads = [p.grad for p in box.parameters if p.grad is not None]
        if self.grads and grads:
            total = np.sqrt(sum(float(np.square(g).sum()) for g in grads))
            lines.append(f"‖grad‖ {labels.number(total)}")
        operations = counted(len(box.nodes), "operation")
        self._within(box.scope.parent).node(
            self._name(box.nodes[-1]),
            box_text(map(labels.shortened, lines)),
            tooltip=_verbatim(labels.escaped(f"{box.scope.path} {kind}: {operations}")),
            **KINDS["module"],
            **({"peripheries": "2"} if box.count > 1 else {}),
        )

    # --- edges ---

    def _name(self, node: Node) -> str:
        """The name of a node in the drawing, or of the closed box that it is in."""
        box = self.clusters.box_of.get(node)
        return f"n{self.numbers[node if box is None else box.nodes[-1]]}"

    def _is_shown(self, node: Node) -> bool:
        box = self.clusters.box_of.get(node)
        if box is None:
            return node in self.numbers
        return bool(box.nodes) and box.nodes[-1] in self.numbers

    def _edges(self, node: Node) -> None:
        if node.op is None:
            return
        target, here = self._name(node), self.clusters.box_of.get(node)
        names = node.op.labels if here is None and len(node.saved) > 1 else ()
        cut = False
        for argument, (x, datum) in enumerate(zip(node.inputs, node.saved, strict=True)):
            label = {"label": box_text([names[argument]])} if argument < len(names) else {}
            if x is None:
                if here is None:
                    self._constant(f"{target}c{argument}", datum, target, label, node)
            elif here is None and self._thing(x) is x:
                if x in self.numbers:
                    self.graph.edge(self._name(x), target, **label)
                else:
                    cut = True
            elif self._thing(x) is not here and not _is_hidden(x, self.clusters):
                if self._is_shown(x):
                    self._link(x, node)
                else:
                    cut = True
        if cut:
            self.graph.node(
                f"{target}cut", "…", shape="plaintext", tooltip="left out", fontsize="16"
            )
            self.graph.edge(f"{target}cut", target, style="dashed")

    def _link(self, x: Node, node: Node) -> None:
        """Draw one edge to or from a closed box, labelled with the shape of the data."""
        pair = self._name(x), self._name(node)
        if pair not in self.linked:
            self.linked.add(pair)
            shape = str(np.shape(x._data)) if self.values and np.ndim(x._data) else ""
            self.graph.edge(*pair, **({"label": shape} if shape else {}))

    def _constant(self, name: str, datum: Any, target: str, label: Any, node: Node) -> None:
        self.kinds.add("constant")
        text = labels.number(datum) if np.ndim(datum) == 0 else labels.shape(datum)
        place = self._within(self.clusters.frame_of.get(node))
        place.node(name, box_text([text]), tooltip="constant", **KINDS["constant"])
        self.graph.edge(name, target, **label)

    def _given(self, box: Box) -> None:
        """Draw the arrays that a closed box was given, if no edge leads to it."""
        name = self._name(box.nodes[-1])
        if any(target == name for _, target in self.linked):
            return
        root = box.scope.chain[0]
        shapes = [f"{shape} {dtype}" for shape, dtype in root.given]
        if root in self.fed or not shapes:
            arrays = (datum for datum in _plain_data(box) if np.ndim(datum))
            shapes = list(dict.fromkeys(map(labels.shape, arrays)))[:2]
        self.fed.add(root)
        for i, shape in enumerate(shapes):
            self.kinds.add("constant")
            source = f"{name}d{i}"
            self.graph.node(source, box_text([shape]), tooltip="data", **KINDS["constant"])
            self.graph.edge(source, name)

    def _legend(self) -> None:
        with self.graph.subgraph(name="cluster_legend") as box:
            box.attr(label="", color="#d5dade", style="rounded", margin="6")
            present = [kind for kind in KINDS if kind in self.kinds]
            for kind in present:
                box.node(f"legend_{kind}", kind, fontsize="9", tooltip="legend", **KINDS[kind])
            for one, following in itertools.pairwise(present):
                box.edge(f"legend_{one}", f"legend_{following}", style="invis", minlen="1")


def _is_hidden(x: Node, clusters: Clusters) -> bool:
    """Whether a node is a leaf, such as a parameter, inside a closed box."""
    return x.op is None and x in clusters.box_of


def _plain_data(box: Box) -> Iterator[Any]:
    """The constants that a box computed with, in the order of its nodes."""
    for node in box.nodes:
        for x, datum in zip(node.inputs, node.saved, strict=True):
            if x is None or (x.op is None and not x.requires_grad):
                yield datum


def _nearest(roots: Sequence[Node], count: int) -> list[Node]:
    """The youngest nodes that can be reached through younger ones, oldest first."""
    heap = [(-root.number, root) for root in dict.fromkeys(roots)]
    heapq.heapify(heap)
    seen = set(roots)
    chosen: list[Node] = []
    while heap and len(chosen) < count:
        _, node = heapq.heappop(heap)
        chosen.append(node)
        for x in node.inputs:
            if x is not None and x not in seen:
                seen.add(x)
                heapq.heappush(heap, (-x.number, x))
    return chosen[::-1]


def _role(node: Node, roots: Sequence[Node]) -> str:
    if getattr(node, "_is_parameter", False):
        return "parameter"
    if node.op is None:
        return "input" if node.requires_grad else "constant"
    return "result" if node in set(roots) else "computed"


def _has_gradient(node: Node) -> bool:
    """Whether a pass certainly left a gradient here; a Value's 0.0 may be the initial one."""
    return node.grad is not None and (node._backend.no_gradient is None or node.grad != 0.0)


def box_text(lines: Iterable[str]) -> Any:
    """The text of a box, one line under the other; nothing in it is markup."""
    return _verbatim("\\n".join(labels.escaped(line) for line in lines if line))


# Importing graphviz takes as long as importing the whole engine, and most programs draw nothing.


def styled(name: str, direction: str) -> Any:
    """An empty graph in the style of all our drawings."""
    font = "Helvetica,Arial,sans-serif"
    return _digraph(
        name,
        graph_attr={"rankdir": direction, "bgcolor": "white", "nodesep": "0.22", "ranksep":
                    "0.42", "fontname": font, "pad": "0.15"},
        node_attr={"shape": "box", "fontname": font, "fontsize": "11", "fontcolor": INK,
                   "margin": "0.14,0.06", "height": "0.2", "width": "0.3"},
        edge_attr={"color": "#7b8794", "arrowsize": "0.6", "fontname": font, "fontsize": "9",
                   "fontcolor": FAINT},
    )  # fmt: skip


def _digraph(name: str, **attributes: Any) -> Any:
    import graphviz  # type: ignore[import-untyped]

    return graphviz.Digraph(name, **attributes)


def _verbatim(text: str) -> Any:
    import graphviz

    return graphviz.nohtml(text)
