"""Widths of texts in Helvetica, so that boxes fit whatever font a viewer has.

Every text is written with this width as its `textLength`: a viewer with another font squeezes or
stretches the letters a little instead of running over a border. Arial, Liberation Sans and Nimbus
Sans have the same widths.
"""

from __future__ import annotations

FONT = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', 'DejaVu Sans', sans-serif"

# In thousandths of the size of the letters: the characters from space to tilde, and some others.
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
_OTHERS = {
    "−": 584, "×": 584, "÷": 549, "·": 278, "…": 1000, "σ": 617, "Σ": 618, "√": 549, "‖": 400,
    "ᵀ": 400, "π": 690, "∂": 494, "²": 333, "³": 333, "∞": 713, "≤": 549, "≥": 549,
}  # fmt: skip
WIDE = 1000  # what any other letter gets, such as a Chinese one


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a text is, in the unit of `size`.

    Example:
        >>> from autograd.visualize.metrics import width
        >>> width("tanh", 10.0), width("tanh", 10.0, bold=True)
        (19.46, 21.11)
    """
    table = _BOLD if bold else _REGULAR
    total = 0
    for c in text:
        code = ord(c) - 32
        if 0 <= code < len(table):
            total += table[code]
        else:
            total += _OTHERS.get(c) or (620 if code < 1200 else WIDE)
    return total * size / 1000
