"""`viewer`: one page that shows a training over time, or two of them side by side."""

from __future__ import annotations

import base64
import json
import os
import string
from pathlib import Path
from typing import Any

import numpy as np

from autograd.errors import counted, message
from autograd.files import write_file
from nn.inspect.compare import Parting, compare
from nn.inspect.paths import packed_paths
from nn.inspect.timeline import Timeline, timeline_of
from nn.training.checkpoint import file_path

WEB = Path(__file__).parent / "web"
CELLS = 18_000  # steps times arrays of each run: a page of two runs has less than 3 MB


def viewer(
    run: Timeline | str | os.PathLike[str],
    other: Timeline | str | os.PathLike[str] | None = None,
    *,
    path: str | os.PathLike[str] | None = None,
) -> Path:
    """Write one HTML page of a training over time; it needs no network and no other file.

    It shows the network, coloured by gradients, dead units, outputs or updates, with a slider for
    the step; the loss; curves by layer; histograms of outputs, weights, gradients and updates over
    time; and, if the run was recorded with one, the path of a sample: how what each layer makes of
    it moves. With a second run, both are shown, and the first difference is marked.

    Args:
        run: what `nn.record(model, path)` yielded, or the path of its file.
        other: another run to compare it with.
        path: the page; by default, the file of `run` with the suffix .html.

    Returns:
        the path of the page, which is smaller than 3 MB.

    Raises:
        TypeError: `run` or `other` is no timeline, or there is no path to write to.
        FileNotFoundError: there is no such file.
        IsADirectoryError: a path is a folder.
        ValueError: a file holds something else, the page would replace a recording, or a timeline
            has no steps.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "run.glass")
        >>> with nn.record(model, path):
        ...     for _ in range(20):
        ...         optimizer.zero_grad()
        ...         model(np.ones((8, 2))).square().mean().backward()
        ...         optimizer.step()
        >>> nn.viewer(path).name
        'run.html'
    """
    given = [run] if other is None else [run, other]
    timelines = [timeline_of("viewer", one) for one in given]
    if path is None and isinstance(run, Timeline):
        raise TypeError(message("viewer", "a Timeline without a path", "path='run.html'"))
    beside = path if path is not None else Path(os.fspath(run)).with_suffix(".html")  # type: ignore[arg-type]
    target = file_path("viewer", beside, "nn.viewer(run, path=path)")
    if target.is_dir():
        raise IsADirectoryError(message("viewer", f"the folder {target}", "the path of a file"))
    if any(_is_same(one, target) for one in given):
        got, hint = f"{target} as the page, which is a recording", "write path='page.html'"
        raise ValueError(message("viewer", got, "another file", hint))
    if not all(len(timeline.steps) for timeline in timelines):
        hint = "call backward() inside the block of nn.record(model, path)"
        raise ValueError(message("viewer", "a timeline without steps", "at least one", hint))
    titles = [
        f"run {i}" if isinstance(one, Timeline) else Path(one).name
        for i, one in enumerate(given, 1)
    ]
    write_file(target, page(timelines, titles).encode())
    return target


def _is_same(run: Any, target: Path) -> bool:
    """Whether a page would be written over the recording that it shows."""
    return not isinstance(run, Timeline) and target.exists() and os.path.samefile(run, target)


def page(timelines: list[Timeline], titles: list[str]) -> str:
    """The text of the page."""
    parting = compare(*timelines) if len(timelines) == 2 else None
    about = [
        f"{title}: {counted(len(line.steps), 'step')} of {_passes(line):,}, "
        f"{counted(len(line.layers), 'layer')}, {counted(len(line.names), 'array')}"
        for title, line in zip(titles, timelines, strict=True)
    ]
    if parting is not None and not parting:
        about.append("no difference in the steps that both have")
    content = {
        "runs": [_packed(*one) for one in zip(timelines, titles, strict=True)],
        "about": "; ".join(about),
        "paths": packed_paths(timelines),
        "difference": None if not parting else _difference(parting, timelines[0]),
        "broken": [_broken(timeline) for timeline in timelines],
    }
    # In a script, "</script>" and "<!--" would end it or begin a comment.
    data = json.dumps(content, ensure_ascii=True).replace("<", "\\u003c")
    html, style, script = (
        (WEB / f"viewer.{suffix}").read_text(encoding="utf-8") for suffix in ("html", "css", "js")
    )
    return string.Template(html).substitute(style=style, script=script, data=data)


def _difference(parting: Parting, timeline: Timeline) -> dict[str, Any]:
    """Where two runs part, as the page marks it."""
    owners = [p for p in timeline.layers if parting.operation.startswith(f"{p}." if p else "")]
    text = f"First difference at step {parting.step}: {parting.operation} {parting.note}"
    return {"step": parting.step, "layer": max(owners, key=len, default=""), "text": text}


def _passes(timeline: Timeline) -> int:
    return max(timeline.passes, int(timeline.steps[-1]))


def _broken(timeline: Timeline) -> dict[str, Any] | None:
    """The first measured step at which the loss or a parameter is nan or inf, and which it is."""
    others = (".grad", ".update", ".out")
    names = [n for n in timeline.names if n != "out" and not n.endswith(others)]
    rows = [timeline.names.index(name) for name in names]
    means = timeline.statistics[:, rows, 0]
    values = np.concatenate([timeline.losses[:, None], means], axis=1)
    at = np.argwhere(~np.isfinite(values))
    if not len(at):
        return None
    row, column = at[0]
    word = "NaN" if np.isnan(values[row, column]) else "inf"
    step, what = int(timeline.steps[row]), ["the loss", *names][column]
    return {"step": step, "text": f"{word} from step {step}", "what": what}


def _packed(timeline: Timeline, title: str) -> dict[str, Any]:
    """A timeline as the page reads it; steps are left out where it would be too large."""
    most = max(2, CELLS // max(1, len(timeline.names)))
    thin = max(1, -(-len(timeline.steps) // most))
    kept = np.arange(0, len(timeline.steps), thin)
    if len(kept) and kept[-1] != len(timeline.steps) - 1:
        kept = np.append(kept, len(timeline.steps) - 1)
    return {
        "title": title,
        "steps": timeline.steps[kept].tolist(),
        "names": timeline.names,
        "layers": timeline.layers,
        "kinds": timeline.kinds,
        "losses": _text(timeline.losses[kept], "<f4"),
        "statistics": _text(timeline.statistics[kept], "<f4"),
        "histograms": _text(timeline.histograms[kept], np.uint8),
        "dead": _text(timeline.dead[kept], "<f4"),
    }


def _text(array: Any, dtype: Any) -> str:
    with np.errstate(all="ignore"):
        return base64.b64encode(np.asarray(array, dtype).tobytes()).decode()
