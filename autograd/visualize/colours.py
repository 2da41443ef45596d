"""Colours of pictures, in the light and in the dark.

Kinds of boxes differ in border as well as in colour, and the colours suit colour-blind eyes. The
light ones are attributes, which every viewer reads; the dark ones are a style sheet.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.visualize.scene import FAINT, GRADIENT, PLAIN, TITLE


class Look(NamedTuple):
    """How a box or a frame is drawn: colours, the thickness of the border, dashes, corners."""

    fill: str
    stroke: str
    dark_fill: str
    dark_stroke: str
    thick: float = 1.0
    dashes: str = ""
    round: float = 7.0


BOXES = {
    "input": Look("#dcecf9", "#0067a5", "#10314a", "#62b0ec"),
    "parameter": Look("#fdeccb", "#9a6200", "#3d2d0c", "#e3aa43", 1.6, round=0.0),
    "constant": Look("none", "#8a949e", "none", "#8794a0", dashes="3.5 2.5"),
    "rest": Look("none", "#8a949e", "none", "#8794a0", dashes="1.5 2.5"),
    "computed": Look("#ffffff", "#52606d", "#1d252d", "#93a1ae"),
    "result": Look("#eef1f4", "#1f2933", "#2c3742", "#eef2f6", 2.4),
    "part": Look("#e4f2ea", "#2f6f4f", "#16352a", "#71c79d", 1.2),
    "module": Look("#ece8f6", "#5b4b8a", "#2b2443", "#b0a1e6", 1.4),
    "failed": Look("#fdeaea", "#b3261e", "#431a1a", "#ff8a80", 2.4),
}
FRAMES = {
    "module": Look("#f8f7fc", "#b9b3cf", "#1a1a26", "#55507a", 1.0),
    "inner": Look("#f0eef8", "#b9b3cf", "#20202f", "#55507a", 1.0),  # every second one, inside
    "part": Look("#f3f9f5", "#9cc3ae", "#15221d", "#3f6a55", 1.0),
    "loop": Look("#fffdf5", "#b08900", "#211f15", "#b99b3c", 1.2, dashes="5 3", round=10.0),
}
TITLES = {  # of frames
    "module": ("#5b4b8a", "#b0a1e6"), "inner": ("#5b4b8a", "#b0a1e6"),
    "part": ("#2f6f4f", "#71c79d"), "loop": ("#7a5f00", "#dcbb57"),
}  # fmt: skip
TEXTS = {
    TITLE: ("#1f2933", "#eef2f6"), PLAIN: ("#1f2933", "#dde4ea"), FAINT: ("#5b6770", "#9fadb9"),
    GRADIENT: ("#a23b00", "#ffa26b"),
}  # fmt: skip
LINE = ("#7b8794", "#8d9aa6")
PAPER = ("#ffffff", "#12171c")
PLUS, MINUS = ("#1f6fb4", "#58a9ea"), ("#c2570c", "#f0924a")  # entries of matrices


def style() -> str:
    """The style sheet: dark colours where the reader prefers them, and prints that fit a page."""
    rules = [f".glass .paper{{fill:{PAPER[1]}}}"]
    for group, looks in (("node", BOXES), ("mark", BOXES), ("frame", FRAMES)):
        for kind, look in looks.items():
            rule = f"fill:{look.dark_fill};stroke:{look.dark_stroke}"
            rules.append(f".glass .{group}.{kind}>.border{{{rule}}}")
    rules += [f".glass .frame.{kind}>text{{fill:{dark}}}" for kind, (_, dark) in TITLES.items()]
    rules += [f".glass text.{look}{{fill:{dark}}}" for look, (_, dark) in TEXTS.items()]
    rules += [
        f".glass .edge path{{stroke:{LINE[1]}}}",
        f".glass .edge polygon{{fill:{LINE[1]};stroke:{LINE[1]}}}",
        f".glass .plus{{fill:{PLUS[1]}}}",
        f".glass .minus{{fill:{MINUS[1]}}}",
        f".glass .outline{{stroke:{LINE[1]}}}",
        f".glass .outline.gradient{{stroke:{TEXTS[GRADIENT][1]}}}",
    ]
    dark = "".join(rules)
    return (
        f"@media screen and (prefers-color-scheme:dark){{{dark}}}"
        "@media print{svg.glass{max-width:100%;max-height:95vh}}"
    )
