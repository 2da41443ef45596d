"""Text tables: alignment, rules, and rows that do not fit."""

import pytest

from autograd.tables import table


def test_the_first_column_is_on_the_left_and_the_others_on_the_right():
    assert table(["a", "b"], [["long", "1"], ["x", "12345"]]).splitlines() == [
        "a         b",
        "───────────",
        "long      1",
        "x     12345",
    ]


def test_the_columns_on_the_left_can_be_chosen():
    assert table(["a", "b"], [["long", "1"]], left=(1,)).splitlines()[-1] == "long  1"
    assert table(["aaaaa", "bb"], [["c", "d"]], left=(1,)).splitlines()[-1] == "    c  d"


def test_a_closed_table_ends_with_a_rule():
    lines = table(["a"], [["b"]], closed=True).splitlines()
    assert lines[1] == lines[-1] == "─"


def test_no_line_ends_with_spaces():
    assert all(line == line.rstrip() for line in table(["a", ""], [["b", ""]]).splitlines())


def test_a_table_without_rows_is_its_headings():
    assert table(["a", "b"], []) == "a  b\n────"


def test_a_row_with_too_few_cells_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        table(["a", "b"], [["c"]])
