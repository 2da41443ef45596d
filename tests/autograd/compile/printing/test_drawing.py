"""Programs as pictures, in the style of all our drawings."""

import numpy as np
import pytest

from autograd.compile.printing import drawing
from autograd.compile.printing.drawing import scene_of
from autograd.visualize.dot import dot_of
from autograd.visualize.svg import svg_of
from tests.autograd.compile.building import Build
from tests.cases import texts


def test_before_and_after():
    b = Build()
    w, x = b.input(np.ones((2, 3)), "0.weight"), b.input(np.ones((4, 3)), "x")
    before = b.program(b("sum", b(np.matmul, x, b("T", w))))
    scene = scene_of(before, b.program(x))
    dot = dot_of(scene)
    assert "as recorded: 3 operations" in dot and "after all passes" in dot
    assert "0.weight\\n2 × 3" in dot and "transpose\\n3 × 2" in dot and "sum\\none number" in dot
    kinds = [box.kind for box in scene.root.boxes()]
    assert kinds[:5] == ["parameter", "input", "computed", "computed", "result"]
    assert dot == dot_of(scene_of(before, b.program(x)))


@pytest.mark.parametrize("largest", [drawing.LARGEST, 0], ids=["operations", "modules"])
def test_names_with_control_characters_are_text(largest, monkeypatch):
    monkeypatch.setattr(drawing, "LARGEST", largest)
    b = Build()
    name = 'a\x00\x1b[31m\ud800\uffff\\"<z>'
    program = b.program(b("sum", b.input(np.ones(3), name)))
    program.instructions[0].module = name
    scene = scene_of(program, program)
    assert all(c.isprintable() or c in "\n\t" for c in dot_of(scene))
    assert any(t.startswith("a") and t.endswith('\\"<z>') for t in texts(svg_of(scene)))
