"""The pages' examples run in a folder of their own, where they may write."""

import pytest


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Leave the repository's folder while an example runs."""
    monkeypatch.chdir(tmp_path)
