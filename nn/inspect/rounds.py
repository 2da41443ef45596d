"""Which graphs of earlier steps are still in memory."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from autograd import Tensor, data_of
from nn.inspect.findings import Finding


class Rounds:
    """The outputs of models, one round for each step, and which of them are still kept.

    It holds weak references to arrays only. A program may keep the array of an output, but whoever
    keeps a node that has it keeps the graph.
    """

    def __init__(self) -> None:
        self.outputs: dict[int, list[weakref.ref[Any]]] = {}
        self.waiting: list[weakref.ref[Any]] = []  # since the last backward pass

    def see(self, output: Any) -> None:
        """Note what a model returned."""
        if isinstance(output, Tensor) and output.requires_grad:
            self.waiting.append(weakref.ref(data_of(output)))

    def differentiate(self, step: int) -> None:
        """Note that a backward pass begins: what was returned since the last is of this step."""
        self.outputs.setdefault(step, []).extend(self.waiting)
        self.waiting = []

    def kept(self) -> tuple[int, int]:
        """How many rounds left a graph in memory, and of how many; the last two do not count.

        The variables of a training loop hold the graph of the last round, and perhaps of the one
        before.
        """
        earlier = [round_ for round_ in list(self.outputs.values())[:-2] if round_]
        arrays = [[array for ref in round_ if (array := ref()) is not None] for round_ in earlier]
        if not any(arrays):
            return 0, len(earlier)
        gc.collect()  # a graph in a cycle of the program's own is garbage, but still there
        held = _arrays_of_graphs()
        return sum(any(id(a) in held for a in round_) for round_ in arrays), len(earlier)

    def findings(self) -> list[Finding]:
        """Graphs of all earlier steps that the program keeps: memory grows with every step."""
        kept, earlier = self.kept()
        if not kept or kept < earlier:
            return []
        return [
            Finding(
                "graphs are kept",
                "",
                {"kept": kept, "steps": earlier},
                f"the graphs of {kept} of {earlier} earlier steps are still in memory, because "
                "something that was computed in them is kept, such as the loss",
                "keep loss.item(), or output.detach() for an array",
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
