"""Pictures as PNG."""

import struct
import sys

import pytest

import autograd as ag
from autograd.visualize import render


def size_of(png):
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def test_a_png_is_twice_as_large_as_the_picture(tmp_path):
    pytest.importorskip("resvg_py")
    picture = ag.draw(ag.Tensor([1.0, 2.0], requires_grad=True, name="x ‖ᵀ") * 2.0)
    path = picture.save(tmp_path / "a.png")
    wide = float(picture.svg.split('width="')[1].split('"')[0])
    assert size_of(path.read_bytes())[0] == pytest.approx(2 * wide, abs=1)


def test_a_picture_of_too_many_pixels_is_coarser(monkeypatch):
    pytest.importorskip("resvg_py")
    svg = ag.draw(ag.Value(1.0) * 2.0).svg
    monkeypatch.setattr(render, "LARGEST", 2500)
    wide, high = size_of(render.png_of(svg))
    assert 1000 < wide * high <= 2700
    monkeypatch.setattr(render, "LONGEST", 40)
    assert max(size_of(render.png_of(svg))) == 40


def test_without_resvg(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ag.RenderError) as caught:
        ag.draw(ag.Value(1.0)).save(tmp_path / "a.png")
    assert str(caught.value) == (
        "draw: got format png; expected the package resvg-py, which makes it; run pip install "
        '"glassgrad[pictures]", or save .svg or .pdf, which need nothing'
    )
