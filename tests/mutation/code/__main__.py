"""python -m tests.mutation.code: plant mistakes in the engine's code, and run the tests."""

from __future__ import annotations

import argparse
import fnmatch
import json
import math
import sys
import time

from tests.mutation.code.mutants import Mutant, files, mutants
from tests.mutation.code.report import (
    PAGE,
    RESULTS,
    by_hash,
    load,
    page,
    reason_of,
    replaced,
    updated,
)
from tests.mutation.code.run import killers_of

TESTS = (
    *("tests/autograd/engine", "tests/autograd/nodes", "tests/autograd/transforms"),
    *("tests/autograd/testing", "tests/autograd/debug", "tests/autograd/backends"),
    *("tests/autograd/numpy", "tests/nn/module", "tests/nn/optim", "tests/nn/training"),
    "tests/nn/signatures/test_signatures.py",
)


def sample(count: int) -> dict[Mutant, str]:
    """Some mutants that were killed, each against the test that killed it.

    Raises:
        RuntimeError: too few of them are left since the code was changed.
    """
    killed = load()["killed"]
    chosen = by_hash(m for m in mutants() if m.key in killed)[:count]
    if len(chosen) < count:
        raise RuntimeError("too few of the mutants are left; run python -m tests.mutation.code")
    tests_of: dict[str, list[str]] = {}
    for mutant in chosen:
        tests_of.setdefault(mutant.home, []).append(killed[mutant.key])
    return killers_of(chosen, sorted({killed[m.key] for m in chosen}), tests_of)


def main() -> int:
    """Run mutants and print the survivors; with `--sample`, return their number."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.code", description=__doc__)
    parser.add_argument("--only", default="*", help="files that match this")
    parser.add_argument("--tests", nargs="+", default=[*TESTS, *files()], help="instead of all")
    parser.add_argument("--again", action="store_true", help="only what survived the last time")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no mutant later")
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants, by known killers")
    parser.add_argument("--jobs", type=int, default=1, help="mutants side by side")
    options = parser.parse_args()
    if options.sample:
        survivors = [m.key for m, killer in sample(options.sample).items() if not killer]
        print(json.dumps(survivors))
        return len(survivors)
    until = time.monotonic() + 60.0 * options.minutes
    before = load()
    chosen = by_hash(m for m in mutants() if fnmatch.fnmatch(m.file, options.only))
    # With a limit of time: what is explained has to survive, which is a reason to run it always.
    chosen.sort(key=lambda m: not reason_of(m.key))
    if options.again:
        chosen = [m for m in chosen if m.key in before["survived"]]
    survivors = lambda mutant, killer: None if killer else print(mutant.key, flush=True)
    found = killers_of(chosen, options.tests, None, options.jobs, until, survivors)
    results = (updated if options.again else replaced)(before, found, mutants())
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(page(results), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
