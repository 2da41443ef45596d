"""Build a model, train it on handwritten digits, check its gradients, draw its graph."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sklearn.datasets import load_digits

import autograd as ag
import nn

EPOCHS, BATCH, RATE = 30, 32, 0.1


class Digits(NamedTuple):
    """Images of shape (N, 64), scaled to mean 0 and deviation 1 in training, and their classes."""

    train: np.ndarray
    train_classes: np.ndarray
    test: np.ndarray
    test_classes: np.ndarray


class Findings(NamedTuple):
    """What the tour measured, for programs to read."""

    largest_scalar_error: float
    accuracy: float
    report: ag.GradientReport
    drawings: list[Path]


def run(out: Path) -> Findings:
    """Run the tour and save the drawings in the folder `out`."""
    console = Console()
    ag.random.seed(0)
    console.rule("1  A scalar expression, and its gradients beside numerical ones")
    error = scalar_expression(console)
    console.rule("2  A network of 64 - 64 - 32 - 10 neurons learns to read digits")
    digits = load()
    model = nn.Sequential(
        nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
    )
    accuracy = train(console, model, digits)
    console.rule("3  Every gradient of that network against finite differences")
    report = check(console, model, digits)
    console.rule("4  Drawings of the graphs")
    drawings = draw(console, model, digits, out)
    return Findings(error, accuracy, report, drawings)


def scalar_expression(console: Console) -> float:
    """Compare the gradients of y = tanh(a b + c) / b at one point with numerical ones."""

    def f(a: ag.Value, b: ag.Value, c: ag.Value) -> ag.Value:
        return (a * b + c).tanh() / b

    point = {"a": 0.5, "b": -2.0, "c": 1.25}
    values = [ag.Value(number, name=name) for name, number in point.items()]
    y = f(*values)
    y.backward()
    table = Table(
        "input",
        "value",
        "autograd",
        "numerical",
        "difference",
        title=f"y = tanh(a·b + c) / b = {y.data:.6f}",
    )
    errors = []
    for i, value in enumerate(values):

        def along(x: float, i: int = i) -> float:
            numbers = [x if k == i else v.data for k, v in enumerate(values)]
            a, b, c = numbers
            return math.tanh(a * b + c) / b

        numeric = ag.numerical_gradient(along, value.data)
        errors.append(abs(value.grad - numeric))
        table.add_row(
            value.name,
            f"{value.data:g}",
            f"{value.grad:.9f}",
            f"{numeric:.9f}",
            f"{errors[-1]:.1e}",
        )
    console.print(table)
    return max(errors)


def load() -> Digits:
    """Load scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, a fifth held out."""
    images, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    images, classes = images[order], classes[order]
    n = len(images) // 5
    mean, deviation = images[n:].mean(), images[n:].std()
    images = (images - mean) / deviation
    return Digits(images[n:], classes[n:], images[:n], classes[:n])


def train(console: Console, model: nn.Module, digits: Digits) -> float:
    """Train by gradient descent with momentum and a decaying rate; return the test accuracy."""
    optimizer = nn.optim.SGD(model.parameters(), lr=RATE, momentum=0.9, weight_decay=1e-4)
    rng = np.random.default_rng(1)
    progress = Progress(
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("epochs, loss {task.fields[loss]:.4f}"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with progress:
        bar = progress.add_task("training", total=EPOCHS, loss=math.nan)
        for epoch in range(EPOCHS):
            optimizer.lr = RATE * 0.5 * (1.0 + math.cos(math.pi * epoch / EPOCHS))
            losses = []
            order = rng.permutation(len(digits.train))
            for batch in np.split(order, range(BATCH, len(order), BATCH)):
                optimizer.zero_grad()
                loss = nn.cross_entropy(model(digits.train[batch]), digits.train_classes[batch])
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            progress.update(bar, advance=1, loss=float(np.mean(losses)))
    with ag.no_grad():
        accuracy = float((model(digits.test).argmax(axis=1) == digits.test_classes).mean())
    console.print(
        f"loss {np.mean(losses):.4f} after {EPOCHS} epochs; reads {accuracy:.2%} of "
        f"{len(digits.test)} unseen digits correctly"
    )
    return accuracy


def check(console: Console, model: nn.Module, digits: Digits) -> ag.GradientReport:
    """Check every entry of every parameter, on four digits.

    The targets are wrong on purpose: with the right ones, which the network knows, all gradients
    are nearly 0.
    """
    images, wrong = digits.test[:4], (digits.test_classes[:4] + 1) % 10
    report = ag.check_gradients(lambda: nn.cross_entropy(model(images), wrong), parameters=model)
    console.print(str(report), soft_wrap=True, highlight=False)
    return report


def draw(console: Console, model: nn.Module, digits: Digits, out: Path) -> list[Path]:
    """Draw one neuron down to its products; draw the loss in full and with a box per layer."""
    inputs = [ag.Value(x, name=f"x{i}") for i, x in enumerate((1.0, -2.0, 0.5))]
    weights = [ag.Value(w, name=f"w{i}") for i, w in enumerate((0.8, 0.1, -0.4))]
    bias = ag.Value(0.3, name="b")
    neuron = sum((w * x for w, x in zip(weights, inputs, strict=True)), bias).tanh()
    neuron.backward()
    model.zero_grad()
    loss = nn.cross_entropy(model(digits.test[:4]), digits.test_classes[:4])
    loss.backward()
    drawings = [
        ag.draw(neuron).save(out / "neuron.svg"),
        ag.draw(neuron).save(out / "neuron.html"),
        ag.draw(loss, direction="TB").save(out / "digits-loss.svg"),
        ag.draw(loss, depth=1).save(out / "digits-model.svg"),
    ]
    for path in drawings:
        console.print(f"wrote {path}", soft_wrap=True)
    return drawings
