"""The tests mirror the source: one file of tests for each file."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

TABLE = "a table without code; tests/autograd/names/test_missing.py tests every entry of it"

# Files without tests of their own: why, and where they are tested.
EXCEPTIONS = {
    "autograd/names/functions.py": TABLE,
    "autograd/numpy/random.py": TABLE,
    "autograd/names/libraries.py": TABLE,
    "autograd/names/methods.py": TABLE,
    "nn/names.py": TABLE,
}
FILES = [
    path.relative_to(ROOT)
    for package in ("autograd", "nn")
    for path in sorted((ROOT / package).rglob("*.py"))
    if path.name != "__init__.py"
]


def file_of_tests(path):
    return Path("tests") / path.parent / f"test_{path.stem.strip('_')}.py"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_file_has_tests(path):
    if str(path) not in EXCEPTIONS:
        found = ROOT / file_of_tests(path)
        assert found.exists() and "def test_" in found.read_text(encoding="utf-8")


def test_no_exception_is_stale():
    """What has tests, or is gone, is no exception."""
    missing = {str(p) for p in FILES if not (ROOT / file_of_tests(p)).exists()}
    assert EXCEPTIONS.keys() <= missing
