"""Pages that compute: change a number or train, and watch both passes follow."""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import autograd as ag
import nn

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 Helvetica, Arial, sans-serif; max-width: 44rem; margin: 2rem auto;
  padding: 0 1rem; }
li { margin: .7rem 0; }
a { color: #0067a5; font-weight: bold; }
@media (prefers-color-scheme: dark) { body { background: #12171c; color: #e3e9ee; }
  a { color: #62b0ec; } }
"""


def neuron() -> Any:
    """One neuron: move a weight, and see which gradients change with it."""
    x1, x2 = ag.Value(2.0, name="x1"), ag.Value(-1.0, name="x2")
    w1, w2, b = ag.Value(-0.5, name="w1"), ag.Value(1.0, name="w2"), ag.Value(0.4, name="b")
    with ag.record_lines():
        y = (w1 * x1 + w2 * x2 + b).tanh()
        return (y - 1.0) ** 2


def xor() -> Any:
    """XOR with four hidden units: train until the loss is near 0."""
    ag.random.seed(3)
    net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    x = ag.Tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], name="x")
    with ag.record_lines():
        return nn.MSELoss()(net(x), np.array([[0.0], [1.0], [1.0], [0.0]]))


def softmax() -> Any:
    """Softmax and cross-entropy: the gradient of the logits is p - y."""
    logits = ag.Tensor([[2.0, 1.0, -1.0]], requires_grad=True, name="logits")
    with ag.record_lines():
        p = ag.softmax(logits, axis=1)
        return -ag.log(p[:, 0]).sum()


def attention() -> Any:
    """Attention over three tokens: raise one score, and the others lose weight."""
    rng = np.random.default_rng(0)
    q, k, v = (
        ag.Tensor(rng.normal(size=(3, 2)).round(1), requires_grad=True, name=name)
        for name in ("q", "k", "v")
    )
    with ag.record_lines():
        scores = q @ k.T / np.sqrt(2.0)
        weights = ag.softmax(scores, axis=1)
        return ((weights @ v) ** 2).sum()


def lstm() -> Any:
    """One step of an LSTM: close a gate, and the gradient through it vanishes."""
    ag.random.seed(0)
    cell = nn.LSTMCell(2, 2)
    x = ag.Tensor([[1.0, -0.5]], requires_grad=True, name="x")
    h, c = (
        ag.Tensor(a, requires_grad=True, name=n)
        for n, a in (("h", [[0.2, -0.1]]), ("c", [[1.0, 0.5]]))
    )
    with ag.record_lines():
        h2, c2 = cell(x, (h, c))
        return (h2 * h2).sum() + (c2 * c2).sum()


def convolution() -> Any:
    """A convolution: each weight of the kernel gets a gradient from every place it was used."""
    ag.random.seed(0)
    layer = nn.Conv2d(1, 1, 3, padding=1)
    image = np.zeros((1, 1, 6, 6))
    image[0, 0, 1:5, 2] = 1.0
    x = ag.Tensor(image, requires_grad=True, name="image")
    with ag.record_lines():
        return (ag.relu(layer(x)) ** 2).mean()


def batch_norm() -> Any:
    """Batch normalization: shift or scale a whole column, and the result stays the same."""
    layer = nn.BatchNorm1d(2)
    x = ag.Tensor([[1.0, -2.0], [2.0, 0.0], [3.0, 1.0], [6.0, 2.0]], requires_grad=True, name="x")
    target = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    with ag.record_lines():
        return nn.MSELoss()(layer(x), target)


PAGES: dict[str, Callable[[], Any]] = {
    "neuron": neuron,
    "xor": xor,
    "softmax": softmax,
    "attention": attention,
    "lstm-step": lstm,
    "convolution": convolution,
    "batch-norm": batch_norm,
}


def said(name: str) -> tuple[str, str]:
    """The title of a page, and what to try there."""
    title, _, rest = (PAGES[name].__doc__ or "").strip().partition(": ")
    return title, rest[:1].upper() + rest[1:]


def write(folder: Path) -> list[Path]:
    """Write a page for each network, and an index, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    written, items = [], []
    for name, build in PAGES.items():
        title, rest = said(name)
        written.append(ag.play(build(), title=title).save(folder / f"{name}.html"))
        link = f'<a href="{name}.html">{html.escape(title)}</a>'
        items.append(f"<li>{link}<br>{html.escape(rest)}</li>")
    index = folder / "index.html"
    index.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Playground</title><style>{STYLE}</style></head><body><h1>Playground</h1>"
        "<p>Change a number or train a network; the forward and the backward pass follow. Every "
        f"page is one file and needs no network.</p><ul>{''.join(items)}</ul></body></html>",
        encoding="utf-8",
    )
    return [*written, index]


def run(out: Path) -> list[Path]:
    """Write a page for each network and an index into a folder `playground` of `out`."""
    written = write(out / "playground")
    sys.stdout.write(f"{len(PAGES)} pages; open {written[-1]}\n")
    return written


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demos playground", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder (default: out)")
    options = parser.parse_args(arguments)
    try:
        run(options.out)
    except OSError as error:
        reason = error.strerror or error
        sys.stderr.write(f"demos: --out {options.out} cannot be a folder: {reason}\n")
        return 2
    return 0
