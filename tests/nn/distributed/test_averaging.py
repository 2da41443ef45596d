"""What takes means, with a rank that has other parameters; the rest is in test_optimizer.py."""

import numpy as np
import pytest

import nn
from nn.distributed.averaging import Averaging
from nn.distributed.single import World


class Other(World):
    """Two ranks, of which the other one has other lines."""

    size = 2

    def __init__(self, lines):
        self.lines = lines

    def gathered(self, x):
        return [x, "another digest" if isinstance(x, str) else self.lines]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            ["parameter 0 (b) of shape (1,) and dtype float64"],
            r"parameter 0 \(a\) of shape \(2,\) and dtype float64 on rank 0 and parameter 0 \(b\)",
        ),
        (
            [
                "parameter 0 (a) of shape (2,) and dtype float64",
                "parameter 1 (c) of shape (1,) and dtype float64",
            ],
            r"a bucket size of 9 on rank 0 and parameter 1 \(c\) of shape .* on rank 1; expected",
        ),
    ],
)
def test_other_parameters_on_another_rank_are_refused(lines, text):
    p = nn.Parameter(np.ones(2))
    p.name = "a"
    with pytest.raises(ValueError, match=text):
        Averaging([p], Other(lines), 9)
    assert not p.note.hooks
