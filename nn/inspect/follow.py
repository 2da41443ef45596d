"""One sample's path: what each layer makes of it at some moments of a training."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, data_of, no_grad
from autograd import random as randomness
from nn.inspect.timeline import UNITS, Timeline
from nn.module.module import Module
from nn.training.modes import restored_modes

MOMENTS = 32  # at most, of a run
STRIDE = 4  # passes between two moments, at first


class Follower:
    """Runs a model on a fixed sample, before the training and at every so many passes.

    When there are too many moments, every second one is dropped, and from then on half as many are
    looked at. A model is run in evaluation mode, without recording, and nothing of it changes.

    Args:
        model: the model.
        sample: what it is called with; a tuple holds several arguments.

    Raises:
        ShapeError: the model refuses the sample, or whatever else it raises for it.
    """

    def __init__(self, model: Module, sample: Any) -> None:
        self._model = model
        self._arguments = sample if isinstance(sample, tuple) else (sample,)
        self._outputs: dict[str, Any] | None = None  # not None while the sample is running
        self._moments: list[tuple[int, dict[str, Any]]] = []
        self._passes, self._stride = 0, STRIDE
        leaves = [(p, m) for p, m in model.named_modules() if not any(True for _ in m.children())]
        self._undo = [m.register_forward_hook(self._ran(p)).remove for p, m in leaves]
        try:
            self._look()
        except BaseException:
            self.stop()
            raise

    def _ran(self, path: str) -> Any:
        def note(module: Module, inputs: Any, out: Any) -> None:
            if self._outputs is not None:
                out = out[0] if isinstance(out, tuple) and out else out
                data = data_of(out) if isinstance(out, Tensor) else out
                if isinstance(data, np.ndarray) and data.dtype.kind in "fiub" and data.size:
                    with np.errstate(all="ignore"):  # a training may diverge
                        chosen = data.ravel()[_places(data.size)].astype(np.float32)
                    self._outputs[path] = chosen

        return note

    def see(self) -> None:
        """At the beginning of a pass: look, if it is its turn."""
        if self._passes and self._passes % self._stride == 0:
            self._look()
            if len(self._moments) >= MOMENTS:
                self._moments = self._moments[::2]
                self._stride *= 2
        self._passes += 1

    def _look(self) -> None:
        generator = randomness.generator().bit_generator
        state = generator.state
        modules = list(self._model.modules())
        shapes = [module.__dict__.get("_last_shape") for module in modules]
        self._outputs = {}
        try:
            with restored_modes(self._model), no_grad():
                self._model.eval()
                self._model(*self._arguments)
            self._moments.append((self._passes + 1, self._outputs))
        finally:
            self._outputs = None
            generator.state = state
            for module, shape in zip(modules, shapes, strict=True):
                module.__dict__["_last_shape"] = shape

    def stop(self) -> None:
        """Take the hooks off."""
        for remove in self._undo:
            remove()

    def fill(self, timeline: Timeline) -> None:
        """Write the moments into a timeline."""
        layers = list(self._moments[0][1])
        values = np.full((len(self._moments), len(layers), UNITS), np.nan, np.float32)
        for k, (_, outputs) in enumerate(self._moments):
            for i, path in enumerate(layers):
                found = outputs.get(path, values[k, i])[:UNITS]
                values[k, i, : len(found)] = found
        timeline.sample_steps = np.array([step for step, _ in self._moments], np.int64)
        timeline.sample_layers, timeline.sample = layers, values


def _places(size: int) -> Any:
    """At most so many entries, evenly spaced, the same in every moment."""
    return np.unique(np.linspace(0, size - 1, min(size, UNITS)).astype(np.intp))
