"""Programs as pictures, in the style of all our drawings."""

import numpy as np
import pytest

from autograd.compile.printing import drawing
from autograd.compile.printing.drawing import drawing_of
from autograd.visualize.dot import KINDS
from autograd.visualize.render import svg_of
from tests.autograd.compile.building import Build
from tests.cases import texts


def test_before_and_after():
    b = Build()
    w, x = b.input(np.ones((2, 3)), "0.weight"), b.input(np.ones((4, 3)), "x")
    before = b.program(b("sum", b(np.matmul, x, b("T", w))))
    dot = drawing_of(before, b.program(x))
    assert "as recorded: 3 operations" in dot and "after all passes" in dot
    assert "0.weight\\n2 × 3" in dot and "transpose\\n3 × 2" in dot and "sum\\none number" in dot
    assert KINDS["parameter"]["fillcolor"] in dot and KINDS["result"]["fillcolor"] in dot
    assert dot == drawing_of(before, b.program(x))


@pytest.mark.parametrize("largest", [drawing.LARGEST, 0], ids=["operations", "modules"])
def test_names_with_control_characters_are_text(largest, monkeypatch):
    monkeypatch.setattr(drawing, "LARGEST", largest)
    b = Build()
    name = 'a\x00\x1b[31m\ud800\uffff\\"<z>'
    program = b.program(b("sum", b.input(np.ones(3), name)))
    program.instructions[0].module = name
    dot = drawing_of(program, program)
    assert all(c.isprintable() or c in "\n\t" for c in dot)
    assert any(t.startswith("a") and t.endswith('\\"<z>') for t in texts(svg_of(dot)))
