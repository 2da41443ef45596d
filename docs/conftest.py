"""Run the pages' examples in a temporary folder, where they may write."""

import pytest


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Change to a temporary folder while an example runs."""
    monkeypatch.chdir(tmp_path)
