"""`python -m benchmarks` measures; `python -m benchmarks setup` installs the peers;
`python -m benchmarks functions` measures the native elementary functions."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from rich.console import Console

from autograd.errors import counted
from benchmarks import environments as env
from benchmarks import functions, machine, measure, report
from benchmarks.contestants import CONTESTANTS, PEERS, STEPS, Contestant, kind_of
from benchmarks.workloads import WORKLOADS

DOCS = Path(__file__).parents[1] / "docs"
README = DOCS.parent / "README.md"
PARTS = ("workloads", "anatomy", "memory", "compiling", "chains", "imports", "drawings")
ANATOMY = ("mlp-tiny", "mlp-medium", "mlp-wide", "mlp-normalized", "cnn", "lstm", "gpt")
LENGTHS = (10**3, 10**4, 10**5, 10**6)
COMPILED = ("mlp-tiny", "gpt", "lstm")
MEMORY = ("mlp-medium", "mlp-wide", "gpt")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        help="setup and peers; functions; or workload names, with * and ? as wildcards",
    )
    parser.add_argument(
        "--rounds", type=int, default=15, help="rounds per contestant (default: 15)"
    )
    parser.add_argument(
        "--threads",
        type=int,
        nargs="+",
        default=[1, 2],
        help="threads per contestant, one run of the training steps for each number (default: 1 2)",
    )
    parser.add_argument(
        "--only", help="contestants whose name contains one of these, comma-separated"
    )
    parser.add_argument(
        "--parts", default=",".join(PARTS), help=f"comma-separated, from {', '.join(PARTS)}"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=None,
        help="folder for the results (default: docs, for a full run); where only a part is "
        "measured, the rest is kept as it is there",
    )
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    if options.what[:1] == ["setup"]:
        return setup(options.what[1:], console)
    if options.what == ["functions"]:
        return functions.main()
    names = [n for n in WORKLOADS if not options.what or any(fnmatch(n, w) for w in options.what)]
    if not names:
        print(
            f"benchmarks: no workload is called {' or '.join(options.what)}; there are "
            f"{', '.join(WORKLOADS)}",
            file=sys.stderr,
        )
        return 2
    parts = options.parts.split(",") if not options.what else ["workloads"]
    wanted = options.only.split(",") if options.only else [""]
    chosen = [c for c in CONTESTANTS if any(w.lower() in c.name.lower() for w in wanted)]
    complete = not options.what and not options.only
    out = options.out or (DOCS if complete else None)
    results = earlier(out) if out is not None and set(parts) != set(PARTS) else {}
    results["date"] = datetime.date.today().isoformat()
    results["machine"] = machine.facts(max(options.threads))
    if "workloads" in parts:
        found = workloads(names, chosen, options, console)
        kept = [row for row in results.get("workloads", []) if row["workload"] not in names]
        order = list(WORKLOADS).index
        found["workloads"] = sorted(
            [*kept, *found["workloads"]], key=lambda row: order(row["workload"])
        )
        results |= found
        write(results, out, console)
    rest: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "anatomy": lambda: measure.anatomy(ANATOMY, 1, console.print),
        "memory": lambda: [
            row for name in MEMORY for row in measure.memory(name, chosen, 1, console.print)
        ],
        "compiling": lambda: measure.compiling(COMPILED, chosen, 1, console.print),
        "chains": lambda: measure.chains(LENGTHS, 3, 60.0, console.print),
        "imports": lambda: measure.imports(11, console.print),
        "drawings": lambda: measure.drawings(console.print),
    }
    for part, run in rest.items():
        if part in parts:
            console.print(f"[bold]{part}")
            results[part] = merged(results.get(part, []), run())
            write(results, out, console)
    return 0


def merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows measured now, and those of contestants that were not."""
    measured = {row.get("contestant") for row in new}
    kept = [row for row in old if row.get("contestant") not in measured]
    if not kept:
        return new
    order = {c.name: place for place, c in enumerate(CONTESTANTS)}
    return sorted([*kept, *new], key=lambda row: order.get(row.get("contestant"), len(order)))


def earlier(out: Path) -> dict[str, Any]:
    """Load earlier results, to keep them if only a part is measured now."""
    path = out / "benchmarks.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def workloads(
    names: list[str], chosen: list[Contestant], options: argparse.Namespace, console: Console
) -> dict[str, Any]:
    """Measure all workloads; return their rows and the versions of the peers."""
    rows: list[dict[str, Any]] = []
    versions: dict[str, Any] = {}
    for threads in options.threads:
        wanted = [n for n in names if threads == options.threads[0] or is_step(n)]
        with contextlib.ExitStack() as stack:
            workers = {}
            for peer in dict.fromkeys(c.peer for c in chosen):
                if not env.is_there(peer):
                    continue
                ask = stack.enter_context(env.worker(peer, threads))
                try:
                    versions[peer] = ask("versions", package=PEERS[peer].package)
                    workers[peer] = ask
                except env.Failed as error:
                    console.print(f"{peer}: {error}")
            for name in wanted:
                console.print(f"[bold]{WORKLOADS[name].title}[/], {counted(threads, 'thread')}")
                found = measure.workload(name, chosen, workers, options.rounds, console.print)
                rows += [{**row, "threads": threads} for row in found]
    return {"workloads": rows, "versions": versions}


def is_step(name: str) -> bool:
    """Whether a workload is a training step, which is worth several threads."""
    return kind_of(name) in STEPS


def write(results: dict[str, Any], out: Path | None, console: Console) -> None:
    """Write the page, the figure and the results so far; do nothing without a folder."""
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / "benchmarks.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if results.get("workloads"):
        (out / "benchmarks.md").write_text(report.page(results), encoding="utf-8")
        report.figure(results, out / "benchmarks.svg")
        if out == DOCS:
            readme = README.read_text("utf-8")
            README.write_text(report.with_glance(readme, results), encoding="utf-8")
    console.print(f"wrote {out / 'benchmarks.md'}")


def setup(peers: list[str], console: Console) -> int:
    """Create the peers' environments; leave out a peer that cannot be installed."""
    if unknown := set(peers) - set(PEERS):
        print(
            f"benchmarks: no peer is called {' or '.join(sorted(unknown))}; there are "
            f"{', '.join(PEERS)}",
            file=sys.stderr,
        )
        return 2
    for peer, reason in env.make(peers or PEERS):
        console.print(f"{peer}: {reason or 'installed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
