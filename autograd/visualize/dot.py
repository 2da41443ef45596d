"""A graph as the source of a picture, in Graphviz's language."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import Node, ancestors
from autograd.engine.note import Scope
from autograd.visualize.clusters import Box, Grouping

LONGEST = 28  # characters of a label
INK, FAINT, GRADIENT = "#1f2933", "#6b7680", "#a23b00"
# Kinds of nodes differ in shape and border as well as in colour; the colours are apart for all
# eyes.
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
TINTS = ("#faf9fd", "#f3f1f9")  # of frames, by turns from the outside


class Picture:
    """The DOT source of one drawing, in the making; arguments as for `draw`."""

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
        self.roots, self.values, self.grads = roots, values, grads
        self.kinds: set[str] = set()
        self.everything = everything = ancestors(roots)
        self.groups = Grouping(everything, roots, depth)
        if fold and self.groups.boxes:
            self._fold(everything)
        drawn = [node for node in everything if self._is_drawn(node)]
        self.shown = drawn
        if len(drawn) > max_nodes:
            # Of a graph with closed boxes the youngest nodes are left, one for each box among them.
            near = _nearest(roots, max_nodes) if depth is None else drawn[-max_nodes:]
            self.shown = near
        self.left_out = len(drawn) - len(self.shown)
        self.total = len(drawn)
        first = {node: i for i, node in enumerate(self.shown, 1 + self.left_out)}
        self.numbers = first if self.left_out == 0 and len(drawn) == len(everything) else {
            node: i for i, node in enumerate(everything, 1) if node in first
        }  # fmt: skip
        self.graph = _digraph(
            "glassgrad",
            graph_attr={"rankdir": direction, "bgcolor": "white", "nodesep": "0.22", "ranksep":
                        "0.42", "fontname": "Helvetica,Arial,sans-serif", "pad": "0.15"},
            node_attr={"shape": "box", "fontname": "Helvetica,Arial,sans-serif", "fontsize": "11",
                       "fontcolor": INK, "margin": "0.14,0.06", "height": "0.2", "width": "0.3"},
            edge_attr={"color": "#7b8794", "arrowsize": "0.6", "fontname":
                       "Helvetica,Arial,sans-serif", "fontsize": "9", "fontcolor": FAINT},
        )  # fmt: skip
        self.frames: dict[Scope, Any] = {}
        self.linked: set[tuple[str, str]] = set()
        self.fed: set[Scope] = set()  # outermost calls whose inputs have been drawn

    def _is_drawn(self, node: Node) -> bool:
        """Whether a node has a box of its own, or stands for the closed one that it is the last
        of."""
        box = self.groups.box_of.get(node)
        return box is None or (bool(box.nodes) and box.nodes[-1] is node)

    def _thing(self, node: Node) -> Any:
        """What is drawn in a node's place: a closed box, or the node."""
        return self.groups.box_of.get(node, node)

    def _fold(self, everything: Sequence[Node]) -> None:
        links: dict[Any, list[Any]] = {}
        given: dict[Any, list[Any]] = {}
        for node in everything:
            here = self._thing(node)
            for x, datum in zip(node.inputs, node.saved, strict=True):
                if x is None or not _is_hidden(x, self):
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
            for box in self.groups.boxes.values()
        }
        self.groups.fold(links, look)

    def source(self) -> str:
        """The text."""
        for node in self.shown:
            box = self.groups.box_of.get(node)
            if box is None:
                self._node(node)
            else:
                self._box(box)
        for node in self.shown:
            box = self.groups.box_of.get(node)
            for inner in [node] if box is None else box.nodes:
                self._edges(inner)
            if box is not None:
                self._data(box)
        if self.left_out:
            text = (
                f"showing {len(self.shown):,} of {self.total:,} nodes; draw(..., "
                f"max_nodes={self.total}) shows all"
            )
            if any(node.module for node in self.shown):
                text += ", draw(..., depth=1) a box for each module"
            self.graph.attr(label=text, labelloc="t", fontsize="12", fontcolor=GRADIENT)
        self._close_frames()
        self._legend()
        return self.graph.source  # type: ignore[no-any-return]

    @property
    def ids(self) -> dict[Node, str]:
        """In which box of the drawing each node is; nodes that were left out are not there."""
        return {node: self._name(node) for node in self.everything if self._is_shown(node)}

    # --- frames around what a module computed ---

    def _within(self, scope: Scope | None) -> Any:
        """The graph to which something in a frame is added; frames are closed at the end."""
        if scope is None:
            return self.graph
        if scope not in self.frames:
            self._within(scope.parent)
            self.frames[scope] = _digraph(f"cluster_{len(self.frames)}")
            self.frames[scope].attr(
                label=_verbatim(_escaped(_short(_title_of(scope)))),
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
        kind = _kind(node, self.roots)
        self.kinds.add(kind)
        scope = self.groups.frame_of.get(node)
        lines = [_title(node, self.groups.path_of.get(node, ""))]
        if node.op is not None:
            lines += [_short(node.name)] if node.name else []
            lines += [_short(f"{k}={_static(v)}") for k, v in (node.static or {}).items()]
        if self.values and np.ndim(node._data):
            lines.append(_shape(node._data))
        elif self.values and (node.op is not None or node.name):
            lines.append(f"value {_number(node._data)}")
        if self.grads and node.grad is not None:
            lines.append(_gradient(node.grad))
        number = self.numbers[node]
        self._within(scope).node(
            f"n{number}",
            _label(lines),
            tooltip=_verbatim(_escaped(_tooltip(node, number))),
            **KINDS[kind],
        )

    def _box(self, box: Box) -> None:
        self.kinds.add("module")
        name, kind = _clean(box.scope.name), _clean(box.scope.kind)
        lines = [name, kind] if name else [kind]
        if box.last is not None:
            first, last = box.scope.path, box.last.path
            lines = [
                f"{kind} × {box.count}",
                _clean(f"{first} … {last}" if last != first else first),
            ]
        if self.values:
            shapes = (
                _shape(y._data) if np.ndim(y._data) else f"value {_number(y._data)}"
                for y in box.outputs[-2:]
            )
            lines += dict.fromkeys(shapes)
        count = sum(np.size(p._data) for p in box.parameters)
        lines += [f"{count:,} parameters"] if count else []
        grads = [p.grad for p in box.parameters if p.grad is not None]
        if self.grads and grads:
            total = np.sqrt(sum(float(np.square(g).sum()) for g in grads))
            lines.append(f"‖grad‖ {_number(total)}")
        operations = f"{len(box.nodes)} operations"
        self._within(box.scope.parent).node(
            self._name(box.nodes[-1]),
            _label(map(_short, lines)),
            tooltip=_verbatim(_escaped(f"{_clean(box.scope.path)} {kind}: {operations}")),
            **KINDS["module"],
            **({"peripheries": "2"} if box.count > 1 else {}),
        )

    # --- edges ---

    def _name(self, node: Node) -> str:
        """What the drawing calls a node, or the box that it is in."""
        box = self.groups.box_of.get(node)
        return f"n{self.numbers[node if box is None else box.nodes[-1]]}"

    def _is_shown(self, node: Node) -> bool:
        box = self.groups.box_of.get(node)
        if box is None:
            return node in self.numbers
        return bool(box.nodes) and box.nodes[-1] in self.numbers

    def _edges(self, node: Node) -> None:
        if node.op is None:
            return
        target, here = self._name(node), self.groups.box_of.get(node)
        labels = node.op.labels if here is None and len(node.saved) > 1 else ()
        cut = False
        for argument, (x, datum) in enumerate(zip(node.inputs, node.saved, strict=True)):
            label = {"label": labels[argument]} if argument < len(labels) else {}
            if x is None:
                if here is None:
                    self._constant(f"{target}c{argument}", datum, target, label, node)
            elif here is None and self._thing(x) is x:
                if x in self.numbers:
                    self.graph.edge(self._name(x), target, **label)
                else:
                    cut = True
            elif self._thing(x) is not here and not _is_hidden(x, self):
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
        """One edge between two things of which one is a closed box, with the shape that flows."""
        pair = self._name(x), self._name(node)
        if pair not in self.linked:
            self.linked.add(pair)
            shape = str(np.shape(x._data)) if self.values and np.ndim(x._data) else ""
            self.graph.edge(*pair, **({"label": shape} if shape else {}))

    def _constant(self, name: str, datum: Any, target: str, label: Any, node: Node) -> None:
        self.kinds.add("constant")
        text = _number(datum) if np.ndim(datum) == 0 else _shape(datum)
        place = self._within(self.groups.frame_of.get(node))
        place.node(name, _label([text]), tooltip="constant", **KINDS["constant"])
        self.graph.edge(name, target, **label)

    def _data(self, box: Box) -> None:
        """The arrays that a closed box was given, where nothing else leads to it."""
        name = self._name(box.nodes[-1])
        if any(target == name for _, target in self.linked):
            return
        root = box.scope.chain[0]
        shapes = [f"{shape} {dtype}" for shape, dtype in root.given]
        if root in self.fed or not shapes:
            arrays = (datum for datum in _plain_data(box) if np.ndim(datum))
            shapes = list(dict.fromkeys(map(_shape, arrays)))[:2]
        self.fed.add(root)
        for i, shape in enumerate(shapes):
            self.kinds.add("constant")
            source = f"{name}d{i}"
            self.graph.node(source, _label([shape]), tooltip="data", **KINDS["constant"])
            self.graph.edge(source, name)

    def _legend(self) -> None:
        with self.graph.subgraph(name="cluster_legend") as box:
            box.attr(label="", color="#d5dade", style="rounded", margin="6")
            present = [kind for kind in KINDS if kind in self.kinds]
            for kind in present:
                box.node(f"legend_{kind}", kind, fontsize="9", tooltip="legend", **KINDS[kind])
            for one, following in itertools.pairwise(present):
                box.edge(f"legend_{one}", f"legend_{following}", style="invis", minlen="1")


def _is_hidden(x: Node, picture: Picture) -> bool:
    """Whether a leaf, such as a parameter, is part of a closed box."""
    return x.op is None and x in picture.groups.box_of


def _plain_data(box: Box) -> Iterator[Any]:
    """The constants that a box computed with, in the order of its nodes."""
    for node in box.nodes:
        for x, datum in zip(node.inputs, node.saved, strict=True):
            if x is None or (x.op is None and not x.requires_grad):
                yield datum


def _title_of(scope: Scope) -> str:
    return _clean(f"{scope.name}: {scope.kind}" if scope.name else scope.kind)


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


def _kind(node: Node, roots: Sequence[Node]) -> str:
    if getattr(node, "_is_parameter", False):
        return "parameter"
    if node.op is None:
        return "input" if node.requires_grad else "constant"
    return "result" if node in set(roots) else "computed"


def _title(node: Node, path: str) -> str:
    if node.op is not None:
        return node.op.symbol  # type: ignore[no-any-return]
    if node.name:
        # A parameter is called by its path, like in a state dictionary.
        is_attribute = getattr(node, "_is_parameter", False) and "." not in node.name
        return _short(f"{path}.{node.name}" if path and is_attribute else node.name)
    return _number(node._data) if np.ndim(node._data) == 0 else ""


def _shape(data: Any) -> str:
    return f"{np.shape(data)} {np.asarray(data).dtype}"


def _gradient(grad: Any) -> str:
    if np.ndim(grad) == 0:
        return f"grad {_number(grad)}"
    return f"‖grad‖ {_number(np.linalg.norm(grad))}"


def _number(x: Any) -> str:
    text = f"{float(x):.4g}" if np.asarray(x).dtype.kind == "f" else str(x)
    return text.replace("-", "−")


def _static(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_static, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, slice):
        parts = (
            "" if part is None else str(part) for part in (value.start, value.stop, value.step)
        )
        return ":".join(parts).removesuffix(":") or ":"
    return "…" if value is Ellipsis else str(value)


def _tooltip(node: Node, number: int) -> str:
    formula = f" {node.op.name}: {node.op.formula}" if node.op is not None else ""
    name = f" {_clean(node.name)}" if node.name else ""
    value = f" = {node._data!r}" if np.ndim(node._data) == 0 else f" {np.shape(node._data)}"
    return f"{number}.{name}{formula}{value}"


def _clean(text: str) -> str:
    """Without line breaks and characters that XML does not allow."""
    return "".join(c if c.isprintable() else " " for c in text)


def _short(text: str) -> str:
    text = _clean(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _escaped(text: str) -> str:
    """As Graphviz must be given it: backslashes and entities such as &amp; would be interpreted."""
    return text.replace("&", "&amp;").replace("\\", "\\\\")


def _label(lines: Iterable[str]) -> Any:
    return _verbatim("\\n".join(_escaped(line) for line in lines if line))


# To import graphviz takes as long as to import all of the engine, and most programs draw nothing.


def _digraph(name: str, **attributes: Any) -> Any:
    import graphviz  # type: ignore[import-untyped]

    return graphviz.Digraph(name, **attributes)


def _verbatim(text: str) -> Any:
    import graphviz

    return graphviz.nohtml(text)
