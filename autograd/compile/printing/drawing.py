"""A program as a picture: what it was when it was recorded, and what the passes made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autograd.compile.printing.listing import Listing
from autograd.compile.program import Instruction, Program, Variable
from autograd.visualize.dot import FAINT, INK, KINDS

LARGEST = 150  # operations; of a larger program, modules are drawn instead
FONT = '"Helvetica,Arial,sans-serif"'


def drawing_of(before: Program, after: Program) -> str:
    """DOT source of two programs, one beside the other: as recorded, and after the passes."""
    lines = [
        "digraph program {",
        f"    graph [bgcolor=white, nodesep=0.2, ranksep=0.35, pad=0.15, fontname={FONT}]",
        f"    node [shape=box, fontname={FONT}, fontsize=11, fontcolor={quoted(INK)}, "
        'margin="0.12,0.05", height=0.2, width=0.3]',
        f'    edge [color="#7b8794", arrowsize=0.6, fontname={FONT}, fontsize=9]',
    ]
    for mark, title, program in (("a", "as recorded", before), ("b", "after all passes", after)):
        count = len(program.instructions)
        lines += [
            f"    subgraph cluster_{mark} {{",
            f"        label={quoted(f'{title}: {count} operations')}; color={quoted('#b9b3cf')}; "
            f"fontcolor={quoted(FAINT)}; style=rounded",
        ]
        draw = by_operation if count <= LARGEST else by_module
        lines += [f"        {line}" for line in draw(program, mark)]
        lines.append("    }")
    return "\n".join([*lines, "}"]) + "\n"


def by_operation(program: Program, mark: str) -> Iterator[str]:
    """A box for each operation, and for each input that is read."""
    names = Listing(program).names
    used = {v for i in program.instructions for v in i.inputs()} | set(program.roots())
    number = {v: f"{mark}{n}" for n, v in enumerate(names) if v in used or v.kind != "input"}
    outputs = set(program.outputs)
    for v in program.inputs:
        if v in number:
            kind = "parameter" if "." in v.name else "input"
            yield box(number[v], f"{names[v]}\n{shape_of(v)}", kind)
    for i in program.instructions:
        kind = "result" if i.result in outputs else "computed"
        yield box(number[i.result], f"{title_of(i)}\n{shape_of(i.result)}", kind)
        for v in dict.fromkeys(i.inputs()):
            if v in number:
                yield f"{number[v]} -> {number[i.result]}"


def by_module(program: Program, mark: str) -> Iterator[str]:
    """A box for the operations of each module, with their number."""
    section = {i.result: i.module or "the step" for i in program.instructions}
    counts = Counter(section.values())
    number = {module: f"{mark}{n}" for n, module in enumerate(counts)}
    for module, count in counts.items():
        yield box(number[module], f"{module}\n{count} operations", "module")
    edges = {
        (section[v], section[i.result]): None
        for i in program.instructions
        for v in i.inputs()
        if v in section and section[v] != section[i.result]
    }
    for x, y in edges:
        yield f"{number[x]} -> {number[y]}"


def title_of(i: Instruction) -> str:
    """The operation by the name that people know."""
    return i.operation.name.removeprefix("numpy.").removeprefix("ndarray.").removeprefix("kernel.")


def shape_of(v: Variable) -> str:
    """The shape in words."""
    return " × ".join(map(str, v.shape)) or "one number"


def box(name: str, text: str, kind: str) -> str:
    """A node."""
    facts = "".join(f", {key}={quoted(value)}" for key, value in KINDS[kind].items())
    return f"{name} [label={quoted(text)}{facts}]"


def quoted(text: str) -> str:
    """A string of DOT's."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inner}"'
