"""What was measured, as a page and as a figure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.workloads import WORKLOADS

COLOURS = ("#000000", "#0072b2", "#56b4e9", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#999999")
MARKERS = "o*^sDvPX"

INTRODUCTION = """# Benchmarks

Glassgrad beside its peers: one run, one machine, one after the other. Each peer is in an
environment of its own. All get the same data and the same parameters; outputs and gradients are
compared before anything is timed. Then the contestants take turns, in an order drawn anew each
time, and a ratio compares what was measured in one turn. Given are medians, with the quartiles in
brackets. **NumPy by hand** is the floor for an engine that runs operation by operation: forward and
backward pass as one derives them on the whiteboard, without graph, checks and modules. Losses stand
here as plainly as wins.

```sh
python -m benchmarks setup    # environments for the peers, in build/benchmarks
python -m benchmarks          # measures, and writes this page, its figure, and benchmarks.json
```
"""


def duration(seconds: float) -> str:
    """Three digits, with a unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1.0 or unit == "µs":
            value = seconds * scale
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    raise AssertionError


def ratio(row: dict[str, Any]) -> str:
    """The median with the quartiles."""
    return f"{row['ratio']:.2f} ({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table in Markdown, numbers to the right."""
    columns = list(columns)
    line = ["---", *["---:"] * (len(columns) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (columns, line, *rows)] + [""]


def page(results: dict[str, Any]) -> str:
    """The page in Markdown."""
    machine = results["machine"]
    lines = [INTRODUCTION, "## Where", ""]
    lines += [
        f"{machine['processor']}, {machine['threads']} threads for all, {machine['system']}, "
        "Python "
        f"{machine['python']}, NumPy {machine['numpy']} with {machine['blas']}"
        + (f", kernel {machine['kernel']}" if machine.get("kernel") else "")
        + f"; {results['date']}. Peers: {versions(results['versions'])}.",
        "",
        "## Training steps",
        "",
        "Forward pass, loss, backward pass and a step of gradient descent, in float32. The ratio "
        "is that of the times to NumPy by "
        "hand.",
        "",
        "![Time of a training step in relation to hand-written NumPy](benchmarks.svg)",
        "",
    ]
    names = list(dict.fromkeys(row["workload"] for row in results["workloads"]))
    for name in names:
        if not name.startswith("op-"):
            lines += [f"### {WORKLOADS[name].title}", "", *rows_of(results, name)]
    if any(name.startswith("op-") for name in names):
        lines += operations(results, [name for name in names if name.startswith("op-")])
    for key, make in (
        ("anatomy", anatomy), ("memory", memory), ("chains", chains), ("imports", imports),
        ("drawings", drawings)
    ):  # fmt: skip
        if results.get(key):
            lines += make(results[key])
    return "\n".join(lines).rstrip() + "\n"


def versions(found: dict[str, Any]) -> str:
    """The peers with their versions."""
    return ", ".join(f"{peer} {v['peer']}" for peer, v in found.items() if v["peer"])


def rows_of(results: dict[str, Any], name: str) -> list[str]:
    """The table of one workload; what could not be measured says why."""
    rows = [row for row in results["workloads"] if row["workload"] == name]
    there = sorted((r for r in rows if "seconds" in r), key=lambda r: r["seconds"])
    reference = there[0]["reference"] if there else ""
    cells = [[r["contestant"], duration(r["seconds"]), ratio(r)] for r in there]
    cells += [[r["contestant"], "", r["missing"]] for r in rows if "missing" in r]
    return table(("", "time", f"ratio to {reference}"), cells)


def operations(results: dict[str, Any], names: list[str]) -> list[str]:
    """One line for each operation and size, one column for each contestant."""
    by_name = {(r["workload"], r["contestant"]): r for r in results["workloads"]}
    contestants = list(dict.fromkeys(c for w, c in by_name if w in names))
    lines = [
        "## Single operations",
        "",
        "The operation and its gradients, in float32: the time by hand, and ratios to it.",
        "",
    ]
    cells = []
    for name in names:
        row = [WORKLOADS[name].title]
        for c in contestants:
            found = by_name.get((name, c), {})
            first = c == contestants[0] and "seconds" in found
            row.append(duration(found["seconds"]) if first else f"{found.get('ratio', 0):.2f}")
        cells.append(row)
    return lines + table(("", *contestants), cells)


def anatomy(rows: list[dict[str, Any]]) -> list[str]:
    """Where the time goes."""
    lines = [
        "## Where the time goes",
        "",
        "Small arrays cost calls of functions, large ones memory. For a step by hand / ours: the "
        "time, how many functions are "
        "called (Python's and C's), how many pages of 4 kB the system has to hand out and clear. "
        "Then what a call more costs "
        "us, and which part of our step the backward pass and the optimizer take.",
        "",
    ]
    cells = []
    for r in rows:
        more = r["ours calls"] - r["hand calls"]
        cells.append(
            [
                WORKLOADS[r["workload"]].title,
                f"{duration(r['hand'])} / {duration(r['ours'])}",
                f"{r['hand calls']:,} / {r['ours calls']:,}",
                f"{r['hand pages']:,.0f} / {r['ours pages']:,.0f}",
                f"{(r['ours'] - r['hand']) / more * 1e6:.2f} µs",
                f"{r['backward']:.0%}",
                f"{r['optimizer']:.0%}",
            ]
        )
    columns = ("", "time", "calls", "pages", "each call more", "backward", "optimizer")
    return lines + table(columns, cells)


def memory(rows: list[dict[str, Any]]) -> list[str]:
    """How much a step needs."""
    lines = [
        "## Memory",
        "",
        "By how much three training steps raise the peak of what the process occupies, above data "
        "and parameters.",
        "",
    ]
    contestants = list(dict.fromkeys(r["contestant"] for r in rows))
    names = list(dict.fromkeys(r["workload"] for r in rows))
    found = {(r["contestant"], r["workload"]): r.get("bytes") for r in rows}
    cells = [
        [c, *(f"{b / 1e6:.1f} MB" if (b := found.get((c, n))) is not None else "" for n in names)]
        for c in contestants
    ]
    return lines + table(("", *(WORKLOADS[n].title for n in names)), cells)


def chains(rows: list[dict[str, Any]]) -> list[str]:
    """How cost grows with the number of nodes."""
    lines = [
        "## Cost against size",
        "",
        "A chain of multiplications, forward and backward: microseconds for each node, and the "
        "memory that each takes. "
        "Whole process: from the start of Python to its end, import included.",
        "",
    ]
    cells = []
    for r in rows:
        if "seconds" not in r:
            cells.append([r["contestant"], f"{r['nodes']:,}", "", "", r["missing"]])
            continue
        per_node = f"{r['seconds'] / r['nodes'] * 1e6:.2f} µs"
        cells.append(
            [r["contestant"], f"{r['nodes']:,}", per_node, f"{max(r['bytes'], 0):.0f} B",
             f"{r['process']:.2f} s"]
        )  # fmt: skip
    return lines + table(("", "nodes", "each", "memory of each", "whole process"), cells)


def imports(rows: list[dict[str, Any]]) -> list[str]:
    """How long import takes."""
    lines = ["## Import", "", "In a fresh process; the ratio is to NumPy's own.", ""]
    cells = [[r["import"], duration(r["seconds"]), ratio(r)] for r in rows]
    return lines + table(("", "time", "ratio"), cells)


def drawings(rows: list[dict[str, Any]]) -> list[str]:
    """How long pictures take."""
    lines = [
        "## Drawing",
        "",
        "The graph of a perceptron's loss: the pass that makes it, its DOT source, and its layout "
        "by Graphviz as SVG; "
        "opened, and with a box for each layer.",
        "",
    ]
    cells = [
        [f"{r['layers']} layers, {r['nodes']} nodes", *map(duration, r["seconds"])] for r in rows
    ]
    columns = ("", "the pass", "DOT", "SVG", "DOT, depth=1", "SVG, depth=1")
    return lines + table(columns, cells)


def figure(results: dict[str, Any], path: Path) -> None:
    """Ratios to hand-written NumPy: a row for each workload, a mark for each contestant."""
    rows = [
        r for r in results["workloads"]
        if "ratio" in r and r["reference"] == "NumPy by hand" and not
        r["workload"].startswith("op-")
    ]  # fmt: skip
    names = list(dict.fromkeys(r["workload"] for r in rows))[::-1]
    contestants = list(dict.fromkeys(r["contestant"] for r in rows))
    drawing = Figure(figsize=(9.0, 1.2 + 0.62 * len(names)), layout="constrained")
    axes = drawing.subplots()
    for i, contestant in enumerate(contestants):
        mine = [r for r in rows if r["contestant"] == contestant]
        axes.plot(
            [r["ratio"] for r in mine],
            [names.index(r["workload"]) for r in mine],
            MARKERS[i % len(MARKERS)],
            color=COLOURS[i % len(COLOURS)],
            ms=11 if contestant == "Glassgrad" else 7,
            alpha=0.9,
            label=contestant,
            zorder=3 if contestant == "Glassgrad" else 2,
        )
    axes.set_xscale("log")
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)]
    low, high = min(r["ratio"] for r in rows) / 1.3, max(r["ratio"] for r in rows) * 1.3
    axes.set_xlim(low, high)
    shown = [t for t in ticks if low < t < high]
    axes.set_xticks(shown, [f"{t:g}×" for t in shown], minor=False)
    axes.minorticks_off()
    axes.set_yticks(range(len(names)), [WORKLOADS[n].title for n in names])
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.axvline(1.0, color="#000000", lw=0.8)
    axes.grid(axis="x", alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("time of a step in relation to NumPy by hand (further left is faster)")
    drawing.legend(loc="outside upper center", ncols=4, frameon=False)
    drawing.savefig(path)
