"""Ranges of options: what each kind accepts and refuses."""

import numpy as np
import pytest

from nn.optim.options import BETAS, NON_NEGATIVE, SHARE, Choice, Count, Each, Number


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (Number(), -1e9),
        (Number(0.0), np.float32(0.0)),
        (Number(0.0), np.array(0.5)),
        (Number(0.0, 1.0), 1),
        (Number(0.0, below=1.0), 0.999),
        (Count(1), np.int64(1)),
        (Count(), 0),
        (NON_NEGATIVE, 0.0),
        (NON_NEGATIVE, 0.05),
        (SHARE, 0.0),
        (SHARE, 0.05),
        (SHARE, 1.0),
        (BETAS, (0.0, 0.05)),
        (BETAS, [0.9, 0.99]),
        (BETAS, np.array([0.9, 0.99])),
        (Choice(("a", "b")), "b"),
        (Choice(("a", "b")), None),
    ],
)
def test_values_within_the_range_pass(option, value):
    option.check("Adam", "x", value)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        (Number(), float("inf"), "Adam: .*x=inf"),
        (Number(0.0), -1.0, r"Adam: .*x=-1\.0"),
        (Number(0.0, 1.0), 1.5, r"Adam: .*x=1\.5"),
        (Number(0.0, below=1.0), 1.0, r"got x=1\.0; expected a number from 0 up to but not including 1"),
        (Count(1), 0, "Adam: .*x=0"),
        (Count(1), 1.5, r"Adam: .*x=1\.5"),
        (Each(Number(0.0), 2), (0.0, -1.0), r"Adam: .*x\[1\]=-1\.0"),
        (Each(Number(0.0), 2), (0.0,), r"got x=\(0\.0,\); expected 2 numbers"),
        (Each(Number(0.0), 2), 0.9, "got a float as x; expected 2 numbers"),
        (Choice(("a", "b")), "c", "Adam: .*x='c'"),
        (NON_NEGATIVE, -1e-9, "Adam: .*x=-1e-09"),
        (SHARE, 1.05, r"Adam: .*x=1\.05"),
        (SHARE, -0.05, r"Adam: .*x=-0\.05"),
        (BETAS, (0.9, 1.0), r"got x\[1\]=1\.0; expected a number from 0 up to but not including 1"),
        (BETAS, (1.05, 0.9), r"got x\[0\]=1\.05; expected a number from 0 up to but not incl"),
        (BETAS, (-0.05, 0.9), r"Adam: .*x\[0\]=-0\.05"),
        (BETAS, (0.9, 0.9, 0.9), "expected 2 numbers"),
    ],
)  # fmt: skip
def test_values_outside_the_range_are_refused(option, value, message):
    with pytest.raises(ValueError, match=message):
        option.check("Adam", "x", value)
