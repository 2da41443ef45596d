"""Sizes of boxes."""

from autograd.visualize import measure
from autograd.visualize.metrics import width
from autograd.visualize.scene import PLAIN, TITLE, Box, Grid


def test_a_box_is_as_wide_as_its_widest_line():
    lines = [("+", TITLE), ("a long line of text", PLAIN)]
    wide, high = measure.box_size(Box("n1", "computed", lines))
    assert wide == width("a long line of text", measure.OTHER) + 2 * measure.SIDE
    assert high == measure.row(TITLE) + measure.row(PLAIN) + 2 * measure.TOP
    assert measure.line_width("tanh", TITLE) == width("tanh", 12.0, bold=True)


def test_matrices_stand_side_by_side():
    numbers = Grid([["1", "−0.25"], ["2", "3"]], [[0.0, 0.0], [0.0, 0.0]])
    thumbnail = Grid([], [[0.0] * 6] * 3)
    assert measure.grid_size(thumbnail) == (6 * measure.CELL, 3 * measure.CELL)
    assert len(measure.grid_columns(numbers)) == 2
    wide, high = measure.grids_size([numbers, thumbnail])
    assert wide == measure.grid_size(numbers)[0] + measure.BETWEEN + 6 * measure.CELL
    assert high == 2 * measure.DIGIT_ROW and measure.grids_size([]) == (0.0, 0.0)
    assert measure.box_size(Box("n1", "computed", [], grids=[numbers, thumbnail]))[0] > wide
