"""Random graphs, computed in JavaScript with other inputs than they were built with.

    python -m tests.autograd.visualize.random_pages [COUNT]

prints the largest difference from Python, and how long 500 nodes take.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
import nn
from autograd.debug.replay import replay
from autograd.engine.graph import Node, ancestors
from autograd.visualize.recompute import INTERPRETER, NotRecomputed, encoded_array, recipe

NODE = shutil.which("node")
RUN = """
const { Machine } = require(process.argv[1]);
const jobs = JSON.parse(require("fs").readFileSync(0, "utf8"));
const written = (x) => x && { shape: x.shape,
  data: Buffer.from(x.data.buffer, x.data.byteOffset, x.data.byteLength).toString("base64") };
const decoded = (x) => {
  const b = Buffer.from(x.array, "base64");
  return new Float64Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
};
console.log(JSON.stringify(jobs.map(({ recipe, set, times }) => {
  const machine = new Machine(recipe);
  for (const [i, x] of Object.entries(set)) machine.values[i].data = decoded(x);
  machine.run();
  const took = [];
  for (let i = 0; i < (times ?? 0); i++) {
    const start = performance.now();
    machine.run();
    took.push(performance.now() - start);
  }
  return { values: machine.values.map(written), gradients: machine.gradients.map(written), took };
})));
"""

Op = Callable[..., Any]
UNARY: list[Op] = [
    ag.sin, ag.cos, ag.tanh, ag.sigmoid, ag.softplus, ag.relu, ag.exp, ag.arctan, ag.erf, ag.sinh,
    ag.square, ag.abs, ag.arcsinh, ag.expm1, ag.sinc, ag.floor, ag.trunc, ag.erfc,
    lambda x: -x, lambda x: x * 0.5 + 1, lambda x: 1 / (x * x + 1), lambda x: ag.log(x * x + 1.0),
    lambda x: ag.sqrt(x * x + 0.5), lambda x: (x * x + 0.1) ** 1.5, lambda x: ag.cbrt(x + 5.0),
    lambda x: ag.clip(x, -0.5, 0.75), lambda x: ag.log1p(x * x), lambda x: ag.arcsin(ag.tanh(x)),
]  # fmt: skip
# The second argument of arctan2 is not 0: on Values, trunc(-0.3) is 0.0, and on arrays it is -0.0.
BINARY: list[Op] = [
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / (y * y + 1.5),
    ag.maximum, ag.minimum, ag.hypot, ag.logaddexp, lambda x, y: ag.arctan2(x, y * y + 0.25), ag.copysign,
    lambda x, y: (x * x + 0.5) ** y, lambda x, y: ag.remainder(x, y * y + 1.0),
    lambda x, y: ag.where(np.arange(3) > 0, x, y),
]  # fmt: skip
# From an array of shape (3, 3) to one that broadcasts with it.
SHAPING: list[Op] = [
    lambda x: x.sum(axis=0), lambda x: x.mean(axis=1, keepdims=True), lambda x: x.max(axis=0),
    lambda x: ag.softmax(x, axis=1), lambda x: ag.logsumexp(x, axis=1, keepdims=True),
    lambda x: x.T, lambda x: x[[0, 2, 0]], lambda x: x[::-1, 1:2], lambda x: x[1],
    lambda x: x.reshape(9)[:3], lambda x: ag.concatenate([x[2:], x[:2]], axis=0),
    lambda x: ag.cumsum(x, axis=1), lambda x: ag.cumprod(x, axis=0), lambda x: ag.prod(x, axis=1),
    lambda x: x.min(axis=1, keepdims=True), lambda x: x.sum(), lambda x: x @ ag.tanh(x),
    lambda x: ag.einsum("ij,kj->ik", x, x), lambda x: ag.einsum("ii->i", x),
]  # fmt: skip


def _without_recording(x: Any) -> Any:
    with ag.no_grad():
        square = x * x
    return square * x


f = nn.functional
# Functions of four numbers that choose by them, which the page has to follow.
FOLLOWED: dict[str, Op] = {
    "relu6": f.relu6, "leaky_relu": f.leaky_relu, "elu": f.elu, "selu": f.selu, "celu": f.celu,
    "hardtanh": f.hardtanh, "hardsigmoid": f.hardsigmoid, "hardswish": f.hardswish,
    "hardshrink": f.hardshrink, "softshrink": f.softshrink, "softplus": f.softplus,
    "threshold": lambda x: f.threshold(x, 0.1, 5.0), "0-d": lambda x: f.leaky_relu(x.sum()),
    "prelu": lambda x: f.prelu(x, ag.Tensor([0.25], requires_grad=True)),
    "huber_loss": lambda x: f.huber_loss(x, np.zeros(4)),
    "smooth_l1_loss": lambda x: f.smooth_l1_loss(x, np.zeros(4)),
    "cross_entropy": lambda x: f.cross_entropy(f.leaky_relu(x.reshape(2, 2)), np.array([0, 1])),
    "norm": ag.linalg.norm, "norm 3": lambda x: ag.linalg.norm(x, 3), "std": ag.std,
    "xlogy": lambda x: ag.xlogy(x[:2], ag.abs(x[2:])),
    "lp_pool1d": lambda x: f.lp_pool1d(x.reshape(1, 1, 4), 2.0, 2),
    "detach": lambda x: x.detach() * x, "stop_gradient": lambda x: ag.stop_gradient(x) * x,
    "detached result": lambda x: (2.0 * x).detach() * x,
    "detached square": lambda x: (x * x).detach() * x + x,
    "straight-through": lambda x: (x + (ag.round(x) - x).detach()) ** 2,
    "teacher": lambda x: (ag.tanh(x) - ag.sigmoid(3.0 * x).detach()) ** 2,
    "mask times x": lambda x: (x > 0) * x,
    "where": lambda x: ag.where(x > 0, x, 0.1 * x) * ag.Tensor([1.0, 2.0, 3.0, 4.0]),
}  # fmt: skip
# Functions that choose by them in a way that the page may refuse to follow.
CHOOSING: dict[str, Op] = FOLLOWED | {
    "sort": ag.sort, "partition": lambda x: ag.partition(x, 1), "cummax": ag.cummax,
    "cummin": ag.cummin, "median": ag.median, "nanmedian": ag.nanmedian, "nanmean": ag.nanmean,
    "percentile": lambda x: ag.percentile(x, 30), "quantile": lambda x: ag.quantile(x, 0.8),
    "interp": lambda x: ag.interp(x, [0.0, 1.0, 5.0], [1.0, 2.0, 9.0]),
    "detached chain": lambda x: (ag.exp(-(x * x)) / (1.0 + x * x)).detach() * x,
    "detached number": lambda x: x.sum().detach() * x,
    "no_grad": _without_recording, "of a detached one": lambda x: 2.0 * x.detach() * x,
    "detached twice": lambda x: (2.0 * x.detach() + x).detach().reshape(4) * x,
    "index": lambda x: x[x > 1],
    "argmax": lambda x: x[x.argmax()] * 1.0,
    "argmax of another": lambda x: x[(2.0 * x).argmax()] * 1.0,
    "isnan": lambda x: ag.where(np.isnan(x), 0.0, x),
    "astype": lambda x: (x > 0).astype(float) * x,
    "both": lambda x: ag.where((x > 0) & (x < 1), x, 0.0),
}  # fmt: skip
OTHERS = [9.0, -1.5, -3.0, 0.2], [0.0, 0.0, 0.0, 0.0], [-1.0, -2.0, 4.0, 3.0]


def followed() -> set[str]:
    """The functions that the page follows to other inputs, where it has to agree with Python.

    The entries of a result have different weights, so that their order matters.
    """
    jobs, expected = [], []
    for name, function in CHOOSING.items():
        x, before = _weighted(function, [1.0, 2.0, 3.0, 4.0])
        nodes = ancestors([before])
        try:
            found = recipe(nodes, before)
        except NotRecomputed:
            continue
        place = next(i for i, node in enumerate(nodes) if node is x)
        for other in OTHERS:
            leaf, after = _weighted(function, other)
            after.backward()
            jobs.append({"recipe": found, "set": {place: encoded_array(np.array(other))}})
            expected.append((name, other, place, after.data, leaf.grad))
    for (name, other, place, value, slope), found in zip(expected, computed(jobs), strict=True):
        assert difference(found["values"][-1], value) <= 1e-12, (name, other)
        assert difference(found["gradients"][place], slope) <= 1e-12, (name, other)
    return {name for name, *_ in expected}


def _weighted(function: Op, values: list[float]) -> tuple[Any, Any]:
    x = ag.Tensor(values, requires_grad=True, name="x")
    out = function(x)
    return x, (out * ag.reshape(ag.cumsum(0.0 * out + 1.0), out.shape)).sum()


def program_of(rng: np.random.Generator, steps: int) -> list[tuple[Op, list[int]]]:
    """Operations on the results so far, as numbers of the last ones."""
    chosen = []
    for _ in range(steps):
        table = (UNARY, BINARY, SHAPING)[rng.choice(3, p=(0.4, 0.35, 0.25))]
        chosen.append((table[rng.integers(len(table))], rng.integers(0, 99, 2).tolist()))
    return chosen


def run(program: list[tuple[Op, list[int]]], inputs: list[Any]) -> Any:
    """The sum of all results; each is kept between -2 and 2 and brought to one of three shapes."""
    nodes = list(inputs)
    for op, (i, j) in program:
        x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
        if op in SHAPING:
            result = op(ag.broadcast_to(x, (3, 3)) if x.shape != (3, 3) else x)
        else:
            result = op(x) if op in UNARY else op(x, y)
        nodes.append(2.0 * ag.tanh(0.4 * result))
    total = nodes[0].sum()
    for node in nodes[1:]:
        total = total + node.mean()
    return total


def inputs_of(rng: np.random.Generator) -> list[Any]:
    """Leaves of three shapes that broadcast."""
    shapes = (3, 3), (3,), (3, 1), ()
    return [ag.Tensor(rng.uniform(-1.5, 1.5, s), requires_grad=True) for s in shapes]


def values_run(program: list[tuple[Op, list[int]]], inputs: list[Any]) -> Any:
    """The same operations on Values; those on arrays are left out."""
    nodes = list(inputs)
    for op, (i, j) in program:
        x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
        if op not in SHAPING and op is not BINARY[-1]:
            nodes.append(ag.tanh(op(x) if op in UNARY else op(x, y)))
    total = nodes[0]
    for node in nodes[1:]:
        total = total + node
    return total


def jobs_of(count: int, seed: int = 0) -> tuple[list[dict[str, Any]], list[Any]]:
    """Graphs to compute with other inputs, and the graphs that Python builds of those."""
    jobs, roots = [], []
    for k in range(count):
        rng = np.random.default_rng((seed, k))
        program = program_of(rng, int(rng.integers(3, 16)))
        if k % 4:
            build, first, second = run, inputs_of(rng), inputs_of(rng)
        else:
            build = values_run
            first, second = ([ag.Value(x) for x in rng.uniform(-1, 1, 3)] for _ in range(2))
        before, after = build(program, first), build(program, second)
        nodes = ancestors([before])
        number = {node: i for i, node in enumerate(nodes)}
        given = {
            number[x]: encoded_array(np.asarray(y._data))
            for x, y in zip(first, second, strict=True)
            if x in number
        }
        jobs.append({"recipe": recipe(nodes, before), "set": given})
        roots.append(after)
    return jobs, roots


def computed(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The values and gradients of all nodes, as JavaScript finds them."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, "-e", RUN, INTERPRETER],
        input=json.dumps(jobs), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [
        {
            "values": [_decoded(x) for x in found["values"]],
            "gradients": [_decoded(x) for x in found["gradients"]],
            "took": found["took"],
        }
        for found in json.loads(done.stdout)
    ]


def _decoded(x: Any) -> Any:
    return x and np.frombuffer(base64.b64decode(x["data"])).reshape(x["shape"])


def difference(found: Any, expected: Any) -> float:
    """The largest difference of two arrays, relative to the largest entry.

    An entry that is nan or infinite must be so in both.
    """
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    finite = np.isfinite(expected)
    assert (same | finite).all()
    scale = np.abs(expected[finite]).max(initial=0.0)
    return float(np.abs(found - expected)[~same].max(initial=0.0) / max(scale, 1e-300))


SUMS = {"add", "sub", "sum", "mean", "matmul", "inner", "einsum"}


def compared(root: Node, found: dict[str, Any]) -> tuple[float, float]:
    """The largest differences of values and of gradients from the engine's.

    Where the terms of a sum cancel, the difference is relative to the largest term.
    """
    nodes = ancestors([root])
    number = {node: i for i, node in enumerate(nodes)}
    values, slopes = [], []
    for node, x in zip(nodes, found["values"], strict=True):
        terms = node.saved if node.op is not None and node.op.name in SUMS else ()
        values.append(difference(x, node._data) * _shrunk(node._data, terms))
    pass_ = replay(root)
    for step in pass_.steps:
        terms = [c.value for _, c in pass_.received.get(step.node, ())]
        got = found["gradients"][number[step.node]]
        slopes.append(difference(got, step.cotangent) * _shrunk(step.cotangent, terms))
    return max(values), max(slopes)


def _shrunk(total: Any, terms: Any) -> float:
    """The size of a sum as a part of its largest term, at most 1."""
    whole = float(np.abs(total).max(initial=0.0))
    parts = [float(np.abs(term).max(initial=0.0)) for term in terms]
    return min(1.0, whole / max([whole, *parts, 1e-300]))


def chain(nodes: int) -> Any:
    """A graph of Values with so many nodes."""
    x, y = ag.Value(0.3, name="x"), ag.Value(0.7, name="y")
    z = x * y
    while len(ancestors([z])) < nodes:
        z = (z * y + x).tanh()
    return z


def main(count: int) -> None:
    """Print the largest difference and the time of 500 nodes."""
    jobs, roots = jobs_of(count)
    pairs = [compared(r, f) for r, f in zip(roots, computed(jobs), strict=True)]
    values, slopes = (max(column) for column in zip(*pairs, strict=True))
    print(f"{count} graphs: values differ by {values:.1e}, gradients by {slopes:.1e}")
    for name, root in (("500 Values", chain(500)), ("an MLP of arrays", perceptron())):
        nodes = ancestors([root])
        (found,) = computed([{"recipe": recipe(nodes, root), "set": {}, "times": 50}])
        took = np.median(found["took"])
        print(f"{name}, {len(nodes)} nodes: {took:.2f} ms for both passes")


def perceptron() -> Any:
    """500 nodes of arrays: layers of 16 units on 32 rows."""
    rng = np.random.default_rng(0)
    x: Any = ag.Tensor(rng.normal(size=(32, 16)), requires_grad=True)
    while len(ancestors([x])) < 496:
        x = ag.tanh(x @ ag.Tensor(rng.normal(size=(16, 16)) / 4, requires_grad=True) + 0.1)
    return x.mean()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
