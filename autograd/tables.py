"""Text tables: rows of cells under headings, aligned in columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    left: Collection[int] = (0,),
    closed: bool = False,
) -> str:
    """Align cells in columns, two spaces apart, with a rule under the headings.

    Args:
        headings: one for each column.
        rows: the cells of each row, as many as headings.
        left: the columns that are aligned on the left; the others are aligned on the right.
        closed: whether a rule follows the last row too.

    Returns:
        the lines, without spaces at their ends, joined by newlines.

    Raises:
        ValueError: a row has more or fewer cells than there are headings.

    Example:
        >>> from autograd import tables
        >>> print(tables.table(["layer", "numbers"], [["0: Linear", "12"], ["1: ReLU", "·"]]))
        layer      numbers
        ──────────────────
        0: Linear       12
        1: ReLU          ·
    """
    lines = [list(headings), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        "  ".join(
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([text[0], rule, *text[1:], *([rule] if closed else [])])
