"""Names and numbers in text and in LaTeX."""

import math

import pytest

from autograd.derivation.notation import FORMS, Style, letters_of, without_d

TEXT, LATEX = Style(True, {"dW1", "dx_hat"}), Style(False, {"dW1", "dx_hat"})

NAMES = {
    "W1": ("W1", "W_{1}"),
    "dW1": ("dW1", r"\mathrm{d}W_{1}"),
    "gamma": ("γ", r"\gamma"),
    "gamma2": ("γ2", r"\gamma_{2}"),
    "x_hat": ("x\u0302", r"\hat{x}"),
    "dx_hat": ("dx\u0302", r"\mathrm{d}\hat{x}"),
    "loss": ("loss", r"\mathrm{loss}"),
    "W_ih": ("W_ih", r"W_{\mathrm{ih}}"),
    "Wq": ("Wq", "W_{q}"),
    "depth": ("depth", r"\mathrm{depth}"),  # no gradient of "epth"
}

NUMBERS = [
    (2.0, "2", "2"), (-3.0, "−3", "-3"), (0.5, "0.5", "0.5"), (1 / 3, "1/3", r"\frac{1}{3}"),
    (math.sqrt(3), "√3", r"\sqrt{3}"), (-math.sqrt(0.5), "−1/√2", r"-\frac{1}{\sqrt{2}}"),
    (1e-5, "1e-5", r"1\cdot 10^{-5}"), (2 / math.sqrt(math.pi), "2/√π", r"\frac{2}{\sqrt{\pi}}"),
    (math.inf, "∞", r"\infty"), (-math.inf, "−∞", r"-\infty"), (math.nan, "nan", "nan"),
    (0.123456789, "0.123457", "0.123457"), (1e300, "1e300", r"1\cdot 10^{300}"),
]  # fmt: skip


@pytest.mark.parametrize("word", NAMES)
def test_names(word):
    assert (TEXT.name(word), LATEX.name(word)) == NAMES[word]


@pytest.mark.parametrize("n", range(len(NUMBERS)))
def test_numbers(n):
    x, text, latex = NUMBERS[n]
    assert (TEXT.number(x), LATEX.number(x)) == (text, latex)


def test_every_form_is_there_in_both():
    for form, (text, latex) in FORMS.items():
        count = max(text.count("{0}") + text.count("{1}") + text.count("{2}"), 0)
        parts = ["a", "b", "c"]
        assert text.format(*parts) and latex.format(*parts), form
        assert (count == 0) == ("{0}" not in latex), form


def test_letters_of_axes():
    assert letters_of((0,), 1) == "n" and letters_of((1,), 2) == "j"
    assert letters_of((0, 2, 3), 4) == "nij" and letters_of((0,), 9) == ""


def test_without_d():
    assert without_d("dW1") == "W1" and without_d("d_h") == "h"
