"""A training program as data, and the register of programs with their labels.

A program is a function of one flag. With True it contains the fault that its label names; with
False it is the same program repaired. It knows nothing of the tools that look at it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass
class Training:
    """What a user's script has at hand when training begins.

    Attributes:
        model: the model; or several by name.
        loss: from (output, target) to one number.
        optimizer: the optimizer; or several.
        batches: pairs (inputs, target), gone through again and again.
        step: one turn of the loop; by default the usual five lines.
        validation: batches that training does not see.
        steps: how many turns the loop makes.
        single: whether model, loss and optimizer belong together as `preflight` expects.
    """

    model: Any
    loss: Callable[[Any, Any], Any]
    optimizer: Any
    batches: list[tuple[Any, Any]]
    step: Callable[[Any, Any], Any] | None = None
    validation: list[tuple[Any, Any]] = field(default_factory=list)
    steps: int = 40
    single: bool = True

    def usual_step(self, x: Any, y: Any) -> Any:
        """The loop of every tutorial."""
        self.optimizer.zero_grad()
        loss = self.loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def turns(self) -> Iterator[Any]:
        """The loop; each turn gives what the step returned."""
        step = self.step or self.usual_step
        for x, y in itertools.islice(itertools.cycle(self.batches), self.steps):
            yield step(x, y)


class Program(NamedTuple):
    """A program with its label.

    Attributes:
        name: the function's name.
        family: the kind of network.
        causes: the kinds of finding that name the true cause; the first is the usual one.
        layer: the path of the module where it sits; "" for the whole model, None if there is no
            single place.
        source: the public list of faults that has its kind.
        make: builds the training.
    """

    name: str
    family: str
    causes: tuple[str, ...]
    layer: str | None
    source: str
    make: Callable[[bool], Training]


def register(table: list[Program], family: str) -> Callable[..., Any]:
    """A decorator that adds programs of one family to a table."""

    def labelled(*causes: str, layer: str | None = None, source: str = "Karpathy's recipe") -> Any:
        def add(make: Callable[[bool], Training]) -> Callable[[bool], Training]:
            table.append(Program(make.__name__, family, causes, layer, source, make))
            return make

        return add

    return labelled
