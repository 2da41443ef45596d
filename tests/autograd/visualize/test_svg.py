"""SVG: texts in their boxes whatever the font, the dark, and effort."""

import io
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.visualize.metrics import width
from autograd.visualize.scene import TITLE, Box, Frame, Scene
from autograd.visualize.svg import svg_of
from tests.cases import SVG, texts

DEJAVU = [
    Path(f"/usr/share/fonts/truetype/dejavu/DejaVuSans{suffix}.ttf") for suffix in ("", "-Bold")
]


def drawings():
    ag.random.seed(0)
    x = ag.Tensor(np.random.default_rng(0).normal(size=(5, 2, 3)), requires_grad=True, name="x")
    yield ag.draw(nn.LSTM(3, 5)(x)[0].sum())
    yield ag.draw(nn.GRU(3, 5)(x)[0].sum(), parts=False, direction="TB")
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.GELU(), nn.Linear(4, 2))
    loss = nn.CrossEntropyLoss()(model(x[0]), [0, 1])
    loss.backward()
    yield from (ag.draw(loss, depth=d) for d in (None, 0, 1))
    yield ag.draw(loss, parts=False)
    yield ag.draw(nn.Conv2d(1, 2, 3)(np.ones((1, 1, 5, 5))).sum())
    opened = ag.expand((ag.relu(x[0] * -3.25e-7) + 123456.789).sum())
    opened.value.backward()
    yield ag.draw(opened.value)
    long = ag.Value(1.0, name="WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW") * ag.Value(2.0, name="illiil.ill")
    yield ag.draw(long)


def overrun(svg, fonts):
    """How many pixels of the texts in boxes lie outside of their boxes."""
    resvg, image = pytest.importorskip("resvg_py"), pytest.importorskip("PIL.Image")
    tree = ET.fromstring(svg)
    [graph] = [g for g in tree if g.get("class") == "graph"]
    boxes = [g for g in graph if g.get("class", "").startswith("node ")]
    letters = [ET.tostring(t, encoding="unicode") for g in boxes for t in g.iter(f"{SVG}text")]
    covers = [
        f'<rect x="{r.get("x")}" y="{r.get("y")}" width="{r.get("width")}" height="{r.get("height")}"'
        ' fill="white"/>'
        for g in boxes
        for r in g.iter(f"{SVG}rect")
        if r.get("class") == "border"
    ]
    head = re.search(r"<svg [^>]*>", svg)[0]
    only = f'{head}<g transform="{graph.get("transform")}">{"".join(letters + covers)}</g></svg>'
    png = resvg.svg_to_bytes(
        svg_string=re.sub(r'fill="#\w+"', 'fill="black"', only),
        skip_system_fonts=True,
        font_files=list(map(str, fonts)),
        background="white",
    )
    pixels = np.asarray(image.open(io.BytesIO(bytes(png))).convert("L"))
    return int((pixels < 128).sum())


@pytest.mark.skipif(not all(f.exists() for f in DEJAVU), reason="DejaVu Sans is not installed")
def test_texts_stay_in_their_boxes_where_the_viewer_has_another_font():
    """DejaVu Sans is a sixth wider than Helvetica."""
    without = 0
    for drawing in drawings():
        assert overrun(drawing.svg, DEJAVU) == 0
        without += overrun(
            re.sub(r' textLength="[^"]*" lengthAdjust="\w+"', "", drawing.svg), DEJAVU
        )
    assert without > 20, "the measure sees what runs over a border"


def test_every_text_says_how_wide_it_is():
    for drawing in drawings():
        for text in ET.fromstring(drawing.svg).iter(f"{SVG}text"):
            if len(text.text) > 1:
                bold = text.get("font-weight") == "bold"
                planned = width(text.text, float(text.get("font-size")), bold)
                assert float(text.get("textLength")) == pytest.approx(planned, abs=0.06)


def test_boxes_and_lines_have_names():
    a = ag.Value(2.0, name="a")
    tree = ET.fromstring(ag.draw(a * a + 1.0).svg)
    groups = [(g.get("class"), g.get("data-name")) for g in tree.iter(f"{SVG}g")]
    assert ("node input", "n1") in groups and groups.count(("edge", "n1->n2")) == 2
    titles = [t.text for t in tree.iter(f"{SVG}title")]
    assert "1. a = 2.0" in titles and any("mul: x · y" in t for t in titles)


def test_a_stack_has_borders_behind_it_and_a_notice_stands_above():
    box = Box("n1", "module", [("Block × 3", TITLE)], count=3)
    svg = svg_of(Scene(Frame("root", "", children=[box]), notice="showing 1 of 2 <nodes>"))
    assert svg.count('class="border"') == 3 + 1 and "showing 1 of 2 <nodes>" in texts(svg)
    assert texts(svg)[-1] == "module", "the legend names the kinds"


def test_the_legend_is_no_wider_than_the_picture():
    svg = ag.draw(nn.Linear(2, 2)(np.ones((1, 2))).sum(), depth=0, direction="TB").svg
    tree = ET.fromstring(svg)
    wide = float(tree.get("width"))
    [legend] = [g for g in tree if g.get("class") == "legend"]
    for text in legend.iter(f"{SVG}text"):
        assert float(text.get("x")) + float(text.get("textLength")) <= wide


def test_an_lstm_of_fifty_steps_takes_less_than_two_seconds():
    ag.random.seed(0)
    y = nn.LSTM(3, 5)(ag.Tensor(np.ones((50, 2, 3)), requires_grad=True))[0].sum()
    for options in ({}, {"fold": False, "parts": False}):
        start = time.process_time()
        picture = ag.draw(y, **options)
        assert picture.svg and time.process_time() - start < 2.0


def test_the_first_picture_of_a_process():
    program = (
        "import time, autograd as ag; x = ag.Value(2.0); y = (x * x).tanh(); t = time.process_time();"
        "ag.draw(y).svg; print(time.process_time() - t)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert float(done.stdout) < 0.3


def test_letters_of_arguments_stand_on_both_sides_of_a_box():
    """W left of its line and x right of its own, so that neither is struck through."""
    x = ag.Tensor([[1.0, 2.0]], requires_grad=True, name="x")
    svg = ag.draw(nn.Linear(2, 3)(x), direction="TB").svg
    found = re.findall(r'class="faint" x="([\d.]+)"([^>]*)>([Wx])</text>', svg)
    (left, at_left, _), (right, at_right, _) = sorted(found, key=lambda letter: float(letter[0]))
    tips = [float(tip) for tip in re.findall(r'polygon points="([\d.]+),', svg)]
    assert sum(float(left) < tip < float(right) for tip in tips) == 2
    assert 'text-anchor="end"' in at_left and "text-anchor" not in at_right
