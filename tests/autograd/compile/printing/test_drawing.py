"""Programs as pictures, in the style of all our drawings."""

import numpy as np

from autograd.compile.printing.drawing import drawing_of
from autograd.visualize.dot import KINDS
from tests.autograd.compile.building import Build


def test_before_and_after():
    b = Build()
    w, x = b.input(np.ones((2, 3)), "0.weight"), b.input(np.ones((4, 3)), "x")
    before = b.program(b("sum", b(np.matmul, x, b("T", w))))
    dot = drawing_of(before, b.program(x))
    assert "as recorded: 3 operations" in dot and "after all passes" in dot
    assert "0.weight\\n2 × 3" in dot and "transpose\\n3 × 2" in dot and "sum\\none number" in dot
    assert KINDS["parameter"]["fillcolor"] in dot and KINDS["result"]["fillcolor"] in dot
    assert dot == drawing_of(before, b.program(x))
