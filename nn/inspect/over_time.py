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
from nn.inspect.reach import Reach
from nn.inspect.samples import Samples
from nn.inspect.timeline import Timeline
from nn.module.module import Module

STEPS = 400  # at most, in a file
CELLS = 40_000  # steps times arrays, at most: 2.6 MB before compression
FEWEST = 16  # steps, however many arrays there are
OFTEN, EARLY, SELDOM = 2, 32, 16  # by default: one of two passes, for 32 steps; then fewer
GOLDEN = 0.6180339887498949  # its multiples, without their whole parts, fill [0, 1) evenly


class _Frame:
    """What one pass is measured by, until its last update is known."""

    def __init__(self, step: int, loss: float, dead: dict[str, float], before: Any) -> None:
        self.step, self.loss, self.dead, self.before = step, loss, dead, before
        self.statistics: Any = None
        self.histograms: Any = None


class OverTime:
    """Samples a model at one of so many backward passes, and doubles their number when it is full.

    Only passes that reach the model count. A pass is measured from its beginning, when outputs and
    weights are sampled, to the beginning of the next pass, when the difference of the weights is
    what an optimizer added. Of a network so small that overhead is all it costs, that takes half a
    step; so, unless `every` is given, a training that goes on is soon measured at one of sixteen
    passes only.

    Which pass of so many is measured varies: always the first of two would never see the second of
    two micro-batches, after which the optimizer steps. The choice depends on nothing but counts, so
    two runs are measured at the same passes.
    """

    def __init__(self, model: Module, every: int | None, sample: Any = None) -> None:
        self.model, self.every, self.passes = model, every or OFTEN, 0
        self.is_free = every is None
        self.unit = every or 1  # what passes between two that are measured are a multiple of
        self.timeline = Timeline()
        self.follower = None if sample is None else Follower(model, sample)
        self.reach = Reach(model)
        self.outputs: dict[str, Node] = {}
        self.parameters = dict(model.named_parameters())
        self.layers: list[str] = []
        names = [f"{name}{part}" for name in self.parameters for part in ("", ".grad", ".update")]
        self.rows = {name: i for i, name in enumerate(names)}
        self.samples = Samples(len(self.rows))
        self.frame: _Frame | None = None
        self.found: list[_Frame] = []
        self.is_open, self.adds = True, False
        self.rectifiers: dict[str, bool] = {}
        self.undo: list[Callable[[], Any]] = []
        for path, module in model.named_modules():
            if not any(True for _ in module.children()):
                self.rectifiers[path] = isinstance(module, RECTIFIERS)
                self.undo.append(module.register_forward_hook(self._ran(path)).remove)
        self.unhook: list[Callable[[], None]] = []  # of nodes, in a pass that is measured

    def _ran(self, path: str) -> Callable[[Module, Any, Any], None]:
        def note(module: Module, inputs: Any, out: Any) -> None:
            out = out[0] if isinstance(out, tuple) and out else out
            if self.is_open and isinstance(out, Tensor) and out.op is not None:
                self.outputs[path] = out

        return note

    def _arrived(self, name: str) -> Callable[[Any], None]:
        def note(gradient: Any) -> None:
            if self.frame is not None and self.adds:
                self._put(name, data_of(gradient))

        note.only_looks = True  # type: ignore[attr-defined]
        return note

    def _put(self, name: str, data: Any) -> None:
        if isinstance(data, np.ndarray) and data.dtype.kind in "fiub":
            self.samples.put(self.rows[name], data)

    def look(self, root: Node, seed: Any, adds: bool) -> None:
        """At the beginning of a pass: end the last one, and measure this one if it is its turn."""
        self.adds = adds and self.reach.includes(root, self.outputs.values())
        if not self.adds:
            return
        self.finish()
        if self.follower is not None:
            self.follower.see()
        if self.is_open and self._is_due():
            self._begin(float(np.mean(data_of(root))))
        self.passes += 1
        self.outputs.clear()
        self.is_open = self._is_due()

    def _is_due(self) -> bool:
        """Whether the pass to come, or that has just begun, is the next to be measured."""
        block = len(self.found) + (self.frame is not None)
        places = self.every // self.unit
        place = int(places * (block * GOLDEN % 1.0))
        return self.passes >= block * self.every + place * self.unit

    def _begin(self, loss: float) -> None:
        self._join()
        self.samples.clear()
        for name, p in self.parameters.items():
            self._put(name, data_of(p))
        named_nodes: dict[str, Node] = dict(self.parameters)
        for path, out in self.outputs.items():
            self._put(named(path), data_of(out))
            if type(data_of(out)) is np.ndarray:
                named_nodes[named(path)] = out
        # A hook costs a call at each gradient, so it is there only while a pass is measured.
        self.unhook = [
            node.register_hook(self._arrived(f"{name}.grad")) for name, node in named_nodes.items()
        ]
        weights = [self.rows[name] for name in self.parameters]
        dead = {path: self._dead(path) for path in self.outputs}
        self.frame = _Frame(self.passes + 1, loss, dead, self.samples.entries[weights])

    def _join(self) -> None:
        """Make rows for layers that were not called in the passes that were measured before."""
        for path in self.outputs:
            if named(path) not in self.rows:
                self.layers.append(path)
                for part in ("", ".grad"):
                    self.rows[f"{named(path)}{part}"] = len(self.rows)
        self.samples.grow(len(self.rows))

    @property
    def _limit(self) -> int:
        """How many steps are kept."""
        limit = max(FEWEST, min(STEPS, CELLS // max(1, len(self.rows))))
        return min(limit, EARLY) if self.is_free and self.every < SELDOM else limit

    def _dead(self, path: str) -> float:
        data = data_of(self.outputs[path])
        if not self.rectifiers[path] or not isinstance(data, np.ndarray):
            return float("nan")
        if data.ndim < 2 or not data.size:
            return float("nan")
        axis = 1 if data.ndim == 4 else data.ndim - 1
        others = tuple(a for a in range(data.ndim) if a != axis)
        return 1.0 - float(np.mean(data.any(axis=others)))

    def finish(self) -> None:
        """Measure the pass that has begun: its updates are known now."""
        for remove in self.unhook:
            remove()
        self.unhook = []
        if self.frame is None:
            return
        for (name, p), before in zip(self.parameters.items(), self.frame.before, strict=True):
            row = self.rows[f"{name}.update"]
            self._put(f"{name}.update", data_of(p))
            self.samples.entries[row] -= before
        self.frame.statistics, self.frame.histograms = self.samples.measure()
        self.found.append(self.frame)
        self.frame = None
        if len(self.found) >= self._limit:
            pairs = range(len(self.found) // 2)  # of which the first or the second is kept
            self.found = [self.found[2 * k + int(2 * (k * GOLDEN % 1.0))] for k in pairs]
            self.every *= 2

    def fill(self) -> None:
        """Write what was found into the timeline."""
        self.finish()
        line = self.timeline
        line.passes = self.passes
        if self.follower is not None:
            self.follower.stop()
            self.follower.fill(line)
        if not self.found:
            return
        kinds = dict(self.model.named_modules())
        line.layers = self.layers
        line.kinds = [type(kinds[path]).__name__ for path in self.layers]
        line.names = self._names()
        frames = self.found
        line.steps = np.array([frame.step for frame in frames], np.int64)
        line.losses = np.array([frame.loss for frame in frames])
        nan = float("nan")
        dead = [[frame.dead.get(path, nan) for path in self.layers] for frame in frames]
        line.dead = np.array(dead).reshape(len(frames), -1)
        order = [self.rows[name] for name in line.names]
        statistics, histograms = [f.statistics for f in frames], [f.histograms for f in frames]
        line.statistics = _stacked(statistics, len(self.rows), nan)[:, order]
        line.histograms = _stacked(histograms, len(self.rows), 0)[:, order]

    def _names(self) -> list[str]:
        """The rows in the order in which they come about in a pass."""
        outputs = [named(path) for path in self.layers]
        gradients = [f"{name}.grad" for name in (*reversed(outputs), *reversed(self.parameters))]
        updates = [f"{name}.update" for name in self.parameters]
        return [*self.parameters, *outputs, *gradients, *updates]


def _stacked(found: Any, rows: int, missing: float) -> Any:
    """Arrays [rows, ...] of which the first have fewer rows, as one array."""
    full = np.full((len(found), rows, *found[0].shape[1:]), missing, found[0].dtype)
    for i, array in enumerate(found):
        full[i, : len(array)] = array
    return full


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
