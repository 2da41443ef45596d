"""Figures of layers and of learning rates."""

import numpy as np
import pytest

from nn.inspect.layers import Layer
from nn.inspect.plots import layers_figure, range_figure, saved


def test_a_figure_of_layers_without_numbers(tmp_path):
    import nn

    layer = Layer("0", nn.Tanh())
    layer.see(None, np.zeros(4), 1)
    figure = layers_figure([layer.report(np.nan)], tmp_path / "a" / "layers.png")
    assert (tmp_path / "a" / "layers.png").exists() and len(figure.axes) == 3


@pytest.mark.parametrize("best", [(1e-3, 1e-2), None], ids=["a range", "none"])
def test_a_figure_of_rates(best, tmp_path):
    figure = range_figure(
        [1e-4, 1e-3, 1e-2, 1e-1], [1.0, 0.9, 0.5, np.inf], best, tmp_path / "range.svg"
    )
    assert figure.axes[0].get_xscale() == "log" and (tmp_path / "range.svg").stat().st_size > 1000
    assert saved(figure, None) is figure
