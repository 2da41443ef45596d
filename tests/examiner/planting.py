"""Plant mistakes in the source of backward passes, and see what the examiner calls them."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

import autograd as ag
from tests.examiner import attacks, backwards, others, plants, unseen


@dataclass(frozen=True)
class Plant:
    """One mistake.

    Attributes:
        module: that holds the backward pass.
        case: the name of the forward pass, or of the class.
        kind: the right name of the mistake.
        old: the text that is replaced.
        new: what stands there instead.
    """

    module: ModuleType
    case: str
    kind: str
    old: str
    new: str

    @property
    def change(self) -> str:
        """The change on one line."""
        parts = (" ".join(text.split()) for text in (self.old, self.new))
        return " → ".join(part or "(nothing)" for part in parts)


def planted_in(module: ModuleType, changes: dict[str, Any]) -> tuple[Plant, ...]:
    """All plants of a module."""
    return tuple(Plant(module, case, *change) for case, rows in changes.items() for change in rows)


SETS = {
    "first": planted_in(backwards, plants.CHANGES),
    "second": planted_in(others, others.CHANGES),
    "third": planted_in(unseen, unseen.CHANGES),
    "fourth": planted_in(attacks, attacks.CHANGES),
}


def examined(module: ModuleType, name: str, old: str = "", new: str = "") -> tuple[Any, ...]:
    """What to pass to `check_backward`: an object, or a forward and a backward pass, and inputs."""
    subject = getattr(module, name)
    changed = subject if inspect.isclass(subject) else getattr(module, f"{name}_backward")
    source = textwrap.dedent(inspect.getsource(changed))
    assert not old or source.count(old) == 1, (name, old, source.count(old))
    namespace = dict(vars(module))
    exec(source.replace(old, new) if old else source, namespace)
    found = namespace[changed.__name__]
    inputs = [np.copy(x) if isinstance(x, np.ndarray) else x for x in module.INPUTS[name]]
    return (found(), *inputs) if inspect.isclass(subject) else (subject, found, *inputs)


@cache
def named(plant: Plant) -> str:
    """The kind that the examiner names first; "passed" for a mistake that it does not see."""
    report = ag.check_backward(*examined(plant.module, plant.case, plant.old, plant.new))
    return "passed" if report.passed else report.mistakes[0].kind
