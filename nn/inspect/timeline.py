"""`Timeline`: the statistics of a training, step by step, and the file that holds them."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from autograd.errors import counted, kind, message
from autograd.files import write_file
from autograd.html import curves, plots, shown
from nn.inspect.samples import BINS, STATISTICS
from nn.training.checkpoint import file_path

FORMAT = "glassgrad timeline 2"
UNITS = 64  # at most, of a layer, in the path of a sample
SHAPES: dict[str, tuple[Any, ...]] = {
    "passes": (), "steps": ("steps",), "losses": ("steps",),
    "names": ("names",), "layers": ("layers",), "kinds": ("layers",),
    "statistics": ("steps", "names", len(STATISTICS)),
    "histograms": ("steps", "names", BINS), "dead": ("steps", "layers"),
    "sample_steps": ("moments",), "sample_layers": ("sample_layers",),
    "sample": ("moments", "sample_layers", UNITS),
}  # fmt: skip
TEXTS = {"names", "layers", "kinds", "sample_layers"}


class Timeline:
    """Statistics of a run at some of its backward passes; `nn.viewer` shows it.

    Attributes:
        passes: how many backward passes reached the model.
        steps: the numbers of those that were measured, counted from 1, int64 [steps].
        losses: the result that each of them began from, float64 [steps].
        names: what was measured: "0.weight", "0.out", the same with ".grad", and "0.weight.update",
            what was added to the weight after the pass.
        layers: the paths of the modules without submodules, in the order of first calls.
        kinds: their classes.
        statistics: mean, standard deviation, smallest and largest entry of each, float64
            [steps, names, 4]; nan for what was not there.
        histograms: the shares of entries in 24 bins from the smallest to the largest, times 255,
            uint8 [steps, names, 24].
        dead: the share of the units of each layer that are 0 for the whole batch, float64
            [steps, layers]; nan for layers that are not rectifiers.
        sample_steps: the passes before which the model was run on the sample, int64 [moments].
        sample_layers: the layers that ran then, in the order of calls.
        sample: at most 64 entries of what each of them computed, evenly spaced, float32
            [moments, sample_layers, 64]; nan where a layer has fewer.
    """

    def __init__(self) -> None:
        self.passes = 0
        self.steps: Any = np.zeros(0, np.int64)
        self.losses: Any = np.zeros(0)
        self.names: list[str] = []
        self.layers: list[str] = []
        self.kinds: list[str] = []
        self.statistics: Any = np.zeros((0, 0, len(STATISTICS)))
        self.histograms: Any = np.zeros((0, 0, BINS), np.uint8)
        self.dead: Any = np.zeros((0, 0))
        self.sample_steps: Any = np.zeros(0, np.int64)
        self.sample_layers: list[str] = []
        self.sample: Any = np.zeros((0, 0, UNITS), np.float32)

    def __repr__(self) -> str:
        return (
            f"Timeline({counted(len(self.steps), 'step')}, {counted(len(self.layers), 'layer')}, "
            f"{counted(len(self.names), 'array')})"
        )

    def _repr_html_(self) -> str:
        """For notebooks: the curve of the loss."""
        facts = [counted(len(self.steps), "step"), counted(len(self.layers), "layer")]
        curve = curves("loss", {"loss": self.losses.tolist()}, self.steps.tolist(), across="step")
        return shown("Timeline", facts, plots([curve] if len(self.steps) else []))

    def named(self, step: int) -> dict[str, Any]:
        """The statistics of one of the steps, by name, and the loss.

        Args:
            step: the place in `steps`, from 0.

        Raises:
            IndexError: there is no such step.
        """
        if not 0 <= step < len(self.steps):
            got = f"step {step} of {len(self.steps)}"
            raise IndexError(message("Timeline.named", got, "a step that was recorded"))
        found = dict(zip(self.names, self.statistics[step], strict=True))
        values = {n: found[n] for n in self.names if not n.endswith((".grad", ".update"))}
        values["loss"] = self.losses[step]
        return values | found  # gradients after the loss, as they come about

    def save(self, path: str | Path) -> Path:
        """Write an .npz file, whatever the suffix of its name.

        Raises:
            TypeError: `path` is not a path.
            OSError: the file cannot be written; the old one, if any, is unchanged.
        """
        target = file_path("Timeline.save", path, "timeline.save(path)")
        content = io.BytesIO()
        # np.savez_compressed takes three times as long, for a file that is a tenth smaller.
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, array in {"format": np.array(FORMAT), **self._arrays()}.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, array, allow_pickle=False)
        write_file(target, content.getbuffer())
        return target

    def _arrays(self) -> dict[str, Any]:
        found = {name: np.array(getattr(self, name)) for name in SHAPES if name not in TEXTS}
        return found | {name: np.array(getattr(self, name), dtype=np.str_) for name in TEXTS}


def load_timeline(what: str, path: str | os.PathLike[str]) -> Timeline:
    """Read what `Timeline.save` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        IsADirectoryError: it is a folder.
        ValueError: it is something else, or damaged.
    """
    file = file_path(what, path, f"nn.{what}(path)")
    hint = "write one with: with nn.record(model, path): train()"
    if file.is_dir():
        raise IsADirectoryError(message(what, f"the folder {file}", "the path of a file", hint))
    if not file.is_file():
        raise FileNotFoundError(message(what, f"{file}, where there is no file", hint=hint))
    try:
        with open(file, "rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            given = {name: arrays[name] for name in (*SHAPES, "format")}
        if str(given["format"]) != FORMAT:
            raise ValueError("another format")
        _check_shapes(given)
    except (ValueError, TypeError, KeyError, EOFError, BadZipFile):
        got = f"{file}, which is something else or damaged"
        raise ValueError(message(what, got, "a timeline", hint)) from None
    timeline = Timeline()
    for name in SHAPES:
        array = given[name]
        is_plain = name in TEXTS or not array.ndim
        setattr(timeline, name, array.tolist() if is_plain else array)
    return timeline


def _check_shapes(arrays: dict[str, Any]) -> None:
    lengths: dict[Any, int] = {}
    for name, axes in SHAPES.items():
        array, is_text = arrays[name], name in TEXTS
        if array.ndim != len(axes) or array.dtype.kind not in ("U" if is_text else "fiu"):
            raise ValueError(name)
        for axis, length in zip(axes, array.shape, strict=True):
            if length != (axis if isinstance(axis, int) else lengths.setdefault(axis, length)):
                raise ValueError(name)


def opened(run: Any) -> Any:
    """The timeline of a file, if it is the path of one; else what was given."""
    if not isinstance(run, (str, os.PathLike)) or not os.path.isfile(run):
        return run
    try:
        with zipfile.ZipFile(run) as archive:
            is_timeline = {"format.npy", "statistics.npy"} <= set(archive.namelist())
    except (BadZipFile, OSError):
        return run
    return load_timeline("compare", run) if is_timeline else run


def timeline_of(what: str, run: Any) -> Timeline:
    """A timeline, or that of a file.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(run, Timeline):
        return run
    if isinstance(run, (str, os.PathLike)):
        return load_timeline(what, run)
    expected = "a Timeline or the path of its file"
    raise TypeError(message(what, kind(run), expected, "record with nn.record(model, path)"))
