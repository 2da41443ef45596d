"""Places for the vertices of one graph in columns, arrows pointing from each column to later ones.

The three steps of Sugiyama, Tagawa and Toda, Methods for visual understanding of hierarchical
system structures (1981): a column for each vertex, an order in each column, and coordinates.
"Along" is the direction of the arrows, and "across" is at a right angle to it. Effort is bounded:
each step takes a fixed number of sweeps over the graph, fewer of a large one.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

GAP, CLOSE = 12.0, 8.0  # across, between two vertices, and beside a line
FIRST, LAST = "first", "last"
LARGE = 4000  # vertices and bends; above it, one sweep orders a graph


@dataclass(eq=False)
class Vertex:
    """Something that takes a place, or a bend of a line.

    Attributes:
        along, across: its sizes.
        column: its column; FIRST and LAST ask for the outermost ones.
        bend: whether a line passes here.
        light: whether its lines may be bent rather than others, as those of parameters.
        inlets, outlets: how far from its middle lines end and begin, by what they are; the middle
            for one that is not listed.
        a, c: the coordinates of its middle, once it has a place.
    """

    along: float
    across: float
    end: str = ""
    bend: bool = False
    light: bool = False
    inlets: dict[object, float] = field(default_factory=dict)
    outlets: dict[object, float] = field(default_factory=dict)
    column: int = 0
    a: float = 0.0
    c: float = 0.0


@dataclass(eq=False)
class Line:
    """A line from one vertex to another, with the bends between, once it has them.

    Attributes:
        net: what flows in it; lines from one source with one net share their bends.
        label: how much room its label takes before its end.
    """

    source: Vertex
    target: Vertex
    net: object
    label: float = 0.0
    key: object = None
    bends: list[Vertex] = field(default_factory=list)


@dataclass(eq=False)
class _Piece:
    """A part of a line, from a column to the next."""

    source: Vertex
    target: Vertex
    net: object
    key: object
    weight: float


def place(vertices: Sequence[Vertex], lines: Sequence[Line], gap: float) -> list[float]:
    """Give every vertex its `a` and `c`, and every line its bends.

    Args:
        vertices: in an order in which most lines point forward.
        lines: those that point backward bend the picture but harm nothing.
        gap: how far columns are apart.

    Returns:
        where each column begins and ends along: [begin, end, begin, end, ...].
    """
    _columns(vertices, lines)
    pieces, columns = _bent(vertices, lines)
    before, after = _neighbours(pieces)
    _order(columns, pieces, before, after)
    _spread_ports(columns, before)
    _across(columns, before, after)
    return _along(columns, lines, gap)


# --- columns ---


Connections = dict[Vertex, list[Vertex]]


def _connections(
    vertices: Sequence[Vertex], lines: Sequence[Line]
) -> tuple[Connections, Connections]:
    """What each vertex is made of, and what uses it; lines that lead back do not count."""
    position = {v: i for i, v in enumerate(vertices)}
    sources: Connections = {v: [] for v in vertices}
    users: Connections = {v: [] for v in vertices}
    for line in lines:
        if position[line.source] < position[line.target]:
            sources[line.target].append(line.source)
            users[line.source].append(line.target)
    return sources, users


def _columns(vertices: Sequence[Vertex], lines: Sequence[Line]) -> None:
    """Each vertex right of its sources, and as close to what uses it as costs no length."""
    sources, users = _connections(vertices, lines)
    shift = 1 if any(v.end == FIRST for v in vertices) else 0
    for v in vertices:
        v.column = shift if v.end != FIRST else 0
        for u in sources[v]:
            v.column = max(v.column, u.column + 1)
    last = max((v.column for v in vertices if v.end != LAST), default=0)
    for v in vertices:
        if v.end == LAST:
            v.column = last + 1
    _move_to_users(vertices, sources, users)
    _tuck(vertices, sources)
    # A column may have become empty.
    used = sorted({v.column for v in vertices})
    number = {column: i for i, column in enumerate(used)}
    for v in vertices:
        v.column = number[v.column]


def _move_to_users(vertices: Sequence[Vertex], sources: Connections, users: Connections) -> None:
    """Move what is made of at most one thing that is computed or shared next to what uses it."""
    for v in reversed(vertices):
        if v.end or not users[v]:
            continue
        carried = {u for u in sources[v] if sources[u] or u.end or len(set(users[u])) > 1}
        if len(carried) <= 1:
            v.column = max(v.column, min(u.column for u in users[v]) - 1)


def _tuck(vertices: Sequence[Vertex], sources: dict[Vertex, list[Vertex]]) -> None:
    """Move a wide source, such as a bias, to an earlier column if the picture gets narrower."""
    columns: dict[int, list[float]] = {}
    for v in vertices:
        columns.setdefault(v.column, []).append(v.along)
    first = min((v.column for v in vertices if not v.end), default=0)
    for v in vertices:
        if sources[v] or v.end:
            continue
        columns[v.column].remove(v.along)
        costs = [
            (max(0.0, v.along - max(columns.get(column, [0.0]), default=0.0)) + 12.0 * away, column)
            for away, column in enumerate(range(v.column, max(first, v.column - 3) - 1, -1))
        ]
        v.column = min(costs)[1]
        columns.setdefault(v.column, []).append(v.along)


def _bent(
    vertices: Sequence[Vertex], lines: Sequence[Line]
) -> tuple[list[_Piece], list[list[Vertex]]]:
    """Lines cut into pieces between neighbouring columns, and the columns with the bends."""
    columns: list[list[Vertex]] = [[] for _ in range(max(v.column for v in vertices) + 1)]
    for v in vertices:
        columns[v.column].append(v)
    shared: dict[tuple[Vertex, object, int], Vertex] = {}
    pieces = []
    for line in lines:
        here, step = line.source, 1 if line.target.column >= line.source.column else -1
        for column in range(line.source.column + step, line.target.column, step):
            at = (line.source, line.net, column)
            bend = shared.get(at)
            if bend is None:
                bend = shared[at] = Vertex(0.0, 1.0, bend=True, light=line.source.light)
                bend.column = column
                columns[column].append(bend)
                pieces.append(_Piece(here, bend, line.net, None, _weight(here, bend)))
            line.bends.append(bend)
            here = bend
        if here.column != line.target.column:
            weight = _weight(here, line.target)
            pieces.append(_Piece(here, line.target, line.net, line.key, weight))
    return pieces, columns


def _weight(u: Vertex, v: Vertex) -> float:
    """How much it matters that a piece is straight."""
    if u.bend and v.bend:
        return 6.0
    return 0.25 if u.light else 2.0


Sides = dict[Vertex, list[tuple[Vertex, "_Piece"]]]


def _neighbours(pieces: Sequence[_Piece]) -> tuple[Sides, Sides]:
    """For each vertex, the vertices in the column before and in the column after it."""
    before: Sides = {}
    after: Sides = {}
    for piece in pieces:
        u, v = piece.source, piece.target
        if u.column > v.column:
            u, v = v, u
        before.setdefault(v, []).append((u, piece))
        after.setdefault(u, []).append((v, piece))
    return before, after


def _port(v: Vertex, piece: _Piece) -> float:
    """How far from the middle of a vertex a piece of a line touches it."""
    if v is piece.target:
        return v.inlets.get(piece.key, v.inlets.get(piece.net, 0.0))
    return v.outlets.get(piece.net, 0.0)


# --- order ---


def _order(
    columns: list[list[Vertex]], pieces: Sequence[_Piece], before: Sides, after: Sides
) -> None:
    """Few crossings: each column sorted by where its neighbours stand, to and fro."""
    size = sum(map(len, columns))
    at: dict[Vertex, float] = {}
    for column in columns:
        _number(column, at)
    between: list[list[_Piece]] = [[] for _ in columns]
    for piece in pieces:
        between[min(piece.source.column, piece.target.column)].append(piece)
    best, kept = _crossings(between, at), [list(column) for column in columns]
    for sweep in range(1 if size > LARGE else 4 if size > LARGE // 4 else 10):
        forward = sweep % 2 == 0
        for column in columns if forward else reversed(columns):
            _sort(column, before if forward else after, at)
        if size <= LARGE // 8:
            for column in columns:
                _swap(column, before, after, at)
        found = _crossings(between, at)
        if found < best:
            best, kept = found, [list(column) for column in columns]
        if not best:
            break
    for column, order in zip(columns, kept, strict=True):
        column[:] = order


def _number(column: list[Vertex], at: dict[Vertex, float]) -> None:
    for i, v in enumerate(column):
        at[v] = float(i)


def _relative(v: Vertex, piece: _Piece) -> float:
    """A port as a part of a place in the order."""
    return 0.9 * _port(v, piece) / max(v.across, 1.0)


def _sort(column: list[Vertex], sides: Sides, at: dict[Vertex, float]) -> None:
    wanted = {}
    for v in column:
        found = sides.get(v)
        wanted[v] = (
            sum(at[u] + _relative(u, piece) - _relative(v, piece) for u, piece in found)
            / len(found)
            if found
            else at[v]
        )
    column.sort(key=wanted.__getitem__)
    _number(column, at)


def _pairs(v: Vertex, sides: Sides, at: dict[Vertex, float]) -> list[float]:
    return sorted(at[u] + _relative(u, piece) for u, piece in sides.get(v, ()))


def _swap(column: list[Vertex], before: Sides, after: Sides, at: dict[Vertex, float]) -> None:
    """Exchange neighbours where that removes crossings."""
    ends = {v: (_pairs(v, before, at), _pairs(v, after, at)) for v in column}
    for i in range(len(column) - 1):
        u, v = column[i], column[i + 1]
        now = later = 0
        for one, other in zip(ends[u], ends[v], strict=True):
            for x in other:
                at_most = bisect_right(one, x)
                now += len(one) - at_most
                later += sum(1 for y in one[:at_most] if y < x)
        if later < now:
            column[i], column[i + 1] = v, u
            at[u], at[v] = at[v], at[u]


def _crossings(between: Sequence[Sequence[_Piece]], at: dict[Vertex, float]) -> int:
    total = 0
    for pieces in between:
        ends = []
        for piece in pieces:
            u, v = piece.source, piece.target
            x, y = at[u] + _relative(u, piece), at[v] + _relative(v, piece)
            ends.append((x, y) if u.column < v.column else (y, x))
        seen: list[float] = []
        for _, y in sorted(ends):
            total += len(seen) - bisect_right(seen, y)
            insort(seen, y)
    return total


def _spread_ports(columns: list[list[Vertex]], before: Sides) -> None:
    """Lines that end at one box end side by side, in the order in which they come."""
    at: dict[Vertex, float] = {}
    for column in columns:
        _number(column, at)
    for column in columns:
        for v in column:
            keyed = [
                (at[u] + _relative(u, piece), i, piece)
                for i, (u, piece) in enumerate(before.get(v, ()))
                if piece.key is not None and piece.target is v and piece.net not in v.inlets
            ]
            if len(keyed) > 1:
                keyed.sort(key=lambda entry: entry[:2])
                step = min(13.0, (v.across - 10.0) / (len(keyed) - 1))
                for i, (_, _, piece) in enumerate(keyed):
                    v.inlets[piece.key] = (i - (len(keyed) - 1) / 2) * step


# --- coordinates ---


def _across(columns: list[list[Vertex]], before: Sides, after: Sides) -> None:
    """Straight lines where the order allows it: each column as close as it can be to its
    neighbours, to and fro."""
    for column in columns:
        at = 0.0
        for i, v in enumerate(column):
            at += _apart(column[i - 1], v) if i else 0.0
            v.c = at
        for v in column:
            v.c -= at / 2
    for sweep in range(14 if sum(map(len, columns)) <= LARGE else 6):
        forward = sweep % 2 == 0
        for column in columns if forward else reversed(columns):
            _settle(column, before, after, both=sweep >= 2, forward=forward)


def _apart(u: Vertex, v: Vertex) -> float:
    return (u.across + v.across) / 2 + (CLOSE if u.bend or v.bend or u.end or v.end else GAP)


def _settle(column: list[Vertex], before: Sides, after: Sides, both: bool, forward: bool) -> None:
    """The least sum of squared distances from what each vertex wants, in the given order.

    That is isotonic regression: neighbours that want to overlap form a block that moves as one.
    """
    blocks: list[list[float]] = []  # where a block begins, its weight, how many vertices
    shift = 0.0
    shifts = []
    for i, v in enumerate(column):
        shift += _apart(column[i - 1], v) if i else 0.0
        shifts.append(shift)
        total = weight = 0.0
        for sides, other in ((before, not forward), (after, forward)):
            if other and not both:
                continue
            for u, piece in sides.get(v, ()):
                wanted = u.c + _port(u, piece) - _port(v, piece)
                total += piece.weight * wanted
                weight += piece.weight
        if not weight:
            total, weight = 0.01 * v.c, 0.01
        blocks.append([total / weight - shift, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            x, w, n = blocks.pop()
            y, m, k = blocks[-1]
            blocks[-1] = [(x * w + y * m) / (w + m), w + m, n + k]
    i = 0
    for x, _, count in blocks:
        for _ in range(int(count)):
            column[i].c = x + shifts[i]
            i += 1


def _along(columns: list[list[Vertex]], lines: Sequence[Line], gap: float) -> list[float]:
    """Columns side by side, with room for the labels of lines before their ends."""
    room = [0.0] * len(columns)
    for line in lines:
        room[line.target.column] = max(room[line.target.column], line.label)
    used = {line.source for line in lines}
    reached = {line.target for line in lines}
    borders: list[float] = []
    at = 0.0
    for number, column in enumerate(columns):
        width = max((v.along for v in column), default=0.0)
        port = _is_port(column) or (number > 0 and _is_port(columns[number - 1]))
        if number:
            steep = _steepness(columns[number - 1], column)
            at += room[number] + (gap * 0.45 if port else gap) + steep
        for v in column:
            slack = (width - v.along) / 2
            towards = slack if v not in reached and v in used else 0.0
            towards = -slack if v in reached and v not in used else towards
            v.a = at + width / 2 + towards
        borders += [at, at + width]
        at += width
    return borders


def _is_port(column: list[Vertex]) -> bool:
    return all(v.end or v.bend for v in column)


def _steepness(one: list[Vertex], other: list[Vertex]) -> float:
    """More room between columns where lines run far across."""
    spread = max(
        max((v.c for v in column), default=0.0) - min((v.c for v in column), default=0.0)
        for column in (one, other)
    )
    return min(40.0, spread / 14)
