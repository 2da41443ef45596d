"""A scene as SVG: the same bytes on every machine, readable in the light, in the dark, on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd.visualize import colours, measure
from autograd.visualize.labels import in_xml
from autograd.visualize.layout import TITLE as FRAME_TITLE
from autograd.visualize.layout import Geometry, Point, layout
from autograd.visualize.metrics import FONT, width
from autograd.visualize.scene import FAINT, GRADIENT, KINDS, TITLE, Box, Edge, Grid, Scene

ARROW = 6.0
LEVELS = 6  # shades of an entry
NOTE = 11.0  # letters of the notice
SMALL = 9.0  # letters of the legend and beside lines
CORNER = 5.0


def svg_of(scene: Scene) -> str:
    """The picture as SVG text."""
    return "".join(_Writer(scene).document())


class _Writer:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.geometry: Geometry = layout(scene)
        self.sideways = scene.direction in ("LR", "RL")

    def document(self) -> Iterator[str]:
        wide, high = self.geometry.size
        top = NOTE + 12.0 if self.scene.notice else 0.0
        if top:
            wide = max(wide, width(self.scene.notice, NOTE) + 16.0)
        legend, legend_high = self._legend(wide, top + high)
        wide = max(wide, 60.0)
        full = top + high + legend_high
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="glass" width="{_n(wide)}" '
            f'height="{_n(full)}" viewBox="0 0 {_n(wide)} {_n(full)}" font-family="{FONT}">\n'
            f"<style>{colours.style()}</style>\n"
            f'<rect class="paper" width="{_n(wide)}" height="{_n(full)}" '
            f'fill="{colours.PAPER[0]}"/>\n'
        )
        if top:
            yield _text(self.scene.notice, 8.0, NOTE + 4.0, NOTE, GRADIENT, "start") + "\n"
        yield f'<g class="graph" transform="translate(0 {_n(top)})">\n'
        yield from self._frames()
        for edge, points in self.geometry.routes:
            yield self._edge(edge, points)
        for box in self.scene.root.boxes():
            yield self._box(box)
        yield "</g>\n"
        yield legend
        yield "</svg>\n"

    # --- frames and boxes ---

    def _frames(self) -> Iterator[str]:
        depth = {self.scene.root: 0}
        for frame in [self.scene.root, *self.scene.root.frames()]:
            for child in frame.children:
                if not isinstance(child, Box):
                    depth[child] = depth[frame] + (frame.kind == "module")
        for frame in self.scene.root.frames():
            kind = frame.kind
            if kind == "module" and depth[frame] % 2 == 0:
                kind = "inner"
            x, y, w, h = self.geometry.rectangles[frame]
            title = _text(
                frame.title, x + 9.0, y + 14.0, FRAME_TITLE, "", "start", colours.TITLES[kind][0]
            )
            border = _border(colours.FRAMES[kind], x, y, w, h)
            yield f'<g class="frame {kind}">{border}{title}</g>\n'

    def _box(self, box: Box) -> str:
        x, y, w, h = self.geometry.rectangles[box]
        look = colours.BOXES[box.kind]
        parts = [f'<g class="node {box.kind}" data-name="{box.name}">']
        if box.tooltip:
            parts.append(f"<title>{in_xml(box.tooltip)}</title>")
        for i in range(min(box.count - 1, 2), 0, -1):  # a stack
            parts.append(_border(look, x + 3.0 * i, y + 3.0 * i, w, h))
        parts.append(_border(look, x, y, w, h))
        lines_high = sum(measure.row(look) for _, look in box.lines)
        grids_wide, grids_high = measure.grids_size(box.grids)
        inside = lines_high + (grids_high + 4.0 if grids_high else 0.0)
        at = y + (h - inside) / 2
        for text, kind in box.lines:
            size, row = measure.letters(kind), measure.row(kind)
            parts.append(_text(text, x + w / 2, at + row / 2 + size * 0.35, size, kind, "middle"))
            at += row
        left = x + (w - grids_wide) / 2
        for grid in box.grids:
            parts.append(_grid(grid, left, at + 3.0))
            left += measure.grid_size(grid)[0] + measure.BETWEEN
        parts.append("</g>\n")
        return "".join(parts)

    # --- lines ---

    def _edge(self, edge: Edge, points: list[Point]) -> str:
        points = _simplified(points)
        tip = points[-1]
        dx, dy = self._forward()
        end = (tip[0] - dx * ARROW, tip[1] - dy * ARROW)
        path = self._path([*points[:-1], end])
        dashes = ' stroke-dasharray="4 3"' if edge.dashed or edge.loop is not None else ""
        colour = colours.LINE[0]
        across = (-dy * ARROW * 0.42, dx * ARROW * 0.42)
        corners = (
            tip,
            (end[0] + across[0], end[1] + across[1]),
            (end[0] - across[0], end[1] - across[1]),
        )
        head = " ".join(f"{_n(x)},{_n(y)}" for x, y in corners)
        parts = [
            f'<g class="edge" data-name="{edge.source.name}-&gt;{edge.target.name}">'
            f'<path d="{path}" fill="none" stroke="{colour}"{dashes}/>'
            f'<polygon points="{head}" fill="{colour}" stroke="{colour}"/>'
        ]
        if edge.label:
            parts.append(self._label(edge, tip))
        parts.append("</g>\n")
        return "".join(parts)

    def _label(self, edge: Edge, tip: Point) -> str:
        """Beside the end of a line, on the side away from the middle of the box."""
        label = edge.label
        dx, dy = self._forward()
        if self.sideways:
            anchor = "end" if dx > 0 else "start"
            return _text(label, tip[0] - dx * (ARROW + 2.0), tip[1] - 3.5, SMALL, FAINT, anchor)
        x, _, w, _ = self.geometry.rectangles[edge.target]
        side, anchor = (-4.0, "end") if tip[0] < x + w / 2 - 1.0 else (4.0, "start")
        return _text(label, tip[0] + side, tip[1] - dy * ARROW + 2.0, SMALL, FAINT, anchor)

    def _forward(self) -> Point:
        """The direction of arrows."""
        return {"LR": (1.0, 0.0), "RL": (-1.0, 0.0), "TB": (0.0, 1.0), "BT": (0.0, -1.0)}[
            self.scene.direction
        ]

    def _path(self, points: Sequence[Point]) -> str:
        """Straight along columns, curved between them, round where a loop turns."""
        parts = [f"M{_p(points[0])}"]
        for i in range(1, len(points)):
            p, q = points[i - 1], points[i]
            dx, dy = q[0] - p[0], q[1] - p[1]
            if abs(dx) < 0.6 or abs(dy) < 0.6:
                following = points[i + 1] if i + 1 < len(points) else None
                if following is not None and _turns(p, q, following):
                    parts.append(f"L{_p(_toward(q, p))}Q{_p(q)} {_p(_toward(q, following))}")
                else:
                    parts.append(f"L{_p(q)}")
            elif self.sideways:
                middle = (p[0] + q[0]) / 2
                parts.append(f"C{_p((middle, p[1]))} {_p((middle, q[1]))} {_p(q)}")
            else:
                middle = (p[1] + q[1]) / 2
                parts.append(f"C{_p((p[0], middle))} {_p((q[0], middle))} {_p(q)}")
        return "".join(parts)

    # --- the legend ---

    def _legend(self, wide: float, top: float) -> tuple[str, float]:
        """The kinds of boxes in the picture, in rows under it, and how high that is."""
        present = {box.kind for box in self.scene.root.boxes()}
        x, y = 10.0, top + 6.0
        parts = ['<g class="legend">']
        for kind in (k for k in KINDS if k in present):
            length = 18.0 + width(kind, SMALL) + 12.0
            if x > 10.0 and x + length > wide:
                x, y = 10.0, y + 14.0
            look = colours.BOXES[kind]
            mark = _border(look._replace(round=min(look.round, 3.0)), x, y, 13.0, 9.0)
            name = _text(kind, x + 18.0, y + 7.8, SMALL, FAINT, "start")
            parts.append(f'<g class="mark {kind}">{mark}{name}</g>')
            x += length
        parts.append("</g>\n")
        return "".join(parts), (y + 15.0 - top if present else 0.0)


def _border(look: colours.Look, x: float, y: float, w: float, h: float) -> str:
    thick = f' stroke-width="{_n(look.thick)}"' if look.thick != 1.0 else ""
    dashes = f' stroke-dasharray="{look.dashes}"' if look.dashes else ""
    corners = f' rx="{_n(look.round)}"' if look.round else ""
    return (
        f'<rect class="border" x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"{corners} '
        f'fill="{look.fill}" stroke="{look.stroke}"{thick}{dashes}/>'
    )


def _text(
    text: str, x: float, y: float, size: float, look: str, anchor: str, colour: str = ""
) -> str:
    """A text of the width that was planned for it, whatever the font."""
    bold = look == TITLE
    weight = ' font-weight="bold"' if bold else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    kind = f' class="{look}"' if look else ""
    long = width(text, size, bold)
    fitted = f' textLength="{_n(long)}" lengthAdjust="spacingAndGlyphs"' if len(text) > 1 else ""
    fill = colour or colours.TEXTS[look][0]
    return (
        f'<text{kind} x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"{weight}{place}{fitted} '
        f'fill="{fill}">{in_xml(text)}</text>'
    )


def _grid(grid: Grid, x: float, y: float) -> str:
    """A matrix: shaded by sign and size, with numbers if there are few."""
    wide, high = measure.grid_size(grid)
    columns = measure.grid_columns(grid) if grid.rows else [measure.CELL] * len(grid.shades[0])
    row_high = measure.DIGIT_ROW if grid.rows else measure.CELL
    strength = 0.34 if grid.rows else 1.0
    shapes: dict[tuple[str, int], list[str]] = {}
    texts = []
    for i, row in enumerate(grid.shades):
        left = x
        for j, shade in enumerate(row):
            level = round(abs(shade) * LEVELS)
            if level:
                sign = "plus" if shade > 0 else "minus"
                cell = f"M{_n(left)} {_n(y + i * row_high)}h{_n(columns[j])}v{_n(row_high)}"
                shapes.setdefault((sign, level), []).append(f"{cell}h-{_n(columns[j])}z")
            if grid.rows:
                middle, base = left + columns[j] / 2, y + i * row_high + 9.4
                texts.append(
                    _text(grid.rows[i][j], middle, base, measure.DIGITS, grid.look, "middle")
                )
            left += columns[j]
    parts = []
    for (sign, level), cells in sorted(shapes.items()):
        fill = (colours.PLUS if sign == "plus" else colours.MINUS)[0]
        opacity = _n(strength * level / LEVELS)
        parts.append(
            f'<path class="{sign}" d="{"".join(cells)}" fill="{fill}" fill-opacity="{opacity}"/>'
        )
    outline = colours.TEXTS[GRADIENT][0] if grid.look == GRADIENT else colours.LINE[0]
    parts.append(
        f'<rect class="outline {grid.look}" x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" '
        f'height="{_n(high)}" fill="none" stroke="{outline}" stroke-width="0.6"/>'
    )
    return "".join([*parts, *texts])


def _simplified(points: list[Point]) -> list[Point]:
    """The points without those in the middle of a straight line."""
    kept: list[Point] = []
    for p in points:
        if kept and abs(p[0] - kept[-1][0]) < 0.05 and abs(p[1] - kept[-1][1]) < 0.05:
            continue
        if len(kept) > 1:
            a, b = kept[-2], kept[-1]
            level = abs(a[1] - b[1]) < 0.05 and abs(b[1] - p[1]) < 0.05
            upright = abs(a[0] - b[0]) < 0.05 and abs(b[0] - p[0]) < 0.05
            if level or upright:
                kept.pop()
        kept.append(p)
    return kept if len(kept) > 1 else [*kept, *kept]


def _turns(p: Point, q: Point, r: Point) -> bool:
    """Whether two straight pieces meet at a right angle, and are long enough to be rounded."""
    one, other = (q[0] - p[0], q[1] - p[1]), (r[0] - q[0], r[1] - q[1])
    level = [abs(d[1]) < 0.6 for d in (one, other)]
    upright = [abs(d[0]) < 0.6 for d in (one, other)]
    right = (level[0] and upright[1]) or (upright[0] and level[1])
    return right and min(abs(sum(one)), abs(sum(other))) > 2.0


def _toward(p: Point, q: Point) -> Point:
    """A point near p, on the way to q."""
    dx, dy = q[0] - p[0], q[1] - p[1]
    long = max(abs(dx), abs(dy), 1e-9)
    part = min(CORNER, long / 2) / long
    return p[0] + dx * part, p[1] + dy * part


def _n(x: float) -> str:
    """A coordinate."""
    text = f"{x:.1f}"
    return text[:-2] if text.endswith(".0") else text


def _p(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"
