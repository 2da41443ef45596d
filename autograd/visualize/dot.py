"""A scene as DOT, the language of Graphviz, for those who want to lay it out themselves."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.visualize import colours
from autograd.visualize.labels import escaped
from autograd.visualize.scene import Box, Frame, Grid, Scene

FONT = "Helvetica,Arial,sans-serif"


def dot_of(scene: Scene) -> str:
    """The DOT text, which ends with a line break."""
    return "".join(f"{line}\n" for line in _lines(scene))


def _lines(scene: Scene) -> Iterator[str]:
    yield "digraph glassgrad {"
    notice = f' label="{escaped(scene.notice)}" labelloc=t' if scene.notice else ""
    yield f'\tgraph [rankdir={scene.direction} fontname="{FONT}" compound=true{notice}]'
    yield f'\tnode [shape=box fontname="{FONT}" fontsize=11]'
    yield f'\tedge [fontname="{FONT}" fontsize=9 arrowsize=0.6]'
    yield from _inside(scene.root, "\t")
    for edge in scene.edges:
        facts = [f'label="{escaped(edge.label)}"'] if edge.label else []
        facts += ["style=dashed"] if edge.dashed or edge.loop is not None else []
        facts += ["constraint=false"] if edge.loop is not None else []
        suffix = f" [{' '.join(facts)}]" if facts else ""
        yield f"\t{edge.source.name} -> {edge.target.name}{suffix}"
    yield "}"


def _inside(frame: Frame, indent: str) -> Iterator[str]:
    """The boxes and frames in a frame; a stack instead of recursion, as frames may nest deeply."""
    stack: list[Frame | Box | str] = list(reversed(frame.children))
    while stack:
        thing = stack.pop()
        if isinstance(thing, str):
            indent = indent[:-1]
            yield indent + thing
        elif isinstance(thing, Box):
            yield f"{indent}{_box(thing)}"
        else:
            look = colours.FRAMES[thing.kind]
            yield f"{indent}subgraph {thing.name} {{"
            indent += "\t"
            dashes = ",dashed" if look.dashes else ""
            yield (
                f'{indent}label="{escaped(thing.title)}" style="rounded,filled{dashes}" '
                f'fillcolor="{look.fill}" color="{look.stroke}"'
            )
            stack.append("}")
            stack.extend(reversed(thing.children))


def _box(box: Box) -> str:
    look = colours.BOXES[box.kind]
    lines = [text for text, _ in box.lines]
    lines += [row for grid in box.grids for row in _rows(grid)]
    text = "\\n".join(map(escaped, lines))
    style = [*(["rounded"] if look.round else []), *(["dashed"] if look.dashes else [])]
    style += ["filled"] if look.fill != "none" else []
    facts = [
        f'label="{text}"',
        f'style="{",".join(style)}"',
        *([f'fillcolor="{look.fill}"'] if look.fill != "none" else []),
        f'color="{look.stroke}"',
        *([f"penwidth={look.thick}"] if look.thick != 1.0 else []),
        *(["peripheries=2"] if box.count > 1 else []),
        *([f'tooltip="{escaped(box.tooltip)}"'] if box.tooltip else []),
    ]
    return f"{box.name} [{' '.join(facts)}]"


def _rows(grid: Grid) -> Iterator[str]:
    """The rows of a matrix in numbers."""
    for row in grid.rows:
        yield "  ".join(row)
