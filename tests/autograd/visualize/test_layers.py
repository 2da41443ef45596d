"""Columns, their order, and coordinates."""

import random
import time

from autograd.visualize.layers import CLOSE, FIRST, GAP, LAST, Line, Vertex, place


def graph(count, pairs, **options):
    vertices = [Vertex(40.0, 20.0, **options.get(i, {})) for i in map(str, range(count))]
    lines = [Line(vertices[a], vertices[b], a, key=i) for i, (a, b) in enumerate(pairs)]
    return vertices, lines


def overlaps(vertices):
    found = 0
    for i, u in enumerate(vertices):
        for v in vertices[:i]:
            along = abs(u.a - v.a) < (u.along + v.along) / 2 - 1e-6
            found += along and abs(u.c - v.c) < (u.across + v.across) / 2 - 1e-6
    return found


def test_a_chain_is_straight():
    vertices, lines = graph(5, [(i, i + 1) for i in range(4)])
    borders = place(vertices, lines, 30.0)
    assert [v.column for v in vertices] == [0, 1, 2, 3, 4]
    assert len({round(v.c, 6) for v in vertices}) == 1
    assert [b - a for a, b in zip(borders[1::2], borders[2::2], strict=False)] == [30.0] * 4


def test_sources_stand_beside_what_uses_them():
    vertices, lines = graph(5, [(0, 1), (1, 2), (2, 4), (3, 4)])
    place(vertices, lines, 30.0)
    assert vertices[3].column == 2


def test_no_two_overlap_and_lines_point_forward():
    rng = random.Random(0)
    for size in (2, 10, 60):
        pairs = [(rng.randrange(i), i) for i in range(1, size) for _ in range(2)]
        vertices, lines = graph(size, pairs)
        place(vertices, lines, 30.0)
        assert overlaps(vertices) == 0
        assert all(line.source.column < line.target.column for line in lines)
        assert all(len(e.bends) == e.target.column - e.source.column - 1 for e in lines)


def test_crossings_are_taken_out():
    vertices, lines = graph(6, [(0, 5), (1, 4), (2, 3)])
    place(vertices, lines, 30.0)
    order = [sorted(range(3), key=lambda i: vertices[i].c)]
    ends = [sorted(range(3), key=lambda i: vertices[5 - i].c)]
    assert order == ends


def test_lines_from_one_source_share_their_bends():
    vertices, lines = graph(5, [(0, 1), (1, 2), (2, 3), (3, 4), (0, 3), (0, 4)])
    place(vertices, lines, 30.0)
    assert lines[5].bends[:2] == lines[4].bends and len(lines[5].bends) == 3


def test_ports_at_one_box_lie_side_by_side():
    vertices, lines = graph(4, [(0, 3), (1, 3), (2, 3)])
    vertices[3].across = 60.0
    place(vertices, lines, 30.0)
    offsets = sorted(vertices[3].inlets.values())
    assert len(offsets) == 3 and offsets[0] == -offsets[2] and offsets[1] == 0.0


def test_the_ends_of_a_frame_are_outermost():
    into, out = Vertex(0.0, 1.0, end=FIRST), Vertex(0.0, 1.0, end=LAST)
    a, b = Vertex(40.0, 20.0), Vertex(40.0, 20.0)
    lines = [Line(into, b, "x", key=0), Line(a, b, "y", key=1), Line(a, out, "z", key=2)]
    place([into, a, b, out], lines, 30.0)
    assert into.column == 0 and out.column > b.column


def test_labels_get_room():
    vertices, lines = graph(2, [(0, 1)])
    lines[0].label = 50.0
    borders = place(vertices, lines, 30.0)
    assert borders[2] - borders[1] == 80.0


def test_a_wide_source_moves_where_it_costs_nothing():
    vertices = [Vertex(200.0, 20.0), Vertex(30.0, 20.0), Vertex(200.0, 20.0), Vertex(30.0, 20.0)]
    lines = [Line(vertices[a], vertices[b], a, key=b) for a, b in ((0, 1), (1, 3), (2, 3))]
    place(vertices, lines, 30.0)
    assert vertices[2].column == 0


def test_a_cycle_does_no_harm():
    vertices, lines = graph(3, [(0, 1), (1, 2), (2, 0), (1, 1)])
    place(vertices, lines, 30.0)
    assert overlaps(vertices) == 0 and GAP > CLOSE


def test_effort_is_bounded():
    """500 boxes in any order, and a star, take a fraction of the two seconds that a picture may."""
    rng = random.Random(1)
    shapes = {
        "random": [(rng.randrange(max(0, i - 40), i), i) for i in range(1, 500) for _ in range(2)],
        "star": [(0, i) for i in range(1, 500)],
        "far": [(rng.randrange(i), i) for i in range(1, 500) for _ in range(2)],
    }
    for pairs in shapes.values():
        vertices, lines = graph(500, pairs)
        start = time.process_time()
        place(vertices, lines, 30.0)
        assert time.process_time() - start < 2.0
