"""The set of oldest versions is the one that `pyproject.toml` declares."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXTRAS = ("train", "demos", "native", "test")


def declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in EXTRAS for text in extras[extra])]
    return dict(re.match(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)$", text).groups() for text in texts if ">=" in text)  # fmt: skip


def pinned():
    lines = (ROOT / ".ci" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def numbers(version):
    return [int(n) for n in version.split(".")] + [0] * (2 - version.count("."))


def test_every_minimum_is_pinned():
    oldest = pinned()
    wrong = {name: version for name, version in declared().items() if numbers(oldest.get(name, "0")) != numbers(version)}  # fmt: skip
    assert declared() and not wrong
