"""`ag.play`: the page of a graph, inside a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from autograd.engine.graph import Node
from autograd.errors import DTypeError, Message, RenderError, described, is_int, kind, message
from autograd.files import write_file
from autograd.html import escape
from autograd.visualize.draw import draw

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 200  # pixels
OPTIONS = tuple(draw.__kwdefaults__ or ())


class Player:
    """A page that plays the passes of a graph and computes with other values.

    Attributes:
        html: the page as one text, which needs no network.
    """

    def __init__(self, text: str, height: int) -> None:
        self.html, self._height = text, height

    def save(self, path: str | Path) -> Path:
        """Write the page to a file and return its path.

        Raises:
            DTypeError: `path` is not a path.
            RenderError: it is empty.
        """
        from pathlib import Path  # here, because most programs write no page

        if not isinstance(path, (str, Path)):
            raise DTypeError(message("save", kind(path), "a path, such as 'page.html'"))
        if not str(path) or path == Path():
            raise RenderError(message("save", "an empty path", "one such as 'page.html'"))
        path = Path(path)
        write_file(path, self.html.encode())
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts" title="Player" '
            f'style="width:100%;height:{self._height}px;border:1px solid #9aa5ae"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Player: {len(self.html):,} characters of HTML; .save(path) writes them>"


def play(
    nodes: Node | Iterable[Node],
    *,
    title: str = "Forward and backward",
    height: int = 640,
    **options: Any,
) -> Player:
    """Show the page of a graph in a notebook: step through both passes, change values, train.

    What is typed or dragged there changes nothing in Python.

    Args:
        nodes: the result, or several; the first is differentiated.
        title: the title of the page.
        height: of the frame in the notebook, in pixels.
        options: what `draw` takes.

    Returns:
        an object that a notebook displays; `.save(path)` writes the page to a file.

    Raises:
        DTypeError: `nodes` is not a node, or an option has no such value.

    Example:
        >>> x = ag.Value(2.0, name="x")
        >>> page = ag.play(x * x + x)
        >>> "<script>" in page.html, page._repr_html_().startswith("<iframe")
        (True, True)
    """
    if not is_int(height) or height < LEAST:
        raise DTypeError(message("play", f"height={height!r}", f"an int of {LEAST} or more"))
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        expected = f"title, height, {', '.join(OPTIONS)}"
        raise DTypeError(message("play", f"the option {unknown[0]!r}", f"one of {expected}"))
    if not isinstance(title, str):
        raise DTypeError(message("play", f"title={described(title)}", "a text"))
    try:
        drawing = draw(nodes, **options)
    except DTypeError as error:
        text = error.args[0] if error.args else ""
        raise DTypeError(text.of("play") if isinstance(text, Message) else text) from None
    return Player(drawing.html(title), height)
