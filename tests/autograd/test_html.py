"""The pieces of HTML that notebooks show: escaped, well formed, and true."""

import base64
import math
import subprocess
import sys
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest

import autograd as ag
from autograd import html

HOSTILE = """</div><script>alert(1)</script>"' onload=alert(2) &amp;"""
VOID = {"img", "meta", "br"}


class Nesting(HTMLParser):
    """Collects tags, and fails where one is closed that is not open."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def parsed(text):
    nesting = Nesting()
    nesting.feed(text)
    assert nesting.open == []
    return nesting


def is_inert(text):
    found = parsed(text)
    return "script" not in found.tags and not any(
        name.startswith("on") for name in found.attributes
    )


def pixels(picture):
    """The bytes [h, w, 4] of a heat map, read back from its PNG."""
    content = base64.b64decode(picture.partition("base64,")[2].partition('"')[0])
    width, height = (int.from_bytes(content[i : i + 4], "big") for i in (16, 20))
    start = content.index(b"IDAT") + 4
    lines = np.frombuffer(zlib.decompress(content[start:-12]), np.uint8)
    return lines.reshape(height, 1 + 4 * width)[:, 1:].reshape(height, width, 4)


def test_text_is_escaped_once():
    assert parsed(html.escape(HOSTILE)).tags == []
    assert html.escape(html.escape(HOSTILE)) == html.escape(HOSTILE)


@pytest.mark.parametrize(
    "made",
    [
        html.shown(HOSTILE, [HOSTILE], html.listed([HOSTILE])),
        html.table([HOSTILE], [[HOSTILE]]),
        html.opening(HOSTILE, HOSTILE),
        html.heat_map([1.0], HOSTILE),
        html.curves(HOSTILE, {HOSTILE: [1.0, 2.0], "b": [2.0, 1.0]}, across=HOSTILE),
        ag.Tensor([1.0], name=HOSTILE)._repr_html_(),
        ag.Value(1.0, name=HOSTILE)._repr_html_(),
    ],
)
def test_hostile_text_stays_text(made):
    assert is_inert(made) and "alert(1)" in made


def test_a_heat_map_shows_signs_sizes_and_nan():
    picture = pixels(html.heat_map([[2.0, -1.0, 0.0], [math.nan, math.inf, -math.inf]]))
    assert picture[0, 0].tolist() == [*html.PLUS, 255] and picture[0, 1].tolist() == [
        *html.MINUS,
        128,
    ]
    assert picture[0, 2, 3] == 0 and picture[1, 0].tolist() == [*html.ODD, 255]
    assert picture[1, 1].tolist() == [*html.PLUS, 255] and picture[1, 2].tolist() == [
        *html.MINUS,
        255,
    ]


def test_a_large_array_is_shown_by_means_of_blocks():
    picture = pixels(html.heat_map(np.repeat([[1.0], [-1.0]], 500, axis=0) * np.ones(1000)))
    assert picture.shape == (html.ROWS, html.COLUMNS, 4)
    assert (picture[:32, :, :3] == html.PLUS).all() and (picture[32:, :, :3] == html.MINUS).all()


@pytest.mark.parametrize("data", [1.0, [], ["a"], np.zeros((0, 3))], ids=str)
def test_what_has_no_heat_map(data):
    assert html.heat_map(data) == ""


def test_statistics_of_odd_entries():
    assert html.statistics([math.nan, math.inf]) == ["1 nan", "1 inf"]
    assert html.statistics([]) == [] and html.statistics(["a"]) == []
    assert html.statistics([True, False]) == ["from 0 to 1", "mean 0.5", "std 0.5", "1 zero"]


def test_curves_leave_gaps():
    drawn = html.curves("a", {"a": [1.0, 2.0, math.nan, 3.0]})
    assert drawn.count("<polyline") == 1 and drawn.count("<circle") == 1
    assert parsed(html.curves("none", {"a": []})) and parsed(html.curves("nan", {"a": [math.nan]}))


def test_a_curve_over_powers_of_ten_is_even():
    drawn = html.curves("a", {"a": [0.0, 0.0, 0.0]}, [1e-3, 1e-2, 1e-1], logarithmic=True)
    first, second, third = (
        float(point.split(",")[0]) for point in drawn.partition('points="')[2].split('"')[0].split()
    )
    assert second - first == pytest.approx(third - second, abs=0.11) and "0.001" in drawn


def test_an_array_shows_its_gradient():
    x = ag.Tensor([1.0, -2.0], requires_grad=True, name="x")
    (x * x).sum().backward()
    shown = x._repr_html_()
    assert "gradient" in parsed(shown).text and shown.count("<img") == 2
    assert "shape (2,)" in shown and "mean -0.5" in shown
    assert "from mul" in (x * x)._repr_html_()


def test_a_number_shows_its_gradient():
    v = ag.Value(3.0, name="v")
    (v * v).backward()
    assert "v = 3" in v._repr_html_() and "gradient 6" in v._repr_html_()


def test_reports_of_gradients():
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name=HOSTILE)
    report = ag.check_gradients(lambda x: (x * x).sum(), x)
    assert "all gradients agree" in report._repr_html_() and is_inert(report._repr_html_())
    told = ag.explain(x, (x * x).sum())._repr_html_()
    assert is_inert(told) and "mul" in told and "<table>" in told


def test_the_mean_and_deviation_of_huge_numbers_are_finite():
    assert html.statistics([1e308, 1e308, -1e308])[1:] == ["mean 3.333e+307", "std 9.428e+307"]
    assert html.statistics([5e-324, 0.0])[1] == f"mean {np.mean([5e-324, 0.0]):.4g}"


def test_importing_the_package_does_not_import_what_pictures_need():
    code = "import autograd, sys; assert not {'html', 'IPython', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_ends_of_an_axis_can_be_told_apart():
    svg = str(html.curves("loss", {"loss": [1.10003, 1.1]}))
    assert ">1.10003<" in svg and ">1.1<" in svg
    svg = str(html.curves("loss", {"loss": [2.0, 1.1]}))
    assert ">2<" in svg and ">1.1<" in svg
