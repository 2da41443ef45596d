"""What a reader has done, in a small JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograd.tables import table
from demos.practice.catalogue import ALL


@dataclass
class Record:
    """One exercise.

    Attributes:
        passed: whether a backward pass was right.
        tries: how many were graded.
        hints: how many hints were read.
    """

    passed: bool = False
    tries: int = 0
    hints: int = 0


class Progress:
    """The records of exercises and bugs, kept in a file.

    Args:
        path: of the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: dict[str, Record] = {}
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            self.records = {name: Record(**_fields(x)) for name, x in stored.items()}
        except (OSError, ValueError, AttributeError, TypeError, KeyError):
            pass  # a file that is missing or damaged is started again

    def of(self, name: str) -> Record:
        """The record of an exercise, or of a bug by "bug SEED"."""
        return self.records.setdefault(name, Record())

    def save(self) -> None:
        """Write the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({name: asdict(x) for name, x in self.records.items()}, indent=1)
        self.path.write_text(text + "\n", encoding="utf-8")

    def summary(self) -> str:
        """A table by topic."""
        topics: dict[str, list[str]] = {}
        for exercise in ALL:
            topics.setdefault(exercise.topic, []).append(exercise.name)
        bugs = [name for name in self.records if name.startswith("bug ")]
        rows = [self._row(topic, names, len(names)) for topic, names in topics.items()]
        rows.append(self._row("bugs found", bugs, len(bugs)))
        return table(("topic", "solved", "tries", "hints"), rows)

    def _row(self, topic: str, names: list[str], total: int) -> tuple[str, ...]:
        own = [self.records[name] for name in names if name in self.records]
        solved = sum(record.passed for record in own)
        tries, hints = (sum(getattr(r, key) for r in own) for key in ("tries", "hints"))
        return topic, f"{solved} of {total}", str(tries), str(hints)


def _fields(stored: Mapping[str, Any]) -> dict[str, Any]:
    passed, tries, hints = (stored[key] for key in ("passed", "tries", "hints"))
    if type(passed) is not bool or type(tries) is not int or type(hints) is not int:
        raise TypeError("not written by this program")
    return {"passed": passed, "tries": tries, "hints": hints}
