"""Widths of texts."""

from pathlib import Path

import pytest

from autograd.visualize.metrics import FONT, width

LIBERATION = Path("/usr/share/fonts/truetype/liberation")


def test_widths_add_up():
    assert width("ab", 10.0) == width("a", 10.0) + width("b", 10.0)
    assert width("", 10.0) == 0.0 and width("a", 20.0) == 2 * width("a", 10.0)
    assert width("tanh", 10.0, bold=True) > width("tanh", 10.0)
    assert width("中", 10.0) == 10.0, "an unknown letter is as wide as it is high"


@pytest.mark.parametrize("bold", [False, True])
def test_they_are_those_of_a_font_with_the_metrics_of_helvetica(bold):
    ttf = pytest.importorskip("fontTools.ttLib")
    file = LIBERATION / f"LiberationSans-{'Bold' if bold else 'Regular'}.ttf"
    if not file.exists():
        pytest.skip("Liberation Sans is not installed")
    font = ttf.TTFont(file)
    for code in range(32, 127):
        wide = font["hmtx"][font.getBestCmap()[code]][0] / font["head"].unitsPerEm
        assert width(chr(code), 1.0, bold) == pytest.approx(wide, abs=6e-4)


def test_the_named_fonts_have_these_widths():
    assert FONT.startswith("Helvetica, Arial, 'Liberation Sans'")
