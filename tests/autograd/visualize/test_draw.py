"""Drawings: the same bytes each time, and nothing left out silently.

After an intended change, run REGENERATE_GOLDEN=1 pytest tests/autograd/visualize/test_draw.py, and look at the pictures.
"""

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import graphviz
import numpy as np
import pytest

import autograd as ag
import nn
from autograd.visualize import dot, render, svg
from tests.cases import texts

GOLDEN = Path(__file__).parents[2] / "golden"


def expression():
    a, b, c = ag.Value(2.0, name="a"), ag.Value(-3.0, name="b"), ag.Value(10.0, name="c")
    y = ((a * b + c) / 4.0).tanh()
    y.name = "y"
    y.backward()
    return y


def layer():
    w = ag.Tensor(np.arange(6.0).reshape(2, 3) / 10.0, requires_grad=True, name="weight")
    x = ag.Tensor(np.ones((4, 3), np.float64), name="batch")
    loss = ag.relu(x @ w.T).mean()
    loss.backward()
    return loss


def linear():
    ag.random.seed(0)
    x = ag.Tensor(np.ones((4, 3)), name="batch")
    return nn.Linear(3, 2)(x).sum()


@pytest.mark.parametrize("make", [expression, layer, linear])
def test_golden(make):
    picture = ag.draw(make())
    for suffix, text in ((".dot", picture.dot), (".svg", picture.svg)):
        path = GOLDEN / f"{make.__name__}{suffix}"
        if os.environ.get("REGENERATE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path.name} differs"


def test_another_process_and_another_history_give_the_same_bytes():
    program = "import autograd as ag; [ag.Value(1.0) for _ in range(%d)]; x = ag.Value(2.0, name='x'); print(ag.draw(x * x + 1.0).dot)"
    outputs = {
        subprocess.run([sys.executable, "-c", program % n], capture_output=True, check=True).stdout
        for n in (0, 37)
    }
    assert len(outputs) == 1


def test_a_box_shows_its_operation_value_and_gradient():
    seen = texts(ag.draw(expression()).svg)
    for text in ("a", "×", "÷", "tanh", "y", "value 2", "value −6", "grad 1", "4"):
        assert text in seen


def test_the_legend_names_the_kinds_that_are_drawn():
    seen = texts(ag.draw(expression()).svg)
    for text in ("input", "constant", "result"):
        assert text in seen


def test_gradients_can_be_left_out():
    assert not any(t.startswith("grad") for t in texts(ag.draw(expression(), grads=False).svg))


def test_values_can_be_left_out():
    assert not any(t.startswith("value") for t in texts(ag.draw(expression(), values=False).svg))


def test_a_box_of_an_array_shows_shape_dtype_and_norm():
    seen = texts(ag.draw(layer()).svg)
    for text in ("weight", "(2, 3)", "x Wᵀ", "batch", "0.5"):
        assert text in seen
    assert any(t.startswith("‖grad‖ ") for t in seen)


def test_a_large_graph_is_cut_and_says_so():
    x = ag.Value(1.0, name="first")
    for _ in range(1000):
        x = x * 1.01
    picture = ag.draw(x, max_nodes=5, fold=False)
    assert "showing 5 of 1,001 nodes" in picture.dot
    assert "showing 5 of 1,001 nodes; draw(..., max_nodes=1001) shows all" in texts(picture.svg)
    assert "…" in texts(picture.svg) and "first" not in picture.dot
    whole = ag.draw(x, max_nodes=1001, fold=False)
    assert "showing" not in whole.dot and "first" in whole.dot


def test_several_results_and_directions():
    x = ag.Value(1.0)
    dot = ag.draw([x.exp(), x.sin()], direction="TB").dot
    assert dot.count("penwidth=2.4") == 2 and "rankdir=TB" in dot
    assert "exp" in dot and "sin" in dot


def test_saving(tmp_path):
    picture = ag.draw(ag.Value(1.0) * 2.0)
    assert picture.save(tmp_path / "new" / "a.svg").read_text(encoding="utf-8") == picture.svg
    assert picture.save(tmp_path / "a.dot").read_text(encoding="utf-8") == picture.dot
    assert picture._repr_svg_() == picture.svg
    assert picture.save(tmp_path / "g.SVG").read_text(encoding="utf-8") == picture.svg
    assert picture.save(tmp_path / "g.Dot").read_text(encoding="utf-8") == picture.dot
    with pytest.raises(ag.RenderError, match=r"got suffix '\.jpg'"):
        picture.save(tmp_path / "a.jpg")
    assert picture.save(tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-1.4")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ag.draw(3.0),
            "^draw: got a float; expected a Value, a Tensor, or a list of them; compute the result",
        ),
        (lambda: ag.draw(np.ones(3)), "^draw: got an ndarray"),
        (lambda: ag.draw(None), "^draw: got None"),
        (lambda: ag.draw("x"), "^draw: got a str"),
        (
            lambda: ag.draw(nn.Linear(2, 2)),
            r"^draw: got a Linear; expected the result of a computation; a Linear has no graph until "
            r"it is called; draw\(model\(x\)\) shows it$",
        ),
        (lambda: ag.draw([3.0]), "draw: got a float"),
        (lambda: ag.draw([]), "an empty list"),
        (lambda: ag.draw(()), "an empty tuple"),
        (lambda: ag.draw(ag.Value(1.0), direction="up"), "direction='up'"),
        (lambda: ag.draw(ag.Value(1.0), max_nodes=0), "max_nodes=0"),
    ],
)
def test_messages(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    ("options", "text"),
    [({"max_nodes": value}, "an int of 1 or more") for value in (0, -1, "a", 2.5, None, True)]
    + [({"depth": value}, "None, or an int of 0 or more") for value in (-1, "a", 2.5, True)]
    + [({"direction": value}, '"LR", "RL", "TB" or "BT"') for value in ("lr", 3, None)],
    ids=repr,
)
def test_options_of_every_wrong_kind(options, text):
    [(name, value)] = options.items()
    with pytest.raises(ag.DTypeError, match=f"draw: got {name}={value!r}; expected {text}"):
        ag.draw(ag.Value(1.0) * 2.0, **options)


def test_paths_and_titles_of_another_kind(tmp_path):
    picture = ag.draw(ag.Value(1.0) * 2.0)
    for path in (3, None, b"a.svg"):
        with pytest.raises(ag.DTypeError, match=r"save: got .*; expected a path, such as"):
            picture.save(path)
    with pytest.raises(
        ag.RenderError, match=r"save: got '.*/g', without a suffix; expected one of \.html"
    ):
        picture.save(tmp_path / "g")
    with pytest.raises(ag.DTypeError, match="html: got title=3; expected a text"):
        picture.html(3)
    with pytest.raises(
        ag.DTypeError, match=r"draw: got the class Linear; .*a Linear has no graph until"
    ):
        ag.draw(nn.Linear)


@pytest.mark.parametrize("suffix", [".svg", ".html", ".png", ".dot"])
def test_a_save_that_fails_leaves_no_file(tmp_path, monkeypatch, suffix):
    """Neither an empty file nor a new folder; an old file stays as it was."""
    picture, path = ag.draw(ag.Value(1.0) * 2.0), tmp_path / "folder" / f"a{suffix}"

    def fails(*args):
        raise ag.RenderError("no program")

    for module, name in ((svg, "svg_of"), (render, "png_of"), (dot, "dot_of")):
        monkeypatch.setattr(module, name, fails)
    with pytest.raises(ag.RenderError):
        picture.save(path)
    assert not list(tmp_path.iterdir())
    path.parent.mkdir()
    path.write_text("old")
    with pytest.raises(ag.RenderError):
        picture.save(path)
    assert path.read_text() == "old" and len(list(path.parent.iterdir())) == 1


def test_graphviz_gets_the_same_graph():
    x = ag.Value(2.0, name="x")
    drawing = ag.draw(x * x + 1.0)
    source = drawing.graphviz()
    assert isinstance(source, graphviz.Source)
    assert source.source == drawing.dot
    assert "digraph" in drawing.dot


def test_a_drawing_is_copied_but_not_pickled():
    x = ag.Value(2.0)
    drawing = ag.draw(x * x)
    assert copy.copy(drawing) is copy.deepcopy(drawing) is drawing
    with pytest.raises(
        ag.DTypeError, match=r"pickle: got a Drawing; .*drawing\.save\('graph.svg'\)"
    ):
        pickle.dumps(drawing)


@pytest.mark.parametrize("path", ["", Path("")])
def test_an_empty_path_is_called_so(path):
    with pytest.raises(ag.RenderError, match="save: got an empty path; expected one such as"):
        ag.draw(ag.Value(2.0)).save(path)
