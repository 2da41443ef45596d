"""A program as a picture: what it was when it was recorded, and what the passes made of it."""

from __future__ import annotations

from collections import Counter

from autograd.compile.printing.listing import Listing, operation_of, shape_of
from autograd.compile.program import Program
from autograd.visualize.labels import clean
from autograd.visualize.scene import PLAIN, TITLE, Box, Edge, Frame, Scene

LARGEST = 150  # operations; of a larger program, modules are drawn instead


def scene_of(before: Program, after: Program) -> Scene:
    """Two programs, one beside the other: as recorded, and after the passes."""
    scene = Scene(Frame("root", ""), direction="TB")
    for mark, title, program in (("a", "as recorded", before), ("b", "after all passes", after)):
        count = len(program.instructions)
        draw = by_operation if count <= LARGEST else by_module
        frame = Frame(f"cluster_{mark}", f"{title}: {count} operations")
        scene.root.children.append(frame)
        draw(program, mark, frame, scene)
    return scene


def by_operation(program: Program, mark: str, frame: Frame, scene: Scene) -> None:
    """A box for each operation, and for each input that is read."""
    names = Listing(program).names
    used = {v for i in program.instructions for v in i.inputs()} | set(program.roots())
    number = {v: f"{mark}{n}" for n, v in enumerate(names) if v in used or v.kind != "input"}
    outputs = set(program.outputs)
    boxes = {}
    for v in program.inputs:
        if v in number:
            kind = "parameter" if "." in v.name else "input"
            boxes[v] = _box(number[v], kind, names[v], shape_of(v), "")
    for i in program.instructions:
        kind = "result" if i.result in outputs else "computed"
        text = operation_of(i), shape_of(i.result)
        boxes[i.result] = box = _box(number[i.result], kind, *text, i.module or i.line)
        for v in dict.fromkeys(i.inputs()):
            if v in boxes:
                scene.edges.append(Edge(boxes[v], box))
    frame.children += boxes.values()


def by_module(program: Program, mark: str, frame: Frame, scene: Scene) -> None:
    """A box for the operations of each module, with their number."""
    section = {i.result: i.module or "the step" for i in program.instructions}
    counts = Counter(section.values())
    boxes = {
        module: _box(f"{mark}{n}", "module", module, f"{count} operations", "")
        for n, (module, count) in enumerate(counts.items())
    }
    frame.children += boxes.values()
    edges = {
        (section[v], section[i.result]): None
        for i in program.instructions
        for v in i.inputs()
        if v in section and section[v] != section[i.result]
    }
    scene.edges += [Edge(boxes[x], boxes[y]) for x, y in edges]


def _box(name: str, kind: str, title: str, text: str, tooltip: str) -> Box:
    lines = [(clean(title), TITLE), *([(clean(text), PLAIN)] if text else [])]
    return Box(name, kind, lines, tooltip)
