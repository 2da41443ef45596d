"""Pictures as PDF: a file that readers take, with every letter that its fonts have."""

import re
import zlib

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.visualize.pdf import pdf_of
from autograd.visualize.svg import svg_of
from tests.autograd.visualize.test_layout import SCENES


def parts(pdf):
    """The objects of a file, found by its table, and the page's content."""
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", pdf)[1])
    assert pdf[start:].startswith(b"xref\n0 ")
    places = [int(n) for n in re.findall(rb"(\d{10}) 00000 n ", pdf[start:])]
    objects = []
    for number, place in enumerate(places, 1):
        assert pdf[place:].startswith(b"%d 0 obj\n" % number)
        objects.append(pdf[place : pdf.index(b"\nendobj", place)])
    stream = objects[3]
    length = int(re.search(rb"/Length (\d+)", stream)[1])
    at = stream.index(b"stream\n") + 7
    assert stream[at + length :] == b"\nendstream"
    return objects, zlib.decompress(stream[at : at + length]).decode("latin-1")


def strings(content):
    """The texts of a page, in the order in which they are drawn."""
    found = []
    for block in re.findall(r"BT (.*?)ET", content, re.DOTALL):
        text = ""
        for font, codes in re.findall(r"/(F\d) .*?<([0-9a-f]*)> Tj", block, re.DOTALL):
            data = bytes.fromhex(codes)
            text += {b"\x2d": "−", b"\x53": "Σ"}[data] if font == "F3" else data.decode("cp1252")
        found.append(text)
    return found


def test_texts_and_size():
    x = ag.Value(-3.0, name="Σ −a × b…")
    svg = ag.draw(x * 2.0).svg
    objects, content = parts(pdf_of(svg))
    wide, high = map(float, re.search(r'width="([\d.]+)" height="([\d.]+)"', svg).groups())
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", objects[2])
    assert [float(n) for n in box.groups()] == pytest.approx([0.75 * wide, 0.75 * high], abs=0.01)
    assert {"Σ −a × b…", "value −3", "input"} <= set(strings(content))


def test_letters_that_the_fonts_lack():
    _, content = parts(pdf_of(ag.draw(ag.Value(1.0, name="中‖W") * 2.0).svg))
    seen = strings(content)
    assert "?||W" in seen


def test_a_raised_letter():
    _, content = parts(pdf_of(ag.draw(nn.Linear(2, 2)(np.ones((1, 2)))).svg))
    assert "x WT" in strings(content) and re.search(r"4\.2 Ts <54> Tj", content)


@pytest.mark.parametrize("name", SCENES)
def test_states_are_balanced_and_curves_complete(name):
    _, content = parts(pdf_of(svg_of(SCENES[name]())))
    tokens = content.split()
    assert tokens.count("q") == tokens.count("Q") and tokens.count("BT") == tokens.count("ET")
    assert "nan" not in content and "e-" not in content
    for line in re.findall(r"((?:[-\d.]+ )+)c", content):
        assert len(line.split()) % 6 == 0 or len(line.split()) == 6


def test_quadratic_curves_keep_their_course():
    """A quadratic curve is a cubic one; both pass through the same middle."""
    from autograd.visualize.pdf import _operators

    *_, curve = _operators("M0 0Q6 0 6 9")
    a, b, c, d, e, f = map(float, curve.split()[:-1])
    assert (3 * a + 3 * c + e) / 8 == pytest.approx((2 * 6 + 6) / 4)
    assert (3 * b + 3 * d + f) / 8 == pytest.approx(9 / 4)
