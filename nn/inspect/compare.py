"""`compare`: where two runs part, node by node, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from autograd import SourceLine
from autograd.errors import counted, kind, message
from nn.arguments import number
from nn.inspect.record import Pass, Recorded, Recording
from nn.inspect.timeline import Timeline, opened, timeline_of
from nn.training.checkpoint import file_path


class Parting(NamedTuple):
    """The first place where two runs differ; its truth value says whether there is one.

    Attributes:
        step: the backward pass, counted from 1; 0 if the runs do not part.
        phase: "structure" if other operations ran, "parameters" if a step before the pass made the
            difference, "forward" or "backward"; "" if the runs do not part.
        operation: the operation, parameter or named value.
        module: the path of the module, "" for none.
        line: the line of the program, in the first run; None if it is not known.
        difference: the largest difference of an entry, over the largest finite entry.
        note: what differs.
        compared: how many arrays were compared up to there.
    """

    step: int
    phase: str
    operation: str
    module: str
    line: SourceLine | None
    difference: float
    note: str
    compared: int

    def __bool__(self) -> bool:
        return self.step > 0

    def __str__(self) -> str:
        if not self:
            return f"the runs do not part: {self.compared:,} arrays agree"
        where = f" in module {self.module}" if self.module else ""
        at = f"\n  at {self.line}" if self.line is not None else ""
        size = f" by {self.difference:.3g} of the largest entry" if self.difference else ""
        told = f"pass {self.step}, {self.phase}: {self.operation}{where}: {self.note}{size}"
        return f"{told}; {self.compared:,} arrays before it agree{at}"


Named = Mapping[str, Any]


def compare(
    run_a: Recording | Timeline | str | Path | Named,
    run_b: Recording | Timeline | str | Path | Named,
    *,
    rtol: float = 1e-9,
    atol: float = 0.0,
) -> Parting:
    """The first node, module and line where two recorded runs part, and by how much.

    Args:
        run_a: what `nn.record` yielded, or the path of its file; or named arrays of one pass, as a
            dictionary or an .npz file, such as those of a PyTorch model (see the page on
            debugging).
        run_b: the other run. If one of them has names only, the names that both have are compared.
        rtol: the difference to ignore, relative to the largest entry of an array.
        atol: the difference to ignore in any case.

    Raises:
        TypeError: an argument is neither a recording nor named arrays, or only one of them is a
            Timeline.
        FileNotFoundError: there is no such file.
        ValueError: there is nothing to compare, a file is something else or damaged, or a
            tolerance is negative.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
        >>> def run(scale):
        ...     with nn.record(model) as recording:
        ...         model(scale * np.ones((1, 2))).sum().backward()
        ...     return recording
        >>> nn.compare(run(1.0), run(1.0)).phase
        ''
        >>> parting = nn.compare(run(1.0), run(1.5))
        >>> parting.operation, parting.module, parting.phase
        ('inner', '0', 'forward')
    """
    bounds = number("compare", "rtol", rtol, 0.0), number("compare", "atol", atol, 0.0)
    run_a, run_b = (opened(run) for run in (run_a, run_b))
    if isinstance(run_a, Timeline) or isinstance(run_b, Timeline):
        a, b = (timeline_of("compare", run) for run in (run_a, run_b))
        return _compare_timelines(a, b, bounds)
    if isinstance(run_a, Recording) and isinstance(run_b, Recording):
        if not run_a.passes or not run_b.passes:
            raise ValueError(message("compare", "a recording without a backward pass"))
        return _compare_runs(run_a, run_b, bounds)
    return _compare_named(_named(run_a), _named(run_b), bounds)


def _compare_runs(a: Recording, b: Recording, bounds: tuple[float, float]) -> Parting:
    compared = 0
    for step, (one, other) in enumerate(zip(a.passes, b.passes, strict=False), 1):
        for found in _partings(step, one, other, bounds):
            if isinstance(found, Parting):
                return found._replace(compared=compared)
            compared += found
    return _ends(len(a.passes), len(b.passes), compared)


def _ends(a: int, b: int, compared: int) -> Parting:
    """Where two runs part that agree in all passes that both have."""
    if a == b:
        return Parting(0, "", "", "", None, 0.0, "", compared)
    note = f"one run has {counted(a, 'pass')}, the other {b:,}"
    return Parting(min(a, b) + 1, "structure", "backward", "", None, 0.0, note, compared)


def _partings(step: int, a: Pass, b: Pass, bounds: tuple[float, float]) -> Iterator[int | Parting]:
    """Numbers of arrays that agree, until the first parting."""
    for i, (x, y) in enumerate(zip(a.nodes, b.nodes, strict=False)):
        yield from _inserted(step, a, b, i)
        yield from _forward(step, x, y, bounds)
    if len(a.nodes) != len(b.nodes):
        longer = max(a.nodes, b.nodes, key=len)[min(len(a.nodes), len(b.nodes))]
        note = f"one graph has {len(a.nodes)} nodes, the other {len(b.nodes)}"
        yield _at(step, "structure", longer, 0.0, note)
    # Youngest first, as gradients flow: the first difference is where it was made.
    for x, y in zip(reversed(a.nodes), reversed(b.nodes), strict=True):
        yield from _cotangents(step, x, y, bounds)


def _alike(x: Recorded, y: Recorded) -> bool:
    """Whether two nodes are the same operation, in the same module, of the same shape."""
    names = (x.operation, x.module) == (y.operation, y.module)
    return names and np.shape(x.data) == np.shape(y.data)


def _inserted(step: int, a: Pass, b: Pass, i: int) -> Iterator[Parting]:
    """A node that only one run has, if the two go on alike after it."""
    x, y = a.nodes[i], b.nodes[i]
    if _alike(x, y):
        return
    if i + 1 < len(b.nodes) and _alike(x, b.nodes[i + 1]):
        note = f"the other run has {_told(y)} here, and then the two go on alike"
        yield _at(step, "structure", y, 0.0, note)
    elif i + 1 < len(a.nodes) and _alike(a.nodes[i + 1], y):
        note = f"this run has {_told(x)} here, and then the two go on alike"
        yield _at(step, "structure", x, 0.0, note)


def _told(node: Recorded) -> str:
    return f"{node.operation} of shape {np.shape(node.data)}"


def _forward(
    step: int, x: Recorded, y: Recorded, bounds: tuple[float, float]
) -> Iterator[int | Parting]:
    if not _alike(x, y):
        note = f"the other run has {_told(y)} here, not {np.shape(x.data)}"
        yield _at(step, "structure", x, 0.0, note)
    for argument, datum in x.given.items():
        other: Any = y.given.get(argument)
        if np.shape(datum) != np.shape(other) or distance(datum, other, bounds):
            size = distance(datum, other, bounds) if np.shape(datum) == np.shape(other) else 0.0
            note = f"argument {argument}, which is plain data, differs"
            yield _at(step, "forward", x, size, note)
        yield 1
    size = distance(x.data, y.data, bounds)
    if size:
        is_parameter = x.operation.startswith("parameter")
        note = "its value differs, and those of its inputs do not"
        if is_parameter:
            note = "its value differs, though nothing before did: the step before it, or its start"
        elif x.operation.startswith("leaf"):
            note = "its value differs"
        yield _at(step, "parameters" if is_parameter else "forward", x, size, note)
    yield 1


def _cotangents(
    step: int, x: Recorded, y: Recorded, bounds: tuple[float, float]
) -> Iterator[int | Parting]:
    # A hook may have changed what consumers handed down.
    if x.gradient is not None and y.gradient is not None:
        size = distance(x.gradient, y.gradient, bounds)
        if size:
            note = "its gradient differs, and what its consumers handed down does not"
            yield _at(step, "backward", x, size, note)
        yield 1
    for argument, c in x.handed.items():
        size = distance(c, y.handed.get(argument), bounds)
        if size:
            note = f"the gradient for argument {argument} differs, and its own gradient does not"
            yield _at(step, "backward", x, size, note)
        yield 1


def _at(step: int, phase: str, node: Recorded, size: float, note: str) -> Parting:
    return Parting(step, phase, node.operation, node.module, node.line, size, note, 0)


def distance(a: Any, b: Any, bounds: tuple[float, float] = (0.0, 0.0)) -> float:
    """The largest difference of an entry over the largest finite entry; 0 within the bounds.

    nan agrees with nan, and inf with inf of the same sign. Any other difference from nan or inf is
    infinite.

    Example:
        >>> from nn.inspect.compare import distance
        >>> distance([1.0, 2.0], [1.0, 2.5]), distance([np.nan], [np.nan])
        (0.2, 0.0)
    """
    if a is None or b is None:
        return 0.0 if a is b else 1.0
    x, y = np.asarray(a), np.asarray(b)
    if x.shape != y.shape:
        return 1.0
    if x.dtype.kind not in "fc" and y.dtype.kind not in "fc":
        return float(not np.array_equal(x, y))
    with np.errstate(all="ignore"):
        x, y = np.asarray(x, float), np.asarray(y, float)
        both = x, y
        same = (x == y) | (np.isnan(x) & np.isnan(y))
        if same.all():
            return 0.0
        x, y = x[~same], y[~same]
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            return float("inf")
        finite = (np.abs(array[np.isfinite(array)]) for array in both)
        largest = float(max(np.max(sizes, initial=0.0) for sizes in finite))
        worst = float(np.max(np.abs(x - y))) / largest
        if not np.isfinite(worst):  # a difference of 2e308 overflows
            worst = float(np.max(np.abs(x / largest - y / largest)))
    rtol, atol = bounds
    return worst if worst > atol / largest + rtol else 0.0


# --- over time ---


def _compare_timelines(a: Timeline, b: Timeline, bounds: tuple[float, float]) -> Parting:
    """The first of the steps that both have at which statistics differ, or the end of one run."""
    _, places, others = np.intersect1d(a.steps, b.steps, return_indices=True)
    if not len(places):
        raise ValueError(message("compare", "timelines without a common step"))
    compared = 0
    for i, j in zip(places, others, strict=True):
        found = _compare_named(a.named(int(i)), b.named(int(j)), bounds)
        compared += found.compared
        if found:
            return found._replace(step=int(a.steps[i]), compared=compared)
    return _ends(a.passes, b.passes, compared)


# --- by name ---


def _named(run: Any) -> Named:
    if isinstance(run, Recording):
        if not run.passes:
            raise ValueError(message("compare", "a recording without a backward pass"))
        return run.passes[0].values
    if isinstance(run, (str, Path)):
        return _read(file_path("compare", run, "nn.compare(run_a, run_b)"))
    if isinstance(run, Mapping):
        return run
    expected = "what nn.record yielded, a dictionary of arrays or the path of an .npz file"
    raise TypeError(message("compare", kind(run), expected))


def _read(path: Path) -> Named:
    """The arrays of an .npz file, by name."""
    if not path.is_file():
        got = f"{path}, where there is no file"
        raise FileNotFoundError(message("compare", got, "the path of an .npz file"))
    try:
        # Opened here, because NumPy leaves a file open that is a damaged archive.
        with open(path, "rb") as stream, np.load(stream) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, TypeError, EOFError, BadZipFile):  # an .npy file has no names
        got, hint = f"{path}, which is something else", "write it with np.savez(path, **arrays)"
        raise ValueError(message("compare", got, "an .npz file of arrays", hint)) from None


def _compare_named(a: Named, b: Named, bounds: tuple[float, float]) -> Parting:
    names = [name for name in a if name in b]
    if not a or not b:
        which = "two runs" if not a and not b else "a run"
        raise ValueError(message("compare", f"{which} without values", "at least one in each"))
    if not names:
        got = f"no name that both have, of {', '.join(list(a)[:3])} and {', '.join(list(b)[:3])}"
        hint = "name outputs '0.out', gradients '0.out.grad' and '0.weight.grad', as record does"
        raise ValueError(message("compare", got, "common names", hint))
    for compared, name in enumerate(names):
        x, y = np.asarray(a[name]), np.asarray(b[name])
        size = distance(x, y, bounds)
        if not size:
            continue
        module, _, part = name.removesuffix(".grad").removesuffix(".update").rpartition(".")
        is_slope = name.endswith(".grad")
        phase = "backward" if is_slope else "forward" if part in ("out", "loss") else "parameters"
        note = "differs, and all values before it agree"
        if x.shape != y.shape:
            note, size = f"has shape {x.shape} here and {y.shape} there", 0.0
        return Parting(1, phase, name, module, None, size, note, compared)
    return Parting(0, "", "", "", None, 0.0, "", len(names))
