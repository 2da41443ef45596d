"""Pictures as PNG and PDF, made of their SVG by resvg."""

from __future__ import annotations

import re
import struct
import zlib

from autograd.errors import RenderError, message
from autograd.visualize.metrics import FONT

SCALE = 2.0  # pixels of a PNG for each unit of the picture
FINE = 4.0  # and of a PDF
LARGEST = 2**26  # pixels; a larger picture is made coarser
INSTALL = 'run pip install "glassgrad[pictures]", or save .svg or .dot, which need nothing'


def png_of(svg: str, scale: float = SCALE) -> bytes:
    """The picture as PNG.

    Raises:
        RenderError: resvg is not installed.
    """
    try:
        import resvg_py  # here, because it is optional
    except ImportError:
        expected = "the package resvg-py, which makes PNG and PDF"
        raise RenderError(message("draw", "no resvg", expected, INSTALL)) from None
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    wide, high = (float(found[1]), float(found[2])) if found else (1.0, 1.0)
    scale = min(scale, (LARGEST / (wide * high)) ** 0.5, 30000 / max(wide, high))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, background="white"))
