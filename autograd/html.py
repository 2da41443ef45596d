"""Pieces of HTML for notebooks: tables, trees, heat maps and curves.

Colours are translucent or inherited, so that they suit a light and a dark notebook, whichever way
it chooses between them. Everything that is passed as text is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

PLUS, MINUS, ODD = (31, 111, 180), (194, 87, 12), (208, 0, 140)  # entries; nan is odd
LINES = ("#2a8fd0", "#d9702b", "#1f9d73", "#c06a9f")  # readable on white and on black
ROWS, COLUMNS = 64, 128  # of a heat map; larger arrays are shown by means of blocks
FEW = 16  # entries of an array that is also shown in numbers
POINTS = 400  # of a curve
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 320, 150, 56, 12, 22, 24  # of a plot and its margins

STYLE = """<style>
.glassgrad{font:13px/1.45 system-ui,sans-serif;color:inherit;overflow-x:auto;max-width:100%}
.glassgrad .what{font-weight:600}
.glassgrad .fact{display:inline-block;margin-left:.9em;opacity:.8}
.glassgrad .bad{color:#e0453a;font-weight:600}
.glassgrad .good{color:#1f9d73}
.glassgrad table{border-collapse:collapse;margin:.5em 0;font-size:12px;border:0}
.glassgrad th,.glassgrad td{padding:2px 10px;text-align:right;white-space:nowrap;
 background:none;border:0;border-bottom:1px solid rgba(128,128,128,.28);
 font-variant-numeric:tabular-nums}
.glassgrad th.l,.glassgrad td.l{text-align:left}
.glassgrad th{opacity:.75;font-weight:600}
.glassgrad details{margin-left:1.1em}
.glassgrad summary{cursor:pointer;white-space:nowrap}
.glassgrad .leaf{margin-left:2.1em;white-space:nowrap}
.glassgrad .plots,.glassgrad .maps{display:flex;flex-wrap:wrap;gap:14px;align-items:flex-start}
.glassgrad figure{margin:.4em 0}
.glassgrad figcaption{font-size:11px;opacity:.75}
.glassgrad img{image-rendering:pixelated;border:1px solid rgba(128,128,128,.5);display:block}
.glassgrad svg text{font:10px system-ui,sans-serif;fill:currentColor}
.glassgrad pre{white-space:pre;overflow-x:auto;background:none;color:inherit;margin:.3em 0}
.glassgrad ul{margin:.3em 0;padding-left:1.3em}
@media print{.glassgrad{overflow:visible} .glassgrad table{font-size:10px}
 .glassgrad th,.glassgrad td{padding:1px 5px;white-space:normal}}
</style>"""

SPECIAL = {ord(c): f"&#{ord(c)};" for c in "&<>\"'"}


class Markup(str):
    """Text that is HTML already, and is not escaped again."""

    __slots__ = ()


def escape(text: Any) -> Markup:
    """Text as HTML, safe in elements and in quoted attributes; `Markup` stays as it is.

    Example:
        >>> from autograd.html import escape
        >>> escape("<b>")
        '&#60;b&#62;'
    """
    return text if isinstance(text, Markup) else Markup(str(text).translate(SPECIAL))


def element(tag: str, *content: Any, look: str = "") -> Markup:
    """An element, with a class if there is a look."""
    inner = "".join(map(escape, content))
    return Markup(f"<{tag}{f' class={look}' if look else ''}>{inner}</{tag}>")


def shown(title: Any, facts: Iterable[Any], *parts: Any) -> str:
    """What a notebook displays: a title with facts beside it, and parts below."""
    head = element("span", title, look="what")
    beside = Markup("".join(element("span", fact, look="fact") for fact in facts))
    body = Markup("".join(map(escape, parts)))
    return f'{STYLE}<div class="glassgrad">{element("div", head, beside)}{body}</div>'


def table(
    headings: Sequence[Any], rows: Iterable[Sequence[Any]], left: Iterable[int] = (0,)
) -> Markup:
    """A table; the columns in `left` are aligned on the left."""
    at_left = set(left)

    def line(tag: str, cells: Sequence[Any]) -> Markup:
        made = (element(tag, c, look="l" * (i in at_left)) for i, c in enumerate(cells))
        return element("tr", *made)

    body = element("tbody", *(line("td", row) for row in rows))
    return element("table", element("thead", line("th", headings)), body)


def listed(texts: Iterable[Any]) -> Markup:
    """A list of points; nothing if there are none."""
    points = [element("li", text) for text in texts]
    return element("ul", *points) if points else Markup()


def opening(head: Any, inner: Any, is_open: bool = False) -> Markup:
    """A line that opens to show what is inside it."""
    start = "<details open>" if is_open else "<details>"
    return Markup(f"{start}{element('summary', head)}{escape(inner)}</details>")


# --- arrays ---


def statistics(data: Any) -> list[str]:
    """Facts about the entries of an array: their range, mean, deviation, zeros, nan and inf.

    Example:
        >>> from autograd.html import statistics
        >>> statistics([0.0, 1.0, float("nan")])
        ['from 0 to 1', 'mean 0.5', 'std 0.5', '1 zero', '1 nan']
    """
    array = np.asarray(data)
    if array.dtype.kind not in "fiub" or not array.size:
        return []
    finite = np.isfinite(array)
    entries = (array if finite.all() else array[finite]).astype(float)
    facts = []
    if entries.size:
        with np.errstate(all="ignore"):
            if array.size > 1:
                facts.append(f"from {entries.min():.4g} to {entries.max():.4g}")
                # Of numbers near 1e308, sums and squares would overflow, but not of their shares.
                largest = float(np.abs(entries).max()) or 1.0
                shares = entries / largest if np.isfinite(1.0 / largest) else entries
                scale = largest if np.isfinite(1.0 / largest) else 1.0
                facts += [f"mean {shares.mean() * scale:.4g}", f"std {shares.std() * scale:.4g}"]
    zeros = int(np.count_nonzero(array == 0)) if array.size > 1 else 0
    nans = int(np.count_nonzero(np.isnan(array)))
    infinite = array.size - int(np.count_nonzero(finite)) - nans
    facts += [f"{zeros:,} zero{'s' * (zeros > 1)}"] * (zeros > 0)
    return facts + [f"{nans:,} nan"] * (nans > 0) + [f"{infinite:,} inf"] * (infinite > 0)


def array(title: str, data: Any, gradient: Any = None, note: str = "") -> str:
    """What a notebook displays of an array and its gradient: facts, heat maps, a few numbers."""
    facts = [f"shape {data.shape}", str(data.dtype), *[note] * bool(note)]
    lines = [statistics(data), [] if gradient is None else ["gradient:", *statistics(gradient)]]
    told = [element("div", *(element("span", x, look="fact") for x in line)) for line in lines]
    maps = [heat_map(data), Markup() if gradient is None else heat_map(gradient, "gradient")]
    side_by_side = Markup(f"<div class=maps>{''.join(maps)}</div>")
    numbers = np.array2string(data, separator=", ") if data.size <= FEW else ""
    return shown(title, facts, *told, side_by_side, element("pre", numbers) if numbers else "")


def heat_map(data: Any, caption: str = "") -> Markup:
    """A picture of an array: blue is positive, orange negative, full colour the largest entry.

    An array of one axis is a row; one of three or more has its last axis as columns and all others
    as rows. nan is magenta. Returns nothing for a number, an empty array, or other kinds of data.
    """
    array = np.asarray(data)
    if array.ndim == 0 or not array.size or array.dtype.kind not in "fiub":
        return Markup()
    flat = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
    flat = _blocks(_blocks(flat, ROWS).T, COLUMNS).T.astype(float)
    finite = np.where(np.isfinite(flat), flat, 0.0)
    largest = float(np.abs(finite).max())
    strength = np.where(np.isinf(flat), 1.0, np.abs(finite) / (largest or 1.0))
    pixels = np.empty((*flat.shape, 4), np.uint8)
    pixels[..., :3] = np.where((flat < 0)[..., None], MINUS, PLUS)
    pixels[..., 3] = np.rint(255 * strength)
    pixels[np.isnan(flat)] = (*ODD, 255)
    side = min(24, max(3, 380 // max(flat.shape)))
    height, width = side * flat.shape[0], side * flat.shape[1]
    picture = (
        f'<img width={width} height={height} src="{_png(pixels)}" '
        f'alt="heat map of {flat.shape[0]} by {flat.shape[1]}">'
    )
    text = element("figcaption", f"{caption}{', ' * bool(caption)}full colour: {largest:.4g}")
    return element("figure", Markup(picture), text)


def _blocks(matrix: Any, most: int) -> Any:
    """A matrix with at most so many rows: means of neighbouring ones."""
    if len(matrix) <= most:
        return matrix
    starts = np.arange(most) * len(matrix) // most
    counts = np.diff(np.append(starts, len(matrix)))
    with np.errstate(all="ignore"):
        return np.add.reduceat(matrix.astype(float), starts, axis=0) / counts[:, None]


def _png(pixels: Any) -> str:
    """The address that is a picture itself: pixels [h, w, 4] of bytes, as a PNG."""
    import base64
    import struct
    import zlib

    height, width, _ = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    ]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


# --- curves ---


def plots(figures: Iterable[Any]) -> Markup:
    """Pictures side by side, as many as fit."""
    return Markup(f"<div class=plots>{''.join(map(escape, figures))}</div>")


def _drawn(points: Sequence[str], colour: str) -> str:
    """A line through points; one of them is a dot."""
    if len(points) > 1:
        look = f'fill=none stroke="{colour}" stroke-width=1.6'
        return f'<polyline points="{" ".join(points)}" {look} />'
    x, _, y = points[0].partition(",")
    return f'<circle cx="{x}" cy="{y}" r=2.5 fill="{colour}" />'


def curves(
    title: str,
    lines: Mapping[str, Sequence[float]],
    at: Sequence[float] | None = None,
    *,
    logarithmic: bool = False,
    across: str = "",
) -> Markup:
    """A small line plot: values by name over 1, 2, …, or over `at`, with logarithms if asked.

    What is not finite leaves a gap, as does what is not positive on a logarithmic axis.
    """
    longest = max((len(line) for line in lines.values()), default=0)
    places = list(range(1, longest + 1)) if at is None else list(at)
    if logarithmic and at is not None:
        places = [math.log10(x) for x in places]
    values = [y for line in lines.values() for y in line if math.isfinite(y)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5 * abs(low or 1.0), high + 0.5 * abs(high or 1.0)
    first, last = (places[0], places[-1]) if len(places) > 1 else (0.0, 2.0)

    def place(x: float, y: float) -> str:
        share = (x - first) / ((last - first) or 1.0)
        across = LEFT + share * (WIDTH - LEFT - RIGHT)
        # Shares first: high - low may overflow.
        height = (y / 2 - low / 2) / (high / 2 - low / 2)
        return f"{across:.1f},{HEIGHT - BOTTOM - height * (HEIGHT - TOP - BOTTOM):.1f}"

    drawn = [_frame(title, low, high, places, across, logarithmic and at is not None)]
    for i, line in enumerate(lines.values()):
        thin = max(1, -(-len(line) // POINTS))
        for piece in _pieces(list(zip(places, line, strict=False))[::thin]):
            drawn.append(_drawn([place(x, y) for x, y in piece], LINES[i % len(LINES)]))
    if len(lines) > 1:
        spans = (
            f'<tspan dx=8 style="fill:{LINES[i % len(LINES)]}">{escape(name)}</tspan>'
            for i, name in enumerate(lines)
        )
        names = "".join(spans)
        drawn.append(f'<text x="{WIDTH - RIGHT}" y="{TOP - 10}" text-anchor=end>{names}</text>')
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return Markup(f'<svg {size} role=img aria-label="{escape(title)}">{"".join(drawn)}</svg>')


def _pieces(points: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The runs of points that are finite."""
    found: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if math.isfinite(y):
            found[-1].append((x, y))
        elif found[-1]:
            found.append([])
    return [piece for piece in found if piece]


def _told_apart(low: float, high: float) -> tuple[str, str]:
    """Two numbers in three digits, or in as many as they need to differ."""
    pairs = ((f"{low:.{digits}g}", f"{high:.{digits}g}") for digits in range(3, 18))
    return next((a, b) for a, b in pairs if a != b or low == high)


def _frame(
    title: str, low: float, high: float, places: Sequence[float], across: str, powers: bool
) -> str:
    """The title, the axes and their ends."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    ends = [places[0], places[-1]] if places else [0, 1]
    left_end, right_end = (f"{10**x if powers else x:.3g}" for x in ends)
    axes = f"M{LEFT} {TOP}V{bottom}H{right}"
    bottom_end, top_end = _told_apart(low, high)
    texts = [
        (LEFT, TOP - 10, "start", title), (LEFT - 4, TOP + 8, "end", top_end),
        (LEFT - 4, bottom, "end", bottom_end), (LEFT, HEIGHT - 10, "start", left_end),
        (right, HEIGHT - 10, "end", right_end),
        ((LEFT + right) // 2, HEIGHT - 10, "middle", across),
    ]  # fmt: skip
    return f'<path d="{axes}" fill=none stroke=currentColor stroke-opacity=.4 />' + "".join(
        f'<text x="{x}" y="{y}" text-anchor={anchor}>{escape(text)}</text>'
        for x, y, anchor, text in texts
    )
