"""A picture as PDF, with lines and letters instead of pixels; it needs no other program.

It reads the SVG that `svg` writes, which has rectangles, paths, polygons and texts only, and writes
the fonts that every reader of PDF has: Helvetica, whose widths the layout uses, and Symbol.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

from autograd.visualize.metrics import width

POINT = 0.75  # of an SVG's unit
ROUND = 0.5523  # of a radius: how far the handles of a quarter of a circle reach
REGULAR, BOLD, SYMBOL = "F1", "F2", "F3"
# Letters that only Symbol has, by their codes there.
SYMBOLS = {
    "−": 0x2D, "σ": 0x73, "Σ": 0x53, "√": 0xD6, "∞": 0xA5, "≤": 0xA3, "≥": 0xB3, "π": 0x70,
    "∂": 0xB6, "α": 0x61, "β": 0x62, "γ": 0x67, "δ": 0x64, "ε": 0x65, "θ": 0x71, "λ": 0x6C,
    "μ": 0x6D, "ρ": 0x72, "ν": 0x6E, "φ": 0x66, "∇": 0xD1, "Π": 0x50, "∫": 0xF2,
}  # fmt: skip
SPELLED = {"‖": "||", "∛": "3√", "⌊": "[", "⌋": "]", "⌈": "[", "⌉": "]", "ˣ": "x", "⁻": "−"}
_COMMAND = re.compile(r"([MLCQhvz])([^MLCQhvz]*)")


def pdf_of(svg: str) -> bytes:
    """The picture on one page of its size. Letters that the fonts lack become question marks."""
    root = ElementTree.fromstring(svg)
    wide, high = float(root.get("width", "1")), float(root.get("height", "1"))
    page = _Page()
    page.write(f"{POINT} 0 0 -{POINT} 0 {_n(high * POINT)} cm")  # y points down, as in SVG
    page.element(root)
    return page.document(wide * POINT, high * POINT)


class _Page:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._opacities: dict[str, str] = {}

    def write(self, line: str) -> None:
        """Add a line of the language of pages."""
        self._lines.append(line)

    def element(self, at: ElementTree.Element) -> None:
        """Draw an element and all in it."""
        draw = getattr(self, f"_{at.tag.rpartition('}')[2]}", None)
        if draw is not None:
            draw(at)
        moved = re.match(r"translate\(([-\d.]+) ([-\d.]+)\)", at.get("transform", ""))
        if moved is not None:
            self.write(f"q 1 0 0 1 {moved[1]} {moved[2]} cm")
        for child in at:
            self.element(child)
        if moved is not None:
            self.write("Q")

    # --- shapes ---

    def _rect(self, at: ElementTree.Element) -> None:
        x, y, w, h = (float(at.get(key, "0")) for key in ("x", "y", "width", "height"))
        r = min(float(at.get("rx", "0")), w / 2, h / 2)
        if not r:
            self._paint(at, f"{_n(x)} {_n(y)} {_n(w)} {_n(h)} re")
            return
        k = r * (1 - ROUND)
        right, bottom = x + w, y + h
        self._paint(
            at,
            f"{_p(x + r, y)} m {_p(right - r, y)} l "
            f"{_p(right - k, y)} {_p(right, y + k)} {_p(right, y + r)} c "
            f"{_p(right, bottom - r)} l "
            f"{_p(right, bottom - k)} {_p(right - k, bottom)} {_p(right - r, bottom)} c "
            f"{_p(x + r, bottom)} l "
            f"{_p(x + k, bottom)} {_p(x, bottom - k)} {_p(x, bottom - r)} c "
            f"{_p(x, y + r)} l {_p(x, y + k)} {_p(x + k, y)} {_p(x + r, y)} c h",
        )

    def _polygon(self, at: ElementTree.Element) -> None:
        points = [p.split(",") for p in at.get("points", "").split()]
        first, *others = (f"{x} {y}" for x, y in points)
        self._paint(at, " ".join([f"{first} m", *(f"{p} l" for p in others), "h"]))

    def _path(self, at: ElementTree.Element) -> None:
        self._paint(at, " ".join(_operators(at.get("d", ""))))

    def _paint(self, at: ElementTree.Element, shape: str) -> None:
        fill, stroke = at.get("fill", "black"), at.get("stroke", "none")
        paint = {(True, True): "B", (True, False): "f", (False, True): "S", (False, False): "n"}
        self.write("q")
        if fill != "none":
            self.write(f"{_colour(fill)} rg")
            self._set_opacity(at.get("fill-opacity", "1"))
        if stroke != "none":
            self.write(f"{_colour(stroke)} RG {at.get('stroke-width', '1')} w")
            self.write(f"[{at.get('stroke-dasharray', '')}] 0 d")
        self.write(f"{shape} {paint[fill != 'none', stroke != 'none']} Q")

    def _set_opacity(self, opacity: str) -> None:
        if opacity != "1":
            name = self._opacities.setdefault(opacity, f"G{len(self._opacities)}")
            self.write(f"/{name} gs")

    # --- texts ---

    def _text(self, at: ElementTree.Element) -> None:
        text = "".join(SPELLED.get(c, c) for c in at.text or "")
        size = float(at.get("font-size", "10"))
        bold = at.get("font-weight") == "bold"
        long = float(at.get("textLength", width(text, size, bold)))
        planned = width(text, size, bold) or 1.0
        x = float(at.get("x", "0")) - {"middle": long / 2, "end": long}.get(
            at.get("text-anchor", ""), 0.0
        )
        y = float(at.get("y", "0"))
        self.write(f"BT {_colour(at.get('fill', '#000000'))} rg {_n(100 * long / planned)} Tz")
        for font, part, shown in _runs(text, bold):
            raised = part == "ᵀ"
            letters = size * 0.65 if raised else size
            self.write(f"/{font} {_n(letters)} Tf 1 0 0 -1 {_n(x)} {_n(y)} Tm")
            self.write(f"{_n(size * 0.35) if raised else 0} Ts <{shown.hex()}> Tj")
            x += width(part, size, bold) * long / planned
        self.write("ET")

    # --- the file ---

    def document(self, wide: float, high: float) -> bytes:
        """The whole file."""
        fonts = ("Helvetica", "Helvetica-Bold", "Symbol")
        encoded = ("/Encoding /WinAnsiEncoding", "/Encoding /WinAnsiEncoding", "")
        states = " ".join(
            f"/{name} << /Type /ExtGState /ca {opacity} >>"
            for opacity, name in self._opacities.items()
        )
        content = zlib.compress("\n".join(self._lines).encode("latin-1"))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_n(wide)} {_n(high)}] "
                "/Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R /F3 7 0 R >> "
                f"/ExtGState << {states} >> >> >>"
            ).encode(),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream"
            % (len(content), content),
            *(
                f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} {encoding} >>".encode()
                for font, encoding in zip(fonts, encoded, strict=True)
            ),
        ]
        file = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, content in enumerate(objects, 1):
            places.append(len(file))
            file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
        start = len(file)
        file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        file += b"".join(b"%010d 00000 n \n" % place for place in places)
        file += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
        file += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(file)


def _operators(path: str) -> Iterator[str]:
    """The commands of a path in SVG, in the language of PDF, which has no quadratic curves and no
    relative lines."""
    x = y = 0.0
    for command, text in _COMMAND.findall(path):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", text)]
        if command in "ML":
            x, y = numbers
            yield f"{_p(x, y)} {command.lower()}"
        elif command == "C":
            yield f"{' '.join(map(_n, numbers))} c"
            x, y = numbers[-2:]
        elif command == "Q":
            a, b, c, d = numbers
            near = _p(x + 2 * (a - x) / 3, y + 2 * (b - y) / 3)
            yield f"{near} {_p(c + 2 * (a - c) / 3, d + 2 * (b - d) / 3)} {_p(c, d)} c"
            x, y = c, d
        elif command == "z":
            yield "h"
        else:
            x, y = (x + numbers[0], y) if command == "h" else (x, y + numbers[0])
            yield f"{_p(x, y)} l"


def _runs(text: str, bold: bool) -> Iterator[tuple[str, str, bytes]]:
    """A text in pieces of one font: the font, the piece, and its codes."""
    latin = BOLD if bold else REGULAR
    runs: list[tuple[str, str, bytes]] = []
    for c in text:
        if c in SYMBOLS:
            font, code = SYMBOL, bytes([SYMBOLS[c]])
        else:
            font, code = latin, (b"T" if c == "ᵀ" else c.encode("cp1252", "replace"))
        if runs and runs[-1][0] == font and "ᵀ" not in (c, runs[-1][1]):
            runs[-1] = (font, runs[-1][1] + c, runs[-1][2] + code)
        else:
            runs.append((font, c, code))
    yield from runs


def _colour(text: str) -> str:
    """#rrggbb as three numbers."""
    if not text.startswith("#"):
        return "0 0 0"
    return " ".join(_n(int(text[i : i + 2], 16) / 255, 3) for i in (1, 3, 5))


def _n(x: float, digits: int = 2) -> str:
    return f"{x:.{digits}f}".rstrip("0").rstrip(".") or "0"


def _p(x: float, y: float) -> str:
    return f"{_n(x)} {_n(y)}"
