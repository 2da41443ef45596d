"""What is written in boxes."""

import numpy as np

import autograd as ag
import nn
from autograd.visualize.drawn import Drawn, Options
from autograd.visualize.scene import FAINT, GRADIENT, PLAIN, TITLE
from autograd.visualize.staging import scene_of


def boxes(y, **options):
    roots = y if isinstance(y, list) else [y]
    return list(scene_of(Drawn(roots, Options(**options))).root.boxes())


def titled(y, title, **options):
    return next(b for b in boxes(y, **options) if b.lines and b.lines[0][0] == title)


def test_a_number():
    x = ag.Value(-2.0, name="x")
    y = x * x
    y.backward()
    box = titled(y, "×")
    assert box.lines == [("×", TITLE), ("value 4", PLAIN), ("grad 1", GRADIENT)]
    assert box.kind == "result" and titled(y, "x").lines[1:] == [
        ("value −2", PLAIN),
        ("grad −4", GRADIENT),
    ]
    assert titled(y, "×", values=False, grads=False).lines == [("×", TITLE)]


def test_a_matrix_with_its_gradient_beside_it():
    w = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="w")
    y = (w * 2.0).sum(axis=0)
    y.sum().backward()
    box = titled(y, "w")
    assert [g.rows for g in box.grids] == [[["1", "2"], ["3", "4"]], [["2", "2"], ["2", "2"]]]
    assert [g.look for g in box.grids] == [PLAIN, GRADIENT]
    assert titled(y, "sum").lines[1:] == [("axis 0", FAINT), ("(2,)", PLAIN)]
    assert titled(y, "w", values=False).grids == []
    assert len(titled(y, "w", grads=False).grids) == 1


def test_noise_is_left_out():
    x = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    seen = [text for b in boxes(x.sum(axis=1, keepdims=False).sum()) for text, _ in b.lines]
    assert not any("keepdims" in text or "axis=(" in text for text in seen)


def test_a_module_and_a_part():
    x = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    y = nn.Linear(3, 4)(x)
    y.sum().backward()
    box = titled(y, "Linear", depth=0)
    assert [text for text, _ in box.lines[:3]] == ["Linear", "(2, 4)", "16 parameters"]
    assert box.lines[3][0].startswith("‖grad‖ ") and box.kind == "module"
    assert "2 operations" in box.tooltip
    with ag.part("energy"):
        z = (x * x).sum()
    z.name = "E"
    box = titled(z * 1.0, "energy")
    assert box.lines[1:] == [("E", PLAIN), ("value 6", PLAIN)] and box.kind == "part"
    assert box.tooltip == "energy: × sum"


def test_large_drawings_have_no_thumbnails():
    x = ag.Tensor(np.ones(9), requires_grad=True)
    y = x
    for i in range(200):
        y = ag.sin(y) if i % 2 else ag.cos(y)
    assert all(not b.grids for b in boxes(y, fold=False))
    assert any(b.grids for b in boxes(y))


def test_a_parameter_that_has_moved_since_shows_what_was_used():
    w = ag.Tensor([2.0], requires_grad=True, name="w")
    y = (w * w).sum()
    assert "changed since" not in ag.draw(y).dot
    w.data = np.array([1.0])
    text = ag.draw(y).svg
    assert "changed since" in text and ">1<" not in text
