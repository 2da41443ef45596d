"""Programs as plain text: paths of inputs, and operations by the names that people know."""

import numpy as np

from autograd.compile.printing.listing import listing
from tests.autograd.compile.building import Build


def test_a_listing():
    b = Build()
    w, x = b.input(np.ones((2, 3)), "0.weight"), b.input(np.ones((4, 3)), "x")
    again = b.input(np.ones(2), "0.weight")
    y = b(np.add, b(np.matmul, x, b("T", w)), again)
    lines = listing(b.program(b("sum", y))).splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "v1 = transpose(0.weight)",
        "v2 = numpy.matmul(x, v1)".replace("numpy.", ""),
        "v3 = add(v2, 0.weight#2)",
        "v4 = sum(v3)",
        "return v4",
    ]
    assert lines[0].endswith("# 3 × 2, float64") and lines[3].endswith("# one number, float64")
