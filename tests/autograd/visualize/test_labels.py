"""Words in a drawing: whatever the name or number, nothing is misread."""

import json
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
    assert "value nan" in seen and "inf" in seen and "0" in seen and "−0" not in seen


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


# Control characters, escape sequences, lone surrogates, code points that are no characters, ends of
# comments: each of them would make a file that no reader of SVG, HTML or UTF-8 takes.
UNPRINTABLE = [
    "\x00\x07\x1b[31m\x7f\x85",
    "\ud800\udcff\ufffe\uffff\ufdd0",
    "\u2028]]>-->\r\n\U000e0001",
]
FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]"
)


def graphs_named(name):
    """Graphs with the name in every place that a drawing shows."""
    yield ag.Value(1.0, name=name) * 2.0
    yield (ag.Tensor([1.0, 2.0], name=name, requires_grad=True) * 2.0).sum()
    one = ag.Primitive(
        name, lambda x: x * 1.0, lambda g, out, x: g, elementwise=True, formula=name, symbol=name
    )
    yield one(ag.Value(1.0)) * 1.0
    two = ag.Primitive(
        "two", lambda x, y: x, lambda g, out, x, y: g, None, elementwise=True, labels=(name, "y")
    )
    yield two(ag.Value(1.0), ag.Value(2.0)) * 1.0
    stated = ag.Primitive("stated", lambda x, how="": x * 1.0, lambda g, out, x, how="": g)
    yield stated(ag.Tensor([1.0], requires_grad=True), how=name).sum()
    outer = nn.Sequential()
    outer.register_module(name, nn.Linear(2, 2))
    yield outer(ag.Tensor(np.ones((1, 2)), name=name)).sum()


@pytest.mark.parametrize("characters", UNPRINTABLE, ids=ascii)
def test_files_are_well_formed_whatever_a_name_contains(characters, tmp_path):
    name = f"a{characters}z"
    for i, y in enumerate(graphs_named(name)):
        if y.requires_grad:
            y.backward()
        for depth in (None, 0):
            picture = ag.draw(y, depth=depth)
            assert not FORBIDDEN.search(picture.dot) and not FORBIDDEN.search(picture.svg)
            seen = texts(picture.svg)
            assert seen and (depth == 0 or any("a" in t and "z" in t for t in seen))
        page = picture.html(title=name)
        assert not FORBIDDEN.search(page)
        assert FORBIDDEN.search(name) or json.loads(DATA.search(page)[1])["title"] == name
        picture.save(tmp_path / f"{i}.html")


DATA = re.compile('<script id="data" type="application/json">(.*?)</script>', re.DOTALL)


def test_a_title_comes_back_as_it_was():
    """JSON may hold any code point as an escape; the page shows what it can."""
    for title in ("a\x00z", "a\ud800z", "a\ufffez", "</script>"):
        page = ag.draw(ag.Value(1.0) * 2.0).html(title)
        assert json.loads(DATA.search(page)[1])["title"] == title


def test_numbers_are_short():
    assert labels.number(-0.0) == "0" and labels.number(-1e-17 / 3, 3) == "−3.33e−18"
    assert labels.number(1.23456e8) == "1.235e8" and labels.number(-3) == "−3"
    assert labels.shape(np.ones((2, 3))) == "(2, 3)"
    assert labels.shape(np.ones(2, np.float32)) == "(2,) float32"


@pytest.mark.parametrize(
    ("call", "facts"),
    [(lambda x: x.sum(), []), (lambda x: x.sum(axis=1, keepdims=True), ["axis 1"]),
     (lambda x: x.T, []), (lambda x: x.reshape(3, 2), []), (lambda x: x[0, 1:], ["[0, 1:]"]),
     (lambda x: ag.transpose(x.reshape(1, 2, 3), (1, 0, 2)), ["axes 1, 0, 2"]),
     (lambda x: x.reshape(1, 2, 3).sum(axis=(0, 2)), ["axes 0, 2"]),
     (lambda x: ag.windows(x, (1, 2)), ["size=(1, 2)", "stride=(1, 1)"])],
)  # fmt: skip
def test_facts_that_the_shapes_do_not_tell(call, facts):
    assert labels.facts(call(ag.Tensor(np.ones((2, 3)), requires_grad=True))) == facts


def test_long_paths_keep_their_end():
    assert labels.ending("layers.0.self_attn.out_proj.weight") == "…0.self_attn.out_proj.weight"
    assert labels.ending("0.weight") == "0.weight" and labels.ending("x" * 40).endswith("…")
    assert labels.span(["0.w", "1.w", "2.w"]) == "0.w … 2.w"
    assert labels.span(["a", "a"]) == "a" and labels.span(["", ""]) == ""


def test_entries_of_parameters_have_full_names_and_their_colour():
    ag.random.seed(0)
    opened = ag.expand(nn.Sequential(nn.Linear(2, 1), nn.ReLU())(np.ones((1, 2))).sum())
    svg = ag.draw(opened.value).svg
    assert {"0.weight[0,0]", "0.weight[0,1]", "0.bias[0]"} <= set(texts(svg))
    assert svg.count('class="node parameter"') == 3 and 'class="node input"' not in svg


@pytest.mark.parametrize("length", [1999, 2001, 20_000, 70_000])
def test_a_name_of_any_length_can_be_drawn(length):
    y = ag.Value(2.0, name="x" * length) * 2.0
    drawing = ag.draw(y)
    assert f"{'x' * 1000}" in drawing.dot and len(drawing.dot) < 10_000
    assert drawing.svg.count("<title>") > 2
