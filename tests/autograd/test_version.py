"""The version that the packages tell is that of the project."""

import tomllib
from pathlib import Path

import autograd
import nn

SETTINGS = Path(__file__).parents[2] / "pyproject.toml"


def test_the_version_is_that_of_the_project():
    project = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["project"]
    assert autograd.__version__ == nn.__version__ == project["version"]
