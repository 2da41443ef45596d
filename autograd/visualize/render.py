"""Pictures as PNG, made of their SVG by resvg."""

from __future__ import annotations

import re

from autograd.errors import RenderError, message

SCALE = 2.0  # pixels for each unit of the picture
LARGEST, LONGEST = 2**26, 30_000  # pixels, in all and along a side; a larger picture is coarser
INSTALL = 'run pip install "glassgrad[pictures]", or save .svg or .pdf, which need nothing'
# Fonts that have the letters which Helvetica lacks. Where one is missing, resvg takes a font for
# the whole text, which may have serifs.
WIDER = "font-family=\"'DejaVu Sans', 'Segoe UI Symbol', 'Arial Unicode MS', sans-serif\""
_WITH_OTHERS = re.compile("<text(?=[^>]*>[^<]*[^\x00-\u017f−…])")


def png_of(svg: str, scale: float = SCALE) -> bytes:
    """The picture as PNG, on white.

    Raises:
        RenderError: resvg is not installed.
    """
    try:
        import resvg_py  # here, because it is optional
    except ImportError:
        expected = "the package resvg-py, which makes it"
        raise RenderError(message("draw", "format png", expected, INSTALL)) from None
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    wide, high = (float(found[1]), float(found[2])) if found else (1.0, 1.0)
    scale = min(scale, (LARGEST / (wide * high)) ** 0.5, LONGEST / max(wide, high))
    text = _WITH_OTHERS.sub(f"<text {WIDER}", svg)
    return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=scale, background="white"))
