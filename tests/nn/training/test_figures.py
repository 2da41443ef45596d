"""Figures that notebooks show."""

import sys

import pytest

from nn.training.figures import new_figure


def test_a_figure_displays_itself():
    figure = new_figure("here", 3.0, 2.0)
    figure.subplots().plot([1, 2])
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"History\.plot: got no package matplotlib; run pip"):
        new_figure("History.plot", 3.0, 2.0)
