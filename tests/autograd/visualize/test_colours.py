"""Colours: every kind has one in the light and one in the dark, and both can be read."""

import pytest

from autograd.visualize import colours
from autograd.visualize.scene import KINDS, REST


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_every_kind_has_a_look_of_its_own():
    assert set(colours.BOXES) == {*KINDS, REST}
    assert len({look[:2] + look[4:] for look in colours.BOXES.values()}) == len(KINDS) + 1


@pytest.mark.parametrize("dark", [0, 1], ids=["light", "dark"])
def test_texts_can_be_read_on_every_box(dark):
    for look in colours.BOXES.values():
        fill = look.dark_fill if dark else look.fill
        fill = colours.PAPER[dark] if fill == "none" else fill
        for text in colours.TEXTS.values():
            assert contrast(text[dark], fill) >= 4.5
    for kind, frame in colours.FRAMES.items():
        fill = frame.dark_fill if dark else frame.fill
        assert contrast(colours.TITLES[kind][dark], fill) >= 4.5


def test_the_style_sheet_has_every_dark_colour():
    text = colours.style()
    assert "prefers-color-scheme:dark" in text and "@media print" in text
    for look in (*colours.BOXES.values(), *colours.FRAMES.values()):
        assert look.dark_fill in text and look.dark_stroke in text
    assert text.count("{") == text.count("}")
