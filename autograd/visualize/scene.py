"""What a picture consists of: boxes in frames, and arrows between boxes.

`drawn` makes a scene of a graph, `layout` finds a place for everything, and `svg` and `dot` write
it down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

# The kinds of boxes, in the order of the legend.
KINDS = ("input", "parameter", "constant", "computed", "result", "part", "module", "failed")
REST = "rest"  # the kind of a box for what is left out, which the legend does not name
TITLE, PLAIN, FAINT, GRADIENT = "title", "plain", "faint", "gradient"  # the looks of a line


@dataclass(eq=False)
class Grid:
    """A matrix in a box: its entries if they are few, else a thumbnail of their sizes.

    Attributes:
        rows: the texts of the entries; empty for a thumbnail.
        shades: the entries relative to the largest size, between -1 and 1.
        look: PLAIN for values, GRADIENT for gradients.
    """

    rows: list[list[str]]
    shades: list[list[float]]
    look: str = PLAIN


@dataclass(eq=False)
class Box:
    """A box: what it is called in the file, its kind, its lines with their looks, its matrices.

    Attributes:
        count: how many equal ones it stands for; more than one are drawn as a stack.
    """

    name: str
    kind: str
    lines: list[tuple[str, str]]
    tooltip: str = ""
    grids: list[Grid] = field(default_factory=list)
    count: int = 1


@dataclass(eq=False)
class Frame:
    """A frame around what stands in it, in the order of computation.

    Attributes:
        kind: "module", "part", or "loop", which holds one of several equal steps.
    """

    name: str
    title: str
    kind: str = "module"
    children: list[Frame | Box] = field(default_factory=list)

    def boxes(self) -> Iterator[Box]:
        """All boxes in it and in its frames."""
        stack: list[Any] = [self]
        while stack:
            thing = stack.pop()
            if isinstance(thing, Box):
                yield thing
            else:
                stack.extend(reversed(thing.children))

    def frames(self) -> Iterator[Frame]:
        """All frames in it, outer ones first."""
        stack = [c for c in reversed(self.children) if isinstance(c, Frame)]
        while stack:
            frame = stack.pop()
            yield frame
            stack.extend(c for c in reversed(frame.children) if isinstance(c, Frame))


@dataclass(eq=False)
class Edge:
    """An arrow.

    Attributes:
        loop: the frame around a repeated step, if the arrow leads from one step to the next.
        joins: what the first step begins with, outside of the loop; the arrow returns to where that
            enters.
    """

    source: Box
    target: Box
    label: str = ""
    dashed: bool = False
    loop: Frame | None = None
    joins: Box | None = None


@dataclass(eq=False)
class Scene:
    """A whole picture.

    Attributes:
        root: holds everything; it is not drawn itself.
        direction: "LR", "RL", "TB" or "BT".
        notice: a sentence above the picture, such as how much was left out.
    """

    root: Frame
    edges: list[Edge] = field(default_factory=list)
    direction: str = "LR"
    notice: str = ""
