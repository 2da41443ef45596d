"""Which graphs of earlier steps are still in memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Collection
from typing import Any

from autograd import Tensor, data_of
from nn.inspect.findings import Finding

LOOK = 6  # rounds, after which is the first look: a function's variables are gone at the end


class Rounds:
    """The outputs of models, one round for each step, and which of them are still kept.

    It holds weak references to arrays only. A program may keep the array of an output, but whoever
    keeps a node that has it keeps the graph.
    """

    def __init__(self) -> None:
        self.outputs: dict[int, list[weakref.ref[Any]]] = {}
        self.waiting: list[weakref.ref[Any]] = []  # since the last backward pass
        self.early: list[Finding] = []

    def see(self, output: Any) -> None:
        """Note what a model returned."""
        if isinstance(output, Tensor) and output.requires_grad:
            self.waiting.append(weakref.ref(data_of(output)))

    def differentiate(self, step: int) -> None:
        """Note that a backward pass begins: what was returned since the last is of this step."""
        self.outputs.setdefault(step, []).extend(self.waiting)
        self.waiting = []
        if len(self.outputs) == LOOK and not self.early:
            self.early = self._found()

    def kept(self, held: Collection[int] = ()) -> tuple[int, int]:
        """How many rounds left a graph in memory, and of how many; the last two do not count.

        The variables of a training loop hold the graph of the last round, and perhaps of the one
        before.

        Args:
            held: the identities of arrays that someone else holds, who only looks on.
        """
        earlier = self._earlier()
        arrays = [[array for ref in round_ if (array := ref()) is not None] for round_ in earlier]
        if not any(arrays):
            return 0, len(earlier)
        gc.collect()  # a graph in a cycle of the program's own is garbage, but still there
        inside = _arrays_of_graphs().difference(held)
        return sum(any(id(a) in inside for a in round_) for round_ in arrays), len(earlier)

    def _earlier(self) -> list[list[weakref.ref[Any]]]:
        return [round_ for round_ in list(self.outputs.values())[:-2] if round_]

    def findings(self, held: Collection[int] = ()) -> list[Finding]:
        """Graphs of all earlier steps that the program keeps: memory grows with every step."""
        return self._found(held) or self.early

    def _found(self, held: Collection[int] = ()) -> list[Finding]:
        # A look at all objects takes as long as a dozen steps.
        if any(all(ref() is None for ref in round_) for round_ in self._earlier()):
            return []
        kept, earlier = self.kept(held)
        if not kept or kept < earlier:
            return []
        return [
            Finding(
                "graphs are kept",
                "",
                {"kept": kept, "steps": earlier},
                f"the graphs of {kept} of {earlier} earlier steps are still in memory, because "
                "something that was computed in them is kept, such as the loss or a state that is "
                "handed on",
                "keep loss.item(), or output.detach() for an array or a state",
            )
        ]


def _arrays_of_graphs() -> set[int]:
    """The identities of the arrays that results hold, found in one look at all objects.

    One look for each array would take a time that grows with the square of the number of steps.
    """
    return {
        id(data_of(x))
        for x in gc.get_objects()
        if issubclass(type(x), Tensor) and x.op is not None  # isinstance would ask a proxy's object
    }
