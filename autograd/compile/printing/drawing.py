"""A program as a picture: what it was when it was recorded, and what the passes made of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from autograd.compile.printing.listing import Listing, operation_of, shape_of
from autograd.compile.program import Program
from autograd.visualize.dot import FRAME, KINDS, TINTS, box_text, styled

LARGEST = 150  # operations; of a larger program, modules are drawn instead


def drawing_of(before: Program, after: Program) -> str:
    """DOT source of two programs, one beside the other: as recorded, and after the passes."""
    graph = styled("program", "TB")
    for mark, title, program in (("a", "as recorded", before), ("b", "after all passes", after)):
        count = len(program.instructions)
        draw = by_operation if count <= LARGEST else by_module
        with graph.subgraph(name=f"cluster_{mark}") as frame:
            frame.attr(label=f"{title}: {count} operations", fillcolor=TINTS[0], **FRAME)
            draw(program, mark, frame)
    return graph.source  # type: ignore[no-any-return]


def by_operation(program: Program, mark: str, frame: Any) -> None:
    """A box for each operation, and for each input that is read."""
    names = Listing(program).names
    used = {v for i in program.instructions for v in i.inputs()} | set(program.roots())
    number = {v: f"{mark}{n}" for n, v in enumerate(names) if v in used or v.kind != "input"}
    outputs = set(program.outputs)
    for v in program.inputs:
        if v in number:
            kind = "parameter" if "." in v.name else "input"
            frame.node(number[v], box_text([names[v], shape_of(v)]), **KINDS[kind])
    for i in program.instructions:
        kind = "result" if i.result in outputs else "computed"
        text, where = (
            box_text([operation_of(i), shape_of(i.result)]),
            box_text([i.module or i.line]),
        )
        frame.node(number[i.result], text, tooltip=where, **KINDS[kind])
        for v in dict.fromkeys(i.inputs()):
            if v in number:
                frame.edge(number[v], number[i.result])


def by_module(program: Program, mark: str, frame: Any) -> None:
    """A box for the operations of each module, with their number."""
    section = {i.result: i.module or "the step" for i in program.instructions}
    counts = Counter(section.values())
    number = {module: f"{mark}{n}" for n, module in enumerate(counts)}
    for module, count in counts.items():
        frame.node(number[module], box_text([module, f"{count} operations"]), **KINDS["module"])
    edges = {
        (section[v], section[i.result]): None
        for i in program.instructions
        for v in i.inputs()
        if v in section and section[v] != section[i.result]
    }
    for x, y in edges:
        frame.edge(number[x], number[y])
