"""Pictures of calls that failed."""

import copy

import numpy as np
import pytest

import autograd as ag
import nn
from tests.cases import texts


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 4), nn.Linear(5, 2)

    def forward(self, x):
        h = ag.tanh(self.a(x))
        return self.b(h)


def failing(call):
    with pytest.raises(ag.ShapeError) as caught:
        call()
    return caught.value


def test_the_graph_as_far_as_it_came():
    x = ag.Tensor(np.ones((2, 3)), requires_grad=True, name="x")
    error = failing(lambda: Net()(x))
    assert "b: Linear" in str(error)
    seen = texts(error.draw().svg)
    assert {"x", "a.weight", "a: Linear", "tanh", "b: Linear", "failed"} <= set(seen)
    assert "got an input of shape (2, 4); expected" in seen
    dot = error.draw(direction="TB").dot
    assert "-> failed" in dot and "rankdir=TB" in dot
    assert "result" not in seen, "there is none"


def test_an_operation_outside_of_modules():
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    seen = texts(failing(lambda: ag.exp(x) @ np.ones(3)).draw().svg)
    assert {"x", "exp", "matmul", "(3,)"} <= set(seen)


def test_a_layer_that_is_given_plain_arrays():
    error = failing(lambda: nn.Linear(3, 4)(np.ones((2, 5))))
    seen = texts(error.draw().svg)
    assert {"weight", "(4, 3)", "(2, 5)", "linear"} <= set(seen)


def test_what_was_computed_before_in_the_same_forward_is_drawn():
    class Two(nn.Module):
        def forward(self, x):
            first = ag.sin(x)
            second = ag.cos(x)
            return first @ second

    x = ag.Tensor(np.ones((2, 3)), requires_grad=True, name="x")
    assert {"sin", "cos"} <= set(texts(failing(lambda: Two()(x)).draw().svg))


def test_what_cannot_be_drawn():
    with pytest.raises(ag.RenderError, match="draw: got an error without its traceback; expected"):
        ag.ShapeError("a text").draw()
    error = failing(lambda: ag.Tensor([1.0]).reshape((2, 2)))
    error.draw()
    with pytest.raises(ag.RenderError, match="without its traceback"):
        copy.copy(error).with_traceback(None).draw()
    with pytest.raises(ag.DTypeError, match="direction='up'"):
        error.draw(direction="up")


def test_a_node_whose_making_failed_is_no_node():
    for call in (lambda: ag.Tensor(["a"]), lambda: ag.Value("a")):
        with pytest.raises(ag.DTypeError) as caught:
            call()
        with pytest.raises(ag.RenderError, match="draw: got an error that no call on nodes raised"):
            caught.value.draw()


def test_a_page_shows_the_picture_and_the_message(tmp_path):
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="<script>")
    error = failing(lambda: ag.exp(x) @ np.ones(3))
    picture = error.draw()
    text = picture.save(tmp_path / "e.html").read_text(encoding="utf-8")
    svg = picture.svg[picture.svg.index("<svg") :]
    assert svg in text and str(error) in text and "<script" not in text
    assert picture.html("a & b").count("a &amp; b") == 2


def test_messages_of_hostile_texts_are_text():
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="<script>")

    def call(x):
        raise ag.ShapeError("a: got <b>&\x00\n]]>; expected none")

    seen = texts(failing(lambda: call(x)).draw().svg)
    assert any("<b>&" in t for t in seen) and "<script>" in seen
