"""The picture of a call that failed: the graph as far as it came, and the call in red."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from types import FrameType
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.errors import RenderError, message
from autograd.visualize import labels
from autograd.visualize.drawn import Drawn, Options
from autograd.visualize.scene import PLAIN, TITLE, Box, Edge, Frame, Scene
from autograd.visualize.staging import scene_of
from autograd.visualize.svg import svg_of

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 12px 16px; font: 15px/1.45 system-ui, Helvetica, Arial, sans-serif; }}
h1 {{ font-size: 19px; }}
svg {{ max-width: 100%; height: auto; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
{svg}
</body>
</html>
"""
LINE = 46  # letters of a line of the message


def failed_scene(error: BaseException, options: Options) -> Scene:
    """The scene of a call that raised an error, found by the error's traceback.

    Raises:
        RenderError: no function that it left was given a node or an array.
    """
    frames = list(_frames(error))
    given = next(filter(None, map(_given, reversed(frames))), None)
    if given is None:
        got = (
            "an error that no call on nodes raised" if frames else "an error without its traceback"
        )
        raise RenderError(message("draw", got, "one that is drawn where it is caught"))
    nodes = [x for x in given.values() if isinstance(x, Node)]
    inside = [x for frame in _inside_modules(frames) for x in _nodes(frame)]
    roots = list(dict.fromkeys([*nodes, *inside]))
    scene = Scene(Frame("root", ""), direction=options.direction)
    named: dict[Node, Box] = {}
    if roots:
        drawn = Drawn(roots, options)
        scene = scene_of(drawn)
        boxes = {box.name: box for box in scene.root.boxes()}
        for shown in boxes.values():  # there is no result
            shown.kind = "computed" if shown.kind == "result" else shown.kind
        named = {node: boxes[name] for node, name in drawn.ids.items() if name in boxes}
    failed = _box(str(error))
    scene.root.children.append(failed)
    for name, x in given.items():
        box = named.get(x) if isinstance(x, Node) else None
        if box is None:
            text = labels.shape(x._data if isinstance(x, Node) else x)
            box = Box(f"failed_{name}", "constant", [(text, PLAIN)], "data")
            scene.root.children.insert(-1, box)
        scene.edges.append(Edge(box, failed, labels.shortened(name)))
    return scene


def failed_page(error: BaseException, scene: Scene, title: str) -> str:
    """A page that shows the picture and the message; no pass came about that it could play."""
    svg = svg_of(scene)
    text, heading = labels.in_xml(str(error)), labels.in_xml(title)
    return PAGE.format(title=heading, text=text, svg=svg[svg.index("<svg") :])


def _box(text: str) -> Box:
    """The call: who raised the error, and what it says."""
    title, _, rest = text.partition(": got ")
    if not rest:
        title, rest = "failed", text
    else:
        rest = f"got {rest}"
    lines = [(labels.shortened(title, LINE), TITLE)]
    lines += [(line, PLAIN) for line in textwrap.wrap(labels.clean(rest), LINE)]
    return Box("failed", "failed", lines, labels.clean(text))


def _frames(error: BaseException) -> Iterator[FrameType]:
    """The calls that an error left, from the outermost."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _given(frame: FrameType) -> dict[str, Any]:
    """The nodes and arrays that a call was given, by the names of its arguments."""
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4)
    found: dict[str, Any] = {}
    for name in code.co_varnames[:count]:
        value = frame.f_locals.get(name)
        several = value if isinstance(value, (tuple, list)) else (value,)
        for i, x in enumerate(several):
            if _is_made(x) or (isinstance(x, np.ndarray) and x.dtype.kind in "fiubc"):
                found[name if several is not value else f"{name}[{i}]"] = x
    return found if any(isinstance(x, Node) for x in found.values()) else {}


def _is_made(x: Any) -> bool:
    """Whether it is a node, and not one whose making failed: Tensor(["a"]) leaves such a `self`."""
    return isinstance(x, Node) and hasattr(x, "op")


def _inside_modules(frames: list[FrameType]) -> list[FrameType]:
    """The calls of `forward` that were left: what they had computed is drawn."""
    return [frame for frame in frames if frame.f_code.co_name == "forward"]


def _nodes(frame: FrameType) -> Iterator[Node]:
    for value in frame.f_locals.values():
        if _is_made(value) and value.op is not None:
            yield value
