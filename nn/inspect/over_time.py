"""The hooks of a timeline: what they sample at a backward pass, and what they leave out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Node, Tensor, data_of, watch_backward
from nn.inspect.follow import Follower
from nn.inspect.layers import RECTIFIERS
from nn.inspect.samples import Samples
from nn.inspect.timeline import Timeline
from nn.module.module import Module

STEPS = 400  # at most, in a file
CELLS = 40_000  # steps times arrays, at most: 2.6 MB before compression
FEWEST = 16  # steps, however many arrays there are
OFTEN, EARLY, SELDOM = 2, 64, 8  # by default: every second pass, for 64 steps; then fewer


class _Frame:
    """What one pass is measured by, until its last update is known."""

    def __init__(self, step: int, loss: float, dead: list[float], before: Any) -> None:
        self.step, self.loss, self.dead, self.before = step, loss, dead, before


class OverTime:
    """Samples a model at every so many backward passes, and doubles the distance when it is full.

    A pass is measured from its beginning, when outputs and weights are sampled, to the beginning of
    the next pass, when the difference of the weights is what an optimizer added. Of a network so
    small that overhead is all it costs, that takes half a step; so, unless `every` is given, a
    training that goes on is soon measured at every eighth pass only.
    """

    def __init__(self, model: Module, every: int | None, sample: Any = None) -> None:
        self.model, self.every, self.passes = model, every or OFTEN, 0
        self.is_free = every is None
        self.timeline = Timeline()
        self.follower = None if sample is None else Follower(model, sample)
        self.outputs: dict[str, Node] = {}
        self.rows: dict[str, int] = {}
        self.samples: Samples | None = None
        self.frame: _Frame | None = None
        self.found: list[tuple[_Frame, Any, Any]] = []
        self.is_open, self.adds = True, False
        self.parameters = dict(model.named_parameters())
        self.rectifiers: dict[str, bool] = {}
        self.undo: list[Callable[[], Any]] = []
        for path, module in model.named_modules():
            if not any(True for _ in module.children()):
                self.rectifiers[path] = isinstance(module, RECTIFIERS)
                self.undo.append(module.register_forward_hook(self._ran(path)).remove)
        self.unhook: list[Callable[[], None]] = []  # of parameters, in a pass that is measured

    def _ran(self, path: str) -> Callable[[Module, Any, Any], None]:
        def note(module: Module, inputs: Any, out: Any) -> None:
            out = out[0] if isinstance(out, tuple) and out else out
            if self.is_open and isinstance(out, Tensor) and out.op is not None:
                if path not in self.outputs and type(data_of(out)) is np.ndarray:
                    out.register_hook(self._arrived(f"{named(path)}.grad"))
                self.outputs[path] = out

        return note

    def _arrived(self, name: str) -> Callable[[Any], None]:
        def note(gradient: Any) -> None:
            if self.frame is not None and self.adds and name in self.rows:
                self._put(name, data_of(gradient))

        return note

    def _put(self, name: str, data: Any) -> None:
        if isinstance(data, np.ndarray) and data.dtype.kind in "fiub":
            assert self.samples is not None
            self.samples.put(self.rows[name], data)

    def look(self, root: Node, seed: Any, adds: bool) -> None:
        """At the beginning of a pass: end the last one, and measure this one if it is its turn."""
        self.adds = adds
        if not adds:
            return
        self.finish()
        if self.follower is not None:
            self.follower.see()
        if self.passes % self.every == 0:
            self._begin(float(np.mean(data_of(root))))
        self.passes += 1
        self.outputs.clear()
        self.is_open = self.passes % self.every == 0

    def _begin(self, loss: float) -> None:
        if self.samples is None:
            self._name_rows()
        assert self.samples is not None
        self.samples.clear()
        for name, p in self.parameters.items():
            self._put(name, data_of(p))
        for path, out in self.outputs.items():
            if named(path) in self.rows:
                self._put(named(path), data_of(out))
        weights = [self.rows[name] for name in self.parameters]
        dead = [self._dead(path) for path in self.timeline.layers]
        # A hook gets a copy of the gradient, so it is there only while a pass is measured.
        self.unhook = [
            p.register_hook(self._arrived(f"{name}.grad")) for name, p in self.parameters.items()
        ]
        self.frame = _Frame(self.passes + 1, loss, dead, self.samples.entries[weights])

    def _name_rows(self) -> None:
        """Rows for what the first pass has; layers that are called later for the first time are
        not measured."""
        self.timeline.layers = [*self.outputs]
        kinds = dict(self.model.named_modules())
        self.timeline.kinds = [type(kinds[path]).__name__ for path in self.outputs]
        outputs = [named(path) for path in self.outputs]
        gradients = [f"{name}.grad" for name in (*reversed(outputs), *reversed(self.parameters))]
        updates = [f"{name}.update" for name in self.parameters]
        self.timeline.names = [*self.parameters, *outputs, *gradients, *updates]
        self.rows = {name: i for i, name in enumerate(self.timeline.names)}
        self.samples = Samples(len(self.rows))
        self.limit = max(FEWEST, min(STEPS, CELLS // max(1, len(self.rows))))

    def _dead(self, path: str) -> float:
        if not self.rectifiers.get(path) or path not in self.outputs:
            return float("nan")
        data = data_of(self.outputs[path])
        if not isinstance(data, np.ndarray) or data.ndim < 2 or not data.size:
            return float("nan")
        axis = 1 if data.ndim == 4 else data.ndim - 1
        others = tuple(a for a in range(data.ndim) if a != axis)
        return 1.0 - float(np.mean(data.any(axis=others)))

    def finish(self) -> None:
        """Measure the pass that has begun: its updates are known now."""
        for remove in self.unhook:
            remove()
        self.unhook = []
        if self.frame is None or self.samples is None:
            return
        for (name, p), before in zip(self.parameters.items(), self.frame.before, strict=True):
            row = self.rows[f"{name}.update"]
            self._put(f"{name}.update", data_of(p))
            self.samples.entries[row] -= before
        self.found.append((self.frame, *self.samples.measure()))
        self.frame = None
        limit = EARLY if self.is_free and self.every < SELDOM else self.limit
        if len(self.found) >= min(limit, self.limit):
            self.found = self.found[::2]
            self.every *= 2

    def fill(self) -> None:
        """Write what was found into the timeline."""
        self.finish()
        if self.follower is not None:
            self.follower.stop()
            self.follower.fill(self.timeline)
        if not self.found:
            return
        frames, statistics, histograms = zip(*self.found, strict=True)
        line = self.timeline
        line.steps = np.array([frame.step for frame in frames], np.int64)
        line.losses = np.array([frame.loss for frame in frames])
        line.dead = np.array([frame.dead for frame in frames]).reshape(len(frames), -1)
        line.statistics, line.histograms = np.array(statistics), np.array(histograms)


def named(path: str) -> str:
    """The name of a module's output."""
    return f"{path}.out" if path else "out"


@contextlib.contextmanager
def over_time(
    model: Module, path: Path, every: int | None, sample: Any = None
) -> Iterator[Timeline]:
    """Sample a model while the block runs; the file is written when it ends, by an error too."""
    watch = OverTime(model, every, sample)
    try:
        with watch_backward(watch.look):
            yield watch.timeline
    finally:
        for remove in watch.undo:
            remove()
        watch.fill()
        watch.timeline.save(path)
