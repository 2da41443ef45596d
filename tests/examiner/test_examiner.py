"""Planted mistakes are named, none passes, and no right backward pass is refused."""

import numpy as np
import pytest

import autograd as ag
from autograd.testing.backward import KINDS
from tests.examiner import attacks, backwards, others, unseen
from tests.examiner.__main__ import PAGE
from tests.examiner.planting import SETS, examined, named
from tests.examiner.report import page, score
from tests.examiner.right import RIGHT

PLANTS = [plant for plants in SETS.values() for plant in plants]
MODULES = {"first": backwards, "second": others, "third": unseen, "fourth": attacks}


@pytest.mark.parametrize("name", SETS)
def test_nine_of_ten_mistakes_are_named_first(name):
    right, total = score(SETS[name])
    assert right >= 0.9 * total


def test_no_mistake_passes():
    assert [plant.change for plant in PLANTS if named(plant) == "passed"] == []


def test_there_are_enough_of_known_kinds():
    assert len(SETS["first"]) >= 200 and len(SETS["second"]) >= 100 and len(RIGHT) >= 30
    assert {plant.kind for plant in PLANTS} <= set(KINDS)
    assert {named(plant) for plant in PLANTS} <= set(KINDS)


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.examiner"


@pytest.mark.parametrize(("name", "arguments"), RIGHT, ids=[name for name, _ in RIGHT])
def test_a_right_backward_pass_in_an_unusual_form_passes(name, arguments):
    report = ag.check_backward(*arguments)
    assert report.passed, str(report)
    assert {mistake.kind for mistake in report.mistakes} <= {"kink only"}


@pytest.mark.parametrize(
    ("module", "case"),
    [(module, case) for module, found in MODULES.items() for case in found.INPUTS],
)
def test_an_unchanged_backward_pass_passes(module, case):
    report = ag.check_backward(*examined(MODULES[module], case))
    assert report.passed and report.mistakes == [], str(report)


# (backward pass, changes, the kinds to find)
TWO_AT_ONCE = [
    ("linear", {"x.T @ grad_output": "-x.T @ grad_output / len(x)"}, {"sign", "factor"}),
    ("linear", {"x.T @ grad_output": "2 * grad_output.T @ x"}, {"transposed", "factor"}),
    ("softmax", {"p * (grad_output - inner)": "-p * grad_output"}, {"sign", "term missing"}),
    (
        "rnn_step",
        {"grad_output * (1 - h_new**2)": "grad_output", "dx = dz": "dx = -dz"},
        {"slope missing", "sign"},
    ),
    (
        "gelu",
        {"left + right": "left - right", "* inner": ""},
        {"sign", "slope missing"},
    ),
    (
        "attention",
        {
            "    ds = ds / np.sqrt(d)\n": "",
            "a * (da - (da * a).sum(axis=-1, keepdims=True))": "a * (1 - a) * da",
        },
        {"factor", "diagonal only"},
    ),
]


@pytest.mark.parametrize(
    ("case", "changes", "kinds"), TWO_AT_ONCE, ids=[str(i) for i in range(len(TWO_AT_ONCE))]
)
def test_two_mistakes_at_once_are_found_as_a_pair(case, changes, kinds):
    import inspect

    source = inspect.getsource(getattr(backwards, f"{case}_backward"))
    for old, new in changes.items():
        source = source.replace(old, new)
    namespace = dict(vars(backwards))
    exec(source, namespace)
    forward, inputs = getattr(backwards, case), backwards.INPUTS[case]
    report = ag.check_backward(forward, namespace[f"{case}_backward"], *inputs)
    assert {mistake.kind for mistake in report.mistakes} == kinds


def test_what_nothing_explains_says_what_is_right():
    def backward(grad_output, x, W, b):
        return (
            grad_output @ W.T,
            np.sort(x.T @ grad_output, axis=None).reshape(W.shape),
            grad_output.sum(0),
        )

    report = ag.check_backward(backwards.linear, backward, *backwards.INPUTS["linear"])
    [mistake] = report.mistakes
    assert (mistake.argument, mistake.kind) == ("W", "unknown")
    assert "dx, db are right" in mistake.text and "dW[0, 0] is" in mistake.evidence
