"""Distillation: a small network learns more from a teacher's soft answers than from labels."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn
from demos.show import Page

QUESTIONS = {
    "What is a temperature for in distillation?": "nn.DistillationLoss",
}
LABELLED, TEMPERATURE, SEEDS = 60, 4.0, 5


class Findings(NamedTuple):
    """Test accuracies of the teacher, and of students by what they learned from, one per seed."""

    teacher: float
    students: dict[str, list[float]]


def run(out: Path) -> Findings:
    """Answer the question."""
    page = Page("What does a temperature above 1 teach?", out)
    page.theory(
        f"softmax(z / T) with T = {TEMPERATURE:g} shows which wrong classes a teacher finds "
        f"likely. A student with {LABELLED} labels also gets the teacher's soft answers on all "
        "other images: T² · KL(teacher ‖ student)."
    )
    images, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    images, classes = images[order] / 16.0, classes[order]
    x, y, test_x, test_y = images[:1200], classes[:1200], images[1200:], classes[1200:]

    def accuracy(model: nn.Module) -> float:
        with ag.no_grad():
            return float((model(test_x).argmax(axis=1) == test_y).mean())

    ag.random.seed(0)
    teacher = nn.MLP([64, 128, 10], init="kaiming")
    learn(teacher, [(x, y)], nn.CrossEntropyLoss(), 150)
    with ag.no_grad():
        soft = teacher(x).numpy()
    students: dict[str, list[float]] = {"labels alone": [], "teacher": []}
    for seed in range(SEEDS):
        for way in students:
            ag.random.seed(seed)
            student = nn.MLP([64, 16, 10], init="kaiming")
            if way == "teacher":
                learn(student, [(x, soft)], nn.DistillationLoss(TEMPERATURE), 150)
            else:
                learn(student, [(x[:LABELLED], y[:LABELLED])], nn.CrossEntropyLoss(), 150)
            students[way].append(accuracy(student))
    found = accuracy(teacher)
    page.table(
        f"accuracy on {len(test_x)} unseen digits, mean of {SEEDS} seeds",
        ("network", "learned from", "accuracy"),
        [
            ("teacher, 64-128-10", "1,200 labels", f"{found:.1%}"),
            *(
                (
                    "student, 64-16-10",
                    f"{LABELLED} labels" if way == "labels alone" else "the teacher's soft answers",
                    f"{np.mean(a):.1%}",
                )
                for way, a in students.items()
            ),
        ],
    )
    page.verdict(
        "the soft answers carry what the teacher knows. The student comes close to the teacher "
        "without a label of its own."
    )
    return Findings(found, students)


def learn(
    model: nn.Module, data: list[tuple[np.ndarray, np.ndarray]], loss: nn.Module, epochs: int
) -> None:
    """Train with Adam on one batch."""
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    nn.fit(model, data, loss, optimizer, epochs, progress=False)
