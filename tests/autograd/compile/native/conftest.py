"""Machine code that tests compile goes to a folder of this run, not to the cache of the user."""

import pytest


@pytest.fixture(scope="session")
def code(tmp_path_factory):
    return tmp_path_factory.mktemp("code")


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, code):
    monkeypatch.setenv("GLASSGRAD_CACHE", str(code))
