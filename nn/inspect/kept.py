"""Which graphs of earlier steps are still in memory."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from autograd import Tensor, data_of


class Rounds:
    """The outputs of a model, one round for each backward pass, and which of them are still kept.

    It holds weak references to arrays only. A program may keep the array of an output, but whoever
    keeps a node that has it keeps the graph.
    """

    def __init__(self) -> None:
        self.outputs: list[list[weakref.ref[Any]]] = [[]]
        self.was_differentiated = False

    def begin(self) -> None:
        """Note that the model is called: in a new round, if a gradient arrived since."""
        if self.was_differentiated:
            self.outputs.append([])
            self.was_differentiated = False

    def see(self, output: Any) -> None:
        """Note what the model returned."""
        if isinstance(output, Tensor) and output.requires_grad:
            self.outputs[-1].append(weakref.ref(data_of(output)))

    def kept(self) -> tuple[int, int]:
        """How many rounds left a graph in memory, and of how many; the last two do not count.

        The variables of a training loop hold the graph of the last round, and perhaps of the one
        before.
        """
        earlier = [round_ for round_ in self.outputs[:-2] if round_]
        return sum(any(map(_is_in_a_graph, round_)) for round_ in earlier), len(earlier)


def _is_in_a_graph(reference: weakref.ref[Any]) -> bool:
    array = reference()
    if array is None:
        return False
    return any(isinstance(x, Tensor) and x.op is not None for x in gc.get_referrers(array))
