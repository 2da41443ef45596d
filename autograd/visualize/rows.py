"""A long frame broken into rows, as a text is: the line that leaves a row returns to the next."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from autograd.visualize.layers import Line, Vertex

WIDE = 1500.0  # a longer frame is broken
ROW = 1150.0  # about the length of a row
WORTH = 0.8  # of the length, at most, that rows must have to be worth it
BETWEEN = 16.0  # two rows, and for each line that returns
LANE = 6.0

Point = tuple[float, float]


class Rows:
    """Columns in one row or in several; all coordinates count from the corner of the first.

    Args:
        vertices: all vertices and bends, which get their final places.
        lines: the lines between them.
        borders: where each column begins and ends.

    Attributes:
        along, across: the size of all rows.
        side: the room for returning lines, before and after the rows.
    """

    def __init__(
        self, vertices: Sequence[Vertex], lines: Iterable[Line], borders: Sequence[float]
    ) -> None:
        self._borders = list(borders)
        lines = list(lines)
        self._crossing = _crossing(lines, len(borders) // 2)
        starts = self._starts()
        self._row = [sum(start <= c for start in starts) - 1 for c in range(len(borders) // 2)]
        self._low: list[float] = []  # where each row begins across
        self._lanes: list[dict[object, int]] = []  # of the lines that return to each row
        offset, self.along = 0.0, 0.0
        for row, start in enumerate(starts):
            columns = [c for c, r in enumerate(self._row) if r == row]
            inside = [v for v in vertices if self._row[v.column] == row]
            low = min(v.c - v.across / 2 for v in inside)
            high = max(v.c + v.across / 2 for v in inside)
            nets = self._crossing[start - 1] if row else []
            self._lanes.append({net: i for i, net in enumerate(nets)})
            offset += BETWEEN + LANE * len(nets) if row else 0.0
            left = self._borders[2 * start]
            if row:  # room for labels before the first column
                left -= max((e.label for e in lines if e.target.column == start), default=0.0)
            for v in inside:
                v.a -= left
                v.c += offset - low
            for column in columns:
                self._borders[2 * column] -= left
                self._borders[2 * column + 1] -= left
            self._low.append(offset)
            self.along = max(self.along, self._borders[2 * columns[-1] + 1])
            offset += high - low
        self.across = offset
        self.side = max((10.0 + 4.0 * len(lanes) for lanes in self._lanes if lanes), default=0.0)

    def _starts(self) -> list[int]:
        """The first column of each row: where few lines would have to return."""
        whole = self._borders[-1]
        if whole <= WIDE:
            return [0]
        wanted = whole / math.ceil(whole / ROW)
        starts = [0]
        while whole - self._borders[2 * starts[-1]] > 1.25 * wanted:
            left = self._borders[2 * starts[-1]]
            choices = []
            for column in range(starts[-1] + 1, len(self._borders) // 2):
                length = max(1.0, self._borders[2 * column - 1] - left)
                off = abs(math.log(length / wanted))
                choices.append((len(self._crossing[column - 1]) + 12.0 * off, column))
            if not choices:
                break
            starts.append(min(choices)[1])
        ends = [*(self._borders[2 * c - 1] for c in starts[1:]), whole]
        longest = max(e - self._borders[2 * c] for c, e in zip(starts, ends, strict=True))
        return starts if longest < WORTH * whole else [0]

    def points(self, line: Line) -> list[Point]:
        """Where a line passes: straight through columns, so that only gaps have curves."""
        source, target = line.source, line.target
        c = source.c + source.outlets.get(line.net, 0.0)
        end = target.c + target.inlets.get(line.key, target.inlets.get(line.net, 0.0))
        points = [(source.a + source.along / 2, c)]
        last = target.a - target.along / 2
        if target.column <= source.column:  # a cycle, which only strange graphs have
            return [*points, (last, end)]
        points.append((self._borders[2 * source.column + 1], c))
        at = source.column
        for bend in [*line.bends, target]:
            level = end if bend is target else bend.c
            if self._row[bend.column] != self._row[at]:
                points += self._return(line, points[-1][1], bend.column, level)
            at = bend.column
            room = line.label if bend is target else 0.0
            points.append((self._borders[2 * at] - room, level))
            points.append((last if bend is target else self._borders[2 * at + 1], level))
        return points

    def _return(self, line: Line, level: float, column: int, after: float) -> list[Point]:
        """The way from the end of a row to the beginning of the next."""
        row = self._row[column]
        lane = self._lanes[row][line.source, line.net]
        count = len(self._lanes[row])
        right = self.along + 6.0 + 4.0 * lane
        left = -6.0 - 4.0 * (count - lane)
        between = self._low[row] - BETWEEN / 2 - LANE * (count - 1 - lane) - 3.0
        return [(right, level), (right, between), (left, between), (left, after)]


def _crossing(lines: Iterable[Line], columns: int) -> list[list[object]]:
    """For the gap after each column, what flows across it, each once."""
    found: list[dict[object, None]] = [{} for _ in range(columns)]
    for line in lines:
        for column in range(line.source.column, line.target.column):
            found[column][line.source, line.net] = None
    return [list(nets) for nets in found]
