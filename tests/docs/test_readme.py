"""The README's claims. Its examples run as doctests."""

import re
import runpy
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import autograd as ag
import nn

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_two_commands_install_extras_that_exist():
    commands = re.findall(r"^pip install .*", README, re.MULTILINE)
    assert commands == [
        'pip install -e ".[demos]" && python -m demos tour',
        'pip install -e ".[test]" && pytest -n auto --dist worksteal',
    ]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"demos", "test"} <= set(project["optional-dependencies"])
    assert project["requires-python"] == ">=3.11" and "Python 3.11" in README


def test_links_resolve():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert "docs/images/expression.svg" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))],
    ids=lambda page: page.name,
)
def test_the_paths_that_a_page_names_exist(page):
    folders = "autograd|nn|demos|benchmarks|docs|tests"
    paths = re.findall(rf"`((?:{folders})/[\w/.]*)`", page.read_text(encoding="utf-8"))
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", ["expression", "failure", "lstm", "model", "network", "scalars"])
def test_the_stored_pictures_match_the_drawings(name):
    """Texts alone, because the last digits of numbers, and so widths, depend on the processor."""
    picture = runpy.run_path(str(ROOT / f"docs/images/{name}.py"))["picture"]()
    stored = (ROOT / f"docs/images/{name}.svg").read_text(encoding="utf-8")
    assert sorted(texts(stored)) == sorted(texts(picture.svg))


def test_what_nn_provides_exists():
    table = README[README.index("## What nn provides") : README.index("Every layer and loss")]
    names = re.findall(r"`([A-Z]\w+)`", table)
    assert len(names) > 50
    assert [
        n
        for n in names
        if not hasattr(nn, n) and not hasattr(nn.optim, n) and not hasattr(nn.data, n)
    ] == []


def test_the_number_of_primitives():
    count = len(ag.primitives.PRIMITIVES)
    for name in ("README.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.findall(r"(\d+) primitives", text) == [str(count)], name
