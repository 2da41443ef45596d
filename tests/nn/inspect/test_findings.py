"""Findings: their form, and causes before symptoms."""

import re
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.inspect.findings import ORDER, Finding, listing, median, ranked


def made(kind, layer="", **numbers):
    return Finding(kind, layer, numbers, "text", "remedy")


def test_a_finding_is_one_line():
    assert str(made("unused layer", "head")) == "unused layer in head: text. Remedy: remedy."


def test_causes_come_first_and_what_came_up_later_last():
    found = [made("loss does not fall"), made("dying ReLU", since=7), made("learning rate too high"), made("dying ReLU", "1", since=1)]  # fmt: skip
    assert [(f.kind, f.layer) for f in ranked(found)] == [
        ("dying ReLU", "1"), ("learning rate too high", ""), ("loss does not fall", ""), ("dying ReLU", "")
    ]  # fmt: skip


def test_each_kind_once_per_layer():
    assert (
        len(
            ranked(
                [made("unused layer", "a"), made("unused layer", "a"), made("unused layer", "b")]
            )
        )
        == 2
    )


def test_every_kind_has_a_place_in_the_order():
    source = "".join(
        p.read_text(encoding="utf-8") for p in Path(nn.inspect.__file__).parent.glob("*.py")
    )
    made_kinds = re.findall(r'Finding\(\s*f?"([^"{]+)"', source)
    assert set(made_kinds) <= set(ORDER) and len(set(made_kinds)) > 40
    assert len(set(ORDER)) == len(ORDER)


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), ("abcd", "a, b, c and 1 more")]
)
def test_listings(names, text):
    assert listing(names) == text


def test_the_median_is_numpys():
    for n in range(1, 8):
        numbers = np.random.default_rng(n).normal(size=n)
        assert median(numbers) == np.median(numbers)
    assert np.isnan(median([]))


def test_what_a_cause_makes_look_like_another_is_left_out():
    kinds = ["targets not scaled", "targets out of range", "loss does not fall"]
    told = [f.kind for f in ranked(Finding(kind, "", {}, "", "") for kind in kinds)]
    assert told == ["targets out of range", "loss does not fall"]
