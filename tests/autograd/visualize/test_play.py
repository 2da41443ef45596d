"""The page in a notebook."""

import html
import re

import pytest

import autograd as ag
from tests.autograd.visualize.test_page import HOSTILE


def test_a_notebook_gets_a_frame_that_holds_the_page():
    x = ag.Value(2.0, name=HOSTILE)
    page = ag.play(x * x, title=HOSTILE, height=300)
    text = page._repr_html_()
    (inside,) = re.findall(r'srcdoc="([^"]*)"', text)
    assert html.unescape(inside) == page.html and "height:300px" in text
    assert 'sandbox="allow-scripts"' in text and text.count("<") == 2
    assert "characters" in repr(page)


def test_the_page_is_that_of_the_drawing(tmp_path):
    x = ag.Value(2.0, name="x")
    y = x * x
    page = ag.play(y, title="t", fold=False)
    assert page.html == ag.draw(y, fold=False).html("t")
    assert page.save(tmp_path / "page.html").read_text(encoding="utf-8") == page.html


def test_what_play_refuses():
    x = ag.Value(2.0)
    for height in (0, 3.5, True, "tall"):
        with pytest.raises(ag.DTypeError, match="play: got height="):
            ag.play(x * x, height=height)
    with pytest.raises(ag.DTypeError, match=r"^play: got a float; expected a Value"):
        ag.play(3.0)
    with pytest.raises(ag.DTypeError, match=r"^play: got title=None; expected a text"):
        ag.play(x * x, title=None)
    with pytest.raises(ag.DTypeError, match=r"^play: got direction='up'"):
        ag.play(x * x, direction="up")
    with pytest.raises(ag.RenderError, match="save: got an empty path"):
        ag.play(x * x).save("")
    with pytest.raises(ag.DTypeError, match="save: got an int"):
        ag.play(x * x).save(3)
    expected = r"^play: got the option 'colour'; expected one of title, height, values, grads"
    with pytest.raises(ag.DTypeError, match=expected):
        ag.play(x * x, colour="red")
