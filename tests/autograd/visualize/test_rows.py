"""Long frames broken into rows."""

import itertools

from autograd.visualize.layers import Line, Vertex, place
from autograd.visualize.rows import ROW, WIDE, Rows


def chain(count, along=100.0):
    vertices = [Vertex(along, 20.0) for _ in range(count)]
    lines = [Line(u, v, i, key=i) for i, (u, v) in enumerate(itertools.pairwise(vertices))]
    lines.append(Line(vertices[0], vertices[-1], 0, key="far"))
    borders = place(vertices, lines, 30.0)
    bends = [b for line in lines for b in line.bends]
    return vertices, lines, Rows([*vertices, *dict.fromkeys(bends)], lines, borders)


def test_what_is_short_stays_in_one_row():
    vertices, lines, rows = chain(5)
    assert rows.side == 0.0 and rows.along < WIDE
    points = rows.points(lines[0])
    assert points[0] == (100.0, vertices[0].c)
    assert points[-1] == (vertices[1].a - 50.0, vertices[1].c)


def test_what_is_long_is_broken_evenly():
    vertices, _, rows = chain(40)
    assert rows.along < 1.3 * ROW and rows.side > 0.0
    returns = [v for u, v in itertools.pairwise(vertices) if v.a < u.a]
    assert len(returns) == 4, "five rows"
    for u, v in itertools.pairwise(vertices):
        assert v.a > u.a or v.c > u.c + 20.0, "the next one stands right of it, or in the next row"


def test_lines_return_beside_and_between_the_rows():
    vertices, lines, rows = chain(40)
    for line in lines:
        points = rows.points(line)
        assert points[0][0] == line.source.a + 50.0 and points[-1][0] == line.target.a - 50.0
        for (a, c), (b, d) in itertools.pairwise(points):
            if b < a - 1.0:  # on its way back
                assert c == d
                assert all(abs(c - v.c) > 10.0 for v in vertices), "it passes through no box"


def test_rows_that_would_save_little_are_not_made():
    vertices = [Vertex(40.0, 20.0), Vertex(2200.0, 20.0), Vertex(40.0, 20.0)]
    lines = [Line(vertices[0], vertices[1], 0, key=0), Line(vertices[1], vertices[2], 1, key=1)]
    rows = Rows(vertices, lines, place(vertices, lines, 30.0))
    assert rows.along > 2200.0 and rows.side == 0.0
