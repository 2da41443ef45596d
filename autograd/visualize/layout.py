"""Where everything in a scene stands: each frame is laid out for itself, inner ones first.

A frame is then one large vertex of the frame around it, with a port on its border for everything
that flows in or out. So effort grows with the number of boxes and not with how they are nested.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograd.visualize.layers import FIRST, LAST, Line, Vertex, place
from autograd.visualize.measure import box_size
from autograd.visualize.metrics import width
from autograd.visualize.rows import Rows
from autograd.visualize.scene import Box, Edge, Frame, Scene

GAP = 30.0  # between columns
PAD, HEAD = 9.0, 20.0  # inside a frame, and under its title
LANE = 9.0  # between two loops
TITLE = 11.0  # letters of the title of a frame
Point = tuple[float, float]
Net = tuple[Box, Any]  # what flows: from a box, and for a loop the frame in which it returns
OUT, BACK = "out", "back"  # ends of lines: the border of the frame, and the lane of a loop


@dataclass
class Geometry:
    """A picture with coordinates: of boxes and frames as (x, y, width, height), of lines by points.

    Attributes:
        size: the width and height of all.
        rectangles: where boxes and frames are.
        routes: for each edge, the points through which it passes.
    """

    size: Point
    rectangles: dict[Box | Frame, tuple[float, float, float, float]] = field(default_factory=dict)
    routes: list[tuple[Edge, list[Point]]] = field(default_factory=list)


def layout(scene: Scene) -> Geometry:
    """Find a place for everything."""
    return _Layout(scene).geometry()


@dataclass(eq=False)
class _Room:
    """A frame that has been laid out; all coordinates count from its corner."""

    along: float
    across: float
    corners: dict[Any, Point]
    inlets: dict[Net, float]
    outlets: dict[Net, float]
    lines: dict[Any, list[Point]]
    lanes: dict[Net, tuple[Point, Point, float]]


class _Layout:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.sideways = scene.direction in ("LR", "RL")
        self.parents: dict[Any, Frame] = {}
        frames = [scene.root, *scene.root.frames()]
        for frame in frames:
            for child in frame.children:
                self.parents[child] = frame
        self.sizes = {box: self._turned(box_size(box)) for box in scene.root.boxes()}
        self.wanted: dict[Frame, dict[Any, tuple[Any, Any, Net]]] = {f: {} for f in frames}
        self.joined = {(e.source, e.loop): e.joins for e in scene.edges if e.joins is not None}
        self.steps: dict[Edge, list[tuple[Frame, Any]]] = {}
        for edge in scene.edges:
            self._demand(edge)
        self.rooms: dict[Frame, _Room] = {}
        for frame in reversed(frames):
            self.rooms[frame] = self._arrange(frame)

    def _turned(self, size: Point) -> Point:
        return size if self.sideways else (size[1], size[0])

    # --- which lines each frame needs ---

    def _around(self, box: Box) -> list[Frame]:
        """The frames that a box stands in, from the outermost."""
        chain = []
        at: Any = box
        while at in self.parents:
            at = self.parents[at]
            chain.append(at)
        return chain[::-1]

    def _demand(self, edge: Edge) -> None:
        """Divide an edge into lines of one frame each."""
        out, into = self._around(edge.source), self._around(edge.target)
        if edge.loop is not None:
            depth = out.index(edge.loop)
        else:
            depth = max(i for i, (a, b) in enumerate(zip(out, into, strict=False)) if a is b)
        net: Net = edge.source, edge.loop
        steps = self.steps[edge] = []

        def need(frame: Frame, start: Any, end: Any) -> None:
            key = edge if end is edge.target else (net, end)
            self.wanted[frame].setdefault(key, (start, end, net))
            steps.append((frame, key))

        outer: list[Any] = [*out, edge.source]
        inner: list[Any] = [*into, edge.target]
        for i in range(len(out) - 1, depth, -1):
            need(out[i], outer[i + 1], OUT)
        if edge.loop is None:
            need(out[depth], outer[depth + 1], inner[depth + 1])
        else:
            need(out[depth], outer[depth + 1], BACK)
            if edge.joins is not None:
                return
            need(out[depth], BACK, inner[depth + 1])
        for i in range(depth + 1, len(into)):
            need(into[i], OUT, inner[i + 1])

    # --- one frame ---

    def _arrange(self, frame: Frame) -> _Room:
        vertices: dict[Any, Vertex] = {child: self._vertex(child) for child in frame.children}
        ends: dict[tuple[str, Net, str], Vertex] = {}
        lines: dict[Any, Line] = {}
        for key, (start, end, net) in self.wanted[frame].items():
            source = vertices.get(start) or ends.setdefault((start, net, FIRST), _port(FIRST))
            target = vertices.get(end) or ends.setdefault((end, net, LAST), _port(LAST))
            lines[key] = Line(source, target, net, self._label(key), key)
        first = [v for (_, _, end), v in ends.items() if end == FIRST]
        last = [v for (_, _, end), v in ends.items() if end == LAST]
        ordered = [*first, *vertices.values(), *last]
        if not ordered:
            return _Room(2 * PAD, 2 * PAD, {}, {}, {}, {}, {})
        borders = place(ordered, list(lines.values()), GAP)
        return self._room(frame, vertices, ends, lines, borders)

    def _vertex(self, child: Box | Frame) -> Vertex:
        if isinstance(child, Box):
            along, across = self.sizes[child]
            light = child.kind in ("parameter", "constant", "rest")
            return Vertex(along, across, light=light)
        room = self.rooms[child]
        middle = room.across / 2
        return Vertex(
            room.along,
            room.across,
            inlets={net: c - middle for net, c in room.inlets.items()},
            outlets={net: c - middle for net, c in room.outlets.items()},
        )

    def _label(self, key: Any) -> float:
        if not isinstance(key, Edge) or not key.label:
            return 0.0
        return width(key.label, 9.0) + 8.0 if self.sideways else 14.0

    def _room(
        self,
        frame: Frame,
        vertices: dict[Any, Vertex],
        ends: dict[tuple[str, Net, str], Vertex],
        lines: dict[Any, Line],
        borders: list[float],
    ) -> _Room:
        everything = [*vertices.values(), *ends.values()]
        everything += dict.fromkeys(bend for line in lines.values() for bend in line.bends)
        rows = Rows(everything, lines.values(), borders)
        begin, finish, above, below = self._padding(frame)
        lanes = list(dict.fromkeys(net for what, net, _ in ends if what is BACK))
        side = 8.0 + 4.0 * len(lanes) if lanes else 0.0
        begin, finish = begin + side + rows.side, finish + side + rows.side
        along, across = rows.along + begin + finish, rows.across + above + below
        along, fitted = self._fit_title(frame, along, across)
        above, across = above + (fitted - across) / 2, fitted
        corners = {
            child: (v.a - v.along / 2 + begin, v.c - v.across / 2 + above)
            for child, v in vertices.items()
        }
        routes = {
            key: [(a + begin, c + above) for a, c in rows.points(line)]
            for key, line in lines.items()
        }
        for key, (start, end, _) in self.wanted[frame].items():
            if start is OUT:
                routes[key].insert(0, (0.0, routes[key][0][1]))
            if end is OUT:
                routes[key].append((along, routes[key][-1][1]))
        returns = {}
        for i, net in enumerate(lanes):
            leaving, entering = ends[BACK, net, LAST], self._entry(net, ends)
            turn = 6.0 + 4.0 * i
            returns[net] = (
                (leaving.a + begin + turn, leaving.c + above),
                (entering.a + begin - turn - 6.0, entering.c + above),
                across + LANE * i,
            )
        across += LANE * len(lanes) + (4.0 if lanes else 0.0)
        ports = {(net, end): v.c + above for (what, net, end), v in ends.items() if what is OUT}
        inlets = {net: c for (net, end), c in ports.items() if end == FIRST}
        outlets = {net: c for (net, end), c in ports.items() if end == LAST}
        return _Room(along, across, corners, inlets, outlets, routes, returns)

    def _entry(self, net: Net, ends: dict[tuple[str, Net, str], Vertex]) -> Vertex:
        """Where a loop returns to: its own entrance, or that of what the first step begins with."""
        joined = self.joined.get(net)
        if joined is None:
            return ends[BACK, net, FIRST]
        return ends[OUT, (joined, None), FIRST]

    def _padding(self, frame: Frame) -> tuple[float, float, float, float]:
        """What a frame adds before and after along, and before and after across."""
        if frame is self.scene.root:
            return PAD, PAD, PAD, PAD
        return {
            "LR": (PAD, PAD, HEAD, PAD),
            "RL": (PAD, PAD, HEAD, PAD),
            "TB": (HEAD, PAD, PAD, PAD),
            "BT": (PAD, HEAD, PAD, PAD),
        }[self.scene.direction]

    def _fit_title(self, frame: Frame, along: float, across: float) -> Point:
        if frame is self.scene.root:
            return along, across
        title = width(frame.title, TITLE) + PAD + 4.0
        if self.sideways:
            return max(along, title + PAD), across
        return along, max(across, 2 * title)  # lines enter in the middle, not through the title

    # --- the whole picture ---

    def geometry(self) -> Geometry:
        root = self.rooms[self.scene.root]
        size = self._turned((root.along, root.across))
        found = Geometry(size)
        origins: dict[Frame, Point] = {self.scene.root: (0.0, 0.0)}
        frames = [self.scene.root, *self.scene.root.frames()]
        for frame in frames:
            a, c = origins[frame]
            for child, (x, y) in self.rooms[frame].corners.items():
                corner = a + x, c + y
                if isinstance(child, Frame):
                    origins[child] = corner
                    room = self.rooms[child]
                    extent = room.along, room.across
                else:
                    extent = self.sizes[child]
                found.rectangles[child] = self._rectangle(corner, extent, root)
        for edge in self.scene.edges:
            points: list[Point] = []
            for frame, key in self.steps[edge]:
                room, (a, c) = self.rooms[frame], origins[frame]
                if frame is edge.loop and points and edge.joins is None:
                    points += self._returning(room, edge, key, (a, c))
                points += [(a + x, c + y) for x, y in room.lines[key]]
                if frame is edge.loop and edge.joins is not None:
                    points += self._joining(room, edge, (a, c))
            found.routes.append((edge, [self._point(p, root) for p in points]))
        return found

    def _returning(self, room: _Room, edge: Edge, key: Any, origin: Point) -> list[Point]:
        """The points of a loop from the end of a step to its beginning."""
        if room.lines[key] is room.lines.get(((edge.source, edge.loop), BACK)):
            return []
        (a, c), (b, d), lane = room.lanes[edge.source, edge.loop]
        x, y = origin
        return [(x + a, y + c), (x + a, y + lane), (x + b, y + lane), (x + b, y + d)]

    def _joining(self, room: _Room, edge: Edge, origin: Point) -> list[Point]:
        """The same, to the line of what the first step begins with."""
        (a, c), (b, d), lane = room.lanes[edge.source, edge.loop]
        x, y = origin
        turn = [(a, c), (a, lane), (b, lane), (b, d), (b + 11.0, d)]
        return [(x + along, y + across) for along, across in turn]

    def _point(self, point: Point, root: _Room) -> Point:
        a, c = point
        if self.scene.direction in ("RL", "BT"):
            a = root.along - a
        return (a, c) if self.sideways else (c, a)

    def _rectangle(
        self, corner: Point, extent: Point, root: _Room
    ) -> tuple[float, float, float, float]:
        a, c = corner
        if self.scene.direction in ("RL", "BT"):
            a = root.along - a - extent[0]
        return (*self._turned((a, c)), *self._turned(extent))


def _port(end: str) -> Vertex:
    return Vertex(0.0, 1.0, end=end)
