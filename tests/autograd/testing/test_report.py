"""The report says what was checked, and how large an error would have been seen."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.testing.differences import Comparison
from autograd.testing.report import GradientReport, Row


def test_samples_state_what_was_looked_at():
    report = ag.check_gradients(lambda x: x**2, np.ones((50, 50)), samples=10)
    assert report.checked == 10 and report.total == 2500
    assert "10 of 2,500 entries looked at (0.4%)" in str(report)
    assert "an error above" in str(report)


@pytest.mark.parametrize(
    ("f", "operation", "order"),
    [
        (lambda x: ag.exp(ag.log(x)), "log", 1), (lambda x: ag.sqrt(x) * ag.sqrt(x), "sqrt", 1),
        (lambda x: ag.cbrt(x) ** 3, "cbrt", 1), (lambda x: abs(x) ** 2, "abs", 2),
        (lambda x: ag.norm(x) ** 2, "norm", 2), (lambda x: ag.std(x) ** 2, "std", 2),
    ],
)  # fmt: skip
def test_a_difference_by_convention_names_it(f, operation, order):
    if order == 2:
        assert ag.check_gradients(f, np.zeros(2)).passed
    with pytest.raises(
        ag.GradientCheckError, match=f"differ; a convention decided the slope of {operation}"
    ) as caught:
        ag.check_gradients(f, np.zeros(2), order=order)
    report = caught.value.report
    assert report.culprits == []
    first = report.conventions[0]
    assert first.operation == operation and "lambda" in first.line.text


def test_a_convention_that_agrees_is_quiet():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    for p in model.parameters():
        nn.init.zeros_(p)
    report = ag.check_gradients(model, np.zeros((2, 2)), parameters=model, order=2)
    assert report.passed
    assert (report.conventions[0].operation, report.conventions[0].module) == ("relu", "1")
    assert "a convention decided here: relu in module 1, 6 entries" in str(report)
    assert ag.check_gradients(ag.relu, np.ones(2)).conventions == []


def test_a_wrong_rule_beside_a_convention_is_blamed_itself():
    wrong = ag.Primitive("wrong", np.sin, lambda g, out, x: g * 1.1, elementwise=True)
    with pytest.raises(ag.GradientCheckError, match="gradients differ\n") as caught:
        ag.check_gradients(lambda x: wrong(x) + ag.relu(x), np.array([0.0, 1.0]))
    assert [c.operation for c in caught.value.report.culprits] == ["wrong"]


NAN, INF = float("nan"), float("inf")


def row_of(*found, negligible=0.0, total=4, checked=4):
    row = Row("w", (2, 2), total, checked, negligible=negligible)
    for where, comparison in found:
        row.compare(where, Comparison(*comparison))
    return row


@pytest.mark.parametrize(
    ("found", "largest_absolute", "largest_relative", "worst", "autograd", "numeric"),
    [
        ([((0,), (2.0, 2.5, 1.0)), ((1,), (8.0, 4.0, 2.0)), ((2,), (1.0, 1.0, 1.0))], 4.0, 0.5, (1,), 8.0, 4.0),
        # The worst is the one furthest beyond its own tolerance, and the first of equals.
        ([((0,), (100.0, 90.0, 100.0)), ((1,), (1.0, 2.0, 0.5))], 10.0, 0.5, (1,), 1.0, 2.0),
        ([((0,), (1.0, 3.0, 1.0)), ((1,), (5.0, 9.0, 2.0))], 4.0, 2.0 / 3.0, (0,), 1.0, 3.0),
        ([((0,), (1.0, 1.5, 1.0)), ((1,), (2.0, 2.25, 0.0)), ((2,), (3.0, 9.0, 1.0))], 6.0, 2.0 / 3.0, (1,), 2.0, 2.25),
        ([((0,), (1.0, 1.0, 0.0)), ((1,), (1.0, 1.25, 100.0))], 0.25, 0.2, (1,), 1.0, 1.25),
        # Small ones do not count relatively; equal ones differ by nothing, even if they are infinite.
        ([((0,), (1e-3, 2e-3, 1.0)), ((1,), (0.25, 0.2, 1.0))], 0.05, 0.2, (1,), 0.25, 0.2),
        ([((0,), (1e-2, 1e-3, 1.0))], 9e-3, 0.0, (0,), 1e-2, 1e-3),
        ([((0,), (INF, INF, 0.0))], 0.0, 0.0, (0,), INF, INF), ([((0,), (INF, 1.0, 1.0))], INF, NAN, (0,), INF, 1.0),
        ([((0,), (3.0, 7.0, 1.0)), ((1,), (NAN, 1.0, 1.0)), ((2,), (1.0, 3.0, 1.0))], NAN, NAN, (1,), NAN, 1.0),
        # What is at a kink or cannot be told is counted, and no more.
        ([((0,), (1.0, 9.0, 0.0, True)), ((1,), (1.0, 9.0, 0.0, False, "so"))], 0.0, 0.0, (), 0.0, 0.0),
    ],
)  # fmt: skip
def test_a_row_has_the_largest_errors_and_the_worst_entry(
    found, largest_absolute, largest_relative, worst, autograd, numeric
):
    row = row_of(*found, negligible=1e-2)
    np.testing.assert_allclose(
        [row.largest_absolute, row.largest_relative], [largest_absolute, largest_relative]
    )
    assert row.worst == worst
    np.testing.assert_array_equal([row.autograd, row.numeric], [autograd, numeric])


def test_a_row_counts_and_says_how_large_an_error_would_be_seen():
    row = row_of(
        ((0,), (1.0, 1.0, 0.25)), ((1,), (1.0, 1.0, 0.5)), ((2,), (1.0, 1.0, 0.125)), ((3,), (1.0, 9.0, 0.25)),
        ("direction", (1.0, 1.0, 3.0)), ((0,), (0.0, 0.0, 0.0, True)),
        *[((1,), (0.0, 0.0, 9.0, False, why)) for why in ("a", "b", "a")],
    )  # fmt: skip
    assert (row.failed, row.kinks, row.inconclusive) == (1, 1, 3)
    assert row.reasons == {"a": 2, "b": 1}
    assert (row.visible, row.visible_anywhere) == (0.5, 6.0)


GOOD = ((0,), (1.0, 1.0, 1e-3))
FAR = ((1,), (1.0, 9.0, 0.25))
UNSURE = ((2,), (1.0, 9.0, 0.25, False, "it shakes"))


@pytest.mark.parametrize(
    ("rows", "method", "conclusion", "verdicts"),
    [
        ([row_of(GOOD)], "central", "all gradients agree (central differences): 4 of 4 entries looked at (100%), 0 at a kink; an error above 1.0e-03 in one of them would have been seen", ["ok"]),
        ([row_of(GOOD, checked=0), row_of(FAR, total=2, checked=2)], "complex", "gradients differ (complex step): 2 of 6 entries looked at (33%), 0 at a kink; an error above 2.5e-01 in one of them would have been seen, above 0.0e+00 in one of the others too, by a random direction", ["ok", "1 WRONG"]),
        ([row_of(GOOD, ("direction", (1.0, 1.0, 0.5)), total=3000, checked=4)], "central", "all gradients agree (central differences): 4 of 3,000 entries looked at (0.13%), 0 at a kink; an error above 1.0e-03 in one of them would have been seen, above 1.0e+00 in one of the others too, by a random direction", ["ok"]),
        ([row_of(FAR, UNSURE)], "central", "gradients differ (central differences): 4 of 4 entries looked at (100%), 0 at a kink; an error above 2.5e-01 in one of them would have been seen", ["1 WRONG, 1 inconclusive"]),
        ([row_of(UNSURE, total=1, checked=1)], "central", "inconclusive (central differences): 1 of 1 entry looked at (100%), 0 at a kink", ["1 inconclusive"]),
        ([row_of(GOOD, UNSURE, ((0,), (0.0, 0.0, 0.0, True)))], "central", "inconclusive; the others agree (central differences): 4 of 4 entries looked at (100%), 1 at a kink; an error above 1.0e-03 in one of them would have been seen", ["1 inconclusive"]),
        ([row_of(total=7, checked=0)], "central", "all gradients agree (central differences): 0 of 7 entries looked at (0%), 0 at a kink", ["ok"]),
        ([], "central", "all gradients agree (central differences): 0 of 0 entries looked at (100%), 0 at a kink", []),
    ],
)  # fmt: skip
def test_the_conclusion(rows, method, conclusion, verdicts):
    report = GradientReport(rows, method)
    head, _, *lines = str(report).split("\n")
    at = lines.index(conclusion)
    assert [line.endswith(v) for line, v in zip(lines, verdicts, strict=False)] == [True] * at
    assert head.split() == [
        "input",
        "shape",
        "checked",
        "at",
        "a",
        "kink",
        "abs.",
        "error",
        "rel.",
        "error",
        "worst",
        "entry",
        "autograd",
        "numeric",
    ]
    unsure = sum(row.inconclusive for row in rows)
    note = "w: numeric differences cannot tell in 1 comparison, because it shakes"
    assert lines[at + 1 :] == [note] * unsure and report.inconclusive == unsure
    assert report.passed == (not unsure and not report.failed)
    html = report._repr_html_()
    assert conclusion in html and all(f">{v}</span>" in html for v in verdicts)


def test_the_worst_entry_and_both_values_are_shown():
    row = row_of(((1, 0), (1.25, 2.5, 0.5)), total=4000, checked=1500)
    [line] = [x for x in str(GradientReport([row])).split("\n") if x.startswith("w ")]
    assert line.split("  ")[0] == "w"
    assert "1,500 of 4,000" in line and "[1, 0]" in line and "1.25" in line and "2.5" in line
    assert "1.2e+00" in line and "5.0e-01" in line and line.endswith("1 WRONG")
    html = GradientReport([row])._repr_html_()
    for cell in ("w", "(2, 2)", "1,500 of 4,000", "1.2e+00", "5.0e-01", "[1, 0]", "1.25", "2.5"):
        assert f">{cell}</td>" in html
    row = row_of(("direction", (1.0, 2.0, 0.5)))
    assert "direction" in str(GradientReport([row]))
    assert " - " in str(GradientReport([row_of()]))


def test_columns_are_aligned():
    good, wrong = row_of(((0,), (1.0, 1.0, 0.25))), Row("bias", (1,), 4)
    wrong.compare((0,), Comparison(1.0, 9.0, 0.25))
    assert str(GradientReport([good, wrong])).split("\n")[:4] == [
        "input  shape   checked  at a kink  abs. error  rel. error  worst entry  autograd  numeric",
        "─" * 98,
        "w      (2, 2)   4 of 4          0     0.0e+00     0.0e+00  [0]                 1        1       ok",
        "bias   (1,)     0 of 4          0     8.0e+00     8.9e-01  [0]                 1        9  1 WRONG",
    ]  # fmt: skip
    html = GradientReport([good, wrong])._repr_html_()
    for part in ("<th class=l>input</th><th class=l>shape</th><th>checked</th>", "<th class=l>worst entry</th><th>autograd</th>",
                 "<td class=l>bias</td><td class=l>(1,)</td><td>0 of 4</td>", "<td class=l>[0]</td><td>1</td>"):  # fmt: skip
        assert part in html


def test_what_is_wrong_stands_out_in_a_notebook():
    good, wrong = row_of(GOOD), row_of(FAR)
    html = GradientReport([good, wrong])._repr_html_()
    for part in (">ok", ">1 WRONG", ">gradients differ"):
        assert f"<span class={'good' if part == '>ok' else 'bad'}{part}" in html
    assert "<span>all gradients agree" in GradientReport([good])._repr_html_()
