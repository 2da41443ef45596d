"""Draw a graph: what a user calls, and the drawing that it returns.

What makes pictures is imported by the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autograd.engine.graph import Node, ancestors
from autograd.errors import (
    Drawable,
    DTypeError,
    RenderError,
    check_flags,
    described,
    is_int,
    kind,
    message,
)
from autograd.files import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from autograd.visualize.drawn import Options
    from autograd.visualize.scene import Scene

CLOSED = 4  # levels of a page, at most, in which modules are closed

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
    parts: bool = True,
) -> Drawing:
    """Draw the graph that nodes were computed from.

    A box shows the operation or the name, the value of a scalar or the shape of an array with its
    numbers, and the gradient, if there is one. A frame around what a module computed shows its name
    and class. Nodes are numbered in the order of computation, and where boxes stand depends on
    nothing else, so the same program draws the same bytes on every machine. The effort of placing
    them is bounded: the larger a graph, the fewer sweeps look for crossings of lines, and above
    20,000 nodes nothing looks for equal steps and parts.

    Args:
        nodes: the result, or several.
        values: whether to show values (of arrays, shapes).
        grads: whether to show gradients.
        direction: where results lie as seen from inputs: "LR" right, "RL" left, "TB" below, "BT"
            above.
        max_nodes: of a larger graph, only the nodes nearest to the results are drawn, and the
            picture says so.
        depth: how many levels of modules to open: 0 draws a whole model as one box, 1 draws one
            box for each module in it, and so on; None opens all.
        fold: whether to draw equal steps once: those of a recurrent network as a loop, "× 20",
            equal modules in a row as one box, "Block × 12", and long sums with a few terms. False
            draws everything.
        parts: whether to draw parts of a computation, such as a softmax or a forget gate, as one
            box each: those that `ag.part` names and those that are recognized. False draws every
            operation.

    Returns:
        a drawing with `.dot`, `.svg` and `.save(path)`; a notebook displays it.

    Raises:
        DTypeError: an argument is not a node, or an option has no such value.

    Example:
        >>> x = ag.Value(2.0, name="x")
        >>> print(ag.draw(x * x).dot.splitlines()[0])
        digraph glassgrad {
    """
    from autograd.visualize.drawn import Drawn
    from autograd.visualize.page import page
    from autograd.visualize.staging import scene_of

    options = _checked(values, grads, direction, max_nodes, depth, fold, parts)
    roots = [nodes] if isinstance(nodes, Node) else _listed(nodes)
    if not roots:
        raise DTypeError(message("draw", f"an empty {type(nodes).__name__}", "at least one node"))

    def player(title: str) -> str:
        return page(roots, list(_levels(roots, options)), title)

    return Drawing(scene_of(Drawn(roots, options)), player)


def _checked(
    values: Any = True,
    grads: Any = True,
    direction: Any = "LR",
    max_nodes: Any = 500,
    depth: Any = None,
    fold: Any = True,
    parts: Any = True,
) -> Options:
    """The options of `draw`; raises for values that they cannot have."""
    from autograd.visualize.drawn import Options

    if not isinstance(direction, str) or direction not in ("LR", "RL", "TB", "BT"):
        got = f"direction={described(direction)}"
        raise DTypeError(message("draw", got, '"LR", "RL", "TB" or "BT"'))
    check_flags("draw", values=values, grads=grads, fold=fold, parts=parts)
    if not is_int(max_nodes) or max_nodes < 1:
        raise DTypeError(message("draw", f"max_nodes={max_nodes!r}", "an int of 1 or more"))
    if depth is not None and (not is_int(depth) or depth < 0):
        raise DTypeError(message("draw", f"depth={depth!r}", "None, or an int of 0 or more"))

    return Options(values, grads, direction, max_nodes, depth, fold, parts)


def _draw_failure(error: BaseException, **options: Any) -> Drawing:
    """What `draw` of an error does."""
    from autograd.visualize.failure import failed_page, failed_scene

    scene = failed_scene(error, _checked(**options))
    return Drawing(scene, lambda title: failed_page(error, scene, title))


def _listed(nodes: Any) -> list[Node]:
    """Several results as a list; raises for what has no graph."""
    if hasattr(nodes, "named_parameters"):
        name = nodes.__name__ if isinstance(nodes, type) else type(nodes).__name__
        hint = f"a {name} has no graph until it is called; draw(model(x)) shows it"
        got = f"the class {name}" if isinstance(nodes, type) else kind(nodes)
        raise DTypeError(message("draw", got, "the result of a computation", hint))
    plain = isinstance(nodes, (str, dict)) or not isinstance(nodes, Iterable)
    plain = plain or (hasattr(nodes, "dtype") and nodes.dtype != object)  # an array
    roots = [nodes] if plain else list(nodes)
    for root in roots:
        if not isinstance(root, Node):
            expected = "a Value, a Tensor, or a list of them"
            hint = "compute the result from ag.Value or ag.Tensor, and draw that"
            raise DTypeError(message("draw", kind(root), expected, hint))
    return roots


def _levels(roots: list[Node], options: Options) -> Iterator[dict[str, Any]]:
    """Pictures of a graph, from all modules closed to all operations, each of more boxes.

    They are made when the page is written, since a browser has no layout: at most six of at most
    `max_nodes` boxes.
    """
    from autograd.visualize.drawn import Drawn
    from autograd.visualize.staging import scene_of
    from autograd.visualize.svg import svg_of

    scopes = (node.note.scope for node in ancestors(roots) if node.op is not None and node.note)
    chains = {scope.chain for scope in scopes if scope is not None}
    deepest = max((sum(not s.is_part for s in chain) for chain in chains), default=0)
    options = options._replace(grads=False)  # the page shows them when the pass has found them
    depths = range(1, min(deepest, CLOSED + 1))
    levels = [(f"depth {depth}", options._replace(depth=depth)) for depth in depths]
    opened = options._replace(depth=None)
    levels.append(("all open", opened))
    if options.parts:
        levels.append(("all operations", opened._replace(parts=False)))
    before: set[str] = set()
    for label, choice in levels:
        drawn = Drawn(roots, choice)
        ids = drawn.ids
        if label == "all open" or len(set(ids.values())) > len(before):
            svg = svg_of(scene_of(drawn))
            paths = drawn.clusters.path_of
            yield {"label": label, "svg": svg, "ids": ids, "shows": drawn.shows, "paths": paths}
        before = set(ids.values())


class Drawing:
    """A picture of a graph."""

    def __init__(self, scene: Scene, player: Callable[[str], str] | None = None) -> None:
        self._scene, self._player = scene, player

    @cached_property
    def dot(self) -> str:
        """The source in Graphviz's language."""
        from autograd.visualize.dot import dot_of

        return dot_of(self._scene)

    def graphviz(self) -> Any:
        """The graph as a `graphviz.Source`, for the layouts and formats of Graphviz itself.

        Its `render` and `pipe` need the program `dot`; `svg` and `save` do not.

        Example:
            >>> x = ag.Value(2.0, name="x")
            >>> type(ag.draw(x * x).graphviz()).__name__
            'Source'
        """
        from graphviz import Source  # here, because it takes as long to import as the engine

        return Source(self.dot)

    def html(self, title: str = "Forward and backward") -> str:
        """A page, as one text, that plays the forward and the backward pass step by step.

        It needs neither a network nor a server. This call runs the passes; build the graph under
        `with ag.record_lines():` to see the lines of your program. Of a call that failed, the page
        shows the picture and the message, because no pass came about.

        Raises:
            RenderError: the drawing was not made of nodes.
        """
        if not isinstance(title, str):
            raise DTypeError(message("html", f"title={title!r}", "a text"))
        if self._player is None:
            raise RenderError(
                message("html", "a drawing that holds no nodes", hint="make it with ag.draw(node)")
            )
        return self._player(title)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text."""
        from autograd.visualize.svg import svg_of

        return svg_of(self._scene)

    def save(self, path: str | Path) -> Path:
        """Write the picture; the suffix (.svg, .png, .pdf, .dot) chooses the format.

        The suffix .html writes a page that plays the forward and the backward pass.

        Returns:
            the path.

        Raises:
            DTypeError: `path` is not a path.
            RenderError: the path is empty, the suffix is another, or what makes the format is not
                installed.
        """
        from pathlib import Path  # here, because most programs write no picture

        if not isinstance(path, (str, Path)):
            raise DTypeError(message("save", kind(path), "a path, such as 'graph.svg'"))
        if not str(path) or path == Path():
            raise RenderError(message("save", "an empty path", "one such as 'graph.svg'"))
        path = Path(path)
        form = FORMATS.get(path.suffix.lower())
        if form is None:
            got = f"suffix {path.suffix!r}" if path.suffix else f"{str(path)!r}, without a suffix"
            raise RenderError(message("save", got, f"one of {', '.join(FORMATS)}"))
        if form == "dot":
            content = self.dot.encode()
        elif form == "html":
            content = self.html(path.stem).encode()
        elif form == "svg":
            content = self.svg.encode()
        elif form == "png":
            from autograd.visualize.render import png_of

            content = png_of(self.svg)
        else:
            from autograd.visualize.pdf import pdf_of

            content = pdf_of(self.svg)
        write_file(path, content)
        return path

    def __copy__(self) -> Drawing:
        return self

    def __deepcopy__(self, memo: Any) -> Drawing:
        return self

    def __reduce__(self) -> Any:
        hint = "write the picture with drawing.save('graph.svg')"
        raise DTypeError(message("pickle", "a Drawing", "data without a graph", hint))

    def _repr_svg_(self) -> str:
        return self.svg


Drawable.drawer = staticmethod(_draw_failure)
