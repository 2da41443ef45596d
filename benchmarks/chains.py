"""Run a chain of multiplications in a separate process: python chains.py PEER NODES.

Multiplies a small array or a scalar. Prints the seconds of the forward and the backward pass, and
the bytes that each node of the chain added to the memory of the process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if sys.argv[1] == "glassgrad" or sys.argv[1] == "glassgrad-values":
    sys.path[0] = str(Path(__file__).parents[1])
else:
    del sys.path[0]


def occupied() -> int:
    """Return the bytes of memory in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def multiplied(x: Any, count: int) -> Any:
    """Multiply x by a factor near 1, `count` times."""
    for _ in range(count):
        x = x * 1.0000001
    return x


def glassgrad() -> Any:
    """A Tensor."""
    import autograd as ag

    return ag.Tensor([1.0] * 8, requires_grad=True), lambda y: y.sum().backward()


def glassgrad_values() -> Any:
    """A Value."""
    import autograd as ag

    return ag.Value(1.0), lambda y: y.backward()


def micrograd() -> Any:
    """A Value."""
    from micrograd.engine import Value

    return Value(1.0), lambda y: y.backward()


def torch() -> Any:
    """A tensor."""
    import torch as library

    return library.ones(8, dtype=library.float64, requires_grad=True), lambda y: y.sum().backward()


def mygrad() -> Any:
    """A tensor."""
    import mygrad as library

    return library.tensor([1.0] * 8), lambda y: y.sum().backward()


def hips(count: int) -> dict[str, float]:
    """Measure a function, because HIPS autograd differentiates functions."""
    import autograd.numpy as anp
    from autograd import make_vjp

    before, start = occupied(), time.perf_counter()
    back, _ = make_vjp(lambda x: anp.sum(multiplied(x, count)))(anp.ones(8))
    during = occupied()
    back(1.0)
    return {"seconds": time.perf_counter() - start, "bytes": (during - before) / count}


def measured(make: Callable[[], Any], count: int) -> dict[str, float]:
    """Measure the forward and the backward pass of a chain that starts at a leaf."""
    leaf, backward = make()
    before, start = occupied(), time.perf_counter()
    y = multiplied(leaf, count)
    during = occupied()
    backward(y)
    return {"seconds": time.perf_counter() - start, "bytes": (during - before) / count}


if __name__ == "__main__":
    name, count = sys.argv[1], int(float(sys.argv[2]))
    function = globals()[name.replace("-", "_")]
    print(json.dumps(hips(count) if name == "hips" else measured(function, count)))
