"""What became of the mutants: a file for the tests, and a page for people."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.mutation.code.explained import EXPLAINED
from tests.mutation.code.mutants import REPOSITORY, Mutant

RESULTS = Path(__file__).with_name("results.json")
PAGE = REPOSITORY / "docs" / "mutation-engine.md"
KEPT = 4  # killed mutants of each file, with their killers

INTRODUCTION = """\
# How many mistakes in the engine's code do the tests notice?

[Another page](mutation.md) plants mistakes in derivative rules. This one plants them in the code
around the rules: nodes, the walk, transforms, gradient checks, optimizers and checkpoints. Each
mutant is a file with one small change: a condition inverted, a comparison moved, a call or an
assignment dropped, a number changed, another operator, `None` returned, a keyword left out. The
operators are applied at every place where they fit, except to the wording of errors, annotations
and assertions.

A mutant is killed if a test fails. Each runs only the tests that call the changed function, short
ones first, up to a limit of time, in a forked process in which that function's code was exchanged.

```sh
python -m tests.mutation.code                    # all, about an hour; writes this page
python -m tests.mutation.code --only 'nn/optim/*'
python -m tests.mutation.code --again            # only the survivors, after tests were added
python -m tests.mutation.code --sample 30        # as the test suite does
```

Forks are POSIX only. `tests/mutation/code/test_code.py` runs a sample in the test suite: killed
mutants, drawn by a hash of their text, against the tests that killed them.
"""


def load() -> dict[str, Any]:
    """The results of the last run."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def by_hash(chosen: Iterable[Mutant]) -> list[Mutant]:
    """In an order that is random, and does not change for one mutant when others come and go."""
    return sorted(chosen, key=lambda m: hashlib.sha256(m.key.encode()).hexdigest())


def replaced(
    before: Mapping[str, Any], killers: Mapping[Mutant, str], planted: Iterable[Mutant]
) -> dict[str, Any]:
    """The results, as JSON, with those of some files exchanged for new ones.

    They are: how many mutants there are and were run, the survivors, some killed mutants and their
    killers. What an earlier run said of mutants that are gone since is left out.
    """
    new = {mutant.file for mutant in killers}
    keys = {mutant.key: mutant.file for mutant in planted}
    killed = {k: t for k, t in before["killed"].items() if k in keys and keys[k] not in new}
    kept: Counter[str] = Counter()
    for mutant in by_hash(m for m, killer in killers.items() if "::" in killer):
        kept[mutant.file] += 1
        if kept[mutant.file] <= KEPT:
            killed[mutant.key] = killers[mutant]
    alive = {key for key in before["survived"] if key in keys and keys[key] not in new}
    alive |= {mutant.key for mutant, killer in killers.items() if not killer}
    files = set(keys.values())
    run = {file: n for file, n in before["run"].items() if file in files - new}
    run |= Counter(mutant.file for mutant in killers)
    return {
        "planted": dict(sorted(Counter(keys.values()).items())),
        "run": dict(sorted(run.items())),
        "survived": sorted(alive),
        "killed": dict(sorted(killed.items())),
    }


def updated(
    before: Mapping[str, Any], killers: Mapping[Mutant, str], planted: Iterable[Mutant]
) -> dict[str, Any]:
    """The results after earlier survivors were run again, with more tests."""
    dead = {mutant.key for mutant, killer in killers.items() if killer}
    return {**before, "survived": [key for key in before["survived"] if key not in dead]}


def page(results: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    planted: Mapping[str, int] = results["planted"]
    survived = Counter(key.partition(":")[0] for key in results["survived"])
    there, total = sum(planted.values()), sum(results["run"].values())
    alive = len(results["survived"])
    some = f"{total:,} of them, drawn at random beside those that are explained, were run"
    were_run = "All were run" if total == there else some
    reasons = {key: reason_of(key) for key in results["survived"]}
    explained = sum(map(bool, reasons.values()))
    lines = [
        INTRODUCTION,
        f"There are {there:,} mutants. {were_run}, and {total - alive:,} were killed: "
        f"{1.0 - alive / total:.1%}. Of those that survived, {explained} are no mistakes; of the "
        f"others, {(total - alive) / (total - explained):.1%} were killed.\n",
        *([textwrap.fill(results["note"], 100) + "\n"] if "note" in results else []),
        "The last column is the share of the killed among those that are mistakes.\n",
        "| file | mutants | run | killed | no mistakes | left | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    told = Counter(key.partition(":")[0] for key, reason in reasons.items() if reason)
    for file, run in results["run"].items():
        killed, none = run - survived[file], told[file]
        share = f"{killed / max(1, run - none):.0%}"
        cells = (planted[file], run, killed, none, survived[file] - none, share)
        lines.append(f"| `{file}` | {' | '.join(map(str, cells))} |")
    lines += [
        "\n## Survivors that are no mistakes\n",
        "| where | change | why |",
        "| --- | --- | --- |",
    ]
    lines += [_row(key, reason) for key, reason in reasons.items() if reason]
    left_over = [key for key, reason in reasons.items() if not reason]
    if left_over:
        lines += [
            "\n## Survivors to look at\n",
            textwrap.fill(
                f"{len(left_over)} survivors have no explanation. Some compute the same, some show "
                "that a test is missing, and some would be killed by tests beyond the limit of time.",
                100,
            )
            + "\n",
            "| where | change |",
            "| --- | --- |",
            *(_row(key) for key in left_over),
        ]
    return "\n".join(lines) + "\n"


def reason_of(key: str) -> str:
    """Why a survivor is no mistake; "" if nobody has said."""
    for reason, keys in EXPLAINED.items():
        if any(explains(one, key) for one in keys):
            return reason
    return ""


def explains(one: str, key: str) -> bool:
    """Whether an entry of the explanations means this mutant; one with a star means all that go on
    from there."""
    return key == one or (one.endswith("*") and key.startswith(one[:-1]))


def _row(key: str, *more: str) -> str:
    file, function, change = key.split(":", 2)
    cells = [f"`{file}` {function}", f"`{change.strip()}`", *more]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
