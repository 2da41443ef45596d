"""How large a box is, and where its lines and matrices stand in it."""

from __future__ import annotations

from autograd.visualize.metrics import width
from autograd.visualize.scene import TITLE, Box, Grid

LETTERS = {TITLE: 12.0}  # the sizes of letters, by the look of a line
OTHER = 10.5
ROWS = {TITLE: 15.5}  # how high a line is
ROW = 13.0
SIDE, TOP = 10.0, 5.0  # between the border and what is inside
CELL = 5.0  # an entry of a thumbnail
DIGITS, DIGIT_ROW = 9.5, 12.5  # numbers in a matrix
BETWEEN = 8.0  # two matrices


def letters(look: str) -> float:
    """The size of the letters of a line."""
    return LETTERS.get(look, OTHER)


def row(look: str) -> float:
    """The height of a line."""
    return ROWS.get(look, ROW)


def line_width(text: str, look: str) -> float:
    """The width of a line; titles are bold."""
    return width(text, letters(look), bold=look == TITLE)


def grid_columns(grid: Grid) -> list[float]:
    """How wide each column of a matrix of numbers is."""
    columns = zip(*grid.rows, strict=True)
    return [max(width(text, DIGITS) for text in column) + 8.0 for column in columns]


def grid_size(grid: Grid) -> tuple[float, float]:
    """The width and the height of a matrix."""
    if grid.rows:
        return sum(grid_columns(grid)), DIGIT_ROW * len(grid.rows)
    return CELL * len(grid.shades[0]), CELL * len(grid.shades)


def grids_size(grids: list[Grid]) -> tuple[float, float]:
    """The width and the height of the matrices of a box, side by side."""
    sizes = [grid_size(grid) for grid in grids]
    if not sizes:
        return 0.0, 0.0
    return sum(w for w, _ in sizes) + BETWEEN * (len(sizes) - 1), max(h for _, h in sizes)


def box_size(box: Box) -> tuple[float, float]:
    """The width and the height of a box."""
    wide, high = grids_size(box.grids)
    high += 4.0 if high else 0.0
    for text, look in box.lines:
        wide = max(wide, line_width(text, look))
        high += row(look)
    return max(24.0, wide + 2 * SIDE), max(18.0, high + 2 * TOP)
