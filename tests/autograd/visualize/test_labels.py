"""Words in a drawing: whatever the name or number, nothing is misread."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.visualize import labels
from tests.cases import SVG, texts


def test_a_linear_layer_is_drawn_as_its_product():
    seen = texts(ag.draw(nn.Linear(3, 2)(np.ones((4, 3)))).svg)
    assert "x Wᵀ" in seen and "inner" not in seen


@pytest.mark.parametrize(
    "name",
    ["</text><script>alert(1)</script>", 'a "quoted" \\ name', "<b>bold</b>", "{a|b}", "line\nbreak", "α ≤ β", "\\N \\l",
     "&amp;", "<>", "", "\x00\x07bell"],
)  # fmt: skip
def test_hostile_names_are_text(name):
    x = ag.Value(2.0, name=name)
    svg = ag.draw(x * 3.0).svg
    tree = ET.fromstring(svg)
    assert not list(tree.iter(f"{SVG}script")) and not list(tree.iter(f"{SVG}b"))
    shown = "".join(c if c.isprintable() else " " for c in name)
    shown = shown if len(shown) <= 28 else shown[:27] + "…"
    if shown.strip():
        assert re.sub(r"\s+", " ", shown).strip() in [
            re.sub(r"\s+", " ", t.replace("\xa0", " ")).strip() for t in texts(svg)
        ]


def test_special_numbers():
    x = ag.Value(float("nan"), name="x")
    seen = texts(ag.draw(x * float("inf") * -0.0).svg)
    assert "value nan" in seen and "inf" in seen and "−0" in seen


@pytest.mark.parametrize(
    ("value", "text"),
    [(slice(None, None, -1), "::-1"), (slice(1, None), "1:"), (slice(None), ":"), (Ellipsis, "…"),
     ((1,), "(1,)"), ((0, slice(2)), "(0, :2)"), (np.zeros((2, 3), int), "int64[2, 3]"), (True, "True")],
)  # fmt: skip
def test_static_arguments(value, text):
    assert labels.static(value) == text


def test_a_long_text_is_cut():
    assert labels.shortened("x" * 28) == "x" * 28
    assert labels.shortened("x" * 29) == "x" * 27 + "…"
