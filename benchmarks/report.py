"""The results as a page and as a figure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.workloads import WORKLOADS

# The colour of the library, and a mark: a triangle for what is compiled.
STYLES = {
    "NumPy by hand": ("#000000", "o"),
    "Glassgrad": ("#0072b2", "*"),
    "Glassgrad, compiled": ("#0072b2", "^"),
    "Glassgrad, compiled, no gradients kept": ("#56b4e9", "^"),
    "Glassgrad, compiled to NumPy": ("#56b4e9", "D"),
    "Glassgrad, functions": ("#56b4e9", "s"),
    "PyTorch": ("#d55e00", "o"),
    "PyTorch, torch.compile": ("#d55e00", "^"),
    "JAX": ("#009e73", "o"),
    "JAX, jit": ("#009e73", "^"),
    "HIPS autograd": ("#cc79a7", "P"),
    "MyGrad": ("#999999", "X"),
}
OURS = ("Glassgrad", "Glassgrad, compiled")  # marked larger
# The columns of the overview.
GLANCE = {
    "NumPy by hand": "by hand",
    "Glassgrad": "Glassgrad",
    "Glassgrad, compiled": "compiled",
    "Glassgrad, compiled, no gradients kept": "no gradients kept",
    "Glassgrad, compiled to NumPy": "to NumPy",
    "PyTorch": "PyTorch",
    "PyTorch, torch.compile": "torch.compile",
    "JAX, jit": "JAX jit",
}

INTRODUCTION = """# Benchmarks

This page compares Glassgrad with other libraries in a single run on one machine. Each library has
its own environment. All of them get the same data and the same parameters, and their outputs and
gradients are compared before anything is timed. They then take turns in an order that is reshuffled
every round, and each ratio compares times from the same round. The tables show medians, with
quartiles in parentheses. **NumPy by hand** is the lower bound for an engine that runs operation by
operation: the forward and the backward pass as you derive them on the whiteboard, without a graph,
checks or modules. The tables include the cases that Glassgrad loses.

```sh
python -m benchmarks setup    # create the peers' environments in build/benchmarks
python -m benchmarks          # measure, then write this page, its figure, and benchmarks.json
```
"""


def prose(text: str) -> list[str]:
    """Wrap a paragraph at 100 columns, and add an empty line."""
    return [*textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False), ""]


def duration(seconds: float) -> str:
    """Format a duration with three digits and a unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1.0 or unit == "µs":
            value = seconds * scale
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    raise AssertionError


def ratio(row: dict[str, Any], prefix: str = "") -> str:
    """Format the median ratio with its quartiles; small ones with three digits."""
    numbers = [row[f"{prefix}ratio{part}"] for part in ("", "_low", "_high")]
    digits = 2 if numbers[0] >= 0.2 else 3
    middle, low, high = (f"{x:.{digits}f}" for x in numbers)
    return f"{middle} ({low} to {high})"


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Format a table in Markdown, with numbers aligned to the right."""
    columns = list(columns)
    line = ["---", *["---:"] * (len(columns) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (columns, line, *rows)] + [""]


def page(results: dict[str, Any]) -> str:
    """Return the page in Markdown."""
    machine = results["machine"]
    kernel = f", kernel {machine['kernel']}" if machine.get("kernel") else ""
    lines = [
        INTRODUCTION,
        "## Setup",
        "",
        *prose(
            f"{machine['processor']}, {machine['system']}, "
            f"Python {machine['python']}, NumPy {machine['numpy']} with {machine['blas']}{kernel}; "
            f"{results['date']}. Peers: {versions(results['versions'])}."
        ),
        "## Training steps",
        "",
        *prose(
            "Forward pass, loss, backward pass and one step of gradient descent, in float32. "
            "Ratios are relative to NumPy by hand. With one thread the processor's time is "
            "measured, which other programs disturb less; with several the time on the clock. "
            "Glassgrad compiles whole steps with `ag.compile`, to machine code or to NumPy; with "
            "`keep_gradients=False` they end with the parameters, and `.grad` is not there."
        ),
        "![Time of a training step relative to hand-written NumPy](benchmarks.svg)",
        "",
        *glance(results),
    ]
    names = list(dict.fromkeys(row["workload"] for row in results["workloads"]))
    for name in names:
        if not name.startswith("op-"):
            lines += [f"### {WORKLOADS[name].title}", "", *rows_of(results, name)]
    if any(name.startswith("op-") for name in names):
        lines += operations(results, [name for name in names if name.startswith("op-")])
    for key, make in SECTIONS.items():
        if results.get(key):
            lines += make(results[key])
    return "\n".join(lines).rstrip() + "\n"


def versions(found: dict[str, Any]) -> str:
    """List the peers with their versions."""
    return ", ".join(f"{peer} {v['peer']}" for peer, v in found.items() if v["peer"])


def glance(results: dict[str, Any]) -> list[str]:
    """Return the table of all training steps with one thread: the median ratios to NumPy by hand,
    in bold where nobody is faster."""
    first = results["workloads"][0]["threads"]
    found = {
        (r["workload"], r["contestant"]): r["processor_ratio"]
        for r in results["workloads"]
        if r["threads"] == first
        and r.get("reference") == "NumPy by hand"
        and "processor_ratio" in r
    }
    cells = []
    for name in dict.fromkeys(w for w, _ in found if not w.startswith("op-")):
        mine = [found.get((name, contestant)) for contestant in GLANCE]
        best = min(r for r in mine if r is not None)
        line = ["" if r is None else f"{r:.{2 if r >= 0.2 else 3}f}" for r in mine]
        bold = [f"**{c}**" if r == best else c for c, r in zip(line, mine, strict=True)]
        cells.append([WORKLOADS[name].title, *bold])
    return table(("", *GLANCE.values()), cells)


def with_glance(text: str, results: dict[str, Any]) -> str:
    """Return README's text with the table of all training steps in its place."""
    begin, end = "<!-- overview: python -m benchmarks -->\n", "<!-- end of overview -->"
    before, after = text.split(begin)[0], text.split(end)[1]
    return "".join([before, begin, "\n", "\n".join(glance(results)), "\n", end, after])


def rows_of(results: dict[str, Any], name: str) -> list[str]:
    """Return the table of one workload, with the reason for each missing measurement.

    One thread is timed by its processor, which other programs disturb less.
    """
    mine = [row for row in results["workloads"] if row["workload"] == name]
    counts = list(dict.fromkeys(row["threads"] for row in mine))
    found = {(row["contestant"], row["threads"]): row for row in mine}
    there = [row for row in mine if row["threads"] == counts[0] and "seconds" in row]
    there.sort(key=lambda row: row["processor_ratio"])
    reference = there[0]["reference"] if there else ""
    columns = [""]
    for count in counts:
        columns += [
            "processor time, one thread" if count == 1 else f"time, {count} threads",
            f"ratio to {reference}",
        ]
    cells = []
    for contestant in (row["contestant"] for row in there):
        line = [contestant]
        for count in counts:
            row = found.get((contestant, count), {})
            clock, prefix = ("processor", "processor_") if count == 1 else ("seconds", "")
            line += [duration(row[clock]), ratio(row, prefix)] if clock in row else ["", ""]
        cells.append(line)
    for row in mine:
        if "missing" in row and row["threads"] == counts[0]:
            cells.append([row["contestant"], "", row["missing"], *[""] * (2 * len(counts) - 2)])
    return table(columns, cells)


def operations(results: dict[str, Any], names: list[str]) -> list[str]:
    """Return a row per operation and size, with a column per contestant."""
    by_name = {(r["workload"], r["contestant"]): r for r in results["workloads"]}
    contestants = list(dict.fromkeys(c for w, c in by_name if w in names))
    lines = [
        "## Single operations",
        "",
        "The operation and its gradients, in float32: the time by hand, and ratios to that time.",
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
    """Return the section on where the time goes."""
    lines = [
        "## Where the time goes",
        "",
        *prose(
            "Small arrays cost function calls, large arrays cost memory. The columns give, for a "
            "step by hand / in Glassgrad: the time, the number of functions called (Python and "
            "C), and the number of 4 kB pages that the system has to allocate and clear. Then "
            "come the cost of each extra call, and the shares of Glassgrad's step that the "
            "backward pass and the optimizer take."
        ),
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
    columns = ("", "time", "calls", "pages", "each extra call", "backward", "optimizer")
    return lines + table(columns, cells)


def memory(rows: list[dict[str, Any]]) -> list[str]:
    """Return the section on the memory that a step needs."""
    lines = [
        "## Memory",
        "",
        *prose(
            "What a process has in memory at the peak of a training step, without what it had "
            "before the network was made, data and parameters. A small network was trained before, "
            "so what a library loads once does not count."
        ),
    ]
    contestants = list(dict.fromkeys(r["contestant"] for r in rows))
    names = list(dict.fromkeys(r["workload"] for r in rows))
    found = {(r["contestant"], r["workload"]): r.get("bytes") for r in rows}
    cells = [
        [c, *(f"{b / 1e6:.1f} MB" if (b := found.get((c, n))) is not None else "" for n in names)]
        for c in contestants
    ]
    return lines + table(("", *(WORKLOADS[n].title for n in names)), cells)


def compiling(rows: list[dict[str, Any]]) -> list[str]:
    """Return the section on how long compilers take."""
    call = rows[-1]
    lines = [
        "## Compiling",
        "",
        *prose(
            "Processor time from the data to the end of the first compiled step, in a fresh "
            "process with one thread, that of C compilers included; then the same in another "
            "process, with what the first one left on disk. The eager calls from which a program "
            "is made are part of it."
        ),
    ]
    names = list(dict.fromkeys(r["workload"] for r in rows if "workload" in r))
    found = {(r["contestant"], r["workload"]): r for r in rows if "workload" in r}
    cells = []
    for contestant in dict.fromkeys(c for c, _ in found):
        line = [contestant]
        for name in names:
            row = found.get((contestant, name), {})
            both = [duration(row[what]) for what in ("cold", "kept") if what in row]
            line.append(" / ".join(both) or row.get("missing", ""))
        cells.append(line)
    titles = [f"{WORKLOADS[n].title}: first / again" for n in names]
    return [
        *lines,
        *table(("", *titles), cells),
        *prose(
            f"A call of a compiled step of {call['parameters']} parameters, each of one entry, "
            f"takes {duration(call['call'])} of processor time: guards, what is handed over, one "
            "call of machine code."
        ),
    ]


def chains(rows: list[dict[str, Any]]) -> list[str]:
    """Return the section on how the cost grows with the number of nodes."""
    lines = [
        "## Cost against size",
        "",
        *prose(
            "A chain of multiplications, forward and backward: the time and the memory per node. "
            "The whole process runs from the start of Python to its end, including imports."
        ),
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
    return lines + table(("", "nodes", "time per node", "memory per node", "whole process"), cells)


def imports(rows: list[dict[str, Any]]) -> list[str]:
    """Return the section on the time of an import."""
    lines = ["## Import", "", "In a fresh process. Ratios are relative to importing NumPy.", ""]
    cells = [[r["import"], duration(r["seconds"]), ratio(r)] for r in rows]
    return lines + table(("", "time", "ratio"), cells)


def drawings(rows: list[dict[str, Any]]) -> list[str]:
    """Return the section on the time of a drawing."""
    lines = [
        "## Drawing",
        "",
        *prose(
            "The graph of a perceptron's loss: the pass that creates it, its DOT source, and its "
            "layout as SVG; fully opened, and with one box per layer."
        ),
    ]
    cells = [
        [f"{r['layers']} layers, {r['nodes']} nodes", *map(duration, r["seconds"])] for r in rows
    ]
    columns = ("", "the pass", "DOT", "SVG", "DOT, depth=1", "SVG, depth=1")
    return lines + table(columns, cells)


# The sections after the steps and the single operations, by the name of their results.
SECTIONS: dict[str, Callable[[list[dict[str, Any]]], list[str]]] = {
    "anatomy": anatomy,
    "memory": memory,
    "compiling": compiling,
    "chains": chains,
    "imports": imports,
    "drawings": drawings,
}


def figure(results: dict[str, Any], path: Path) -> None:
    """Plot ratios to hand-written NumPy, by processor time with one thread: a row per workload, a
    mark per contestant."""
    first = results["workloads"][0]["threads"]
    rows = [
        r for r in results["workloads"]
        if "ratio" in r and r["reference"] == "NumPy by hand" and r["threads"] == first
        and not r["workload"].startswith("op-")
    ]  # fmt: skip
    names = list(dict.fromkeys(r["workload"] for r in rows))[::-1]
    contestants = list(dict.fromkeys(r["contestant"] for r in rows))
    drawing = Figure(figsize=(9.0, 1.2 + 0.62 * len(names)), layout="constrained")
    axes = drawing.subplots()
    for contestant in contestants:
        mine = [r for r in rows if r["contestant"] == contestant]
        colour, mark = STYLES.get(contestant, ("#999999", "s"))
        axes.plot(
            [r["processor_ratio"] for r in mine],
            [names.index(r["workload"]) for r in mine],
            mark,
            color=colour,
            ms=11 if contestant in OURS else 7,
            alpha=0.9,
            label=contestant,
            zorder=3 if contestant in OURS else 2,
        )
    axes.set_xscale("log")
    ticks = [t for t in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)]
    low, high = (
        min(r["processor_ratio"] for r in rows) / 1.3,
        max(r["processor_ratio"] for r in rows) * 1.3,
    )
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
    drawing.legend(loc="outside upper center", ncols=3, frameon=False)
    drawing.savefig(path)
